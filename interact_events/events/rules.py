"""Decisions over plain data: learning time, and where registration stands."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class Phase(StrEnum):
    """Where an event stands for somebody who would like to come."""

    DRAFT = "draft"
    NOT_OPEN = "not-open"
    OPEN = "open"
    FULL = "full"  # registration goes on, for the waiting list
    CLOSED = "closed"
    CANCELLED = "cancelled"
    PAST = "past"

    @property
    def takes_registrations(self) -> bool:
        return self in (Phase.OPEN, Phase.FULL)


class Bookable(Protocol):
    """What of an event decides its phase."""

    @property
    def is_draft(self) -> bool: ...
    @property
    def is_cancelled(self) -> bool: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def registration_opens_at(self) -> datetime | None: ...
    @property
    def closes_at(self) -> datetime: ...
    @property
    def seats_left(self) -> int: ...


def registration_phase(event: Bookable, now: datetime) -> Phase:
    """The phase at `now`; each limit belongs to what follows it."""
    if event.is_draft:
        return Phase.DRAFT
    if event.is_cancelled:
        return Phase.CANCELLED
    if now >= event.ends_at:
        return Phase.PAST
    if now >= event.closes_at:
        return Phase.CLOSED
    if event.registration_opens_at and now < event.registration_opens_at:
        return Phase.NOT_OPEN
    return Phase.OPEN if event.seats_left else Phase.FULL


def union_minutes(intervals: Iterable[tuple[datetime, datetime]]) -> int:
    """The minutes that at least one interval covers: parallel sessions count once."""
    covered = timedelta()
    reached: datetime | None = None
    for start, end in sorted(intervals):
        begin = start if reached is None else max(start, reached)
        if end > begin:
            covered += end - begin
            reached = end
    return int(covered.total_seconds() // 60)


class Timed(Protocol):
    """What of a session decides how much is learnt."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def is_learning(self) -> bool: ...


def learning_minutes(sessions: Iterable[Timed]) -> int:
    """The learning time of sessions that take place."""
    return union_minutes((s.starts_at, s.ends_at) for s in sessions if s.is_learning)
