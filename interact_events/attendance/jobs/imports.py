"""Forgetting attendance reports by the clock."""

from datetime import timedelta

from interact_events.attendance import actions, queries
from interact_events.attendance.actions import REPORTS
from interact_events.core import clock, files
from interact_events.core.db import db
from interact_events.core.jobs import every
from interact_events.core.web.access import settings


@every(minutes=60)
def forget_reports() -> None:
    """Delete attendance reports after the period that the settings give."""
    now = clock.now()
    keep = timedelta(days=settings().keep_reports_days)
    actions.forget_reports(sent_before=now - keep, now=now)
    db.session.commit()


@every(minutes=60)
def sweep_reports() -> None:
    """Remove files that no import names any more, a day after they came."""
    files.sweep(REPORTS, queries.stored_reports, clock.now())
