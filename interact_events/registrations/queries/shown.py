"""Seats as everybody may know them: what nobody has been told of counts for nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, case, func, select

from interact_events.core.db import db
from interact_events.events import queries as events
from interact_events.events.models import Admission, Event, Mode
from interact_events.registrations.models import Registration, SeatRules, SeatTally
from interact_events.registrations.queries.asked import rules_of
from interact_events.registrations.queries.sorts import holds_seat, is_waiting
from interact_events.registrations.rules import (
    UNDONE,
    Cap,
    Dimension,
    EventRules,
    Pool,
    SeatsTaken,
    pool,
)

TO_ALL = (frozenset[int](), frozenset[int]())  # how many seats are left is the same for everybody


class Secret(NamedTuple):
    """How many seats and places in line a decision has given to people of one role in one mode."""

    event: int
    role: int
    is_online: bool
    seated: int
    waiting: int


@dataclass(frozen=True)
class SeatsShown:
    """How many seats an event has left: in all, in each mode, and with which limits."""

    event: Event
    seats_taken: int
    waiting: int
    pools: tuple[Pool, ...]
    caps: tuple[Cap, ...]
    is_promoting: bool  # else the office chooses who moves up

    @property
    def is_behind_others(self) -> bool:
        """Who comes now may have to wait although there are seats."""
        return bool(self.is_counted and self.seats_left and self.waiting and not self.is_promoting)

    @property
    def seats_left(self) -> int:
        return max(0, self.event.capacity - self.seats_taken)

    @property
    def is_counted(self) -> bool:
        """Where the office selects, a seat that is left says nothing to who applies."""
        return self.event.admission is Admission.FIRST_COME


def seats_shown(found: Sequence[Event], now: datetime) -> dict[int, SeatsShown]:
    """By the event's number; the same few queries for any number of events."""
    numbers = [event.id for event in found]
    settings = {
        row.event_id: row
        for row in db.session.scalars(select(SeatRules).where(SeatRules.event_id.in_(numbers)))
    }
    taken, secret = _taken(numbers), _secret(numbers, now)
    return {
        event.id: _shown(
            event,
            rules_of(event, settings.get(event.id) or SeatRules.usual(event.id), TO_ALL),
            taken[event.id],
            [each for each in secret if each.event == event.id],
            now,
        )
        for event in found
    }


def seats_shown_at(
    event: Event, settings: SeatRules, rules: EventRules, taken: SeatsTaken, now: datetime
) -> SeatsShown:
    """The same of one event whose rules and counts are read already."""
    secret = _secret([event.id], now) if settings.is_selection_secret(now) else ()
    return _shown(event, rules, SeatsTaken(taken), secret, now)


def _shown(
    event: Event,
    rules: EventRules,
    taken: SeatsTaken,
    secret: Iterable[Secret],
    now: datetime,
) -> SeatsShown:
    seated = waiting = 0
    for each in secret:
        mode = "online" if each.is_online else "on-site"
        taken[Dimension.MODE, mode] -= each.seated
        taken[Dimension.ROLE, f"{mode}:{each.role}"] -= each.seated
        seated, waiting = seated + each.seated, waiting + each.waiting
    modes = (False, True) if event.mode is Mode.HYBRID else (event.mode is Mode.ONLINE,)
    return SeatsShown(
        event=event,
        seats_taken=event.seats_taken - seated,
        waiting=event.waiting - waiting,
        pools=tuple(pool(rules, taken, is_online, now) for is_online in modes),
        caps=tuple(cap for cap in rules.caps if cap.most(now) is not None),
        is_promoting=rules.is_promoting,
    )


def _taken(numbers: Sequence[int]) -> dict[int, SeatsTaken]:
    found = {number: SeatsTaken() for number in numbers}
    rows = db.session.execute(
        select(SeatTally.event_id, SeatTally.dimension, SeatTally.key, SeatTally.taken).where(
            SeatTally.event_id.in_(numbers),
            SeatTally.dimension.in_((Dimension.MODE, Dimension.ROLE)),
        )
    )
    for event, dimension, key, taken in rows:
        found[event][dimension, key] = taken
    return found


def _secret(numbers: Sequence[int], now: datetime) -> list[Secret]:
    row = Registration
    rows = db.session.execute(
        select(
            row.event_id,
            row.role_id,
            row.is_online,
            func.sum(case((holds_seat, 1), else_=0)),
            func.sum(case((is_waiting, 1), else_=0)),
        )
        .join(SeatRules, SeatRules.event_id == row.event_id)
        .where(row.event_id.in_(numbers), _is_secret(now))
        .group_by(row.event_id, row.role_id, row.is_online)
    )
    return [Secret(*each) for each in rows]


def _is_secret(now: datetime) -> ColumnElement[bool]:
    """The rules are asked first: almost no event has a secret, and they are read by its number."""
    return (
        (SeatRules.selected_at > now)
        & (Registration.told_at > now)
        & Registration.state.in_(UNDONE)
    )


def catalogue(
    filters: events.Filters, now: datetime, span: events.Span | None = None
) -> Select[Event]:
    """The events that match; where only those with seats left are wanted, secret ones are left."""
    secret = (
        select(func.count())
        .select_from(Registration)
        .join(SeatRules, SeatRules.event_id == Registration.event_id)
        .where(Registration.event_id == Event.id, _is_secret(now), holds_seat)
        .correlate(Event)
        .scalar_subquery()
    )
    return events.catalogue(filters, now, taken=Event.seats_taken - secret, span=span)
