"""One person's registrations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.orm import contains_eager, joinedload, lazyload, undefer

from interact_events.accounts.models import User
from interact_events.accounts.rules import CONFIRM_WITHIN
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.events.models import (
    Event,
    EventState,
)
from interact_events.events.queries import PUBLIC_EVENT
from interact_events.interreg.models import Office, Programme
from interact_events.registrations.models import (
    Needs,
    Registration,
    SeatRules,
    State,
)
from interact_events.registrations.queries.sorts import ACTIVE, WHOLE_LINE, is_newcomer, is_waiting

_STANDING = select(Registration).where(
    Registration.event_id == bindparam("event_id"),
    Registration.user_id == bindparam("user_id"),
    Registration.state != State.CANCELLED,
)


def standing_registration(event: Event, user: User) -> Registration | None:
    """Their registration for the event, declined ones included, cancelled ones not."""
    return db.session.scalar(_STANDING, {"event_id": event.id, "user_id": user.id})


@dataclass(frozen=True)
class Opening:
    """What whoever wants to register finds: the event, what it asks, and the number of the
    registration that they have already."""

    event: Event
    settings: SeatRules
    standing: int | None


# At an opening everybody asks for this at once, so it is one statement that is made once.
_OPENING = (
    PUBLIC_EVENT.add_columns(SeatRules, Registration.id)
    .outerjoin(SeatRules, SeatRules.event_id == Event.id)
    .outerjoin(
        Registration,
        and_(
            Registration.event_id == Event.id,
            Registration.user_id == bindparam("user_id"),
            Registration.state != State.CANCELLED,
        ),
    )
)


def opening_of(slug: str, user: User | None) -> Opening | None:
    """The public event of that address, as that person finds it."""
    asked = {"slug": slug, "user_id": user.id if user else None}
    row = db.session.execute(_OPENING, asked).one_or_none()
    if row is None:
        return None
    event, settings, standing = row
    return Opening(event, settings or SeatRules.usual(event.id), standing)


_SEAT_AT = (
    select(Registration.id)
    .where(
        Registration.event_id == bindparam("event_id"),
        Registration.user_id == bindparam("user_id"),
        Registration.state == State.CONFIRMED,
        or_(Registration.told_at.is_(None), Registration.told_at <= bindparam("now")),
    )
    .limit(1)
)


def lacks_earlier_seat(settings: SeatRules, user_id: int, now: datetime) -> bool:
    """Whether another event comes first and they have no seat there, as far as they know."""
    if settings.after_event_id is None:
        return False
    asked = {"event_id": settings.after_event_id, "user_id": user_id, "now": now}
    return db.session.scalar(_SEAT_AT, asked) is None


def event_before(event: Event) -> Event | None:
    """The one at which people have a seat before they register."""
    first = select(SeatRules.after_event_id).where(SeatRules.event_id == event.id)
    return db.session.scalar(select(Event).where(Event.id == first.scalar_subquery()))


def numbers_before(event: Event) -> set[int]:
    """Of all events that come before it: the one that does, the one before that, and so on."""
    found: set[int] = set()
    number = _number_before(event.id)
    while number is not None and number not in found:
        found.add(number)
        number = _number_before(number)
    return found


def _number_before(number: int) -> int | None:
    return db.session.scalar(select(SeatRules.after_event_id).where(SeatRules.event_id == number))


_OWN = (
    select(Registration)
    .where(Registration.id == bindparam("number"), Registration.user_id == bindparam("user_id"))
    .options(
        joinedload(Registration.event, innerjoin=True).options(
            joinedload(Event.office, innerjoin=True).lazyload(Office.country),
            lazyload(Event.period),
            undefer(Event.has_choice),
        ),
        joinedload(Registration.programme).lazyload(Programme.strand),
        joinedload(Registration.country, innerjoin=True),
        joinedload(Registration.seat_rules),  # where they wait, their page asks for them
        undefer(Registration.has_needs),
    )
)


def own_registration(user: User, registration_id: int) -> Registration | None:
    return db.session.scalar(_OWN, {"number": registration_id, "user_id": user.id})


# In a line counts who is known to be in it; whom a secret decision put there is not, for a while.
_IS_KNOWN = or_(Registration.told_at.is_(None), Registration.told_at <= bindparam("known_at"))
_ALWAYS = datetime.max.replace(tzinfo=UTC)


def _place(*within: ColumnElement[bool]) -> ColumnElement[int]:
    before = (
        select(Registration.id)
        .where(
            Registration.event_id == bindparam("event_id"),
            Registration.id < bindparam("number"),
            is_waiting,
            _IS_KNOWN,
            *within,
        )
        .limit(WHOLE_LINE - 1)
    )
    return select(func.count() + 1).select_from(before.subquery()).scalar_subquery()


_PLACES = select(_place(), _place(Registration.programme_id == bindparam("programme_id")))


def place_in_line(registration: Registration, known_at: datetime = _ALWAYS) -> tuple[int, int]:
    """1 for the first one waiting, of all and of those of the same programme; WHOLE_LINE at the
    most. As people know it at that instant."""
    who = {
        "event_id": registration.event_id,
        "number": registration.id,
        "known_at": known_at,
        "programme_id": registration.programme_id,
    }
    whole, of_programme = db.session.execute(_PLACES, who).one()
    return whole, of_programme


def needs_of(registration: Registration) -> Needs | None:
    return db.session.get(Needs, registration.id)


@dataclass(frozen=True)
class Mine:
    """A person's registrations as /my/ shows them."""

    coming: list[Registration]
    undecided: list[Registration]
    past: list[Registration]


