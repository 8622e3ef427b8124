"""A worker as `flask worker` is one, with some more tasks and less patience; for test_jobs_faults.

Each step is a row of the audit trail, saved together with its progress; each beginning is a line of
a file, which no rollback takes back.
"""

import os
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from interact_events.core import audit, clock, jobs
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db, one_moment
from interact_events.core.jobs import Job, heartbeat, rows, running, schedule, tasks
from interact_events.factory import create_app

LOST_AFTER = timedelta(seconds=1.5)


def count(job: Job, upto: int, milliseconds: int) -> str:
    """Goes on where it stopped."""
    note(f"job {job.id}")
    begun = job.done
    db.session.commit()  # as real work does: on SQLite others want to write while this one computes
    for number in range(begun + 1, upto + 1):
        time.sleep(milliseconds / 1000)
        audit.record("step", job, actor=None, now=clock.now(), number=number, pid=os.getpid())
        jobs.report(job, number, upto)
    return f"Counted to {upto}."


def write(job: Job, lines: int) -> str:
    """Only reads while it writes its file."""
    with jobs.result_file(job, "lines.csv") as file, one_moment():
        db.session.scalar(select(func.count(AuditEntry.id)))
        for number in range(1, lines + 1):
            file.write(f"{number}\r\n".encode())
            jobs.tell(job, number, lines)
            time.sleep(0.02)
        db.session.rollback()
    return "Written."


def by_the_clock() -> None:
    """Runs every hour."""
    note("clock")
    time.sleep(0.2)


def note(what: str) -> None:
    with Path(os.environ["BEGINNINGS"]).open("a") as file:
        file.write(f"{what}\n")


def learn() -> None:
    """What the workers of these tests know beyond the usual."""
    for name, work, minutes in (
        ("tests.count", count, None),
        ("tests.write", write, None),
        ("tests.clock", by_the_clock, 60),
    ):
        jobs.TASKS[name] = tasks.Task(name, work, minutes)


def forget() -> None:
    for name in ("tests.count", "tests.write", "tests.clock"):
        jobs.TASKS.pop(name, None)


def main() -> None:
    heartbeat.EVERY = 0.2
    for module in (rows, running, schedule):
        vars(module)["LOST_AFTER"] = LOST_AFTER  # of each that has read it
    learn()
    app = create_app()
    worker = jobs.consumer(app, 2)
    Path(os.environ["READY"]).touch()
    with app.app_context():
        worker.run()
