"""Moving an event by whole days, its agenda and its registration with it."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from interact_events.accounts.models import User
from interact_events.core import words
from interact_events.core.clock import to_local, to_utc
from interact_events.core.errors import DomainError
from interact_events.events.actions import EventValues, values_of
from interact_events.events.models import Event
from interact_events.planning.policies import why_not_move
from interact_events.planning.rules import Registration, shifted
from interact_events.registrations.actions import Changed, change_event, lock_event

FIELDS = {
    "starts": "to",
    "ends": "to",
    "registration_opens": "registration",
    "registration_closes": "registration",
}
THERE_ALREADY = "The event is on that day already."


class ChangedMeanwhile(DomainError):
    """The event has changed since the mover saw it, perhaps by their own first press."""


@dataclass(frozen=True)
class Move:
    """To which first day; `version` is the one of the event that the mover saw."""

    to: date
    registration: Registration
    version: int | None


def move_event(event: Event, move: Move, *, actor: User, now: datetime) -> Changed:
    """Save the event on other days, as its form would, at the same hours of the wall clock."""
    lock_event(event)
    if why := why_not_move(event, now):
        raise DomainError(why)
    if move.version != event.version:
        raise ChangedMeanwhile(
            "This event has changed since you opened this page. This press has moved nothing: see "
            "below what changed, and decide again."
        )
    if move.to == to_local(event.starts_at, event.zone).date():
        raise DomainError(THERE_ALREADY, "to")
    values = moved_values(event, move.to, move.registration, now=now)
    check_move(event, values, now=now)
    try:
        return change_event(event, values, actor=actor, now=now)
    except DomainError as refusal:
        raise DomainError(refusal.message, FIELDS.get(refusal.field or "")) from None


def moved_values(
    event: Event, to: date, registration: Registration, *, now: datetime
) -> EventValues:
    """The event as it would be with its first day there."""
    by = to - to_local(event.starts_at, event.zone).date()
    values = replace(values_of(event, by), takes_agenda=True, version=event.version)
    opens, closes = values.registration_opens, values.registration_closes
    opens, closes = opens and opens - by, closes and closes - by
    if registration is Registration.MOVES:
        begun = event.registration_opens_at
        has_opened = event.is_published and begun is not None and begun <= now
        opens, closes = shifted(opens, closes, by, has_opened=has_opened)
    return replace(values, registration_opens=opens, registration_closes=closes)


def check_move(event: Event, values: EventValues, *, now: datetime) -> None:
    """Refuse a day that is over, and registration that would close too late or at once."""
    starts = to_utc(values.starts, values.zone, field="to")
    if starts <= now:
        raise DomainError(f"{words.moment(starts, values.zone)} is over. Choose a later day.", "to")
    if values.registration_closes is None:
        return
    closes = to_utc(values.registration_closes, values.zone, field="registration")
    when = words.moment(closes, values.zone)
    if closes > starts:
        raise DomainError(
            f"Registration would close on {when}, after the event starts. Let its times move "
            "along, or choose a later day.",
            "registration",
        )
    if closes <= now < event.closes_at:
        raise DomainError(
            f"Registration would have closed on {when} already. Let its times stay, or choose a "
            "later day.",
            "registration",
        )
