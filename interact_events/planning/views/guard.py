"""Loads the event that an address of the plan names, for the staff of all offices."""

from flask_login import current_user

from interact_events.core.web.access import visible
from interact_events.events.models import Event
from interact_events.planning.policies import can_plan
from interact_events.planning.queries import planned_event


def staff_of_any_office() -> None:
    """404 for everybody else."""
    visible(can_plan(current_user))


def event_of_the_plan(slug: str) -> Event:
    staff_of_any_office()
    event = planned_event(slug)
    visible(event)
    assert event  # visible() has answered 404 otherwise
    return event
