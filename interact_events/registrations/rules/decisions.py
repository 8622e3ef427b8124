"""Who gets a seat, who moves up, and what is over a limit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from interact_events.registrations.rules.reasons import (
    AllSeatsTaken,
    Barrier,
    CapReached,
    CountryNotInvited,
    Decision,
    EarlierFirst,
    NotInvited,
    OfficeSelects,
    OthersWait,
    ProgrammeNotInvited,
    RoleNotInvited,
    SeatFree,
    SeatsHeld,
    Shortage,
    StrandNotInvited,
)
from interact_events.registrations.rules.seats import (
    Applicant,
    Cap,
    Counted,
    Dimension,
    EventRules,
    Hold,
    SeatsTaken,
    Waiting,
)
from interact_events.registrations.rules.states import State


def decide(
    rules: EventRules,
    taken: SeatsTaken,
    applicant: Applicant,
    now: datetime,
    *,
    line: Iterable[Applicant] = (),
) -> Decision:
    """What `applicant` gets at `now`; those who waited before have been promoted already.

    Where the office promotes them instead, nobody overtakes those in `line`: it is only read there,
    and only where there is a seat.
    """
    if barriers := barred(rules, applicant):
        return Decision(None, barriers)
    if rules.by_selection:
        return Decision(State.PENDING, (OfficeSelects(),))
    if lacking := shortages(rules, taken, applicant, now):
        return Decision(State.WAITLISTED, lacking)
    if not rules.is_promoting and overtakes(rules, taken, taken.with_(applicant), line, now):
        return Decision(State.WAITLISTED, (OthersWait(),))
    return Decision(State.CONFIRMED, (SeatFree(_left_for(rules, taken, applicant, now)),))


def overtakes(
    rules: EventRules,
    before: SeatsTaken,
    after: SeatsTaken,
    line: Iterable[Applicant],
    now: datetime,
) -> bool:
    """Whether giving seats passes over somebody in line who could have one before: there are then
    fewer of those that they could have, or their group has none left for them.

    So a seat in the other mode, or one held for others, passes over nobody; nor is anybody passed
    over whom the rules give no seat anyway.
    """
    return any(
        reasons_against(rules, before, each, now) == ()
        and (
            _left_for(rules, after, each, now) < _left_for(rules, before, each, now)
            or shortages(rules, after, each, now)
        )
        for each in line
    )


def reasons_against(
    rules: EventRules, taken: SeatsTaken, applicant: Applicant, now: datetime
) -> tuple[Barrier | Shortage, ...]:
    """Everything that keeps a seat from them at `now`."""
    return (*barred(rules, applicant), *shortages(rules, taken, applicant, now))


def reasons_to_wait(
    rules: EventRules, taken: SeatsTaken, applicant: Applicant, now: datetime
) -> tuple[Barrier | Shortage | OthersWait, ...]:
    """Why somebody who waits has no seat; empty where one is about to come to them by itself."""
    reasons = reasons_against(rules, taken, applicant, now)
    is_offices = not (rules.is_promoting or rules.by_selection)
    return reasons or ((OthersWait(),) if is_offices else ())


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
    for hold in holds_in_force(rules, is_online, now):
        missing = max(0, hold.seats - taken.of_roles(hold.roles, is_online))
        kept = min(missing, free)
        free -= kept
        yield hold, kept


def holds_in_force(rules: EventRules, is_online: bool, now: datetime) -> list[Hold]:
    """The holds of a mode that are not over."""
    return [hold for hold in rules.holds if hold.is_online is is_online and now < hold.until]


def held_but_given(rules: EventRules, taken: SeatsTaken, is_online: bool, now: datetime) -> int:
    """How many seats of a mode that are still held for some are given to others."""
    missing = sum(
        max(0, hold.seats - taken.of_roles(hold.roles, is_online))
        for hold in holds_in_force(rules, is_online, now)
    )
    return max(0, min(missing, taken.in_mode(is_online) + missing - rules.capacity(is_online)))


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
        if not reasons_against(rules, taken, each.applicant, now):
            seated.append(each.number)
            taken.give(each.applicant)
    return seated


def admitted(
    rules: EventRules,
    taken: SeatsTaken,
    applied: Sequence[Waiting],
    waiting: Sequence[Waiting],
    now: datetime,
) -> list[int]:
    """The numbers of those who get a seat once there is no selection any more, as they came.

    Where the office promotes, nobody overtakes those who wait, nor who comes to wait by this. Seats
    get fewer, so who could have none in their turn keeps nobody from one afterwards.
    """
    if rules.is_promoting:
        return promoted(rules, taken, [*applied, *waiting], now)
    kinds = dict.fromkeys(_kind(rules, each.applicant) for each in waiting)
    line = {who: None for who in kinds if not reasons_against(rules, taken, who, now)}
    seated, taken = [], SeatsTaken(taken)
    for each in sorted(applied, key=lambda one: one.number):
        decision = decide(rules, taken, each.applicant, now, line=line)
        if decision.state is State.CONFIRMED:
            seated.append(each.number)
            taken.give(each.applicant)
        elif OthersWait() in decision.reasons:
            line[_kind(rules, each.applicant)] = None
    return seated


def _kind(rules: EventRules, who: Applicant) -> Applicant:
    """What seats at the event are given by: many who wait are of one kind, and looked at once."""
    has_cap = any(cap.per is Dimension.INSTITUTION for cap in rules.caps)
    return replace(who, sessions=frozenset(), institution=who.institution if has_cap else "")


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
