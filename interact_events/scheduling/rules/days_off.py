"""Which days are off in a country. The public holidays are those that `holidays` knows."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from types import MappingProxyType

WEEKEND = frozenset((5, 6))
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """The days off of a country or of a region, by name; its weekends are none of them."""

    off: Mapping[date, str]
    weekend: frozenset[int] = WEEKEND

    def is_weekend(self, day: date) -> bool:
        return day.weekday() in self.weekend

    def is_closed(self, day: date) -> bool:
        return day in self.off or self.is_weekend(day)

    def bridged(self, day: date) -> str:
        """The holiday beside which `day` is a bridge day: the one working day between it and a
        weekend, or between two of them. Empty where it is none."""
        before, after = day - DAY, day + DAY
        if self.is_closed(day) or not (self.is_closed(before) and self.is_closed(after)):
            return ""
        return self.off.get(before) or self.off.get(after) or ""


@dataclass(frozen=True)
class Closed:
    """Days on which somebody is away, or works although others are off (`is_working`): an office,
    a country, a programme by their numbers and code, or everyone where none is named."""

    name: str
    first: date
    last: date
    office: int | None = None
    country: str | None = None
    programme: int | None = None
    is_working: bool = False

    @property
    def is_for_all(self) -> bool:
        return self.office is None and self.country is None and self.programme is None

    @property
    def days(self) -> Iterator[date]:
        return (self.first + n * DAY for n in range((self.last - self.first).days + 1))


def public_calendar(
    country: str, subdivision: str | None, years: Iterable[int]
) -> tuple[Calendar, bool] | None:
    """The public holidays of these years, and whether those of the region are among them.

    Nothing where none is known, which is not the same as none: Ukraine's martial law has
    abolished them all.
    """
    known = [_public(country, subdivision, year) for year in years]
    if not known or None in known:
        without = subdivision and public_calendar(country, None, years)
        return (without[0], False) if without else None
    off: dict[date, str] = {}
    for calendar in known:
        off |= calendar.off if calendar else {}
    return Calendar(off, known[0].weekend if known[0] else WEEKEND), True


@cache
def _public(country: str, subdivision: str | None, year: int) -> Calendar | None:
    import holidays  # noqa: PLC0415  # every start would pay for what few pages need

    try:
        found = holidays.country_holidays(country, subdivision, year, language="en_US")
    except NotImplementedError:  # neither the country nor, elsewhere, the region
        return None
    off = {day: _british(name) for day, name in found.items() if day.year == year}
    return Calendar(MappingProxyType(off), frozenset(found.weekend)) if off else None


def _british(name: str) -> str:
    return name.replace("Labor Day", "Labour Day")


def changed_by(calendar: Calendar, closures: Iterable[Closed]) -> Calendar:
    """With what the network knows better: more days off, and holidays that are none here."""
    closures, off = list(closures), dict(calendar.off)
    for closed in closures:
        if not closed.is_working:
            off |= {day: off.get(day, closed.name) for day in closed.days}
    for closed in closures:
        if closed.is_working:
            for day in closed.days:
                off.pop(day, None)
    return Calendar(off, calendar.weekend)


@cache
def main_zone(country: str) -> str | None:
    """The zone in which most people of the country live, where that is known."""
    return _MOST_LIVE_IN.get(country) or _first_zones().get(country)


# Where the list begins with another one, or does not know the country.
_MOST_LIVE_IN = {"RU": "Europe/Moscow", "UA": "Europe/Kyiv", "XK": "Europe/Belgrade"}


@cache
def _first_zones() -> dict[str, str]:
    table = (resources.files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    zones: dict[str, str] = {}
    for country, _where, zone, *_comment in rows:
        zones.setdefault(country, zone)
    return zones
