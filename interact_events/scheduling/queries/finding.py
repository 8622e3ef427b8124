"""What somebody looks for, with all that lies around it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time

from interact_events.events.models import Event
from interact_events.interreg.models import Office
from interact_events.registrations.queries import seat_rules_of
from interact_events.scheduling.queries.around import around_wish
from interact_events.scheduling.queries.network import Network, network
from interact_events.scheduling.queries.plans import plan_of_event
from interact_events.scheduling.rules import Around, Named, Wish


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The answers of a form, rows by their numbers; no country means all that take part."""

    first: date
    last: date
    days: int
    weekdays: frozenset[int]
    starts: time
    ends: time
    roles: frozenset[int] = frozenset()
    topics: frozenset[int] = frozenset()
    countries: frozenset[int] = frozenset()


def wish_of(office: Office, event: Event | None, wanted: Wanted) -> tuple[Wish, Around]:
    """The wish of the office, perhaps for a draft that is to be moved, and what is around it."""
    known = network()
    plan = plan_of_event(event, known) if event else None
    wish = Wish(
        first=wanted.first,
        last=wanted.last,
        days=wanted.days,
        weekdays=wanted.weekdays,
        office=office.id,
        host=plan.host if plan else office.country.code,
        countries=known.meant_by(wanted.countries, ()),
        roles=_named(known.roles.get(number) for number in wanted.roles),
        topics=_named(known.topics.get(number) for number in wanted.topics),
        event=event.id if event else None,
    )
    return wish, around_wish(wanted.first, wanted.last, known)


def _named(names: Iterable[Named | None]) -> frozenset[Named]:
    return frozenset(name for name in names if name)


def countries_named_by(event: Event) -> list[int]:
    """Whose people the event is for by its rules; empty where it is for all."""
    rules = seat_rules_of(event)
    if rules.countries or not rules.programmes:
        return sorted(rules.countries)
    return _covered(network(), rules.programmes)


def _covered(known: Network, programmes: Iterable[int]) -> list[int]:
    codes = {code for number in programmes for code in known.covered.get(number, ())}
    return sorted(number for number, row in known.countries.items() if row.code in codes)
