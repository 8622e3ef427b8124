"""People who want news, and events that are new."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from interact_events.accounts.models import Profile, User
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Event
from interact_events.interreg.models import Topic
from interact_events.news.models import NewsChoice
from interact_events.news.queries import usual_choice
from tests import make


def topic(code: str = "state-aid") -> Topic:
    return db.session.scalars(select(Topic).where(Topic.code == code)).one()


def new_event(title: str = "Simplified cost options", *, roles: Any = (), **values: Any) -> Event:
    """Published an hour ago; open to all roles unless said otherwise."""
    topics = values.pop("topics", ())
    published_at = clock.now() - timedelta(hours=1)
    event = make.event(title, **({"published_at": published_at} | values))
    event.roles, event.topics = list(roles), list(topics)
    db.session.commit()
    return event


def reader(name: str = "Anna Virtanen", *, is_due: bool = True, **values: Any) -> User:
    """A controller who wants news and whose weekly time has just come."""
    person = make.user(name, **({"wants_news": True} | values))
    make.profile(person)
    choice = usual_choice(person.id, clock.now())
    if is_due:
        choice.looked_at = clock.now() - timedelta(days=8)
    db.session.add(choice)
    db.session.commit()
    return person


def choice_of(person: User) -> NewsChoice:
    return db.session.get_one(NewsChoice, person.id)


def mails() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def without_profiles(person: User) -> User:
    for profile in db.session.scalars(select(Profile).where(Profile.user_id == person.id)):
        db.session.delete(profile)
    db.session.commit()
    return person
