"""What the offices do with events."""

from datetime import datetime
from typing import Any

import pytest

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events.actions import EventValues, create_event, save_event
from interact_events.events.models import Event, Kind, Mode
from tests import make

pytestmark = pytest.mark.usefixtures("app")


def values(**changes: Any) -> EventValues:
    """A workshop in Turku, 09:00 on 12 May to 16:00 on 13 May 2027."""
    usual: dict[str, Any] = {
        "title": "Simplified cost options",
        "kind": Kind.WORKSHOP,
        "mode": Mode.IN_PERSON,
        "period": make.period(),
        "zone": "Europe/Helsinki",
        "starts": datetime(2027, 5, 12, 9),
        "ends": datetime(2027, 5, 13, 16),
        "city": "Turku",
        "country": make.country(),
        "capacity": 20,
    }
    return EventValues(**(usual | changes))


def created(**changes: Any) -> Event:
    event = create_event(
        make.office(), values(**changes), actor=make.member(), now=clock.now(), host="ie.example"
    )
    db.session.commit()
    return event


def test_create_event_numbers_the_slug_of_a_title_that_is_taken() -> None:
    assert [created().slug, created().slug] == [
        "simplified-cost-options",
        "simplified-cost-options-2",
    ]


def test_save_event_without_a_change_leaves_no_trace() -> None:
    event = created()
    assert save_event(event, values(), actor=make.member(), now=clock.now()) is False
    assert event.version == 0
