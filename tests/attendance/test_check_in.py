import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from interact_events.accounts.models import Level
from interact_events.attendance.actions import close_attendance
from interact_events.attendance.queries import presence, presences_of
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events.models import Event, EventState, Session
from interact_events.registrations.models import Registration, State
from tests import make
from tests.client import Client, counted

ROW = re.compile(r'<li[^>]*?( hidden)?><button[^>]*?aria-pressed="(\w+)"><b>(.*?)</b>', re.S)


DESK = "5f0c2a4e-0000-4000-8000-000000000001"


@dataclass
class Desk:
    """An event with one person to tick, and its addresses."""

    event: Event
    session: Session
    row: Registration

    @property
    def index(self) -> str:
        return f"/offices/turku/events/{self.event.slug}/check-in"

    @property
    def tick(self) -> str:
        return f"{self.index}/{self.session.id}"

    @property
    def present(self) -> str:
        return f"{self.tick}/present"

    @property
    def yes(self) -> str:
        return f"{self.row.id}:1"

    def pressed(self, row: Registration | None = None, **values: Any) -> dict[str, Any]:
        """A tick as the page's script queues it."""
        return {
            "key": str(uuid4()),
            "registration": (row or self.row).id,
            "session": self.session.id,
            "present": True,
            "pressed_at": clock.now().isoformat(),
        } | values


@pytest.fixture
def desk(app: Flask) -> Desk:
    event = make.event(starts_at=make.days(1) - timedelta(hours=1))
    return Desk(event, event.sessions[0], make.registration(event, make.user("Søren Žižka")))


def rows_of(response: TestResponse) -> list[tuple[str, str, str]]:
    """(hidden, pressed, name) of each row of the list."""
    return ROW.findall(response.get_data(as_text=True))


@pytest.mark.parametrize("level", list(Level))
def test_every_member_of_the_office_may_tick(client: Client, desk: Desk, level: Level) -> None:
    client.sign_in(make.member(level=level))
    assert client.get(desk.index).status_code == 200
    assert client.press(desk.tick, tick=desk.yes).status_code == 303
    assert presences_of(desk.event) == {desk.row.id: {desk.session.id: None}}


def test_staff_of_a_co_organiser_may_tick(client: Client, desk: Desk) -> None:
    desk.event.co_organisers.append(make.office("vienna"))
    client.sign_in(make.member("vienna", Level.VIEWER))
    assert client.press(desk.tick, tick=desk.yes).status_code == 303


def test_another_office_and_the_registrant_find_nothing(client: Client, desk: Desk) -> None:
    for person in (make.member("vienna", Level.LEAD), desk.row.user):
        client.sign_in(person)
        assert client.get(desk.index).status_code == 404
        assert client.press(desk.tick, tick=desk.yes).status_code == 404
    assert presences_of(desk.event) == {}


def test_a_stranger_is_asked_to_sign_in(client: Client, desk: Desk) -> None:
    assert client.get(desk.index).status_code == 302
    assert client.press(desk.tick, tick=desk.yes).status_code == 302
    assert presences_of(desk.event) == {}


def test_a_tick_without_token_is_refused(client: Client, desk: Desk) -> None:
    client.sign_in(make.member())
    assert client.post(desk.tick, data={"tick": desk.yes}).status_code == 400
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
    next_one = make.session(desk.event, "Sooner", make.days(0.5), make.days(0.6))
    make.presence(desk.row, next_one)
    client.sign_in(make.member())
    pressed = [
        rows_of(client.get(desk.index, query_string={"session": number}))[0][1]
        for number in (desk.session.id, next_one.id, 999_999)
    ]
    assert pressed == ["false", "true", "true"]


def test_an_agenda_without_sessions_says_so(client: Client, desk: Desk) -> None:
    desk.session.cancelled_at = make.days(0)
    client.sign_in(make.member())
    assert "There is no session to tick" in client.get(desk.index).get_data(as_text=True)


def test_without_script_a_tick_leads_back_to_the_list_with_an_undo(
    client: Client, desk: Desk
) -> None:
    client.sign_in(make.member())
    answer = client.press(desk.tick, tick=desk.yes, q="žiž")
    assert answer.location == (
        f"{desk.index}?session={desk.session.id}&q=%C5%BEi%C5%BE&last={desk.row.id}#ticks"
    )
    page = client.get(answer.location).get_data(as_text=True)
    assert "Søren Žižka is present." in page
    undo = re.search(
        r'action="([^"]*)" id="undo-form">.*id="undo" name="tick" value="(.*?)"(.*?)>', page, re.S
    )
    assert undo
    assert undo.groups() == (desk.tick, f"{desk.row.id}:0", "")
    client.press(undo[1], tick=undo[2])
    assert presences_of(desk.event) == {}


def test_nothing_can_be_pressed_at_a_cancelled_event(client: Client, desk: Desk) -> None:
    desk.event.state = EventState.CANCELLED
    client.sign_in(make.member())
    assert says_why(client, desk) == "This event is cancelled, so it stays as it is."


