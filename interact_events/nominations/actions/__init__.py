"""What happens to seats that a programme passes on or asks for."""

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
    Nominated,
    RowsRefused,
    answer_by,
    nominate,
)

__all__ = [
    "MOST_AT_ONCE",
    "Nominated",
    "RowsRefused",
    "accept_handover",
    "answer_by",
    "end_coordination",
    "end_coordinations_of_deleted",
    "end_handover",
    "name_coordinator",
    "nominate",
    "offer_seat",
    "refuse_handover",
    "take_back",
]
