"""Ways in which a seat was idle, out of reach, or went away unsaid."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from interact_events.core import clock
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.actions import EventValues, create_event
from interact_events.events.models import Event, Kind, Mode
from interact_events.registrations import actions
from interact_events.registrations.actions import Answers, Person
from interact_events.registrations.models import Promotion, Registration, State
from interact_events.registrations.queries import registrants_to_tell
from interact_events.registrations.rules import Cap, Dimension, Step
from tests import make

pytestmark = pytest.mark.usefixtures("app")

NOW = clock.now()
PASSWORD = "seven green bicycles sing"


def newcomer(programme: str) -> Person:
    return Person(
        email="zoe@example.org",
        name="Ζωή Žižka",
        zone="Europe/Athens",
        institution="Region of Crete",
        role=make.role(),
        programme=make.programme(programme),
        country=make.country("GR"),
    )


def send(event: Event, programme: str) -> None:
    actions.register_newcomer(newcomer(programme), PASSWORD, event, Answers(), now=NOW)


def test_a_newcomer_who_changes_programme_leaves_no_seat_idle() -> None:
    event = make.event(capacity=2)
    make.seat_rules(event, caps=[Cap(Dimension.PROGRAMME, (Step(None, 1),))])
    send(event, "Central Baltic")
    waiting = actions.register(make.profile(), event, Answers(), now=NOW)
    assert waiting.state is State.WAITLISTED
    send(event, "Alpine")
    assert (waiting.state, event.seats_taken, event.waiting) == (State.CONFIRMED, 2, 0)


def test_staff_confirm_an_offered_seat_at_a_full_event() -> None:
    event = make.event(capacity=1)
    make.seat_rules(event, promotion=Promotion.OFFER)
    offered = make.registration(event, state=State.OFFERED)
    actions.decide(event, [offered.id], State.CONFIRMED, actor=make.member(), now=NOW)
    assert (offered.state, offered.override, event.seats_taken) == (State.CONFIRMED, "", 1)


def test_who_is_nominated_is_told_of_changes_and_who_is_unconfirmed_is_not() -> None:
    event, coordinator = make.event(), make.user()
    nominated = make.registration(event, state=State.UNCONFIRMED, nominated_by_id=coordinator.id)
    make.registration(event, state=State.UNCONFIRMED)
    told: list[Registration] = list(registrants_to_tell(event))
    assert told == [nominated]


def new_hybrid() -> Event:
    day = to_local(make.days(40), "Europe/Helsinki").replace(hour=9, tzinfo=None)
    values: dict[str, Any] = {"starts": day, "ends": day + timedelta(hours=7), "capacity": 25}
    event = create_event(
        make.office(),
        EventValues(
            title="Both ways",
            kind=Kind.WORKSHOP,
            mode=Mode.HYBRID,
            period=make.period(),
            zone="Europe/Helsinki",
            **values,
        ),
        actor=make.member(),
        now=NOW,
        host="localhost",
    )
    db.session.commit()
    return event


def test_a_new_hybrid_event_has_seats_both_ways_and_so_has_its_copy() -> None:
    event = new_hybrid()
    assert (event.seats(online=False), event.seats(online=True)) == (13, 12)
    event.online_capacity = 5
    first_day = date.fromordinal(event.starts_at.date().toordinal() + 7)
    copy = actions.duplicate_event(
        event, "Again", first_day, actor=make.member(), now=NOW, host="localhost"
    )
    assert (copy.seats(online=False), copy.seats(online=True)) == (20, 5)


def test_a_newcomer_who_will_only_wait_is_not_told_of_a_seat() -> None:
    event = make.event(capacity=2)
    make.seat_rules(event, caps=[Cap(Dimension.PROGRAMME, (Step(None, 1),))])
    actions.register(make.profile(), event, Answers(), now=NOW)
    send(event, "Central Baltic")
    mail = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert mail
    assert mail.kind == "registrations.please_confirm"
    assert "Your place on the waiting list is held for 24 hours" in mail.text
