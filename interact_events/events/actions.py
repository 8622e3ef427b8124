"""What the offices do with events; nothing here tells registrants, their feature does."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from sqlalchemy.exc import IntegrityError

from interact_events.accounts.models import User
from interact_events.core import audit, words
from interact_events.core.clock import to_local, to_utc, zones
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.events.models import Admission, Event, EventState, Kind, Mode, Session
from interact_events.events.queries import is_slug_taken, obstacles
from interact_events.interreg.models import (
    Country,
    Objective,
    Office,
    Period,
    StakeholderRole,
    Strand,
    Topic,
)


@dataclass(frozen=True, kw_only=True)
class EventValues:
    """An event as a person describes it; times are the wall clock's in `zone`.

    `version` is the one that the person saw; empty when nobody looked before.
    """

    title: str
    summary: str = ""
    description: str = ""
    learning_objectives: str = ""
    kind: Kind
    mode: Mode
    language: str = "en"
    period: Period
    objective: Objective | None = None
    roles: tuple[StakeholderRole, ...] = ()
    strands: tuple[Strand, ...] = ()
    topics: tuple[Topic, ...] = ()
    co_organisers: tuple[Office, ...] = ()
    zone: str
    starts: datetime
    ends: datetime
    venue: str = ""
    address: str = ""
    city: str = ""
    country: Country | None = None
    joining_url: str = ""
    admission: Admission = Admission.FIRST_COME
    capacity: int
    registration_opens: datetime | None = None
    registration_closes: datetime | None = None
    certificate_threshold: int = 80
    contact_name: str = ""
    contact_email: str = ""
    internal_notes: str = ""
    budgeted_cost: Decimal | None = None
    actual_cost: Decimal | None = None
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class SessionValues:
    """An item of the agenda as a person describes it, in the event's zone."""

    title: str
    starts: datetime
    ends: datetime
    room: str = ""
    speakers: str = ""
    capacity: int | None = None
    is_learning: bool = True


# Fields that an event takes from its values as they are.
PLAIN = (
    *("title", "summary", "description", "learning_objectives", "kind", "mode", "language"),
    *("period", "objective", "zone", "venue", "address", "city", "country", "joining_url"),
    *("admission", "capacity", "certificate_threshold", "contact_name", "contact_email"),
    *("internal_notes", "budgeted_cost", "actual_cost"),
)
SEVERAL = ("roles", "strands", "topics", "co_organisers")
INSTANTS = ("starts_at", "ends_at", "registration_opens_at", "registration_closes_at")

# What calendars show of an event.
IN_CALENDARS = (
    *("title", "starts_at", "ends_at", "zone", "mode", "kind", "summary"),
    *("venue", "address", "city", "country", "joining_url", "contact_name", "contact_email"),
)
# The history outlives people and is read by viewers: that these changed is all it says.
UNQUOTED = ("internal_notes", "contact_name", "contact_email", "joining_url", "speakers")


def create_event(
    office: Office, values: EventValues, *, actor: User, now: datetime, host: str
) -> Event:
    """A new draft of the office; its slug and UID stay for good."""
    lock(office)  # two of the same title, one slug
    event = Event(
        uid=_uid(host),
        slug=_new_slug(values.title),
        office=office,
        state=EventState.DRAFT,
        seats_taken=0,
        version=0,
        sequence=0,
        created_at=now,
        created_by_id=actor.id,
        revised_at=now,
    )
    with db.session.no_autoflush:
        _apply(event, _checked(values, office, seats_given=0))
    event.online_capacity = event.capacity // 2 if event.mode is Mode.HYBRID else 0
    db.session.add(event)
    audit.record("created", event, actor=actor, now=now, title=event.title)
    return event


def save_event(event: Event, values: EventValues, *, actor: User, now: datetime) -> bool:
    """Change the event; says whether its entries in calendars have to change.

    An agenda that would fall outside the event, or whose zone changes, moves along with its start.
    """
    lock(event)
    if values.version not in (None, event.version):
        raise DomainError(
            "Somebody else has saved this event since you opened it. Your entries are kept below: "
            "open the event in a new tab, make your changes there and save that one."
        )
    checked = _checked(values, event.office, seats_given=event.seats_taken)
    before, shown_before = _described(event), _shown(event)
    moves = _moves(event, checked)
    _apply(event, checked)
    changes = _changes(before, _described(event))
    if not changes:
        return False
    event.version += 1
    moved = _move_agenda(event, moves)
    revised = event.is_published and _shown(event) != shown_before
    if revised:
        _revise(event, *event.agenda, now=now)
    audit.record("edited", event, actor=actor, now=now, fields=changes, sessions_moved=moved)
    return revised


