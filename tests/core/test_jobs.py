"""Jobs within one process: run, refused, broken, stopped, taken over; wishes and the sweep."""

import errno
import os
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event as Signal
from typing import Any

import pytest
from flask import Flask
from huey import Huey
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from interact_events.accounts.models import User
from interact_events.core import clock, jobs
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.jobs import LOST_AFTER, Job, JobState, Task, running
from interact_events.core.jobs.files import KEPT_FOR
from tests import make

ran: list[tuple[Any, ...]] = []


def count(job: Job, upto: int) -> str:
    for number in range(1, upto + 1):
        ran.append((job.state, number))
        jobs.report(job, number, upto)
    return f"Counted to {upto}."


def refuse(job: Job) -> str:
    make.office().name = "Never kept"
    raise DomainError("There is nobody to count.")


def ask_to_stop(job: Job, at: int, upto: int) -> str:
    """Somebody presses "Stop" while step `at` is being done."""
    for number in range(1, upto + 1):
        ran.append((job.state, number))
        if number == at:
            jobs.cancel(job, actor=make.user(), now=clock.now())
            db.session.commit()
        jobs.report(job, number, upto)
    return f"Counted to {upto}."


def lose(job: Job) -> str:
    """Another worker takes the job over while this one is in the middle of a step."""
    claim = job.held
    job.claim = "another’s"
    db.session.commit()
    make.office().name = "Never kept"
    ran.append((claim,))
    jobs.report(job, 1, 2)
    raise AssertionError("it must not go on")


def lose_at_the_end(job: Job) -> str:
    job.claim = "another’s"
    db.session.commit()
    make.office().name = "Never kept"
    return "Done twice."


def write(job: Job, lines: int) -> str:
    with jobs.result_file(job, "lines.csv") as file:
        for number in range(lines):
            file.write(f"{number}\r\n".encode())
            jobs.tell(job, number, lines)
    return "Ready."


def write_half(job: Job) -> str:
    with jobs.result_file(job, "half.csv") as file:
        file.write(b"half")
        raise DomainError("There is nobody to list.")


def lose_the_database(job: Job) -> str:
    make.office().name = "Never kept"
    db.session.flush()
    ran.append((job.losses,))
    raise OperationalError("SELECT 1", {}, ConnectionError("gone"))


def break_down(job: Job) -> str:
    make.office().name = "Never kept"
    raise RuntimeError("zoi@example.org")


WORK = (
    *(count, refuse, break_down, ask_to_stop, lose, lose_at_the_end, write, write_half),
    lose_the_database,
)


@pytest.fixture(autouse=True)
def tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    ran.clear()
    for function in WORK:
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


@pytest.mark.parametrize(
    "state", [JobState.DONE, JobState.FAILED, JobState.RUNNING, JobState.CANCELLED]
)
def test_job_that_is_over_or_running_is_left_alone(app: Flask, state: JobState) -> None:
    job = start(count, upto=1)
    job.state = state
    db.session.commit()
    run(app)
    assert (ran, job.state) == ([], state)


@pytest.mark.parametrize(
    ("state", "created", "seen", "runs"),
    [
        (JobState.RUNNING, 10, 1.1, True),
        (JobState.RUNNING, 10, 0.9, False),
        (JobState.WAITING, 2, 2, True),
        (JobState.WAITING, 2, 0.5, False),  # queued again a moment ago
        (JobState.WAITING, 0, 0, False),
        (JobState.DONE, 10, 10, False),
        (JobState.CANCELLED, 10, 10, False),
    ],
)
def test_sweep_runs_what_a_crash_left_behind(
    app: Flask, state: JobState, created: float, seen: float, runs: bool
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


# -- stopping ------------------------------------------------------------------------------------


def test_stopped_in_the_middle_it_keeps_what_is_done(app: Flask) -> None:
    job = start(ask_to_stop, at=2, upto=5)
    run(app)
    assert [number for _, number in ran] == [1, 2]
    assert (job.state, job.done, job.outcome) == (
        JobState.CANCELLED,
        2,
        "Stopped after 2 of 5. What was done is kept.",
    )
    assert job.finished_at is not None


def test_stopped_at_the_last_step_it_is_simply_done(app: Flask) -> None:
    job = start(ask_to_stop, at=5, upto=5)
    run(app)
    assert (job.state, job.outcome) == (JobState.DONE, "Counted to 5.")


def test_stopped_while_it_waits_it_never_begins(app: Flask) -> None:
    job, person = start(count, upto=2), make.user()
    jobs.cancel(job, actor=person, now=clock.now())
    db.session.commit()
    run(app)
    assert (ran, job.state, job.outcome) == (
        [],
        JobState.CANCELLED,
        "Stopped before anything was done.",
    )
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "job_cancelled")).one()
    assert (entry.subject_id, entry.actor_id) == (job.id, person.id)


def test_what_is_over_is_not_stopped(app: Flask) -> None:
    job = start(count, upto=1)
    run(app)
    with pytest.raises(DomainError, match="over before it could be stopped"):
        jobs.cancel(job, actor=make.user(), now=clock.now())


def test_stopped_after_its_worker_died_it_is_not_begun_again(app: Flask) -> None:
    job = died(start(count, upto=3))
    job.done, job.total = 1, 3
    jobs.cancel(job, actor=make.user(), now=clock.now())
    db.session.commit()
    assert job.state is JobState.RUNNING
    jobs.sweep_jobs()
    run(app)
    assert (ran, job.state) == ([], JobState.CANCELLED)
    assert job.outcome == "Stopped after 1 of 3. What was done is kept."


# -- workers that die, and workers that only seemed to -------------------------------------------


