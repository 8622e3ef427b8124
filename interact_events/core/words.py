"""How dates, times, numbers and lists are written, the same on pages, in mails and in PDFs."""

import re
from collections.abc import Sequence
from datetime import datetime

from anyascii import anyascii

from interact_events.core.clock import to_local, zone_name


def day(instant: datetime, zone: str) -> str:
    """ "12 May 2027"."""
    local = to_local(instant, zone)
    return f"{local.day} {local:%B %Y}"


def weekday(instant: datetime, zone: str) -> str:
    """ "Wednesday 12 May 2027"."""
    return f"{to_local(instant, zone):%A} {day(instant, zone)}"


def day_span(start: datetime, end: datetime, zone: str) -> str:
    """ "12 May 2027", "12–13 May 2027", "30 May – 1 June 2027"."""
    first, last = to_local(start, zone), to_local(end, zone)
    if first.date() == last.date():
        return day(start, zone)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(end, zone)}"
    left = f"{first.day} {first:%B}" if first.year == last.year else day(start, zone)
    return f"{left} – {day(end, zone)}"


def clock(instant: datetime, zone: str) -> str:
    """ "09:00"; only beside a time that names its zone."""
    return f"{to_local(instant, zone):%H:%M}"


def time_span(start: datetime, end: datetime, zone: str) -> str:
    """ "09:00–16:30 EEST"."""
    return f"{clock(start, zone)}–{clock(end, zone)} {zone_name(start, zone)}"


def moment(instant: datetime, zone: str) -> str:
    """ "28 April 2027, 18:00 EEST"."""
    return f"{day(instant, zone)}, {clock(instant, zone)} {zone_name(instant, zone)}"


def hours(minutes: int) -> str:
    """ "1.5 h", "45 min" below an hour."""
    if 0 < minutes < 60:
        return f"{minutes} min"
    return f"{minutes / 60:.2f}".rstrip("0").rstrip(".") + " h"


def count(number: int, one: str, many: str | None = None) -> str:
    """ "1 seat", "14 seats"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(items: Sequence[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def capitalised(text: str) -> str:
    """The first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def folded(text: str) -> str:
    """Lower-case Latin letters without marks: what search compares ("Ζωή" and "zoi" meet)."""
    return " ".join(anyascii(text).casefold().split())


def slug(text: str) -> str:
    """The words of `text` for an address: "Čo je nové?" gives "co-je-nove"."""
    return re.sub(r"[^a-z0-9]+", "-", folded(text)).strip("-")[:80].strip("-") or "event"
