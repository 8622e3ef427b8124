"""Background work that time asks for."""

from datetime import timedelta

import structlog

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs import every
from interact_events.core.web.access import settings
from interact_events.events.models import Event
from interact_events.registrations import actions, queries

log = structlog.get_logger()


@every(minutes=1)
def settle_events() -> None:
    """Move seats as time demands: late answers, held seats, phases, reconfirmations.

    Each event by itself: one that fails, or is busy, does not hold up the others.
    """
    for event_id in queries.events_to_settle(clock.now()):
        try:
            _settle(event_id)
        except Exception:  # it is tried again in a minute
            log.exception("settling_failed", event_id=event_id)
            db.session.rollback()


def _settle(event_id: int) -> None:
    event = db.session.get_one(Event, event_id)
    actions.lock_event(event)
    actions.settle(event, now=clock.now())
    db.session.commit()


@every(minutes=1)
def tell_calendars() -> None:
    """Send people what edits of the agenda have changed in their calendars, once they rest.

    Each event by itself, as above.
    """
    for event_id in queries.events_to_compare(clock.now(), actions.QUIET_FOR):
        try:
            event = db.session.get_one(Event, event_id)
            actions.lock_event(event)
            actions.tell_of_agenda(event, now=clock.now())
            db.session.commit()
        except Exception:  # it is tried again in a minute
            log.exception("calendars_failed", event_id=event_id)
            db.session.rollback()


@every(minutes=5)
def forget_deleted() -> None:
    """Give the seats of people who have deleted their account to the next ones in line."""
    actions.forget_deleted_people(now=clock.now())
    db.session.commit()


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
