"""Events whose certificates are issued by themselves."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, select
from sqlalchemy.orm import aliased

from interact_events.certificates.models import (
    AutomaticIssue,
)
from interact_events.certificates.rules import (
    issues_at,
)
from interact_events.core.db import db
from interact_events.events.models import Event, EventState


@dataclass(frozen=True)
class Automatic:
    """What holds for an event: its own choice, or the latest of its office."""

    choice: AutomaticIssue
    is_own: bool
    at: datetime | None  # when it happens; None: never


def automatic_of(event: Event) -> Automatic | None:
    """Nothing where neither the event nor its office has chosen."""
    own = db.session.get(AutomaticIssue, event.id)
    choice = own or db.session.scalar(_latest_of_office(event))
    if choice is None:
        return None
    at = issues_at(event.ends_at, event.zone, choice.days) if choice.days else None
    return Automatic(choice, own is not None, at if not (own and own.stopped_at) else None)


def _latest_of_office(event: Event) -> Select[AutomaticIssue]:
    return (
        select(AutomaticIssue)
        .join(AutomaticIssue.event)
        .where(
            Event.office_id == event.office_id,
            AutomaticIssue.is_chosen,
            ~Event.is_template,
            AutomaticIssue.set_at < event.ends_at,
        )
        .order_by(AutomaticIssue.set_at.desc(), AutomaticIssue.event_id.desc())
        .limit(1)
    )


def events_to_issue(now: datetime) -> list[int]:
    """The events whose certificates are due to be issued by themselves, longest over first."""
    own, others, elsewhere = AutomaticIssue, aliased(AutomaticIssue), aliased(Event)
    of_office = (
        select(others.days)
        .join(elsewhere, elsewhere.id == others.event_id)
        .where(
            elsewhere.office_id == Event.office_id,
            others.is_chosen,
            ~elsewhere.is_template,
            others.set_at < Event.ends_at,
        )
        .order_by(others.set_at.desc(), others.event_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    days = case((own.event_id.is_not(None), own.days), else_=of_office)
    rows = db.session.execute(
        select(Event.id, Event.ends_at, Event.zone, days)
        .outerjoin(own, own.event_id == Event.id)
        .where(
            Event.state == EventState.PUBLISHED,
            Event.ends_at < now,
            own.started_at.is_(None),
            own.stopped_at.is_(None),
            days.is_not(None),
        )
        .order_by(Event.ends_at, Event.id)
    )
    return [id_ for id_, ends_at, zone, after in rows if issues_at(ends_at, zone, after) <= now]
