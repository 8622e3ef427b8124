import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from interact_events.accounts.models import Level
from interact_events.attendance.queries import presences_of
from interact_events.events.models import Event, Session
from interact_events.registrations.models import Registration, State
from tests import make
from tests.client import Client, counted

ROW = re.compile(
    r'<li data-search="[^"]*"( hidden)?>.*?aria-pressed="(\w+)".*?<strong>(.*?)<', re.S
)


@dataclass
class Desk:
    """An event with one person to tick, and its addresses."""

    event: Event
    session: Session
    row: Registration

    @property
    def index(self) -> str:
        return f"/offices/turku/events/{self.event.slug}/attendance"

    @property
    def tick(self) -> str:
        return f"{self.index}/{self.session.id}/{self.row.id}"


@pytest.fixture
def desk(app: Flask) -> Desk:
    event = make.event()
    return Desk(event, event.sessions[0], make.registration(event, make.user("Søren Žižka")))


def rows_of(response: TestResponse) -> list[tuple[str, str, str]]:
    """(hidden, pressed, name) of each row of the list."""
    return ROW.findall(response.get_data(as_text=True))


@pytest.mark.parametrize("level", list(Level))
def test_every_member_of_the_office_may_tick(client: Client, desk: Desk, level: Level) -> None:
    client.sign_in(make.member(level=level))
    assert client.get(desk.index).status_code == 200
    assert client.press(desk.tick, present="1").status_code == 303
    assert presences_of(desk.event) == {desk.row.id: {desk.session.id}}


def test_staff_of_a_co_organiser_may_tick(client: Client, desk: Desk) -> None:
    desk.event.co_organisers.append(make.office("vienna"))
    client.sign_in(make.member("vienna", Level.VIEWER))
    assert client.press(desk.tick, present="1").status_code == 303


def test_another_office_and_the_registrant_find_nothing(client: Client, desk: Desk) -> None:
    for person in (make.member("vienna", Level.LEAD), desk.row.user):
        client.sign_in(person)
        assert client.get(desk.index).status_code == 404
        assert client.press(desk.tick, present="1").status_code == 404
    assert presences_of(desk.event) == {}


def test_a_stranger_is_asked_to_sign_in(client: Client, desk: Desk) -> None:
    assert client.get(desk.index).status_code == 302
    assert client.press(desk.tick, present="1").status_code == 302
    assert presences_of(desk.event) == {}


def test_a_tick_without_token_is_refused(client: Client, desk: Desk) -> None:
    client.sign_in(make.member())
    assert client.post(desk.tick, data={"present": "1"}).status_code == 400
    assert presences_of(desk.event) == {}


def test_the_list_shows_the_confirmed_by_name(client: Client, desk: Desk) -> None:
    make.registration(desk.event, make.user("Ľubica <b>O'Neil</b>"))
    make.registration(desk.event, make.user("Not Coming"), State.WAITLISTED)
    make.presence(desk.row, desk.session)
    client.sign_in(make.member())
    page = client.get(desk.index)
    assert rows_of(page) == [
        ("", "false", "Ľubica &lt;b&gt;O&#39;Neil&lt;/b&gt;"),
        ("", "true", "Søren Žižka"),
    ]
    assert '<strong id="present-count">1</strong> of <span id="expected-count">2</span>' in (
        page.get_data(as_text=True)
    )


@pytest.mark.parametrize("sought", ["zizka", "ŽIŽKA", "soren z", "søren", "southwest"])
def test_search_without_script_forgives_accents(client: Client, desk: Desk, sought: str) -> None:
    make.registration(desk.event, make.user("Zoi Other"), institution="-", search_text="zoi other")
    client.sign_in(make.member())
    page = client.get(desk.index, query_string={"q": sought})
    assert [name for hidden, _, name in rows_of(page) if not hidden] == ["Søren Žižka"]


def test_the_chosen_session_is_the_one_shown(client: Client, desk: Desk) -> None:
    later = make.session(desk.event, "Later", make.days(31), make.days(31) + timedelta(hours=1))
    make.presence(desk.row, later)
    client.sign_in(make.member())
    pressed = [
        rows_of(client.get(desk.index, query_string={"session": number}))[0][1]
        for number in (desk.session.id, later.id, 999_999)
    ]
    assert pressed == ["false", "true", "false"]


def test_an_agenda_without_sessions_says_so(client: Client, desk: Desk) -> None:
    desk.session.cancelled_at = make.days(0)
    client.sign_in(make.member())
    assert "There is no session to tick" in client.get(desk.index).get_data(as_text=True)


def test_without_script_a_tick_leads_back_to_the_list_with_an_undo(
    client: Client, desk: Desk
) -> None:
    client.sign_in(make.member())
    answer = client.press(desk.tick, present="1", q="žiž")
    assert answer.location == (
        f"{desk.index}?session={desk.session.id}&q=%C5%BEi%C5%BE&last={desk.row.id}#ticks"
    )
    page = client.get(answer.location).get_data(as_text=True)
    assert "Søren Žižka is present." in page
    undo = re.search(r'<button[^>]*id="undo"[^>]*value="(\d)" formaction="([^"]*)"(.*?)>', page)
    assert undo
    assert undo.groups() == ("0", desk.tick, "")
    client.press(undo[2], present=undo[1])
    assert presences_of(desk.event) == {}


def send(client: Client, address: str, present: str) -> TestResponse:
    """A tick as the page's script sends it."""
    page = client.get("/contact").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    headers = {"Accept": "application/json", "X-CSRFToken": token[1]}
    return client.post(address, data={"present": present}, headers=headers)


def test_a_script_gets_the_counts(client: Client, desk: Desk) -> None:
    make.registration(desk.event)
    client.sign_in(make.member())
    answers: list[Any] = [send(client, desk.tick, present).json for present in "1100"]
    assert [(a["present"], a["expected"]) for a in answers] == [(1, 2), (1, 2), (0, 2), (0, 2)]


def test_a_script_gets_the_refusal_in_words(client: Client, desk: Desk) -> None:
    desk.row.state = State.CANCELLED
    client.sign_in(make.member())
    answer = send(client, desk.tick, "1")
    assert answer.status_code == 409
    assert answer.json == {"message": "Søren Žižka has no confirmed seat (cancelled)."}


def test_a_registration_or_session_of_another_event_is_not_found(
    client: Client, desk: Desk
) -> None:
    other = make.event()
    elsewhere = make.registration(other)
    client.sign_in(make.member())
    for session_id, registration_id in (
        (other.sessions[0].id, desk.row.id),
        (desk.session.id, elsewhere.id),
    ):
        address = f"{desk.index}/{session_id}/{registration_id}"
        assert client.press(address, present="1").status_code == 404
    assert presences_of(desk.event) == presences_of(other) == {}


def test_list_and_tick_cost_the_same_for_three_as_for_one(
    client: Client, desk: Desk, connection: Connection
) -> None:
    client.sign_in(make.member())
    costs = []
    for _ in range(2):
        for address, run in ((desk.index, "get"), (desk.tick, "send")):
            with counted(connection) as statements:
                client.get(address) if run == "get" else send(client, address, "1")
            costs.append(len(statements))
        for row in [make.registration(desk.event) for _ in range(2)]:
            make.presence(row, desk.session)
        send(client, desk.tick, "0")
    assert costs[:2] == costs[2:]
