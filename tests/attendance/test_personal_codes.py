"""A person's own code: for the desk a page with one button, for a stranger nothing."""

import re
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Connection, select
from werkzeug.test import TestResponse

from interact_events.accounts.models import Level
from interact_events.attendance import actions
from interact_events.attendance.models import Presence
from interact_events.attendance.queries import presences_of
from interact_events.attendance.rules import Source
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events.models import Event, EventState, Mode
from interact_events.registrations.emails import check_in_address, join_address
from interact_events.registrations.models import Registration, State
from tests import make
from tests.client import Client, counted


@pytest.fixture
def event(app: Flask) -> Event:
    """It began an hour ago."""
    return make.event(starts_at=make.days(0) - timedelta(hours=1))


@pytest.fixture
def row(event: Event) -> Registration:
    return make.registration(event, make.user("Søren <b>Žižka</b>"))


def address(registration: Registration) -> str:
    return urlsplit(check_in_address(registration)).path


def noted(registration: Registration) -> list[tuple[int, Source]]:
    rows = db.session.scalars(select(Presence).filter_by(registration_id=registration.id))
    return [(each.session_id, each.source) for each in rows]


def without_code(page: str) -> str:
    """What differs between two codes is the code."""
    page = re.sub(r"<svg.*?</svg>", "<svg/>", page, flags=re.DOTALL)
    return re.sub(r"check-in(%2F|/)[^\"]*", "check-in/…", page)


# -- the page


@pytest.mark.parametrize("level", list(Level))
def test_staff_see_who_it_is_and_check_in_by_one_button(
    client: Client, event: Event, row: Registration, level: Level
) -> None:
    client.sign_in(make.member(level=level))
    page = client.get(address(row)).text
    assert "<h1>Søren &lt;b&gt;Žižka&lt;/b&gt;</h1>" in page
    assert f">Check in for {event.sessions[0].title}<" in page
    assert noted(row) == []
    answer = client.press(address(row), session=event.sessions[0].id, present="1")
    assert answer.location == f"{address(row)}?session={event.sessions[0].id}"
    assert noted(row) == [(event.sessions[0].id, Source.QR)]
    assert "Personal QR code, " in client.get(answer.location).text


def test_staff_of_a_co_organiser_check_in(client: Client, event: Event, row: Registration) -> None:
    event.co_organisers.append(make.office("vienna"))
    client.sign_in(make.member("vienna", Level.VIEWER))
    answer = client.press(address(row), session=event.sessions[0].id, present="1")
    assert answer.status_code == 303


def test_what_is_noted_can_be_undone(client: Client, event: Event, row: Registration) -> None:
    client.sign_in(make.member())
    client.press(address(row), session=event.sessions[0].id, present="1")
    assert ">Undo<" in client.get(address(row)).text
    client.press(address(row), session=event.sessions[0].id, present="0")
    assert noted(row) == []


def test_an_undo_outlives_an_older_tick_that_a_desk_sends_late(
    client: Client, event: Event, row: Registration
) -> None:
    desk, session, now = make.member(), event.sessions[0], clock.now()
    client.sign_in(desk)
    client.press(address(row), session=session.id, present="1")
    client.press(address(row), session=session.id, present="0")
    earlier = now - timedelta(minutes=1)
    late = actions.Pressed(str(uuid4()), row.id, session.id, present=True, pressed_at=earlier)
    [answer] = actions.take(event, [late], desk="a", actor=desk, now=clock.now())
    assert (answer.outcome, noted(row)) == (actions.Outcome.OLDER, [])


def test_what_the_person_noted_themselves_takes_a_correction(
    client: Client, event: Event, row: Registration
) -> None:
    make.presence(row, event.sessions[0], source=Source.ROOM_CODE)
    client.sign_in(make.member())
    page = client.get(address(row)).text
    assert ("Code in the room, " in page, ">Undo<" in page) == (True, False)


def test_the_running_session_is_chosen_and_another_can_be(
    client: Client, event: Event, row: Registration
) -> None:
    later = make.session(event, "Later", make.days(1), make.days(1) + timedelta(hours=1))
    client.sign_in(make.member())
    assert f">Check in for {event.sessions[0].title}<" in client.get(address(row)).text
    assert ">Check in for Later<" in client.get(f"{address(row)}?session={later.id}").text
    assert "Check in for What" in client.get(f"{address(row)}?session=999999").text


@pytest.mark.parametrize("state", [s for s in State if s is not State.CONFIRMED])
def test_without_a_seat_there_is_no_button(
    client: Client, event: Event, row: Registration, state: State
) -> None:
    row.state = state
    client.sign_in(make.member())
    page = client.get(address(row)).text
    assert (state.label.lower() in page, ">Check in for" in page) == (True, False)
    client.press(address(row), session=event.sessions[0].id, present="1")
    assert noted(row) == []


def test_closed_attendance_and_a_cancelled_event_have_no_button(
    client: Client, event: Event, row: Registration
) -> None:
    client.sign_in(make.member())
    actions.close_attendance(event, actor=None, now=event.ends_at)
    page = client.get(address(row)).text
    assert ("Attendance is closed" in page, ">Check in for" in page) == (True, False)
    event.state = EventState.CANCELLED
    page = client.get(address(row)).text
    assert ("The event is cancelled" in page, ">Check in for" in page) == (True, False)
    client.press(address(row), session=event.sessions[0].id, present="1")
    assert noted(row) == []


# -- everybody else


