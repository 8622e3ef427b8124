"""Jobs from the wish to the outcome: each is run by one worker at a time, to its end."""

import errno
import secrets
import sqlite3
from collections.abc import Callable
from contextvars import Context
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import current_app
from sqlalchemy import Engine, case, func, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from interact_events.core import audit, clock
from interact_events.core.audit import HasId
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.core.jobs.heartbeat import beating
from interact_events.core.jobs.rows import LOST_AFTER, Job, JobState
from interact_events.core.jobs.tasks import TASKS, every, name_of, queue, task

log = structlog.get_logger()

NUDGED_AFTER = timedelta(minutes=1)  # what still waits then is queued again
POSTGRESQL_DISK_FULL = "53100"
MOST_LOSSES = 5  # what takes its worker down each time is not begun for ever
BROKEN = "Something went wrong on our side. What was done so far is kept; start again."
FULL = (
    "There is no room left on the disk. Nothing was left half done, and what was finished so far "
    "is kept. Start again once there is room."
)
GIVEN_UP = "The work broke off several times. What was done so far is kept; please tell us of it."


class StepError(Exception):
    """The worker has to let go of the job between two steps."""


class LostError(StepError):
    """Another worker has the job by now: nothing more may be saved."""


class StoppedError(StepError):
    """Somebody wants the job to stop."""


class HandedBackError(StepError):
    """This worker ends; another one goes on."""


def start(
    function: Callable[..., str],
    title: str,
    *,
    actor: HasId,
    now: datetime,
    back_url: str,
    **arguments: int | str,
) -> Job:
    """Note a job for the worker. `function(job, **arguments)` returns its outcome in words."""
    job = Job(
        task=name_of(function),
        arguments=arguments,
        title=title,
        back_url=back_url,
        owner_id=actor.id,
        created_at=now,
        seen_at=now,
    )
    db.session.add(job)
    db.session.flush()
    queue(run_job, job.id)
    return job


# -- for the functions that do the work ----------------------------------------------------------


def report(job: Job, done: int, total: int) -> None:
    """Save one step of `job` together with its progress; the place where a job may end early.

    The step is saved only while this worker has the job, so that nothing is done twice.
    """
    asked = db.session.scalar(_progress(job, done, total))
    if asked is None:
        db.session.rollback()
        raise LostError
    db.session.commit()
    _go_on(asked, done, total)


def tell(job: Job, done: int, total: int) -> None:
    """Say how far a job is that only reads: its own transaction goes on and sees one moment.

    That transaction must have begun inside `reading()` or `one_moment()`.
    """
    # In a context of its own: there it may write, although the work around it only reads.
    asked = Context().run(_save_apart, db.engine, _progress(job, done, total))
    if asked is None:
        raise LostError
    _go_on(asked, done, total)


def _save_apart(engine: Engine, progress: Any) -> Any:
    with Session(engine, join_transaction_mode="create_savepoint") as session:
        asked = session.scalar(progress)
        session.commit()
    return asked


def _progress(job: Job, done: int, total: int) -> Any:
    return (
        update(Job)
        .where(Job.id == job.id, Job.claim == job.held)
        .values(done=done, total=total, seen_at=clock.now())
        .returning(Job.is_cancel_asked)
        .execution_options(synchronize_session=False)
    )


def _go_on(is_cancel_asked: bool, done: int, total: int) -> None:
    """After the last step there is nothing left to stop."""
    if done >= total:
        return
    if is_cancel_asked:
        raise StoppedError
    if is_ending():
        raise HandedBackError


def is_ending() -> bool:
    """Whether this worker was told to end: what it has not begun is left for others."""
    stopping = current_app.extensions.get("stopping")
    return stopping is not None and bool(stopping.is_set())


# -- for the worker ------------------------------------------------------------------------------


@task
def run_job(job_id: int) -> None:
    """Run a waiting job, or one whose worker died, unless another worker has it."""
    claim = _claim(job_id, clock.now())
    if not claim:
        return
    job = db.session.get_one(Job, job_id)
    job.held = claim
    with beating(Job, Job.id == job_id, Job.claim == claim):
        state, outcome = _run(job)
    if state is not None:
        _end(job, state, outcome)


