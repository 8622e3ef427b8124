"""A fair selection."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heapreplace

from interact_events.registrations.rules.decisions import barred, shortages
from interact_events.registrations.rules.reasons import Reason
from interact_events.registrations.rules.seats import (
    Applicant,
    Counted,
    Dimension,
    EventRules,
    SeatsTaken,
    Waiting,
)
from interact_events.registrations.rules.states import State


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the method proposes for an applicant.

    The counts are the seats that their programme (or, without one, institution, as
    `by_institution` says), country and role had when their turn came. `reasons` say why there is
    no seat.
    """

    number: int
    state: State
    of_programme: int = 0
    of_country: int = 0
    of_role: int = 0
    reasons: tuple[Reason, ...] = ()
    by_institution: bool = False


def propose(
    rules: EventRules, taken: SeatsTaken, applicants: Sequence[Waiting], now: datetime
) -> list[Proposal]:
    """A fair selection: again and again the next seat goes to the applicant whose programme has
    the fewest seats, then whose country has, then whose role, then who came first.

    Who may take no seat when their turn comes is proposed for the waiting list; whom the event is
    not for, is declined. `taken` are the seats given before. In order of choice.
    """
    taken = SeatsTaken(taken)
    refused = [
        Proposal(each.number, State.DECLINED, reasons=barriers)
        for each in sorted(applicants, key=lambda one: one.number)
        if (barriers := barred(rules, each.applicant))
    ]
    barred_numbers = {proposal.number for proposal in refused}
    others = [each for each in applicants if each.number not in barred_numbers]
    return [*_in_turns(rules, taken, others, now), *refused]


def _in_turns(
    rules: EventRules, taken: SeatsTaken, applicants: Sequence[Waiting], now: datetime
) -> Iterator[Proposal]:
    """Counts only grow, so a stale turn on the heap is always too early: it is put back."""
    keys = [_weighed(each.applicant) for each in applicants]
    heap = [(_turn(taken, keys[at], each.number), at) for at, each in enumerate(applicants)]
    heapify(heap)
    while heap:
        turn, at = heap[0]
        each = applicants[at]
        current = _turn(taken, keys[at], each.number)
        if current != turn:
            heapreplace(heap, (current, at))
            continue
        heappop(heap)
        lacking = shortages(rules, taken, each.applicant, now)
        if not lacking:
            taken.give(each.applicant)
        state = State.WAITLISTED if lacking else State.CONFIRMED
        by_institution = keys[at][0][0] is Dimension.INSTITUTION
        yield Proposal(each.number, state, *turn[:3], lacking, by_institution)


def _weighed(who: Applicant) -> tuple[Counted, Counted, Counted, Counted]:
    """The counts that say when their turn is: of their group, country, and role in both modes."""
    group = (
        (Dimension.PROGRAMME, str(who.programme))
        if who.programme
        else (Dimension.INSTITUTION, who.institution)
    )
    country = (Dimension.COUNTRY, str(who.country))
    on_site, online = ((Dimension.ROLE, f"{mode}:{who.role}") for mode in ("on-site", "online"))
    return group, country, on_site, online


def _turn(
    taken: SeatsTaken, keys: tuple[Counted, Counted, Counted, Counted], number: int
) -> tuple[int, int, int, int]:
    """The fewer seats their group has, the earlier their turn."""
    group, country, on_site, online = (taken.get(key, 0) for key in keys)
    return group, country, on_site + online, number
