"""The best dates of a window. What is stated is kept to; all the rest only weighs."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from interact_events.scheduling.rules.days_off import Calendar
from interact_events.scheduling.rules.plans import Around, Named, Plan

BEST = 10  # how many dates are proposed
ENOUGH_WEEKS = 12  # more time to prepare makes a date no better
MIDWEEK = frozenset((1, 2, 3))  # nobody has to travel on a weekend

# What a date is worth at most by each of its merits; together 100.
FREE, NO_BRIDGE, NONE_NEAR, NONE_OWN, TIME, IN_MIDWEEK = 45, 10, 20, 10, 10, 5


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody looks for; `event` is the draft to be moved."""

    first: date
    last: date
    days: int
    weekdays: frozenset[int]
    office: int
    host: str
    countries: tuple[str, ...]
    roles: frozenset[Named] = frozenset()
    topics: frozenset[Named] = frozenset()
    event: int | None = None


class Obstacle(StrEnum):
    """Why a day is no date, in the order in which it is asked."""

    WINDOW = "window"
    LEAD_TIME = "lead-time"
    WEEKDAY = "weekday"
    HOLIDAY = "holiday"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A date and why: where it is no day off, what lies near it, how long there is to prepare."""

    first: date
    last: date
    free: int
    of_all: int
    not_free: tuple[tuple[str, str], ...]  # country, holiday
    bridges: tuple[str, ...]
    unknown: tuple[str, ...]
    near: tuple[Plan, ...] = field(repr=False)
    own: tuple[Plan, ...] = field(repr=False)
    weeks: int
    score: int


@dataclass(frozen=True)
class Found:
    """The best first; why the other days of the window are none."""

    proposals: list[Proposal]
    passed_over: dict[Obstacle, int]
    fitting: int


def find(wish: Wish, around: Around, today: date) -> Found:
    """The ten best dates by their score, of the same score the earlier one first."""
    related = _related(wish, around)
    own = [
        other
        for other in around.others
        if other.office == wish.office and _takes_place(other, wish.event)
    ]
    obstacles: Counter[Obstacle] = Counter()
    found = []
    for first in _days(wish.first, wish.last):
        days = [*_days(first, first + timedelta(wish.days - 1))]
        if obstacle := _obstacle(wish, around, days, today):
            obstacles[obstacle] += 1
        else:
            found.append(_proposal(wish, around, days, (related, own), today))
    best = sorted(found, key=lambda each: (-each.score, each.first))[:BEST]
    return Found(best, dict(obstacles), len(found))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(n) for n in range((last - first).days + 1))


def _takes_place(other: Plan, moved: int | None) -> bool:
    return not other.is_cancelled and (moved is None or other.id != moved)


def _related(wish: Wish, around: Around) -> list[Plan]:
    """Other offices' events for the same roles or about the same topics."""
    return [
        other
        for other in around.others
        if other.office != wish.office
        and _takes_place(other, wish.event)
        and (wish.roles & other.roles or wish.topics & other.topics)
    ]


def _obstacle(wish: Wish, around: Around, days: list[date], today: date) -> Obstacle | None:
    calendar = around.at_host(wish.office, wish.host)
    if days[-1] > wish.last:
        return Obstacle.WINDOW
    if days[0] < today + timedelta(days=around.lead_days):
        return Obstacle.LEAD_TIME
    if any(day.weekday() not in wish.weekdays for day in days):
        return Obstacle.WEEKDAY
    if calendar and any(day in calendar.off for day in days):
        return Obstacle.HOLIDAY
    if _is_closed(wish, around, days):
        return Obstacle.CLOSED
    return None


def _is_closed(wish: Wish, around: Around, days: list[date]) -> bool:
    """The office is away, or everyone is."""
    return any(
        not closed.is_working
        and (closed.is_for_all or closed.office == wish.office)
        and closed.first <= days[-1]
        and days[0] <= closed.last
        for closed in around.closures
    )


def _proposal(
    wish: Wish,
    around: Around,
    days: list[date],
    others: tuple[list[Plan], list[Plan]],
    today: date,
) -> Proposal:
    known = {c: around.calendars[c] for c in wish.countries if c in around.calendars}
    off = {c: name for c, calendar in known.items() if (name := _off(calendar, days))}
    bridges = [c for c, each in known.items() if c not in off and any(map(each.bridged, days))]
    first, last = days[0], days[-1]
    reach = timedelta(days=around.near_days)
    near = tuple(o for o in others[0] if o.first - reach <= last and first - reach <= o.last)
    own = tuple(o for o in others[1] if o.first <= last and first <= o.last)
    weeks = (first - today).days // 7
    free = len(known) - len(off)
    return Proposal(
        first=first,
        last=last,
        free=free,
        of_all=len(wish.countries),
        not_free=tuple(sorted((around.name_of(c), name) for c, name in off.items())),
        bridges=tuple(sorted(around.name_of(c) for c in bridges)),
        unknown=tuple(sorted(around.name_of(c) for c in wish.countries if c not in known)),
        near=near,
        own=own,
        weeks=weeks,
        score=_score(wish, days, (free, len(bridges), len(near), len(own), weeks)),
    )


def _off(calendar: Calendar, days: list[date]) -> str:
    return next((calendar.off[day] for day in days if day in calendar.off), "")


def _score(wish: Wish, days: list[date], counts: tuple[int, int, int, int, int]) -> int:
    free, bridges, near, own, weeks = counts
    countries = len(wish.countries) or 1
    midweek = sum(day.weekday() in MIDWEEK for day in days) / len(days)
    return int(  # rounded down: only what lacks nothing is worth it all
        FREE * (free / countries if wish.countries else 1)
        + NO_BRIDGE * (1 - bridges / countries)
        + NONE_NEAR / (1 + near)
        + NONE_OWN / (1 + own)
        + TIME * min(weeks, ENOUGH_WEEKS) / ENOUGH_WEEKS
        + IN_MIDWEEK * midweek
        + 1e-9
    )
