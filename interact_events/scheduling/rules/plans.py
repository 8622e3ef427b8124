"""What of an event, be it saved or only typed so far, decides whether its dates fit."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from interact_events.core.clock import to_local
from interact_events.core.words import folded
from interact_events.scheduling.rules.days_off import Calendar, Closed

MOST_DAYS = 62


@dataclass(frozen=True)
class Named:
    """Something that two plans may share: compared by its key, told by its text."""

    key: str
    text: str = field(compare=False)


# What stands where nobody knows it yet, folded.
OPEN = frozenset(("n.n.", "nn", "tba", "tbc", "tbd", "to be announced", "to be confirmed"))


def named(text: str) -> Named | None:
    """What somebody typed, compared as search compares it; nothing where it is empty or open."""
    key = folded(text)
    return Named(key, text.strip()) if key and key not in OPEN else None


def speakers_of(text: str) -> frozenset[Named]:
    """ "Anna Virtanen, Bo Ek and Ζωή Σακελλαρίου" are three people."""
    parts = re.split(r"[,;/&\n]|\band\b", text)
    return frozenset(name for part in parts if (name := named(part)))


@dataclass(frozen=True)
class Slot:
    """An item of the agenda, on a day of the event's zone."""

    day: date
    starts_at: datetime
    ends_at: datetime
    room: Named | None = None
    speakers: frozenset[Named] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An event as its dates see it. `id` is empty for one that is not saved yet.

    `host` is the country where it takes place, else of its office; `countries` those whose people
    it is for. `people` counts who is registered, by country, `partners` by programme.
    """

    id: int | None
    office: int
    zone: str
    starts_at: datetime
    ends_at: datetime
    host: str
    title: str = ""
    slug: str = ""
    office_code: str = ""
    office_city: str = ""
    is_draft: bool = False
    is_cancelled: bool = False
    has_place: bool = True
    has_link: bool = False
    venue: Named | None = None  # house and city; none online
    contact: Named | None = None
    slots: tuple[Slot, ...] = ()
    roles: frozenset[Named] = frozenset()
    topics: frozenset[Named] = frozenset()
    countries: tuple[str, ...] = ()
    programmes: frozenset[int] = frozenset()
    published_at: datetime | None = None
    people: Mapping[str, int] = field(default_factory=dict)
    partners: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def first(self) -> date:
        return to_local(self.starts_at, self.zone).date()

    @cached_property
    def last(self) -> date:
        """An event that ends at midnight does not take place on the day that begins then."""
        moment = max(self.starts_at, self.ends_at - timedelta(microseconds=1))
        return to_local(moment, self.zone).date()

    @property
    def days(self) -> Iterator[date]:
        """Of a slip of the pen that takes years no more than two months are looked at."""
        number = min((self.last - self.first).days + 1, MOST_DAYS)
        return (self.first + timedelta(n) for n in range(number))

    def overlaps(self, other: "Plan") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def shares_a_day(self, other: "Plan") -> bool:
        return self.first <= other.last and other.first <= self.last

    def days_to(self, other: "Plan") -> int:
        """How many days lie between them: 0 on the same day, 1 on the next."""
        return max(0, (other.first - self.last).days, (self.first - other.last).days)


@dataclass(frozen=True, kw_only=True)
class Around:
    """What lies around the plans: days off, closures, other events, and what the network chose.

    A country that is missing in `calendars` is unknown, not free. `homes` are the days off where
    an office is, by its number. `booked` says how many people have a seat at both events.
    """

    calendars: Mapping[str, Calendar]
    country_names: Mapping[str, str] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    homes: Mapping[int, Calendar] = field(default_factory=dict)
    home_countries: Mapping[int, str] = field(default_factory=dict)
    unknown_regions: Mapping[int, str] = field(default_factory=dict)
    closures: Sequence[Closed] = ()
    programme_names: Mapping[int, str] = field(default_factory=dict)
    others: Sequence[Plan] = ()
    booked: Mapping[frozenset[int], int] = field(default_factory=dict)
    near_days: int = 14
    lead_days: int = 42

    def at_host(self, office: int, host: str) -> Calendar | None:
        """The days off where it takes place: those of the office's region if that is there."""
        if self.home_countries.get(office) == host:
            return self.homes.get(office)
        return self.calendars.get(host)

    def name_of(self, country: str) -> str:
        return self.country_names.get(country, country)
