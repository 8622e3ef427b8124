"""Days, times, zones and durations as reports write them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from babel import Locale

from interact_events.core.words import folded

YEARS = range(1990, 2200)  # of meetings; zones and durations have room around them
LANGUAGES = ("en", "de", "fr", "es", "it", "fi", "da", "sv", "sk", "pl")


class Order(StrEnum):
    """Which number of "5/6/2027" is the day."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"

    @property
    def label(self) -> str:
        return "Day first" if self is Order.DAY_FIRST else "Month first"


@dataclass(frozen=True, slots=True)
class Stamp:
    """A day and a time as written: the day's numbers in their order, the offset if it is said."""

    day: tuple[int, int, int]
    clock: time
    offset: timedelta | None = None
    is_plain: bool = False  # year, month, day: there is nothing to decide

    def local(self, order: Order) -> datetime | None:
        """What the clock showed; nothing where there is no such day."""
        day = _day(self.day, order, self.is_plain)
        return datetime.combine(day, self.clock) if day else None

    def instant(self, order: Order, zone: tzinfo, *, after: datetime | None = None) -> datetime:
        """In UTC; of an hour that clocks show twice the second, if the first is before `after`."""
        local = self.local(order)
        if local is None:
            raise ValueError(f"no such day: {self.day}")
        if self.offset is not None:
            zone = timezone(self.offset)
        first = local.replace(tzinfo=zone).astimezone(UTC)
        second = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
        return second if after and first < after <= second else first


def _day(numbers: tuple[int, int, int], order: Order, is_plain: bool) -> date | None:
    if is_plain:
        year, month, day = numbers
    elif order is Order.DAY_FIRST:
        day, month, year = numbers
    else:
        month, day, year = numbers
    year += 2000 if year < 100 else 0
    try:
        return date(year, month, day) if year in YEARS else None
    except ValueError:
        return None


_MONTHS = {
    folded(name).strip("."): number
    for language in LANGUAGES
    for form in ("wide", "abbreviated")
    for number, name in Locale(language).months["format"][form].items()
    if not name[0].isdigit()
}
_FILLERS = {
    "t",
    "klo",
    "kl",
    "um",
    "uhr",
    "at",
    "a",
    "las",
    "alle",
    "ore",
    "o",
    "godz",
    "de",
    "del",
}
_FILLERS |= {"den", "le", "il"}
_OFFSET = re.compile(r"\(?\b(?:utc|gmt)\s*([+-]\d{1,2})(?::?(\d\d))?\)?|(?<=\d)([+-]\d\d):?(\d\d)$")
_ZERO = re.compile(r"(?<=\d)z$|\(?\b(?:utc|gmt)\)?$")
_HALF = re.compile(r"\b([ap])\.? ?m\b\.?|\b([ai])p\.?$")  # Finnish "ap." and "ip."
_NUMBERS = re.compile(r"\d+")
_LETTERS = re.compile(r"[a-z]+")
_USUAL = re.compile(
    r"(\d{1,4})([./-]) ?(\d{1,2})\2 ?(\d{2,4}),? (\d{1,2})[:.](\d\d)(?:[:.](\d\d))?(?: ([ap])m)?"
)


def stamp_of(text: str) -> Stamp | None:
    """A day with a time, in any of the usual ways to write them; nothing if it is none."""
    usual = _USUAL.fullmatch(text.replace("\u202f", " ").lower())
    if usual:
        a, _, b, c, hour, minute, second, half = usual.groups()
        return _stamp([a, b, c], [hour, minute, second or "0"], half or "", None)
    text = folded(text).replace("−", "-")
    text, offset = _without_offset(text)
    text, half = _without_half(text)
    text = _named_month(text)
    if any(word not in _FILLERS for word in _LETTERS.findall(text)):
        return None
    numbers = _NUMBERS.findall(text)
    if not 5 <= len(numbers) <= 7:
        return None
    return _stamp(numbers[:3], [*numbers[3:6], "0"][:3], half, offset)


def _without_offset(text: str) -> tuple[str, timedelta | None]:
    found = _OFFSET.search(text)
    if found:
        hours, minutes = found.group(1) or found.group(3), found.group(2) or found.group(4)
        return text[: found.start()] + text[found.end() :], _offset(hours, minutes)
    zero = _ZERO.search(text)
    return (text[: zero.start()], timedelta()) if zero else (text, None)


def _offset(hours: str, minutes: str | None) -> timedelta | None:
    size = timedelta(hours=abs(int(hours)), minutes=int(minutes or 0))
    if size > timedelta(hours=14):
        return None
    return -size if hours.startswith("-") else size


def _without_half(text: str) -> tuple[str, str]:
    found = _HALF.search(text)
    if not found:
        return text, ""
    half = found.group(1) or ("a" if found.group(2) == "a" else "p")
    return text[: found.start()] + text[found.end() :], half


