"""Background work that time asks for."""

from datetime import timedelta

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs import every
from interact_events.core.web.access import settings
from interact_events.registrations import actions


@every(minutes=5)
def release_places() -> None:
    """Places of newcomers who have not confirmed go to the next ones in line."""
    actions.expire_unconfirmed(now=clock.now())
    db.session.commit()


@every(minutes=5)
def forget_deleted() -> None:
    """Seats of people who have deleted their account go to the next ones in line."""
    actions.forget_deleted_people(now=clock.now())
    db.session.commit()


@every(minutes=60)
def forget_needs() -> None:
    """Dietary and access needs are deleted soon after their event."""
    keep = timedelta(days=settings().keep_needs_days)
    actions.delete_needs(ended_before=clock.now() - keep)
    db.session.commit()
