"""Reading what lets people check themselves in: codes, and whose they are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from interact_events.accounts.models import User
from interact_events.attendance.models import RoomCode
from interact_events.core.db import db
from interact_events.events.models import Event, Session
from interact_events.registrations.models import Registration, State
from interact_events.registrations.queries import Purpose, number_of_token

SCAN_LASTS = timedelta(minutes=10)  # long enough to sign in


# -- personal codes ------------------------------------------------------------------------------


def registration_of_code(purpose: Purpose, token: str, *, key: str) -> Registration | None:
    """Whose personal code it is, in whatever state."""
    number = number_of_token(purpose, token, key=key)
    if number is None:
        return None
    return db.session.scalar(
        select(Registration)
        .where(Registration.id == number)
        .options(
            joinedload(Registration.event, innerjoin=True),
            joinedload(Registration.country),
            joinedload(Registration.programme),
        )
    )


def latest_registration(user: User, event: Event) -> Registration | None:
    """The one that stands; else the one cancelled last."""
    is_over = Registration.state == State.CANCELLED
    return db.session.scalar(
        select(Registration)
        .where(Registration.user_id == user.id, Registration.event_id == event.id)
        .order_by(is_over, Registration.id.desc())
        .limit(1)
    )


# -- codes of rooms ------------------------------------------------------------------------------


def room_code(session: Session) -> RoomCode | None:
    """The session's code, open or not."""
    return db.session.get(RoomCode, session.id)


def room_code_shown(token: str, now: datetime) -> RoomCode | None:
    """The open code whose screen shows the token."""
    number = token.partition("-")[0]
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    found = db.session.scalar(_open_codes().where(RoomCode.session_id == int(number)))
    return found if found and found.has_shown(token, now) else None


def room_code_spoken(user: User, typed: str, now: datetime) -> RoomCode | None:
    """The open code that was read out, among those of the events where the user has a seat."""
    own = select(Registration.event_id).where(
        Registration.user_id == user.id, Registration.state == State.CONFIRMED
    )
    codes = db.session.scalars(_open_codes().where(Session.event_id.in_(own)))
    return next((code for code in codes if code.has_spoken(typed, now)), None)


def _open_codes() -> Select[RoomCode]:
    return (
        select(RoomCode)
        .join(RoomCode.session)
        .join(Session.event)
        .where(RoomCode.closed_at.is_(None), Session.cancelled_at.is_(None))
        .options(contains_eager(RoomCode.session).contains_eager(Session.event))
    )


@dataclass(frozen=True)
class Scan:
    """Somebody's browser had a room's code before it, at that moment."""

    session: Session
    at: datetime


def sign_scan(code: RoomCode, at: datetime, *, key: str) -> str:
    """What the browser keeps while its owner signs in."""
    return str(_scans(key).dumps([code.session_id, code.opened_at.isoformat(), at.isoformat()]))


def scan_of_token(token: str, *, key: str, now: datetime) -> Scan | None:
    """None when it is forged, too old, or the code was stopped or started anew since."""
    try:
        session_id, opened_at, at = _scans(key).loads(token)
    except (BadData, ValueError, TypeError):
        return None
    scanned_at = datetime.fromisoformat(at)
    if now >= scanned_at + SCAN_LASTS:
        return None
    code = db.session.scalar(_open_codes().where(RoomCode.session_id == session_id))
    if code is None or code.opened_at.isoformat() != opened_at:
        return None
    return Scan(code.session, scanned_at)


def _scans(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="attendance.scan")
