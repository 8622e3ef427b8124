"""What an office has to do now, and small figures; each question is one query for all rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import selectinload

from interact_events.attendance.models import Presence
from interact_events.attendance.rules import Spans, attended, attended_minutes, from_json
from interact_events.certificates.models import Certificate
from interact_events.certificates.rules import reaches
from interact_events.core.clock import midnight, to_local
from interact_events.core.db import db
from interact_events.events.models import Event, EventState, Session, event_offices
from interact_events.events.queries import obstacles
from interact_events.events.rules import learning_minutes
from interact_events.interreg.models import Office
from interact_events.registrations.models import Registration, State

T = TypeVar("T")

AHEAD = timedelta(days=7)
RECORD_WITHIN = timedelta(days=30)  # attendance that nobody noted by then will not be noted
AT_MOST = 10  # rows of one list; the list of all events has the rest

closes_at: ColumnElement[datetime] = func.coalesce(Event.registration_closes_at, Event.starts_at)


@dataclass(frozen=True)
class Shortlist(Generic[T]):
    """The most urgent rows, and whether there are more."""

    rows: list[T]
    has_more: bool


@dataclass(frozen=True)
class Draft:
    """An event that is not public yet; `missing` says in sentences why it could not be."""

    event: Event
    missing: list[str]


@dataclass(frozen=True)
class Applications:
    """Those for one event that nobody has decided on."""

    event: Event
    number: int
    oldest_at: datetime


@dataclass(frozen=True)
class Reached:
    """How many people have earned a certificate of an event."""

    event: Event
    people: int


@dataclass(frozen=True)
class Figures:
    """Of the events that an office leads."""

    upcoming: int
    seats_taken: int
    waiting: int
    certified_minutes: int  # this year


@dataclass(frozen=True)
class Dashboard:
    """Everything that needs somebody of the office now."""

    drafts: Shortlist[Draft]
    applications: Shortlist[Applications]
    this_week: Shortlist[Event]
    present: dict[int, int]  # of events that run: who came so far, by the event's number
    closing: Shortlist[Event]
    to_record: Shortlist[Event]
    to_certify: Shortlist[Reached]
    figures: Figures

    @property
    def is_quiet(self) -> bool:
        """Whether nothing at all needs anybody."""
        lists = (self.drafts, self.applications, self.this_week, self.closing)
        after = (self.to_record, self.to_certify)
        return not any(shortlist.rows for shortlist in (*lists, *after))


def dashboard(office: Office, now: datetime) -> Dashboard:
    """What the office has to do at `now`."""
    this_week = _this_week(office, now)
    return Dashboard(
        drafts=_drafts(office, now),
        applications=_applications(office),
        this_week=this_week,
        present=_present([row for row in this_week.rows if row.starts_at <= now]),
        closing=_closing(office, now),
        to_record=_to_record(office, now),
        to_certify=_to_certify(office, now),
        figures=_figures(office, now),
    )


def _of(office: Office) -> ColumnElement[bool]:
    """Events that the office leads or helps to organise."""
    helps = exists().where(
        event_offices.c.event_id == Event.id, event_offices.c.office_id == office.id
    )
    return or_(Event.office_id == office.id, helps)


def _published(office: Office) -> Select[Event]:
    return select(Event).where(_of(office), Event.state == EventState.PUBLISHED)


def _shortlist(rows: Sequence[T]) -> Shortlist[T]:
    return Shortlist(list(rows[:AT_MOST]), len(rows) > AT_MOST)


def _first(query: Select[Event]) -> list[Event]:
    return list(db.session.scalars(query.limit(AT_MOST + 1)))


def _drafts(office: Office, now: datetime) -> Shortlist[Draft]:
    query = (
        select(Event)
        .where(_of(office), Event.state == EventState.DRAFT, ~Event.is_template)
        .options(selectinload(Event.sessions))
        .order_by(Event.starts_at, Event.id)
    )
    return _shortlist([Draft(event, _missing(event, now)) for event in _first(query)])


def _missing(event: Event, now: datetime) -> list[str]:
    return [obstacle.sentence for obstacle in obstacles(event, now)]


def _applications(office: Office) -> Shortlist[Applications]:
    """The event whose oldest application waits longest comes first."""
    oldest = func.min(Registration.submitted_at).label("oldest")
    pending = (
        select(Registration.event_id, func.count().label("number"), oldest)
        .where(Registration.state == State.PENDING)
        .group_by(Registration.event_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Event, pending.c.number, pending.c.oldest)
        .join(pending, pending.c.event_id == Event.id)
        .where(_of(office), Event.state == EventState.PUBLISHED)
        .order_by(pending.c.oldest, Event.id)
        .limit(AT_MOST + 1)
    )
    return _shortlist([Applications(event, number, at) for event, number, at in rows])


def _this_week(office: Office, now: datetime) -> Shortlist[Event]:
    """What runs or begins in the next seven days."""
    query = _published(office).where(Event.ends_at > now, Event.starts_at < now + AHEAD)
    return _shortlist(_first(query.order_by(Event.starts_at, Event.id)))


def _present(running: Sequence[Event]) -> dict[int, int]:
    """How many of those with a seat came to any session."""
    rows = db.session.execute(
        select(Registration.event_id, func.count(Presence.registration_id.distinct()))
        .join(Presence.registration)
        .where(
            Registration.event_id.in_([event.id for event in running]),
            Registration.state == State.CONFIRMED,
        )
        .group_by(Registration.event_id)
    )
    return dict(list(rows))


def _closing(office: Office, now: datetime) -> Shortlist[Event]:
    """Registrations that end in the next seven days, before the event itself begins."""
    query = _published(office).where(
        Event.registration_closes_at > now,
        Event.registration_closes_at < now + AHEAD,
        or_(Event.registration_opens_at.is_(None), Event.registration_opens_at <= now),
    )
    return _shortlist(_first(query.order_by(closes_at, Event.id)))


def _has_presence() -> ColumnElement[bool]:
    return exists().where(Presence.session_id == Session.id, Session.event_id == Event.id)


def _to_record(office: Office, now: datetime) -> Shortlist[Event]:
    """Events just over for which nobody has noted who was there."""
    learning = exists().where(
        Session.event_id == Event.id, Session.is_learning, Session.cancelled_at.is_(None)
    )
    query = _published(office).where(
        Event.ends_at <= now,
        Event.ends_at > now - RECORD_WITHIN,
        Event.seats_taken > 0,
        learning,
        ~_has_presence(),
    )
    return _shortlist(_first(query.order_by(Event.ends_at, Event.id)))


def _to_certify(office: Office, now: datetime) -> Shortlist[Reached]:
    """Events that are over, with people at or over the threshold and no certificate yet."""
    issued = exists().where(
        Certificate.registration_id == Registration.id, Registration.event_id == Event.id
    )
    query = (
        _published(office)
        .where(Event.office_id == office.id, Event.ends_at <= now, _has_presence(), ~issued)
        .options(selectinload(Event.sessions))
        .order_by(Event.ends_at.desc(), Event.id)
    )
    events = _first(query)
    noted = _noted(events)
    reached = [Reached(event, _people_reaching(event, noted[event.id])) for event in events]
    return _shortlist([row for row in reached if row.people])


def _noted(events: Iterable[Event]) -> dict[int, dict[int, dict[int, Spans]]]:
    """When each of the confirmed was where: {event: {registration: {session: spans}}}."""
    rows = db.session.execute(
        select(Registration.event_id, Registration.id, Presence.session_id, Presence.parts)
        .join(Presence.registration)
        .where(
            Registration.event_id.in_([event.id for event in events]),
            Registration.state == State.CONFIRMED,
        )
    )
    noted: dict[int, dict[int, dict[int, Spans]]] = defaultdict(lambda: defaultdict(dict))
    for event_id, registration_id, session_id, parts in rows:
        noted[event_id][registration_id][session_id] = from_json(parts)
    return noted


def _people_reaching(event: Event, noted: dict[int, dict[int, Spans]]) -> int:
    total = learning_minutes(event.agenda)
    return sum(
        reaches(
            attended_minutes(attended(event.agenda, sessions)),
            total,
            event.certificate_threshold,
        )
        for sessions in noted.values()
    )


def _figures(office: Office, now: datetime) -> Figures:
    upcoming, seats, waiting = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Event.seats_taken), 0),
            func.coalesce(func.sum(Event.waiting), 0),
        ).where(
            Event.office_id == office.id,
            Event.state == EventState.PUBLISHED,
            Event.starts_at > now,
        )
    ).one()
    return Figures(upcoming, seats, waiting, _certified_minutes(office, now))


def _certified_minutes(office: Office, now: datetime) -> int:
    """What the certificates say that were issued since the year began at the office."""
    new_year = to_local(now, office.zone).date().replace(month=1, day=1)
    minutes = func.sum(Certificate.facts["attended_minutes"].as_integer())
    total = db.session.scalar(
        select(minutes)
        .join(Certificate.registration)
        .join(Registration.event)
        .where(
            Event.office_id == office.id,
            Certificate.issued_at >= midnight(new_year, office.zone),
            Certificate.ended_at.is_(None),
        )
    )
    return total or 0


# -- all offices ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class OfficeLine:
    """One office in a list of them."""

    office: Office
    drafts: int
    pending: int
    upcoming: int
    seats_taken: int


def office_lines(offices: Sequence[Office], now: datetime) -> list[OfficeLine]:
    """The offices with what they lead."""
    is_coming = (Event.state == EventState.PUBLISHED) & (Event.starts_at > now)
    events = _counts(
        select(
            Event.office_id,
            func.count().filter(Event.state == EventState.DRAFT, ~Event.is_template),
            func.count().filter(is_coming),
            func.coalesce(func.sum(Event.seats_taken).filter(is_coming), 0),
        ).group_by(Event.office_id)
    )
    pending = _counts(
        select(Event.office_id, func.count())
        .join(Registration, Registration.event_id == Event.id)
        .where(Registration.state == State.PENDING, Event.state == EventState.PUBLISHED)
        .group_by(Event.office_id)
    )
    lines = []
    for office in offices:
        drafts, upcoming, seats = events.get(office.id, (0, 0, 0))
        (applications,) = pending.get(office.id, (0,))
        lines.append(OfficeLine(office, drafts, applications, upcoming, seats))
    return lines


def _counts(query: Any) -> dict[int, tuple[int, ...]]:
    return {number: tuple(counts) for number, *counts in db.session.execute(query)}