def test_a_stranger_learns_nothing_from_a_code(client: Client, row: Registration) -> None:
    """Not even whether it is one."""
    good = client.get(address(row))
    bad = client.get("/check-in/MQ.aaaaaaaaaaaaaaaaaaaaaaaaaaa")
    assert (good.status_code, bad.status_code) == (200, 200)
    assert without_code(good.text) == without_code(bad.text)
    assert good.headers["X-Robots-Tag"] == "noindex, nofollow"
    for word in ("Søren", row.event.title, row.institution):
        assert word not in good.text


def test_neither_do_other_offices_nor_the_people_at_the_event(
    client: Client, event: Event, row: Registration
) -> None:
    for person in (make.member("vienna", Level.LEAD), make.registration(event).user, row.user):
        client.sign_in(person)
        page = without_code(client.get(address(row)).text)
        assert page == without_code(client.get("/check-in/x").text)
        assert event.title not in page
        answer = client.press(address(row), session=event.sessions[0].id, present="1")
        assert answer.status_code == 404
    assert presences_of(event) == {}


def test_a_stranger_cannot_check_in(client: Client, event: Event, row: Registration) -> None:
    answer = client.press(address(row), session=event.sessions[0].id, present="1")
    assert (answer.status_code, noted(row)) == (302, [])


def test_a_press_without_token_is_refused(client: Client, event: Event, row: Registration) -> None:
    client.sign_in(make.member())
    answer = client.post(address(row), data={"session": event.sessions[0].id, "present": "1"})
    assert (answer.status_code, noted(row)) == (400, [])


def test_what_is_no_code_at_all_is_not_drawn(client: Client) -> None:
    assert client.get("/check-in/" + "x" * 81).status_code == 404


def test_a_link_to_join_is_no_code(client: Client, row: Registration) -> None:
    client.sign_in(make.member())
    page = client.get(f"/check-in/{join_address(row).rpartition('/')[2]}").text
    assert "Søren" not in page


def test_a_session_of_another_event_is_not_found(client: Client, row: Registration) -> None:
    client.sign_in(make.member())
    for session in (make.event().sessions[0].id, "", "x"):
        assert client.press(address(row), session=session, present="1").status_code == 404
    assert noted(row) == []


# -- a person's own page


def drawn(client: Client, registration: Registration) -> bool:
    client.sign_in(registration.user)
    page = client.get(f"/my/registrations/{registration.id}").text
    return 'aria-label="Your check-in code"' in page


def test_the_own_page_shows_the_code_to_who_comes_to_the_place(
    client: Client, row: Registration
) -> None:
    hybrid = make.event(mode=Mode.HYBRID, online_capacity=5)
    assert drawn(client, row)
    assert drawn(client, make.registration(hybrid))
    assert not drawn(client, make.registration(hybrid, is_online=True))
    assert not drawn(client, make.registration(row.event, state=State.WAITLISTED))
    assert not drawn(client, make.registration(make.event(), told_at=make.days(1)))
    assert not drawn(client, make.registration(make.event(state=EventState.CANCELLED)))
    past = make.event(starts_at=make.days(-2))
    assert not drawn(client, make.registration(past))


# -- the scanner


def scan(client: Client, registration: Registration, session: object, present: str) -> TestResponse:
    """As the scanner's script sends it."""
    page = client.get("/contact").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    headers = {"Accept": "application/json", "X-CSRFToken": token[1]}
    fields = {"session": session, "present": present}
    return client.post(address(registration), data=fields, headers=headers)


def test_a_script_reads_what_became_of_the_scan(
    client: Client, event: Event, row: Registration
) -> None:
    client.sign_in(make.member())
    row.name = "Søren"
    answers = [scan(client, row, event.sessions[0].id, present).json for present in "110"]
    assert answers == [
        {"name": "Søren", "said": said, "is_present": is_present, "may_undo": is_present}
        for said, is_present in (
            ("is checked in.", True),
            ("was checked in before (Personal QR code).", True),
            ("is not checked in.", False),
        )
    ]


def test_a_script_reads_a_refusal_in_words(client: Client, event: Event, row: Registration) -> None:
    row.name, row.state = "Søren", State.WAITLISTED
    client.sign_in(make.member())
    answer = scan(client, row, event.sessions[0].id, "1")
    assert answer.status_code == 409
    assert answer.json == {"message": "Søren has no confirmed seat (on the waiting list)."}


def test_only_the_scanner_may_use_the_camera(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    page = client.get(f"/offices/turku/events/{event.slug}/check-in/scan")
    assert "camera=(self)," in page.headers["Permissions-Policy"]
    assert "camera=()," in client.get("/contact").headers["Permissions-Policy"]
    assert "Use the camera app of your phone." in page.text


def test_the_scanner_is_for_staff(client: Client, event: Event, row: Registration) -> None:
    scanner = f"/offices/turku/events/{event.slug}/check-in/scan"
    assert client.get(scanner).status_code == 302
    for person in (make.member("vienna", Level.LEAD), row.user):
        client.sign_in(person)
        assert client.get(scanner).status_code == 404


def test_code_and_scanner_cost_the_same_for_three_as_for_one(
    client: Client, event: Event, row: Registration, connection: Connection
) -> None:
    client.sign_in(make.member())
    costs = []
    for _ in range(2):
        make.presence(row, make.session(event, "One", event.starts_at, event.ends_at))
        for page in (address(row), f"/offices/turku/events/{event.slug}/check-in/scan"):
            with counted(connection) as statements:
                client.get(page)
            costs.append(len(statements))
        for _ in range(2):
            other = make.session(event, "More", event.starts_at, event.ends_at)
            make.presence(make.registration(event), other)
            make.presence(row, other)
    assert costs[:2] == costs[2:]
