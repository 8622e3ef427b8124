"""The queue: an SQLite file by default; Redis lets workers live on several machines.

It only carries nudges. What is to be done stands in the database, from which a sweep queues again
what a queue has lost.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from huey import Huey, MemoryHuey, RedisHuey, SqliteHuey, crontab

from interact_events.config import Settings
from interact_events.core.jobs.schedule import tick
from interact_events.core.jobs.tasks import TASKS, Task

if TYPE_CHECKING:
    from huey.consumer import Consumer

NAME = "interact-events"


def init_app(app: Flask, settings: Settings, *, in_memory: bool = False) -> None:
    """Bind every registered task to this application's queue."""
    huey = MemoryHuey(NAME) if in_memory else _queue(settings)
    app.extensions["huey"] = huey
    app.extensions["tasks"] = {t.name: _bind(app, huey, t) for t in TASKS.values()}


def _queue(settings: Settings) -> Huey:
    if settings.redis_url:
        return RedisHuey(NAME, url=settings.redis_url, results=False)
    Path(settings.data_dir).mkdir(parents=True, exist_ok=True)
    return SqliteHuey(NAME, filename=str(settings.data_dir / "queue.sqlite"), results=False)


def _bind(app: Flask, huey: Huey, known: Task) -> Callable[..., Any]:
    """The clock of the queue knows one task, which asks for all the others."""
    run = partial(_run_in_context, app, known)
    if known.run is tick:
        return huey.periodic_task(crontab(), name=known.name)(run)  # type: ignore[no-any-return]
    return huey.task(name=known.name)(run)  # type: ignore[no-any-return]


def _run_in_context(app: Flask, known: Task, *arguments: object) -> None:
    with app.app_context():
        known.run(*arguments)


def consumer(app: Flask, threads: int) -> "Consumer":
    """A worker, to be run; told to end it hands back what it has, for another to go on with."""
    huey: Huey = app.extensions["huey"]
    made = huey.create_consumer(
        workers=threads,
        periodic=True,
        max_delay=1.0,  # seconds until an idle worker looks again
        graceful_signal="TERM",  # ends the step that has begun; Ctrl-C breaks it off
        shutdown_timeout=20,
    )
    app.extensions["stopping"] = made.stop_flag
    return made


def run_queued(app: Flask) -> None:
    """Do all queued work here and now; for commands and tests that wait for it."""
    huey: Huey = app.extensions["huey"]
    while (waiting := huey.dequeue()) is not None:
        huey.execute(waiting)
