"""What the choices among applicants come to: pure, over plain data; `now` is given."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeAlias

from interact_events.registrations.rules import (
    EventRules,
    Excess,
    Hold,
    Proposal,
    Reason,
    SeatsTaken,
    State,
    Waiting,
    barred,
    excesses,
    promoted,
    propose,
    shortages,
)

UNDO_WITHIN = timedelta(minutes=15)  # people are told afterwards

CHOICES = (State.CONFIRMED, State.WAITLISTED, State.DECLINED)

Choices: TypeAlias = Mapping[int, State]


@dataclass(frozen=True, slots=True)
class Totals:
    """How many of the applicants get what."""

    seats: int
    waiting: int
    declined: int
    undecided: int

    @property
    def chosen(self) -> int:
        return self.seats + self.waiting + self.declined


def totals(numbers: Iterable[int], choices: Choices) -> Totals:
    found = Counter(choices.get(number) for number in numbers)
    seats, waiting, declined = (found[state] for state in CHOICES)
    return Totals(seats, waiting, declined, undecided=found[None])


def fingerprint(choices: Choices) -> str:
    """Names exactly these choices, so that nobody decides others than they have seen."""
    text = ",".join(f"{number}:{state}" for number, state in sorted(choices.items()))
    return sha256(text.encode()).hexdigest()[:20]


# -- limits --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Beyond:
    """Somebody chosen for a seat that the rules don't give them, and why they don't."""

    number: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the chosen seats would do: to the counts, against which limits, and which limits and
    holds they would just fill."""

    taken: SeatsTaken
    beyond: tuple[Beyond, ...]
    excesses: tuple[Excess, ...]
    reached: tuple[Excess, ...]
    filled: tuple[Hold, ...]


def outcome(
    rules: EventRules,
    taken: SeatsTaken,
    applicants: Sequence[Waiting],
    choices: Choices,
    now: datetime,
) -> Outcome:
    """Give the chosen seats one after the other, in order of arrival, as deciding does."""
    after, beyond = SeatsTaken(taken), []
    for each in chosen_for(State.CONFIRMED, applicants, choices):
        reasons = (*barred(rules, each.applicant), *shortages(rules, after, each.applicant, now))
        if reasons:
            beyond.append(Beyond(each.number, reasons))
        after.give(each.applicant)
    more = [e for e in excesses(rules, after, now) if e.taken > taken[e.counted]]
    reached, filled = _reached(rules, taken, after, now), _filled(rules, taken, after, now)
    return Outcome(after, tuple(beyond), tuple(more), tuple(reached), tuple(filled))


def _reached(
    rules: EventRules, before: SeatsTaken, after: SeatsTaken, now: datetime
) -> Iterator[Excess]:
    """The limits that one seat more of those counted would go beyond, each as it is without it."""
    one_more = SeatsTaken({counted: number + 1 for counted, number in after.items()})
    for each in excesses(rules, one_more, now):
        if before[each.counted] < after[each.counted] == each.most:
            yield replace(each, taken=each.most)


def _filled(
    rules: EventRules, before: SeatsTaken, after: SeatsTaken, now: datetime
) -> Iterator[Hold]:
    """The holds in force whose last seat goes to those for whom it is kept."""
    for hold in rules.holds:
        had, has = (taken.of_roles(hold.roles, hold.is_online) for taken in (before, after))
        if now < hold.until and had < hold.seats <= has:
            yield hold


@dataclass(frozen=True, slots=True)
class Places:
    """The seats of one mode: how many are chosen, and how many were free before."""

    is_online: bool
    chosen: int
    free: int

    @property
    def is_over(self) -> bool:
        return self.chosen > self.free


def places(rules: EventRules, before: SeatsTaken, after: SeatsTaken, is_online: bool) -> Places:
    given = before.in_mode(is_online)
    free = max(0, rules.capacity(is_online) - given)
    return Places(is_online, after.in_mode(is_online) - given, free)


def chosen_for(state: State, applicants: Iterable[Waiting], choices: Choices) -> list[Waiting]:
    """Those for whom that is chosen, in the order given."""
    return [each for each in applicants if choices.get(each.number) is state]


def moving_up(
    rules: EventRules, taken: SeatsTaken, waiting: Iterable[Waiting], now: datetime
) -> list[int]:
    """Who on the waiting list would get a seat at once, where the choices leave some free."""
    return promoted(replace(rules, is_promoting=True), taken, waiting, now)


# -- the proposal --------------------------------------------------------------------------------


def propose_beside(
    rules: EventRules,
    taken: SeatsTaken,
    applicants: Sequence[Waiting],
    kept: Choices,
    now: datetime,
) -> list[Proposal]:
    """A fair selection among those of whom nothing is kept; kept seats count as given before."""
    given = SeatsTaken(taken)
    for each in chosen_for(State.CONFIRMED, applicants, kept):
        given.give(each.applicant)
    return propose(rules, given, [each for each in applicants if each.number not in kept], now)


def explained(
    rules: EventRules,
    taken: SeatsTaken,
    applicants: Sequence[Waiting],
    by_hand: Choices,
    now: datetime,
) -> dict[int, Proposal]:
    """What the method says of everybody as things stand: of those chosen by hand as if they were
    not, of all others beside what was chosen by hand."""
    everybody = propose_beside(rules, taken, applicants, {}, now)
    others = propose_beside(rules, taken, applicants, by_hand, now) if by_hand else []
    return {proposal.number: proposal for proposal in (*everybody, *others)}


# -- balance -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """What one programme, country … has of the seats, and how many of it ask for one."""

    label: str
    given: int
    chosen: int
    total: int

    @property
    def seats(self) -> int:
        return self.given + self.chosen

    @property
    def percent(self) -> int:
        """How many of a hundred get a seat, to the nearest whole number."""
        return round(100 * self.seats / self.total) if self.total else 0


def balance(people: Iterable[tuple[str, bool, bool]]) -> list[Share]:
    """One share for each label, the largest first; people as (label, has a seat, is chosen)."""
    totals_, given, chosen = Counter[str](), Counter[str](), Counter[str]()
    for label, has_seat, is_chosen in people:
        totals_[label] += 1
        given[label] += has_seat
        chosen[label] += is_chosen
    shares = [Share(label, given[label], chosen[label], totals_[label]) for label in totals_]
    return sorted(shares, key=lambda share: (-share.total, share.label))


def overall(shares: Sequence[Share]) -> Share:
    """Everybody together: what each share is held against."""
    return Share(
        "Overall",
        given=sum(share.given for share in shares),
        chosen=sum(share.chosen for share in shares),
        total=sum(share.total for share in shares),
    )