def died(job: Job) -> Job:
    """Its worker has begun with it and has not been heard of since."""
    job.state, job.claim = JobState.RUNNING, "dead"
    job.seen_at = clock.now() - 2 * LOST_AFTER
    db.session.commit()
    return job


@pytest.mark.parametrize("function", [lose, lose_at_the_end])
def test_who_has_lost_the_job_saves_nothing_more(app: Flask, function: Callable[..., str]) -> None:
    job = start(function)
    run(app)
    assert (job.state, job.claim, job.done, job.outcome) == (JobState.RUNNING, "another’s", 0, "")
    assert make.office().name == "Interact Office Turku"


def test_each_worker_has_a_claim_of_its_own(app: Flask) -> None:
    start(lose)
    start(lose)
    run(app)
    assert len({claim for (claim,) in ran if claim}) == 2


def test_what_takes_its_worker_down_each_time_is_given_up(app: Flask) -> None:
    job = start(count, upto=1)
    for _ in range(running.MOST_LOSSES):
        jobs.run_job(died(job).id)
        assert job.state is JobState.DONE
        job.outcome = ""
    ran.clear()
    jobs.run_job(died(job).id)
    assert (ran, job.state, job.outcome) == ([], JobState.FAILED, running.GIVEN_UP)


def test_a_database_that_goes_away_leaves_the_job_for_the_sweep(app: Flask) -> None:
    job = start(lose_the_database)
    run(app)
    assert (ran, job.state, job.outcome) == ([(0,)], JobState.RUNNING, "")
    assert make.office().name == "Interact Office Turku"
    job.seen_at = clock.now() - 2 * LOST_AFTER
    db.session.commit()
    jobs.sweep_jobs()
    run(app)
    assert ran == [(0,), (1,)]


def test_a_worker_that_ends_hands_its_job_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ending = Signal()
    ending.set()
    monkeypatch.setitem(app.extensions, "stopping", ending)
    job = start(count, upto=3)
    huey: Huey = app.extensions["huey"]
    huey.execute(huey.dequeue())
    db.session.expire_all()
    assert (job.state, job.claim, job.losses, ran) == (JobState.WAITING, None, 0, [])
    ending.clear()
    run(app)  # it is in the queue again
    assert (job.state, job.losses, len(ran)) == (JobState.DONE, 0, 3)


# -- files ---------------------------------------------------------------------------------------


def results(app: Flask) -> list[Path]:
    return sorted((app.extensions["settings"].data_dir / "results").glob("*"))


@pytest.fixture(autouse=True)
def no_files(migrated_app: Flask) -> None:
    for path in results(migrated_app):
        path.unlink()


def test_a_job_keeps_the_file_that_it_has_made(app: Flask) -> None:
    job = start(write, lines=3)
    run(app)
    path = jobs.path_of(job, clock.now())
    assert path is not None
    assert (path.read_bytes(), oct(path.stat().st_mode)[-3:]) == (b"0\r\n1\r\n2\r\n", "600")
    assert (job.state, job.file_name, job.file_size, job.done, job.total) == (
        *(JobState.DONE, "lines.csv", 9),
        *(2, 3),
    )
    assert job.file_until is not None
    assert jobs.path_of(job, job.file_until) is None


def test_a_job_that_fails_leaves_no_file(app: Flask) -> None:
    job = start(write_half)
    run(app)
    assert (job.state, job.stored_as, results(app)) == (JobState.FAILED, "", [])


def test_files_are_deleted_after_a_week_and_what_crashes_left_after_a_day(app: Flask) -> None:
    old, new = start(write, lines=1), start(write, lines=1)
    run(app)
    left, fresh = (results(app)[0].with_name(name) for name in ("9999-left", "9999-fresh"))
    for path in (left, fresh):
        path.write_bytes(b"half")
    old.file_until = clock.now() - timedelta(seconds=1)
    db.session.commit()
    day_ago = (clock.now() - timedelta(days=1, minutes=1)).timestamp()
    os.utime(left, (day_ago, day_ago))
    jobs.tidy_jobs()
    assert {path.name for path in results(app)} == {new.stored_as, "9999-fresh"}
    assert (old.stored_as, old.file_name) == ("", "lines.csv")
    assert timedelta(days=5) < KEPT_FOR < timedelta(days=15)


def test_jobs_are_forgotten_after_three_months(app: Flask) -> None:
    old, recent, waiting = (start(count, upto=1) for _ in range(3))
    run(app)
    long_ago = clock.now() - timedelta(days=91)
    old.finished_at = long_ago
    waiting.state, waiting.created_at, waiting.finished_at = JobState.WAITING, long_ago, None
    db.session.commit()
    jobs.tidy_jobs()
    assert set(db.session.scalars(select(Job.id))) == {recent.id, waiting.id}


def broken_by(**about: object) -> OperationalError:
    cause = Exception("no room")
    for name, value in about.items():
        setattr(cause, name, value)
    return OperationalError("INSERT", {}, cause)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (broken_by(sqlite_errorcode=sqlite3.SQLITE_FULL), JobState.FAILED),
        (broken_by(sqlstate="53100"), JobState.FAILED),
        (OSError(errno.ENOSPC, "No space left on device"), JobState.FAILED),
        (broken_by(sqlite_errorcode=sqlite3.SQLITE_BUSY), None),
        (broken_by(sqlstate="57P01"), None),  # the server shuts down: later
    ],
)
def test_a_full_disk_is_said_and_a_database_away_is_waited_for(
    error: Exception, state: JobState | None
) -> None:
    assert running._why_not(Job(id=1, task="x"), error) == (state, running.FULL if state else "")
