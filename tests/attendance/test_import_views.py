"""The pages of an import: who may, what is kept, and what they say."""

import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from interact_events.accounts.models import Level
from interact_events.attendance import actions, queries
from interact_events.attendance.models import AttendanceImport, ImportState
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.files import FilesAway, Folder
from interact_events.events.models import Event, EventState
from interact_events.registrations.models import Registration
from tests import make
from tests.attendance.reports import at, online_event, stored, zoom
from tests.attendance.test_imports import applied, noted, sent
from tests.client import TOKEN, Client, counted

ANNA = zoom([("Anna Virtanen", "", at(9), at(10, 30))])
DOUBTFUL = zoom(
    [
        ("Anna Virtanen", "", at(9), at(10, 30)),
        ("Soren Zizkaa", "", at(9), at(10)),
        ("<b>Nobody</b>", "x@example.net", at(9), at(10)),
    ]
)


@pytest.fixture
def event(app: Flask) -> Event:
    return online_event()


@pytest.fixture
def anna(event: Event) -> Registration:
    return make.registration(event, make.user("Anna Virtanen"))


@pytest.fixture
def soren(event: Event) -> Registration:
    return make.registration(event, make.user("Søren Žižka"))


def index(event: Event) -> str:
    return f"/offices/turku/events/{event.slug}/attendance/imports"


def one(row: AttendanceImport) -> str:
    return f"{index(row.event)}/{row.id}"


def upload(client: Client, event: Event, content: bytes, name: str = "report.csv") -> TestResponse:
    """As a browser sends the form."""
    address = index(event)
    token = TOKEN.search(client.get(address).get_data(as_text=True))
    sent_ = {"file": (io.BytesIO(content), name), "csrf_token": token.group(1) if token else ""}
    return client.post(address, data=sent_, content_type="multipart/form-data")


def text(answer: TestResponse) -> str:
    bare = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True).split("<main")[1])
    return " ".join(unescape(bare).split())


def errors(answer: TestResponse) -> list[str]:
    found = re.findall(r'class="error"[^>]*>\s*<span>(.*?)</span>', answer.get_data(as_text=True))
    return [unescape(each) for each in found]


