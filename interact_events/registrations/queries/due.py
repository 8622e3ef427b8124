"""What time asks for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    or_,
    select,
)

from interact_events.accounts.models import DELETED, User
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Event, EventState
from interact_events.registrations.models import (
    Registration,
    SeatRules,
    SeatTally,
    State,
)
from interact_events.registrations.queries.event import fresh
from interact_events.registrations.queries.sorts import holds_seat, is_newcomer

TOLD_WITHIN = timedelta(days=7)  # of the start; later nobody needs to hear of it


def events_to_settle(now: datetime) -> Sequence[int]:
    """The numbers of events where time has something to do: an answer is late, a newcomer's
    address got confirmed by another way, a rule changed by itself, the event has begun."""
    late = select(Registration.event_id).where(Registration.answer_by <= now)
    known = (
        select(Registration.event_id)
        .join(User, User.id == Registration.user_id)
        .where(is_newcomer, User.confirmed_at.is_not(None))
    )
    changed = select(SeatRules.event_id).where(SeatRules.settle_at <= now)
    return db.session.scalars(
        select(Event.id)
        .where(
            or_(
                Event.id.in_(late),
                Event.id.in_(known),
                Event.id.in_(changed),
                _has_begun_without(now),
            )
        )
        .order_by(Event.id)
    ).all()


def _has_begun_without(now: datetime) -> ColumnElement[bool]:
    """Somebody waits at an event that has begun, and has not been told so yet."""
    waits = exists().where(Registration.event_id == Event.id, _has_no_seat(now))
    has_begun = Event.starts_at.between(now - TOLD_WITHIN, now)
    return and_(Event.state == EventState.PUBLISHED, has_begun, waits)


LIST_CLOSED = "registrations.list_closed"  # the kind of the mail


def _has_no_seat(now: datetime) -> ColumnElement[bool]:
    """They wait or have applied, and were not told of it within these days; of a decision under way
    they hear by its own mail."""
    is_told = exists().where(
        OutboxMessage.event_id == Registration.event_id,
        OutboxMessage.person_id == Registration.user_id,
        OutboxMessage.kind == LIST_CLOSED,
        OutboxMessage.due_at > now - TOLD_WITHIN,
    )
    return and_(
        ~is_told,
        Registration.state.in_((State.WAITLISTED, State.PENDING)),
        or_(Registration.told_at.is_(None), Registration.told_at <= now),
        Registration.user.has(~User.email.endswith(DELETED)),
    )


def without_seat(event: Event, now: datetime) -> Sequence[Registration]:
    """Who hears, once the event has begun, that no seat became theirs."""
    return fresh(event, _has_no_seat(now))


def events_not_counted() -> Sequence[Event]:
    """Events at which people have seats, but no seats are counted."""
    held = select(Registration.event_id).where(holds_seat)
    return db.session.scalars(
        select(Event)
        .where(Event.id.in_(held), Event.id.not_in(select(SeatTally.event_id)))
        .order_by(Event.id)
    ).all()


def newcomers_confirmed(event: Event, before: datetime) -> Sequence[Registration]:
    """Newcomers whose address got confirmed before then by another way, such as a new password."""
    found = fresh(event, is_newcomer)
    return [row for row in found if row.user.confirmed_at and row.user.confirmed_at < before]


def late_answers(event: Event, now: datetime) -> Sequence[Registration]:
    """Those whose time to answer is over, and from the start on whoever has not confirmed."""
    is_late = Registration.answer_by <= now
    return fresh(event, or_(is_late, is_newcomer) if now >= event.starts_at else is_late)


def to_reconfirm(
    event: Event, *, is_online: bool, decided_before: datetime
) -> Sequence[Registration]:
    """Those with a seat in that mode since before the question, who have not been asked yet."""
    return fresh(
        event,
        and_(
            Registration.state == State.CONFIRMED,
            Registration.is_online.is_(is_online),
            Registration.answer_by.is_(None),
            Registration.reconfirmed_at.is_(None),
            Registration.decided_at <= decided_before,
        ),
    )


def not_reconfirmed(event: Event, *, is_online: bool, until: datetime) -> Sequence[Registration]:
    """Those in that mode who were asked to answer until then, at the latest, and have not."""
    return fresh(
        event,
        and_(
            Registration.state == State.CONFIRMED,
            Registration.is_online.is_(is_online),
            Registration.answer_by <= until,
        ),
    )


def asked_to_reconfirm(event: Event) -> Sequence[Registration]:
    """Those with a seat who were asked whether they still come, or have said so."""
    is_asked = or_(Registration.answer_by.is_not(None), Registration.reconfirmed_at.is_not(None))
    return fresh(event, and_(Registration.state == State.CONFIRMED, is_asked))


_TELLS_OF_DELETED = and_(
    Registration.user.has(User.email.endswith(DELETED)), Registration.search_text != ""
)


def events_with_deleted() -> Sequence[int]:
    """The numbers of events that still tell of people whose account is deleted."""
    row = Registration
    return db.session.scalars(
        select(row.event_id).where(_TELLS_OF_DELETED).distinct().order_by(row.event_id)
    ).all()


def registrations_of_deleted(event: Event) -> Sequence[Registration]:
    """What tells of them there."""
    return fresh(event, _TELLS_OF_DELETED)


def needs_to_delete(ended_before: datetime) -> Select[Any]:
    """The keys of needs of events that ended before that."""
    return (
        select(Registration.id)
        .join(Event, Event.id == Registration.event_id)
        .where(Event.ends_at < ended_before)
    )