def _claim(job_id: int, now: datetime) -> str:
    """Take the job, if it is to be had: two workers never both get it."""
    lost = (Job.state == JobState.RUNNING) & (Job.seen_at < now - LOST_AFTER)
    claim = secrets.token_hex(8)
    taken = db.session.execute(
        update(Job)
        .where(Job.id == job_id, or_(Job.state == JobState.WAITING, lost))
        .values(
            state=JobState.RUNNING,
            claim=claim,
            losses=Job.losses + case((Job.state == JobState.RUNNING, 1), else_=0),
            started_at=func.coalesce(Job.started_at, now),
            seen_at=now,
        )
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).all()
    db.session.commit()
    return claim if taken else ""


def _run(job: Job) -> tuple[JobState | None, str]:
    """The state that the work leads to and its outcome in words; no state: another goes on.

    What the work has not saved itself waits in the session for the end, or is rolled back.
    """
    try:
        if job.losses > MOST_LOSSES:
            return JobState.FAILED, GIVEN_UP
        _go_on(job.is_cancel_asked, -1, 0)
        work, arguments = TASKS[job.task].run, job.arguments
        db.session.commit()  # on SQLite what is open here would keep others from writing
        return JobState.DONE, work(job, **arguments)
    except Exception as error:  # noqa: BLE001  # whatever it is, the row says so
        db.session.rollback()
        return _why_not(job, error)


def _why_not(job: Job, error: Exception) -> tuple[JobState | None, str]:
    match error:
        case LostError():
            return None, ""
        case _ if _is_disk_full(error):
            log.error("disk_full", job=job.id, task=job.task, exc_info=error)
            return JobState.FAILED, FULL
        case OperationalError():  # a database that was away: once it is there, the sweep finds us
            log.warning("job_broke_off", exc_info=error)
            return None, ""
        case StoppedError():
            return JobState.CANCELLED, stopped_in_words(job)
        case DomainError():
            return JobState.FAILED, error.message
        case HandedBackError():
            return JobState.WAITING, ""
    log.error("job_failed", job=job.id, task=job.task, exc_info=error)
    return JobState.FAILED, BROKEN


def _is_disk_full(error: Exception) -> bool:
    """Trying again in a minute would not help; said so by the system or by either database."""
    cause = getattr(error, "orig", error)
    is_full_sqlite = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    is_full_postgresql = getattr(cause, "sqlstate", None) == POSTGRESQL_DISK_FULL
    return is_full_sqlite or is_full_postgresql or getattr(cause, "errno", None) == errno.ENOSPC


def stopped_in_words(job: Job) -> str:
    """What became of a job that was stopped."""
    known = TASKS.get(job.task)
    if known and known.may_fetch:
        return "Stopped before the file was ready."
    if not job.done:
        return "Stopped before anything was done."
    return f"Stopped after {job.done:,} of {job.total:,}. What was done is kept."


def _end(job: Job, state: JobState, outcome: str) -> None:
    """Save the end together with what the work has left unsaved, while the job is still ours."""
    values: dict[str, Any] = {"state": state, "outcome": outcome, "claim": None}
    if state is JobState.WAITING:
        values["seen_at"] = clock.now()
        queue(run_job, job.id)
    else:
        values["finished_at"] = clock.now()
    found = db.session.execute(
        update(Job)
        .where(Job.id == job.id, Job.claim == job.held)
        .values(**values)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).all()
    if found:
        db.session.commit()
    else:
        db.session.rollback()


@every(minutes=1)
def sweep_jobs() -> None:
    """Start background work again that a crash has left behind."""
    now = clock.now()
    late = (Job.state == JobState.WAITING) & (Job.seen_at <= now - NUDGED_AFTER)
    lost = (Job.state == JobState.RUNNING) & (Job.seen_at < now - LOST_AFTER)
    for job in db.session.scalars(select(Job).where(or_(late, lost)).order_by(Job.id)):
        queue(run_job, job.id)
        if job.state is JobState.WAITING:
            job.seen_at = now  # it gets its turn: not again in a minute
    db.session.commit()


# -- for people ----------------------------------------------------------------------------------


def cancel(job: Job, *, actor: HasId, now: datetime) -> None:
    """Stop `job`: at once if it waits, at its next step if it runs; what is done stays done."""
    lock(job)
    if job.is_over:
        raise DomainError("This was over before it could be stopped.")
    if job.state is JobState.WAITING:
        job.state, job.finished_at = JobState.CANCELLED, now
        job.outcome = stopped_in_words(job)
    job.is_cancel_asked = True
    audit.record("job_cancelled", job, actor=actor, now=now)
