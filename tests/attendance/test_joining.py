"""Joining online by a link of one's own."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import Connection, select

from interact_events.attendance import actions
from interact_events.attendance.models import Presence
from interact_events.attendance.rules import Source
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Event, EventState, Mode
from interact_events.registrations.emails import check_in_address, join_address
from interact_events.registrations.models import Registration, SessionChoice, State
from tests import make
from tests.client import Client, counted

ROOM = "https://meet.example/secret-room"
START = datetime.fromisoformat("2027-03-10T08:00:00+00:00")
MINUTE = timedelta(minutes=1)
AGENDA = [
    ("First", START, START + 60 * MINUTE),
    ("Second", START + 60 * MINUTE, START + 120 * MINUTE),
]


class Clock:
    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.at = START
        patch.setattr(clock, "now", lambda: self.at)


@pytest.fixture
def time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def row(time: Clock) -> Registration:
    return make.registration(online(), make.user("Zoi"))


def online(**values: Any) -> Event:
    usual: dict[str, Any] = {
        "mode": Mode.ONLINE,
        "joining_url": ROOM,
        "sessions": AGENDA,
        "starts_at": START,
    }
    return make.event(**usual | {"ends_at": START + 120 * MINUTE} | values)


def mailed(registration: Registration) -> str:
    return urlsplit(join_address(registration)).path


def own(registration: Registration) -> str:
    return f"/my/registrations/{registration.id}/join"


def noted(registration: Registration) -> dict[str, object]:
    """{session's title: when they were there}, all by the link and by themselves."""
    rows = list(db.session.scalars(select(Presence).filter_by(registration_id=registration.id)))
    assert {each.source for each in rows} <= {Source.JOIN_LINK}
    assert {each.recorded_by_id for each in rows} <= {registration.user_id}
    return {each.session.title: each.spans for each in rows}


def test_the_mailed_link_notes_nothing_until_the_button(client: Client, row: Registration) -> None:
    page = client.get(mailed(row))
    assert ("Join now" in page.text, ROOM in page.text, row.name in page.text) == (
        True,
        False,
        False,
    )
    assert noted(row) == {}
    answer = client.press(mailed(row))
    assert (answer.status_code, answer.location) == (303, ROOM)
    assert noted(row) == {"First": None}


def test_the_page_lets_its_button_lead_to_another_site(client: Client, row: Registration) -> None:
    policy = client.get(mailed(row)).headers["Content-Security-Policy"]
    assert "form-action https: http:;" in policy
    assert "form-action 'self';" in client.get("/contact").headers["Content-Security-Policy"]


def test_the_own_page_does_the_same(client: Client, row: Registration) -> None:
    client.sign_in(row.user)
    assert f'href="{own(row)}">Join online' in client.get(f"/my/registrations/{row.id}").text
    assert "Join now" in client.get(own(row)).text
    assert client.press(own(row)).location == ROOM
    assert noted(row) == {"First": None}


def test_others_do_not_find_somebodys_own_link(client: Client, row: Registration) -> None:
    assert client.get(own(row)).status_code == 302
    for person in (make.user(), make.member(), make.registration(row.event).user):
        client.sign_in(person)
        assert client.get(own(row)).status_code == 404
        assert client.press(own(row)).status_code == 404
    assert noted(row) == {}


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (-31, {}),
        (-30, {"First": None}),
        (15, {"First": None}),
        (16, {"First": ((START + 16 * MINUTE, START + 60 * MINUTE),)}),
        (30, {"First": ((START + 30 * MINUTE, START + 60 * MINUTE),), "Second": None}),
        (60, {"Second": None}),
    ],
)
def test_joining_counts_for_what_runs_or_starts_soon(
    client: Client, row: Registration, time: Clock, after: int, found: dict[str, object]
) -> None:
    time.at = START + after * MINUTE
    assert client.press(mailed(row)).location == ROOM
    assert noted(row) == found


