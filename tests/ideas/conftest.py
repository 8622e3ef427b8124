"""Ideas, and people who would come."""

from collections import Counter
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from interact_events.accounts.models import Profile, User
from interact_events.core import clock, words
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.actions import SessionValues, add_session, publish_event
from interact_events.events.models import Event, Kind
from interact_events.ideas.actions import DraftValues, SupportValues, plan_idea, support
from interact_events.ideas.models import Idea, IdeaSupport
from interact_events.ideas.rules import IdeaState
from tests import make

_numbers = count(1)


def new_idea(title: str = "Lump sums", **values: Any) -> Idea:
    """Open, of no office, and proposed by nobody who is still here, unless said otherwise."""
    defaults: dict[str, Any] = {
        "slug": f"{words.slug(title)}-{next(_numbers)}",
        "title": title,
        "text": "",
        "state": IdeaState.OPEN,
        "proposed_at": clock.now() - timedelta(days=9),
        "reason": "",
        "head_start_days": 0,
        "search_text": words.folded(title),
    }
    idea = Idea(**(defaults | values))
    db.session.add(idea)
    db.session.commit()
    return idea


def proposal(title: str = "Lump sums", **values: Any) -> Idea:
    return new_idea(title, state=IdeaState.PROPOSED, **values)


def supporter(idea: Idea, *, profile: Profile | None = None, **values: Any) -> User:
    """Somebody who would come in English, in any month, unless said otherwise."""
    profile = profile or make.profile()
    usual: dict[str, Any] = {"profile": profile, "language": "en"}
    support(idea, SupportValues(**(usual | values)), actor=profile.user, now=clock.now())
    db.session.commit()
    return profile.user


def draft_values(**values: Any) -> DraftValues:
    """A workshop of Turku in two months."""
    usual: dict[str, Any] = {
        "office": make.office(),
        "title": "Lump sums in practice",
        "kind": Kind.WORKSHOP,
        "first_day": first_day(),
    }
    return DraftValues(**(usual | values))


def first_day() -> date:
    return make.days(60).date()


def draft(idea: Idea, **values: Any) -> Event:
    """The draft that an office makes of the idea."""
    event = plan_idea(
        idea, draft_values(**values), actor=make.member(), now=clock.now(), host="ie.example"
    )
    db.session.commit()
    return event


def complete(event: Event) -> Event:
    """With what it needs to be published."""
    event.summary, event.description = "A day of cases.", "Cases."
    starts = event.starts_at.astimezone(clock.to_local(event.starts_at, event.zone).tzinfo)
    wall = starts.replace(tzinfo=None)
    values = SessionValues(title="Cases", starts=wall, ends=wall + timedelta(hours=1))
    add_session(event, values, actor=make.member(), now=clock.now())
    return event


def publish(event: Event, *, commits: bool = True) -> Event:
    """What is missing is added first."""
    staff = make.member()
    complete(event)
    publish_event(event, actor=staff, now=clock.now())
    if commits:
        db.session.commit()
    return event


def supports_of(idea: Idea) -> dict[int, int]:
    """{person: the months that they said}."""
    rows = db.session.scalars(select(IdeaSupport).where(IdeaSupport.idea_id == idea.id))
    return {row.user_id: row.months for row in rows}


def mails(kind: str) -> Counter[str]:
    """How many of these mails went to each address."""
    query = select(OutboxMessage.to_address).where(OutboxMessage.kind == f"ideas.{kind}")
    return Counter(db.session.scalars(query))


def noted(idea: Idea) -> list[str]:
    """What the audit trail says was done to it."""
    query = select(AuditEntry.action).where(
        AuditEntry.subject_type == "ideas", AuditEntry.subject_id == idea.id
    )
    return list(db.session.scalars(query.order_by(AuditEntry.id)))
