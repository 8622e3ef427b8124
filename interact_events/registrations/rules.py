"""Who gets a seat: pure decisions over plain data. No database, no clock: `now` is given.

A decision carries its reasons as data; policies.py puts them into words.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from heapq import heapify, heappop, heapreplace
from types import MappingProxyType
from typing import TypeAlias


class State(StrEnum):
    """Where a registration stands."""

    UNCONFIRMED = "unconfirmed"  # the person has not said yes yet: a newcomer, or nominated
    PENDING = "pending"  # applied, the office decides
    CONFIRMED = "confirmed"
    OFFERED = "offered"  # a seat is held until they accept it, or their time is up
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return {
            "pending": "Application pending",
            "offered": "Seat offered",
            "waitlisted": "On the waiting list",
        }.get(self.value, self.value.capitalize())


SEATED = frozenset((State.CONFIRMED, State.OFFERED))  # a seat is theirs, or held for them

MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.UNCONFIRMED: frozenset(
            (State.PENDING, State.CONFIRMED, State.WAITLISTED, State.CANCELLED)
        ),
        State.PENDING: frozenset(
            (State.CONFIRMED, State.WAITLISTED, State.DECLINED, State.CANCELLED)
        ),
        State.WAITLISTED: frozenset(
            (State.CONFIRMED, State.OFFERED, State.DECLINED, State.CANCELLED)
        ),
        State.OFFERED: frozenset((State.CONFIRMED, State.CANCELLED)),
        State.CONFIRMED: frozenset((State.CANCELLED,)),
        # Cancelled where a nomination takes its place.
        State.DECLINED: frozenset((State.CONFIRMED, State.WAITLISTED, State.CANCELLED)),
        State.CANCELLED: frozenset(),  # who comes back registers anew, at the end of the queue
    }
)

# A selection that nobody has been told of can be taken back.
UNDONE: frozenset[State] = frozenset((State.CONFIRMED, State.WAITLISTED, State.DECLINED))


# -- what an event asks --------------------------------------------------------------------------


class Dimension(StrEnum):
    """By what seats are counted; a count's key names the one programme, country …"""

    MODE = "mode"
    ROLE = "role"  # within a mode
    PROGRAMME = "programme"
    COUNTRY = "country"
    INSTITUTION = "institution"
    ROLE_IN_COUNTRY = "role-in-country"
    SESSION = "session"


CAPPED = (
    Dimension.PROGRAMME,
    Dimension.COUNTRY,
    Dimension.INSTITUTION,
    Dimension.ROLE_IN_COUNTRY,
)

Counted: TypeAlias = tuple[Dimension, str]


@dataclass(frozen=True, slots=True)
class Step:
    """A figure that counts from an instant on (None: from the beginning); None is no limit."""

    since: datetime | None
    most: int | None


@dataclass(frozen=True, slots=True)
class Cap:
    """The most seats for one programme, country, institution, or role in a country.

    `steps` are in order of time, the first without an instant. `role` narrows a cap of roles in
    a country to one of them.
    """

    per: Dimension
    steps: tuple[Step, ...]
    role: int | None = None

    def most(self, now: datetime) -> int | None:
        """The figure in force."""
        begun = [step for step in self.steps if step.since is None or step.since <= now]
        return begun[-1].most if begun else None

    def next_step(self, now: datetime) -> Step | None:
        return next((step for step in self.steps if step.since and step.since > now), None)


@dataclass(frozen=True, slots=True)
class Hold:
    """Seats kept for people of these roles until an instant; a role has one hold a mode."""

    roles: frozenset[int]
    seats: int
    until: datetime
    is_online: bool = False


@dataclass(frozen=True, slots=True)
class EventRules:
    """What an event asks; empty roles, strands, programmes or countries mean all of them.

    On site and online are two pools of seats; an event that is only one has no seat in the other.
    """

    on_site: int
    online: int = 0
    by_selection: bool = False
    by_invitation: bool = False
    is_promoting: bool = True  # free seats go to those who wait without the office's doing
    after: int | None = None  # the event at which one has a seat before one registers here
    roles: frozenset[int] = frozenset()
    strands: frozenset[int] = frozenset()
    programmes: frozenset[int] = frozenset()
    countries: frozenset[int] = frozenset()
    caps: tuple[Cap, ...] = ()
    holds: tuple[Hold, ...] = ()

    def capacity(self, is_online: bool) -> int:
        return self.online if is_online else self.on_site


