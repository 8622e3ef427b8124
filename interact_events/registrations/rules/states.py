"""Where a registration stands, and which moves there are."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


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
        # Pending where the office selects from now on.
        State.WAITLISTED: frozenset(
            (State.PENDING, State.CONFIRMED, State.OFFERED, State.DECLINED, State.CANCELLED)
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
