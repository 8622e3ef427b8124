"""The events of the board, and what has become of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import selectinload

from interact_events.accounts.models import User
from interact_events.core import words
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.events.models import Event, EventState
from interact_events.events.queries import Filters, of_sort
from interact_events.planning.models import PlanningVisit

UNSEEN = timedelta(days=14)  # what somebody is told of who has never said that they have seen it
MOST = 50  # changes that are listed


class Which(StrEnum):
    """Events in which states; without it drafts and published ones."""

    DRAFTS = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    ALL = "all"

    @property
    def label(self) -> str:
        return {
            "draft": "Drafts",
            "published": "Published",
            "cancelled": "Cancelled",
            "all": "All, cancelled too",
        }[self.value]

    @property
    def states(self) -> list[EventState]:
        return list(EventState) if self is Which.ALL else [EventState(self.value)]


@dataclass(frozen=True)
class PlanFilters:
    """What somebody asks of the board; empty means anything."""

    sort: Filters
    which: Which | None = None

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "PlanFilters":
        """Read an address's query; what makes no sense there is as if it was not there."""
        asked, state = Filters.from_args(args), args.get("state", "")
        sort = replace(asked, first=None, last=None, has_seats=False, past=False, language="")
        return cls(sort, Which(state) if state in list(Which) else None)

    @property
    def to_args(self) -> dict[str, str]:
        """The query that means these filters, for links."""
        return self.sort.to_args | ({"state": self.which.value} if self.which else {})

    @property
    def states(self) -> list[EventState]:
        return self.which.states if self.which else [EventState.DRAFT, EventState.PUBLISHED]


def planned(filters: PlanFilters, span: tuple[datetime, datetime]) -> Select[Event]:
    """The events of all offices that match and take place within the span, by time."""
    start, end = span
    query = select(Event).where(
        Event.state.in_(filters.states),
        ~Event.is_template,
        Event.ends_at > start,
        Event.starts_at < end,
    )
    query = of_sort(query, filters.sort)
    for word in words.folded(filters.sort.q).split():
        query = query.where(Event.search_text.contains(word, autoescape=True))
    return query.options(selectinload(Event.co_organisers)).order_by(Event.starts_at, Event.id)


def planned_event(slug: str) -> Event | None:
    """The event with what all staff may read of it."""
    several = (Event.co_organisers, Event.roles, Event.topics, Event.sessions)
    query = select(Event).where(Event.slug == slug, ~Event.is_template)
    return db.session.scalar(query.options(*(selectinload(each) for each in several)))


# -- what changed --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Since:
    """From when on somebody is told what changed; `is_again`: once more, after their press."""

    at: datetime
    has_visited: bool
    is_again: bool


@dataclass(frozen=True)
class Change:
    """What somebody did to an event; `before` and `after` say from when to when it moved."""

    at: datetime
    who: str
    did: str
    event_id: int
    title: str
    slug: str | None  # of one that is still there
    before: str = ""
    after: str = ""


GONE = "deleted"
DID = {
    "created": "New",
    "edited": "Moved",
    "published": "Published",
    "cancelled": "Cancelled",
    GONE: "Draft deleted",
    "handed over": "Handed over",
}


def visit_of(user: User) -> PlanningVisit | None:
    return db.session.get(PlanningVisit, user.id)


def seen_until(visit: PlanningVisit | None, now: datetime, *, again: bool) -> Since:
    """What came after that is news to them; `again`: what they saw the time before as well."""
    if visit is None:
        return Since(now - UNSEEN, has_visited=False, is_again=False)
    is_again = again and visit.before_at is not None
    return Since(
        visit.before_at if is_again and visit.before_at else visit.seen_at,
        has_visited=True,
        is_again=is_again,
    )


def changes_since(user: User, since: datetime) -> list[Change]:
    """What others did since then that the board shows, newest first; one more than is listed."""
    fields = AuditEntry.changes["fields"]
    has_moved = or_(
        fields["starts_at"].as_string().is_not(None), fields["ends_at"].as_string().is_not(None)
    )
    query = (
        select(AuditEntry, User.name, Event.title, Event.slug)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .outerjoin(Event, Event.id == AuditEntry.subject_id)
        .where(
            AuditEntry.subject_type == Event.__tablename__,
            AuditEntry.at > since,
            AuditEntry.action.in_(DID),
            or_(AuditEntry.action != "edited", has_moved),
            AuditEntry.actor_id.is_distinct_from(user.id),
            or_(Event.is_template.is_(False), AuditEntry.action == GONE),
        )
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(MOST + 1)
    )
    return [_change(*row) for row in db.session.execute(query)]


def _change(entry: AuditEntry, name: str | None, title: str | None, slug: str | None) -> Change:
    changes: dict[str, Any] = entry.changes
    fields = changes.get("fields") or {}
    pair = fields.get("starts_at") or fields.get("ends_at") or fields.get("office") or ("", "")
    return Change(
        at=entry.at,
        who=name or "The system",
        did=DID[entry.action],
        event_id=entry.subject_id,
        title=title or str(changes.get("title", "")),
        slug=slug,
        before=pair[0],
        after=pair[1],
    )
