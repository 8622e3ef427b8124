"""Making drafts of files of planned events."""

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, select
from werkzeug.test import TestResponse

from interact_events.accounts.models import Level
from interact_events.calendars import actions, queries
from interact_events.calendars.models import EventImport, ImportedEvent
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.web import uploads
from interact_events.events.actions import delete_draft
from interact_events.events.models import Event, EventState, Kind, Mode
from tests import make
from tests.client import TOKEN, Client, counted

HOME = "/offices/turku/event-imports"
NASTY = "Ζωή “Žižka” <b>O'Neil</b>"
HEADING = "id;title;start;end;city;country;seats;kind"
LINE = f"1;{NASTY};2027-05-12 09:00;2027-05-13 15:30;Turku;FI;40;Seminar"
OTHER = "2;Unit costs;2027-06-01 09:00;12:00;;;;"


@pytest.fixture
def editor(client: Client) -> Client:
    client.sign_in(make.member("turku", Level.EDITOR))
    return client


def upload(client: Client, content: str | bytes, name: str = "plan.csv") -> TestResponse:
    token = TOKEN.search(client.get(HOME).text)
    sent = content.encode() if isinstance(content, str) else content
    file = {"file": (io.BytesIO(sent), name), "csrf_token": token.group(1) if token else ""}
    return client.post(HOME, data=file, content_type="multipart/form-data")


def sent(client: Client, *lines: str) -> str:
    """The address of the preview."""
    answer = upload(client, "\n".join([HEADING, *lines]))
    assert answer.status_code == 303
    return str(answer.location)


def press(client: Client, address: str) -> TestResponse:
    seen = re.search(r'name="seen" value="(\w+)"', client.get(address).text)
    assert seen
    return client.press(address, page=address, seen=seen.group(1))


def outcomes(page: str) -> list[tuple[str, str]]:
    """Number and outcome of each line."""
    rows = re.findall(
        r'data-label="Line or entry">(\d+)<.*?class="badge-\w+">([^<]+)<', page, re.DOTALL
    )
    return [(number, outcome) for number, outcome in rows]


def events() -> list[Event]:
    return list(db.session.scalars(select(Event).order_by(Event.starts_at)).unique())


def test_a_file_becomes_drafts_by_one_press(editor: Client) -> None:
    address = sent(editor, LINE, OTHER, "3;;2027-06-01 09:00;12:00;;;;")
    page = editor.get(address).text
    assert outcomes(page) == [("4", "Left out"), ("2", "New draft"), ("3", "New draft")]
    assert "There is no title." in page
    assert "Make 2 drafts" in page
    assert "<b>O" not in page
    assert events() == []
    answer = press(editor, address)
    assert answer.location == "/offices/turku/events/?show=drafts"
    first, second = events()
    assert (first.title, first.state, first.kind, first.mode) == (
        *(NASTY, EventState.DRAFT),
        *(Kind.SEMINAR, Mode.IN_PERSON),
    )
    assert first.starts_at == datetime(2027, 5, 12, 6, tzinfo=UTC)
    assert first.ends_at == datetime(2027, 5, 13, 12, 30, tzinfo=UTC)
    assert (first.city, first.capacity, first.zone) == ("Turku", 40, "Europe/Helsinki")
    assert (second.mode, second.capacity, second.contact_email) == (
        *(Mode.ONLINE, 25),
        make.office().email,
    )
    assert "2 drafts are made, 0 are changed. 1 was left out." in editor.get(answer.location).text
    assert db.session.scalar(select(func.count(EventImport.id))) == 0
    assert editor.get(address).status_code == 404


