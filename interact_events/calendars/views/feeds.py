"""Calendars that strangers may subscribe to: one event, and whatever the catalogue lists."""

from flask import Blueprint, Response

from interact_events.core.web.access import public, visible
from interact_events.events.queries import public_event

blueprint = Blueprint("calendars", __name__)


@blueprint.get("/events/<slug>/event.ics")
@public
def event(slug: str) -> Response:
    """The sessions of one event."""
    visible(public_event(slug))
    return Response(mimetype="text/calendar")


@blueprint.get("/events.ics")
@public
def catalogue() -> Response:
    """The events of the catalogue, by its filters."""
    return Response(mimetype="text/calendar")