# -- who asks, and what is given -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Applicant:
    """In which capacity somebody asks; no strand and no programme go together.

    `institution` is its name as search compares it. `is_exempt` says that staff have let them in
    although the event is not for them. `lacks_earlier`: they have no seat at the event that comes
    first, which is asked of who comes in and never again.
    """

    role: int
    country: int
    institution: str = ""
    strand: int | None = None
    programme: int | None = None
    is_online: bool = False
    is_invited: bool = False
    is_exempt: bool = False
    lacks_earlier: bool = False
    sessions: frozenset[int] = frozenset()  # those with seats of their own that they chose

    @property
    def mode(self) -> str:
        return "online" if self.is_online else "on-site"

    @property
    def counted(self) -> tuple[Counted, ...]:
        """Every count that their seat raises."""
        programme = [(Dimension.PROGRAMME, str(self.programme))] if self.programme else []
        return (
            (Dimension.MODE, self.mode),
            (Dimension.ROLE, f"{self.mode}:{self.role}"),
            *programme,
            (Dimension.COUNTRY, str(self.country)),
            (Dimension.INSTITUTION, self.institution),
            (Dimension.ROLE_IN_COUNTRY, f"{self.role}:{self.country}"),
            *((Dimension.SESSION, str(session)) for session in sorted(self.sessions)),
        )

    def key(self, per: Dimension) -> str | None:
        """Their own key of a dimension; None where it does not concern them."""
        return next((key for dimension, key in self.counted if dimension is per), None)


