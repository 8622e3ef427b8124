"""Templates, and the events that are made from them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from interact_events.accounts.models import User
from interact_events.core.clock import to_local
from interact_events.core.db import lock
from interact_events.core.errors import DomainError
from interact_events.events.actions import Elsewhere
from interact_events.events.models import Event
from interact_events.interreg.models import Country, Office
from interact_events.registrations.actions import duplicate_event
from interact_events.series import queries
from interact_events.series.actions.membership import put_into
from interact_events.series.models import Series
from interact_events.series.policies import can_make_from
from interact_events.series.rules import stand_in_day

MOST_AT_ONCE = 12
_Differences: TypeAlias = tuple[int, str, date, str]


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """One of several that are made at once; without a city it takes place where the first one
    does, or at home in another office."""

    title: str
    first_day: date
    office: Office
    city: str = ""
    country: Country | None = None
    venue: str = ""


def save_as_template(event: Event, title: str, *, actor: User, now: datetime, host: str) -> Event:
    """A template of the same office that says what the event says; the event stays as it is."""
    if event.is_template:
        raise DomainError("This is a template already.")
    day = stand_in_day(to_local(event.starts_at, event.zone).date())
    return duplicate_event(event, title, day, actor=actor, now=now, host=host, is_template=True)


def make_event(source: Event, new: NewEvent, *, actor: User, now: datetime, host: str) -> Event:
    """A draft like the template or event."""
    if not can_make_from(actor, new.office, source):
        raise DomainError(f"You can’t make events of {new.office.name} from this.", "office")
    return duplicate_event(
        source,
        new.title,
        new.first_day,
        actor=actor,
        now=now,
        host=host,
        to=_place(source, new),
    )


def _place(source: Event, new: NewEvent) -> Elsewhere | None:
    home = new.office
    if home.id == source.office_id and not (new.city or new.venue):
        return None
    return Elsewhere(
        office=home,
        city=new.city or home.city,
        country=new.country or home.country,
        venue=new.venue,
    )


def add_events(
    series: Series,
    source: Event,
    wanted: Sequence[NewEvent],
    *,
    actor: User,
    now: datetime,
    host: str,
) -> list[Event]:
    """Make a draft for each and put it at the end of the series: all of them, or none; pressed
    twice, none."""
    lock(series)
    if not wanted:
        raise DomainError("Say at least for one event when it starts.")
    known = {_told_apart(member.event) for member in queries.members_of(series)}
    made = []
    for number, new in enumerate(wanted, start=1):
        try:
            event = make_event(source, new, actor=actor, now=now, host=host)
            _refuse_second(event, known)
            put_into(series, event, actor=actor, now=now)
        except DomainError as refusal:
            raise DomainError(f"Event {number}: {refusal.message}") from None
        made.append(event)
    return made


def _refuse_second(event: Event, known: Collection[_Differences]) -> None:
    if _told_apart(event) in known:
        raise DomainError(
            f"“{event.title}” is in this series already, on that day in {event.city}. "
            "Give this one another title if you want both."
        )


def _told_apart(event: Event) -> _Differences:
    """What two events of a series differ in."""
    first_day = to_local(event.starts_at, event.zone).date()
    return event.office_id, event.title, first_day, event.city
