"""Letting some people register before registration opens to everybody."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select

from interact_events.accounts.actions import on_deletion
from interact_events.accounts.models import User
from interact_events.core import words
from interact_events.core.db import db, insert_new
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.registrations.models import HeadStart
from interact_events.registrations.rules import head_start


def give_head_start(event: Event, people: Iterable[int], days: int, *, now: datetime) -> datetime:
    """Let these people register `days` before everybody else; says from when. The caller holds the
    event, which has just been published."""
    from_at, opens_at = head_start(event.registration_opens_at, now, days)
    if opens_at >= event.closes_at:
        raise DomainError(
            f"Supporters of the idea register {words.count(days, 'day')} before everybody else, so "
            f"registration would open on {words.moment(opens_at, event.zone)}, but it closes on "
            f"{words.moment(event.closes_at, event.zone)}. Give them a shorter head start, or "
            "choose a later closing time."
        )
    event.registration_opens_at = opens_at
    rows = [{"event_id": event.id, "user_id": n, "from_at": from_at} for n in people]
    if rows:
        insert_new([HeadStart.event_id, HeadStart.user_id], rows)
    return from_at


@on_deletion
def forget_head_starts(user: User, _gone: str, _now: datetime) -> None:
    db.session.execute(delete(HeadStart).where(HeadStart.user_id == user.id))


def delete_head_starts(*, now: datetime) -> None:
    """Those of events that are over: nobody has any use of them."""
    over = select(Event.id).where(Event.ends_at <= now)
    db.session.execute(
        delete(HeadStart)
        .where(HeadStart.event_id.in_(over))
        .execution_options(synchronize_session=False)
    )
