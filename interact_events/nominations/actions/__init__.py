"""What happens to seats that a programme passes on or asks for."""

from interact_events.nominations.actions.answering import (
    accept_as_newcomer,
    accept_nomination,
    decline_nomination,
    forget_stood_in,
    withdraw_nomination,
)
from interact_events.nominations.actions.coordinating import (
    end_coordination,
    end_coordinations_of_deleted,
    name_coordinator,
)
from interact_events.nominations.actions.handing import (
    accept_handover,
    end_handover,
    offer_seat,
    refuse_handover,
    take_back,
)
from interact_events.nominations.actions.nominating import (
    MOST_AT_ONCE,
    Draft,
    Fault,
    Nominated,
    Nominee,
    RowsRefused,
    answer_by,
    faults_in,
    nominate,
)

__all__ = [
    "MOST_AT_ONCE",
    "Draft",
    "Fault",
    "Nominated",
    "Nominee",
    "RowsRefused",
    "accept_as_newcomer",
    "accept_handover",
    "accept_nomination",
    "answer_by",
    "decline_nomination",
    "end_coordination",
    "end_coordinations_of_deleted",
    "end_handover",
    "faults_in",
    "forget_stood_in",
    "name_coordinator",
    "nominate",
    "offer_seat",
    "refuse_handover",
    "take_back",
    "withdraw_nomination",
]
