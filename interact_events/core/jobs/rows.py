"""The tables: long work that somebody asked for, and what ran by the clock."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from interact_events.core.db import Base

LOST_AFTER = timedelta(minutes=1)  # without a heartbeat; whoever works gives one every ten seconds


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return "Stopped" if self is JobState.CANCELLED else self.value.capitalize()


class Job(Base):
    """Long work that somebody asked for; `task` with `arguments` can be run again at any time.

    `claim` names the worker that has it: whatever that worker saves, it saves only while the
    claim is still its own.
    """

    __tablename__ = "jobs"
    __table_args__ = (Index(None, "owner_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    title: Mapped[str]
    back_url: Mapped[str]
    owner_id: Mapped[int]
    state: Mapped[JobState] = mapped_column(default=JobState.WAITING, index=True)
    claim: Mapped[str | None]
    losses: Mapped[int] = mapped_column(default=0)  # how often a worker has broken off with it
    is_cancel_asked: Mapped[bool] = mapped_column(default=False)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    stored_as: Mapped[str] = mapped_column(default="")  # under DATA_DIR; empty: there is no file
    file_name: Mapped[str] = mapped_column(default="")  # what whoever fetches it gets to see
    file_size: Mapped[int] = mapped_column(default=0)
    file_until: Mapped[datetime | None]

    held = ""  # the claim of the worker that runs it, in that worker's memory only

    @property
    def is_over(self) -> bool:
        return self.state not in (JobState.WAITING, JobState.RUNNING)


class RunState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class TaskRun(Base):
    """One run by the clock; for each task and slot of time there is one at most."""

    __tablename__ = "task_runs"
    __table_args__ = (UniqueConstraint("task", "slot_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str]
    slot_at: Mapped[datetime]
    state: Mapped[RunState] = mapped_column(default=RunState.RUNNING)
    error: Mapped[str] = mapped_column(default="")  # the kind of it only: people may be named in it
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs, or where it never ended."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None

    def is_lost(self, now: datetime) -> bool:
        """Its worker has died in the middle."""
        return self.state is RunState.RUNNING and self.seen_at < now - LOST_AFTER
