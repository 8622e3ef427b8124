"""Background work that time asks for."""

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs import every
from interact_events.nominations import actions, queries


@every(minutes=5)
def end_handovers() -> None:
    """End handovers of seats that nobody can accept any more.

    Each by itself, so that none waits.
    """
    for handover in queries.handovers_to_end(clock.now()):
        actions.end_handover(handover, now=clock.now())
        db.session.commit()


@every(minutes=5)
def end_coordinations() -> None:
    """Take programmes from coordinators who have deleted their account."""
    actions.end_coordinations_of_deleted(now=clock.now())
    db.session.commit()


@every(minutes=5)
def forget_stood_in() -> None:
    """Delete the names that a nomination which is over no longer needs."""
    actions.forget_stood_in()
    db.session.commit()
