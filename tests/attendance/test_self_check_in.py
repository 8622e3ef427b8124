"""People check themselves in: by the code on a screen, and by one that is read out."""

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Connection, select

from interact_events.attendance import actions
from interact_events.attendance.models import Presence, RoomCode
from interact_events.attendance.queries import presences_of
from interact_events.attendance.rules import Source
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events.models import Event, EventState, Mode, Session
from interact_events.registrations.models import Registration, State
from tests import make
from tests.client import Client, counted

HERE = "/check-in/room/here"
START = datetime.fromisoformat("2027-03-10T08:00:00+00:00")  # a Wednesday, 10:00 in Turku
END = START + timedelta(hours=2)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


class Clock:
    """What the site's clock shows; a test moves it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.at = START
        patch.setattr(clock, "now", lambda: self.at)


@pytest.fixture
def time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def event(time: Clock) -> Event:
    return make.event(starts_at=START, ends_at=END)


@pytest.fixture
def session(event: Event) -> Session:
    return event.sessions[0]


@pytest.fixture
def row(event: Event) -> Registration:
    return make.registration(event, make.user("Søren Žižka"))


@pytest.fixture
def code(session: Session) -> RoomCode:
    return started(session)


def started(session: Session) -> RoomCode:
    return actions.start_room_code(session, actor=make.member(), now=clock.now())


def link(code: RoomCode) -> str:
    """What the QR code holds now."""
    return f"/check-in/room/{code.token_at(clock.now())}"


def noted(registration: Registration) -> list[tuple[Source, object]]:
    rows = db.session.scalars(select(Presence).filter_by(registration_id=registration.id))
    return [(each.source, each.spans) for each in rows]


def said(client: Client) -> str:
    """The obstacle that the page with the button names."""
    page = client.get(HERE).text
    found = re.search(r'<p class="notice notice-warning">(.*?)</p>', page)
    assert found, page
    assert "I am here" not in page
    return found[1]


def scan(client: Client, registration: Registration, code: RoomCode) -> None:
    client.sign_in(registration.user)
    assert client.get(link(code)).location == HERE


# -- the code on the screen


def test_scanning_shows_one_button_and_pressing_it_notes_presence(
    client: Client, row: Registration, code: RoomCode
) -> None:
    scan(client, row, code)
    assert ">I am here<" in client.get(HERE).text
    assert noted(row) == []
    assert client.press(HERE).location == HERE
    assert "You are checked in" in client.get(HERE).text
    assert noted(row) == [(Source.ROOM_CODE, None)]


def test_who_is_noted_stands_in_the_row(client: Client, row: Registration, code: RoomCode) -> None:
    scan(client, row, code)
    client.press(HERE)
    (presence,) = db.session.scalars(select(Presence))
    assert presence.recorded_by_id == row.user_id


def test_there_is_time_to_sign_in_after_scanning(
    client: Client, row: Registration, code: RoomCode, time: Clock
) -> None:
    """The code is looked at when it is scanned; the sign-in on the way empties the session."""
    time.at = START + 20 * MINUTE
    assert client.get(link(code)).location == HERE
    assert client.get(HERE).location == "/sign-in?next=%2Fcheck-in%2Froom%2Fhere"
    time.at += 9 * MINUTE
    page = client.get(f"/sign-in?next={HERE}").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    fields = {"email": row.user.email, "password": make.PASSWORD, "csrf_token": token[1]}
    assert client.post(f"/sign-in?next={HERE}", data=fields).location == HERE
    client.press(HERE)
    arrived_at = START + 20 * MINUTE
    assert noted(row) == [(Source.ROOM_CODE, ((arrived_at, END),))]


def test_what_the_browser_keeps_is_for_this_alone(client: Client, code: RoomCode) -> None:
    cookie = client.get(link(code)).headers["Set-Cookie"]
    assert cookie.partition("=")[0] == "room_scan"
    kept = {part.strip() for part in cookie.split(";")[1:]}
    assert {"Max-Age=600", "HttpOnly", "Path=/check-in/room", "SameSite=Lax"} <= kept


@pytest.mark.parametrize(
    ("later", "status"), [(599 * SECOND, 303), (600 * SECOND, 410), (3600 * SECOND, 410)]
)
def test_a_scan_lasts_ten_minutes(
    client: Client,
    row: Registration,
    code: RoomCode,
    time: Clock,
    later: timedelta,
    status: int,
) -> None:
    scan(client, row, code)
    time.at += later
    assert client.press(HERE).status_code == status
    assert bool(noted(row)) is (status == 303)


@pytest.mark.parametrize(
    ("later", "status"),
    [(0, 303), (29, 303), (59, 303), (60, 410), (90, 410), (-30, 303), (-31, 410)],
)
def test_a_code_works_in_its_half_minute_and_those_beside_it(
    client: Client, code: RoomCode, time: Clock, later: int, status: int
) -> None:
    """START begins a slot; before and after it clocks may differ."""
    shown = link(code)
    time.at += later * SECOND
    assert client.get(shown).status_code == status


def test_a_code_that_was_passed_on_says_to_scan_the_screen(
    client: Client, row: Registration, code: RoomCode, time: Clock
) -> None:
    shared = link(code)
    time.at += 2 * MINUTE
    client.sign_in(row.user)
    answer = client.get(shared)
    assert answer.status_code == 410
    assert "Scan the code on the screen again." in answer.text
    assert client.get(HERE).status_code == 410


def test_the_address_of_the_button_is_of_no_use_to_others(
    client: Client, event: Event, row: Registration, code: RoomCode
) -> None:
    scan(client, row, code)
    other = make.registration(event)
    stranger = client.application.test_client()
    assert isinstance(stranger, Client)
    stranger.sign_in(other.user)
    assert stranger.get(HERE).status_code == 410
    assert stranger.press(HERE).status_code == 410


@pytest.mark.parametrize(
    "token", ["1-", "x", "0-00", "-", "1-" + "f" * 24, "9" * 30 + "-ab", "²-ab", "ü-ab"]
)
def test_a_forged_code_is_refused(client: Client, code: RoomCode, token: str) -> None:
    assert client.get(f"/check-in/room/{token}").status_code == 410


def test_a_code_of_one_session_is_none_of_another(
    client: Client, event: Event, code: RoomCode
) -> None:
    other = started(make.session(event, "Other", START, END))
    _, _, proof = code.token_at(clock.now()).partition("-")
    assert client.get(f"/check-in/room/{other.session_id}-{proof}").status_code == 410


def test_a_forged_cookie_is_refused(client: Client, row: Registration, code: RoomCode) -> None:
    client.sign_in(row.user)
    for value in ("", "x.y", "WzEsIjIiLCIzIl0.abc"):
        client.set_cookie("room_scan", value, path="/check-in/room")
        assert client.press(HERE).status_code == 410
    assert noted(row) == []


def test_a_stopped_code_takes_nobody_any_more(
    client: Client, row: Registration, session: Session, code: RoomCode
) -> None:
    scan(client, row, code)
    actions.stop_room_code(session, actor=make.member(), now=clock.now())
    assert client.get(link(code)).status_code == 410
    assert client.press(HERE).status_code == 410
    assert noted(row) == []


def test_a_code_started_anew_is_another(
    client: Client, row: Registration, session: Session, code: RoomCode, time: Clock
) -> None:
    scan(client, row, code)
    before = link(code)
    actions.stop_room_code(session, actor=make.member(), now=clock.now())
    time.at += SECOND
    started(session)
    assert client.get(before).status_code == 410
    assert client.press(HERE).status_code == 410
    assert client.get(link(code)).status_code == 303


@pytest.mark.parametrize(
    ("at", "is_taken"),
    [
        (START - 30 * MINUTE - SECOND, False),
        (START - 30 * MINUTE, True),
        (END - SECOND, True),
        (END, False),
    ],
)
def test_people_check_in_from_half_an_hour_before_until_the_end(
    client: Client, row: Registration, code: RoomCode, time: Clock, at: datetime, is_taken: bool
) -> None:
    time.at = at
    scan(client, row, code)
    assert (">I am here<" in client.get(HERE).text) is is_taken
    client.press(HERE)
    assert bool(noted(row)) is is_taken


def test_who_scanned_in_time_may_press_after_the_end(
    client: Client, row: Registration, code: RoomCode, time: Clock
) -> None:
    time.at = END - MINUTE
    scan(client, row, code)
    time.at = END + MINUTE
    client.press(HERE)
    assert noted(row) == [(Source.ROOM_CODE, ((END - MINUTE, END),))]


def test_the_wrong_time_is_said(
    client: Client, row: Registration, session: Session, code: RoomCode, time: Clock
) -> None:
    time.at = START - timedelta(hours=1)
    scan(client, row, code)
    title = session.title
    assert said(client) == (f"You can check in for “{title}” from 10 March 2027, 09:30 EET.")
    time.at = END + MINUTE
    scan(client, row, code)
    assert said(client) == f"“{title}” has ended, so nobody can check in any more."


DESK = "If you are here all the same, go to the check-in desk."


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (State.WAITLISTED, "You are on the waiting list for “{}” and have no seat yet."),
        (State.PENDING, "You have applied for “{}” and have no seat yet."),
        (State.OFFERED, "A seat at “{}” is offered to you: accept it first."),
        (State.DECLINED, "You have no seat at “{}”."),
        (State.CANCELLED, "Your registration for “{}” is cancelled."),
    ],
)
def test_who_has_no_seat_reads_why_not(
    client: Client, event: Event, code: RoomCode, state: State, sentence: str
) -> None:
    row = make.registration(event, state=state)
    scan(client, row, code)
    assert said(client) == f"{sentence.format(event.title)} {DESK}"
    client.press(HERE)
    assert noted(row) == []


def test_a_secret_selection_stays_one(client: Client, event: Event, code: RoomCode) -> None:
    row = make.registration(event, told_at=clock.now() + MINUTE)
    scan(client, row, code)
    assert said(client).startswith("You have applied for")


def test_who_is_not_registered_reads_so(client: Client, event: Event, code: RoomCode) -> None:
    client.sign_in(make.registration(make.event(), make.user()).user)
    client.get(link(code))
    assert said(client) == f"You are not registered for “{event.title}”."
    client.press(HERE)
    assert presences_of(event) == {}


def test_who_registered_again_is_taken_by_the_seat(
    client: Client, event: Event, row: Registration, code: RoomCode
) -> None:
    make.registration(event, row.user, State.CANCELLED)
    scan(client, row, code)
    client.press(HERE)
    assert noted(row) == [(Source.ROOM_CODE, None)]


def test_checking_in_twice_changes_nothing(
    client: Client, row: Registration, session: Session, code: RoomCode
) -> None:
    make.presence(row, session)
    scan(client, row, code)
    page = client.get(HERE).text
    assert ("You are checked in" in page, "Check-in desk" in page) == (True, True)
    assert client.press(HERE).status_code == 303
    assert noted(row) == [(Source.DESK, None)]


def test_closed_attendance_and_a_cancelled_event_take_nobody(
    client: Client, event: Event, row: Registration, code: RoomCode, time: Clock
) -> None:
    time.at = END - MINUTE
    scan(client, row, code)
    time.at = END
    actions.close_attendance(event, actor=None, now=END)
    assert said(client) == (f"Attendance of “{event.title}” is closed. Ask Interact Office Turku.")
    client.press(HERE)
    event.state = EventState.CANCELLED
    assert said(client) == f"“{event.title}” is cancelled."
    client.press(HERE)
    assert noted(row) == []


def test_a_session_with_seats_of_its_own_takes_who_is_there(
    client: Client, event: Event, row: Registration
) -> None:
    code = started(make.session(event, "Sampling", START, END, capacity=1))
    scan(client, row, code)
    client.press(HERE)
    assert noted(row) == [(Source.ROOM_CODE, None)]


def test_a_press_without_token_is_refused(
    client: Client, row: Registration, code: RoomCode
) -> None:
    scan(client, row, code)
    assert client.post(HERE).status_code == 400
    assert noted(row) == []


# -- the code that is read out


@pytest.fixture
def online(time: Clock) -> Registration:
    event = make.event(mode=Mode.ONLINE, starts_at=START, ends_at=END)
    return make.registration(event, make.user("Zoi"))


def test_the_code_read_out_checks_in_at_once(client: Client, online: Registration) -> None:
    spoken = started(online.event.sessions[0]).spoken_at(clock.now())
    client.sign_in(online.user)
    typed = f" {spoken[:3].lower()} {spoken[3:]}"
    assert client.press("/check-in/room", code=typed).location == HERE
    assert "You are checked in" in client.get(HERE).text
    assert noted(online) == [(Source.ROOM_CODE, None)]


@pytest.mark.parametrize(("later", "is_taken"), [(599, True), (600, False)])
def test_the_code_read_out_lasts_for_the_next_five_minutes_as_well(
    client: Client, online: Registration, time: Clock, later: int, is_taken: bool
) -> None:
    spoken = started(online.event.sessions[0]).spoken_at(clock.now())
    time.at += later * SECOND
    client.sign_in(online.user)
    client.press("/check-in/room", code=spoken)
    assert bool(noted(online)) is is_taken


@pytest.mark.parametrize("typed", ["", "AAAAAA", "ÜÜÜÜÜÜ", "' OR 1=1", "x" * 500])
def test_a_wrong_code_is_refused_and_kept_in_the_field(
    client: Client, online: Registration, typed: str
) -> None:
    started(online.event.sessions[0])
    client.sign_in(online.user)
    page = client.press("/check-in/room", code=typed).text
    assert "That code is not read out now" in page
    assert noted(online) == []


def test_a_code_of_an_event_without_a_seat_is_none(client: Client, online: Registration) -> None:
    spoken = started(online.event.sessions[0]).spoken_at(clock.now())
    for person in (make.user(), make.registration(online.event, state=State.WAITLISTED).user):
        client.sign_in(person)
        page = client.press("/check-in/room", code=spoken).text
        assert "not for an event where you have a seat" in page
    assert presences_of(online.event) == {}


def test_a_code_typed_at_the_wrong_time_says_from_when(
    client: Client, online: Registration, time: Clock
) -> None:
    time.at = START - timedelta(hours=2)
    spoken = started(online.event.sessions[0]).spoken_at(clock.now())
    client.sign_in(online.user)
    assert "You can check in for" in client.press("/check-in/room", code=spoken).text


def test_a_stopped_code_is_not_taken_when_typed(client: Client, online: Registration) -> None:
    session = online.event.sessions[0]
    spoken = started(session).spoken_at(clock.now())
    actions.stop_room_code(session, actor=make.member(), now=clock.now())
    client.sign_in(online.user)
    client.press("/check-in/room", code=spoken)
    assert noted(online) == []


def test_codes_read_out_differ_and_look_like_nothing_else(session: Session) -> None:
    code = started(session)
    spoken = {code.spoken_at(START + number * 5 * MINUTE) for number in range(300)}
    assert len(spoken) == 300
    assert {len(each) for each in spoken} == {6}
    assert not set("".join(spoken)) & set("0O1IL2Z5S8B")


def test_nobody_may_guess_codes(app: Flask, client: Client, online: Registration) -> None:
    client.sign_in(online.user)
    statuses = [client.press("/check-in/room", code="AAAAAA").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]


def test_the_participants_side_is_private(client: Client, code: RoomCode) -> None:
    for address in ("/check-in/room", HERE):
        assert client.get(address).status_code == 302
        assert client.press(address).status_code == 302


def test_checking_in_costs_the_same_with_three_people_and_sessions_as_with_one(
    client: Client, event: Event, session: Session, connection: Connection
) -> None:
    code = started(session)
    costs = []
    for _ in range(2):
        row = make.registration(event)
        client.sign_in(row.user)
        address = link(code)
        with counted(connection) as statements:
            client.get(address)
            client.get(HERE)
        costs.append(len(statements))
        for number in range(2):
            make.presence(make.registration(event), session)
            started(make.session(event, f"S{number}", START, END))
    assert costs[0] == costs[1] <= 16
