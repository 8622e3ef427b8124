"""Who wants news, and what is new."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import selectinload

from interact_events.accounts.models import Profile, User
from interact_events.core.db import db
from interact_events.core.outbox import BouncedAddress, is_marked
from interact_events.events.models import Event, EventState
from interact_events.interreg.models import Programme, StakeholderRole
from interact_events.news.models import NewsChoice
from interact_events.news.rules import (
    FIRST_LOOKS_BACK,
    HOUR,
    MOST,
    WEEKDAY,
    Offer,
    Reader,
    Reason,
    is_due,
    news_for,
)
from interact_events.registrations.models import Registration, SeatRules, State
from interact_events.registrations.queries import applicant_of, rules_of, seats_shown

# An event is told of a moment later, when its publication has surely been saved.
SETTLED = timedelta(minutes=2)


def sign_off_token(user_id: int, *, key: str) -> str:
    """The secret in the link that switches news off; it can do nothing else and never ends."""
    return str(URLSafeSerializer(key, salt="news.off").dumps(user_id))


def user_of_off_token(token: str, *, key: str) -> User | None:
    try:
        number = URLSafeSerializer(key, salt="news.off").loads(token)
    except BadData:
        return None
    user = db.session.get(User, number)
    return user if user and not user.is_deleted else None


def choice_of(user: User, *, now: datetime) -> NewsChoice:
    """What they chose; the usual, not yet saved, where they have said nothing."""
    return db.session.get(NewsChoice, user.id) or usual_choice(user.id, now)


def usual_choice(user_id: int, now: datetime) -> NewsChoice:
    return NewsChoice(user_id=user_id, topics=[], offices=[], **usual_values(now))


def usual_values(now: datetime) -> dict[str, Any]:
    return {
        "weekday": WEEKDAY,
        "hour": HOUR,
        "looked_at": now,
        "told_until": now - FIRST_LOOKS_BACK,
        "told_week": "",
    }


# -- who -----------------------------------------------------------------------------------------


def _can_be_told() -> tuple[ColumnElement[bool], ...]:
    bounced = exists().where(BouncedAddress.address == User.email, is_marked)
    return User.wants_news.is_(True), User.confirmed_at.is_not(None), ~bounced


def new_readers() -> Sequence[int]:
    """Who has switched news on and has made no choices: the usual ones are theirs."""
    has_choice = exists().where(NewsChoice.user_id == User.id)
    return db.session.scalars(select(User.id).where(*_can_be_told(), ~has_choice)).all()


def due_readers(now: datetime) -> list[int]:
    """Whose weekly time has come, by number."""
    row = NewsChoice
    rows = db.session.execute(
        select(row.user_id, User.zone, row.weekday, row.hour, row.looked_at, row.told_week)
        .join(User, User.id == row.user_id)
        .where(*_can_be_told())
        .order_by(row.user_id)
    )
    return [
        number
        for number, zone, weekday, hour, looked_at, told_week in rows
        if is_due(
            now,
            zone=zone,
            weekday=weekday,
            hour=hour,
            looked_at=looked_at,
            told_week=told_week,
        )
    ]


def claimed_choices(numbers: Iterable[int]) -> Sequence[NewsChoice]:
    """Their choices, held until the transaction ends; those that another worker has are its."""
    return db.session.scalars(
        select(NewsChoice)
        .where(NewsChoice.user_id.in_(list(numbers)))
        .options(selectinload(NewsChoice.topics), selectinload(NewsChoice.offices))
        .order_by(NewsChoice.user_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()


def readers_numbered(numbers: Iterable[int]) -> dict[int, User]:
    """The people with their profiles, by number."""
    found = db.session.scalars(
        select(User)
        .where(User.id.in_(list(numbers)))
        .options(
            selectinload(User.profiles).joinedload(Profile.programme).lazyload(Programme.strand),
            selectinload(User.profiles)
            .joinedload(Profile.role)
            .selectinload(StakeholderRole.labels),
        )
    )
    return {user.id: user for user in found}


# -- what ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """An event for somebody's mail, and why it is in there."""

    event: Event
    profile: Profile | None  # as which they could register
    topics: list[str]
    is_full: bool  # as everybody may know it


