"""Work outside a request: tasks that a worker runs, and jobs whose progress a person watches."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import structlog
from flask import Flask, current_app
from huey import Huey, MemoryHuey, RedisHuey, SqliteHuey, crontab
from sqlalchemy import event, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from interact_events.config import Settings
from interact_events.core import clock
from interact_events.core.audit import HasId
from interact_events.core.db import Base, db
from interact_events.core.errors import DomainError

log = structlog.get_logger()

F = TypeVar("F", bound=Callable[..., object])

LOST_AFTER = timedelta(minutes=5)  # without a sign of life; every step gives one


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """Long work that somebody asked for; `task` with `arguments` can be run again at any time."""

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    title: Mapped[str]
    back_url: Mapped[str]
    owner_id: Mapped[int]
    state: Mapped[JobState] = mapped_column(default=JobState.WAITING, index=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    @property
    def is_over(self) -> bool:
        return self.state in (JobState.DONE, JobState.FAILED)


@dataclass(frozen=True)
class Task:
    """A function that the worker knows by `name`; `minutes` makes it run by the clock."""

    name: str
    run: Callable[..., Any]
    minutes: int | None = None


TASKS: dict[str, Task] = {}


def task(function: F) -> F:
    """Let the worker run `function` when `queue` names it."""
    _register(function, None)
    return function


def every(minutes: int) -> Callable[[F], F]:
    """Let the worker run the function every so many minutes, by the clock."""

    def mark(function: F) -> F:
        _register(function, minutes)
        return function

    return mark


def _register(function: Callable[..., object], minutes: int | None) -> None:
    feature = function.__module__.split(".")[1]
    name = f"{feature}.{function.__name__}"
    TASKS[name] = Task(name, function, minutes)


def name_of(function: Callable[..., object]) -> str:
    """The name under which the worker knows a registered function."""
    return next(task.name for task in TASKS.values() if task.run is function)


def queue(function: Callable[..., object], *arguments: int | str) -> None:
    """Ask the worker to run `function` once the present transaction has committed."""
    waiting = db.session.info.setdefault("queued", [])
    wish = (name_of(function), arguments)
    if wish not in waiting:
        waiting.append(wish)


@event.listens_for(Session, "after_commit")
def _send_queued(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint is no commit yet
        return
    for name, arguments in session.info.pop("queued", []):
        try:
            current_app.extensions["tasks"][name](*arguments)
        except Exception:  # the sweep picks up what the queue could not take
            log.exception("queue_unreachable", task=name)


@event.listens_for(Session, "after_rollback")
def _forget_queued(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop("queued", None)


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


def report(job: Job, done: int, total: int) -> None:
    """Save one step of `job` together with its progress."""
    job.done, job.total, job.seen_at = done, total, clock.now()
    db.session.commit()


@task
def run_job(job_id: int) -> None:
    """Run a waiting job, or one whose worker died, unless another worker has it."""
    if not _claim(job_id, clock.now()):
        return
    job = db.session.get_one(Job, job_id)
    try:
        job.outcome = TASKS[job.task].run(job, **job.arguments)
        job.state = JobState.DONE
    except DomainError as refusal:
        _fail(job, refusal.message)
    except Exception:
        log.exception("job_failed", job=job_id, task=job.task)
        _fail(job, "Something went wrong on our side. What was done so far is kept; start again.")
    job.finished_at = clock.now()
    db.session.commit()


def _claim(job_id: int, now: datetime) -> bool:
    lost = (Job.state == JobState.RUNNING) & (Job.seen_at < now - LOST_AFTER)
    taken = db.session.execute(
        update(Job)
        .where(Job.id == job_id, or_(Job.state == JobState.WAITING, lost))
        .values(state=JobState.RUNNING, seen_at=now)
        .returning(Job.id)
    ).all()
    db.session.commit()
    return bool(taken)


def _fail(job: Job, words: str) -> None:
    db.session.rollback()
    job.state, job.outcome = JobState.FAILED, words


@every(minutes=1)
def sweep_jobs() -> None:
    """Queue again what a crash left behind, in the queue or in the middle."""
    stale = clock.now() - LOST_AFTER
    late = (Job.state == JobState.WAITING) & (Job.created_at < clock.now() - timedelta(minutes=1))
    lost = (Job.state == JobState.RUNNING) & (Job.seen_at < stale)
    for job_id in db.session.scalars(select(Job.id).where(or_(late, lost))):
        queue(run_job, job_id)
    db.session.commit()


def init_app(app: Flask, settings: Settings, *, in_memory: bool = False) -> None:
    """Bind every registered task to this application's queue."""
    huey = MemoryHuey("interact-events") if in_memory else _queue(settings)
    app.extensions["huey"] = huey
    app.extensions["tasks"] = {t.name: _bind(app, huey, t) for t in TASKS.values()}


def _queue(settings: Settings) -> Huey:
    """An SQLite file by default; Redis lets workers live on several machines."""
    if settings.redis_url:
        return RedisHuey("interact-events", url=settings.redis_url, results=False)
    Path(settings.data_dir).mkdir(parents=True, exist_ok=True)
    return SqliteHuey(
        "interact-events", filename=str(settings.data_dir / "queue.sqlite"), results=False
    )


def _bind(app: Flask, huey: Huey, known: Task) -> Callable[..., Any]:
    run = partial(_run_in_context, app, known)
    if known.minutes is None:
        return huey.task(name=known.name)(run)  # type: ignore[no-any-return]
    when = crontab(minute=f"*/{known.minutes}" if known.minutes < 60 else "0")
    return huey.periodic_task(when, name=known.name)(run)  # type: ignore[no-any-return]


def _run_in_context(app: Flask, known: Task, *arguments: object) -> None:
    with app.app_context():
        known.run(*arguments)


def run_queued(app: Flask) -> None:
    """Do all queued work here and now; for commands and tests that wait for it."""
    huey: Huey = app.extensions["huey"]
    while (waiting := huey.dequeue()) is not None:
        huey.execute(waiting)
