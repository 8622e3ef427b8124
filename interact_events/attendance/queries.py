"""Reading presence."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from interact_events.attendance.models import Presence
from interact_events.core.db import db
from interact_events.core.words import folded
from interact_events.events.models import Event, Session
from interact_events.registrations.models import Registration, State


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


def presences_of(event: Event) -> dict[int, set[int]]:
    """The sessions that each registration is ticked for: {registration_id: {session_id, …}}."""
    rows = db.session.execute(
        select(Presence.registration_id, Presence.session_id)
        .join(Presence.session)
        .where(Session.event_id == event.id)
    )
    ticked: defaultdict[int, set[int]] = defaultdict(set)
    for registration_id, session_id in rows:
        ticked[registration_id].add(session_id)
    return ticked


def sessions_ticked(registration: Registration) -> Sequence[int]:
    """The sessions that one registration is ticked for."""
    return db.session.scalars(
        select(Presence.session_id).where(Presence.registration_id == registration.id)
    ).all()
