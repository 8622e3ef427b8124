"""What is known of who was there: by session, and person by person."""

from flask import Blueprint, render_template, request
from flask_login import current_user

from interact_events.attendance import queries, rules
from interact_events.core import clock
from interact_events.core.web.pages import page_of
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event, can_lead_event
from interact_events.events.views.guard import staff_event

blueprint = Blueprint("attendance", __name__, url_prefix="/offices/<code>/events/<slug>/attendance")

ROWS = 50


@blueprint.get("")
def index(code: str, slug: str) -> str:
    event, now = staff_event(code, slug), clock.now()
    filters = queries.PeopleFilters.from_args(request.args)
    page = page_of(queries.listed_people(event, filters), ROWS)
    return render_template(
        "attendance/index.html",
        event=event,
        now=now,
        tallies=queries.tallies(event),
        session=rules.session_at(event.agenda, now),
        filters=filters,
        choices=queries.Noted,
        page=page,
        standings=_standings(event, [row.id for row in page.rows]),
        no_shows=queries.no_show_ids(event),
        corrected=queries.corrected_ids(event),
        closing=queries.closing_of(event),
        may_edit=can_edit_event(current_user, event),
        may_lead=can_lead_event(current_user, event),
    )


def _standings(event: Event, numbers: list[int]) -> dict[int, rules.Standing]:
    noted = queries.spans_among(numbers)
    return {number: rules.standing(event.agenda, noted.get(number, {})) for number in numbers}
