"""One event after another: who registers for the later one has a seat at the earlier one."""

from datetime import datetime

from interact_events.accounts.models import User
from interact_events.core import audit
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.actions import on_publication, refuse_cancelled
from interact_events.events.models import Event
from interact_events.registrations import queries
from interact_events.registrations.actions.book import lock_event
from interact_events.registrations.actions.ruling import sentences_of
from interact_events.registrations.models import limits_of


def put_after(event: Event, earlier: Event | None, *, actor: User, now: datetime) -> bool:
    """Let only those register from now on who have a seat at `earlier`, or again anybody whom the
    other rules allow. Who is on the list stays there. Says whether that is new."""
    lock_event(event)
    refuse_cancelled(event)
    settings = queries.seat_rules_of(event)
    number = earlier.id if earlier else None
    if settings.after_event_id == number:
        return False
    if earlier:
        _refuse_first(event, earlier)
    before = sentences_of(event, settings)
    settings.after_event_id = number
    settings.limits = settings.limits or limits_of(frozenset(), frozenset(), (), ())
    db.session.add(settings)
    db.session.flush()
    event.version += 1
    fields = {"rules": [before, sentences_of(event, settings)]}
    audit.record("rules changed", event, actor=actor, now=now, fields=fields)
    return True


def _refuse_first(event: Event, earlier: Event) -> None:
    """Nobody could register for an event while nobody can have a seat at the one before it."""
    if earlier.starts_at >= event.starts_at:
        raise DomainError(f"“{earlier.title}” does not start before “{event.title}”.")
    if earlier.is_cancelled:
        raise DomainError(f"“{earlier.title}” is cancelled, so nobody gets a seat there any more.")
    if event.is_published and earlier.is_draft:
        raise DomainError(f"Publish “{earlier.title}” first: nobody can have a seat there yet.")
    if event.id in queries.numbers_before(earlier):
        raise DomainError(
            f"“{earlier.title}” comes after “{event.title}” itself, since one of them was moved."
        )


@on_publication
def refuse_before_the_first(event: Event, now: datetime) -> None:
    """What comes first is published first: its title would be told, and nobody could register."""
    first = queries.event_before(event)
    if first and first.is_draft:
        raise DomainError(
            f"Publish “{first.title}” first: only who has a seat there can register here."
        )
