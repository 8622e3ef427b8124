"""An event's rules as people describe them, and what is refused of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from interact_events.core.errors import DomainError
from interact_events.events.models import Admission
from interact_events.interreg.models import Country, Programme, StakeholderRole, Strand
from interact_events.registrations.models import Promotion, Reconfirmation
from interact_events.registrations.rules import Dimension


@dataclass(frozen=True, kw_only=True)
class StepValues:
    """From when on (None: the beginning) how many; on the wall clock of the event's zone."""

    since: datetime | None = None
    most: int | None = None


@dataclass(frozen=True, kw_only=True)
class CapValues:
    per: Dimension
    role: StakeholderRole | None = None
    steps: tuple[StepValues, ...]


@dataclass(frozen=True, kw_only=True)
class HoldValues:
    roles: tuple[StakeholderRole, ...]
    seats: int
    until: datetime
    is_online: bool = False


@dataclass(frozen=True, kw_only=True)
class SeatValues:
    """An event's rules as a person describes them; times are those of the event's zone."""

    admission: Admission
    capacity: int
    online_capacity: int = 0
    registration_opens: datetime | None = None
    registration_closes: datetime | None = None
    decision_on: date | None = None
    roles: tuple[StakeholderRole, ...] = ()
    strands: tuple[Strand, ...] = ()
    programmes: tuple[Programme, ...] = ()
    countries: tuple[Country, ...] = ()
    by_invitation: bool = False
    promotion: Promotion = Promotion.AUTOMATIC
    offer_hours: int = 48
    caps: tuple[CapValues, ...] = ()
    holds: tuple[HoldValues, ...] = ()
    reconfirm_on_site: Reconfirmation | None = None
    reconfirm_online: Reconfirmation | None = None
    version: int | None = None


class RulesRefused(DomainError):
    """Nothing was changed; `refusals` are all there are, each with its field."""

    def __init__(self, refusals: Sequence[DomainError]) -> None:
        super().__init__(" ".join(each.message for each in refusals), refusals[0].field)
        self.refusals = refusals


class Refusals:
    """Collects what is wrong, so that it is said all at once."""

    def __init__(self) -> None:
        self.found: dict[tuple[str | None, str], DomainError] = {}

    @contextmanager
    def noted(self) -> Iterator[None]:
        try:
            yield
        except DomainError as refusal:
            for each in refusal.refusals if isinstance(refusal, RulesRefused) else [refusal]:
                self.found.setdefault((each.field, each.message), each)

    def raise_any(self) -> None:
        if len(self.found) == 1:
            raise next(iter(self.found.values()))
        if self.found:
            raise RulesRefused(list(self.found.values()))
