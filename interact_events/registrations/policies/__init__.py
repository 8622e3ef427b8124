"""Who may register as what and cancel when, what the rules are, and every reason in words."""

from interact_events.registrations.policies.answers import (
    Answer,
    Standing,
    answers_for,
    only_wait,
    standing_for,
)
from interact_events.registrations.policies.described import (
    audience,
    excess_in_words,
    proposal_in_words,
    rules_for_staff,
    rules_in_words,
    vacancy,
)
from interact_events.registrations.policies.left import (
    modes_for,
    seats_in_words,
    seats_left_at,
    seats_left_for,
    seats_left_for_staff,
)
from interact_events.registrations.policies.own import (
    OWN,
    already,
    can_accept,
    can_cancel,
    closed_in_words,
    comes_first,
    impossible,
    mode_in_words,
    mode_name,
    notice_for,
    registration_notice,
)
from interact_events.registrations.policies.reasons import (
    in_line,
    modes_of,
    why_no_seat,
    why_not,
    wrong_code,
)

__all__ = [
    "OWN",
    "Answer",
    "Standing",
    "already",
    "answers_for",
    "audience",
    "can_accept",
    "can_cancel",
    "closed_in_words",
    "comes_first",
    "excess_in_words",
    "impossible",
    "in_line",
    "mode_in_words",
    "mode_name",
    "modes_for",
    "modes_of",
    "notice_for",
    "only_wait",
    "proposal_in_words",
    "registration_notice",
    "rules_for_staff",
    "rules_in_words",
    "seats_in_words",
    "seats_left_at",
    "seats_left_for",
    "seats_left_for_staff",
    "standing_for",
    "vacancy",
    "why_no_seat",
    "why_not",
    "wrong_code",
]
