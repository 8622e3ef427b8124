"""What a move meets: other events, and what somebody else has changed meanwhile."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from interact_events.accounts.models import User
from interact_events.calendars.rules.days import span_of
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.events.models import Event, EventState
from interact_events.events.queries import HistoryEntry, history_entry
from interact_events.planning.rules import stands_in, week_of

ABOUT_EVENTS = AuditEntry.subject_type == Event.__tablename__


def events_around(event: Event, first: date, last: date) -> Sequence[Event]:
    """The others that are planned in the weeks of these days."""
    begin, finish = week_of(first).first, week_of(last).last
    start, end = span_of([begin, finish])
    found = db.session.scalars(
        select(Event)
        .where(
            Event.id != event.id,
            Event.state != EventState.CANCELLED,
            ~Event.is_template,
            Event.ends_at > start,
            Event.starts_at < end,
        )
        .options(selectinload(Event.topics))
        .order_by(Event.starts_at, Event.id)
    )
    return [each for each in found if stands_in(each, begin, finish)]


def latest_entry(event: Event) -> int:
    """The number of the latest line of its history."""
    newest = select(func.max(AuditEntry.id)).where(ABOUT_EVENTS, AuditEntry.subject_id == event.id)
    return db.session.scalar(newest) or 0


def changed_after(event: Event, entry_id: int) -> list[HistoryEntry]:
    """What was done to it after that line, oldest first."""
    rows = db.session.execute(
        select(AuditEntry, User.name)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .where(ABOUT_EVENTS, AuditEntry.subject_id == event.id, AuditEntry.id > entry_id)
        .order_by(AuditEntry.id)
    )
    return [history_entry(entry, name) for entry, name in rows]