def test_a_file_sent_again_changes_drafts_and_touches_nothing_published(editor: Client) -> None:
    press(editor, sent(editor, LINE, OTHER))
    first, second = events()
    first.description = "Written by staff."
    second.state = EventState.PUBLISHED
    address = sent(
        editor,
        LINE.replace("12 09:00", "11 10:00").replace(NASTY, "Lump sums"),
        OTHER.replace("Unit costs", "Changed"),
        "4;New one;2027-07-01 09:00;12:00;;;;",
    )
    page = editor.get(address).text
    assert outcomes(page) == [("2", "Draft changes"), ("4", "New draft"), ("3", "Not touched")]
    assert "12 May 2027, 09:00 → 11 May 2027, 10:00" in page
    assert "It is published here: change it on its own page" in page
    press(editor, address)
    first, second, _ = events()
    assert (first.title, first.description) == ("Lump sums", "Written by staff.")
    assert first.starts_at == datetime(2027, 5, 11, 7, tzinfo=UTC)
    assert second.title == "Unit costs"
    same = editor.get(sent(editor, OTHER.replace("2;", "4;").replace("Unit costs", "New one"))).text
    assert "Draft changes" in same


def test_the_same_file_again_has_nothing_to_apply(editor: Client) -> None:
    press(editor, sent(editor, LINE, OTHER))
    page = editor.get(sent(editor, LINE, OTHER)).text
    assert outcomes(page) == [("2", "As it is"), ("3", "As it is")]
    assert "There is nothing to apply." in page


def test_a_deleted_draft_comes_back_as_a_new_one(editor: Client) -> None:
    press(editor, sent(editor, OTHER))
    (draft,) = events()
    delete_draft(draft, actor=make.member(), now=clock.now())
    db.session.commit()
    assert db.session.scalar(select(func.count(ImportedEvent.event_id))) == 0
    assert outcomes(editor.get(sent(editor, OTHER)).text) == [("2", "New draft")]


def test_what_changed_since_the_look_is_looked_at_again(editor: Client) -> None:
    first, second = sent(editor, LINE), sent(editor, LINE)
    seen = re.search(r'name="seen" value="(\w+)"', editor.get(second).text)
    press(editor, first)
    assert seen
    answer = editor.press(second, page=second, seen=seen.group(1))
    assert "Look at it once more" in answer.text
    assert outcomes(answer.text) == [("2", "As it is")]
    assert len(events()) == 1


