"""Proposing an idea, and saying that one would come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, update

from interact_events.accounts.actions import on_deletion
from interact_events.accounts.models import Profile, User
from interact_events.core import audit, words
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.ideas import queries
from interact_events.ideas.models import Idea, IdeaSupport
from interact_events.ideas.policies import edits_ideas, takes_support
from interact_events.ideas.rules import IdeaState, months_as_number
from interact_events.interreg.models import Office, Topic

MOST_A_DAY = 10  # proposals of one person
TWO_PRESSES = timedelta(minutes=10)  # apart at most


@dataclass(frozen=True, kw_only=True)
class IdeaValues:
    """An idea as a person describes it; no head start: what was said of it stays."""

    title: str
    text: str = ""
    topics: tuple[Topic, ...] = ()
    office: Office | None = None
    head_start_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class SupportValues:
    """As what somebody would come, in which language and when; no month means any."""

    profile: Profile
    language: str
    months: tuple[int, ...] = ()
    comment: str = ""


def propose(values: IdeaValues, *, actor: User, now: datetime) -> Idea:
    """A new idea: of an office's editor it is open at once, of anybody else it waits for staff.

    The same title pressed twice is the same proposal.
    """
    lock(db.session.get_one(User, actor.id))  # two presses at once
    known = queries.same_proposal(actor, values.title, now - TWO_PRESSES)
    if known:
        return known
    _refuse_too_many(actor, now)
    is_open = edits_ideas(actor)
    idea = Idea(
        slug=new_slug(values.title),
        state=IdeaState.OPEN if is_open else IdeaState.PROPOSED,
        proposed_by_id=actor.id,
        proposed_at=now,
        head_start_days=0,
        reason="",
    )
    describe(idea, values)
    db.session.add(idea)
    audit.record("idea posted" if is_open else "idea proposed", idea, actor=actor, now=now)
    return idea


def _refuse_too_many(actor: User, now: datetime) -> None:
    if queries.proposals_since(actor, now - timedelta(days=1)) >= MOST_A_DAY:
        raise DomainError(
            f"You have proposed {MOST_A_DAY} ideas within a day, which is as many as we can read. "
            "Please go on tomorrow, or say “I would come” to an idea that is there."
        )


def describe(idea: Idea, values: IdeaValues) -> None:
    """Make the idea say that."""
    idea.title, idea.text, idea.office = values.title, values.text, values.office
    idea.topics = list(values.topics)
    topics = " ".join(topic.name for topic in idea.topics)
    idea.search_text = words.folded(f"{idea.title} {idea.text} {topics}")


def new_slug(title: str) -> str:
    """The words of the title, with a number where another idea has them."""
    wished = words.slug(title)
    return next(slug for slug in _numbered(wished) if not queries.is_slug_taken(slug))


def _numbered(slug: str) -> Iterator[str]:
    yield slug
    number = 2
    while True:
        yield f"{slug}-{number}"
        number += 1


def take_back(idea: Idea, *, actor: User, now: datetime) -> None:
    """Remove a proposal that nobody but staff has seen."""
    lock(idea)
    if not idea.is_proposed:
        raise DomainError("Staff have looked at this idea meanwhile, so it stays.")
    audit.record("idea taken back", idea, actor=actor, now=now)
    db.session.execute(delete(IdeaSupport).where(IdeaSupport.idea_id == idea.id))
    db.session.delete(idea)


# -- I would come --------------------------------------------------------------------------------


def support(idea: Idea, values: SupportValues, *, actor: User, now: datetime) -> Idea:
    """Note that the person would come, or what has changed about it; says to which idea: one that
    was merged meanwhile has passed its supporters on."""
    idea = _held(idea)
    if not takes_support(idea):
        raise DomainError(
            "There is an event on this idea already: register for it."
            if idea.is_planned
            else "This idea is closed."
        )
    if values.profile.user_id != actor.id or values.profile.retired_at:
        raise DomainError("Choose one of your profiles.", "profile")
    row = queries.support_of(idea, actor)
    what = "support changed" if row else "support given"
    row = row or IdeaSupport(idea=idea, user_id=actor.id)
    row.profile, row.language, row.said_at = values.profile, values.language, now
    row.months, row.comment = months_as_number(values.months), values.comment
    db.session.add(row)
    audit.record(what, idea, actor=actor, now=now)
    return idea


def _held(idea: Idea) -> Idea:
    """The idea that counts, held: the one itself or that which it was merged into, be it just
    while we waited for it."""
    idea = idea.merged_into or idea
    lock(idea)
    return _held(idea) if idea.is_merged else idea


def withdraw_support(idea: Idea, *, actor: User, now: datetime) -> None:
    """Take back that one would come; again is no harm."""
    idea = _held(idea)
    row = queries.support_of(idea, actor)
    if row:
        db.session.delete(row)
        audit.record("support taken back", idea, actor=actor, now=now)


# -- keeping no longer than needed ---------------------------------------------------------------


@on_deletion
def forget_ideas_of(user: User, _gone: str, _now: datetime) -> None:
    """Their supports go; what they proposed stays, and nothing leads from it to them."""
    db.session.execute(delete(IdeaSupport).where(IdeaSupport.user_id == user.id))
    db.session.execute(
        update(Idea).where(Idea.proposed_by_id == user.id).values(proposed_by_id=None)
    )


def delete_old_supports(*, over_before: datetime) -> int:
    """Of ideas that came to their end before that; says how many."""
    query = queries.supports_to_forget(over_before)
    done = db.session.execute(query.execution_options(synchronize_session=False))
    return done.rowcount if isinstance(done, CursorResult) else 0
