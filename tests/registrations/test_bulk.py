"""Many at once cost as many statements as a few."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Event
from interact_events.registrations import actions
from interact_events.registrations.models import SessionChoice, State
from tests import make
from tests.client import counted


def crowd(waiting: int) -> Event:
    """An event with seats for all who wait, for whose session with two seats all have asked."""
    event = make.event(capacity=1)
    start = event.starts_at
    few = make.session(event, "Few seats", start, start + timedelta(hours=1), capacity=2)
    make.registration(event)
    for number in make.registrations(event, waiting, State.WAITLISTED):
        db.session.add(SessionChoice(registration_id=number, session_id=few.id))
    event.capacity = waiting + 1
    db.session.commit()
    return event


def statements(connection: Connection, event: Event) -> list[str]:
    db.session.refresh(event)  # as whoever locks it has read it
    actions.lock_event(event)
    with counted(connection) as found:
        up = actions.promote_waiting(event, now=clock.now())
        db.session.flush()
    assert len(up) == event.capacity - 1
    return found


@pytest.mark.usefixtures("app")
def test_promoting_five_hundred_costs_as_many_statements_as_promoting_three(
    connection: Connection,
) -> None:
    few, many = crowd(3), crowd(500)
    assert len(statements(connection, few)) == len(statements(connection, many)) < 25
    kinds = db.session.scalars(select(OutboxMessage.kind)).all()
    assert kinds == ["registrations.promoted"] * 503
    theirs = select(SessionChoice).where(SessionChoice.left_at.is_(None))
    assert len(db.session.scalars(theirs).all()) == 4  # two seats at each
