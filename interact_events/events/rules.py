"""Decisions over plain data: learning time, places on the map, where registration stands."""

import re
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


def registration_phase(event: Bookable, now: datetime, seats_left: int | None = None) -> Phase:
    """The phase at `now`; each limit belongs to what follows it. `seats_left` are those that
    everybody may know of."""
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
    left = event.seats_left if seats_left is None else seats_left
    return Phase.OPEN if left else Phase.FULL


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


Position = tuple[float, float]
"""Latitude and longitude in degrees."""

_COORDINATES = re.compile(r"([+-]?\d{1,2}(?:\.\d+)?)\s*[,; ]\s*([+-]?\d{1,3}(?:\.\d+)?)")


def position_of(text: str) -> Position | None:
    """ "60.4458, 22.2530", as maps copy it; None where that is no place."""
    found = _COORDINATES.fullmatch(text.strip())
    if found is None:
        return None
    latitude, longitude = float(found.group(1)), float(found.group(2))
    is_on_earth = abs(latitude) <= 90 and abs(longitude) <= 180
    return (latitude, longitude) if is_on_earth else None
