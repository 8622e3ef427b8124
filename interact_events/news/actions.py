"""Choosing what to hear of, telling it, and switching it off."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from interact_events.accounts.actions import choose_news, on_news_off, recipient
from interact_events.accounts.models import DELETED, User
from interact_events.core import audit, outbox
from interact_events.core.db import db, insert_new
from interact_events.core.outbox import OutboxMessage, Posting
from interact_events.interreg.models import Office, Topic
from interact_events.news import emails, queries
from interact_events.news.models import NewsChoice
from interact_events.news.queries import SETTLED, Digest
from interact_events.news.rules import FIRST_LOOKS_BACK, is_due, week_of

KIND = "news.digest"
FRESH_FOR = timedelta(days=5)  # then the next mail is nearer


def save_choice(
    user: User,
    *,
    wants_news: bool,
    topics: Sequence[Topic],
    offices: Sequence[Office],
    weekday: int,
    hour: int,
    now: datetime,
) -> None:
    """What the person wants to hear of, and when."""
    choice = queries.choice_of(user, now=now)
    db.session.add(choice)
    if (weekday, hour, True) != (choice.weekday, choice.hour, user.wants_news):
        choice.looked_at = now  # a time that has passed was another's
    _switch(user, wants_news, now)
    choice.topics, choice.offices = list(topics), list(offices)
    choice.weekday, choice.hour = weekday, hour
    audit.record("news_chosen", user, actor=user, now=now, weekday=weekday, hour=hour)


def switch_off(user: User, *, now: datetime) -> None:
    """By the link in the mail, once or again; what has not left yet stays here."""
    _switch(user, False, now)


def _switch(user: User, wants_news: bool, now: datetime) -> None:
    if user.wants_news == wants_news:
        return
    choose_news(user, wants_news=wants_news)
    done = "news_switched_on" if wants_news else "news_switched_off"
    audit.record(done, user, actor=user, now=now)


@on_news_off
def cancel_digest(user: User) -> None:
    """What has not left yet."""
    theirs = (OutboxMessage.person_id == user.id) & (OutboxMessage.kind == KIND)
    outbox.cancel(theirs, why="Its reader has switched news off.")


def plan(*, now: datetime) -> None:
    """The usual choices for who has just switched news on; for who wants none time goes by, so
    that a later change of mind brings no year of events at once. Nothing is kept of who has left.
    """
    gone = select(User.id).where(User.email.endswith(DELETED))
    db.session.execute(delete(NewsChoice).where(NewsChoice.user_id.in_(gone)))
    new = queries.new_readers()
    if new:
        usual = queries.usual_values(now)
        insert_new([NewsChoice.user_id], [{"user_id": number} | usual for number in new])
    idle = select(User.id).where(User.wants_news.is_(False))
    db.session.execute(
        update(NewsChoice)
        .where(NewsChoice.user_id.in_(idle), NewsChoice.looked_at < now - timedelta(days=1))
        .values(looked_at=now, told_until=now - FIRST_LOOKS_BACK)
        .execution_options(synchronize_session=False)
    )


def tell(numbers: Iterable[int], *, now: datetime) -> int:
    """Post the mails of those whose time has come; says how many have something to read."""
    choices = queries.claimed_choices(numbers)
    people = queries.readers_numbered(choice.user_id for choice in choices)
    due = [choice for choice in choices if _is_due(choice, people[choice.user_id], now)]
    since = min((choice.told_until for choice in due), default=now)
    new = queries.new_events(since, now=now)
    places = queries.places_of([choice.user_id for choice in due], new.events)
    postings = []
    for choice in due:
        user = people[choice.user_id]
        told = queries.digest_for(user, choice, new, places.get(user.id, ()))
        choice.looked_at, choice.told_until = now, now - SETTLED
        if told.items:
            choice.told_week = week_of(now, user.zone)
            postings.append(_posting(user, told, choice.told_week, now))
    outbox.post_all(postings, now=now)
    audit.record_all(
        [("news_told", people[posting.to.person_id or 0], {}) for posting in postings],
        actor=None,
        now=now,
    )
    return len(postings)


def _is_due(choice: NewsChoice, user: User, now: datetime) -> bool:
    return user.wants_news and is_due(
        now,
        zone=user.zone,
        weekday=choice.weekday,
        hour=choice.hour,
        looked_at=choice.looked_at,
        told_week=choice.told_week,
    )


def _posting(user: User, told: Digest, week: str, now: datetime) -> Posting:
    return Posting(
        mail=emails.digest(user, told),
        to=recipient(user),
        key=f"news:{user.id}:{week}",
        expires_at=now + FRESH_FOR,
        unsubscribe_url=emails.off_link(user),
    )
