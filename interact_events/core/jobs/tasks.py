"""What the worker knows by name, and the wish that it runs something after the commit."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import getdoc
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from flask import current_app
from sqlalchemy import event
from sqlalchemy.orm import Session

from interact_events.core.db import db

if TYPE_CHECKING:
    from interact_events.core.jobs.rows import Job

log = structlog.get_logger()

F = TypeVar("F", bound=Callable[..., object])
MayFetch = Callable[[Any, "Job"], bool]


@dataclass(frozen=True)
class Task:
    """A function that the worker knows by `name`; `minutes` makes it run by the clock.

    `may_fetch(person, job)` is asked at each download of the file that it has made.
    """

    name: str
    run: Callable[..., Any]
    minutes: int | None = None
    may_fetch: MayFetch | None = None

    @property
    def about(self) -> str:
        """What it does, in a sentence."""
        return (getdoc(self.run) or self.name).partition("\n\n")[0].replace("\n", " ")


TASKS: dict[str, Task] = {}


def task(function: F) -> F:
    """Let the worker run `function` when `queue` names it."""
    _register(function)
    return function


def task_with_file(may_fetch: MayFetch) -> Callable[[F], F]:
    """The same for a job that makes a file, which may be fetched while `may_fetch` allows it:
    who has asked for it may have left the office since."""

    def mark(function: F) -> F:
        _register(function, may_fetch=may_fetch)
        return function

    return mark


def every(minutes: int) -> Callable[[F], F]:
    """Let the worker run the function every so many minutes, by the clock."""

    def mark(function: F) -> F:
        _register(function, minutes=minutes)
        return function

    return mark


def _register(
    function: Callable[..., object],
    *,
    minutes: int | None = None,
    may_fetch: MayFetch | None = None,
) -> None:
    feature = function.__module__.split(".")[1]
    name = f"{feature}.{function.__name__}"
    TASKS[name] = Task(name, function, minutes, may_fetch)


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
