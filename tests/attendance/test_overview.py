import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Connection, select

from interact_events.accounts.models import Level
from interact_events.attendance.models import Closing
from interact_events.attendance.queries import closing_of, no_show_ids, presences_of
from interact_events.attendance.rules import Source
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.registrations.models import State
from tests import make
from tests.client import Client, counted


@pytest.fixture
def event(app: Flask) -> Event:
    """It ended an hour ago and had two sessions of two hours."""
    start = make.days(0) - timedelta(hours=6)
    middle, end = start + timedelta(hours=2), start + timedelta(hours=4)
    return make.event(
        starts_at=start, ends_at=end, sessions=[("Costs", start, middle), ("Audit", middle, end)]
    )


def address(event: Event, rest: str = "") -> str:
    return f"/offices/turku/events/{event.slug}/attendance{rest}"


PAGES = ("", "/live", "/no-shows", "/reopen")


@pytest.mark.parametrize("rest", PAGES)
def test_other_offices_and_registrants_find_nothing(
    client: Client, event: Event, rest: str
) -> None:
    for person in (make.member("vienna", Level.LEAD), make.registration(event).user):
        client.sign_in(person)
        assert client.get(address(event, rest)).status_code == 404


def test_colleagues_look_editors_correct_and_leads_close(client: Client, event: Event) -> None:
    row = make.registration(event)
    correct = f"/people/{row.id}/{event.sessions[0].id}"
    asked = ("", "/live", f"/people/{row.id}", correct, "/no-shows", "/reopen")
    allowed = {
        Level.VIEWER: [200, 200, 200, 403, 403, 403],
        Level.EDITOR: [200, 200, 200, 200, 200, 403],
        Level.LEAD: [200] * 6,
    }
    for level, codes in allowed.items():
        client.sign_in(make.member(level=level))
        assert [client.get(address(event, rest)).status_code for rest in asked] == codes
    client.sign_in(make.member(level=Level.EDITOR))
    assert client.press(address(event, "/close")).status_code == 403
    client.sign_in(make.member(level=Level.VIEWER))
    for rest in ("/no-shows", "/no-shows/take-back", "/close", "/reopen", correct):
        assert client.press(address(event, rest), reason="x", extent="all").status_code == 403


def test_people_and_sessions_of_another_event_are_not_found(client: Client, event: Event) -> None:
    other = make.event()
    elsewhere, here = make.registration(other), make.registration(event)
    client.sign_in(make.member())
    for rest in (
        f"/people/{elsewhere.id}",
        f"/people/{elsewhere.id}/{event.sessions[0].id}",
        f"/people/{here.id}/{other.sessions[0].id}",
    ):
        assert client.get(address(event, rest)).status_code == 404


def test_the_overview_counts_sessions_and_tells_of_people(client: Client, event: Event) -> None:
    costs, audit = event.sessions
    half = [[(costs.starts_at + timedelta(hours=1)).isoformat(), costs.ends_at.isoformat()]]
    late, full = (make.registration(event, make.user(name)) for name in ("<b>Late</b>", "Full"))
    make.presence(late, costs, parts=half, source=Source.IMPORT)
    make.presence(full, costs, audit)
    make.no_show(make.registration(event, make.user("Missed")))
    client.sign_in(make.member())
    text = client.get(address(event)).text
    assert re.findall(r'data-label="Present">(\d+ of \d+)', text) == ["2 of 3", "1 of 3"]
    found = re.findall(r"<strong>([^<]+)</strong></a>.*?Learning time\">(.*?)</td>", text, re.S)
    assert [(name, re.sub(r"<.*?>", "", time)) for name, time in found] == [
        ("&lt;b&gt;Late&lt;/b&gt;", "1 h (25 %)"),
        ("Full", "4 h (100 %)"),
        ("Missed", "0 h (0 %)"),
    ]
    assert (text.count(">Late<"), text.count(">No-show</span>")) == (1, 1)


@pytest.mark.parametrize(
    ("noted", "names"),
    [
        ("present", ["Came"]),
        ("nothing", ["Unknown"]),
        ("no-show", ["Missed"]),
        ("corrected", []),
        ("nonsense", ["Came", "Missed", "Unknown"]),
    ],
)
def test_the_people_are_narrowed_by_what_is_noted(
    client: Client, event: Event, noted: str, names: list[str]
) -> None:
    make.presence(make.registration(event, make.user("Came")), event.sessions[0])
    make.no_show(make.registration(event, make.user("Missed")))
    make.registration(event, make.user("Unknown"))
    make.registration(event, make.user("Waits"), State.WAITLISTED)
    client.sign_in(make.member())
    text = client.get(address(event), query_string={"noted": noted}).text
    assert re.findall(r"<strong>(\w+)</strong></a>", text) == names


def test_a_correction_by_times_is_kept_with_its_reason(client: Client, event: Event) -> None:
    row, session = make.registration(event), event.sessions[0]
    make.presence(row, session)
    client.sign_in(make.member(level=Level.EDITOR))
    page = address(event, f"/people/{row.id}")
    left = session.starts_at + timedelta(minutes=90)
    local = to_local(left, event.zone)
    answer = client.press(
        f"{page}/{session.id}", extent="part", left=f"{local:%H:%M}", reason="Train <b>at noon</b>"
    )
    assert (answer.status_code, answer.location) == (303, page)
    assert presences_of(event) == {row.id: {session.id: ((session.starts_at, left),)}}
    text = client.get(page).text
    assert "Train &lt;b&gt;at noon&lt;/b&gt;" in text
    assert "(before: all of it)" in text
    assert "Left early" in text