class SeatsTaken(Counter[Counted]):
    """The seats given so far, by every dimension."""

    def give(self, applicant: Applicant) -> None:
        self.update(applicant.counted)

    def take_back(self, applicant: Applicant) -> None:
        self.subtract(applicant.counted)

    @classmethod
    def of(cls, applicants: Iterable[Applicant]) -> "SeatsTaken":
        taken = cls()
        for applicant in applicants:
            taken.give(applicant)
        return taken

    def in_mode(self, is_online: bool) -> int:
        return self[Dimension.MODE, "online" if is_online else "on-site"]

    def of_roles(self, roles: Iterable[int], is_online: bool) -> int:
        mode = "online" if is_online else "on-site"
        return sum(self[Dimension.ROLE, f"{mode}:{role}"] for role in roles)

    def __copy__(self) -> "SeatsTaken":
        return SeatsTaken(self)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody in the queue; the lower number came first."""

    number: int
    applicant: Applicant


# -- reasons -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RoleNotInvited:
    roles: frozenset[int]  # those who are


@dataclass(frozen=True, slots=True)
class StrandNotInvited:
    strands: frozenset[int]  # those that are


@dataclass(frozen=True, slots=True)
class ProgrammeNotInvited:
    programmes: frozenset[int]  # those that are


@dataclass(frozen=True, slots=True)
class CountryNotInvited:
    countries: frozenset[int]  # those that are


@dataclass(frozen=True, slots=True)
class NotInvited:
    """The event is for those who have an invitation."""


@dataclass(frozen=True, slots=True)
class EarlierFirst:
    """The event is for those who have a seat at another one."""

    event: int


@dataclass(frozen=True, slots=True)
class OfficeSelects:
    """Nobody has a seat before the office has chosen."""


@dataclass(frozen=True, slots=True)
class AllSeatsTaken:
    capacity: int
    is_online: bool = False


@dataclass(frozen=True, slots=True)
class SeatsHeld:
    """What is left is kept for others."""

    holds: tuple[Hold, ...]


@dataclass(frozen=True, slots=True)
class CapReached:
    """Their programme, country … has its seats; `then` is the next figure, if one follows."""

    cap: Cap
    most: int
    then: Step | None = None


@dataclass(frozen=True, slots=True)
class OthersWait:
    """There is a seat, and the office chooses who of those who wait gets it."""


@dataclass(frozen=True, slots=True)
class SeatFree:
    left: int


Barrier: TypeAlias = (
    RoleNotInvited
    | StrandNotInvited
    | ProgrammeNotInvited
    | CountryNotInvited
    | NotInvited
    | EarlierFirst
)
Shortage: TypeAlias = AllSeatsTaken | SeatsHeld | CapReached
Reason: TypeAlias = Barrier | Shortage | OfficeSelects | OthersWait | SeatFree


@dataclass(frozen=True, slots=True)
class Decision:
    """What an applicant gets, and every reason for it; without a state they are refused."""

    state: State | None
    reasons: tuple[Reason, ...]

    @property
    def is_refused(self) -> bool:
        return self.state is None


# -- decisions -----------------------------------------------------------------------------------


def decide(
    rules: EventRules,
    taken: SeatsTaken,
    applicant: Applicant,
    now: datetime,
    *,
    waiting: int = 0,
) -> Decision:
    """What `applicant` gets at `now`; those who waited before have been promoted already.

    Where the office promotes them instead, nobody overtakes the `waiting` people.
    """
    if barriers := barred(rules, applicant):
        return Decision(None, barriers)
    if rules.by_selection:
        return Decision(State.PENDING, (OfficeSelects(),))
    if lacking := shortages(rules, taken, applicant, now):
        return Decision(State.WAITLISTED, lacking)
    if waiting and not rules.is_promoting:
        return Decision(State.WAITLISTED, (OthersWait(),))
    return Decision(State.CONFIRMED, (SeatFree(_left_for(rules, taken, applicant, now)),))


def barred(rules: EventRules, applicant: Applicant) -> tuple[Barrier, ...]:
    """Why the event is not for them, whatever seats there are."""
    if applicant.is_exempt:
        return ()
    barriers: list[Barrier] = []
    if rules.roles and applicant.role not in rules.roles:
        barriers.append(RoleNotInvited(rules.roles))
    if rules.strands and applicant.strand not in rules.strands:
        barriers.append(StrandNotInvited(rules.strands))
    if rules.programmes and applicant.programme not in rules.programmes:
        barriers.append(ProgrammeNotInvited(rules.programmes))
    if rules.countries and applicant.country not in rules.countries:
        barriers.append(CountryNotInvited(rules.countries))
    if rules.by_invitation and not applicant.is_invited:
        barriers.append(NotInvited())
    if rules.after is not None and applicant.lacks_earlier:
        barriers.append(EarlierFirst(rules.after))
    return tuple(barriers)


def shortages(
    rules: EventRules, taken: SeatsTaken, applicant: Applicant, now: datetime
) -> tuple[Shortage, ...]:
    """Every limit that keeps a seat from them at `now`."""
    found: list[Shortage] = []
    capacity = rules.capacity(applicant.is_online)
    if taken.in_mode(applicant.is_online) >= capacity:
        found.append(AllSeatsTaken(capacity, applicant.is_online))
    elif _left_for(rules, taken, applicant, now) <= 0:
        kept = _kept_for_others(rules, taken, applicant, now)
        found.append(SeatsHeld(tuple(hold for hold, seats in kept if seats)))
    found += _caps_reached(rules, taken, applicant, now)
    return tuple(found)


def _caps_reached(
    rules: EventRules, taken: SeatsTaken, applicant: Applicant, now: datetime
) -> Iterator[CapReached]:
    for cap in rules.caps:
        key, most = applicant.key(cap.per), cap.most(now)
        if key is None or most is None or cap.role not in (None, applicant.role):
            continue
        if taken[cap.per, key] >= most:
            yield CapReached(cap, most, cap.next_step(now))


def _left_for(rules: EventRules, taken: SeatsTaken, applicant: Applicant, now: datetime) -> int:
    """The free seats of their pool, less what is still kept for others."""
    free = rules.capacity(applicant.is_online) - taken.in_mode(applicant.is_online)
    return free - sum(kept for _, kept in _kept_for_others(rules, taken, applicant, now))


def _kept_for_others(
    rules: EventRules, taken: SeatsTaken, applicant: Applicant, now: datetime
) -> Iterator[tuple[Hold, int]]:
    """What each hold still keeps from them."""
    kept = _kept(rules, taken, applicant.is_online, now)
    return ((hold, seats) for hold, seats in kept if applicant.role not in hold.roles)


def _kept(
    rules: EventRules, taken: SeatsTaken, is_online: bool, now: datetime
) -> Iterator[tuple[Hold, int]]:
    """What each hold of a mode still keeps. Where more is held than is free, the holds that come
    first are served first: two that waited for each other would leave seats to nobody."""
    free = max(0, rules.capacity(is_online) - taken.in_mode(is_online))
    for hold in rules.holds:
        if now < hold.until and hold.is_online is is_online:
            missing = max(0, hold.seats - taken.of_roles(hold.roles, is_online))
            kept = min(missing, free)
            free -= kept
            yield hold, kept


@dataclass(frozen=True, slots=True)
class Pool:
    """The seats of one mode: how many there are and are left, and which of those are kept for
    whom."""

    is_online: bool
    capacity: int
    left: int
    kept: tuple[tuple[Hold, int], ...]


def pool(rules: EventRules, taken: SeatsTaken, is_online: bool, now: datetime) -> Pool:
    capacity = rules.capacity(is_online)
    left = max(0, capacity - taken.in_mode(is_online))
    kept = tuple((hold, seats) for hold, seats in _kept(rules, taken, is_online, now) if seats)
    return Pool(is_online, capacity, left, kept)


def promoted(
    rules: EventRules, taken: SeatsTaken, waiting: Iterable[Waiting], now: datetime
) -> list[int]:
    """The numbers of those who get a seat now, in order of arrival among whom the rules allow.

    One pass is enough: a seat that is given opens none for those who came before.
    """
    if not rules.is_promoting:
        return []
    seated, taken = [], SeatsTaken(taken)
    for each in sorted(waiting, key=lambda one: one.number):
        if not barred(rules, each.applicant) and not shortages(rules, taken, each.applicant, now):
            seated.append(each.number)
            taken.give(each.applicant)
    return seated


def head_start(
    opens_at: datetime | None, published_at: datetime, days: int
) -> tuple[datetime, datetime]:
    """From when those who are invited first may register, and from when everybody may.

    Both keep to what the office said of the opening; where that is too near, or nothing, everybody
    waits from the publication on, to the next full hour, which is easier to tell.
    """
    ahead = timedelta(days=days)
    if opens_at and opens_at - ahead >= published_at:
        return opens_at - ahead, opens_at
    hour = published_at.replace(minute=0, second=0, microsecond=0)
    full = hour if hour == published_at else hour + timedelta(hours=1)
    return published_at, full + ahead


def next_change(rules: EventRules, now: datetime) -> datetime | None:
    """When time alone changes who may have a seat: a phase begins, held seats are released."""
    instants = [hold.until for hold in rules.holds]
    instants += [step.since for cap in rules.caps for step in cap.steps if step.since]
    return min((instant for instant in instants if instant > now), default=None)


@dataclass(frozen=True, slots=True)
class Excess:
    """More seats given than a limit allows; `cap` is None for the seats of a mode."""

    counted: Counted
    taken: int
    most: int
    cap: Cap | None = None


def excesses(rules: EventRules, taken: SeatsTaken, now: datetime) -> list[Excess]:
    """Every limit that the seats given go beyond: staff's overrides, or a limit set later."""
    found = [
        Excess((Dimension.MODE, mode), taken[Dimension.MODE, mode], most)
        for mode, most in (("on-site", rules.on_site), ("online", rules.online))
        if taken[Dimension.MODE, mode] > most
    ]
    for cap in rules.caps:
        most = cap.most(now)
        if most is None:
            continue
        found += [
            Excess((dimension, key), number, most, cap)
            for (dimension, key), number in sorted(taken.items())
            if dimension is cap.per and number > most and _is_of(cap, key)
        ]
    return found


def _is_of(cap: Cap, key: str) -> bool:
    return cap.role is None or key.startswith(f"{cap.role}:")


# -- sessions with seats of their own ------------------------------------------------------------


def full_sessions(
    capacities: Mapping[int, int], taken: SeatsTaken, chosen: Iterable[int]
) -> frozenset[int]:
    """Those of the chosen sessions that have no seat left."""
    return frozenset(
        session
        for session in chosen
        if session in capacities and taken[Dimension.SESSION, str(session)] >= capacities[session]
    )


# -- a fair selection ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the method proposes for an applicant.

    The counts are the seats that their programme (or, without one, institution), country and role
    had when their turn came. `reasons` say why there is no seat.
    """

    number: int
    state: State
    of_programme: int = 0
    of_country: int = 0
    of_role: int = 0
    reasons: tuple[Reason, ...] = ()


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
        yield Proposal(each.number, state, *turn[:3], reasons=lacking)


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
