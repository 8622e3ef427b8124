"""Who gets a seat: pure decisions over plain data. No database, no clock.

A decision carries its reasons as data; policies.py puts them into words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TypeAlias


class State(StrEnum):
    """Where a registration stands."""

    UNCONFIRMED = "unconfirmed"  # a newcomer who has not pressed the mailed button yet
    PENDING = "pending"  # applied, the office decides
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return {"pending": "Application pending", "waitlisted": "On the waiting list"}.get(
            self.value, self.value.capitalize()
        )


MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.UNCONFIRMED: frozenset(
            (State.PENDING, State.CONFIRMED, State.WAITLISTED, State.CANCELLED)
        ),
        State.PENDING: frozenset(
            (State.CONFIRMED, State.WAITLISTED, State.DECLINED, State.CANCELLED)
        ),
        State.WAITLISTED: frozenset((State.CONFIRMED, State.DECLINED, State.CANCELLED)),
        State.CONFIRMED: frozenset((State.CANCELLED,)),
        State.DECLINED: frozenset((State.CONFIRMED, State.WAITLISTED)),
        State.CANCELLED: frozenset(),  # who comes back registers anew, at the end of the queue
    }
)


@dataclass(frozen=True, slots=True)
class EventRules:
    """What an event asks; empty roles or strands mean all of them."""

    capacity: int
    by_selection: bool = False
    roles: frozenset[int] = frozenset()
    strands: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Applicant:
    """In which capacity somebody asks; no strand means no programme."""

    role: int
    strand: int | None = None


@dataclass(frozen=True, slots=True)
class SeatsTaken:
    """The seats given so far."""

    total: int = 0

    def plus(self, _applicant: Applicant) -> "SeatsTaken":
        """The count once `_applicant` has a seat as well."""
        return replace(self, total=self.total + 1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody in the queue; the lower number came first."""

    number: int
    applicant: Applicant


@dataclass(frozen=True, slots=True)
class RoleNotInvited:
    roles: frozenset[int]  # those who are


@dataclass(frozen=True, slots=True)
class StrandNotInvited:
    strands: frozenset[int]  # those that are


@dataclass(frozen=True, slots=True)
class OfficeSelects:
    """Nobody has a seat before the office has chosen."""


@dataclass(frozen=True, slots=True)
class AllSeatsTaken:
    capacity: int


@dataclass(frozen=True, slots=True)
class SeatFree:
    left: int


Reason: TypeAlias = RoleNotInvited | StrandNotInvited | OfficeSelects | AllSeatsTaken | SeatFree


@dataclass(frozen=True, slots=True)
class Decision:
    """What an applicant gets, and every reason for it; without a state they are refused."""

    state: State | None
    reasons: tuple[Reason, ...]

    @property
    def is_refused(self) -> bool:
        return self.state is None


def decide(rules: EventRules, taken: SeatsTaken, applicant: Applicant) -> Decision:
    """What `applicant` gets now; those who waited before have been promoted already."""
    obstacles = barred(rules, applicant)
    if obstacles:
        return Decision(None, obstacles)
    if rules.by_selection:
        return Decision(State.PENDING, (OfficeSelects(),))
    if taken.total >= rules.capacity:
        return Decision(State.WAITLISTED, (AllSeatsTaken(rules.capacity),))
    return Decision(State.CONFIRMED, (SeatFree(rules.capacity - taken.total),))


def barred(rules: EventRules, applicant: Applicant) -> tuple[Reason, ...]:
    """Why the event is not for them, whatever seats there are."""
    obstacles: list[Reason] = []
    if rules.roles and applicant.role not in rules.roles:
        obstacles.append(RoleNotInvited(rules.roles))
    if rules.strands and applicant.strand not in rules.strands:
        obstacles.append(StrandNotInvited(rules.strands))
    return tuple(obstacles)


def promoted(rules: EventRules, taken: SeatsTaken, waiting: Iterable[Waiting]) -> list[int]:
    """The numbers of those who get a seat now, in order of arrival among whom the rules allow.

    Where the office selects, it also chooses who follows.
    """
    seated: list[int] = []
    for each in sorted(waiting, key=lambda one: one.number):
        if decide(rules, taken, each.applicant).state is State.CONFIRMED:
            seated.append(each.number)
            taken = taken.plus(each.applicant)
    return seated
