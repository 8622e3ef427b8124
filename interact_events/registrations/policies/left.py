"""How many seats are left, as everybody may know it, in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from interact_events.core import words
from interact_events.events.models import Event, Mode
from interact_events.registrations.models import SeatRules
from interact_events.registrations.policies.answers import Answer, Standing
from interact_events.registrations.policies.described import cap_in_words
from interact_events.registrations.policies.reasons import group_of, held_for, in_mode
from interact_events.registrations.queries import (
    Names,
    SeatsShown,
    names_for,
    rules_and_taken,
    seats_shown,
    seats_shown_at,
)
from interact_events.registrations.rules import Pool


@dataclass(frozen=True)
class SeatsInWords:
    """How many seats are left: in all, on site and online where there are both, and the limits
    that people meet there."""

    seats_left: int
    seats_taken: int
    waiting: int
    modes: Mapping[bool, str]  # online?
    full: frozenset[bool]
    limits: Sequence[str]
    is_behind_others: bool


def seats_in_words(events: Sequence[Event], now: datetime) -> dict[int, SeatsInWords]:
    """For a list, in short, by the event's number."""
    return {
        number: _seats_left(shown, _limits_in_short(shown))
        for number, shown in seats_shown(events, now).items()
    }


def seats_left_at(event: Event, now: datetime) -> SeatsInWords:
    """For the pages of one event."""
    shown = seats_shown([event], now)[event.id]
    return _seats_left(shown, _limits_in_full(shown, names_for(event)))


def seats_left_for_staff(event: Event, settings: SeatRules) -> str:
    """ "2 seats left", "0 seats left on site, 2 online": what people are not told yet counts."""
    if event.mode is not Mode.HYBRID:
        return f"{words.count(event.seats_left, 'seat')} left"
    rules, taken = rules_and_taken(event, settings)
    on_site, online = (max(0, rules.capacity(o) - taken.in_mode(o)) for o in (False, True))
    return f"{words.count(on_site, 'seat')} left on site, {online:,} online"


def seats_left_for(viewer: Standing, settings: SeatRules) -> SeatsInWords:
    """The same, where the viewer's answers are given from it too."""
    shown = seats_shown_at(viewer.event, settings, viewer.rules, viewer.taken, viewer.now)
    return _seats_left(shown, _limits_in_full(shown, viewer.names))


def _seats_left(shown: SeatsShown, limits: Sequence[str]) -> SeatsInWords:
    has_modes = shown.is_counted and shown.event.mode is Mode.HYBRID
    return SeatsInWords(
        seats_left=shown.seats_left,
        seats_taken=shown.seats_taken,
        waiting=shown.waiting,
        modes={pool.is_online: _pool_in_words(pool) for pool in shown.pools} if has_modes else {},
        full=frozenset(pool.is_online for pool in shown.pools if not pool.left),
        limits=limits if shown.is_counted and shown.seats_left else [],
        is_behind_others=shown.is_behind_others,
    )


OTHERS_WAIT = "Others wait, and the office chooses who gets a seat that is free."
WHERE = {False: "On site", True: "Online"}


def modes_for(answers: Iterable[Answer], seats: SeatsInWords) -> dict[bool, str]:
    """The same to who answers as one of their profiles: there may be seats, and none for them."""
    waits_in = [answer.waits_in for answer in answers if answer.is_yes]
    return {
        is_online: f"{WHERE[is_online]}: no seat for you now, waiting list"
        if is_online not in seats.full and all(is_online in waits for waits in waits_in)
        else sentence
        for is_online, sentence in seats.modes.items()
    }


def _pool_in_words(pool: Pool) -> str:
    """ "On site: full, waiting list", "Online: 12 seats left"."""
    where = WHERE[pool.is_online]
    if not pool.capacity:
        return f"{where}: no seats"
    if not pool.left:
        return f"{where}: full, waiting list"
    return f"{where}: {words.count(pool.left, 'seat')} left"


def _limits_in_short(shown: SeatsShown) -> list[str]:
    """ "3 held for certain roles", "Limited per programme"."""
    kept = sum(seats for pool in shown.pools for _, seats in pool.kept)
    groups = dict.fromkeys(group_of(cap) for cap in shown.caps)
    return [
        *([f"{kept:,} of them held for certain roles"] if kept else []),
        *([f"Limited per {words.listed(list(groups), 'and per')}"] if groups else []),
        *(["Others wait"] if shown.is_behind_others else []),
    ]


def _limits_in_full(shown: SeatsShown, names: Names) -> list[str]:
    """Names are read only where a limit is called by them."""
    event = shown.event
    kept = [
        f"{seats:,} of them{in_mode(event, pool.is_online)} {'is' if seats == 1 else 'are'} held "
        f"for {held_for(event, [hold], names)}."
        for pool in shown.pools
        for hold, seats in pool.kept
    ]
    others = [OTHERS_WAIT] if shown.is_behind_others else []
    return [*kept, *others, *(cap_in_words(event, cap, names) for cap in shown.caps)]
