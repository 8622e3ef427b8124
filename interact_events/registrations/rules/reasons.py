"""What an applicant gets, and every reason for it as data."""

from dataclasses import dataclass
from typing import TypeAlias

from interact_events.registrations.rules.seats import Cap, Hold, Step
from interact_events.registrations.rules.states import State


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
    """A seat is free, and the office chooses who of those who wait gets it."""


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
