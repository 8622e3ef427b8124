"""What moving an event by whole days does to its registration, and what it meets there."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from interact_events.calendars.rules.days import days_of


class Registration(StrEnum):
    """What becomes of the times at which registration opens and closes."""

    MOVES = "moves"
    STAYS = "stays"


def shifted(
    opens: datetime | None, closes: datetime | None, by: timedelta, *, has_opened: bool
) -> tuple[datetime | None, datetime | None]:
    """Both so many days later on the wall clock; what has opened is not closed again by it."""
    moved = opens + by if opens and not has_opened else opens
    return moved, closes + by if closes else None


class Topical(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...


class Planned(Protocol):
    """What of another event says whether it is in the way."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def zone(self) -> str: ...
    @property
    def topics(self) -> Iterable[Topical]: ...


T = TypeVar("T", bound=Planned)
Event = TypeVar("Event")


@dataclass(frozen=True)
class Collision(Generic[Event]):
    """Another event on the same days, or in the same weeks about the same."""

    event: Event
    is_same_days: bool
    topics: tuple[str, ...]


def collisions(
    first: date, last: date, topics: Set[int], others: Iterable[T]
) -> list[Collision[T]]:
    """What `others`, which lie in the same weeks, an event of these days and topics meets; those
    about the same come first."""
    found = []
    for other in others:
        begins, ends = days_of(other.starts_at, other.ends_at, other.zone)
        shared = tuple(topic.name for topic in other.topics if topic.id in topics)
        is_same_days = begins <= last and first <= ends
        if is_same_days or shared:
            found.append(Collision(other, is_same_days, shared))
    return sorted(found, key=lambda each: (not each.topics, not each.is_same_days))
