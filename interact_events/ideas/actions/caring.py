"""What staff do with ideas: open, change, merge and close them."""

from datetime import datetime

from sqlalchemy import delete, update

from interact_events.accounts.actions import recipient
from interact_events.accounts.models import User
from interact_events.core import audit, outbox
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.core.outbox import Posting
from interact_events.ideas import emails, queries
from interact_events.ideas.actions.supporting import IdeaValues, describe
from interact_events.ideas.models import Idea, IdeaSupport
from interact_events.ideas.policies import can_reopen
from interact_events.ideas.rules import IdeaState

OVER = "This idea is merged or closed, so it stays as it is."


def open_idea(idea: Idea, *, actor: User, now: datetime) -> None:
    """Show a proposal to everybody; again is no harm."""
    lock(idea)
    if idea.is_open:
        return
    if not idea.is_proposed:
        raise DomainError(OVER)
    idea.state = IdeaState.OPEN
    audit.record("idea opened", idea, actor=actor, now=now)


def save_idea(idea: Idea, values: IdeaValues, *, actor: User, now: datetime) -> None:
    """Change its words, its topics and whose it is."""
    lock(idea)
    if idea.is_merged or idea.is_closed:
        raise DomainError(OVER)
    if idea.event and values.office != idea.office:
        raise DomainError("The office that made an event of it keeps it.", "office")
    if values.head_start_days is not None:
        if idea.event is None or not idea.event.is_draft:
            raise DomainError("Its supporters have been invited already.", "head_start")
        idea.head_start_days = values.head_start_days
    describe(idea, values)
    audit.record("idea edited", idea, actor=actor, now=now)


def close_idea(idea: Idea, reason: str, *, actor: User, now: datetime) -> int:
    """End it with a reason, which everybody behind it reads; says how many."""
    lock(idea)
    if idea.is_merged or idea.is_closed:
        raise DomainError(OVER)
    if idea.event_id:
        raise DomainError("There is an event on this idea, so it can’t be closed.")
    if not reason.strip():
        raise DomainError("Say why, in a sentence for those who would have come.", "reason")
    idea.state, idea.reason, idea.closed_at = IdeaState.CLOSED, reason.strip(), now
    audit.record("idea closed", idea, actor=actor, now=now, reason=idea.reason)
    people = queries.people_behind(idea)
    key = f"idea:{idea.id}:closed:{now:%Y%m%dT%H%M%S}"
    outbox.post_all(
        [
            Posting(
                mail=emails.closed(idea, user),
                to=recipient(user),
                key=f"{key}:{user.id}",
                reply_to=idea.office.email if idea.office else None,
            )
            for user in people
        ],
        now=now,
    )
    return len(people)


def reopen_idea(idea: Idea, *, actor: User, now: datetime) -> None:
    """Let people say again that they would come: it was closed too early, or its event is off."""
    lock(idea)
    if not can_reopen(idea):
        raise DomainError("This idea is open, or has become part of another.")
    idea.state, idea.reason, idea.closed_at = IdeaState.OPEN, "", None
    idea.event, idea.head_start_days = None, 0
    audit.record("idea opened again", idea, actor=actor, now=now)


def merge_ideas(idea: Idea, into: Idea, *, actor: User, now: datetime) -> int:
    """Pass the supporters on to the other idea; says how many it did not have yet.

    Who supports both keeps what they said there. Ideas that were merged into this one lead to the
    other from now on, so that no address ever leads through a third.
    """
    for each in sorted((idea, into), key=lambda each: each.id):  # two merges into each other
        lock(each)
    _refuse_merging(idea, into)
    both = queries.who_supports_both(idea, into)
    of_this = IdeaSupport.idea_id == idea.id
    db.session.execute(delete(IdeaSupport).where(of_this, IdeaSupport.user_id.in_(both)))
    moved = queries.numbers_of_supporters([idea])[idea.id]
    db.session.execute(update(IdeaSupport).where(of_this).values(idea_id=into.id))
    db.session.execute(
        update(Idea).where(Idea.merged_into_id == idea.id).values(merged_into_id=into.id)
    )
    idea.state, idea.merged_into = IdeaState.MERGED, into
    audit.record("idea merged", idea, actor=actor, now=now, into=into.slug, moved=moved)
    audit.record("idea taken in", into, actor=actor, now=now, other=idea.slug, moved=moved)
    return moved


def _refuse_merging(idea: Idea, into: Idea) -> None:
    if idea.id == into.id:
        raise DomainError("An idea can’t be merged into itself.")
    if idea.is_merged or idea.is_closed:
        raise DomainError(OVER)
    if idea.event_id:
        raise DomainError(
            "There is an event on this idea: merge the other one into it, not the reverse."
        )
    if not into.is_open:
        raise DomainError("The other idea is not open any more. Choose another.")
    if into.event and not into.event.is_draft:
        raise DomainError(
            "The other idea’s event is published already, so its supporters have been invited. "
            "Choose another."
        )