def test_the_page_says_what_joining_counts_for(
    client: Client, row: Registration, time: Clock
) -> None:
    early = START - timedelta(hours=1)
    make.session(row.event, "Coffee", early, START, is_learning=False)
    time.at = START - timedelta(days=1)
    assert "the next one is “First”" in client.get(mailed(row)).text
    time.at = START
    assert "<strong>First</strong>" in client.get(mailed(row)).text


def test_joining_again_notes_nothing_twice(client: Client, row: Registration, time: Clock) -> None:
    client.press(mailed(row))
    time.at += 40 * MINUTE
    client.press(mailed(row))
    assert noted(row) == {"First": None, "Second": None}


def test_of_sessions_with_seats_only_the_chosen_count(client: Client, row: Registration) -> None:
    theirs = make.session(row.event, "Theirs", START, START + 60 * MINUTE, capacity=3)
    make.session(row.event, "Others", START, START + 60 * MINUTE, capacity=3)
    make.session(row.event, "Coffee", START, START + 60 * MINUTE, is_learning=False)
    db.session.add(SessionChoice(registration_id=row.id, session_id=theirs.id))
    client.press(mailed(row))
    assert noted(row) == {"First": None, "Theirs": None}


def test_closed_attendance_keeps_nobody_from_joining(
    client: Client, row: Registration, time: Clock
) -> None:
    time.at = row.event.ends_at
    actions.close_attendance(row.event, actor=None, now=time.at)
    time.at = START
    assert "Attendance is closed" in client.get(mailed(row)).text
    assert client.press(mailed(row)).location == ROOM
    assert noted(row) == {}


@pytest.mark.parametrize("state", [state for state in State if state is not State.CONFIRMED])
def test_without_a_seat_the_link_leads_nowhere(
    client: Client, row: Registration, state: State
) -> None:
    row.state = state
    assert client.get(mailed(row)).status_code == 410
    assert client.press(mailed(row)).status_code == 410
    client.sign_in(row.user)
    assert client.press(own(row)).status_code == 404


def test_a_link_leads_nowhere_where_there_is_nothing_to_join(
    client: Client, row: Registration, time: Clock
) -> None:
    untold = make.registration(online(), told_at=START + MINUTE)
    on_site = make.registration(online(mode=Mode.HYBRID, online_capacity=5))
    cancelled = make.registration(online(state=EventState.CANCELLED))
    without = make.registration(online(joining_url=""))
    for each in (untold, on_site, cancelled, without):
        assert client.get(mailed(each)).status_code == 410
    time.at = row.event.ends_at
    assert client.get(mailed(row)).status_code == 410


@pytest.mark.parametrize("token", ["x", "MQ.x", "MQ." + "a" * 27, "ü"])
def test_a_forged_link_leads_nowhere(client: Client, row: Registration, token: str) -> None:
    assert client.get(f"/join/{token}").status_code == 410
    assert client.press(f"/join/{token}").status_code == 410


def test_a_code_for_the_desk_is_no_link_to_join(client: Client, row: Registration) -> None:
    token = check_in_address(row).rpartition("/")[2]
    assert client.get(f"/join/{token}").status_code == 410


def test_staff_read_the_mail_without_the_link(client: Client, time: Clock) -> None:
    """Whoever uses it is noted as its owner."""
    event, profile = online(), make.profile()
    time.at = START - timedelta(days=5)
    event.registration_closes_at = START
    client.sign_in(profile.user)
    client.press(f"/events/{event.slug}/register", profile=profile.id)
    mail = db.session.scalars(select(OutboxMessage)).one()
    assert "/join/" in mail.text
    client.sign_in(make.member())
    page = client.get(f"/offices/turku/events/{event.slug}/messages/{mail.id}").text
    assert ("Join here: [personal link]" in page, "/join/" in page) == (True, False)


def test_the_page_costs_the_same_for_three_sessions_as_for_one(
    client: Client, time: Clock, connection: Connection
) -> None:
    costs = []
    for agenda in (AGENDA[:1], [*AGENDA, ("Third", START, START + MINUTE)]):
        row = make.registration(online(sessions=agenda))
        with counted(connection) as statements:
            client.get(mailed(row))
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 6
