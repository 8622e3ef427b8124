"""Lists that are too long for one request: asked for, made by a worker, fetched while one may."""

from collections.abc import Iterable, Iterator
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select, update

from interact_events.accounts.models import Level, Membership, User
from interact_events.core import clock, jobs
from interact_events.core.db import db
from interact_events.core.jobs import Job, JobState
from interact_events.events.models import Event
from interact_events.registrations.models import Registration, State
from interact_events.registrations.views import export, large_exports
from tests import make
from tests.client import Client


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_exports, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(large_exports, "STEP", 1)


def full_event() -> Event:
    event = make.event('Přehled <b>"Kosten"</b>')
    for name in ("Anna", "Ζωή", "=SUM(A1)"):
        make.registration(event, make.user(name))
    make.registration(event, make.user("Last"), State.WAITLISTED)
    return event


def address(event: Event, kind: str, query: str = "") -> str:
    return f"/offices/turku/events/{event.slug}/registrations/export/{kind}{query}"


def asked_for(client: Client, event: Event, staff: User, kind: str, query: str = "") -> Job:
    client.sign_in(staff)
    where = address(event, kind, query)
    answer = client.press(where, page=where)
    job = db.session.scalars(select(Job).order_by(Job.id.desc()).limit(1)).one()
    assert (answer.status_code, answer.location) == (303, f"/jobs/{job.id}")
    return job


def test_a_short_list_comes_at_once_and_a_long_one_asks_first(client: Client) -> None:
    event = full_event()
    client.sign_in(make.member())
    short = client.get(f"/offices/turku/events/{event.slug}/registrations.csv?state=waitlisted")
    assert (short.status_code, short.mimetype) == (200, "text/csv")
    long = client.get(f"/offices/turku/events/{event.slug}/registrations.csv?state=confirmed")
    assert long.location == address(event, "csv", "?state=confirmed")
    assert "This list has 3 lines." in client.get(long.location).text
    assert db.session.scalars(select(Job)).all() == []


def test_a_worker_makes_what_the_filters_ask_for(client: Client, app: Flask) -> None:
    event = full_event()
    job = asked_for(client, event, make.member(), "csv", "?state=confirmed")
    jobs.run_queued(app)
    assert "3 registrations listed." in client.get(f"/jobs/{job.id}").text
    with client.get(f"/jobs/{job.id}/file") as answer:
        head, *lines = answer.data.decode("utf-8-sig").splitlines()
    assert head.startswith("Number,Submitted,State,Name")
    assert [line.split(",")[4] for line in lines] == ["Anna", "Ζωή", "'=SUM(A1)"]


def test_a_workbook_too(client: Client, app: Flask) -> None:
    event = full_event()
    job = asked_for(client, event, make.member(), "xlsx")
    jobs.run_queued(app)
    with client.get(f"/jobs/{job.id}/file") as answer:
        sheet = load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    assert [row[3].value for row in sheet.iter_rows(min_row=2)] == [
        *("Anna", "Ζωή", "'=SUM(A1)", "Last")
    ]


def test_stopped_in_the_middle_there_is_no_file(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = full_event()
    job = asked_for(client, event, make.member(), "csv")

    def stopping(event: Event, rows: Iterable[Registration]) -> Iterator[list[str]]:
        db.session.execute(update(Job).values(is_cancel_asked=True))
        return export.table(event, rows)

    monkeypatch.setattr(f"{large_exports.__name__}.table", stopping)
    jobs.run_queued(app)
    db.session.expire_all()
    assert (job.state, job.outcome, job.stored_as) == (
        JobState.CANCELLED,
        "Stopped before the file was ready.",
        "",
    )


@pytest.mark.parametrize(
    ("office", "level", "status"),
    [("turku", Level.EDITOR, 200), ("turku", Level.VIEWER, 403), ("vienna", Level.LEAD, 404)],
)
def test_who_may_ask(client: Client, office: str, level: Level, status: int) -> None:
    event = full_event()
    client.sign_in(make.member(office, level))
    assert client.get(address(event, "csv")).status_code == status
    pressed = client.press(address(event, "csv")).status_code
    assert pressed == (303 if status == 200 else status)


def test_who_has_left_the_office_fetches_nothing_more(client: Client, app: Flask) -> None:
    event, staff = full_event(), make.member()
    job = asked_for(client, event, staff, "csv")
    jobs.run_queued(app)
    with client.get(f"/jobs/{job.id}/file") as answer:
        assert answer.status_code == 200
    db.session.execute(
        update(Membership).where(Membership.user_id == staff.id).values(ended_at=clock.now())
    )
    assert client.get(f"/jobs/{job.id}/file").status_code == 404
