"""Who of an office has to do with which events, week by week."""

from datetime import datetime

from flask import Blueprint, render_template, request
from flask_login import current_user

from interact_events.accounts.policies import can_view_office
from interact_events.calendars.rules.days import FIRST, LAST
from interact_events.core import clock
from interact_events.core.clock import to_local
from interact_events.core.web.access import visible
from interact_events.interreg.models import Office
from interact_events.interreg.queries import office_by_code
from interact_events.interreg.queries import offices as all_offices
from interact_events.planning.forms import day_from
from interact_events.planning.queries import workload
from interact_events.planning.rules import Range, Zoom, range_of
from interact_events.planning.views.guard import staff_of_any_office

blueprint = Blueprint("planning_workload", __name__, url_prefix="/planning/workload")


@blueprint.get("")
def show() -> str:
    """A quarter; each office sees its own people, the secretariat those of all."""
    staff_of_any_office()
    theirs = [office for office in all_offices() if can_view_office(current_user, office)]
    office, now = _office(theirs), clock.now()
    shown = _quarter(now)
    return render_template(
        "planning/workload.html",
        office=office,
        theirs=theirs,
        shown=shown,
        load=workload(office, shown),
        today=to_local(now, office.zone).date(),
    )


def _office(theirs: list[Office]) -> Office:
    """The one that the address names, else the first of their own."""
    code = request.args.get("office")
    office = office_by_code(code) if code else next(iter(theirs), None)
    visible(office and can_view_office(current_user, office))
    assert office  # visible() has answered 404 otherwise
    return office


def _quarter(now: datetime) -> Range:
    day = day_from(request.args.get("from")) or to_local(now, current_user.zone).date()
    return range_of(Zoom.QUARTER, min(max(day, FIRST), LAST))
