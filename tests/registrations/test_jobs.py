from datetime import timedelta

import pytest

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs import TASKS
from interact_events.registrations.jobs import forget_needs, settle_events
from interact_events.registrations.models import Needs, State
from tests import make


@pytest.mark.usefixtures("app")
def test_places_of_silent_newcomers_are_released() -> None:
    event = make.event(capacity=1)
    silent = make.registration(
        event,
        make.user(confirmed_at=None),
        State.UNCONFIRMED,
        upon_confirmation=State.CONFIRMED,
        submitted_at=clock.now() - timedelta(hours=25),
        answer_by=clock.now() - timedelta(hours=1),
    )
    waiting = make.registration(event, state=State.WAITLISTED)
    settle_events()
    db.session.expire_all()
    assert (silent.state, waiting.state) == (State.CANCELLED, State.CONFIRMED)
    assert (event.seats_taken, event.waiting) == (1, 0)


@pytest.mark.usefixtures("app")
def test_needs_go_as_many_days_after_the_event_as_the_settings_say() -> None:
    rows = [
        make.registration(make.event(starts_at=make.days(-days - 1), ends_at=make.days(-days)))
        for days in (13, 15)
    ]
    for row in rows:
        db.session.add(Needs(registration_id=row.id, diet="vegan"))
    db.session.commit()
    forget_needs()
    assert [db.session.get(Needs, row.id) is not None for row in rows] == [True, False]


@pytest.mark.usefixtures("app")
def test_both_run_by_the_clock() -> None:
    assert [
        TASKS[f"registrations.{name}"].minutes
        for name in ("settle_events", "forget_deleted", "forget_needs")
    ] == [
        1,
        5,
        60,
    ]
