"""Calendars to look at: the events of a month or a week on their days, or one after the other."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from flask import Blueprint, render_template, request
from flask_login import current_user

from interact_events.calendars.rules.days import (
    FIRST,
    LAST,
    Layout,
    Range,
    cut,
    placed,
    range_of,
)
from interact_events.core import clock
from interact_events.core.clock import midnight, to_local
from interact_events.core.db import db
from interact_events.core.web.access import public
from interact_events.core.web.filters import viewer_zone
from interact_events.core.web.kept import kept
from interact_events.events.models import Event
from interact_events.events.queries import CATALOGUE_ZONE, Filters, on_offer
from interact_events.interreg.models import Office
from interact_events.registrations.policies import seats_in_words
from interact_events.registrations.queries import catalogue, own_states
from interact_events.registrations.views.catalogue import filter_choices

blueprint = Blueprint("calendar", __name__, url_prefix="/calendar")

MOST = 500  # events of one page


@blueprint.get("")
@public
@kept
def month() -> str:
    return _page(Layout.MONTH, "calendars/month.html")


@blueprint.get("/week")
@public
@kept
def week() -> str:
    return _page(Layout.WEEK, "calendars/week.html")


@blueprint.get("/agenda")
@public
@kept
def agenda() -> str:
    return _page(Layout.AGENDA, "calendars/agenda.html")


def _page(layout: Layout, template: str) -> str:
    filters = replace(Filters.from_args(request.args), past=False)
    zone, now = _zone(), clock.now()
    today = to_local(now, zone or viewer_zone() or CATALOGUE_ZONE).date()
    shown = range_of(layout, _day() or today)
    events = _events(filters, shown, now)
    days = placed(events[:MOST], shown.days, _zone_of(zone))
    is_empty = not any(days[day] for day in shown.own)
    return render_template(
        template,
        filters=filters,
        choices=filter_choices(),
        zone=zone,
        zones=_zones(zone),
        offices=_legend(events),
        shown=shown,
        days=days,
        cut=cut,
        today=today,
        most=MOST if len(events) > MOST else None,
        nearest=_nearest(filters, shown, zone, now) if is_empty else None,
        is_empty=is_empty,
        mine=own_states(current_user, events, now) if current_user.is_authenticated else {},
        seats=seats_in_words(events[:MOST], now) if layout is Layout.AGENDA else {},
        now=now,
    )


def _events(filters: Filters, shown: Range, now: datetime) -> Sequence[Event]:
    """One more than a page shows, so that it can say so."""
    query = catalogue(filters, now, shown.span).limit(MOST + 1)
    return db.session.scalars(query).unique().all()


def _nearest(
    filters: Filters, shown: Range, zone: str | None, now: datetime
) -> tuple[Event, date] | None:
    """The first event after an empty page, else the last one before it, and the day it begins."""
    whose = zone or CATALOGUE_ZONE
    start = midnight(shown.own[0], whose)
    coming = catalogue(filters, now, (start, None)).limit(1)
    past = catalogue(filters, now, (None, start)).order_by(None)
    past = past.order_by(Event.starts_at.desc(), Event.id.desc()).limit(1)
    event = db.session.scalar(coming) or db.session.scalar(past)
    return (event, to_local(event.starts_at, zone or event.zone).date()) if event else None


def _day() -> date | None:
    """The day that the address names, if pages lead there."""
    try:
        day = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return None
    return day if FIRST <= day <= LAST else None


def _zone() -> str | None:
    """The zone that the address names; nothing where each event keeps its own."""
    asked = request.args.get("zone")
    return asked if asked in clock.zones() else None


def _zone_of(zone: str | None) -> Callable[[Event], str]:
    return lambda event: zone or event.zone


def _zones(chosen: str | None) -> list[tuple[str, str]]:
    """The person's own and those of the offices; any other that an address names stays."""
    own = viewer_zone()
    offered = {office.zone for office in on_offer(Office)} | {CATALOGUE_ZONE, "UTC"}
    others = sorted((offered | ({chosen} if chosen else set())) - {own})
    mine = [(own, f"Yours: {own}")] if own else []
    return [("", "Event’s own"), *mine, *((zone, zone) for zone in others)]


def _legend(events: Sequence[Event]) -> list[Office]:
    """The offices of what is shown, by name."""
    found = {event.office.id: event.office for event in events}
    return sorted(found.values(), key=lambda office: office.name)
