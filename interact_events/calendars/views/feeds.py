"""Calendars that strangers may subscribe to: one event, and whatever the catalogue lists."""

import hashlib
from datetime import datetime

from flask import Blueprint, Response, request

from interact_events.core import clock, ics
from interact_events.core.db import db
from interact_events.core.links import url
from interact_events.core.web.access import public, visible
from interact_events.events.ics import event_calendar, event_entries
from interact_events.events.models import Event
from interact_events.events.queries import Filters, public_event
from interact_events.events.queries import catalogue as events_of_catalogue

blueprint = Blueprint("calendars", __name__)


@blueprint.get("/events/<slug>/event.ics")
@public
def event(slug: str) -> Response:
    """The sessions of one event; cancelled ones stay, a draft does not exist."""
    found = public_event(slug)
    visible(found)
    assert found
    content = event_calendar(found, page_url=_page(found))
    return _calendar(content, f"{found.slug}.ics", found.revised_at)


@blueprint.get("/events.ics")
@public
def catalogue() -> Response:
    """The events that `/events` lists for the same filters; they leave the reader's time free."""
    found = events_of_catalogue(Filters.from_args(request.args), now=clock.now())
    entries = [
        entry
        for each in db.session.scalars(found)
        for entry in event_entries(each, page_url=_page(each), is_busy=False)
    ]
    content = ics.calendar(entries, name="Interact events", refresh=ics.REFRESH)
    return _calendar(content, "events.ics", max((e.revised_at for e in entries), default=None))


def _page(event: Event) -> str:
    return url("event_page.show", slug=event.slug)


def _calendar(content: bytes, filename: str, revised_at: datetime | None) -> Response:
    """An answer that anybody may keep and has to ask about each time: 304 while it is the same.

    Only the tag decides that. A time of change could not: what a filter finds also changes when
    an event leaves it.
    """
    response = Response(content, content_type="text/calendar; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    response.set_etag(hashlib.sha256(content).hexdigest())
    response.make_conditional(request)
    if revised_at:
        response.last_modified = revised_at
    return response
