"""Reading ideas and who would come."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, lazyload, selectinload

from interact_events.accounts.models import Membership, Profile, User
from interact_events.accounts.queries import personal_part
from interact_events.core import words
from interact_events.core.db import db
from interact_events.events.models import Event, EventState
from interact_events.ideas.models import Idea, IdeaSupport
from interact_events.ideas.rules import IdeaState, Wish, alike
from interact_events.interreg.models import Office, StakeholderRole, Topic
from interact_events.registrations.models import HeadStart


class Shown(StrEnum):
    """Which part of the board is shown; the last two are for staff."""

    OPEN = "open"
    PLANNED = "planned"
    MINE = "mine"
    WAITING = "waiting"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asks of the board; empty means anything."""

    shown: Shown = Shown.OPEN
    q: str = ""
    topic: str = ""
    office: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str], *, is_staff: bool) -> "Filters":
        """Read an address's query; what makes no sense there is as if it was not there."""
        wanted = args.get("show", "")
        offered = [each.value for each in (list(Shown) if is_staff else list(Shown)[:3])]
        return cls(
            shown=Shown(wanted) if wanted in offered else Shown.OPEN,
            q=args.get("q", "").strip()[:100],
            topic=args.get("topic", ""),
            office=args.get("office", ""),
        )

    @property
    def is_narrow(self) -> bool:
        return bool(self.q or self.topic or self.office)


supporters = (
    select(func.count(IdeaSupport.id))
    .where(IdeaSupport.idea_id == Idea.id)
    .correlate(Idea)
    .scalar_subquery()
)
_is_open = Idea.state == IdeaState.OPEN
_office_is_retired = Idea.office.has(Office.is_retired)


def board(filters: Filters, user: User) -> Select[Idea]:
    """The ideas that match, the most wanted first; what waits for staff, the oldest first."""
    query = select(Idea).where(*_in_part(filters.shown, user))
    for word in words.folded(filters.q).split():
        query = query.where(Idea.search_text.contains(word, autoescape=True))
    if filters.topic:
        query = query.where(Idea.topics.any(Topic.code == filters.topic))
    if filters.office:
        query = query.where(Idea.office.has(Office.code == filters.office))
    order = (Idea.id,) if filters.shown is Shown.WAITING else (supporters.desc(), Idea.id.desc())
    return query.options(selectinload(Idea.topics), joinedload(Idea.event)).order_by(*order)


def _in_part(shown: Shown, user: User) -> list[ColumnElement[bool]]:
    parts: dict[Shown, list[ColumnElement[bool]]] = {
        Shown.OPEN: [_is_open, Idea.event_id.is_(None)],
        Shown.PLANNED: [_is_open, Idea.event_id.is_not(None)],
        Shown.WAITING: [Idea.state == IdeaState.PROPOSED],
        Shown.CLOSED: [Idea.state == IdeaState.CLOSED],
        Shown.MINE: [
            Idea.state != IdeaState.MERGED,
            or_(
                Idea.proposed_by_id == user.id,
                exists().where(IdeaSupport.idea_id == Idea.id, IdeaSupport.user_id == user.id),
            ),
        ],
    }
    return parts[shown]


def idea_by_slug(slug: str) -> Idea | None:
    """The idea with everything its page says of it."""
    return db.session.scalar(
        select(Idea)
        .where(Idea.slug == slug)
        .options(
            selectinload(Idea.topics),
            joinedload(Idea.event),
            joinedload(Idea.merged_into),
            joinedload(Idea.proposed_by).lazyload(User.memberships),
        )
    )


def is_slug_taken(slug: str) -> bool:
    """Whether an idea has it, or the form for new ideas has."""
    return slug == "new" or db.session.scalar(select(Idea.id).where(Idea.slug == slug)) is not None


def idea_of(event: Event) -> Idea | None:
    """The one that the event was made of."""
    return db.session.scalar(select(Idea).where(Idea.event_id == event.id))


