"""Events whose days are far ahead, whatever the day is on which tests run."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from interact_events.accounts.models import User
from interact_events.core import clock
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Event, EventState
from tests import make

NASTY = 'Ζωή "Žižka" <b>O\'Neil</b>'


def monday(weeks: int = 26) -> date:
    day = clock.now().date() + timedelta(weeks=weeks)
    return day - timedelta(days=day.weekday())


def on(day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), UTC)


def event(title: str = "Lump sums", day: date | None = None, days: int = 1, **values: Any) -> Event:
    """Published, from nine o'clock (UTC) on that day, a Monday half a year ahead."""
    day = day or monday()
    last = day + timedelta(days=days - 1)
    usual: dict[str, Any] = {"starts_at": on(day), "ends_at": on(last, 14)}
    return make.event(title, **(usual | values))


def draft(title: str = "A draft", day: date | None = None, **values: Any) -> Event:
    return event(title, day, state=EventState.DRAFT, published_at=None, **values)


def first_day(of: Event) -> date:
    return to_local(of.starts_at, of.zone).date()


def mails() -> list[tuple[str, str]]:
    """Kind and address of every mail, in order."""
    rows = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    return [(row.kind, row.to_address) for row in rows]


def addresses(*people: User) -> list[str]:
    return sorted(person.email for person in people)
