"""When somebody's weekly mail is due, and which events belong in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from interact_events.registrations.rules import Applicant, EventRules, barred

WEEKDAY, HOUR = 1, 8  # Tuesday morning, unless somebody says otherwise
HOURS = range(6, 21)
FIRST_LOOKS_BACK = timedelta(days=7)  # whoever switches news on hears of that week too
MOST = 15  # events in one mail; the catalogue has the rest


# -- when ----------------------------------------------------------------------------------------


def latest_slot(now: datetime, zone: str, weekday: int, hour: int) -> datetime:
    """The last time at or before `now` when clocks in `zone` showed that hour of that weekday."""
    local = now.astimezone(ZoneInfo(zone))
    day = local.date() - timedelta(days=(local.weekday() - weekday) % 7)
    slot = datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)
    if slot > now:
        day -= timedelta(days=7)
        slot = datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)
    return slot


def week_of(instant: datetime, zone: str) -> str:
    """ "2027-W19", the ISO week in `zone`."""
    year, week, _ = instant.astimezone(ZoneInfo(zone)).isocalendar()
    return f"{year}-W{week:02}"


def is_due(
    now: datetime, *, zone: str, weekday: int, hour: int, looked_at: datetime, told_week: str
) -> bool:
    """Whether a mail's time has come since the last look, however long ago that was.

    A time in the week of the latest mail is passed over, so that nobody gets two in one week; nor
    does who travels back across the date line.
    """
    slot = latest_slot(now, zone, weekday, hour)
    return slot > looked_at and week_of(slot, zone) > told_week


def next_slot(now: datetime, *, zone: str, weekday: int, hour: int, told_week: str) -> datetime:
    """When the next mail goes, if there is anything to say."""
    for days in (7, 14):
        slot = latest_slot(now + timedelta(days=days), zone, weekday, hour)
        if slot > now and week_of(slot, zone) > told_week:
            return slot
    return latest_slot(now + timedelta(days=21), zone, weekday, hour)


# -- what ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """A new event, as far as it decides whom it concerns; `offices` run it together."""

    number: int
    published_at: datetime
    rules: EventRules
    topics: frozenset[int]
    offices: frozenset[int]


@dataclass(frozen=True)
class Reader:
    """Who asks for news: in which capacities they come, and what they chose.

    `topics` add events that are for other roles; `offices`, where any are chosen, leave out all
    others. `known` are the events where they have a place already.
    """

    since: datetime
    capacities: tuple[Applicant, ...] = ()
    topics: frozenset[int] = frozenset()
    offices: frozenset[int] = frozenset()
    known: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Reason:
    """Why an event is news for somebody: as which of their capacities they could register (None
    for none), and which of their topics it bears."""

    capacity: int | None
    topics: frozenset[int]
    is_for_all: bool = False


def reason_for(offer: Offer, reader: Reader) -> Reason | None:
    """Why the event belongs in the reader's mail; None where it does not."""
    is_new = offer.published_at > reader.since and offer.number not in reader.known
    is_theirs = not reader.offices or reader.offices & offer.offices
    if not is_new or not is_theirs or offer.rules.by_invitation:
        return None
    able = [n for n, one in enumerate(reader.capacities) if not barred(offer.rules, one)]
    capacity = able[0] if able else None
    is_for_all = not reader.capacities and _is_for_all(offer.rules)
    topics = reader.topics & offer.topics
    if capacity is None and not topics and not is_for_all:
        return None
    return Reason(capacity, topics, is_for_all)


def _is_for_all(rules: EventRules) -> bool:
    return not (rules.roles or rules.strands or rules.programmes or rules.countries)


def news_for(offers: Iterable[Offer], reader: Reader) -> dict[int, Reason]:
    """What belongs in the reader's mail, by the event's number, in the order of the offers."""
    found = ((offer.number, reason_for(offer, reader)) for offer in offers)
    return {number: reason for number, reason in found if reason}
