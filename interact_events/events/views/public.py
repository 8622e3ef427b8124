"""What everybody sees of the events: the home page and the catalogue."""

from flask import Blueprint, render_template

from interact_events.core.web.access import public
from interact_events.events.rules import registration_phase
from interact_events.events.views.meta import agenda_days, event_address, schema_org

blueprint = Blueprint("events", __name__)
for function in (registration_phase, event_address, agenda_days, schema_org):
    blueprint.add_app_template_global(function)


@blueprint.get("/")
@public
def home() -> str:
    return render_template("events/home.html")


@blueprint.get("/events")
@public
def catalogue() -> str:
    return render_template("events/catalogue.html")
