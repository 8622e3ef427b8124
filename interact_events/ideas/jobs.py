"""Forgetting by the clock who would have come."""

from datetime import timedelta

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs import every
from interact_events.core.web.access import settings
from interact_events.ideas import actions


@every(minutes=60)
def forget_supports() -> None:
    """Delete what supporters said of ideas that came to their end a while ago."""
    keep = timedelta(days=settings().keep_ideas_days)
    actions.delete_old_supports(over_before=clock.now() - keep)
    db.session.commit()