def test_nothing_can_be_pressed_before_check_in_opens(client: Client, desk: Desk) -> None:
    desk.session.starts_at, desk.session.ends_at = make.days(3), make.days(4)
    desk.session.title = "Costs"
    client.sign_in(make.member())
    assert says_why(client, desk).startswith("Check-in for “Costs” opens a day before it starts: ")


def test_nothing_can_be_pressed_once_attendance_is_closed(client: Client, desk: Desk) -> None:
    desk.event.starts_at, desk.event.ends_at = make.days(-2), make.days(-1)
    db.session.commit()
    close_attendance(desk.event, actor=None, now=clock.now())
    client.sign_in(make.member())
    assert says_why(client, desk).startswith("Attendance was closed on ")


def says_why(client: Client, desk: Desk) -> str:
    """The sentence on a page that names the person and offers no button to tick them."""
    page = client.get(desk.index).text
    assert "<b>Søren Žižka</b>" in page
    assert 'aria-pressed="' not in page
    found = re.search(r'id="refusal">(.*?)</p>', page)
    assert found
    return found[1]


def test_a_search_forgives_a_slip_and_puts_who_fits_best_first(client: Client, desk: Desk) -> None:
    for name in ("Mary Andersson", "Anders Berg", "Ander Zola", "Bo Lund"):
        make.registration(desk.event, make.user(name), institution="Region")
    client.sign_in(make.member())
    page = client.get(desk.index, query_string={"q": "ander"})
    assert [name for hidden, _, name in rows_of(page) if not hidden] == [
        "Ander Zola",
        "Anders Berg",
        "Mary Andersson",
    ]
    page = client.get(desk.index, query_string={"q": "andres"})
    assert [name for hidden, _, name in rows_of(page) if not hidden] == [
        "Anders Berg",
        "Mary Andersson",
    ]


# -- what a script sends -------------------------------------------------------------------------