def test_who_presses_after_somebody_else_is_told(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have the page open; the second press waits for the lock on the office."""
    address = sent(editor, LINE)
    monkeypatch.setattr(queries, "is_waiting", lambda _number: False)
    answer = press(editor, address)
    assert answer.location == HOME
    assert "Somebody has applied this file" in editor.get(HOME).text
    assert events() == []


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("1;A;2027-03-28 03:30;2027-03-28 12:00;;;;", "03:30 does not exist on that day"),
        ("1;A;2027-05-12 09:00;2027-05-12 09:00;;;;", "not after its start"),
    ],
)
def test_what_the_office_could_not_save_is_left_out(
    editor: Client, line: str, sentence: str
) -> None:
    page = editor.get(sent(editor, line)).text
    assert outcomes(page) == [("2", "Left out")]
    assert sentence in page


def test_a_calendar_is_read_and_knows_the_offices_own_events(editor: Client) -> None:
    known = make.event("Here already")
    entries = [
        f"UID:{known.sessions[0].uid}\r\nSUMMARY:Session",
        f"UID:{known.uid}\r\nSUMMARY:Event",
        f"UID:x@elsewhere\r\nSUMMARY:{NASTY}\r\nLOCATION:Logomo",
    ]
    times = "\r\nDTSTART;TZID=Europe/Vienna:20270512T090000\r\nDURATION:PT2H"
    body = "".join(f"BEGIN:VEVENT\r\n{e}{times}\r\nEND:VEVENT\r\n" for e in entries)
    answer = upload(editor, f"BEGIN:VCALENDAR\r\n{body}END:VCALENDAR\r\n", "plan.ics")
    page = editor.get(answer.location).text
    assert outcomes(page) == [("3", "New draft"), ("1", "Not touched"), ("2", "Not touched")]
    assert "It is a session of “Here already”" in page
    press(editor, answer.location)
    draft = next(event for event in events() if event.is_draft)
    assert (draft.title, draft.venue, draft.zone) == (NASTY, "Logomo", "Europe/Vienna")


def test_another_offices_ids_are_its_own(client: Client) -> None:
    client.sign_in(make.member("turku"))
    press(client, sent(client, LINE))
    vienna = make.office("vienna")
    db.session.add(
        ImportedEvent(event_id=make.event(office=vienna).id, office_id=vienna.id, uid="2")
    )
    db.session.commit()
    assert outcomes(client.get(sent(client, OTHER)).text) == [("2", "New draft")]


def test_a_wrong_file_is_refused_beside_the_field(editor: Client) -> None:
    for content in (b"", "title;start;end\nMünchen".encode("cp1252"), b"Name\nx"):
        answer = upload(editor, content)
        assert "error-summary" in answer.text
    rows = [OTHER.replace("2;", f"{n};", 1) for n in range(10_000)]
    answer = upload(editor, "\n".join([HEADING, *rows]))
    assert "at most 200 are read" in answer.text
    assert db.session.scalar(select(func.count(EventImport.id))) == 0


def test_a_file_that_is_too_large_is_refused_in_a_sentence(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "FIELDS", 100 - 2 * uploads.MB)  # as if 100 bytes were the limit
    answer = upload(editor, f"{HEADING}\n{LINE}")
    assert "That was more than 2 MB at once" in answer.text


def test_who_may_import(client: Client) -> None:
    assert client.get(HOME).location.startswith("/sign-in")
    client.sign_in(make.member("vienna", Level.LEAD))
    assert client.get(HOME).status_code == 404
    client.sign_in(make.member("turku", Level.VIEWER))
    assert client.get(HOME).status_code == 403
    assert "event-imports" not in client.get("/offices/turku/events/").text
    client.sign_in(make.member("turku", Level.EDITOR))
    assert HOME in client.get("/offices/turku/events/").text
    address = sent(client, OTHER)
    client.sign_in(make.member("vienna", Level.LEAD))
    for method, path in (("GET", address), ("POST", address), ("POST", f"{address}/discard")):
        answer = client.get(path) if method == "GET" else client.press(path)
        assert answer.status_code == 404
    assert client.get(address.replace("turku", "vienna")).status_code == 404


def test_a_file_is_thrown_away_by_hand_and_by_the_clock(editor: Client) -> None:
    address, other = sent(editor, LINE), sent(editor, OTHER)
    assert editor.get(HOME).text.count("plan.csv") == 2
    editor.press(f"{address}/discard")
    assert editor.get(address).status_code == 404
    actions.forget_imports(sent_before=clock.now() - timedelta(days=7))
    assert editor.get(other).status_code == 200
    actions.forget_imports(sent_before=clock.now() + timedelta(days=1))
    db.session.commit()
    assert editor.get(other).status_code == 404


def test_the_template_can_be_sent_back(editor: Client) -> None:
    answer = editor.get(f"{HOME}/template.csv")
    assert answer.mimetype == "text/csv"
    assert outcomes(editor.get(upload(editor, answer.data).location).text) == [("2", "New draft")]


def test_a_preview_costs_the_same_number_of_queries(editor: Client, connection: Connection) -> None:
    def cost(number: int) -> int:
        lines = [OTHER.replace("2;", f"{n};", 1) for n in range(number)]
        press(editor, sent(editor, *lines))
        address = sent(editor, *[line.replace("Unit", "Other") for line in lines])
        with counted(connection) as statements:
            assert editor.get(address).text.count("Draft changes") == number
        return len(statements)

    costs: list[Any] = [cost(1), cost(3), cost(40)]
    assert costs[0] == costs[1] == costs[2]
