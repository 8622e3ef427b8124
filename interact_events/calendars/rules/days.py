"""Days of a calendar: what a page covers, and on which days of it an event stands."""

from calendar import monthrange
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from interact_events.core.clock import to_local

FIRST, LAST = date(2000, 1, 1), date(2100, 12, 31)  # what pages lead to, and events may have
MOST_IN_A_DAY = 4  # of a month's page; the day's agenda has all
# Between the zones furthest east and west, a day lasts this much before and after it does in UTC.
EAST, WEST = timedelta(hours=14), timedelta(hours=12)


class Layout(StrEnum):
    """How a page shows time."""

    MONTH = "month"
    WEEK = "week"
    AGENDA = "agenda"


class Timed(Protocol):
    """What of an event decides where it stands."""

    @property
    def id(self) -> int: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def zone(self) -> str: ...


T = TypeVar("T", bound=Timed)


@dataclass(frozen=True)
class Part(Generic[T]):
    """An event on one of its days: the `number`th `of` all."""

    event: T
    zone: str  # whose days and clocks are meant
    number: int
    of: int

    @property
    def is_first(self) -> bool:
        return self.number == 1

    @property
    def is_last(self) -> bool:
        return self.number == self.of


@dataclass(frozen=True)
class Range:
    """The days of a page. A month's weeks are whole; `own` are the days of the month alone."""

    layout: Layout
    days: Sequence[date]
    own: Sequence[date]
    before: date | None
    after: date | None

    @property
    def weeks(self) -> list[Sequence[date]]:
        return [self.days[start : start + 7] for start in range(0, len(self.days), 7)]

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The instants that fall on these days in any zone."""
        return span_of(self.days)


def range_of(layout: Layout, day: date) -> Range:
    """The page on which `day` stands."""
    if layout is Layout.WEEK:
        days = _days(day - timedelta(days=day.weekday()), 7)
        before, after = days[0] - timedelta(days=7), days[-1] + timedelta(days=1)
        return Range(layout, days, days, _within(before), _within(after))
    first = day.replace(day=1)
    own = _days(first, monthrange(day.year, day.month)[1])
    before, after = (first - timedelta(days=1)).replace(day=1), own[-1] + timedelta(days=1)
    days = _whole_weeks(own) if layout is Layout.MONTH else own
    return Range(layout, days, own, _within(before), _within(after))


def span_of(days: Sequence[date]) -> tuple[datetime, datetime]:
    first = datetime.combine(days[0], time(), UTC) - EAST
    return first, datetime.combine(days[-1], time(), UTC) + timedelta(days=1) + WEST


def _whole_weeks(days: Sequence[date]) -> list[date]:
    first = days[0] - timedelta(days=days[0].weekday())
    last = days[-1] + timedelta(days=6 - days[-1].weekday())
    return _days(first, (last - first).days + 1)


def _days(first: date, number: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(number)]


def _within(day: date) -> date | None:
    return day if FIRST <= day <= LAST else None


def days_of(starts_at: datetime, ends_at: datetime, zone: str) -> tuple[date, date]:
    """The first and the last day in `zone`; what ends at midnight is not there on the next day."""
    last = to_local(max(starts_at, ends_at - timedelta(microseconds=1)), zone)
    return to_local(starts_at, zone).date(), last.date()


def placed(
    events: Iterable[T], days: Sequence[date], zone_of: Callable[[T], str]
) -> dict[date, list[Part[T]]]:
    """What stands on each of the days.

    Those of several days come first, always in the same order, so that they stand in line; the
    others by time.
    """
    found: dict[date, list[Part[T]]] = {day: [] for day in days}
    for event in events:
        zone = zone_of(event)
        first, last = days_of(event.starts_at, event.ends_at, zone)
        of = (last - first).days + 1
        for day in _days(max(first, days[0]), (min(last, days[-1]) - max(first, days[0])).days + 1):
            found[day].append(Part(event, zone, (day - first).days + 1, of))
    for parts in found.values():
        parts.sort(key=lambda part: (part.of == 1, part.event.starts_at, part.event.id))
    return found


def cut(
    parts: Sequence[Part[T]], own: Container[int] = (), most: int = MOST_IN_A_DAY
) -> tuple[Sequence[Part[T]], int]:
    """What a day of the month shows, a person's `own` events before others, and how many more
    there are: never one alone, for "1 more" takes as much room as the one does."""
    if len(parts) <= most + 1:
        return parts, 0
    shown = sorted(parts, key=lambda part: part.event.id not in own)[:most]
    return [part for part in parts if part in shown], len(parts) - most
