"""Noting who had a seat and did not come."""

from datetime import datetime

from sqlalchemy import delete, insert

from interact_events.accounts.models import User
from interact_events.attendance import queries
from interact_events.attendance.actions.presence import check_open
from interact_events.attendance.models import NoShow
from interact_events.core import audit
from interact_events.core.db import db, lock, table_of
from interact_events.core.errors import DomainError
from interact_events.events.models import Event


def note_no_shows(event: Event, *, actor: User, now: datetime) -> int:
    """Everybody with a seat of whom no presence is noted; how many are new."""
    lock(event)  # somebody may be ticked, or the button be pressed, at this moment
    check_open(event)
    if now < event.ends_at:
        raise DomainError("Who did not come is known once the event has ended.")
    if not queries.has_presence(event):
        raise DomainError("Nobody is noted as present yet: note who came first.")
    rows = queries.missing(event)
    if not rows:
        return 0
    values = [{"registration_id": r.id, "noted_at": now, "noted_by_id": actor.id} for r in rows]
    db.session.execute(insert(table_of(NoShow)), values)
    audit.record_all((("no-show noted", row, {}) for row in rows), actor=actor, now=now)
    return len(rows)


def take_back_no_shows(event: Event, *, actor: User, now: datetime) -> int:
    """Forget for all of them that they did not come; how many there were."""
    lock(event)
    check_open(event)
    rows = queries.no_shows_at(event)
    if not rows:
        return 0
    numbers = [row.id for row in rows]
    for at in range(0, len(numbers), 1000):
        chunk = numbers[at : at + 1000]
        db.session.execute(delete(NoShow).where(NoShow.registration_id.in_(chunk)))
    audit.record_all((("no-show taken back", row, {}) for row in rows), actor=actor, now=now)
    return len(rows)
