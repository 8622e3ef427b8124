"""Events and sessions as people describe them, with the clocks on their walls."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from interact_events.core.clock import to_local
from interact_events.events.models import Admission, Event, Kind, Mode, Session
from interact_events.interreg.models import (
    Country,
    Objective,
    Office,
    Period,
    StakeholderRole,
    Strand,
    Topic,
)


@dataclass(frozen=True, kw_only=True)
class EventValues:
    """An event as a person describes it; times are the wall clock's in `zone`.

    `version` is the one that the person saw; empty when nobody looked before. `takes_agenda`: the
    agenda moves with the start even where it would still fit.
    """

    title: str
    summary: str = ""
    description: str = ""
    learning_objectives: str = ""
    kind: Kind
    mode: Mode
    language: str = "en"
    period: Period
    objective: Objective | None = None
    roles: tuple[StakeholderRole, ...] = ()
    strands: tuple[Strand, ...] = ()
    topics: tuple[Topic, ...] = ()
    co_organisers: tuple[Office, ...] = ()
    zone: str
    starts: datetime
    ends: datetime
    venue: str = ""
    address: str = ""
    city: str = ""
    country: Country | None = None
    coordinates: str = ""
    joining_url: str = ""
    admission: Admission = Admission.FIRST_COME
    capacity: int
    registration_opens: datetime | None = None
    registration_closes: datetime | None = None
    certificate_threshold: int = 80
    contact_name: str = ""
    contact_email: str = ""
    internal_notes: str = ""
    budgeted_cost: Decimal | None = None
    actual_cost: Decimal | None = None
    version: int | None = None
    takes_agenda: bool = False


@dataclass(frozen=True, kw_only=True)
class SessionValues:
    """An item of the agenda as a person describes it, in the event's zone."""

    title: str
    starts: datetime
    ends: datetime
    room: str = ""
    speakers: str = ""
    capacity: int | None = None
    is_learning: bool = True


# Fields that an event takes from its values as they are.
PLAIN = (
    *("title", "summary", "description", "learning_objectives", "kind", "mode", "language"),
    *("period", "objective", "zone", "venue", "address", "city", "country", "coordinates"),
    *(
        "joining_url",
        "admission",
        "capacity",
        "certificate_threshold",
        "contact_name",
        "contact_email",
    ),
    *("internal_notes", "budgeted_cost", "actual_cost"),
)

SEVERAL = ("roles", "strands", "topics", "co_organisers")

INSTANTS = ("starts_at", "ends_at", "registration_opens_at", "registration_closes_at")


def values_of(event: Event, shift: timedelta = timedelta(), **changed: Any) -> EventValues:
    """The event as it is, or `shift` later on the wall clock, but for those that are `changed`."""
    plain = {field: getattr(event, field) for field in PLAIN}
    several = {field: tuple(getattr(event, field)) for field in SEVERAL}
    times = {
        field.removesuffix("_at"): _wall_clock(getattr(event, field), event.zone, shift)
        for field in INSTANTS
    }
    return EventValues(**(plain | several | times | changed))


def session_values(session: Session, zone: str, shift: timedelta) -> SessionValues:
    starts = _wall_clock(session.starts_at, zone, shift)
    ends = _wall_clock(session.ends_at, zone, shift)
    assert starts
    assert ends
    return SessionValues(
        title=session.title,
        starts=starts,
        ends=ends,
        room=session.room,
        speakers=session.speakers,
        capacity=session.capacity,
        is_learning=session.is_learning,
    )


def _wall_clock(instant: datetime | None, zone: str, shift: timedelta) -> datetime | None:
    return instant and to_local(instant, zone).replace(tzinfo=None, fold=0) + shift