def test_a_correction_of_what_has_changed_meanwhile_is_asked_again(
    client: Client, event: Event
) -> None:
    row, session = make.registration(event), event.sessions[0]
    client.sign_in(make.member(level=Level.EDITOR))
    page = address(event, f"/people/{row.id}")
    correction = f"{page}/{session.id}"
    assert "Noted: not there." in client.get(correction).text
    make.presence(row, session)
    stale = client.press(correction, extent="not", reason="I did not see her", shown="")
    assert "Meanwhile somebody has noted something else" in stale.text
    assert "Noted: all of it." in stale.text
    assert "I did not see her" in stale.text
    assert presences_of(event) == {row.id: {session.id: None}}
    shown = re.search(r'name="shown"[^>]* value="([^"]+)"', stale.text)
    assert shown
    answer = client.press(correction, extent="not", reason="Looked at it", shown=shown[1])
    assert (answer.status_code, answer.location) == (303, page)
    assert presences_of(event) == {}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"extent": "all"}, "Say why"),
        ({"extent": "nonsense", "reason": "x"}, "Choose one of those on offer"),
        ({"extent": "part", "arrived": "25:99", "reason": "x"}, "Give a time, like 09:00."),
    ],
)
def test_a_correction_that_makes_no_sense_is_answered_beside_its_field(
    client: Client, event: Event, values: dict[str, str], sentence: str
) -> None:
    row, session = make.registration(event), event.sessions[0]
    client.sign_in(make.member(level=Level.EDITOR))
    answer = client.press(address(event, f"/people/{row.id}/{session.id}"), **values)
    assert answer.status_code == 200
    assert sentence in answer.text
    assert presences_of(event) == {}


def test_who_did_not_come_is_shown_before_it_is_noted(client: Client, event: Event) -> None:
    make.presence(make.registration(event, make.user("Came")), event.sessions[0])
    missed = make.registration(event, make.user("Missed"))
    client.sign_in(make.member(level=Level.EDITOR))
    page = address(event, "/no-shows")
    text = client.get(page).text
    assert re.findall(r"<li><strong>(\w+)", text) == ["Missed"]
    assert "1 person will be noted as no-show" in text
    client.press(page)
    assert no_show_ids(event) == {missed.id}
    client.press(page + "/take-back")
    assert no_show_ids(event) == set()


def test_leads_close_and_open_again(client: Client, event: Event) -> None:
    row = make.registration(event)
    client.sign_in(make.member(level=Level.LEAD))
    client.press(address(event, "/close"))
    assert closing_of(event)
    assert "Attendance has been closed since" in client.get(address(event)).text
    refused = client.press(
        address(event, f"/people/{row.id}/{event.sessions[0].id}"), extent="all", reason="x"
    )
    assert "Attendance was closed on" in refused.text
    assert "Say why it has to change" in client.press(address(event, "/reopen"), reason=" ").text
    client.press(address(event, "/reopen"), reason="A page was missing")
    db.session.expire_all()
    assert closing_of(event) is None
    assert "A page was missing" in client.get(address(event, "/reopen")).text


def test_issuing_certificates_closes_attendance(client: Client, event: Event) -> None:
    make.presence(make.registration(event), *event.sessions)
    client.sign_in(make.member(level=Level.LEAD))
    client.press(f"/offices/turku/events/{event.slug}/certificates/issue")
    assert db.session.scalars(select(Closing)).one().event_id == event.id


def test_the_live_view_shows_who_is_there(client: Client, event: Event) -> None:
    rows = [make.registration(event) for _ in range(3)]
    make.presence(rows[0], event.sessions[1])
    client.sign_in(make.member(level=Level.VIEWER))
    text = client.get(address(event, "/live")).text
    numbers = re.findall(r"<strong>(\d+)</strong><span>(\w+)</span>", text)
    assert numbers == [("1", "present"), ("2", "missing"), ("3", "expected")]
    assert text.count("<rect") == 1


@pytest.mark.parametrize("rest", ["", "/live", "/no-shows", "/reopen"])
def test_pages_cost_the_same_for_three_as_for_one(
    client: Client, event: Event, rest: str, connection: Connection
) -> None:
    client.sign_in(make.member(level=Level.LEAD))
    costs = []
    for number in (1, 2):
        for _ in range(number):
            make.presence(make.registration(event), event.sessions[0])
            make.registration(event)
            make.no_show(make.registration(event))
        with counted(connection) as statements:
            client.get(address(event, rest))
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_a_persons_page_costs_the_same_for_three_sessions_as_for_one(
    client: Client, event: Event, connection: Connection
) -> None:
    client.sign_in(make.member(level=Level.EDITOR))
    row, costs = make.registration(event), []
    page = address(event, f"/people/{row.id}")
    for session in event.sessions:
        make.presence(row, session)
        client.press(f"{page}/{session.id}", extent="not", reason="x")
        client.press(f"{page}/{session.id}", extent="all", reason="x")
        with counted(connection) as statements:
            client.get(page)
        costs.append(len(statements))
    assert costs[0] == costs[1]