def publish_event(event: Event, *, actor: User, now: datetime) -> None:
    """Show a draft to everybody; refused with a sentence for each thing that is missing."""
    lock(event)
    if not event.is_draft:
        raise DomainError("This event has been published already.")
    if missing := obstacles(event, now):
        raise DomainError(" ".join(missing))
    event.state, event.published_at, event.revised_at = EventState.PUBLISHED, now, now
    event.version += 1
    audit.record("published", event, actor=actor, now=now)


def cancel_event(event: Event, reason: str, *, actor: User, now: datetime) -> None:
    """Call a published event off. It stays to be seen, and calendars keep it as cancelled."""
    lock(event)
    if not event.is_published:
        raise DomainError("Only a published event can be cancelled.")
    if event.ends_at <= now:
        raise DomainError("This event is over and can no longer be cancelled.")
    if not reason.strip():
        raise DomainError("Say why, in a sentence for those who wanted to come.", "reason")
    event.state, event.cancelled_at = EventState.CANCELLED, now
    event.cancellation_reason = reason.strip()
    event.version += 1
    _revise(event, *event.agenda, now=now)
    audit.record("cancelled", event, actor=actor, now=now, reason=event.cancellation_reason)


def duplicate_event(
    event: Event, title: str, first_day: date, *, actor: User, now: datetime, host: str
) -> Event:
    """A new draft like `event` that starts on `first_day`, with its agenda, at the same hours."""
    days = first_day - to_local(event.starts_at, event.zone).date()
    values = _values_of(event, title, days)
    copy = create_event(event.office, values, actor=actor, now=now, host=host)
    copy.online_capacity = event.online_capacity
    for session in event.agenda:
        moved = _session_values(session, event.zone, days)
        copy.sessions.append(_new_session(copy, moved, now=now))
    audit.record("copied", event, actor=actor, now=now, copy=copy.slug)
    return copy


def delete_draft(event: Event, *, actor: User, now: datetime) -> None:
    """Remove a draft for good. What was ever published has registrants, or may have had."""
    lock(event)
    if not event.is_draft or event.published_at:
        raise DomainError("Only a draft can be deleted. A published event can be cancelled.")
    audit.record("deleted", event, actor=actor, now=now, title=event.title)
    try:
        with db.session.begin_nested():
            db.session.delete(event)
    except IntegrityError:  # the foreign keys of upper features
        raise DomainError("This draft has registrations and cannot be deleted.") from None


def add_session(event: Event, values: SessionValues, *, actor: User, now: datetime) -> Session:
    """Put one more item on the agenda."""
    lock(event)
    _check_session(event, values)
    session = _new_session(event, values, now=now)
    event.sessions.append(session)
    _agenda_changed(event, now=now)
    audit.record("session added", event, actor=actor, now=now, session=session.title)
    return session


def save_session(session: Session, values: SessionValues, *, actor: User, now: datetime) -> bool:
    """Change an item of the agenda; says whether its entry in calendars has to change."""
    event = session.event
    lock(event)
    if session.cancelled_at:
        raise DomainError("This session has been removed from the agenda.")
    _check_session(event, values)
    before = _described_session(session)
    _apply_session(session, values)
    changes = _changes(before, _described_session(session))
    if not changes:
        return False
    shown = {"title", "starts_at", "ends_at", "room", "speakers"} & set(changes)
    event.version += 1
    if shown and event.is_published:
        _revise(event, session, now=now)
    audit.record(
        "session edited", event, actor=actor, now=now, session=session.title, fields=changes
    )
    return bool(shown) and event.is_published


def remove_session(session: Session, *, actor: User, now: datetime) -> None:
    """Take an item off the agenda; calendars keep a published one as cancelled."""
    event = session.event
    lock(event)
    if session.cancelled_at:
        return
    if event.is_draft:
        event.sessions.remove(session)
    else:
        session.cancelled_at = session.revised_at = now
        session.sequence += 1
    _agenda_changed(event, now=now)
    audit.record("session removed", event, actor=actor, now=now, session=session.title)


# -- checks --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Checked:
    """Values that keep the rules, with their wall-clock times as instants."""

    values: EventValues
    starts_at: datetime
    ends_at: datetime
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None


