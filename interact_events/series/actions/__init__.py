"""Making events from templates, following them, and what happens to series."""

from interact_events.series.actions.following import take_over
from interact_events.series.actions.making import (
    NewEvent,
    add_events,
    make_event,
    save_as_template,
)
from interact_events.series.actions.membership import (
    add_series,
    change_series,
    delete_series,
    move_in_order,
    put_after,
    put_into,
    take_out,
)
from interact_events.series.actions.together import Outcome, cancel_events, move_events

__all__ = [
    "NewEvent",
    "Outcome",
    "add_events",
    "add_series",
    "cancel_events",
    "change_series",
    "delete_series",
    "make_event",
    "move_events",
    "move_in_order",
    "put_after",
    "put_into",
    "save_as_template",
    "take_out",
    "take_over",
]
