"""Background work that time asks for."""

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs import every
from interact_events.nominations import actions, queries


@every(minutes=5)
def end_handovers() -> None:
    """Offers that nobody can accept any more are over; each by itself, so that none waits."""
    for handover in queries.handovers_to_end(clock.now()):
        actions.end_handover(handover, now=clock.now())
        db.session.commit()


@every(minutes=5)
def end_coordinations() -> None:
    """Coordinators who have deleted their account are none any more."""
    actions.end_coordinations_of_deleted(now=clock.now())
    db.session.commit()