def _named_month(text: str) -> str:
    """ "May 12, 2027 09:00" and "12 May 2027 09:00" with the month as a number, day first."""
    for word in _LETTERS.finditer(text):
        number = _MONTHS.get(word.group())
        if number is None:
            continue
        before = _NUMBERS.findall(text[: word.start()])
        after = text[word.end() :]
        if before:
            return f"{before[-1]} {_marked(number)} {after}"
        day, _, rest = after.strip(" .,").partition(" ")
        return f"{day} {_marked(number)} {rest}"
    return text


def _marked(month: int) -> str:
    """A month that was a word is no day: three digits say so to `_stamp`."""
    return f"{month:03}"


def _stamp(day: list[str], clock: list[str], half: str, offset: timedelta | None) -> Stamp | None:
    hour, minute, second = (int(number) for number in clock)
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    numbers = (int(day[0]), int(day[1]), int(day[2]))
    is_plain = len(day[0]) == 4
    if len(day[1]) == 3:  # the month was a word
        numbers, is_plain = (numbers[2], numbers[1], numbers[0]), True
        numbers = (numbers[0] + 2000 if numbers[0] < 100 else numbers[0], *numbers[1:])
    found = Stamp(numbers, time(hour, minute, second), offset, is_plain)
    return found if any(found.local(order) for order in Order) else None


def likely_order(stamps: Iterable[Stamp], first: date, last: date) -> Order | None:
    """The reading by which all days exist and most lie from `first` to `last`.

    Nothing where both fit as well, and say different days.
    """
    days = {(stamp.day, stamp.is_plain) for stamp in stamps}
    found = {order: [_day(day, order, plain) for day, plain in days] for order in Order}
    possible = {order: read for order, read in found.items() if None not in read}
    if len(possible) < 2 or possible[Order.DAY_FIRST] == possible[Order.MONTH_FIRST]:
        return next(iter(possible), Order.DAY_FIRST)
    hits = {o: sum(bool(d) and first <= d <= last for d in read) for o, read in possible.items()}  # type: ignore[operator]  # none is None
    if hits[Order.DAY_FIRST] == hits[Order.MONTH_FIRST]:
        return None if hits[Order.DAY_FIRST] else Order.DAY_FIRST
    return max(hits, key=lambda order: hits[order])


# -- zones ---------------------------------------------------------------------------------------

_STATED = re.compile(r"\(?\b(?:UTC|GMT) ?([+\-−]\d{1,2})(?::?(\d\d))?\b\)?|\((?:UTC|GMT)\)")


_TIME = re.compile(
    r"time|zeit|zone|heure|fuseau|hora|huso|\bora\b|aika|\btid|\bcas|czas|godz|pasm|strefa"
)


def stated_zone(cells: Iterable[str]) -> str:
    """The zone that a heading or a summary names for its times, "UTC+02:00"; or nothing. The title
    of a meeting may name one as well: "Kick-off at 10 (GMT+2)" says nothing of the report."""
    for cell in cells:
        found = _STATED.search(cell)
        if found and _is_of_times(cell, f"{cell[: found.start()]} {cell[found.end() :]}"):
            return _as_zone(found)
    return ""


def _is_of_times(cell: str, rest: str) -> bool:
    is_alone = not any(c.isalnum() for c in rest)
    return is_alone or stamp_of(cell) is not None or _TIME.search(folded(rest)) is not None


def _as_zone(found: re.Match[str]) -> str:
    if not found.group(1):
        return "UTC"
    hours = int(found.group(1).replace("−", "-"))
    if _offset(str(hours), found.group(2)) is None:
        return ""
    sign = "-" if hours < 0 else "+"
    return f"UTC{sign}{abs(hours):02}:{found.group(2) or '00'}"


def zone_of(name: str) -> tzinfo:
    """ "UTC+02:00" or a name of the zone database; ValueError for anything else."""
    fixed = re.fullmatch(r"UTC([+-]\d\d):(\d\d)", name)
    if fixed:
        offset = _offset(fixed.group(1), fixed.group(2))
        if offset is None:
            raise ValueError(name)
        return timezone(offset)
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError(name) from error


# -- durations -----------------------------------------------------------------------------------

_PIECES = re.compile(r"(\d+) ?([a-z]+)")
_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d)")


def duration_of(text: str) -> timedelta | None:
    """ "1h 5m 3s", "1 Std. 5 Min.", "1:05:03", or bare minutes: "65"."""
    text = folded(text)
    if text.isdecimal():
        return timedelta(minutes=int(text[:6]))
    clock = _CLOCK.fullmatch(text)
    if clock:
        hours, minutes, seconds = (int(part[:6]) for part in clock.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    pieces = _PIECES.findall(text)
    return sum((_piece(n, unit) for n, unit in pieces), timedelta()) if pieces else None


def _piece(number: str, unit: str) -> timedelta:
    """ "Std." are hours, "Sek." seconds; "t" and "godz." are hours in the north and in Polish."""
    amount = int(number[:6])
    if unit.startswith("m"):
        return timedelta(minutes=amount)
    if unit.startswith("s") and not unit.startswith("st"):
        return timedelta(seconds=amount)
    return timedelta(hours=amount)
