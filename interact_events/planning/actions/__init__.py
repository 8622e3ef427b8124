"""What staff do with the plan: move events, hand them over, note what they have seen."""

from interact_events.planning.actions.handing import (
    Contact,
    accept_offer,
    decline_offer,
    end_help,
    offer_event,
    withdraw_offer,
)
from interact_events.planning.actions.moving import (
    THERE_ALREADY,
    ChangedMeanwhile,
    Move,
    check_move,
    move_event,
    moved_values,
)
from interact_events.planning.actions.visiting import forget_visits, note_visit

__all__ = [
    "THERE_ALREADY",
    "ChangedMeanwhile",
    "Contact",
    "Move",
    "accept_offer",
    "check_move",
    "decline_offer",
    "end_help",
    "forget_visits",
    "move_event",
    "moved_values",
    "note_visit",
    "offer_event",
    "withdraw_offer",
]