def ideas_like(title: str, user: User, *, but: Idea | None = None) -> list[Idea]:
    """Those that could mean the same, of all that everybody sees and the person's own."""
    query = select(Idea.id, Idea.title).where(
        or_(
            _is_open,
            (Idea.state == IdeaState.PROPOSED) & (Idea.proposed_by_id == user.id),
        )
    )
    titles = dict(db.session.execute(query).all())
    titles.pop(but.id if but else 0, None)
    return ideas_numbered(alike(title, titles))


def ideas_numbered(numbers: Sequence[int]) -> list[Idea]:
    """In that order."""
    rows = db.session.scalars(select(Idea).where(Idea.id.in_(numbers)))
    return sorted(rows, key=lambda idea: numbers.index(idea.id))


def may_take_in(idea: Idea, search: str) -> Select[Idea]:
    """The ideas that this one can be merged into, by words of theirs: open, and not invited yet."""
    draft = Idea.event.has(Event.state == EventState.DRAFT)
    is_free = or_(Idea.event_id.is_(None), draft)
    query = select(Idea).where(_is_open, is_free, Idea.id != idea.id)
    for word in words.folded(search).split():
        query = query.where(Idea.search_text.contains(word, autoescape=True))
    return query.order_by(supporters.desc(), Idea.id.desc())


def proposals_since(user: User, since: datetime) -> int:
    """How many ideas the person has proposed since then."""
    query = select(func.count(Idea.id)).where(
        Idea.proposed_by_id == user.id, Idea.proposed_at > since
    )
    return db.session.scalar(query) or 0


def same_proposal(user: User, title: str, since: datetime) -> Idea | None:
    """What the person has proposed under that title and staff have not looked at, or has posted
    since then."""
    is_fresh = and_(_is_open, Idea.proposed_at > since)
    same = select(Idea).where(
        Idea.proposed_by_id == user.id,
        Idea.title == title,
        or_(Idea.state == IdeaState.PROPOSED, is_fresh),
    )
    return db.session.scalar(same.limit(1))


def waiting_for_staff(office: Office) -> int:
    """How many proposals wait that the office's editors may open."""
    query = select(func.count(Idea.id)).where(
        Idea.state == IdeaState.PROPOSED,
        or_(Idea.office_id.is_(None), Idea.office_id == office.id, _office_is_retired),
    )
    return db.session.scalar(query) or 0


# -- who would come ------------------------------------------------------------------------------


def support_of(idea: Idea, user: User) -> IdeaSupport | None:
    return db.session.scalar(
        select(IdeaSupport).where(IdeaSupport.idea_id == idea.id, IdeaSupport.user_id == user.id)
    )


def supported_among(ideas: Iterable[Idea], user: User) -> set[int]:
    """Which of these the person would come to."""
    query = select(IdeaSupport.idea_id).where(
        IdeaSupport.user_id == user.id, IdeaSupport.idea_id.in_([idea.id for idea in ideas])
    )
    return set(db.session.scalars(query))


def numbers_of_supporters(ideas: Iterable[Idea]) -> dict[int, int]:
    """How many would come to each, by one read."""
    numbers = [idea.id for idea in ideas]
    query = (
        select(IdeaSupport.idea_id, func.count())
        .where(IdeaSupport.idea_id.in_(numbers))
        .group_by(IdeaSupport.idea_id)
    )
    return dict.fromkeys(numbers, 0) | dict(db.session.execute(query).all())


def supports_of(idea: Idea) -> Sequence[IdeaSupport]:
    """All of them with what their profiles say, the oldest first; by two reads."""
    return db.session.scalars(
        select(IdeaSupport)
        .where(IdeaSupport.idea_id == idea.id)
        .join(IdeaSupport.profile)
        .options(contains_eager(IdeaSupport.profile))
        .order_by(IdeaSupport.id)
    ).all()


def wishes_of(supports: Iterable[IdeaSupport]) -> list[Wish]:
    return [
        Wish(
            role=row.profile.role.label_in(),
            programme=row.profile.programme.label if row.profile.programme else "",
            country=row.profile.country.name,
            language=row.language_name,
            months=row.months,
        )
        for row in supports
    ]


