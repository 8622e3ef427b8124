"""Warnings about the dates of a plan, as data; nothing here forbids anything."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from interact_events.core.clock import to_local
from interact_events.scheduling.rules.plans import Around, Named, Plan, Slot

EARLIEST, LATEST = time(8), time(18)  # on the clocks of whoever takes part


class Kind(StrEnum):
    """What a warning is about; in the order in which they are told."""

    WEEKEND = "weekend"
    HOLIDAY_THERE = "holiday-there"
    CLOSED = "closed"
    BRIDGE_THERE = "bridge-there"
    HOLIDAY = "holiday"
    BRIDGE = "bridge"
    UNKNOWN = "unknown"
    ROOM = "room"
    SPEAKER = "speaker"
    STAFF = "staff"
    BOOKED = "booked"
    NEAR = "near"
    TOO_EARLY = "too-early"
    TOO_LATE = "too-late"
    LEAD_TIME = "lead-time"


# Where one of two events warns of the other, the other one does as well.
BETWEEN_EVENTS = frozenset((Kind.ROOM, Kind.SPEAKER, Kind.STAFF, Kind.BOOKED, Kind.NEAR))


@dataclass(frozen=True, kw_only=True)
class DateWarning:
    """`what` it is, `whom` it hits and how many (`people`); `key` tells it from others of the
    event for as long as it says the same of the same days."""

    kind: Kind
    day: date
    what: tuple[str, ...] = ()
    whom: tuple[str, ...] = ()
    of_all: int = 0  # whom it could hit: how many countries the event is for
    people: int = 0  # who is registered among those
    other: Plan | None = field(default=None, repr=False)
    amount: int = 0  # of days or of minutes past midnight, as the kind has it
    least: int = 0  # what the amount should be at least
    is_at_office: bool = False  # not on site: it takes place online
    subject: str = ""  # whatever else tells it from another of its kind and day

    @property
    def key(self) -> str:
        about = f"{self.other.id}/{self.subject}" if self.other else self.subject
        when = f"{self.day}" + (f"~{self.other.first}" if self.other else "")
        return f"{self.kind.value}:{when}:{about}"[:200]


def warnings(plan: Plan, around: Around, now: datetime) -> list[DateWarning]:
    """All about the plan's dates; nothing of what is called off or over."""
    if plan.is_cancelled or plan.ends_at <= now:
        return []
    around = replace(around, others=_in_reach(plan, around))
    found = [warning for rule in RULES for warning in rule(plan, around, now)]
    order = list(Kind)
    return sorted(found, key=lambda each: (order.index(each.kind), each.day, each.key))


# -- days ----------------------------------------------------------------------------------------


def _weekends(plan: Plan, around: Around, _now: datetime) -> Iterator[DateWarning]:
    calendar = around.at_host(plan.office, plan.host)
    weekend = calendar.weekend if calendar else frozenset((5, 6))
    days = [day for day in plan.days if day.weekday() in weekend]
    for day in days[:1]:
        yield DateWarning(
            kind=Kind.WEEKEND,
            day=day,
            what=tuple(f"{each:%A}" for each in days),
            people=sum(plan.people.values()),
            amount=len(days),
            subject=str(len(days)),
        )


def _days_off_there(plan: Plan, around: Around, _now: datetime) -> Iterator[DateWarning]:
    calendar = around.at_host(plan.office, plan.host)
    if calendar is None:
        return
    for day in plan.days:
        holiday = calendar.off.get(day)
        if name := holiday or calendar.bridged(day):
            yield DateWarning(
                kind=Kind.HOLIDAY_THERE if holiday else Kind.BRIDGE_THERE,
                day=day,
                what=(name,),
                whom=(around.name_of(plan.host),),
                people=plan.people.get(plan.host, 0),
                is_at_office=not plan.has_place,
            )


def _days_off_elsewhere(plan: Plan, around: Around, _now: datetime) -> Iterator[DateWarning]:
    """One warning a day: in which of the target countries it is off, or a bridge day."""
    known = {c: around.calendars[c] for c in plan.countries if c in around.calendars}
    for day in plan.days:
        off: dict[Kind, dict[str, str]] = {Kind.HOLIDAY: {}, Kind.BRIDGE: {}}
        for country, calendar in known.items():
            if country == plan.host:
                continue  # told already, with the holidays of its region
            if name := calendar.off.get(day):
                off[Kind.HOLIDAY][country] = name
            elif name := calendar.bridged(day):
                off[Kind.BRIDGE][country] = name
        for kind, names in off.items():
            if names:
                yield _in_countries(kind, day, names, plan, around)


