"""The year of all offices in one picture."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response as Redirect

from interact_events.calendars.rules.days import FIRST, LAST, days_of, span_of
from interact_events.core import clock, words
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.core.web.downloads import attachment
from interact_events.events.models import Event
from interact_events.events.policies import can_view_event
from interact_events.interreg.models import Office
from interact_events.interreg.queries import offices as all_offices
from interact_events.planning import actions, policies, queries
from interact_events.planning.forms import SeenForm, day_from
from interact_events.planning.models import EventHandOver
from interact_events.planning.queries import Change, PlanFilters
from interact_events.planning.queries.board import MOST, Which
from interact_events.planning.rules import Range, Zoom, placed, range_of, stands_in
from interact_events.planning.views.guard import staff_of_any_office
from interact_events.registrations.views.catalogue import filter_choices
from interact_events.registrations.views.export import as_xlsx, harmless
from interact_events.scheduling.queries import warnings_of

blueprint = Blueprint("planning", __name__, url_prefix="/planning")
for policy in (policies.can_plan, policies.can_move, can_view_event):
    blueprint.add_app_template_global(policy)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("")
def board() -> str:
    staff_of_any_office()
    filters, now = PlanFilters.from_args(request.args), clock.now()
    shown = _range(now)
    year = range_of(Zoom.YEAR, shown.middle)
    events = _events(filters, shown, year)
    standing = [event for event in events if stands_in(event, shown.first, shown.last)]
    since = _since(now)
    changes = queries.changes_since(current_user, since.at)
    offers = queries.open_offers(now)
    return render_template(
        "planning/board.html",
        filters=filters,
        choices=filter_choices() | {"state": [(each.value, each.label) for each in Which]},
        shown=shown,
        year=year,
        zooms=list(Zoom),
        offices=_offices(filters, events),
        cells=placed(events, shown.slots),
        counts=placed(events, year.slots),
        is_empty=not standing,
        since=since,
        changes=changes[:MOST],
        has_more=len(changes) > MOST,
        news=_news(changes),
        warned={number: len(each) for number, each in warnings_of(standing, now=now).items()},
        marks=_marks(offers),
        to_answer=[offer for offer in offers if policies.can_answer(current_user, offer)],
        today=_today(now),
        now=now,
    )


def _since(now: datetime) -> queries.Since:
    visit = queries.visit_of(current_user)
    return queries.seen_until(visit, now, again=bool(request.args.get("again")))


def _today(now: datetime) -> date:
    return to_local(now, current_user.zone).date()


def _range(now: datetime) -> Range:
    """What the address names: a day and how much around it, or a year."""
    asked = request.args.get("zoom", "")
    zoom = Zoom(asked) if asked in list(Zoom) else Zoom.YEAR
    year = request.args.get("year", "")
    day = day_from(request.args.get("from")) or day_from(f"{year}-07-01") or _today(now)
    return range_of(zoom, min(max(day, FIRST), LAST))


def _events(filters: PlanFilters, *ranges: Range) -> Sequence[Event]:
    """What takes place in any of the ranges."""
    span = span_of([min(each.first for each in ranges), max(each.last for each in ranges)])
    return db.session.scalars(queries.planned(filters, span)).unique().all()


def _offices(filters: PlanFilters, events: Sequence[Event]) -> list[Office]:
    """Those at work, or the one that is asked for; and whoever leads what is shown."""
    leading = {event.office_id for event in events}
    known = [
        office
        for office in all_offices()
        if office.id in leading or filters.sort.office in ("", office.code)
    ]
    retired = {event.office for event in events} - set(known)
    return [*known, *sorted(retired, key=lambda office: office.name)]


def _news(changes: Sequence[Change]) -> dict[int, str]:
    """What happened last to each event, in a word."""
    return {change.event_id: change.did for change in reversed(changes)}


def _marks(offers: Sequence[EventHandOver]) -> dict[int, list[str]]:
    """Which offices are asked about each event."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for offer in offers:
        found[offer.event_id].append(f"{offer.to_office.city} is asked to {offer.kind.label}")
    return found


@blueprint.post("/seen")
def seen() -> Redirect:
    staff_of_any_office()
    form, now = SeenForm(), clock.now()
    actions.note_visit(current_user, form.moment or now, now=now)
    db.session.commit()
    flash("From now on the board marks what changes after this.", "success")
    asked: dict[str, Any] = request.args.to_dict()
    return redirect(url_for(".board", **asked), 303)


@blueprint.get("/plan.xlsx")
def plan() -> Response:
    """What the board shows, as a table."""
    staff_of_any_office()
    filters, shown = PlanFilters.from_args(request.args), _range(clock.now())
    rows = [event for event in _events(filters, shown) if stands_in(event, shown.first, shown.last)]
    body = as_xlsx(_table(rows), "Plan")
    name = f"plan-{shown.first}-{shown.last}.xlsx"
    return Response(body, content_type=XLSX, headers={"Content-Disposition": attachment(name)})


COLUMNS = (
    *("Week", "First day", "Last day", "Time", "Office", "With", "State", "Title", "Kind"),
    *("Format", "Place", "Seats", "Registration closes", "Contact"),
)


def _table(events: Sequence[Event]) -> Iterator[list[str]]:
    """The head and a line for each event, all of it safe text."""
    yield list(COLUMNS)
    for event in events:
        yield [harmless(cell) for cell in _cells(event)]


def _cells(event: Event) -> list[str]:
    first, last = days_of(event.starts_at, event.ends_at, event.zone)
    year, week, _ = first.isocalendar()
    return [
        f"{year}-W{week:02}",
        str(first),
        str(last),
        words.time_span(event.starts_at, event.ends_at, event.zone),
        event.office.name,
        words.listed([office.name for office in event.co_organisers]),
        event.state.value.capitalize(),
        event.title,
        event.kind.label,
        event.mode.label,
        event.place,
        str(event.capacity),
        words.moment(event.closes_at, event.zone),
        event.contact_name,
    ]