def people_behind(idea: Idea) -> Sequence[User]:
    """Who would come and who proposed it, unless they did so for an office."""
    would_come = exists().where(IdeaSupport.idea_id == idea.id, IdeaSupport.user_id == User.id)
    works = exists().where(Membership.user_id == User.id, Membership.ended_at.is_(None))
    proposers = select(Idea.proposed_by_id).where(  # of what was merged into it, too
        or_(Idea.id == idea.id, Idea.merged_into_id == idea.id)
    )
    proposed = and_(User.id.in_(proposers), User.is_coordinator.is_(False), ~works)
    query = select(User).where(or_(would_come, proposed)).order_by(User.id)
    return db.session.scalars(query.options(lazyload(User.memberships))).all()


def roles_behind(idea: Idea) -> list[StakeholderRole]:
    """In which roles people would come."""
    asked = (
        select(Profile.role_id)
        .join(IdeaSupport, IdeaSupport.profile_id == Profile.id)
        .where(IdeaSupport.idea_id == idea.id)
    )
    query = select(StakeholderRole).where(StakeholderRole.id.in_(asked))
    return list(db.session.scalars(query.order_by(StakeholderRole.position)))


def favourite_language(idea: Idea) -> str:
    """The one that most would come in; English where nobody has said any."""
    query = (
        select(IdeaSupport.language)
        .where(IdeaSupport.idea_id == idea.id)
        .group_by(IdeaSupport.language)
        .order_by(func.count().desc(), IdeaSupport.language)
    )
    return db.session.scalar(query.limit(1)) or "en"


def who_supports_both(one: Idea, other: Idea) -> set[int]:
    """The numbers of the people who would come to both."""
    of_other = select(IdeaSupport.user_id).where(IdeaSupport.idea_id == other.id)
    query = select(IdeaSupport.user_id).where(
        IdeaSupport.idea_id == one.id, IdeaSupport.user_id.in_(of_other)
    )
    return set(db.session.scalars(query))


def supports_to_forget(before: datetime) -> Any:
    """Of ideas that were closed, or whose event was over, before that."""
    over = select(Event.id).where(Event.state != EventState.DRAFT, Event.ends_at < before)
    ideas = select(Idea.id).where(
        or_(
            (Idea.state == IdeaState.CLOSED) & (Idea.closed_at < before),
            Idea.event_id.in_(over),
        )
    )
    return delete(IdeaSupport).where(IdeaSupport.idea_id.in_(ideas))


# -- what a person may download ------------------------------------------------------------------


@personal_part("ideas")
def own_ideas(user: User, now: datetime) -> dict[str, Any]:
    """What they proposed, where they would come, and where they may register before others."""
    proposed = select(Idea).where(Idea.proposed_by_id == user.id).order_by(Idea.id)
    early = select(Event.title, HeadStart.from_at).join(Event, Event.id == HeadStart.event_id)
    return {
        "proposed": [_proposal(idea) for idea in db.session.scalars(proposed)],
        "would_come_to": [_said(row) for row in _own_supports(user)],
        "invited_first_to": [
            {"event": title, "from": from_at.isoformat()}
            for title, from_at in db.session.execute(early.where(HeadStart.user_id == user.id))
        ],
    }


def _own_supports(user: User) -> Collection[IdeaSupport]:
    return db.session.scalars(
        select(IdeaSupport)
        .where(IdeaSupport.user_id == user.id)
        .options(joinedload(IdeaSupport.idea), joinedload(IdeaSupport.profile))
        .order_by(IdeaSupport.id)
    ).all()


def _proposal(idea: Idea) -> dict[str, Any]:
    return {
        "title": idea.title,
        "text": idea.text,
        "state": idea.state.value,
        "proposed_at": idea.proposed_at.isoformat(),
    }


def _said(row: IdeaSupport) -> dict[str, Any]:
    return {
        "idea": row.idea.title,
        "as": row.profile.label,
        "language": row.language_name,
        "months": row.months_named,
        "comment": row.comment,
        "said_at": row.said_at.isoformat(),
    }
