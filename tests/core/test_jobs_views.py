"""Pages about jobs: for whoever has started them, for the secretariat, for nobody else."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection

from interact_events.accounts.models import User
from interact_events.core import clock, jobs
from interact_events.core.db import db
from interact_events.core.jobs import Job, JobState, RunState, Task, TaskRun
from tests import make
from tests.client import Client, counted

NAME = 'Ζωή "Žižka" <b>O\'Neil</b>'
allowed: set[int] = set()


def count(job: Job, upto: int) -> str:
    for number in range(1, upto + 1):
        jobs.report(job, number, upto)
    return f"Counted to {upto}."


def write(job: Job) -> str:
    with jobs.result_file(job, f"{NAME}.csv") as file:
        file.write(b"a,b\r\n")
    return "The list is ready."


@pytest.fixture(autouse=True)
def tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed.clear()
    monkeypatch.setitem(jobs.TASKS, "tests.count", Task("tests.count", count))
    may_fetch = lambda person, _job: person.id in allowed  # noqa: E731
    monkeypatch.setitem(jobs.TASKS, "tests.write", Task("tests.write", write, may_fetch=may_fetch))


def start(function: Callable[..., str], owner: User, **arguments: int) -> Job:
    job = jobs.start(
        function, NAME, actor=owner, now=clock.now(), back_url="/offices/", **arguments
    )
    db.session.commit()
    return job


def running(owner: User, done: int, total: int) -> Job:
    job = start(count, owner, upto=total)
    job.state, job.claim, job.done, job.total = JobState.RUNNING, "a worker’s", done, total
    db.session.commit()
    return job


def ended(app: Flask, job: Job) -> Job:
    jobs.run_queued(app)
    db.session.expire_all()
    return job


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.text


# -- progress ------------------------------------------------------------------------------------


def test_owner_and_coordinator_see_the_progress_and_a_stranger_does_not(client: Client) -> None:
    owner = make.user()
    job = running(owner, 1, 3)
    answers = {}
    for name, person in (
        ("owner", owner),
        ("coordinator", make.coordinator()),
        ("colleague", make.member()),
        ("other office", make.member("vienna")),
    ):
        client.sign_in(person)
        answers[name] = (
            client.get(f"/jobs/{job.id}").status_code,
            client.get(f"/jobs/{job.id}/progress").json,
            client.get(f"/jobs/{job.id}/file").status_code,
            client.press(f"/jobs/{job.id}/cancel").status_code,
        )
    status = "At work. You may leave this page; the work goes on."
    stopping = "It stops at its next step."
    progress = {"state": "running", "done": 1, "total": 3, "count": "1 of 3 done."}
    assert answers == {
        "owner": (200, progress | {"status": status}, 404, 303),
        "coordinator": (200, progress | {"status": stopping}, 404, 303),
        "colleague": (404, None, 404, 404),
        "other office": (404, None, 404, 404),
    }


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    job = running(make.user(), 1, 3)
    for address in ("/jobs/", f"/jobs/{job.id}", f"/jobs/{job.id}/file", "/admin/jobs"):
        assert client.get(address).status_code == 302


def test_the_page_speaks_and_looks_again_without_javascript(client: Client, app: Flask) -> None:
    owner = make.user()
    job = start(count, owner, upto=3)
    client.sign_in(owner)
    address = f"/jobs/{job.id}"
    assert "Waiting for its turn." in page(client, address)
    refresh = '<noscript><meta http-equiv="refresh" content="5"></noscript>'
    assert refresh in page(client, address)
    assert refresh not in page(client, f"{address}?still=yes")
    job.state, job.done, job.total = JobState.RUNNING, 1, 3
    assert "1 of 3 done." in page(client, address)
    job.state = JobState.WAITING
    db.session.commit()
    ended(app, job)
    over = page(client, address)
    assert ("Counted to 3." in over, 'href="/offices/">Continue</a>' in over) == (True, True)
    assert (refresh in over, "Stop the work" in over) == (False, False)


def test_the_title_is_text_whatever_it_holds(client: Client) -> None:
    owner = make.user()
    job = start(count, owner, upto=3)
    client.sign_in(owner)
    for address in (f"/jobs/{job.id}", "/jobs/"):
        assert "&lt;b&gt;O&#39;Neil&lt;/b&gt;" in page(client, address)


def test_one_press_stops_what_waits(client: Client, app: Flask) -> None:
    owner = make.user()
    job = start(count, owner, upto=3)
    client.sign_in(owner)
    answer = client.press(f"/jobs/{job.id}/cancel")
    assert (answer.status_code, answer.location) == (303, f"/jobs/{job.id}")
    stopped = page(client, f"/jobs/{job.id}")
    assert "Stopped before anything was done." in stopped
    assert (">Back</a>" in stopped, ">Continue</a>" in stopped) == (True, False)
    client.press(f"/jobs/{job.id}/cancel")
    assert "This was over before it could be stopped." in page(client, f"/jobs/{job.id}")


# -- the file ------------------------------------------------------------------------------------


def test_the_file_is_fetched_by_whoever_asked_for_it_while_they_may(
    client: Client, app: Flask
) -> None:
    owner, coordinator, colleague = make.member(), make.coordinator(), make.member()
    allowed.update({owner.id, coordinator.id, colleague.id})
    job = ended(app, start(write, owner))
    address = f"/jobs/{job.id}/file"
    client.sign_in(owner)
    assert f'href="{address}"' in page(client, f"/jobs/{job.id}")
    answer = client.get(address)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"a,b\r\n", "text/csv")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Cache-Control"] == "no-store"
    answer.close()
    client.sign_in(coordinator)
    with client.get(address) as again:
        assert again.status_code == 200
    client.sign_in(colleague)
    assert client.get(address).status_code == 404
    allowed.remove(owner.id)  # they have left the office
    client.sign_in(owner)
    assert client.get(address).status_code == 404
    seen = page(client, f"/jobs/{job.id}")
    assert (f'href="{address}"' in seen, "has been deleted" in seen) == (False, False)


@pytest.mark.parametrize("how", ["time is over", "tidied", "not on this machine"])
def test_a_file_that_is_gone_is_said_to_be(client: Client, app: Flask, how: str) -> None:
    owner = make.user()
    allowed.add(owner.id)
    job = ended(app, start(write, owner))
    if how in ("time is over", "tidied"):
        job.file_until = clock.now()
        db.session.commit()
        if how == "tidied":
            jobs.tidy_jobs()
    else:
        path = jobs.path_of(job, clock.now())
        assert isinstance(path, Path)
        path.unlink()
    client.sign_in(owner)
    answer = client.get(f"/jobs/{job.id}/file")
    assert (answer.status_code, answer.location) == (303, f"/jobs/{job.id}")
    assert page(client, f"/jobs/{job.id}").count("has been deleted") == 2  # told, and beside it


# -- lists ---------------------------------------------------------------------------------------


def test_one_sees_ones_own_newest_first(client: Client) -> None:
    owner = make.user()
    mine = [running(owner, n, 9) for n in (1, 2)]
    running(make.user(), 3, 9)
    client.sign_in(owner)
    found = page(client, "/jobs/")
    places = [found.index(f'href="/jobs/{job.id}"') for job in reversed(mine)]
    assert places == sorted(places)
    assert ("2 of 9 done" in found, "3 of 9 done" in found) == (True, False)
    client.sign_in(make.user())
    assert "You have started nothing yet" in page(client, "/jobs/")


def test_the_secretariat_sees_the_schedule_and_an_office_does_not(
    client: Client, app: Flask
) -> None:
    for person in (make.user(), make.member()):
        client.sign_in(person)
        assert client.get("/admin/jobs").status_code == 404
    client.sign_in(make.coordinator())
    empty = page(client, "/admin/jobs")
    assert "No worker has been at work yet." in empty
    assert "Nobody has started anything yet" in empty
    jobs.tick()
    jobs.run_queued(app)
    job = running(make.user(), 3, 9)
    full = page(client, "/admin/jobs")
    assert "No worker" not in full
    assert full.count(">Done</span>") == len(jobs.timetable(clock.now()))
    assert f'href="/jobs/{job.id}"' in full
    assert 'href="/admin/jobs"' in page(client, "/admin/")


def note(task: str, state: RunState, *, ago: timedelta, error: str = "") -> None:
    at = clock.now() - ago
    over = None if state is RunState.RUNNING else at
    db.session.add(
        TaskRun(
            task=task,
            slot_at=at,
            state=state,
            error=error,
            started_at=at,
            seen_at=at,
            finished_at=over,
        )
    )
    db.session.commit()


def test_what_went_wrong_is_in_sight(client: Client) -> None:
    client.sign_in(make.coordinator())
    note("core.sweep_jobs", RunState.FAILED, ago=timedelta(hours=2), error="OperationalError")
    note("core.sweep_jobs", RunState.RUNNING, ago=timedelta(hours=1))
    found = page(client, "/admin/jobs")
    assert "No worker has been at work since" in found
    for words in ("Broken off", "Last failure", "OperationalError", "Due now"):
        assert words in found


@pytest.mark.parametrize("address", ["/jobs/", "/admin/jobs"])
def test_a_list_costs_the_same_for_one_and_for_three(
    client: Client, connection: Connection, address: str
) -> None:
    person = make.coordinator()
    client.sign_in(person)
    costs: list[int] = []
    for _ in range(2):
        running(person, 1, 9)
        note("core.sweep_jobs", RunState.DONE, ago=timedelta(minutes=len(costs)))
        note("core.sweep_outbox", RunState.FAILED, ago=timedelta(minutes=len(costs)))
        page(client, address)
        with counted(connection) as statements:
            page(client, address)
        costs.append(len(statements))
        running(person, 2, 9)
    assert costs[0] == costs[1]
