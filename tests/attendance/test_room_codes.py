"""The screen with the code, which staff start and stop."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Connection

from interact_events.accounts.models import Level
from interact_events.attendance import actions, queries
from interact_events.core.db import db
from interact_events.events.models import Event, EventState, Mode
from tests import make
from tests.client import Client, counted


@pytest.fixture
def event(app: Flask) -> Event:
    return make.event(starts_at=make.days(0))


def screen(event: Event) -> str:
    return f"/offices/{event.office.code}/events/{event.slug}/room-code/{event.sessions[0].id}"


def is_open(event: Event) -> bool:
    code = queries.room_code(event.sessions[0])
    return bool(code and code.is_open)


@pytest.mark.parametrize("level", list(Level))
def test_staff_start_and_stop_the_code(client: Client, event: Event, level: Level) -> None:
    client.sign_in(make.member(level=level))
    assert ">Show the code<" in client.get(screen(event)).text
    assert client.press(f"{screen(event)}/start").location == screen(event)
    assert is_open(event)
    page = client.get(screen(event)).text
    assert (">Stop the code<" in page, "QR code to check in" in page) == (True, True)
    client.press(f"{screen(event)}/stop")
    client.press(f"{screen(event)}/stop")
    assert not is_open(event)
    assert "The code was stopped on" in client.get(screen(event)).text


def test_staff_of_a_co_organiser_start_it(client: Client, event: Event) -> None:
    event.co_organisers.append(make.office("vienna"))
    client.sign_in(make.member("vienna", Level.VIEWER))
    client.press(f"{screen(event)}/start")
    assert is_open(event)


def test_the_screen_is_for_staff(client: Client, event: Event) -> None:
    parts = ("", "/now", "/code.svg")
    actions.start_room_code(event.sessions[0], actor=make.member(), now=make.days(0))
    assert {client.get(screen(event) + part).status_code for part in parts} == {302}
    for person in (make.member("vienna", Level.LEAD), make.registration(event).user):
        client.sign_in(person)
        assert {client.get(screen(event) + part).status_code for part in parts} == {404}
        assert client.press(f"{screen(event)}/stop").status_code == 404
        assert client.press(f"{screen(event)}/start").status_code == 404
    assert is_open(event)


def test_a_press_without_token_is_refused(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    assert client.post(f"{screen(event)}/start").status_code == 400
    assert not is_open(event)


def test_a_session_of_another_event_or_a_cancelled_one_is_not_found(
    client: Client, event: Event
) -> None:
    client.sign_in(make.member())
    start = screen(event).rpartition("/")[0]
    assert client.get(f"{start}/{make.event().sessions[0].id}").status_code == 404
    event.sessions[0].cancelled_at = make.days(0)
    assert client.get(screen(event)).status_code == 404
    assert client.press(f"{screen(event)}/start").status_code == 404


def test_the_script_reads_what_to_show(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    assert client.get(f"{screen(event)}/now").json == {"is_open": False}
    client.press(f"{screen(event)}/start")
    make.presence(make.registration(event), event.sessions[0])
    told = client.get(f"{screen(event)}/now").json
    assert told
    assert (told["is_open"], told["present"], told["spoken"]) == (True, 1, "")
    assert 0 < told["seconds"] <= 30


def test_only_where_people_join_online_a_code_is_read_out(client: Client) -> None:
    client.sign_in(make.member())
    for mode, is_read in ((Mode.IN_PERSON, False), (Mode.HYBRID, True), (Mode.ONLINE, True)):
        event = make.event(mode=mode)
        client.press(f"{screen(event)}/start")
        page = client.get(screen(event)).text
        assert bool(re.search(r'id="room-spoken">[A-Z0-9]{6}<', page)) is is_read


def test_the_drawing_is_kept_by_no_cache_and_there_only_while_the_code_is_on(
    client: Client, event: Event
) -> None:
    client.sign_in(make.member())
    assert client.get(f"{screen(event)}/code.svg").status_code == 404
    client.press(f"{screen(event)}/start")
    answer = client.get(f"{screen(event)}/code.svg")
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/svg+xml", "no-store")
    client.press(f"{screen(event)}/stop")
    assert client.get(f"{screen(event)}/code.svg").status_code == 404


def test_nothing_can_be_shown_once_attendance_stays_as_it_is(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    actions.close_attendance(event, actor=None, now=event.ends_at)
    assert ">Show the code<" not in client.get(screen(event)).text
    client.press(f"{screen(event)}/start")
    assert not is_open(event)
    event.state = EventState.CANCELLED
    assert "The event is cancelled" in client.get(screen(event)).text
    over = make.event(starts_at=make.days(-1), ends_at=make.days(-1) + timedelta(hours=1))
    assert "The session has ended" in client.get(screen(over)).text


def test_a_code_can_be_stopped_after_attendance_is_closed(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    client.press(f"{screen(event)}/start")
    actions.close_attendance(event, actor=None, now=event.ends_at)
    client.press(f"{screen(event)}/stop")
    assert not is_open(event)


def test_each_start_makes_another_secret(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    secrets = []
    for _ in range(2):
        client.press(f"{screen(event)}/start")
        code = queries.room_code(event.sessions[0])
        assert code
        secrets.append(code.secret)
    assert secrets[0] != secrets[1]


def test_the_screen_costs_the_same_for_three_as_for_one(
    client: Client, event: Event, connection: Connection
) -> None:
    client.sign_in(make.member())
    client.press(f"{screen(event)}/start")
    costs = []
    for _ in range(2):
        make.presence(make.registration(event), event.sessions[0])
        for part in ("", "/now", "/code.svg"):
            with counted(connection) as statements:
                client.get(screen(event) + part)
            costs.append(len(statements))
        for _ in range(2):
            make.presence(make.registration(event), event.sessions[0])
            make.session(event, "More", event.starts_at, event.ends_at)
        db.session.commit()
    assert costs[:3] == costs[3:]
