"""Warnings about the dates of events, and what leads said of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased, joinedload

from interact_events.accounts.models import User
from interact_events.core.db import db
from interact_events.events.models import Event, EventState
from interact_events.registrations.models import Registration
from interact_events.registrations.rules import SEATED
from interact_events.scheduling.models import DismissedWarning
from interact_events.scheduling.queries.around import around_days, date_rules
from interact_events.scheduling.queries.network import Network, network
from interact_events.scheduling.queries.plans import (
    TypedDates,
    moved_plan,
    plan_of_event,
    plans_within,
    typed_plan,
)
from interact_events.scheduling.rules import DateWarning, Plan, warnings

Booked = dict[frozenset[int], int]


@dataclass(frozen=True)
class Looked:
    """What there is to say about an event's dates, and what was said already."""

    open: list[DateWarning]
    dismissed: list[tuple[DateWarning, DismissedWarning]]


def warnings_of(events: Iterable[Event], *, now: datetime) -> dict[int, list[DateWarning]]:
    """What nobody has dismissed, by the number of the event; as many statements for one event as
    for a year of them."""
    return {number: looked.open for number, looked in looked_at(events, now=now).items()}


def looked_at(events: Iterable[Event], *, now: datetime) -> dict[int, Looked]:
    """The same with what was dismissed, by whom and why."""
    asked = {event.id: event for event in events}
    coming = {number: event for number, event in asked.items() if event.ends_at > now}
    found = _warnings(coming, now) if coming else {}
    said = _dismissed(coming) if coming else {}
    return {number: _apart(found.get(number, []), said.get(number, {})) for number in asked}


def _warnings(asked: dict[int, Event], now: datetime) -> dict[int, list[DateWarning]]:
    known, rules = network(), date_rules()
    reach = timedelta(days=rules.near_days + 3)
    starts = min(event.starts_at for event in asked.values())
    ends = max(event.ends_at for event in asked.values())
    plans = plans_within(starts - reach, ends + reach, known)
    booked = _booked(asked)
    days = [day for number in asked if number in plans for day in plans[number].days]
    if not days:
        return {}
    around = around_days(min(days), max(days), known, plans, rules, booked)
    return {n: warnings(plan, around, now) for n, plan in plans.items() if n in asked}


def _apart(found: Sequence[DateWarning], said: dict[str, DismissedWarning]) -> Looked:
    return Looked(
        [warning for warning in found if warning.key not in said],
        [(warning, said[warning.key]) for warning in found if warning.key in said],
    )


def _dismissed(events: Iterable[int]) -> dict[int, dict[str, DismissedWarning]]:
    query = (
        select(DismissedWarning)
        .where(DismissedWarning.event_id.in_(list(events)))
        .options(joinedload(DismissedWarning.dismissed_by).lazyload(User.memberships))
    )
    found: dict[int, dict[str, DismissedWarning]] = {}
    for row in db.session.scalars(query):
        found.setdefault(row.event_id, {})[row.key] = row
    return found


def dismissed_in(event: Event, number: int) -> DismissedWarning | None:
    """The dismissal of that number, if it is of this event."""
    return db.session.scalar(
        select(DismissedWarning).where(
            DismissedWarning.id == number, DismissedWarning.event_id == event.id
        )
    )


def warnings_of_typed(typed: TypedDates, *, now: datetime) -> list[DateWarning]:
    """What there would be to say if the form was saved as it is, but for what was dismissed."""
    known = network()
    return _warnings_then(typed_plan(typed, known), known, now)


def warnings_once_moved(
    event: Event, starts_at: datetime, ends_at: datetime, *, now: datetime
) -> list[DateWarning]:
    """What there would be to say if the event took place then."""
    known = network()
    plan = plan_of_event(event, known)
    return _warnings_then(moved_plan(plan, starts_at, ends_at), known, now) if plan else []


def _warnings_then(plan: Plan, known: Network, now: datetime) -> list[DateWarning]:
    rules = date_rules()
    reach = timedelta(days=rules.near_days + 3)
    plans = plans_within(plan.starts_at - reach, plan.ends_at + reach, known)
    booked = _booked_then(plan) if plan.id else {}
    days = list(plan.days)
    around = around_days(days[0], days[-1], known, plans, rules, booked)
    said = _dismissed([plan.id] if plan.id else []).get(plan.id or 0, {})
    return _apart(warnings(plan, around, now), said).open


# -- people who hold two seats -------------------------------------------------------------------

_mine, _theirs = aliased(Registration), aliased(Registration)
_event, _other = aliased(Event), aliased(Event)


def _seated(row: Any) -> ColumnElement[bool]:
    seated: ColumnElement[bool] = row.state.in_(SEATED) | row.upon_confirmation.in_(SEATED)
    return seated


def _booked(events: Iterable[int]) -> Booked:
    """How many people have a seat at each of two events that overlap."""
    at_once = (_event.starts_at < _other.ends_at, _other.starts_at < _event.ends_at)
    return _pairs(_mine.event_id.in_(list(events)), *at_once)


def _booked_then(plan: Plan) -> Booked:
    """The same for an event whose dates are not saved yet."""
    at_once = (_other.starts_at < plan.ends_at, _other.ends_at > plan.starts_at)
    return _pairs(_mine.event_id == plan.id, *at_once)


def _pairs(*conditions: ColumnElement[bool]) -> Booked:
    query = (
        select(_mine.event_id, _theirs.event_id, func.count())
        .join(_theirs, (_theirs.user_id == _mine.user_id) & (_theirs.event_id != _mine.event_id))
        .join(_event, _event.id == _mine.event_id)
        .join(_other, _other.id == _theirs.event_id)
        .where(_seated(_mine), _seated(_theirs), _other.state != EventState.CANCELLED)
        .where(*conditions)
        .group_by(_mine.event_id, _theirs.event_id)
    )
    return {frozenset((one, two)): number for one, two, number in db.session.execute(query)}