def _in_countries(
    kind: Kind, day: date, names: dict[str, str], plan: Plan, around: Around
) -> DateWarning:
    return DateWarning(
        kind=kind,
        day=day,
        what=tuple(dict.fromkeys(names.values())),
        whom=tuple(sorted(around.name_of(country) for country in names)),
        of_all=len(plan.countries),
        people=sum(plan.people.get(country, 0) for country in names),
        subject=",".join(sorted(names)),
    )


def _unknown(plan: Plan, around: Around, _now: datetime) -> Iterator[DateWarning]:
    concerned = {*plan.countries, plan.host}
    without = sorted(country for country in concerned if country not in around.calendars)
    is_at_home = around.home_countries.get(plan.office) == plan.host
    region = around.unknown_regions.get(plan.office, "") if is_at_home else ""
    names = [around.name_of(country) for country in without] + ([region] if region else [])
    if names:
        yield DateWarning(
            kind=Kind.UNKNOWN,
            day=plan.first,
            whom=tuple(names),
            of_all=len(plan.countries),
            people=sum(plan.people.get(country, 0) for country in without),
            subject=",".join([*without, region]),
        )


def _closures(plan: Plan, around: Around, _now: datetime) -> Iterator[DateWarning]:
    for closed in around.closures:
        if closed.is_working or closed.first > plan.last or closed.last < plan.first:
            continue
        whom, people = "", 0
        if closed.is_for_all:
            whom, people = "everyone", sum(plan.people.values())
        elif closed.office is not None:
            whom = "the office" if closed.office == plan.office else ""
        elif closed.programme is not None:
            people = plan.partners.get(closed.programme, 0)
            is_for_it = closed.programme in plan.programmes or people
            whom = around.programme_names.get(closed.programme, "") if is_for_it else ""
        if whom:
            yield DateWarning(
                kind=Kind.CLOSED,
                day=max(plan.first, closed.first),
                what=(closed.name,),
                whom=(whom,),
                people=people,
                subject=f"{closed.office or ''}/{closed.programme or ''}/{closed.name}",
            )


# -- other events --------------------------------------------------------------------------------


def _in_reach(plan: Plan, around: Around) -> list[Plan]:
    """Those that take place near the plan (days are those of each one's zone); itself never."""
    reach = timedelta(days=around.near_days + 3)
    first, last = plan.starts_at - reach, plan.ends_at + reach
    return [
        other
        for other in around.others
        if other.starts_at <= last
        and other.ends_at >= first
        and (plan.id is None or other.id != plan.id)
        and other is not plan
        and not other.is_cancelled
    ]


def _near(plan: Plan, around: Around, _now: datetime) -> Iterator[DateWarning]:
    for other in around.others:
        shared = (plan.roles & other.roles) | (plan.topics & other.topics)
        days = plan.days_to(other)
        if shared and other.office != plan.office and days <= around.near_days:
            yield _beside(
                Kind.NEAR,
                plan,
                other,
                shared,
                what=_texts(plan.topics & other.topics),
                whom=_texts(plan.roles & other.roles),
                amount=days,
                least=around.near_days,
            )


def _rooms(plan: Plan, around: Around, _now: datetime) -> Iterator[DateWarning]:
    for other in around.others:
        if not (plan.venue and plan.venue == other.venue and plan.overlaps(other)):
            continue
        rooms = _shared(plan, other, lambda slot: {slot.room} if slot.room else set(), _at_once)
        has_rooms = any(slot.room for each in (plan, other) for slot in each.slots)
        if rooms or not has_rooms:
            venue = plan.venue.text
            what = tuple(f"{room}, {venue}" for room in _texts(rooms)) or (venue,)
            yield _beside(Kind.ROOM, plan, other, rooms, what=what)


def _speakers(plan: Plan, around: Around, _now: datetime) -> Iterator[DateWarning]:
    for other in around.others:
        clash = _at_once_or_apart if _are_apart(plan, other) else _at_once
        if shared := _shared(plan, other, lambda slot: slot.speakers, clash):
            yield _beside(
                Kind.SPEAKER, plan, other, shared, what=_texts(shared), amount=len(shared)
            )


def _staff(plan: Plan, around: Around, _now: datetime) -> Iterator[DateWarning]:
    for other in around.others:
        is_elsewhere = _are_apart(plan, other) and plan.shares_a_day(other)
        is_there = plan.overlaps(other) or is_elsewhere
        if plan.contact and plan.contact == other.contact and is_there:
            yield _beside(Kind.STAFF, plan, other, what=(plan.contact.text,), amount=1)


