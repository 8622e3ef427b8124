"""Ticking presence, and taking a tick back."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from interact_events.accounts.models import User
from interact_events.attendance.models import Presence
from interact_events.core import audit
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Session
from interact_events.registrations.models import Registration, State


def tick(
    registration: Registration, session: Session, *, present: bool, actor: User, now: datetime
) -> bool:
    """Note that somebody is, or is not, at a session. Whether that was news.

    Doing the same twice is harmless: two desks may tick one person.
    """
    if registration.event_id != session.event_id:
        raise DomainError("That session belongs to another event.")
    if registration.state is not State.CONFIRMED:
        raise DomainError(
            f"{registration.name} has no confirmed seat ({registration.state.label.lower()})."
        )
    change = _add if present else _remove
    is_news = change(registration, session, actor, now)
    if is_news:
        action = "ticked" if present else "unticked"
        audit.record(action, registration, actor=actor, now=now, session_id=session.id)
    return is_news


def _add(registration: Registration, session: Session, actor: User, now: datetime) -> bool:
    """The unique constraint decides between two desks; the later one learns that it is done."""
    try:
        with db.session.begin_nested():
            db.session.add(
                Presence(
                    registration_id=registration.id,
                    session_id=session.id,
                    recorded_at=now,
                    recorded_by_id=actor.id,
                )
            )
    except IntegrityError:
        return False
    return True


def _remove(registration: Registration, session: Session, _actor: User, _now: datetime) -> bool:
    gone = db.session.execute(
        delete(Presence)
        .where(Presence.registration_id == registration.id, Presence.session_id == session.id)
        .returning(Presence.id)
    )
    return gone.first() is not None