@dataclass(frozen=True)
class Digest:
    """What one mail tells; `more` events are left to the catalogue."""

    items: list[Item]
    more: int = 0


@dataclass(frozen=True)
class NewEvents:
    """What was published and can still be registered for, with its rules as plain data."""

    events: dict[int, Event]
    offers: list[Offer]
    full: frozenset[int]  # the numbers of those without a seat left, as everybody may know it


def new_events(since: datetime, *, now: datetime) -> NewEvents:
    """By time. What opens later is news as well; by invitation only is none."""
    events = db.session.scalars(
        select(Event)
        .where(
            Event.state == EventState.PUBLISHED,
            Event.published_at > since,
            Event.published_at <= now - SETTLED,
            Event.starts_at > now,
            func.coalesce(Event.registration_closes_at, Event.starts_at) > now,
        )
        .options(
            *(
                selectinload(relation)
                for relation in (Event.strands, Event.topics, Event.co_organisers)
            ),
            selectinload(Event.roles).selectinload(StakeholderRole.labels),
        )
        .order_by(Event.starts_at, Event.id)
    ).all()
    settings = _seat_rules(events)
    return NewEvents(
        {event.id: event for event in events},
        [_offer(event, settings.get(event.id)) for event in events],
        frozenset(n for n, shown in seats_shown(events, now).items() if not shown.seats_left),
    )


def _seat_rules(events: Iterable[Event]) -> dict[int, SeatRules]:
    numbers = [event.id for event in events]
    rows = db.session.scalars(select(SeatRules).where(SeatRules.event_id.in_(numbers)))
    return {row.event_id: row for row in rows}


def _offer(event: Event, settings: SeatRules | None) -> Offer:
    roles = frozenset(role.id for role in event.roles)
    strands = frozenset(strand.id for strand in event.strands)
    assert event.published_at  # the query asks for it
    return Offer(
        number=event.id,
        published_at=event.published_at,
        rules=rules_of(event, settings or SeatRules.usual(event.id), (roles, strands)),
        topics=frozenset(topic.id for topic in event.topics),
        offices=frozenset({event.office_id, *(office.id for office in event.co_organisers)}),
    )


def places_of(numbers: Iterable[int], events: Iterable[int]) -> dict[int, set[int]]:
    """At which of these events each person has a place or has been declined."""
    rows = db.session.execute(
        select(Registration.user_id, Registration.event_id).where(
            Registration.user_id.in_(list(numbers)),
            Registration.event_id.in_(list(events)),
            Registration.state != State.CANCELLED,
        )
    )
    found: dict[int, set[int]] = defaultdict(set)
    for user_id, event_id in rows:
        found[user_id].add(event_id)
    return found


def digest_for(user: User, choice: NewsChoice, new: NewEvents, known: Iterable[int]) -> Digest:
    """What the person's next mail tells."""
    reader = Reader(
        since=choice.told_until,
        capacities=tuple(applicant_of(profile) for profile in user.profiles),
        topics=frozenset(topic.id for topic in choice.topics),
        offices=frozenset(office.id for office in choice.offices),
        known=frozenset(known),
    )
    found = news_for(new.offers, reader)
    items = [_item(user, choice, new, n, why) for n, why in found.items()]
    return Digest(items[:MOST], len(items[MOST:]))


def _item(user: User, choice: NewsChoice, new: NewEvents, number: int, why: Reason) -> Item:
    return Item(
        event=new.events[number],
        profile=None if why.capacity is None else user.profiles[why.capacity],
        topics=[topic.name for topic in choice.topics if topic.id in why.topics],
        is_full=number in new.full,
    )


def next_digest(user: User, choice: NewsChoice, *, now: datetime) -> Digest:
    """What the mail would tell if it went now."""
    reader = readers_numbered([user.id])[user.id]
    new = new_events(choice.told_until, now=now)
    known = places_of([user.id], new.events).get(user.id, set())
    return digest_for(reader, choice, new, known)
