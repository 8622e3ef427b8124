"""The public page of one event, with what the viewer can do about it."""

from flask import Blueprint

from interact_events.core.web.access import public

blueprint = Blueprint("event_page", __name__)


@blueprint.get("/events/<slug>")
@public
def show(slug: str) -> str:
    return slug
