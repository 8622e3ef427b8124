"""What runs by the clock: each slot of time once, whichever worker gets there first.

Every minute each worker asks what is due. So what was missed while none ran is caught up, once.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.jobs.files import forget_files
from interact_events.core.jobs.heartbeat import beating
from interact_events.core.jobs.rows import LOST_AFTER, Job, JobState, RunState, TaskRun
from interact_events.core.jobs.tasks import TASKS, Task, every, queue, task

log = structlog.get_logger()

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RUNS_KEPT = 20  # of each task
FAILURES_KEPT = timedelta(days=14)
JOBS_KEPT = timedelta(days=90)


def slot_of(now: datetime, minutes: int) -> datetime:
    """When the slot began that `now` is in."""
    length = timedelta(minutes=minutes)
    return EPOCH + (now - EPOCH) // length * length


def scheduled() -> list[Task]:
    """Every task that runs by the clock, by name."""
    return sorted((t for t in TASKS.values() if t.minutes), key=lambda t: t.name)


@task
def tick() -> None:
    """Queue what is due; the queue itself calls this every minute, in each worker."""
    now = clock.now()
    last = select(TaskRun.task, func.max(TaskRun.slot_at)).group_by(TaskRun.task)
    slots = {name: slot for name, slot in db.session.execute(last)}  # noqa: C416  # rows are no pairs to mypy
    for known in scheduled():
        if slots.get(known.name, EPOCH) < slot_of(now, known.minutes or 1):
            queue(run_scheduled, known.name)
    db.session.commit()


@task
def run_scheduled(name: str) -> None:
    """Run what is due, unless it has been run in this slot, or an earlier run still goes on."""
    run = _begin(TASKS[name], clock.now())
    if run is None:
        return
    with beating(TaskRun, TaskRun.id == run):
        state, error = _run(TASKS[name])
    db.session.execute(
        update(TaskRun)
        .where(TaskRun.id == run)
        .values(state=state, error=error, finished_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


def _begin(known: Task, now: datetime) -> int | None:
    """Note the run before it begins; None where another worker was first."""
    alive = exists().where(
        TaskRun.task == known.name,
        TaskRun.state == RunState.RUNNING,
        TaskRun.seen_at >= now - LOST_AFTER,
    )
    run = TaskRun(
        task=known.name,
        slot_at=slot_of(now, known.minutes or 1),
        state=RunState.RUNNING,
        started_at=now,
        seen_at=now,
    )
    if db.session.scalar(select(alive)):
        db.session.rollback()
        return None
    try:
        with db.session.begin_nested():
            db.session.add(run)
    except IntegrityError:
        db.session.rollback()
        return None
    number = run.id
    db.session.commit()
    return number


def _run(known: Task) -> tuple[RunState, str]:
    try:
        known.run()
    except Exception as error:
        log.exception("scheduled_task_failed", task=known.name)
        db.session.rollback()
        return RunState.FAILED, type(error).__name__
    return RunState.DONE, ""


@every(minutes=60)
def tidy_jobs() -> None:
    """Delete files of background work after a week, and its pages after three months."""
    now = clock.now()
    forget_files(now)
    db.session.commit()
    db.session.execute(
        delete(Job).where(
            Job.state.not_in((JobState.WAITING, JobState.RUNNING)),
            Job.finished_at < now - JOBS_KEPT,
        )
    )
    _prune_runs(now)
    db.session.commit()


def _prune_runs(now: datetime) -> None:
    newest = func.row_number().over(partition_by=TaskRun.task, order_by=TaskRun.id.desc())
    ranked = select(TaskRun.id, newest.label("rank")).subquery()
    db.session.execute(
        delete(TaskRun)
        .where(
            TaskRun.id.in_(select(ranked.c.id).where(ranked.c.rank > RUNS_KEPT)),
            or_(TaskRun.state == RunState.DONE, TaskRun.started_at < now - FAILURES_KEPT),
        )
        .execution_options(synchronize_session=False)
    )


# -- to look at ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scheduled:
    """A task beside its last run, and the last one that failed."""

    task: Task
    last: TaskRun | None
    failed: TaskRun | None
    next_at: datetime

    @property
    def every(self) -> str:
        """ "Minute", "5 minutes", "Hour", "7 days"."""
        minutes = self.task.minutes or 1
        sizes = {24 * 60: "day", 60: "hour", 1: "minute"}
        size = next(size for size in sizes if minutes % size == 0)
        one = sizes[size]
        return words.capitalised(one if minutes == size else words.count(minutes // size, one))


def timetable(now: datetime) -> list[Scheduled]:
    """Everything that runs by the clock."""
    last, failed = _latest(), _latest(TaskRun.state == RunState.FAILED)
    return [
        Scheduled(known, last.get(known.name), failed.get(known.name), _next(known, last, now))
        for known in scheduled()
    ]


def _latest(*which: object) -> dict[str, TaskRun]:
    newest = select(func.max(TaskRun.id)).where(*which).group_by(TaskRun.task)  # type: ignore[arg-type]
    return {
        run.task: run for run in db.session.scalars(select(TaskRun).where(TaskRun.id.in_(newest)))
    }


def _next(known: Task, last: dict[str, TaskRun], now: datetime) -> datetime:
    """The start of the next slot; that of the present one while it is still to be run."""
    minutes = known.minutes or 1
    slot = slot_of(now, minutes)
    ran = last.get(known.name)
    return slot + timedelta(minutes=minutes) if ran and ran.slot_at >= slot else slot


def last_sign_of_work() -> datetime | None:
    """When a worker has last run something by the clock; None if none ever has."""
    return db.session.scalar(select(func.max(TaskRun.seen_at)))