def fields(client: Client, row: AttendanceImport) -> dict[str, Any]:
    """What the form on the page would send as it stands."""
    page = client.get(one(row)).get_data(as_text=True)
    found: dict[str, Any] = {"seen": re.findall(r'name="seen" value="(\w+)"', page)[0]}
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"|value="([^"]*)" selected', options)
        found[name] = next((g for g in chosen.groups() if g is not None), "") if chosen else ""
    for name in ("order", "sessions"):
        checked = rf'<input checked[^>]*name="{name}"[^>]*value="([^"]+)"'
        values = re.findall(checked, page)
        found[name] = values if name == "sessions" else next(iter(values), "")
    return found


# -- who may -------------------------------------------------------------------------------------


def test_another_office_and_a_registrant_find_nothing(
    client: Client, event: Event, anna: Registration
) -> None:
    row = sent(event, ANNA)
    for person in (make.member("vienna", Level.LEAD), anna.user):
        client.sign_in(person)
        for page in (index(event), one(row), f"{one(row)}/file"):
            assert client.get(page).status_code == 404
        for press in (index(event), one(row), f"{one(row)}/undo", f"{one(row)}/delete"):
            assert client.press(press).status_code == 404
    assert noted(event) == {}


def test_a_stranger_is_asked_to_sign_in(client: Client, event: Event) -> None:
    row = sent(event, ANNA)
    assert client.get(index(event)).status_code == 302
    assert client.press(one(row), do="apply").status_code == 302


def test_viewers_see_and_change_nothing(client: Client, event: Event, anna: Registration) -> None:
    row, done = sent(event, DOUBTFUL), applied(event, ANNA)
    client.sign_in(make.member(level=Level.VIEWER))
    for page in (index(event), one(row), one(done)):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "<form" not in answer.get_data(as_text=True).split("<main")[1]
    assert client.get(f"{one(row)}/file").status_code == 403
    for press in (index(event), one(row), f"{one(done)}/undo", f"{one(row)}/delete"):
        assert client.press(press, do="apply").status_code == 403
    assert len(noted(event)) == 1


def test_a_colleague_and_a_co_organiser_may_go_on(
    client: Client, event: Event, anna: Registration
) -> None:
    event.co_organisers.append(make.office("vienna"))
    row = sent(event, ANNA, make.member())
    client.sign_in(make.member("vienna"))
    assert client.press(one(row), do="apply", **fields(client, row)).status_code == 303
    assert len(noted(event)) == 1
    client.sign_in(make.member())
    assert client.press(f"{one(row)}/undo").status_code == 303
    assert noted(event) == {}


def test_an_import_of_another_event_is_not_found(client: Client, event: Event) -> None:
    row = sent(online_event(), ANNA)
    client.sign_in(make.member())
    address = f"{index(event)}/{row.id}"
    assert client.get(address).status_code == client.get(f"{address}/file").status_code == 404
    for press in ("", "/undo", "/delete"):
        assert client.press(f"{address}{press}").status_code == 404


def test_no_form_is_taken_without_its_token(client: Client, event: Event) -> None:
    row = sent(event, ANNA)
    client.sign_in(make.member())
    file = {"file": (io.BytesIO(ANNA), "a.csv")}
    assert client.post(index(event), data=file).status_code == 400
    for press in ("", "/undo", "/delete"):
        assert client.post(f"{one(row)}{press}").status_code == 400


# -- sending -------------------------------------------------------------------------------------


def test_a_report_is_read_and_shown(client: Client, event: Event, anna: Registration) -> None:
    client.sign_in(make.member(name="Otto Office"))
    answer = upload(client, event, stored("teams-summary-en.csv"), "Temp/Costs.csv")
    (row,) = queries.imports_of(event)
    assert (answer.status_code, answer.headers["Location"]) == (303, one(row))
    assert (row.file_name, row.rows, row.kind.value) == ("Costs.csv", 4, "teams")
    page = text(client.get(one(row)))
    assert "Costs.csv To be checked" in page
    assert "From 12 May 2026, 08:55 EEST to 12 May 2026, 12:01 EEST: 3 people." in page
    assert "Costs: 90 of 90" in page
    assert "2 people are not matched yet" in page
    assert "Note attendance for 1 person" in page
    assert noted(event) == {}
    assert "Otto Office" in text(client.get(index(event)))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty: 0 bytes. Export the attendance report as CSV."),
        (
            b"PK\3\4xl/workbook",
            "This is a spreadsheet (XLSX). Export the attendance report as CSV.",
        ),
        (
            ANNA.replace(b"12/05/2026", b"03/06/2026"),
            (
                "The report is about 3 June 2026 (line 2 is of 3 June 2026), but the event "
                "takes place on 12 May 2026. Choose the report of this event."
            ),
        ),
    ],
)
def test_a_wrong_file_is_refused_beside_the_field_and_kept_nowhere(
    client: Client, event: Event, content: bytes, sentence: str
) -> None:
    client.sign_in(make.member())
    answer = upload(client, event, content)
    assert (answer.status_code, errors(answer)) == (200, [sentence])
    assert queries.imports_of(event) == []


