"""Loads the event that an address names, for those who may."""

from collections.abc import Callable

from flask_login import current_user

from interact_events.accounts.models import User
from interact_events.core.web.access import permitted, visible
from interact_events.events.models import Event
from interact_events.events.policies import can_view_event
from interact_events.events.queries import office_event


def staff_event(code: str, slug: str, may: Callable[[User, Event], bool] = can_view_event) -> Event:
    """The event of the office; 404 for strangers to it, 403 for staff who may not do this."""
    event = office_event(code, slug)
    visible(event and can_view_event(current_user, event))
    assert event  # visible() has answered 404 otherwise
    permitted(may(current_user, event))
    return event
