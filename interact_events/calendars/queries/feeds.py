"""What long feeds of events depend on."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import defer, joinedload, lazyload, selectinload

from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.interreg.models import Office

# What no entry says is not read.
ENTRIES_ALONE = (
    lazyload(Event.period),
    joinedload(Event.office).lazyload(Office.country),
    defer(Event.description),
    defer(Event.learning_objectives),
    defer(Event.internal_notes),
    defer(Event.search_text),
)


_WITH_ENTRIES = select(Event).options(
    *ENTRIES_ALONE, selectinload(Event.topics), selectinload(Event.sessions)
)


def with_entries(numbers: Sequence[int]) -> Iterable[Event]:
    """The events with whatever their entries say."""
    return db.session.scalars(_WITH_ENTRIES.where(Event.id.in_(numbers))) if numbers else ()


def years() -> tuple[int, int]:
    """From the year of the first event to that of the last one."""
    first = db.session.scalar(select(func.min(Event.starts_at)))
    last = db.session.scalar(select(func.max(Event.ends_at)))
    return (first.year, last.year) if first and last else (2000, 2000)


def last_end(now: datetime) -> datetime | None:
    """When the latest event ended: since then none has left the coming ones."""
    return db.session.scalar(select(func.max(Event.ends_at)).where(Event.ends_at <= now))
