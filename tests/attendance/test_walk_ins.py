import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from interact_events.accounts.models import Level
from interact_events.accounts.queries import user_by_email
from interact_events.attendance.models import Presence
from interact_events.attendance.queries import presences_of
from interact_events.attendance.rules import Source
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Event, EventState, Session
from interact_events.registrations.models import Registration, State
from tests import make
from tests.client import Client


@dataclass
class Door:
    """An event that begins today, and the page that lets people in."""

    event: Event
    session: Session

    @property
    def desk(self) -> str:
        return f"/offices/turku/events/{self.event.slug}/check-in"

    def add(self, email: str = "zoe@example.org") -> str:
        return f"{self.desk}/add?session={self.session.id}&email={email}"

    @property
    def rows(self) -> list[Registration]:
        return list(db.session.scalars(select(Registration).order_by(Registration.id)))


@pytest.fixture
def door(app: Flask) -> Door:
    event = make.event(starts_at=make.days(1) - timedelta(hours=2), capacity=1)
    return Door(event, event.sessions[0])


def newcomer() -> dict[str, str]:
    return {
        "email": "zoe@example.org",
        "name": "Zoë Ångström",
        "institution": "Region",
        "role": str(make.role().id),
        "programme": make.programme().name,
        "country": str(make.country().id),
    }


def test_a_new_person_is_registered_and_ticked_by_one_press(client: Client, door: Door) -> None:
    client.sign_in(make.member())
    answer = client.press(door.add(), page=door.add(), **newcomer())
    [row] = door.rows
    assert (row.name, row.state) == ("Zoë Ångström", State.CONFIRMED)
    assert answer.location == f"{door.desk}?session={door.session.id}&last={row.id}#ticks"
    assert presences_of(door.event) == {row.id: {door.session.id: None}}
    assert db.session.scalars(select(Presence)).one().source is Source.DESK
    assert "Zoë Ångström is present." in client.get(answer.location).text


def test_what_is_missing_is_asked_of_staff_about_the_person(client: Client, door: Door) -> None:
    client.sign_in(make.member())
    empty = dict.fromkeys(newcomer(), "")
    page = client.press(door.add(), **empty).text
    for sentence in (
        "Write their e-mail address.",
        "Write their name.",
        "Write where they work.",
        "Choose their role.",
        "Choose the country they work in.",
    ):
        assert f"<span>{sentence}</span>" in page or f": {sentence}</a>" in page
    assert re.search(r"(Write|Choose|do not) (your|where you|the country you)", page) is None
    assert "Write their e-mail address." in client.get(door.add("")).text


def test_somebody_with_an_account_is_found_by_the_address(client: Client, door: Door) -> None:
    person = make.user("Bo Lund", email="bo@example.org")
    profile = make.profile(person)
    client.sign_in(make.member())
    assert "Add and tick Bo Lund" in client.get(door.add("bo@example.org")).text
    client.press(door.add("bo@example.org"), profile=str(profile.id))
    [row] = door.rows
    assert (row.user_id, row.state) == (person.id, State.CONFIRMED)
    assert presences_of(door.event) == {row.id: {door.session.id: None}}


def test_when_the_event_is_full_it_takes_a_reason(client: Client, door: Door) -> None:
    make.registration(door.event)
    client.sign_in(make.member())
    page = client.press(door.add(), **newcomer()).text
    assert "The rules leave no seat for Zoë Ångström" in page
    assert 'value="Zoë Ångström"' in page
    assert len(door.rows) == 1
    assert user_by_email("zoe@example.org") is None
    assert db.session.scalars(select(OutboxMessage)).all() == []
    page = client.press(door.add(), **newcomer(), beyond="y").text
    assert "Write why this person gets a seat anyway." in page
    client.press(door.add(), **newcomer(), beyond="y", override="Speaks in the afternoon")
    row = door.rows[-1]
    assert (row.state, row.override) == (State.CONFIRMED, "Speaks in the afternoon")
    assert presences_of(door.event) == {row.id: {door.session.id: None}}


def test_who_waits_in_line_gets_a_seat_and_a_tick(client: Client, door: Door) -> None:
    taken = make.registration(door.event)
    row = make.registration(door.event, make.user("Mia", email="mia@example.org"), State.WAITLISTED)
    client.sign_in(make.member())
    assert "Their registration: on the waiting list" in client.get(door.add("mia@example.org")).text
    client.press(door.add("mia@example.org"))
    assert (row.state, presences_of(door.event)) == (State.WAITLISTED, {})
    client.press(door.add("mia@example.org"), beyond="y", override="A seat stayed empty")
    assert (row.state, taken.state) == (State.CONFIRMED, State.CONFIRMED)
    assert presences_of(door.event) == {row.id: {door.session.id: None}}


def test_who_has_a_seat_is_ticked_from_there(client: Client, door: Door) -> None:
    row = make.registration(door.event, make.user("Mia", email="mia@example.org"))
    client.sign_in(make.member())
    page = client.get(door.add("mia@example.org")).text
    form = re.search(r'action="([^"]*check-in[^"]*)">.*?name="tick" value="(.*?)"', page, re.S)
    assert form
    client.press(form[1], tick=form[2])
    assert presences_of(door.event) == {row.id: {door.session.id: None}}


def test_who_has_not_confirmed_yet_can_only_be_looked_up(client: Client, door: Door) -> None:
    make.registration(door.event, make.user(email="mia@example.org"), State.UNCONFIRMED)
    client.sign_in(make.member())
    page = client.get(door.add("mia@example.org")).text
    assert "is on the list already" in page
    assert "Give a seat" not in page


def test_only_who_may_edit_the_event_adds_people(client: Client, door: Door) -> None:
    client.sign_in(make.member(level=Level.VIEWER))
    assert "Add somebody" not in client.get(door.desk).text
    assert client.get(door.add()).status_code == 403
    client.sign_in(make.member("vienna", Level.LEAD))
    assert client.get(door.add()).status_code == 404
    client.sign_in(make.member())
    assert "Add somebody" in client.get(door.desk).text


def test_nobody_is_added_where_nobody_can_be_ticked(client: Client, door: Door) -> None:
    client.sign_in(make.member())
    door.event.state = EventState.CANCELLED
    assert client.get(door.add()).location == door.desk
    assert client.press(door.add(), **newcomer()).location == door.desk
    assert door.rows == []
    assert "Add somebody" not in client.get(door.desk).text


def test_an_address_that_is_none_is_said(client: Client, door: Door) -> None:
    client.sign_in(make.member())
    page = client.get(door.add("zoe")).text
    assert "Please look at this" in page
    assert f'name="session" value="{door.session.id}"' in page
