"""What an event asks, who asks, and the seats given so far."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias


class Dimension(StrEnum):
    """By what seats are counted; a count's key names the one programme, country …"""

    MODE = "mode"
    ROLE = "role"  # within a mode
    PROGRAMME = "programme"
    COUNTRY = "country"
    INSTITUTION = "institution"
    ROLE_IN_COUNTRY = "role-in-country"
    SESSION = "session"


CAPPED = (Dimension.PROGRAMME, Dimension.COUNTRY, Dimension.INSTITUTION, Dimension.ROLE_IN_COUNTRY)

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

    def with_(self, applicant: Applicant) -> "SeatsTaken":
        """Those, and one for them."""
        taken = SeatsTaken(self)
        taken.give(applicant)
        return taken

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
