"""People check themselves in: by the code in the room, and by joining online."""

import secrets
from datetime import datetime
from typing import Never

from interact_events.accounts.models import User
from interact_events.attendance import queries
from interact_events.attendance.actions.presence import check_open, note
from interact_events.attendance.models import RoomCode
from interact_events.attendance.rules import BEFORE_START, Source, from_arrival, takes_arrivals
from interact_events.core import audit, words
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.events.models import Session
from interact_events.registrations.models import Registration, State
from interact_events.registrations.queries import choices_by

# -- the code in the room ------------------------------------------------------------------------


def start_room_code(session: Session, *, actor: User, now: datetime) -> RoomCode:
    """Show a code for the session; one that was shown before is of no use any more."""
    check_open(session.event)
    lock(session)  # two presses start one code
    code = queries.room_code(session) or RoomCode(session_id=session.id)
    code.secret = secrets.token_urlsafe(32)
    code.opened_at, code.opened_by_id, code.closed_at = now, actor.id, None
    db.session.add(code)
    audit.record("room code started", session, actor=actor, now=now)
    return code


def stop_room_code(session: Session, *, actor: User, now: datetime) -> bool:
    """Take no more check-ins by the code. Whether it was open."""
    code = queries.room_code(session)
    if code is None or not code.is_open:
        return False
    code.closed_at = now
    audit.record("room code stopped", session, actor=actor, now=now)
    return True


# -- arriving ------------------------------------------------------------------------------------


def check_arrival(
    registration: Registration | None, session: Session, arrived_at: datetime, *, now: datetime
) -> None:
    """Refuse in the person's own words; what stands in the way may change until they press."""
    event = session.event
    if registration is None:
        raise DomainError(f"You are not registered for “{event.title}”.")
    if registration.state_shown(now) is not State.CONFIRMED:
        _refuse_seatless(registration, now)
    if event.is_cancelled:
        raise DomainError(f"“{event.title}” is cancelled.")
    if queries.closing_of(event):
        raise DomainError(f"Attendance of “{event.title}” is closed. Ask {event.office.name}.")
    if not takes_arrivals(session, arrived_at):
        _refuse_time(session, arrived_at)


WITHOUT_SEAT = {
    State.WAITLISTED: "You are on the waiting list for “{}” and have no seat yet.",
    State.PENDING: "You have applied for “{}” and have no seat yet.",
    State.OFFERED: "A seat at “{}” is offered to you: accept it first.",
    State.UNCONFIRMED: "Your registration for “{}” is not confirmed yet.",
    State.DECLINED: "You have no seat at “{}”.",
    State.CANCELLED: "Your registration for “{}” is cancelled.",
}


def _refuse_seatless(registration: Registration, now: datetime) -> Never:
    said = WITHOUT_SEAT[registration.state_shown(now)].format(registration.event.title)
    raise DomainError(f"{said} If you are here all the same, go to the check-in desk.")


def _refuse_time(session: Session, at: datetime) -> Never:
    if at >= session.ends_at:
        raise DomainError(f"“{session.title}” has ended, so nobody can check in any more.")
    opens_at = words.moment(session.starts_at - BEFORE_START, session.event.zone)
    raise DomainError(f"You can check in for “{session.title}” from {opens_at}.")


def arrive(
    registration: Registration | None,
    session: Session,
    *,
    arrived_at: datetime,
    actor: User,
    now: datetime,
) -> bool:
    """By the code in the room, at the moment when they had it before them. Whether it was news."""
    check_arrival(registration, session, arrived_at, now=now)
    assert registration  # check_arrival() has refused otherwise
    return note(
        registration,
        session,
        spans=from_arrival(session, arrived_at),
        source=Source.ROOM_CODE,
        actor=actor,
        now=now,
    )


def join(registration: Registration, *, now: datetime) -> list[Session]:
    """By the joining link: whatever runs or starts soon. Which of it was news."""
    return [
        session
        for session in to_join(registration, now)
        if note(
            registration,
            session,
            spans=from_arrival(session, now),
            source=Source.JOIN_LINK,
            actor=registration.user,
            now=now,
        )
    ]


def to_join(registration: Registration, now: datetime) -> list[Session]:
    """What joining at that moment counts for."""
    return [each for each in _joinable(registration) if takes_arrivals(each, now)]


def next_to_join(registration: Registration, now: datetime) -> Session | None:
    """The first that starts later."""
    return next((each for each in _joinable(registration) if each.starts_at > now), None)


def _joinable(registration: Registration) -> list[Session]:
    """By time; no breaks, and no session with seats that they have not chosen."""
    event = registration.event
    chosen = choices_by(registration) if event.chosen_sessions else set()
    return [
        session
        for session in event.agenda
        if session.is_learning and (not session.capacity or session.id in chosen)
    ]
