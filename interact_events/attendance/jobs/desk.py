"""Forgetting what desks have sent, by the clock."""

from interact_events.attendance import actions
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs import every


@every(minutes=60 * 24)
def forget_ticks() -> None:
    """Delete what only orders ticks that come late, once none is taken any more; presences stay."""
    actions.forget_ticks(clock.now())
    db.session.commit()
