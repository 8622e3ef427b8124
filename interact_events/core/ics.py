"""Calendars as bytes (RFC 5545, 7986): entries in, the same bytes out each time."""

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import (
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vDuration,
)

PRODUCT = "-//Interact Events//EN"
REFRESH = timedelta(hours=1)  # a hint: many clients ask when they like
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
LINE_END = re.compile(r"\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True)
class Entry:
    """What stands in a calendar between two instants. `uid` and `sequence` are stored ones."""

    uid: str
    sequence: int
    revised_at: datetime
    starts_at: datetime
    ends_at: datetime
    zone: str
    summary: str
    url: str
    organizer: str
    organizer_email: str
    description: str = ""
    location: str = ""
    categories: Sequence[str] = ()
    joining_url: str = ""
    is_cancelled: bool = False
    is_busy: bool = True


def calendar(
    entries: Sequence[Entry], *, name: str = "", refresh: timedelta | None = None
) -> bytes:
    """A calendar of `entries`; with `refresh`, one to subscribe to under `name`."""
    result = Calendar()
    result.add("PRODID", PRODUCT)
    result.add("VERSION", "2.0")
    result.add("CALSCALE", "GREGORIAN")
    result.add("METHOD", "PUBLISH")
    if name:
        result.calendar_name = line(name)
    if refresh:
        result.add("REFRESH-INTERVAL", vDuration(refresh), parameters={"VALUE": "DURATION"})
        result.add("X-PUBLISHED-TTL", vDuration(refresh))
    for zone, first_year, last_year in _zones(entries):
        result.add_component(_timezone(zone, first_year, last_year))
    for entry in entries:
        result.add_component(_event(entry))
    written: bytes = result.to_ical()
    return written


def text(value: str) -> str:
    """`value` with one kind of line break and without the characters that no calendar may hold."""
    return CONTROL.sub("", LINE_END.sub("\n", value))


def line(value: str) -> str:
    """`value` as text on one line."""
    return " ".join(text(value).split())


def _event(entry: Entry) -> Event:
    result = Event()
    result.add("UID", entry.uid)
    result.add("SEQUENCE", entry.sequence)
    result.add("DTSTAMP", entry.revised_at.astimezone(UTC))
    result.add("LAST-MODIFIED", entry.revised_at.astimezone(UTC))
    _add_times(result, entry)
    result.add("SUMMARY", line(entry.summary))
    result.add("STATUS", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    result.add("TRANSP", "OPAQUE" if entry.is_busy and not entry.is_cancelled else "TRANSPARENT")
    result.add("CLASS", "PUBLIC")
    result.add("ORGANIZER", _organizer(entry))
    result.add("URL", entry.url)
    _add_what_is_known(result, entry)
    return result


def _add_what_is_known(result: Event, entry: Entry) -> None:
    """The properties that are left out rather than empty."""
    if description := text(entry.description):
        result.add("DESCRIPTION", description)
    if location := line(entry.location):
        result.add("LOCATION", location)
    if entry.categories:
        result.add("CATEGORIES", [line(category) for category in entry.categories])
    if entry.joining_url:
        parameters = {"VALUE": "URI", "FEATURE": "VIDEO", "LABEL": "Join"}
        result.add("CONFERENCE", line(entry.joining_url), parameters=parameters)


def _organizer(entry: Entry) -> vCalAddress:
    address = vCalAddress(f"mailto:{line(entry.organizer_email)}")
    address.params["CN"] = line(entry.organizer)
    return address


def _add_times(result: Event, entry: Entry) -> None:
    """Local times with their zone; UTC where the clocks show one of them twice that night.

    It then means the first (RFC 5545, 3.3.5), but some clients take the second.
    """
    starts, ends = (i.astimezone(ZoneInfo(entry.zone)) for i in (entry.starts_at, entry.ends_at))
    if entry.zone == "UTC" or _comes_twice(starts) or _comes_twice(ends):
        starts, ends = starts.astimezone(UTC), ends.astimezone(UTC)
    result.add("DTSTART", starts)
    result.add("DTEND", ends)


def _comes_twice(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _zones(entries: Sequence[Entry]) -> Iterator[tuple[str, int, int]]:
    """Each zone but UTC, by name, with the years it has to be right for."""
    years: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        if entry.zone != "UTC":
            years[entry.zone] |= {entry.starts_at.year, entry.ends_at.year}
    for zone in sorted(years):
        yield zone, min(years[zone]), max(years[zone])


@dataclass(frozen=True)
class Onset:
    """A change of the clocks: what they show just before it, and both offsets."""

    at: datetime  # naive, by the clocks that are about to change
    before: timedelta
    after: timedelta
    name: str


@lru_cache(maxsize=256)
def _timezone(zone: str, first_year: int, last_year: int) -> Timezone:
    """The zone's clocks from a year before to a year after those of the calendar."""
    begin = datetime(first_year - 1, 1, 1, tzinfo=UTC)
    onsets = list(_onsets(zone, begin, datetime(last_year + 2, 1, 1, tzinfo=UTC)))
    if not onsets or onsets[0].at.year >= first_year:
        onsets.insert(0, _what_is(zone, begin))
    groups: dict[tuple[timedelta, timedelta, str], list[Onset]] = defaultdict(list)
    for onset in onsets:
        groups[onset.before, onset.after, onset.name].append(onset)
    result = Timezone()
    result.add("TZID", zone)
    for group in groups.values():
        for observance in _observances(group, range(first_year - 1, last_year + 2)):
            result.add_component(observance)
    return result


def _what_is(zone: str, instant: datetime) -> Onset:
    """The clocks as they are at `instant`, for a zone that has not changed them for a while."""
    local = instant.astimezone(ZoneInfo(zone))
    offset = local.utcoffset() or timedelta()
    return Onset(local.replace(tzinfo=None), offset, offset, local.tzname() or zone)


def _onsets(zone: str, begin: datetime, end: datetime) -> Iterator[Onset]:
    """The changes of the clocks between two instants."""
    before, day = _offset(zone, begin), begin
    while day < end:
        day += timedelta(days=1)
        after = _offset(zone, day)
        if after != before:
            instant = _change(zone, day - timedelta(days=1), day)
            local = instant.astimezone(ZoneInfo(zone))
            at = (instant + before).replace(tzinfo=None)
            yield Onset(at, before, after, local.tzname() or zone)
        before = after


def _offset(zone: str, instant: datetime) -> timedelta:
    return instant.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


def _change(zone: str, low: datetime, high: datetime) -> datetime:
    """The first second after `low` that has the offset of `high`."""
    old = _offset(zone, low)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (middle, high) if _offset(zone, middle) == old else (low, middle)
    return high


def _observances(
    onsets: list[Onset], years: range
) -> Iterator[TimezoneDaylight | TimezoneStandard]:
    """One block for all onsets where a yearly rule gives them, else one for each of them.

    A list of dates in one block (RDATE) would say the same, but clients read it differently.
    """
    rule = _yearly_rule([onset.at for onset in onsets], years)
    for onset in onsets[:1] if rule else onsets:
        block = TimezoneDaylight() if onset.after > onset.before else TimezoneStandard()
        block.add("DTSTART", onset.at)
        block.TZOFFSETFROM = onset.before
        block.TZOFFSETTO = onset.after
        block.add("TZNAME", onset.name)
        if rule:
            block.add("RRULE", rule)
        yield block


def _yearly_rule(days: list[datetime], years: range) -> dict[str, str | int] | None:
    """ "The last Sunday in March", if that gives `days` and no other in all of `years`."""
    first = days[0]
    alike = {(day.month, day.weekday(), day.time()) for day in days}
    if len(alike) > 1 or [day.year for day in days] != list(years):
        return None
    weeks = {(day.day - 1) // 7 + 1 for day in days}
    if all(day.day + 7 > monthrange(day.year, day.month)[1] for day in days):
        weeks = {-1}
    if len(weeks) > 1:
        return None
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[first.weekday()]
    return {"FREQ": "YEARLY", "BYMONTH": first.month, "BYDAY": f"{weeks.pop()}{weekday}"}
