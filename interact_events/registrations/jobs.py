"""Background work that time asks for."""

from collections.abc import Callable, Iterable
from datetime import timedelta

import structlog

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs import every
from interact_events.core.web.access import settings
from interact_events.events.models import Event
from interact_events.registrations import actions, queries

log = structlog.get_logger()


def _each_by_itself(numbers: Iterable[int], do: Callable[..., object], failure: str) -> None:
    """At each of these events, under its lock and in a transaction of its own: one that fails, or
    is busy, does not hold up the others and is tried again when the job runs next."""
    for event_id in numbers:
        try:
            event = db.session.get_one(Event, event_id)
            actions.lock_event(event)
            do(event, now=clock.now())
            db.session.commit()
        except Exception:
            log.exception(failure, event_id=event_id)
            db.session.rollback()


@every(minutes=1)
def settle_events() -> None:
    """Move seats as time demands: late answers, held seats, phases, reconfirmations."""
    _each_by_itself(queries.events_to_settle(clock.now()), actions.settle, "settling_failed")


@every(minutes=1)
def tell_calendars() -> None:
    """Send people what edits of the agenda have changed in their calendars, once they rest."""
    found = queries.events_to_compare(clock.now(), actions.QUIET_FOR)
    _each_by_itself(found, actions.tell_of_agenda, "calendars_failed")


@every(minutes=5)
def forget_deleted() -> None:
    """Give the seats of people who have deleted their account to the next ones in line."""
    found = queries.events_with_deleted()
    _each_by_itself(found, actions.forget_deleted_people, "forgetting_failed")


@every(minutes=60)
def forget_needs() -> None:
    """Delete dietary and access needs soon after their event."""
    keep = timedelta(days=settings().keep_needs_days)
    actions.delete_needs(ended_before=clock.now() - keep)
    db.session.commit()


@every(minutes=60)
def forget_head_starts() -> None:
    """Delete who was invited first to an event that is over."""
    actions.delete_head_starts(now=clock.now())
    db.session.commit()
