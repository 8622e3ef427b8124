"""An event’s rows, counts and rules as they are read to be checked."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import lazyload, selectinload

from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.events.models import Event, Session
from interact_events.interreg.models import Programme
from interact_events.registrations.models import Registration, SeatRules, SeatTally, SessionChoice
from interact_events.registrations.queries import applicant_from, rules_of
from interact_events.registrations.rules import (
    SEATED,
    Applicant,
    Counted,
    EventRules,
    SeatsTaken,
    State,
)

BATCH = 200  # events read at once, by the same number of statements

EDITED = "edited"
RULED = ("rules changed", EDITED, "session added", "session edited", "session removed")
RULING = {"mode", "admission", "capacity", "starts_at", "ends_at", "zone", "roles", "strands"}


@dataclass(frozen=True, slots=True)
class Row:
    """What of a registration has to fit the others."""

    number: int
    user: int
    state: State
    promise: State | None
    submitted_at: datetime
    decided_at: datetime | None
    answer_by: datetime | None
    override: str
    applicant: Applicant

    @property
    def holds_seat(self) -> bool:
        return self.state in SEATED or self.promise in SEATED

    @property
    def is_waiting(self) -> bool:
        return State.WAITLISTED in (self.state, self.promise)


@dataclass(frozen=True, kw_only=True)
class Books:
    """Everything of one event; `ruled_at` is when its rules changed last."""

    event: Event
    settings: SeatRules
    rules: EventRules
    tallies: Mapping[Counted, int]
    capacities: Mapping[int, int]
    ruled_at: datetime | None
    rows: Sequence[Row]

    @cached_property
    def seated(self) -> list[Row]:
        return [row for row in self.rows if row.holds_seat]

    @cached_property
    def waiting(self) -> list[Row]:
        return [row for row in self.rows if row.is_waiting]

    @cached_property
    def taken(self) -> SeatsTaken:
        return SeatsTaken.of(row.applicant for row in self.seated)

    @cached_property
    def ended_at(self) -> set[datetime | None]:
        return {row.decided_at for row in self.rows if row.state is State.CANCELLED}

    @cached_property
    def given_at(self) -> Mapping[int, datetime]:
        """Since when people have their seats, by number; read only where one may be wrong."""
        return _given_at(self.event)

    def came_at(self, row: Row) -> datetime:
        """When they got what they have."""
        return self.given_at.get(row.number, row.submitted_at)

    def is_newer(self, row: Row) -> bool:
        """Whether the rules in force gave them what they have: they got it after the last change,
        and not in the moment in which somebody else gave up a seat to hand it over."""
        is_later = self.ruled_at is None or self.came_at(row) > self.ruled_at
        return is_later and row.submitted_at not in self.ended_at


def events_after(last: int) -> dict[int, Event]:
    found = db.session.scalars(
        select(Event)
        .where(Event.id > last)
        .order_by(Event.id)
        .limit(BATCH)
        .options(
            selectinload(Event.roles),
            selectinload(Event.strands),
            *(lazyload(each) for each in (Event.office, Event.country, Event.period)),
        )
    )
    return {event.id: event for event in found}


def books_of(events: Mapping[int, Event]) -> Iterator[Books]:
    """The statements are as many for one event as for all; rows arrive as they are needed."""
    settings = {row.event_id: row for row in _of(SeatRules, events)}
    tallies: dict[int, dict[Counted, int]] = defaultdict(dict)
    for tally in _of(SeatTally, events):
        tallies[tally.event_id][tally.dimension, tally.key] = tally.taken
    capacities, ruled_at = _capacities(events), _ruled_at(events)
    stream = groupby(_rows(events), key=itemgetter(0))
    number, rows = next(stream, (0, iter(())))
    for event in events.values():
        mine: list[Row] = []
        if number == event.id:
            mine = [row for _, row in rows]
            number, rows = next(stream, (0, iter(())))
        known = settings.get(event.id) or SeatRules.usual(event.id)
        yield Books(
            event=event,
            settings=known,
            rules=rules_of(event, known, _invited(event)),
            tallies=tallies[event.id],
            capacities=capacities[event.id],
            ruled_at=ruled_at.get(event.id),
            rows=mine,
        )


def _invited(event: Event) -> tuple[frozenset[int], frozenset[int]]:
    roles, strands = event.roles, event.strands  # read with the whole batch
    return frozenset(role.id for role in roles), frozenset(strand.id for strand in strands)


def _of(table: Any, events: Iterable[int]) -> Iterable[Any]:
    return db.session.scalars(select(table).where(table.event_id.in_(list(events))))


def _capacities(events: Iterable[int]) -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = defaultdict(dict)
    query = select(Session.event_id, Session.id, Session.capacity).where(
        Session.event_id.in_(list(events)),
        Session.capacity.is_not(None),
        Session.cancelled_at.is_(None),
    )
    for event, session, capacity in db.session.execute(query):
        found[event][session] = capacity or 0
    return found


def _ruled_at(events: Iterable[int]) -> dict[int, datetime]:
    """A new title changes no rules; a new date takes phases and releases along."""
    entry = AuditEntry
    query = (
        select(entry.subject_id, entry.at, entry.action, entry.changes)
        .where(
            entry.subject_type == Event.__tablename__,
            entry.subject_id.in_(list(events)),
            entry.action.in_(RULED),
        )
        .order_by(entry.at)
        .execution_options(yield_per=500)  # descriptions are long
    )
    return {
        event: at
        for event, at, action, changes in db.session.execute(query)
        if action != EDITED or RULING & changes.get("fields", {}).keys()
    }


def _given_at(event: Event) -> dict[int, datetime]:
    """By the trail of each; who gave a seat back and got another has it since then."""
    entry = AuditEntry
    given: dict[int, datetime] = {}
    query = (
        select(entry.subject_id, entry.at, entry.changes)
        .join(Registration, Registration.id == entry.subject_id)
        .where(entry.subject_type == Registration.__tablename__, Registration.event_id == event.id)
        .order_by(entry.id)
    )
    for number, at, changes in db.session.execute(query):
        if changes.get("to") in SEATED:
            given.setdefault(number, at)
        elif "to" in changes:
            given.pop(number, None)
    return given


def _rows(events: Iterable[int]) -> Iterator[tuple[int, Row]]:
    """(event, registration) in the order of both numbers, never all of them in memory."""
    chosen: dict[int, set[int]] = defaultdict(set)
    for registration, session in db.session.execute(_choices(events)):
        chosen[registration].add(session)
    row = Registration
    query = (
        select(
            *(row.event_id, row.id, row.user_id, row.state, row.upon_confirmation),
            *(row.submitted_at, row.decided_at, row.answer_by, row.override),
            *(row.role_id, row.country_id, row.institution),
            *(Programme.strand_id, row.programme_id, row.is_online),
        )
        .outerjoin(Programme, Programme.id == row.programme_id)
        .where(row.event_id.in_(list(events)))
        .order_by(row.event_id, row.id)
        .execution_options(yield_per=2000)
    )
    for event, *values in db.session.execute(query):
        yield event, _row(values, chosen.get(values[0], ()))


def _choices(events: Iterable[int]) -> Any:
    return (
        select(SessionChoice.registration_id, SessionChoice.session_id)
        .join(Registration, Registration.id == SessionChoice.registration_id)
        .where(Registration.event_id.in_(list(events)), SessionChoice.left_at.is_(None))
    )


def _row(values: Sequence[Any], sessions: Iterable[int]) -> Row:
    """One line of the query above."""
    number, user, state, promise, submitted_at, decided_at, answer_by, override = values[:8]
    applicant = applicant_from((*values[8:], override), sessions)
    return Row(
        number, user, state, promise, submitted_at, decided_at, answer_by, override, applicant
    )
