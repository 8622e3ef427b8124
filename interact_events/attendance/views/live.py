"""Who is there right now, for a screen in the office."""

from flask import Blueprint, render_template

from interact_events.attendance import queries, rules
from interact_events.core import clock
from interact_events.events.views.guard import staff_event

blueprint = Blueprint("live", __name__, url_prefix="/offices/<code>/events/<slug>/attendance/live")


@blueprint.get("")
def index(code: str, slug: str) -> str:
    event, now = staff_event(code, slug), clock.now()
    session = rules.session_at(event.agenda, now)
    arrivals = queries.arrivals_at(session) if session else []
    return render_template(
        "attendance/live.html",
        event=event,
        now=now,
        session=session,
        tallies=queries.tallies(event),
        arrivals=rules.arrivals(session, arrivals) if session else [],
    )
