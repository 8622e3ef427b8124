"""Calendars as bytes (RFC 5545, 7986): entries in, the same bytes out each time."""

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

from interact_events.core.words import ascii_domain

PRODUCT = "-//Interact Events//EN"
REFRESH = timedelta(hours=1)  # a hint: many clients ask when they like
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
LONGEST = 75  # octets of a line; what is longer is folded
FOLD = b"\r\n "
END = b"END:VCALENDAR\r\n"
TO_ESCAPE = re.compile(r"[\\;,\n]")
WITHOUT_MARKS = str.maketrans("", "", "-:")
LINE_END = re.compile(r"\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
IN_PARAMETER = str.maketrans({"^": "^^", '"': "^'", "\n": "^n"})  # RFC 6868


class Method(StrEnum):
    """What whoever reads the calendar is to do with it (RFC 5546)."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True)
class Attendee:
    """Whom an invitation is for."""

    name: str
    address: str


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
    is_tentative: bool = False
    is_busy: bool = True
    is_private: bool = False  # others who see the calendar read only that the time is taken
    reminders: Sequence[timedelta] = ()  # so long before the start
    attendee: Attendee | None = None
    position: tuple[float, float] | None = None  # latitude and longitude, in degrees


@dataclass
class Used:
    """What the head of a calendar has to know of its entries; found while they are written."""

    years: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))  # by zone
    revised_at: datetime | None = None

    def note(self, entry: Entry) -> None:
        if _is_local(entry):
            self.years[entry.zone] |= {entry.starts_at.year, entry.ends_at.year}
        self.revised_at = max(entry.revised_at, self.revised_at or entry.revised_at)


def calendar(
    entries: Iterable[Entry],
    *,
    name: str = "",
    refresh: timedelta | None = None,
    method: Method = Method.PUBLISH,
) -> bytes:
    """A calendar of `entries`; with `refresh`, one to subscribe to under `name`."""
    body, used = written(entries)
    return head(used, name=name, refresh=refresh, method=method) + body + END


def method_of(content: bytes) -> Method:
    """Which a calendar of ours says in its head."""
    found = re.search(rb"\r\nMETHOD:([A-Z]+)\r\n", content)
    return Method(found.group(1).decode()) if found else Method.PUBLISH


def joined(parts: Iterable[tuple[bytes, Used]]) -> tuple[bytes, Used]:
    """Several of what `written` gives."""
    whole, bodies = Used(), []
    for body, used in parts:
        bodies.append(body)
        for zone, years in used.years.items():
            whole.years[zone] |= years
        if used.revised_at:
            whole.revised_at = max(used.revised_at, whole.revised_at or used.revised_at)
    return b"".join(bodies), whole


def written(entries: Iterable[Entry]) -> tuple[bytes, Used]:
    """The entries alone, and what the head has to know of them."""
    used = Used()
    lines: list[str] = []
    for entry in entries:
        used.note(entry)
        lines += _event(entry)
    return _as_bytes(lines), used


def pieces(
    batches: Iterable[Iterable[Entry]], *, name: str, refresh: timedelta, years: tuple[int, int]
) -> Iterator[bytes]:
    """A calendar batch by batch, so that any number of entries takes the same memory and the first
    leave at once. A zone stands before the first entry that needs it, as it is in those `years`."""
    known: set[str] = set()
    yield head(Used(), name=name, refresh=refresh)
    for batch in batches:
        body, used = written(batch)
        for zone in sorted(used.years.keys() - known):
            known.add(zone)
            yield _written_timezone(zone, *years)
        yield body
    yield END


def head(
    used: Used,
    *,
    name: str = "",
    refresh: timedelta | None = None,
    method: Method = Method.PUBLISH,
) -> bytes:
    """What stands before the entries."""
    written = _as_bytes(_about(name, refresh, method))
    zones = (
        _written_timezone(zone, min(years), max(years))
        for zone, years in sorted(used.years.items())
    )
    return written + b"".join(zones)


def _about(name: str, refresh: timedelta | None, method: Method) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield f"PRODID:{PRODUCT}"
    yield "CALSCALE:GREGORIAN"
    yield f"METHOD:{method}"
    if name:
        yield f"NAME:{_on_line(name)}"
        yield f"X-WR-CALNAME:{_on_line(name)}"
    if refresh:
        yield f"REFRESH-INTERVAL;VALUE=DURATION:{_duration(refresh)}"
        yield f"X-PUBLISHED-TTL:{_duration(refresh)}"


def text(value: str) -> str:
    """`value` with one kind of line break and without the characters that no calendar may hold."""
    if value.isprintable():  # has none of either
        return value
    return CONTROL.sub("", LINE_END.sub("\n", value))


def line(value: str) -> str:
    """`value` as text on one line."""
    return " ".join(text(value).split())


@lru_cache(maxsize=4096)
def _on_line(value: str) -> str:
    """`value` on one line, escaped; the entries of an event repeat most of what they say."""
    return _escaped(line(value))


def _escaped(value: str) -> str:
    return value.translate(ESCAPED) if TO_ESCAPE.search(value) else value


def _as_bytes(lines: Iterable[str]) -> bytes:
    """Most lines are short and plain, so that all of them are encoded at once."""
    parts = [
        each if len(each) <= LONGEST and each.isascii() else _folded(each).decode()[:-2]
        for each in lines
    ]
    return "\r\n".join([*parts, ""]).encode()


def _folded(content: str) -> bytes:
    """A line as bytes, folded by octets and never inside a character."""
    octets = content.encode()
    parts, start, room = [], 0, LONGEST
    while len(octets) - start > room:
        stop = start + room
        while octets[stop] & 0xC0 == 0x80:  # in the middle of a character
            stop -= 1
        parts.append(octets[start:stop])
        start, room = stop, LONGEST - 1  # the space that begins each further line counts
    return FOLD.join([*parts, octets[start:]]) + b"\r\n"


def _event(entry: Entry) -> Iterator[str]:
    """The lines of an entry; what is not known is left out rather than empty."""
    revised_at = _utc(entry.revised_at)
    yield "BEGIN:VEVENT"
    yield f"SUMMARY:{_on_line(entry.summary)}"
    yield from _times(entry)
    yield f"DTSTAMP:{revised_at}"
    yield f"UID:{_on_line(entry.uid)}"
    yield f"SEQUENCE:{entry.sequence}"
    if entry.categories:
        yield f"CATEGORIES:{','.join(_on_line(each) for each in entry.categories)}"
    yield f"CLASS:{'PRIVATE' if entry.is_private else 'PUBLIC'}"
    if entry.joining_url:
        yield f"CONFERENCE;VALUE=URI;FEATURE=VIDEO;LABEL=Join:{line(entry.joining_url)}"
    if description := text(entry.description):
        yield f"DESCRIPTION:{_escaped(description)}"
    yield f"LAST-MODIFIED:{revised_at}"
    if location := _on_line(entry.location):
        yield f"LOCATION:{location}"
    if entry.position:
        latitude, longitude = entry.position
        yield f"GEO:{latitude:.6f};{longitude:.6f}"
    yield f"ORGANIZER;CN={_quoted(entry.organizer)}:{_mailto(entry.organizer_email)}"
    if entry.attendee:
        # They have their seat already: there is nothing to answer.
        yield (
            f"ATTENDEE;CN={_quoted(entry.attendee.name)};CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;"
            f"PARTSTAT=ACCEPTED;RSVP=FALSE:{_mailto(entry.attendee.address)}"
        )
    yield f"STATUS:{_status(entry)}"
    yield f"TRANSP:{'OPAQUE' if entry.is_busy and not entry.is_cancelled else 'TRANSPARENT'}"
    yield f"URL:{line(entry.url)}"
    for before in entry.reminders:
        yield from _alarm(entry, before)
    yield "END:VEVENT"


@lru_cache(maxsize=1000)
def _quoted(name: str) -> str:
    return f'"{line(name).translate(IN_PARAMETER)}"'


@lru_cache(maxsize=1000)
def _mailto(address: str) -> str:
    """An address as RFC 6068 writes it; most characters of a local part are left as they are, for
    programs compare it with their owner's own."""
    local, _, domain = line(address).rpartition("@")
    return f"mailto:{quote(local, safe=IN_LOCAL_PART)}@{_domain(domain)}"


IN_LOCAL_PART = "!$'*+-.=^_`{|}~"


@lru_cache(maxsize=1000)
def _domain(domain: str) -> str:
    """One that can be none, from an old row, breaks no calendar."""
    try:
        return ascii_domain(domain)
    except UnicodeError:
        return quote(domain)


def _status(entry: Entry) -> str:
    if entry.is_cancelled:
        return "CANCELLED"
    return "TENTATIVE" if entry.is_tentative else "CONFIRMED"


def _alarm(entry: Entry, before: timedelta) -> Iterator[str]:
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{_on_line(entry.summary)}"
    yield f"TRIGGER:{_duration(-before)}"
    yield "END:VALARM"


def _duration(length: timedelta) -> str:
    """ "P1D", "PT1H", "-PT15M"."""
    hours, rest = divmod(int(abs(length).total_seconds()), 3600)
    days, hours = (0, hours) if hours % 24 or rest else (hours // 24, 0)
    time = (f"{hours}H" if hours else "") + (f"{rest // 60}M" if rest else "")
    return f"{'-' if length < timedelta() else ''}P{f'{days}D' if days else f'T{time}'}"


def _utc(instant: datetime) -> str:
    return f"{_digits(instant.astimezone(UTC))}Z"


def _digits(at: datetime) -> str:
    """Faster than strftime, and with four digits for any year."""
    return at.isoformat(timespec="seconds")[:19].translate(WITHOUT_MARKS)


def _times(entry: Entry) -> Iterator[str]:
    """Local times with their zone, or both in UTC; never without a zone, never a day alone."""
    is_local = _is_local(entry)
    for name, instant in (("DTSTART", entry.starts_at), ("DTEND", entry.ends_at)):
        if is_local:
            local = instant.astimezone(ZoneInfo(entry.zone))
            yield f"{name};TZID={entry.zone}:{_digits(local)}"
        else:
            yield f"{name}:{_utc(instant)}"


def _is_local(entry: Entry) -> bool:
    """Not where the clocks show one of the times twice that night: it then means the first
    (RFC 5545, 3.3.5), but some clients take the second."""
    return entry.zone != "UTC" and not (
        _comes_twice(entry.starts_at, entry.zone) or _comes_twice(entry.ends_at, entry.zone)
    )


def _comes_twice(instant: datetime, zone: str) -> bool:
    if not _has_change(zone, instant.date()):
        return False
    local = instant.astimezone(ZoneInfo(zone))
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


@lru_cache(maxsize=4096)
def _has_change(zone: str, day: date) -> bool:
    """Whether the clocks change about that day."""
    noon = datetime.combine(day, time(12), UTC)
    around = (_offset(zone, noon + timedelta(days=days)) for days in (-2, -1, 0, 1, 2))
    return len(set(around)) > 1


@dataclass(frozen=True)
class Onset:
    """A change of the clocks: what they show just before it, and both offsets."""

    at: datetime  # naive, by the clocks that are about to change
    before: timedelta
    after: timedelta
    name: str


@lru_cache(maxsize=256)
def _written_timezone(zone: str, first_year: int, last_year: int) -> bytes:
    written: bytes = _timezone(zone, first_year, last_year).to_ical()
    return written


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
