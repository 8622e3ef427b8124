"""What is printed: who may, what is on it, and how it comes."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select, update
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from interact_events.accounts.models import Level, Membership
from interact_events.core import clock, jobs, words
from interact_events.core.db import db
from interact_events.core.jobs import Job, JobState
from interact_events.events.models import Event, Mode
from interact_events.registrations.models import SessionChoice, State
from tests import make
from tests.client import Client, counted
from tests.core import poppler

ZOI = 'Ζωή "Žižka" <b>O\'Neil</b>'


def page_of(event: Event) -> str:
    return f"/offices/turku/events/{event.slug}/attendance/paper"


def asked(client: Client, event: Event, kind: str, **fields: Any) -> TestResponse:
    usual = {
        "lists": {"about": "sessions"},
        "badges": {"size": "a6", "role_id": "0"},
        "signs": {"role_id": "0"},
    }[kind]
    return client.press(f"{page_of(event)}/{kind}", page=page_of(event), **(usual | fields))


@pytest.fixture
def event(app: Flask) -> Event:
    return make.event()


def text_of(answer: Response, folder: Path) -> str:
    assert answer.mimetype == "application/pdf", answer.get_data(as_text=True)
    file = folder / "paper.pdf"
    file.write_bytes(answer.data)
    return " ".join(poppler.run("pdftotext", "-layout", file, "-").split())


def pages_of(folder: Path) -> int:
    found = re.search(r"Pages:\s+(\d+)", poppler.run("pdfinfo", folder / "paper.pdf"))
    assert found
    return int(found[1])


# -- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize("office", ["turku", "vienna"])
@pytest.mark.parametrize("level", list(Level))
def test_everybody_of_the_office_and_of_co_organisers_may_print(
    client: Client, event: Event, office: str, level: Level
) -> None:
    event.co_organisers.append(make.office("vienna"))
    make.registration(event)
    client.sign_in(make.member(office, level))
    assert client.get(page_of(event)).status_code == 200
    for kind in ("lists", "badges", "signs"):
        assert asked(client, event, kind).mimetype == "application/pdf"


def test_another_office_and_a_registrant_find_nothing(client: Client, event: Event) -> None:
    registrant = make.registration(event).user
    for person in (make.member("vienna", Level.LEAD), registrant):
        client.sign_in(person)
        assert client.get(page_of(event)).status_code == 404
        for kind in ("lists", "badges", "signs"):
            assert client.press(f"{page_of(event)}/{kind}").status_code == 404


def test_a_stranger_is_asked_to_sign_in(client: Client, event: Event) -> None:
    assert client.get(page_of(event)).status_code == 302
    assert client.press(f"{page_of(event)}/badges").status_code == 302


def test_nothing_is_made_without_the_forms_token(client: Client, event: Event) -> None:
    make.registration(event)
    client.sign_in(make.member())
    answer = client.post(f"{page_of(event)}/badges", data={"size": "a6", "role_id": "0"})
    assert answer.status_code == 400


# -- what is on it -------------------------------------------------------------------------------


def test_a_list_names_those_who_come_to_the_place(
    client: Client, event: Event, tmp_path: Path
) -> None:
    event.mode = Mode.HYBRID
    for name in ("Žofia Nováková", "Anna Virtanen", ZOI):
        make.registration(event, make.user(name))
    make.registration(event, make.user("Looks On"), is_online=True)
    make.registration(event, make.user("Waits Still"), State.WAITLISTED)
    client.sign_in(make.member())
    answer = asked(client, event, "lists")
    text = text_of(answer, tmp_path)
    assert f'filename="{event.slug}-attendance-lists.pdf"' in answer.headers["Content-Disposition"]
    places = [text.index(name) for name in ("Anna Virtanen", "Žofia Nováková", ZOI)]
    assert places == sorted(places)
    assert "Looks On" not in text
    assert "Waits Still" not in text
    assert "What an auditor asks for" in text


def test_a_session_with_own_seats_lists_those_who_chose_it(
    client: Client, event: Event, tmp_path: Path
) -> None:
    few = make.session(event, "Few seats", event.starts_at, event.ends_at, capacity=5)
    names = ("Chose", "Left", "Never")
    chose, left, _ = [make.registration(event, make.user(name)) for name in names]
    db.session.add(SessionChoice(registration_id=chose.id, session_id=few.id))
    gone = SessionChoice(registration_id=left.id, session_id=few.id, left_at=clock.now())
    db.session.add(gone)
    client.sign_in(make.member())
    text = text_of(asked(client, event, "lists", about=f"session-{few.id}"), tmp_path)
    assert [name in text for name in names] == [True, False, False]


def test_each_day_has_a_list_of_everybody(client: Client, event: Event, tmp_path: Path) -> None:
    make.registration(event, make.user(ZOI))
    client.sign_in(make.member())
    day = re.search(r'value="(day-[\d-]+)"', client.get(page_of(event)).text)
    assert day
    text = text_of(asked(client, event, "lists", about=day[1]), tmp_path)
    hours = words.time_span(event.starts_at, event.ends_at, event.zone)
    assert f"{words.weekday(event.starts_at, event.zone)} {hours}" in text
    assert ZOI in text


def test_all_sessions_are_one_file_whose_lists_are_numbered_each(
    client: Client, event: Event, tmp_path: Path
) -> None:
    make.session(event, "Second one", event.starts_at, event.ends_at)
    make.registration(event)
    client.sign_in(make.member())
    text = text_of(asked(client, event, "lists"), tmp_path)
    assert (pages_of(tmp_path), text.count("Page 1 of 1")) == (2, 2)


def test_badges_may_be_for_one_role(client: Client, event: Event, tmp_path: Path) -> None:
    make.registration(event, make.user("Anna Virtanen"))
    other = make.user("Bo Berg")
    make.profile(other, role_id=make.role("AA").id)
    make.registration(event, other)
    client.sign_in(make.member())
    answer = asked(client, event, "badges", role_id=str(make.role("AA").id))
    text = text_of(answer, tmp_path)
    assert ("Bo Berg" in text, "Anna" in text, pages_of(tmp_path)) == (True, False, 1)


def test_table_signs_bear_the_name_on_both_sides(
    client: Client, event: Event, tmp_path: Path
) -> None:
    make.registration(event, make.user("Anna"), institution="Institute")
    client.sign_in(make.member())
    text = text_of(asked(client, event, "signs"), tmp_path)
    assert (text.count("Institute"), pages_of(tmp_path)) == (2, 1)


# -- refusals ------------------------------------------------------------------------------------


def test_an_event_without_people_on_site_has_nothing_to_print(client: Client) -> None:
    event = make.event(mode=Mode.ONLINE)
    make.registration(event)
    client.sign_in(make.member())
    assert "Nobody has a confirmed seat on site yet." in client.get(page_of(event)).text
    answer = client.press(f"{page_of(event)}/signs", role_id="0")
    assert "Nobody of those has a confirmed seat on site." in answer.text


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("lists", {"about": "session-999999"}),
        ("lists", {"about": "day-1999-01-01"}),
        ("lists", {"about": ""}),
        ("badges", {"size": "a3"}),
        ("badges", {"role_id": "x"}),
        ("signs", {"role_id": "999999"}),
    ],
)
def test_what_is_not_on_offer_is_refused(
    client: Client, event: Event, kind: str, fields: dict[str, str]
) -> None:
    make.registration(event)
    client.sign_in(make.member())
    answer = asked(client, event, kind, **fields)
    assert answer.status_code == 200
    assert 'class="error-summary"' in answer.text


# -- in the background ---------------------------------------------------------------------------


@pytest.fixture
def crowd(event: Event, monkeypatch: pytest.MonkeyPatch) -> Event:
    """More people than are served at once."""
    monkeypatch.setattr("interact_events.attendance.views.paper.MOST_AT_ONCE", 2)
    for name in ("Anna", "Bo", ZOI):
        make.registration(event, make.user(name))
    return event


def job_of(answer: TestResponse) -> Job:
    job = db.session.scalars(select(Job).order_by(Job.id.desc()).limit(1)).one()
    assert (answer.status_code, answer.location) == (303, f"/jobs/{job.id}")
    return job


@pytest.mark.parametrize("kind", ["lists", "badges", "signs"])
def test_many_are_made_by_a_worker(
    client: Client, app: Flask, crowd: Event, kind: str, tmp_path: Path
) -> None:
    client.sign_in(make.member(level=Level.VIEWER))
    job = job_of(asked(client, crowd, kind))
    jobs.run_queued(app)
    db.session.expire_all()
    assert (job.state, job.done, job.total) == (JobState.DONE, 3, 3)
    with client.get(f"/jobs/{job.id}/file") as answer:
        assert ZOI.split()[1] in text_of(answer, tmp_path)


def test_progress_counts_the_people_that_are_laid_out(
    client: Client, app: Flask, crowd: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def noting(job: Job, done: int, total: int) -> None:
        seen.append((done, total))

    monkeypatch.setattr("interact_events.attendance.jobs.paper.report", noting)
    monkeypatch.setattr("interact_events.attendance.pdf.badges.PEOPLE_AT_ONCE", 1)
    client.sign_in(make.member())
    job_of(asked(client, crowd, "badges"))
    jobs.run_queued(app)
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_stopped_in_the_middle_there_is_no_file(
    client: Client, app: Flask, crowd: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.sign_in(make.member())
    job = job_of(asked(client, crowd, "badges"))
    db.session.execute(update(Job).values(is_cancel_asked=True))
    jobs.run_queued(app)
    db.session.expire_all()
    assert (job.state, job.stored_as) == (JobState.CANCELLED, "")


def test_who_has_left_the_office_fetches_nothing_more(
    client: Client, app: Flask, crowd: Event
) -> None:
    staff = make.member()
    client.sign_in(staff)
    job = job_of(asked(client, crowd, "badges"))
    jobs.run_queued(app)
    with client.get(f"/jobs/{job.id}/file") as answer:
        assert answer.status_code == 200
    db.session.execute(
        update(Membership).where(Membership.user_id == staff.id).values(ended_at=clock.now())
    )
    assert client.get(f"/jobs/{job.id}/file").status_code == 404


def test_page_and_papers_cost_the_same_for_three_as_for_one(
    client: Client, event: Event, connection: Connection
) -> None:
    client.sign_in(make.member())
    costs = []
    for number in (1, 2):
        for _ in range(number):
            make.registration(event)
        for kind in ("", "lists", "badges", "signs"):
            with counted(connection) as statements:
                asked(client, event, kind) if kind else client.get(page_of(event))
            costs.append(len(statements))
    assert costs[:4] == costs[4:]
