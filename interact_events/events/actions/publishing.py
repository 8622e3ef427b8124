"""Shown to everybody, called off, or removed while nobody knew of it."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from interact_events.accounts.models import User
from interact_events.core import audit
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.events.actions.agenda import revise
from interact_events.events.actions.refusals import refuse_template
from interact_events.events.actions.saving import Following
from interact_events.events.models import Event, EventState
from interact_events.events.queries import obstacles

_following_publication: list[Following] = []


def on_publication(follow: Following) -> Following:
    """For features on top: what waits for an event to be public happens in the same transaction."""
    _following_publication.append(follow)
    return follow


def publish_event(event: Event, *, actor: User, now: datetime) -> None:
    """Show a draft to everybody; refused with a sentence for each thing that is missing."""
    lock(event)
    refuse_template(event)
    if not event.is_draft:
        raise DomainError("This event has been published already.")
    if missing := obstacles(event, now):
        raise DomainError(" ".join(obstacle.sentence for obstacle in missing))
    event.state, event.published_at, event.revised_at = EventState.PUBLISHED, now, now
    event.version += 1
    audit.record("published", event, actor=actor, now=now)
    for follow in _following_publication:
        follow(event, now)


def cancel_event(event: Event, reason: str, *, actor: User, now: datetime) -> None:
    """Call a published event off. It stays to be seen, and calendars keep it as cancelled."""
    lock(event)
    if not event.is_published:
        raise DomainError("Only a published event can be cancelled.")
    if event.ends_at <= now:
        raise DomainError("This event is over and can no longer be cancelled.")
    if not reason.strip():
        raise DomainError("Say why, in a sentence for those who wanted to come.", "reason")
    event.state, event.cancelled_at = EventState.CANCELLED, now
    event.cancellation_reason = reason.strip()
    event.version += 1
    revise(event, *event.agenda, now=now)
    audit.record("cancelled", event, actor=actor, now=now, reason=event.cancellation_reason)


def delete_draft(event: Event, *, actor: User, now: datetime) -> None:
    """Remove a draft for good. What was ever published has registrants, or may have had."""
    lock(event)
    if not event.is_draft or event.published_at:
        raise DomainError("Only a draft can be deleted. A published event can be cancelled.")
    did = "template deleted" if event.is_template else "deleted"
    audit.record(did, event, actor=actor, now=now, title=event.title)
    try:
        with db.session.begin_nested():
            db.session.delete(event)
    except IntegrityError:  # the foreign keys of upper features
        raise DomainError("This draft has registrations and cannot be deleted.") from None