def _checked(values: EventValues, office: Office, *, seats_given: int) -> _Checked:
    if values.zone not in zones():
        raise DomainError("Choose a time zone from the list.", "zone")
    checked = _Checked(
        values,
        starts_at=to_utc(values.starts, values.zone, field="starts"),
        ends_at=to_utc(values.ends, values.zone, field="ends"),
        registration_opens_at=_instant(values, "registration_opens"),
        registration_closes_at=_instant(values, "registration_closes"),
    )
    _check_times(checked)
    _check_numbers(values, seats_given)
    _check_network(values, office)
    return checked


def _instant(values: EventValues, field: str) -> datetime | None:
    local: datetime | None = getattr(values, field)
    return local and to_utc(local, values.zone, field=field)


def _check_times(times: _Checked) -> None:
    if times.ends_at <= times.starts_at:
        raise DomainError("The event must end after it starts.", "ends")
    check_registration_times(
        times.registration_opens_at, times.registration_closes_at, times.starts_at
    )


def check_registration_times(
    opens: datetime | None, closes: datetime | None, starts_at: datetime
) -> None:
    """Refuse registration that would close after the start or before it opens."""
    if closes and closes > starts_at:
        raise DomainError("Registration must close before the event starts.", "registration_closes")
    if opens and opens >= (closes or starts_at):
        raise DomainError(
            "Registration must open before it closes."
            if closes
            else "Registration must open before the event starts.",
            "registration_opens",
        )


def _check_numbers(values: EventValues, seats_given: int) -> None:
    if values.capacity < 1:
        raise DomainError("Offer at least one seat.", "capacity")
    if values.capacity < seats_given:
        raise DomainError(
            f"{words.count(seats_given, 'seat')} {'is' if seats_given == 1 else 'are'} given "
            "already. Offer at least as many.",
            "capacity",
        )
    if not 1 <= values.certificate_threshold <= 100:
        raise DomainError("Give a share from 1 to 100 percent.", "certificate_threshold")
    for field in ("budgeted_cost", "actual_cost"):
        if (getattr(values, field) or 0) < 0:
            raise DomainError("A cost cannot be less than zero.", field)


def _check_network(values: EventValues, office: Office) -> None:
    if values.objective and values.objective.period_id != values.period.id:
        raise DomainError("This objective belongs to another period.", "objective")
    if office in values.co_organisers:
        raise DomainError("The lead office cannot be its own co-organiser.", "co_organisers")
    if values.joining_url and not _is_web_address(values.joining_url):
        raise DomainError("Give an address that starts with https:// or http://.", "joining_url")


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text
    except ValueError:
        return False


def _check_session(event: Event, values: SessionValues) -> tuple[datetime, datetime]:
    start = to_utc(values.starts, event.zone, field="starts")
    end = to_utc(values.ends, event.zone, field="ends")
    if end <= start:
        raise DomainError("The session must end after it starts.", "ends")
    if start < event.starts_at or end > event.ends_at:
        raise DomainError(
            f"The session must lie within the event, {_span(event)}.",
            "starts" if start < event.starts_at else "ends",
        )
    return start, end


def _span(event: Event) -> str:
    first, last = words.moment(event.starts_at, event.zone), words.moment(event.ends_at, event.zone)
    return f"{first} to {last}"


# -- changes -------------------------------------------------------------------------------------


def _apply(event: Event, checked: _Checked) -> None:
    for field in PLAIN:
        setattr(event, field, getattr(checked.values, field))
    for field in SEVERAL:
        setattr(event, field, list(getattr(checked.values, field)))
    for field in INSTANTS:
        setattr(event, field, getattr(checked, field))
    topics = " ".join(topic.name for topic in event.topics)
    event.search_text = words.folded(f"{event.title} {event.summary} {topics} {event.city}")


def _moves(event: Event, checked: _Checked) -> list[tuple[Session, SessionValues]]:
    """The agenda as it has to become, empty where it can stay; wall clocks are compared."""
    values, agenda = checked.values, event.agenda
    fits = all(checked.starts_at <= s.starts_at and s.ends_at <= checked.ends_at for s in agenda)
    if fits and values.zone == event.zone:
        return []
    shift = values.starts - to_local(event.starts_at, event.zone).replace(tzinfo=None)
    return [(session, _session_values(session, event.zone, shift)) for session in agenda]


def _move_agenda(event: Event, moves: list[tuple[Session, SessionValues]]) -> int:
    for session, values in moves:
        try:
            _apply_session(session, values)
        except DomainError as refusal:
            raise DomainError(f"Session “{session.title}”: {refusal.message}", "starts") from None
        if session.starts_at < event.starts_at or session.ends_at > event.ends_at:
            raise DomainError(
                f"Session “{session.title}” would lie outside the event. Change the agenda first.",
                "ends",
            )
    return len(moves)


