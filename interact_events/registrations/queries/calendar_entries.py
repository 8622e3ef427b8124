"""What people were sent of their calendars."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select

from interact_events.accounts.models import DELETED, User
from interact_events.core.db import db
from interact_events.core.itip import Held
from interact_events.events.models import Event, EventState
from interact_events.registrations.models import CalendarEntry, Registration, State
from interact_events.registrations.queries.event import fresh

MOST_AT_ONCE = 500  # numbers of people in one statement; of more all of the event's rows are read


def entries_held(
    event: Event, people: Collection[int], now: datetime
) -> dict[int, dict[str, Held]]:
    """What these people were sent of the event, by their number and the UID; one query."""
    which = [CalendarEntry.event_id == event.id]
    if len(people) <= MOST_AT_ONCE:
        which.append(CalendarEntry.user_id.in_(people))
    found: dict[int, dict[str, Held]] = defaultdict(dict)
    for row in _entries(*which):
        found[row.user_id][row.uid] = row.held(now)
    return found


def entries_of(user: User) -> dict[int, list[CalendarEntry]]:
    """Everything that one person was sent, by event."""
    found: dict[int, list[CalendarEntry]] = defaultdict(list)
    for row in _entries(CalendarEntry.user_id == user.id):
        found[row.event_id].append(row)
    return found


def untold_entries(event: Event, people: Collection[int], now: datetime) -> Sequence[CalendarEntry]:
    """What waits to be sent to them, and may be taken back."""
    return _entries(
        CalendarEntry.event_id == event.id,
        CalendarEntry.user_id.in_(people),
        CalendarEntry.told_at > now,
    )


def _entries(*which: ColumnElement[bool]) -> Sequence[CalendarEntry]:
    """As they are now: they are written past the session."""
    query = select(CalendarEntry).where(*which).execution_options(populate_existing=True)
    return db.session.scalars(query).all()


def events_to_compare(now: datetime, still_for: timedelta) -> Sequence[int]:
    """The numbers of events that have changed since people's calendars were compared with them,
    and have been left alone `still_for` so long."""
    behind = exists().where(
        CalendarEntry.event_id == Event.id,
        CalendarEntry.checked_at < Event.revised_at,
        CalendarEntry.told_at <= now,
    )
    return db.session.scalars(
        select(Event.id)
        .where(
            Event.state == EventState.PUBLISHED,
            Event.ends_at > now,
            Event.revised_at <= now - still_for,
            behind,
        )
        .order_by(Event.id)
    ).all()


def people_with_entries(event: Event, now: datetime) -> Sequence[Registration]:
    """Those with a seat, who know of it, to whom entries of the event were sent."""
    sent = exists().where(
        CalendarEntry.event_id == event.id,
        CalendarEntry.user_id == Registration.user_id,
        CalendarEntry.told_at <= now,
    )
    has_address = Registration.user.has(~User.email.endswith(DELETED))
    return fresh(event, (Registration.state == State.CONFIRMED) & sent & has_address)
