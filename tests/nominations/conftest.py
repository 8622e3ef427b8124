"""What the tests of this feature share."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.registrations.models import Registration, SeatTally
from interact_events.registrations.queries import seated_at
from interact_events.registrations.rules import SeatsTaken

Counts = tuple[int, int, SeatsTaken]


def kept(event: Event) -> Counts:
    """The counts as every move has left them."""
    db.session.flush()
    db.session.expire_all()
    rows = db.session.scalars(select(SeatTally).where(SeatTally.event_id == event.id))
    tallies = {(row.dimension, row.key): row.taken for row in rows if row.taken}
    return event.seats_taken, event.waiting, SeatsTaken(tallies)


def recounted(event: Event) -> Counts:
    """The same from the registrations themselves."""
    rows = db.session.scalars(select(Registration).where(Registration.event_id == event.id)).all()
    return (
        sum(row.holds_seat for row in rows),
        sum(row.is_waiting for row in rows),
        SeatsTaken.of(each.applicant for each in seated_at(event)),
    )


@pytest.fixture(autouse=True)
def counts_add_up(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test that has a database, each event's counts equal a recount."""
    if "app" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("app")  # so that it lasts longer than this
    yield
    for event in db.session.scalars(select(Event)).all():
        assert kept(event) == recounted(event), event.title