def registrations_of(user: User, now: datetime) -> Mine:
    """Seats they have by time, what is still open, and what is over or ended, latest first; what
    ended before they came in anew, or as somebody else's successor, is left out."""
    rows = db.session.scalars(
        select(Registration)
        .join(Registration.event)
        .where(Registration.user_id == user.id)
        .options(contains_eager(Registration.event))
        .order_by(Event.starts_at, Registration.id)
    ).all()
    stands = {row.event_id for row in rows if row.state is not State.CANCELLED}
    rows = [r for r in rows if r.state is not State.CANCELLED or r.event_id not in stands]
    ahead = [
        row
        for row in rows
        if row.event.ends_at > now and not row.event.is_cancelled and row.state_shown(now) in ACTIVE
    ]
    return Mine(
        coming=[row for row in ahead if row.state_shown(now) is State.CONFIRMED],
        undecided=[row for row in ahead if row.state_shown(now) is not State.CONFIRMED],
        past=[row for row in reversed(rows) if row not in ahead],
    )


def left_from(rows: Iterable[Registration]) -> dict[int, State]:
    """Where those stood, as far as they knew, who have left by themselves."""
    mine = {row.id: row.user_id for row in rows if row.state is State.CANCELLED}
    entries = db.session.execute(
        select(AuditEntry.subject_id, AuditEntry.actor_id, AuditEntry.changes)
        .where(
            AuditEntry.subject_type == Registration.__tablename__,
            AuditEntry.subject_id.in_(list(mine)),
            AuditEntry.action == State.CANCELLED,
        )
        .order_by(AuditEntry.id)
    ).all()
    return {
        number: State(changes.get("known", changes["from"]))
        for number, actor_id, changes in entries
        if actor_id == mine[number]
    }


def own_states(user: User, found: Iterable[Event], now: datetime) -> dict[int, State]:
    """Where the person stands at those events that they are part of, by the event's number."""
    rows = db.session.scalars(
        select(Registration).where(
            Registration.user_id == user.id,
            Registration.event_id.in_([event.id for event in found]),
        )
    )
    return {row.event_id: shown for row in rows if (shown := row.state_shown(now)) in ACTIVE}


def places_in_line(rows: Iterable[Registration], known_at: datetime = _ALWAYS) -> dict[int, int]:
    """The place in line of each that waits, by one query."""
    waiting = [row for row in rows if row.is_waiting]
    if not waiting:
        return {}
    ranked = (
        select(
            Registration.id,
            func.rank()
            .over(partition_by=Registration.event_id, order_by=Registration.id)
            .label("place"),
        )
        .where(
            Registration.event_id.in_([row.event_id for row in waiting]),
            is_waiting,
            _IS_KNOWN,
        )
        .subquery()
    )
    mine = select(ranked).where(ranked.c.id.in_([row.id for row in waiting]))
    return dict(iter(db.session.execute(mine, {"known_at": known_at})))


def missed_by(user: User, now: datetime) -> Sequence[Registration]:
    """What a newcomer has lately registered for and not confirmed before it began, released already
    or not yet."""
    is_released = and_(
        Registration.state == State.CANCELLED,
        Registration.decided_at >= Event.starts_at,
        Registration.submitted_at > now - CONFIRM_WITHIN,
        Registration.nominated_by_id.is_(None),
    )
    return db.session.scalars(
        select(Registration)
        .join(Registration.event)
        .where(
            Registration.user_id == user.id,
            or_(is_newcomer, is_released),
            Event.state == EventState.PUBLISHED,
            Event.starts_at <= now,
        )
        .options(contains_eager(Registration.event))
        .order_by(Registration.event_id)
    ).all()


def unconfirmed_of(user: User) -> Sequence[Registration]:
    """What a newcomer still has to confirm, in the order in which events are locked."""
    return db.session.scalars(
        select(Registration)
        .join(Registration.event)
        .where(
            Registration.user_id == user.id,
            is_newcomer,
            Event.state == EventState.PUBLISHED,
        )
        .options(contains_eager(Registration.event))
        .order_by(Registration.event_id)
    ).all()
