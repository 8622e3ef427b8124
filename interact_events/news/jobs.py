"""The weekly mails."""

import structlog

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs import every
from interact_events.news import actions, queries

log = structlog.get_logger()

BATCH = 100  # people whose mails are written in one transaction


@every(minutes=15)
def tell_news() -> None:
    """Write the weekly mail of new events to everybody whose time has come, once, however late."""
    now = clock.now()
    actions.plan(now=now)
    db.session.commit()
    due = queries.due_readers(now)
    db.session.commit()
    for start in range(0, len(due), BATCH):
        _tell(due[start : start + BATCH])


def _tell(numbers: list[int]) -> None:
    """Many at once; where one of them fails, each by itself, so that it holds up no other."""
    try:
        told = actions.tell(numbers, now=clock.now())
        db.session.commit()
        log.info("news_told", mails=told)
    except Exception:  # whoever is left is tried again in a quarter of an hour
        log.exception("news_failed", people=len(numbers))
        db.session.rollback()
        if len(numbers) > 1:
            for number in numbers:
                _tell([number])
