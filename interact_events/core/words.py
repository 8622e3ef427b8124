"""How dates, times, numbers and lists are written, the same on pages, in mails and in PDFs."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import idna
from anyascii import anyascii

from interact_events.core.clock import is_same_wall_clock, to_local, zone_name

BULGARIAN = str.maketrans("ъЪ", "aA")  # a vowel there, which would become an apostrophe


def written(day: date) -> str:
    """ "12 May 2027"."""
    return f"{day.day} {day:%B %Y}"


def day(instant: datetime, zone: str) -> str:
    """ "12 May 2027", the day in `zone`."""
    return written(to_local(instant, zone))


def weekday(instant: datetime, zone: str) -> str:
    """ "Wednesday 12 May 2027"."""
    return f"{to_local(instant, zone):%A} {day(instant, zone)}"


def day_span(start: datetime, end: datetime, zone: str) -> str:
    """ "12 May 2027", "12–13 May 2027", "30 May – 1 June 2027"."""
    first, last = to_local(start, zone), to_local(end, zone)
    return written(first) if first.date() == last.date() else days_named(first, last)


def days(start: datetime, end: datetime, zone: str) -> str:
    """ "12", "12–13"; beside `months`, "30–1" belongs to "May–Jun"."""
    first, last = to_local(start, zone), to_local(end, zone)
    return str(first.day) if first.date() == last.date() else f"{first.day}–{last.day}"


def is_one_day(start: datetime, end: datetime, zone: str) -> bool:
    """Whether it ends on the day that it starts on."""
    return number_of_days(start, end, zone) == 1


def number_of_days(start: datetime, end: datetime, zone: str) -> int:
    """On how many days of the calendar it takes place."""
    return (to_local(end, zone).date() - to_local(start, zone).date()).days + 1


def months(start: datetime, end: datetime, zone: str) -> str:
    """ "May", "May–Jun"."""
    first, last = f"{to_local(start, zone):%b}", f"{to_local(end, zone):%b}"
    return first if first == last else f"{first}–{last}"


def month(instant: datetime, zone: str) -> str:
    """ "May 2027"."""
    return f"{to_local(instant, zone):%B %Y}"


def month_of(day: date) -> str:
    """ "May 2027"."""
    return f"{day:%B %Y}"


def days_named(first: date, last: date) -> str:
    """ "12–18 May 2027", "28 June – 4 July 2027"."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{written(last)}"
    left = f"{first.day} {first:%B}" if first.year == last.year else written(first)
    return f"{left} – {written(last)}"


def days_in_short(first: date, last: date) -> str:
    """ "12 May", "12–13 May", "28 Jun – 4 Jul"; only where the year is said nearby."""
    if first == last:
        return f"{first.day} {first:%b}"
    left = str(first.day) if first.month == last.month else f"{first.day} {first:%b}"
    dash = "–" if first.month == last.month else " – "
    return f"{left}{dash}{last.day} {last:%b}"


def elsewhere(start: datetime, end: datetime, zone: str, other: str | None) -> str:
    """The same time on the clocks of `other`; empty where they show the same."""
    if other is None or is_same_wall_clock(zone, other, start):
        return ""
    there = to_local(start, other)
    day_there = "" if there.date() == to_local(start, zone).date() else f"{there:%A}, "
    return day_there + time_span(start, end, other)


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


def learning(minutes: int) -> str:
    """ "1 learning hour", "11.5 learning hours", "45 learning minutes"."""
    if minutes < 60:
        return count(minutes, "learning minute")
    number = hours(minutes).removesuffix(" h")
    return f"{number} learning {'hour' if number == '1' else 'hours'}"


def money(amount: Decimal) -> str:
    """ "EUR 1,250.00"."""
    return f"EUR {amount:,.2f}"


def size(length: int) -> str:
    """ "1.2 MB", "340 KB", "12 bytes", as file managers count."""
    for unit, factor in (("MB", 1024**2), ("KB", 1024)):
        if length >= factor:
            number = length / factor
            return f"{number:,.0f} {unit}" if number >= 10 else f"{number:.1f} {unit}"
    return count(length, "byte")


def count(number: int, one: str, many: str | None = None) -> str:
    """ "1 seat", "14 seats"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(items: Sequence[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def listed_in_short(items: Sequence[str], most: int) -> str:
    """ "a, b and 25 more"."""
    more = len(items) - most
    return listed([*items[:most], f"{more:,} more"] if more > 0 else items)


def ordinal(number: int) -> str:
    """ "1st", "2nd", "3rd", "11th"."""
    is_teen = number % 100 in (11, 12, 13)
    ending = "th" if is_teen else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def within_sentence(text: str) -> str:
    """The first letter small, unless it begins an abbreviation ("EU-wide")."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def capitalised(text: str) -> str:
    """The first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def folded(text: str) -> str:
    """Lower-case Latin letters without marks: what search compares ("Ζωή" and "zoi" meet)."""
    return " ".join(anyascii(text.translate(BULGARIAN)).casefold().split())


def slug(text: str) -> str:
    """The words of `text` for an address: "Čo je nové?" gives "co-je-nove"."""
    return re.sub(r"[^a-z0-9]+", "-", folded(text)).strip("-")[:80].strip("-") or "event"


def ascii_domain(domain: str) -> str:
    """As today's rules write it (IDNA 2008): by the older ones "straße.de" is another's domain.

    Raises UnicodeError for what can be no domain.
    """
    if re.search(r"[\s<>]", domain):
        raise UnicodeError(f"{domain!r} can be no domain")
    encoded = domain.encode("idna") if domain.isascii() else idna.encode(domain, uts46=True)
    return encoded.decode()
