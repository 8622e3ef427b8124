"""Forgetting files of planned events by the clock."""

from datetime import timedelta

from interact_events.calendars import actions
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs import every

KEPT = timedelta(days=7)


@every(minutes=60)
def forget_event_imports() -> None:
    """Delete what files of planned events said a week ago."""
    actions.forget_imports(sent_before=clock.now() - KEPT)
    db.session.commit()
