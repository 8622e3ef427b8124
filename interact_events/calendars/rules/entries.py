"""Calendar files of planned events: what each entry says."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from icalendar import Calendar, Component
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from interact_events.calendars.rules.plans import (
    Known,
    Plan,
    Reading,
    plan_of,
    refuse_too_many,
    without_twins,
)
from interact_events.core import ics
from interact_events.core.clock import is_same_wall_clock, to_local
from interact_events.core.sheets import refused, text_of
from interact_events.core.words import folded

AGAIN = "Export the calendar as an .ics file."
MOST_PARTS = 20_000  # of all kinds; beyond that a file is no calendar of planned events
WHOLE_DAY = ("09:00", "17:00")


def is_calendar(content: bytes) -> bool:
    start = content[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return start[:15].upper() == b"BEGIN:VCALENDAR"


def read_calendar(content: bytes, known: Known) -> Reading:
    """The events of a calendar file; DomainError where it is none."""
    text = text_of(content, AGAIN)
    begun = len(re.findall(r"^BEGIN:", text, re.MULTILINE | re.IGNORECASE))
    refuse_too_many(len(re.findall(r"^BEGIN:VEVENT\s*$", text, re.MULTILINE | re.IGNORECASE)))
    if begun > MOST_PARTS:
        raise refused(f"The file has {begun:,} parts, far more than its events need. {AGAIN}")
    entries = list(_entries(text, known))
    if not entries:
        raise refused(
            f"The calendar holds no event that is complete: it seems empty or truncated. {AGAIN}"
        )
    plans = (_plan(number, *entry, known) for number, entry in enumerate(entries, 1))
    return Reading(without_twins(plans))


def _entries(text: str, known: Known) -> Iterator[tuple[Component, str, bool]]:
    """Each with the zone of its calendar, and whether that takes entries back."""
    try:
        calendars = Calendar.from_ical(text, multiple=True)
    except (ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
        raise refused(f"The file is no calendar that can be read. {AGAIN}") from error
    for calendar in calendars:
        # Google names the zone of times in UTC, or in none, once for them all.
        zone = known.zones.get(folded(_text(calendar, "X-WR-TIMEZONE")), known.zone)
        is_cancelling = _text(calendar, "METHOD").upper() == "CANCEL"
        for entry in calendar.walk("VEVENT"):
            yield entry, zone, is_cancelling


def _plan(number: int, entry: Component, zone: str, is_cancelling: bool, known: Known) -> Plan:
    said = {
        "title": ics.line(_text(entry, "SUMMARY")),
        "description": ics.text(_text(entry, "DESCRIPTION")).strip(),
        "kind": next((c for c in _categories(entry) if folded(c) in known.kinds), ""),
    }
    problems, notes = _refusals(entry, is_cancelling=is_cancelling), list[str]()
    said |= _place(ics.line(_text(entry, "LOCATION")))
    times, wrong = _times(entry, replace(known, zone=zone), notes)
    if times and zone != known.zone:
        times = {"zone": zone} | times
    plan = plan_of(number, ics.line(_text(entry, "UID"))[:500], said | times, known)
    # What is wrong with the entry explains what the texts lack.
    found = tuple(problems or wrong or plan.problems)
    return replace(plan, problems=found, notes=tuple(notes))


def _refusals(entry: Component, *, is_cancelling: bool) -> list[str]:
    if is_cancelling or _text(entry, "STATUS").upper() == "CANCELLED":
        return ["It is cancelled in the calendar, so nothing is made of it."]
    if "RRULE" in entry or "RDATE" in entry or "RECURRENCE-ID" in entry:
        return ["It is repeated: give each event an entry of its own."]
    return []


def _place(location: str) -> dict[str, str]:
    """A web address or the word alone means that nobody travels."""
    is_online = "://" in location or re.search(r"\b(online|teams|zoom|webex)\b", folded(location))
    if not location:
        return {}
    if is_online:
        return {"mode": "online"}
    return {"mode": "in person", "venue": location}


def _times(entry: Component, known: Known, notes: list[str]) -> tuple[dict[str, str], list[str]]:
    """Start, end and zone as texts, and what is wrong with them."""
    try:
        return _read_times(entry, known, notes)
    except OverflowError:  # before the year 1 or after 9999
        return {}, ["Its times lie beyond all calendars."]


def _read_times(
    entry: Component, known: Known, notes: list[str]
) -> tuple[dict[str, str], list[str]]:
    starts, ends = _when(entry, "DTSTART"), _when(entry, "DTEND")
    length = _when(entry, "DURATION")
    if not isinstance(starts, date):
        return {}, ["It has no start that can be read."]
    if not isinstance(ends, date):
        ends = starts + length if isinstance(length, timedelta) else None
    if isinstance(starts, datetime):
        return _clocked(entry, starts, ends, known)
    last = ends - timedelta(days=1) if ends and not isinstance(ends, datetime) else starts
    notes.append(f"It is on whole days: {WHOLE_DAY[0]} to {WHOLE_DAY[1]} was assumed.")
    return {"start": f"{starts} {WHOLE_DAY[0]}", "end": f"{last} {WHOLE_DAY[1]}"}, []


def _clocked(
    entry: Component, starts: datetime, ends: date | None, known: Known
) -> tuple[dict[str, str], list[str]]:
    if not isinstance(ends, datetime):
        return {}, ["It has no end: give it one, or a duration."]
    tzid = str(_property(entry, "DTSTART").params.get("TZID", ""))
    if starts.tzinfo is None or ends.tzinfo is None:
        if tzid or starts.tzinfo or ends.tzinfo:
            return {}, [
                f"Its zone “{tzid[:60]}” is not known: expected was one like Europe/Helsinki."
            ]
        return {"start": _written(starts), "end": _written(ends)}, []
    name = str(getattr(starts.tzinfo, "key", WINDOWS_TO_OLSON.get(tzid, "")))
    zone = known.zones.get(folded(name), known.zone)
    # UTC is the usual way to name no zone at all, and Outlook's names stand for many cities.
    is_own = folded(tzid) in known.zones
    if zone == "UTC" or (not is_own and is_same_wall_clock(zone, known.zone, starts)):
        zone = known.zone
    starts, ends = (to_local(at, zone) for at in (starts, ends))
    return {"start": _written(starts), "end": _written(ends), "zone": zone}, []


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _property(entry: Component, name: str) -> Any:
    """The first of that name, whose parameters may be asked for."""
    found = entry.get(name)
    return found[0] if isinstance(found, list) and found else found


def _when(entry: Component, name: str) -> date | datetime | timedelta | None:
    try:
        found = getattr(_property(entry, name), "dt", None)
    except ValueError:  # the library keeps what it can't read, and says so when asked
        return None
    return found if isinstance(found, date | timedelta) else None


def _text(entry: Component, name: str) -> str:
    found = _property(entry, name)
    return "" if found is None else str(found)


def _categories(entry: Component) -> Sequence[str]:
    found: Any = entry.get("CATEGORIES", [])
    groups = found if isinstance(found, list) else [found]
    return [str(each) for group in groups for each in getattr(group, "cats", [])]
