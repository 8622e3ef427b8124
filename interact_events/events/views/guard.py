"""Loads the event that an address names, for those who may."""

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts.models import User
from interact_events.core import clock
from interact_events.core.web.access import permitted, visible
from interact_events.events.actions import CANCELLED
from interact_events.events.models import Event, Session
from interact_events.events.policies import can_view_event
from interact_events.events.queries import office_event, session_of

Finder = Callable[[str, str], Event | None]
_finders: list[Finder] = []


def on_missing(find: Finder) -> Finder:
    """For features on top: which event the office of that code led before, under that slug."""
    _finders.append(find)
    return find


def staff_event(code: str, slug: str, may: Callable[[User, Event], bool] = can_view_event) -> Event:
    """The event of the office; 404 for strangers to it, 403 for staff who may not do this. Who
    may see it is led on from the address under which it was another office's."""
    event = office_event(code, slug)
    if event is None:
        _follow(code, slug)
    visible(event and can_view_event(current_user, event))
    assert event  # visible() has answered 404 otherwise
    permitted(may(current_user, event))
    return event


def _follow(code: str, slug: str) -> None:
    """Lead whoever may see it to the same page of the office that leads the event now. It may be
    handed back one day, so no browser remembers that; a form that was open goes along."""
    for find in _finders:
        event = find(code, slug)
        if event and request.endpoint and can_view_event(current_user, event):
            at: dict[str, Any] = (request.view_args or {}) | {"code": event.office.code}
            asked: dict[str, Any] = request.args.to_dict(flat=False)
            abort(redirect(url_for(request.endpoint, **(asked | at)), code=307))


def as_it_is(event: Event, page: str = "office_events.show") -> Response | None:
    """Who would change a cancelled event is shown what it was, and why it stays; else nothing."""
    if not event.is_cancelled:
        return None
    flash(CANCELLED, "warning")
    return redirect(url_for(page, code=event.office.code, slug=event.slug), code=303)


def staff_session(event: Event, number: int) -> Session:
    """An item of its agenda; 404 where it is none."""
    session = session_of(event, number)
    visible(session)
    assert session  # visible() has answered 404 otherwise
    return session


def told_soon(event: Event) -> str:
    """What becomes of a new agenda of an event that people have in their calendars."""
    if not (event.is_published and event.seats_taken and clock.now() < event.ends_at):
        return ""
    return (
        "People with a seat hear of what has changed once the agenda is left alone for 15 minutes."
    )