def send(client: Client, to: Desk, *ticks: Any, **values: Any) -> TestResponse:
    """A queue as the page's script sends it."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/contact").text)
    assert token
    body = {"desk": DESK, "sent_at": clock.now().isoformat(), "ticks": ticks} | values
    headers = {"Accept": "application/json", "X-CSRFToken": token[1]}
    return client.post(f"{to.index}/ticks", json=body, headers=headers)


def outcomes(answer: TestResponse) -> list[tuple[str, str]]:
    assert answer.json
    return [(each["outcome"], each["message"]) for each in answer.json["answers"]]


def test_a_queue_is_taken_once(client: Client, desk: Desk) -> None:
    other = make.registration(desk.event)
    client.sign_in(make.member(level=Level.VIEWER))
    queue = [desk.pressed(), desk.pressed(other), desk.pressed(other, present=False)]
    assert outcomes(send(client, desk, *queue)) == [("taken", "")] * 3
    assert outcomes(send(client, desk, *queue)) == [("again", "")] * 3
    assert presences_of(desk.event) == {desk.row.id: {desk.session.id: None}}


def test_each_refusal_is_said_and_stops_no_other(client: Client, desk: Desk) -> None:
    gone = make.registration(desk.event, make.user("Zoë"), State.CANCELLED)
    elsewhere = make.event()
    client.sign_in(make.member())
    answer = send(
        client,
        desk,
        desk.pressed(gone),
        desk.pressed(make.registration(elsewhere)),
        desk.pressed(session=elsewhere.sessions[0].id),
        desk.pressed(),
    )
    assert outcomes(answer) == [
        ("refused", "Zoë has no confirmed seat (cancelled)."),
        ("refused", "The person is not in this event any more."),
        ("refused", "The session is not in this event any more."),
        ("taken", ""),
    ]
    assert presences_of(desk.event) == {desk.row.id: {desk.session.id: None}}


def test_what_waited_is_noted_for_when_it_was_pressed_by_whatever_clock(
    client: Client, desk: Desk
) -> None:
    desk.session.starts_at = make.days(-1)
    client.sign_in(make.member())
    wrong = clock.now() + timedelta(days=400)  # a device whose year is wrong
    tick = desk.pressed(pressed_at=(wrong - timedelta(hours=2)).isoformat())
    send(client, desk, tick, sent_at=wrong.isoformat())
    noted = presence(desk.row, desk.session)
    assert noted
    waited = clock.now() - noted.recorded_at
    assert timedelta(hours=2) <= waited < timedelta(hours=2, minutes=1)


@pytest.mark.parametrize(
    "change",
    [
        {"key": "12"},
        {"registration": "1"},
        {"registration": 2**31},
        {"present": 1},
        {"pressed_at": "yesterday"},
        {"pressed_at": "2027-05-12T09:00"},
        {"session": None},
    ],
)
def test_what_no_script_of_ours_sends_is_refused_whole(
    client: Client, desk: Desk, change: dict[str, Any]
) -> None:
    client.sign_in(make.member())
    assert send(client, desk, desk.pressed(), desk.pressed() | change).status_code == 400
    assert presences_of(desk.event) == {}


@pytest.mark.parametrize("change", [{"desk": "x"}, {"ticks": 3}, {"sent_at": None}])
def test_a_queue_without_its_frame_is_refused(
    client: Client, desk: Desk, change: dict[str, Any]
) -> None:
    client.sign_in(make.member())
    assert send(client, desk, desk.pressed(), **change).status_code == 400


def test_more_than_a_queue_holds_is_refused(client: Client, desk: Desk) -> None:
    client.sign_in(make.member())
    assert send(client, desk, *[desk.pressed()] * 201).status_code == 400


def test_a_queue_of_strangers_finds_no_desk(client: Client, desk: Desk) -> None:
    for person in (make.member("vienna", Level.LEAD), desk.row.user):
        client.sign_in(person)
        assert send(client, desk, desk.pressed()).status_code == 404
    assert presences_of(desk.event) == {}


# -- what other desks see ------------------------------------------------------------------------


def test_desks_hear_of_ticks_and_of_nothing_new(client: Client, desk: Desk) -> None:
    client.sign_in(make.member(level=Level.VIEWER))
    first = client.get(desk.present)
    assert first.json
    assert first.json["present"] == []
    assert first.json["version"] == version_on(client, desk)
    same = client.get(desk.present, headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    make.presence(desk.row, desk.session)
    news = client.get(desk.present, headers={"If-None-Match": first.headers["ETag"]})
    assert news.json == {"present": [desk.row.id], "version": first.json["version"]}


def version_on(client: Client, desk: Desk) -> str:
    found = re.search(r'data-version="(\w+)"', client.get(desk.index).text)
    assert found
    return found[1]


def test_desks_hear_that_the_list_or_the_time_is_another_one(client: Client, desk: Desk) -> None:
    client.sign_in(make.member())
    seen = [version_on(client, desk)]
    newcomer = make.registration(desk.event)
    seen.append(version_on(client, desk))
    newcomer.state = State.CANCELLED
    desk.row.institution = "Elsewhere"
    seen.append(version_on(client, desk))
    desk.event.state = EventState.CANCELLED
    seen.append(version_on(client, desk))
    assert len(set(seen)) == 4


def test_strangers_hear_nothing_of_who_is_there(client: Client, desk: Desk) -> None:
    assert client.get(desk.present).status_code == 302
    client.sign_in(make.member("vienna", Level.LEAD))
    assert client.get(desk.present).status_code == 404
    other = make.event()
    client.sign_in(make.member())
    assert client.get(f"{desk.index}/{other.sessions[0].id}/present").status_code == 404


def test_the_worker_sees_the_whole_site_and_is_asked_for_anew(client: Client) -> None:
    with client.get("/check-in-worker.js") as answer:
        assert (answer.mimetype, answer.headers["Cache-Control"]) == (
            "text/javascript",
            "no-cache",
        )


# -- the rest ------------------------------------------------------------------------------------


def test_a_registration_or_session_of_another_event_is_not_found(
    client: Client, desk: Desk
) -> None:
    other = make.event()
    elsewhere = make.registration(other)
    client.sign_in(make.member())
    for session_id, tick in (
        (other.sessions[0].id, desk.yes),
        (desk.session.id, f"{elsewhere.id}:1"),
        (desk.session.id, f"{desk.row.id}:2"),
        (desk.session.id, "x"),
        (desk.session.id, f"{10**20}:1"),
    ):
        assert client.press(f"{desk.index}/{session_id}", tick=tick).status_code == 404
    assert presences_of(desk.event) == presences_of(other) == {}


def test_a_row_of_the_list_takes_few_bytes(client: Client, desk: Desk) -> None:
    """A list of a thousand has to be there at once on a phone."""
    client.sign_in(make.member())
    before = len(client.get(desk.index).data)
    for _ in range(10):
        make.registration(desk.event, make.user("Anna Virtanen"))
    assert (len(client.get(desk.index).data) - before) / 10 < 200


def test_a_name_in_other_letters_says_how_it_is_typed(client: Client, desk: Desk) -> None:
    make.registration(desk.event, make.user("Ζωή"), institution="Περιφέρεια")
    client.sign_in(make.member())
    page = client.get(desk.index).text
    assert 'data-n="zoi" data-i="perifereia"' in page
    assert 'data-n="soren zizka"' in page
    assert page.count("data-i=") == 1


def test_list_tick_and_look_cost_the_same_for_three_as_for_one(
    client: Client, desk: Desk, connection: Connection
) -> None:
    client.sign_in(make.member())
    costs = []
    for _ in range(2):
        for address in (desk.index, desk.present):
            with counted(connection) as statements:
                client.get(address)
            costs.append(len(statements))
        tick = desk.pressed()
        with counted(connection) as statements:
            send(client, desk, tick)
        costs.append(len(statements))
        for row in [make.registration(desk.event) for _ in range(2)]:
            make.presence(row, desk.session)
        send(client, desk, desk.pressed(present=False))
    assert costs[:3] == costs[3:]