def test_no_file_at_all_is_asked_for(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    assert errors(client.press(index(event), page=index(event))) == ["Choose the file."]


def test_the_same_file_is_kept_once(client: Client, event: Event, anna: Registration) -> None:
    client.sign_in(make.member())
    places = {upload(client, event, ANNA, f"{n}.csv").headers["Location"] for n in range(2)}
    assert len(places) == len(queries.imports_of(event)) == 1


def test_a_storage_that_does_not_answer_is_said(
    client: Client, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object) -> None:
        raise FilesAway

    client.sign_in(make.member())
    monkeypatch.setattr(Folder, "write", away)
    answer = upload(client, event, ANNA)
    assert "The file could not be saved just now" in text(answer)
    row = sent_without_write(event)
    monkeypatch.setattr(Folder, "read", away)
    assert client.get(one(row)).status_code == 503


def sent_without_write(event: Event) -> AttendanceImport:
    row = AttendanceImport(
        event_id=event.id,
        kind="zoom",
        file_name="a.csv",
        stored_as="attendance-reports/none",
        size=1,
        sha256="",
        rows=1,
        uploaded_at=clock.now(),
        uploaded_by_id=make.user().id,
        choices={},
    )
    db.session.add(row)
    db.session.commit()
    return row


# -- checking and noting -------------------------------------------------------------------------


def test_doubtful_people_come_first_and_are_chosen(
    client: Client, event: Event, anna: Registration, soren: Registration
) -> None:
    row = sent(event, DOUBTFUL)
    client.sign_in(make.member())
    page = client.get(one(row)).get_data(as_text=True)
    assert re.findall(r'id="person-(\d+)"', page) == ["3", "4", "2"]
    assert "<b>Nobody</b>" not in page
    form = fields(client, row) | {"person-3": str(soren.id), "person-4": "0"}
    answer = client.press(one(row), do="apply", **form)
    assert answer.status_code == 303
    assert noted(event) == {
        ("Anna Virtanen", "Costs"): ("import", 90),
        ("Søren Žižka", "Costs"): ("import", 60),
    }
    done = text(client.get(one(row)))
    assert "2 people" in done
    assert "Nobody" not in done.split("File")[0]


def test_a_choice_stands_in_the_list_also_when_somebody_else_is_found_later(
    client: Client, event: Event, soren: Registration
) -> None:
    row = sent(event, ANNA)
    client.sign_in(make.member())
    client.press(one(row), do="save", **(fields(client, row) | {"person-2": str(soren.id)}))
    make.registration(event, make.user("Anna Virtanen"))
    assert fields(client, row)["person-2"] == str(soren.id)


def test_namesakes_are_said_to_be_such(client: Client, event: Event, anna: Registration) -> None:
    make.registration(event, make.user("Anna Virtanen"))
    row = sent(event, zoom([("Anna Virtanen", "", at(9), at(10))]))
    client.sign_in(make.member())
    page = text(client.get(one(row)))
    assert "2 people go by this name. Say which of them it is." in page
    assert ("100%" in page, page.count("(same name)")) == (False, 2)


def test_choices_outlive_a_reload_and_a_refusal(
    client: Client, event: Event, soren: Registration
) -> None:
    row = sent(event, zoom([("Zizkaa S", "", at(9), at(10))]))
    client.sign_in(make.member())
    form = fields(client, row) | {"person-2": str(soren.id)}
    client.press(one(row), do="save", **form)
    assert fields(client, row)["person-2"] == str(soren.id)
    answer = client.press(one(row), do="apply", **(form | {"seen": "of yesterday"}))
    assert "look at the list once more" in text(answer)
    assert noted(event) == {}
    assert fields(client, row)["person-2"] == str(soren.id)


def test_another_zone_is_shown_before_anything_is_noted(
    client: Client, event: Event, anna: Registration
) -> None:
    row = sent(event, ANNA)
    client.sign_in(make.member())
    form = fields(client, row) | {"zone": "Europe/Berlin"}
    assert client.press(one(row), do="apply", **form).status_code == 303
    assert noted(event) == {}
    page = text(client.get(one(row)))
    assert "The report is read anew. Nothing is noted yet" in page
    assert "Costs: 30 of 90 Cases: 30 of 60" in page
    client.press(one(row), do="apply", **fields(client, row))
    assert len(noted(event)) == 2


def test_days_that_fit_in_both_orders_are_asked_and_choices_kept(
    client: Client, app: Flask
) -> None:
    course = online_event(starts_at=at(9) - timedelta(days=90), ends_at=at(9) + timedelta(days=90))
    make.session(course, "June", at(9) + timedelta(days=24), at(12) + timedelta(days=24))
    soren = make.registration(course, make.user("Søren Žižka"))
    content = zoom([("Zizkaa S", "", at(9), at(10))]).replace(b"12/05/2026", b"05/06/2026")
    row = sent(course, content)
    client.sign_in(make.member())
    assert "Say which number is the day." in text(client.get(one(row)))
    form = fields(client, row) | {"person-2": str(soren.id)}
    assert form["order"] == ""
    assert errors(client.press(one(row), do="apply", **form)) == [
        "Say first which number is the day."
    ]
    form = fields(client, row)
    assert form["person-2"] == str(soren.id)
    client.press(one(row), do="save", **(form | {"order": "day-first"}))
    client.press(one(row), do="apply", **fields(client, row))
    assert noted(course) == {("Søren Žižka", "June"): ("import", 60)}


def test_an_order_by_which_a_day_does_not_exist_is_refused(
    client: Client, event: Event, anna: Registration
) -> None:
    row = sent(event, ANNA.replace(b"12/05/2026", b"13/05/2026"))
    client.sign_in(make.member())
    form = fields(client, row) | {"order": "month-first"}
    answer = client.press(one(row), do="apply", **form)
    assert errors(answer) == ["Line 2 has a day that does not exist that way."]
    assert client.get(one(row)).status_code == 200


def test_a_session_may_be_left_out(client: Client, event: Event, anna: Registration) -> None:
    row = sent(event, zoom([("Anna Virtanen", "", at(9), at(12))]))
    client.sign_in(make.member())
    form = fields(client, row)
    assert len(form["sessions"]) == 2
    client.press(one(row), do="apply", **(form | {"sessions": form["sessions"][:1]}))
    client.press(one(row), do="apply", **fields(client, row))
    assert list(noted(event)) == [("Anna Virtanen", "Costs")]


def test_a_session_that_is_gone_meanwhile_costs_no_choices(
    client: Client, event: Event, soren: Registration
) -> None:
    row = sent(event, zoom([("Zizkaa S", "", at(9), at(12))]))
    client.sign_in(make.member())
    form = fields(client, row) | {"person-2": str(soren.id)}
    event.agenda[1].cancelled_at = clock.now()
    answer = client.press(one(row), do="apply", **form)
    assert "look at the list once more" in text(answer)
    assert row.choices["people"] == {"2": soren.id}
    client.press(one(row), do="apply", **fields(client, row))
    assert list(noted(event)) == [("Søren Žižka", "Costs")]


@pytest.mark.parametrize("value", ["99999999", "-1", "x", "1e3", "", "²", "9" * 4301])
def test_a_choice_that_nobody_offered_is_none(
    client: Client, event: Event, soren: Registration, value: str
) -> None:
    row = sent(event, zoom([("Zizkaa S", "", at(9), at(10))]))
    client.sign_in(make.member())
    form = fields(client, row) | {"person-2": value, "person-77": "1", "person-": "1"}
    form["person-" + "2" * 4301] = "1"
    client.press(one(row), do="apply", **form)
    assert (noted(event), row.choices["people"]) == ({}, {})


def test_a_person_of_another_event_cannot_be_chosen(
    client: Client, event: Event, soren: Registration
) -> None:
    other = make.registration(make.event())
    row = sent(event, zoom([("Zizkaa S", "", at(9), at(10))]))
    client.sign_in(make.member())
    client.press(one(row), do="apply", **(fields(client, row) | {"person-2": str(other.id)}))
    assert noted(event) == {}


def test_pressing_twice_notes_once(client: Client, event: Event, anna: Registration) -> None:
    row = sent(event, ANNA)
    client.sign_in(make.member())
    form = fields(client, row)
    answers = [client.press(one(row), do="apply", **form).status_code for _ in range(2)]
    assert (answers, len(noted(event))) == ([303, 303], 1)


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_what_stays_as_it_is_offers_no_form(
    client: Client, event: Event, anna: Registration, state: str
) -> None:
    row = sent(event, ANNA)
    client.sign_in(make.member(level=Level.LEAD))
    form = fields(client, row)
    if state == "closed":
        actions.close_attendance(event, actor=make.user(), now=clock.now())
    else:
        event.state = EventState.CANCELLED
    db.session.commit()
    assert "Send a report" not in text(client.get(index(event)))
    assert "Note attendance" not in text(client.get(one(row)))
    client.press(one(row), do="apply", **form)
    upload(client, event, ANNA + b"\n")
    assert (noted(event), len(queries.imports_of(event))) == ({}, 1)


def test_pages_of_a_long_report_keep_what_was_chosen(
    client: Client, event: Event, soren: Registration
) -> None:
    row = sent(
        event, zoom([(f"Person {'abcdefgh'[n % 8]}{n}", "", at(9), at(10)) for n in range(60)])
    )
    client.sign_in(make.member())
    form = fields(client, row)
    answer = client.press(one(row), to="2", **(form | {"person-2": str(soren.id)}))
    assert answer.headers["Location"].endswith("?page=2")
    assert row.choices["people"] == {"2": soren.id}
    second = text(client.get(one(row) + "?page=2"))
    assert "Page 2 of 2" in second
    assert client.get(one(row) + "?page=99").status_code == 200


def test_the_file_comes_back_as_it_was_sent(client: Client, event: Event) -> None:
    row = sent(event, ANNA)
    client.sign_in(make.member())
    answer = client.get(f"{one(row)}/file")
    assert answer.get_data() == ANNA
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=report-{row.id}.csv"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_deleted_file_is_gone_and_its_page_says_so(client: Client, event: Event) -> None:
    row = sent(event, ANNA)
    client.sign_in(make.member())
    assert client.press(f"{one(row)}/delete").status_code == 303
    assert client.get(f"{one(row)}/file").status_code == 404
    assert "Deleted unused" in text(client.get(one(row)))
    assert row.state is ImportState.EXPIRED


def test_undo_is_said_and_offered_once(client: Client, event: Event, anna: Registration) -> None:
    row = applied(event, ANNA)
    client.sign_in(make.member())
    assert "Yes, undo it" in text(client.get(one(row)))
    client.press(f"{one(row)}/undo")
    page = text(client.get(one(row)))
    assert "Undone: what was noted before holds again." in page
    assert client.press(f"{one(row)}/undo").status_code == 303
    assert noted(event) == {}


# -- speed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
def test_pages_cost_the_same_for_more(
    client: Client, connection: Connection, event: Event, number: int
) -> None:
    people = [make.registration(event, make.user(f"Anna Numero{'x' * n}")) for n in range(number)]
    rows = [(each.name, each.user.email, at(9), at(10)) for each in people]
    imports = [sent(event, zoom(rows) + b"\n" * n, make.user(f"Sender {n}")) for n in range(number)]
    done = sent(event, zoom(rows) + b"\n" * 9)
    client.sign_in(make.member())
    index_page, page, done_page = index(event), one(imports[0]), one(done)
    client.get(index_page)
    with counted(connection) as statements:
        client.get(index_page)
    assert len(statements) == INDEX
    with counted(connection) as statements:
        client.get(page)
    assert len(statements) == SHOW
    client.press(done_page, do="apply", **fields(client, done))
    client.get(done_page)
    with counted(connection) as statements:
        client.get(done_page)
    assert len(statements) == DONE


INDEX, SHOW, DONE = 6, 10, 6