def _booked(plan: Plan, around: Around, _now: datetime) -> Iterator[DateWarning]:
    if plan.id is None:
        return
    for other in around.others:
        pair = frozenset((plan.id, other.id or 0))
        number = around.booked.get(pair, 0)
        if number and plan.overlaps(other):
            yield _beside(Kind.BOOKED, plan, other, people=number, amount=number)


def _beside(
    kind: Kind, plan: Plan, other: Plan, shared: Iterable[Named] = (), **more: object
) -> DateWarning:
    """`shared` is what both have: whatever joins it later is another warning."""
    subject = ",".join(sorted(name.key for name in shared))
    return DateWarning(kind=kind, day=plan.first, other=other, subject=subject, **more)  # type: ignore[arg-type]


def _at_once(one: Slot, two: Slot) -> bool:
    return one.starts_at < two.ends_at and two.starts_at < one.ends_at


def _at_once_or_apart(one: Slot, two: Slot) -> bool:
    return one.day == two.day or _at_once(one, two)


def _are_apart(one: Plan, two: Plan) -> bool:
    """In two places: nobody can be at both on one day, whatever the hours."""
    return one.venue is not None and two.venue is not None and one.venue != two.venue


def _shared(
    plan: Plan,
    other: Plan,
    of: Callable[[Slot], Iterable[Named]],
    clash: Callable[[Slot, Slot], bool],
) -> set[Named]:
    """What two sessions that clash have both."""
    return {
        name
        for one in plan.slots
        for two in other.slots
        if clash(one, two)
        for name in {*of(one)} & {*of(two)}
    }


def _texts(names: Iterable[Named]) -> tuple[str, ...]:
    return tuple(sorted(name.text for name in names))


# -- hours and lead time -------------------------------------------------------------------------


def _hours(plan: Plan, around: Around, _now: datetime) -> Iterator[DateWarning]:
    """Who comes is on the clocks of the place; who joins from home has those at home."""
    zones = {plan.host: plan.zone}
    if plan.has_link:
        zones |= {c: around.zones[c] for c in plan.countries if c in around.zones}
    by_zone = defaultdict(list)
    for country, zone in zones.items():
        by_zone[zone].append(country)
    starts, ends = _edges(plan)
    early: dict[tuple[date, time], list[str]] = defaultdict(list)
    late: dict[tuple[date, time], list[str]] = defaultdict(list)
    for zone, countries in by_zone.items():
        first = min((to_local(at, zone) for at in starts), key=lambda at: at.time())
        if first.time() < EARLIEST:
            early[first.date(), first.time()] += countries
        last = max((to_local(at, zone) for at in ends), key=_lateness)
        if _lateness(last) > _minutes(LATEST):
            late[last.date(), last.time()] += countries
    yield from _outside(Kind.TOO_EARLY, early, plan, around)
    yield from _outside(Kind.TOO_LATE, late, plan, around)


def _edges(plan: Plan) -> tuple[list[datetime], list[datetime]]:
    """When its days begin and end, as far as the agenda says so."""
    days: dict[date, list[Slot]] = defaultdict(list)
    for slot in plan.slots:
        days[slot.day].append(slot)
    starts = [min(slot.starts_at for slot in slots) for slots in days.values()]
    ends = [max(slot.ends_at for slot in slots) for slots in days.values()]
    return [plan.starts_at, *starts], [plan.ends_at, *ends]


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _lateness(local: datetime) -> int:
    """Minutes since the midnight before; what ends in the small hours ends late, not early."""
    minutes = _minutes(local.time())
    return minutes + 24 * 60 if minutes < 5 * 60 else minutes


def _outside(
    kind: Kind, found: dict[tuple[date, time], list[str]], plan: Plan, around: Around
) -> Iterator[DateWarning]:
    for (day, at), countries in found.items():
        yield DateWarning(
            kind=kind,
            day=day,
            whom=tuple(sorted(around.name_of(country) for country in countries)),
            of_all=len(plan.countries),
            people=sum(plan.people.get(country, 0) for country in countries),
            amount=_minutes(at),
            subject=f"{at:%H%M}/{','.join(sorted(countries))}",
        )


def _lead_time(plan: Plan, around: Around, now: datetime) -> Iterator[DateWarning]:
    days = (plan.starts_at - (plan.published_at or now)).days
    if days < around.lead_days:
        yield DateWarning(
            kind=Kind.LEAD_TIME,
            day=plan.first,
            people=sum(plan.people.values()),
            amount=max(0, days),
            least=around.lead_days,
        )


RULES = (
    _weekends,
    _days_off_there,
    _days_off_elsewhere,
    _unknown,
    _closures,
    _near,
    _rooms,
    _speakers,
    _staff,
    _booked,
    _hours,
    _lead_time,
)
