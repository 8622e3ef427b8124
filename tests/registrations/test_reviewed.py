"""Ways in which a seat was idle, out of reach, or went away unsaid."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from interact_events.core import clock, words
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import OutboxMessage
from interact_events.events.actions import EventValues, create_event, values_of
from interact_events.events.models import Event, Kind, Mode
from interact_events.registrations import actions
from interact_events.registrations.actions import Answers, Person
from interact_events.registrations.models import Promotion, Registration, State
from interact_events.registrations.queries import registrants_to_tell
from interact_events.registrations.rules import Cap, Dimension, Step
from tests import make
from tests.client import Client

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
    assert "Your place on the waiting list is held until" in mail.text


def test_a_form_sent_again_says_until_when_the_place_is_held() -> None:
    event = make.event()
    send(event, "Central Baltic")
    row = db.session.scalars(select(Registration)).one()
    by = row.answer_by
    again = NOW + timedelta(hours=23)
    actions.register_newcomer(
        newcomer("Central Baltic"), PASSWORD + "!", event, Answers(), now=again
    )
    mail = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert mail
    assert by
    assert f"Your seat is held until {words.moment(by, event.zone)}." in mail.text
    assert row.answer_by == by


def test_a_form_sent_again_too_late_is_a_new_registration() -> None:
    event = make.event()
    send(event, "Central Baltic")
    first = db.session.scalars(select(Registration)).one()
    late = NOW + timedelta(hours=24, seconds=20)
    actions.register_newcomer(newcomer("Central Baltic"), PASSWORD, event, Answers(), now=late)
    second = db.session.scalars(select(Registration).order_by(Registration.id.desc())).first()
    assert second
    assert (first.state, second.state) == (State.CANCELLED, State.UNCONFIRMED)
    assert second.answer_by == late + timedelta(hours=24)


def own_page(client: Client, row: Registration) -> str:
    client.sign_in(row.user)
    return client.get(f"/my/registrations/{row.id}").get_data(as_text=True)


def test_a_cancelled_event_asks_nothing_more(client: Client) -> None:
    event = make.event()
    asked = make.registration(event, answer_by=NOW + timedelta(days=3))
    offered = make.registration(event, state=State.OFFERED, answer_by=NOW + timedelta(days=3))
    actions.cancel_event(event, "Ill", actor=make.member(), now=NOW)
    assert "Do you still come?" not in own_page(client, asked)
    page = own_page(client, offered)
    assert "A seat was offered to you" in page
    assert "It is held for you until" not in page
    with pytest.raises(DomainError, match="The event is cancelled"):
        actions.accept(offered, now=NOW)


def test_who_gives_a_seat_up_reads_what_becomes_of_it(client: Client) -> None:
    event = make.event()
    make.seat_rules(event, promotion=Promotion.OFFICE)
    page = own_page(client, make.registration(event))
    assert "You give up your seat. The office chooses who gets a seat that becomes free." in page


def test_a_hybrid_event_keeps_more_seats_than_those_online() -> None:
    event = make.event(mode=Mode.HYBRID, capacity=20, online_capacity=10)
    values = values_of(event, capacity=10, joining_url="https://meet.example.org")
    with pytest.raises(DomainError, match="10 seats are online") as refused:
        actions.change_event(event, values, actor=make.member(), now=NOW)
    assert refused.value.field == "capacity"


def test_who_changes_mode_overtakes_nobody_where_the_office_chooses() -> None:
    event = make.event(mode=Mode.HYBRID, capacity=4, online_capacity=2)
    make.seat_rules(event, promotion=Promotion.OFFICE)
    online = make.registration(event, is_online=True)
    make.registration(event)
    waiting = make.registration(event, state=State.WAITLISTED)
    with pytest.raises(DomainError, match="You keep your seat"):
        actions.change_mode(online, is_online=False, now=NOW)
    actions.cancel_registration(waiting, actor=waiting.user, now=NOW)
    actions.change_mode(online, is_online=False, now=NOW)
    assert not online.is_online
