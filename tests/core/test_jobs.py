from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from huey import Huey
from sqlalchemy import select

from interact_events.accounts.models import User
from interact_events.core import clock, jobs
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.jobs import Job, JobState, Task
from tests import make
from tests.client import Client

ran: list[tuple[Any, ...]] = []


def count(job: Job, upto: int) -> str:
    for number in range(1, upto + 1):
        ran.append((job.state, number))
        jobs.report(job, number, upto)
    return f"Counted to {upto}."


def refuse(job: Job) -> str:
    make.office().name = "Never kept"
    raise DomainError("There is nobody to count.")


def break_down(job: Job) -> str:
    make.office().name = "Never kept"
    raise RuntimeError("zoi@example.org")


@pytest.fixture(autouse=True)
def tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    ran.clear()
    for function in (count, refuse, break_down):
        name = f"tests.{function.__name__}"
        monkeypatch.setitem(jobs.TASKS, name, Task(name, function))


def start(function: Callable[..., str], owner: User | None = None, **arguments: int) -> Job:
    job = jobs.start(
        function,
        "Counting",
        actor=owner or make.user(),
        now=clock.now(),
        back_url="/",
        **arguments,
    )
    db.session.commit()
    return job


def run(app: Flask) -> None:
    jobs.run_queued(app)
    db.session.expire_all()


def queued(app: Flask) -> int:
    huey: Huey = app.extensions["huey"]
    return int(huey.pending_count())


def test_job_runs_to_its_end(app: Flask) -> None:
    job = start(count, upto=2)
    assert (job.state, job.is_over) == (JobState.WAITING, False)
    run(app)
    assert ran == [(JobState.RUNNING, 1), (JobState.RUNNING, 2)]
    assert (job.state, job.done, job.total, job.outcome, job.is_over) == (
        JobState.DONE,
        2,
        2,
        "Counted to 2.",
        True,
    )
    assert job.finished_at is not None


def test_refusal_fails_the_job_with_its_sentence(app: Flask) -> None:
    job = start(refuse)
    run(app)
    assert (job.state, job.outcome) == (JobState.FAILED, "There is nobody to count.")
    assert make.office().name == "Interact Office Turku"


def test_bug_fails_the_job_without_its_words(app: Flask) -> None:
    job = start(break_down)
    run(app)
    assert (job.state, job.outcome) == (
        JobState.FAILED,
        "Something went wrong on our side. What was done so far is kept; start again.",
    )
    assert make.office().name == "Interact Office Turku"


def test_task_that_is_gone_fails_the_job(app: Flask) -> None:
    job = start(count, upto=1)
    job.task = "tests.renamed"
    db.session.commit()
    run(app)
    assert job.state is JobState.FAILED


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED, JobState.RUNNING])
def test_job_that_is_over_or_running_is_left_alone(app: Flask, state: JobState) -> None:
    job = start(count, upto=1)
    job.state = state
    db.session.commit()
    run(app)
    assert (ran, job.state) == ([], state)


@pytest.mark.parametrize(
    ("state", "created", "seen", "runs"),
    [
        (JobState.RUNNING, 10, 6, True),
        (JobState.RUNNING, 10, 1, False),
        (JobState.WAITING, 2, 2, True),
        (JobState.WAITING, 0, 0, False),
        (JobState.DONE, 10, 10, False),
    ],
)
def test_sweep_runs_what_a_crash_left_behind(
    app: Flask, state: JobState, created: int, seen: int, runs: bool
) -> None:
    job = start(count, upto=1)
    app.extensions["huey"].storage.flush_all()  # what the crash has lost
    job.state = state
    job.created_at = clock.now() - timedelta(minutes=created)
    job.seen_at = clock.now() - timedelta(minutes=seen)
    db.session.commit()
    jobs.sweep_jobs()
    run(app)
    assert (bool(ran), job.state) == (runs, JobState.DONE if runs else state)


def test_work_is_queued_by_the_commit(app: Flask) -> None:
    jobs.queue(jobs.sweep_jobs)
    db.session.flush()
    assert queued(app) == 0
    db.session.execute(select(1))
    db.session.commit()
    assert queued(app) == 1


def test_work_is_not_queued_after_a_rollback(app: Flask) -> None:
    db.session.execute(select(1))
    jobs.queue(jobs.sweep_jobs)
    db.session.rollback()
    db.session.execute(select(1))
    db.session.commit()
    assert queued(app) == 0


def test_savepoint_neither_queues_nor_forgets(app: Flask) -> None:
    with db.session.begin_nested():
        jobs.queue(jobs.sweep_jobs)
    assert queued(app) == 0
    with db.session.begin_nested() as savepoint:
        savepoint.rollback()
    db.session.commit()
    assert queued(app) == 1


def test_same_wish_is_queued_once(app: Flask) -> None:
    db.session.execute(select(1))
    jobs.queue(jobs.run_job, 1)
    jobs.queue(jobs.run_job, 1)
    jobs.queue(jobs.run_job, 2)
    db.session.commit()
    assert queued(app) == 2


def test_queue_that_is_away_does_not_undo_the_commit(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_arguments: object) -> None:
        raise ConnectionError

    monkeypatch.setitem(app.extensions["tasks"], "core.run_job", unreachable)
    job = start(count, upto=1)
    assert db.session.get_one(Job, job.id).state is JobState.WAITING


def test_sweeps_run_every_minute(app: Flask) -> None:
    huey: Huey = app.extensions["huey"]
    due = {task.name for task in huey.read_periodic(datetime.fromisoformat("2027-05-12T09:01"))}
    assert {"core.sweep_jobs", "core.sweep_outbox"} <= due


def test_owner_and_coordinator_see_the_progress_and_a_stranger_does_not(client: Client) -> None:
    owner = make.user()
    job = start(count, owner, upto=3)
    jobs.report(job, 1, 3)
    answers = {}
    for name, person in (
        ("owner", owner),
        ("coordinator", make.coordinator()),
        ("colleague", make.member()),
    ):
        client.sign_in(person)
        answers[name] = (
            client.get(f"/jobs/{job.id}").status_code,
            client.get(f"/jobs/{job.id}/progress").json,
        )
    progress = {"state": "waiting", "done": 1, "total": 3, "outcome": ""}
    assert answers == {
        "owner": (200, progress),
        "coordinator": (200, progress),
        "colleague": (404, None),
    }


def test_progress_page_speaks_without_javascript(client: Client) -> None:
    owner = make.user()
    job = start(count, owner, upto=3)
    client.sign_in(owner)
    assert "Waiting for its turn." in client.get(f"/jobs/{job.id}").get_data(as_text=True)
    jobs.report(job, 1, 3)
    assert "1 of 3 done." in client.get(f"/jobs/{job.id}").get_data(as_text=True)
    jobs.run_queued(client.application)
    page = client.get(f"/jobs/{job.id}").get_data(as_text=True)
    assert ("Counted to 3." in page, 'href="/">Continue</a>' in page) == (True, True)
