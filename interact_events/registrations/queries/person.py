"""One person's registrations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    func,
    select,
)
from sqlalchemy.orm import contains_eager, joinedload

from interact_events.accounts.models import User
from interact_events.core.db import db
from interact_events.events.models import (
    Event,
    EventState,
)
from interact_events.interreg.models import Programme
from interact_events.registrations.models import (
    Needs,
    Registration,
    State,
)
from interact_events.registrations.queries.sorts import ACTIVE, WHOLE_LINE, is_newcomer, is_waiting


def standing_registration(event: Event, user: User) -> Registration | None:
    """Their registration for the event, declined ones included, cancelled ones not."""
    return db.session.scalar(
        select(Registration).where(
            Registration.event_id == event.id,
            Registration.user_id == user.id,
            Registration.state != State.CANCELLED,
        )
    )


def own_registration(user: User, registration_id: int) -> Registration | None:
    return db.session.scalar(
        select(Registration)
        .where(Registration.id == registration_id, Registration.user_id == user.id)
        .options(
            joinedload(Registration.event),
            joinedload(Registration.programme).lazyload(Programme.strand),
            joinedload(Registration.country),
        )
    )


def place_in_line(registration: Registration, *, programme: int | None = None) -> int:
    """1 for the first one waiting, among those of the programme if one is given; WHOLE_LINE at
    the most."""
    before = (
        select(Registration.id)
        .where(
            Registration.event_id == registration.event_id,
            Registration.id < registration.id,
            is_waiting,
        )
        .limit(WHOLE_LINE - 1)
    )
    if programme:
        before = before.where(Registration.programme_id == programme)
    return (db.session.scalar(select(func.count()).select_from(before.subquery())) or 0) + 1


def needs_of(registration: Registration) -> Needs | None:
    return db.session.get(Needs, registration.id)


@dataclass(frozen=True)
class Mine:
    """A person's registrations as /my/ shows them."""

    coming: list[Registration]
    undecided: list[Registration]
    past: list[Registration]


def registrations_of(user: User, now: datetime) -> Mine:
    """Seats they have by time, what is still open, and what is over or ended, latest first."""
    rows = db.session.scalars(
        select(Registration)
        .join(Registration.event)
        .where(Registration.user_id == user.id)
        .options(contains_eager(Registration.event))
        .order_by(Event.starts_at, Registration.id)
    ).all()
    ahead = [row for row in rows if row.event.ends_at > now and row.state_shown(now) in ACTIVE]
    return Mine(
        coming=[row for row in ahead if row.state_shown(now) is State.CONFIRMED],
        undecided=[row for row in ahead if row.state_shown(now) is not State.CONFIRMED],
        past=[row for row in reversed(rows) if row not in ahead],
    )


def places_in_line(rows: Iterable[Registration]) -> dict[int, int]:
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
        .where(Registration.event_id.in_([row.event_id for row in waiting]), is_waiting)
        .subquery()
    )
    mine = select(ranked).where(ranked.c.id.in_([row.id for row in waiting]))
    return dict(iter(db.session.execute(mine)))


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
