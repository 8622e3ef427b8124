"""Reading presence."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, select
from sqlalchemy.orm import joinedload

from interact_events.accounts.models import User
from interact_events.attendance.models import Closing, Correction, NoShow, Presence
from interact_events.attendance.rules import Spans, from_json
from interact_events.core.db import db
from interact_events.core.words import folded
from interact_events.events.models import Event, Session
from interact_events.registrations.models import Registration, SessionChoice, State


def session_of(event: Event, session_id: int) -> Session | None:
    """A session of the event that takes place."""
    return next((session for session in event.agenda if session.id == session_id), None)


def registration_of(event: Event, registration_id: int) -> Registration | None:
    """A registration for the event, in whatever state."""
    return db.session.scalar(
        select(Registration).where(
            Registration.id == registration_id, Registration.event_id == event.id
        )
    )


def expected(event: Event) -> list[Registration]:
    """The confirmed, by name as an English reader looks for it."""
    rows = db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.state == State.CONFIRMED)
        .options(joinedload(Registration.country))
    )
    return sorted(rows, key=lambda row: (folded(row.name), row.id))


def expected_count(event: Event) -> int:
    """How many are confirmed."""
    return _count(
        select(func.count()).where(
            Registration.event_id == event.id, Registration.state == State.CONFIRMED
        )
    )


def present_in(session: Session) -> set[int]:
    """The confirmed registrations that are ticked for the session."""
    return set(db.session.scalars(_present(Registration.id, session)))


def present_count(session: Session) -> int:
    """How many of the confirmed are ticked for the session."""
    return _count(_present(func.count(), session))


def _present(what: Any, session: Session) -> Select[Any]:
    return (
        select(what)
        .select_from(Presence)
        .join(Presence.registration)
        .where(Presence.session_id == session.id, Registration.state == State.CONFIRMED)
    )


def _count(query: Select[Any]) -> int:
    return db.session.scalar(query) or 0


def presences_of(event: Event) -> dict[int, dict[int, Spans]]:
    """When each registration was where: {registration_id: {session_id: spans}}."""
    return _by_registration(
        select(Presence.registration_id, Presence.session_id, Presence.parts)
        .join(Presence.session)
        .where(Session.event_id == event.id)
    )


def presences_among(registrations: Collection[int]) -> dict[int, dict[int, Spans]]:
    """When each of these was where: {registration_id: {session_id: spans}}."""
    return _by_registration(
        select(Presence.registration_id, Presence.session_id, Presence.parts).where(
            Presence.registration_id.in_(registrations)
        )
    )


def _by_registration(rows: Select[int, int, Any]) -> dict[int, dict[int, Spans]]:
    noted: defaultdict[int, dict[int, Spans]] = defaultdict(dict)
    for registration_id, session_id, parts in db.session.execute(rows):
        noted[registration_id][session_id] = from_json(parts)
    return noted


def presence_of(registration: Registration) -> dict[int, Spans]:
    """When one registration was where: {session_id: spans}."""
    return presences_among([registration.id]).get(registration.id, {})


def presences_at(registration: Registration) -> dict[int, Presence]:
    """What is noted of one registration, with who noted it, by session."""
    rows = db.session.scalars(
        select(Presence)
        .where(Presence.registration_id == registration.id)
        .options(joinedload(Presence.recorded_by).lazyload(User.memberships))
    )
    return {row.session_id: row for row in rows}


def presence(registration: Registration, session: Session) -> Presence | None:
    """What is noted of one registration at one session."""
    return db.session.scalar(
        select(Presence).where(
            Presence.registration_id == registration.id, Presence.session_id == session.id
        )
    )


def corrections_of(registration: Registration) -> Sequence[Correction]:
    """What was corrected of one registration, latest first."""
    return db.session.scalars(
        select(Correction)
        .where(Correction.registration_id == registration.id)
        .options(
            joinedload(Correction.session),
            joinedload(Correction.corrected_by).lazyload(User.memberships),
        )
        .order_by(Correction.id.desc())
    ).all()


# -- the whole event -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Tally:
    """A session, how many were there, and how many were expected."""

    session: Session
    present: int
    expected: int

    @property
    def missing(self) -> int:
        return max(0, self.expected - self.present)


def tallies(event: Event) -> list[Tally]:
    """Each session of the agenda; where people choose, only those are expected who did."""
    rows = db.session.execute(
        select(Presence.session_id, func.count())
        .join(Presence.registration)
        .where(Registration.event_id == event.id, Registration.state == State.CONFIRMED)
        .group_by(Presence.session_id)
    )
    present = dict(list(rows))
    chosen, everybody = _chosen_counts(event), expected_count(event)
    return [
        Tally(
            each,
            present.get(each.id, 0),
            chosen.get(each.id, 0) if each.capacity else everybody,
        )
        for each in event.agenda
    ]


def _chosen_counts(event: Event) -> dict[int, int]:
    rows = db.session.execute(
        select(SessionChoice.session_id, func.count())
        .join(SessionChoice.registration)
        .where(
            Registration.event_id == event.id,
            Registration.state == State.CONFIRMED,
            SessionChoice.left_at.is_(None),
        )
        .group_by(SessionChoice.session_id)
    )
    return dict(list(rows))


def has_presence(event: Event) -> bool:
    """Whether anybody is noted as present at any of its sessions."""
    rows = select(Presence.id).join(Presence.session).where(Session.event_id == event.id)
    return db.session.scalar(rows.limit(1)) is not None


def missing(event: Event) -> Sequence[Registration]:
    """The confirmed of whom neither presence nor absence is noted, in order of arrival."""
    was_there = exists().where(Presence.registration_id == Registration.id)
    is_noted = exists().where(NoShow.registration_id == Registration.id)
    return _people(event, Registration.state == State.CONFIRMED, not_(was_there), not_(is_noted))


def no_shows_at(event: Event) -> Sequence[Registration]:
    """Those who had a seat and were noted as not having come."""
    return _people(event, exists().where(NoShow.registration_id == Registration.id))


def no_show_ids(event: Event) -> set[int]:
    """Their numbers."""
    rows = select(NoShow.registration_id).join(
        Registration, Registration.id == NoShow.registration_id
    )
    return set(db.session.scalars(rows.where(Registration.event_id == event.id)))


def _people(event: Event, *conditions: ColumnElement[bool]) -> Sequence[Registration]:
    return db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, *conditions)
        .options(joinedload(Registration.country), joinedload(Registration.programme))
        .order_by(Registration.id)
    ).all()


# -- closing -------------------------------------------------------------------------------------


def held_open(event: Event) -> datetime | None:
    """When attendance was closed, or nothing: then nobody closes it before the transaction ends."""
    is_closed = and_(Closing.event_id == Event.id, Closing.reopened_at.is_(None))
    return db.session.scalar(
        select(Closing.closed_at)
        .select_from(Event)
        .outerjoin(Closing, is_closed)
        .where(Event.id == event.id)
        .with_for_update(read=True, of=Event)
    )


def closing_of(event: Event) -> Closing | None:
    """What keeps attendance closed."""
    return db.session.scalar(_closings(event).where(Closing.reopened_at.is_(None)))


def closings_of(event: Event) -> Sequence[Closing]:
    """When it was closed and opened again, latest first."""
    return db.session.scalars(_closings(event).order_by(Closing.id.desc())).all()


def _closings(event: Event) -> Select[Closing]:
    return (
        select(Closing)
        .where(Closing.event_id == event.id)
        .options(
            joinedload(Closing.closed_by).lazyload(User.memberships),
            joinedload(Closing.reopened_by).lazyload(User.memberships),
        )
    )
