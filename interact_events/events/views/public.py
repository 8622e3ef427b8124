"""What everybody sees of the events: the home page and the catalogue."""

from flask import Blueprint, render_template

from interact_events.core.web.access import public

blueprint = Blueprint("events", __name__)


@blueprint.get("/")
@public
def home() -> str:
    return render_template("events/home.html")


@blueprint.get("/events")
@public
def catalogue() -> str:
    return render_template("events/catalogue.html")