def _revise(event: Event, *sessions: Session, now: datetime) -> None:
    """Tell calendars that they hold an old version of the event and of these sessions."""
    rows: list[Event | Session] = [event, *sessions]
    for row in rows:
        row.sequence += 1
        row.revised_at = now


def _agenda_changed(event: Event, *, now: datetime) -> None:
    event.version += 1
    if event.is_published:
        _revise(event, now=now)


def _shown(event: Event) -> list[Any]:
    return [getattr(event, field) for field in IN_CALENDARS]


def _new_session(event: Event, values: SessionValues, *, now: datetime) -> Session:
    session = Session(uid=_uid(event.uid.rpartition("@")[2]), revised_at=now, sequence=0)
    session.starts_at = to_utc(values.starts, event.zone, field="starts")
    session.ends_at = to_utc(values.ends, event.zone, field="ends")
    _apply_session_texts(session, values)
    return session


def _apply_session(session: Session, values: SessionValues) -> None:
    zone = session.event.zone
    session.starts_at = to_utc(values.starts, zone, field="starts")
    session.ends_at = to_utc(values.ends, zone, field="ends")
    _apply_session_texts(session, values)


def _apply_session_texts(session: Session, values: SessionValues) -> None:
    session.title, session.room = values.title, values.room
    session.speakers, session.is_learning = values.speakers, values.is_learning
    session.capacity = values.capacity


# -- copies --------------------------------------------------------------------------------------


def _values_of(event: Event, title: str, shift: timedelta) -> EventValues:
    """The event's values `shift` later on the wall clock; what it cost is not copied."""
    plain = {field: getattr(event, field) for field in PLAIN}
    several = {field: tuple(getattr(event, field)) for field in SEVERAL}
    times = {
        field.removesuffix("_at"): _wall_clock(getattr(event, field), event.zone, shift)
        for field in INSTANTS
    }
    return EventValues(
        **(plain | several | times | {"title": title, "actual_cost": None, "internal_notes": ""})
    )


def _session_values(session: Session, zone: str, shift: timedelta) -> SessionValues:
    starts = _wall_clock(session.starts_at, zone, shift)
    ends = _wall_clock(session.ends_at, zone, shift)
    assert starts
    assert ends
    return SessionValues(
        title=session.title,
        starts=starts,
        ends=ends,
        room=session.room,
        speakers=session.speakers,
        capacity=session.capacity,
        is_learning=session.is_learning,
    )


def _wall_clock(instant: datetime | None, zone: str, shift: timedelta) -> datetime | None:
    return instant and to_local(instant, zone).replace(tzinfo=None, fold=0) + shift


def _uid(host: str) -> str:
    return f"{uuid4()}@{host}"


def _new_slug(title: str) -> str:
    wished = words.slug(title)
    return next(slug for slug in _numbered(wished) if not is_slug_taken(slug))


def _numbered(slug: str) -> Iterator[str]:
    yield slug
    number = 2
    while True:
        yield f"{slug}-{number}"
        number += 1


# -- the history's words -------------------------------------------------------------------------


def _described(event: Event) -> dict[str, str]:
    """Every field in words, as the history will quote it."""
    plain = {field: _worded(getattr(event, field)) for field in PLAIN}
    several = {
        field: words.listed([_worded(row) for row in getattr(event, field)]) for field in SEVERAL
    }
    times = {field: _worded_instant(getattr(event, field), event.zone) for field in INSTANTS}
    return plain | several | times


def _described_session(session: Session) -> dict[str, str]:
    zone = session.event.zone
    return {
        "title": session.title,
        "starts_at": words.moment(session.starts_at, zone),
        "ends_at": words.moment(session.ends_at, zone),
        "room": session.room,
        "speakers": session.speakers,
        "capacity": str(session.capacity or ""),
        "is_learning": "yes" if session.is_learning else "no",
    }


def _worded(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, StakeholderRole):
        return value.label_in()
    return str(getattr(value, "label", None) or getattr(value, "name", None) or value)


def _worded_instant(instant: datetime | None, zone: str) -> str:
    return words.moment(instant, zone) if instant else ""


def _changes(before: dict[str, str], after: dict[str, str]) -> dict[str, list[str]]:
    """Field by field [from, to]; an empty list where the content is not kept."""
    return {
        field: [] if field in UNQUOTED else [before[field], after[field]]
        for field in before
        if before[field] != after[field]
    }
