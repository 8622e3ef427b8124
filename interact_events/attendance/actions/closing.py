"""Closing an event's attendance, and opening it again."""

from datetime import datetime

from interact_events.accounts.models import User
from interact_events.attendance import queries
from interact_events.attendance.actions.presence import reason_in
from interact_events.attendance.models import Closing
from interact_events.core import audit
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.events.actions import refuse_cancelled
from interact_events.events.models import Event


def close_attendance(event: Event, *, actor: User | None, now: datetime) -> bool:
    """Nothing of who was there changes from now on. Whether that is news."""
    lock(event)  # ticks hold it shared: those under way end first
    refuse_cancelled(event)
    if now < event.ends_at:
        raise DomainError("Attendance can be closed once the event has ended.")
    if queries.closing_of(event):
        return False
    db.session.add(
        Closing(event_id=event.id, closed_at=now, closed_by_id=actor.id if actor else None)
    )
    audit.record("attendance closed", event, actor=actor, now=now)
    return True


def reopen_attendance(event: Event, *, reason: str, actor: User, now: datetime) -> None:
    """Let staff note and correct again; the reason stays."""
    lock(event)
    why = reason_in(reason, "Say why it has to change after all.")
    closing = queries.closing_of(event)
    if closing is None:
        raise DomainError("Attendance is open already.")
    closing.reopened_at, closing.reopened_by_id, closing.reason = now, actor.id, why
    audit.record("attendance reopened", event, actor=actor, now=now, reason=why)
