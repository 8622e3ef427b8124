"""The board's weeks and days, and where an event stands among them."""

from bisect import bisect_right
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Generic, Protocol, TypeVar

from interact_events.calendars.rules.days import FIRST, LAST, days_of

WEEK = timedelta(days=7)


class Zoom(StrEnum):
    """How much of the year is shown: weeks of a year or a quarter, days of a month."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"


@dataclass(frozen=True)
class Slot:
    """A week or a day."""

    first: date
    last: date

    @property
    def is_week(self) -> bool:
        return self.last > self.first

    @property
    def number(self) -> int:
        """The week's, as ISO 8601 counts."""
        return self.first.isocalendar().week


@dataclass(frozen=True)
class Month:
    """The slots of a month; a week belongs to the month in which its Thursday lies."""

    first: date
    slots: Sequence[Slot]


@dataclass(frozen=True)
class Range:
    """What a page of the board covers; `before` and `after` are days of the pages next to it."""

    zoom: Zoom
    slots: Sequence[Slot]

    @property
    def first(self) -> date:
        return self.slots[0].first

    @property
    def last(self) -> date:
        return self.slots[-1].last

    @property
    def before(self) -> date | None:
        day = self.first - timedelta(days=1)
        return day if day >= FIRST else None

    @property
    def after(self) -> date | None:
        day = self.last + timedelta(days=1)
        return day if day <= LAST else None

    @property
    def months(self) -> list[Month]:
        by_month = groupby(self.slots, lambda slot: _month_of(slot.first))
        return (
            [Month(first, list(slots)) for first, slots in by_month]
            if self.has_weeks
            else [Month(self.first, self.slots)]
        )

    @property
    def has_weeks(self) -> bool:
        return self.zoom is not Zoom.MONTH

    @property
    def middle(self) -> date:
        """A day that certainly belongs to the year, the quarter or the month itself."""
        return self.slots[len(self.slots) // 2].first

    @property
    def opening(self) -> date:
        """A day that certainly belongs to its first month; its first week may begin in another."""
        slots = self.months[0].slots
        return slots[len(slots) // 2].first

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


def week_of(day: date) -> Slot:
    """The week from Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return Slot(monday, monday + timedelta(days=6))


def _month_of(monday: date) -> date:
    return (monday + timedelta(days=3)).replace(day=1)


def range_of(zoom: Zoom, day: date) -> Range:
    """The page on which `day` stands."""
    if zoom is Zoom.MONTH:
        first = day.replace(day=1)
        number = monthrange(day.year, day.month)[1]
        return Range(zoom, [Slot(each, each) for each in _days(first, number)])
    month = _month_of(week_of(day).first)
    begin = month.month - (month.month - 1) % 3 if zoom is Zoom.QUARTER else 1
    number = 3 if zoom is Zoom.QUARTER else 12
    return Range(zoom, _weeks(date(month.year, begin, 1), number))


def _weeks(first: date, months: int) -> list[Slot]:
    """The weeks whose Thursdays lie in so many months from `first` on."""
    end = date(
        first.year + (first.month + months - 1) // 12, (first.month + months - 1) % 12 + 1, 1
    )
    thursday = first + timedelta(days=(3 - first.weekday()) % 7)
    return [week_of(day) for day in _days(thursday, (end - thursday).days)[::7]]


def _days(first: date, number: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(number)]


class Planned(Protocol):
    """What of an event decides where it stands."""

    @property
    def id(self) -> int: ...
    @property
    def office_id(self) -> int: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def zone(self) -> str: ...


T = TypeVar("T", bound=Planned)
Event = TypeVar("Event")
Place = tuple[int, date]  # an office's number and the first day of a slot


@dataclass(frozen=True)
class Stand(Generic[Event]):
    """An event in one of its slots: the first that is shown, or one into which it goes on."""

    event: Event
    is_first: bool
    first: date
    last: date


def stands_in(event: Planned, first: date, last: date) -> bool:
    """Whether it takes place on any of these days, by its own zone."""
    begins, ends = days_of(event.starts_at, event.ends_at, event.zone)
    return begins <= last and first <= ends


def placed(events: Iterable[T], slots: Sequence[Slot]) -> dict[Place, list[Stand[T]]]:
    """What stands in each slot of the offices, by time, on the days of each event's own zone."""
    found: defaultdict[Place, list[Stand[T]]] = defaultdict(list)
    starts = [slot.first for slot in slots]
    for event in sorted(events, key=lambda each: (each.starts_at, each.id)):
        first, last = days_of(event.starts_at, event.ends_at, event.zone)
        begin = max(0, bisect_right(starts, first) - 1)
        touched = [slot for slot in slots[begin:] if slot.first <= last and first <= slot.last]
        for number, slot in enumerate(touched):
            found[event.office_id, slot.first].append(Stand(event, number == 0, first, last))
    return found
