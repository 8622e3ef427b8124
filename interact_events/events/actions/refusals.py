"""What no event and no session may be, each refused in a sentence."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from interact_events.core import words
from interact_events.core.clock import to_local, to_utc, zones
from interact_events.core.errors import DomainError
from interact_events.events.actions.values import EventValues, SessionValues
from interact_events.events.models import Event
from interact_events.events.rules import position_of
from interact_events.interreg.models import Office


def check_event(values: EventValues, office: Office, event: Event | None = None) -> None:
    """Refuse what creating or saving an event of the office would."""
    checked_values(values, office, event)


TEMPLATE = "This is a template, which nobody can come to. Make an event from it first."


def refuse_template(event: Event) -> None:
    """What others are made from is never published and takes nobody in."""
    if event.is_template:
        raise DomainError(TEMPLATE)


CANCELLED = "This event is cancelled, so it stays as it is."


def refuse_cancelled(event: Event) -> None:
    """What people were told is called off is changed no more; what it was stays to be read."""
    if event.is_cancelled:
        raise DomainError(CANCELLED)


@dataclass(frozen=True)
class Checked:
    """Values that keep the rules, with their wall-clock times as instants."""

    values: EventValues
    starts_at: datetime
    ends_at: datetime
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None


def checked_values(values: EventValues, office: Office, event: Event | None) -> Checked:
    if values.zone not in zones():
        raise DomainError("Choose a time zone from the list.", "zone")
    checked = Checked(
        values,
        starts_at=to_utc(values.starts, values.zone, field="starts"),
        ends_at=to_utc(values.ends, values.zone, field="ends"),
        registration_opens_at=_instant(values, "registration_opens"),
        registration_closes_at=_instant(values, "registration_closes"),
    )
    _check_times(checked)
    _check_numbers(values)
    if event:
        refuse_fewer_seats(event, values.capacity)
    _check_network(values, office)
    return checked


def _instant(values: EventValues, field: str) -> datetime | None:
    local: datetime | None = getattr(values, field)
    return local and to_utc(local, values.zone, field=field)


def _check_times(times: Checked) -> None:
    if times.ends_at <= times.starts_at:
        raise DomainError("The event must end after it starts.", "ends")
    check_registration_times(
        times.registration_opens_at, times.registration_closes_at, times.starts_at
    )


def check_registration_times(
    opens: datetime | None, closes: datetime | None, starts_at: datetime
) -> None:
    """Refuse registration that would close after the start or before it opens."""
    if closes and closes > starts_at:
        raise DomainError("Registration must close before the event starts.", "registration_closes")
    if opens and opens >= (closes or starts_at):
        raise DomainError(
            "Registration must open before it closes."
            if closes
            else "Registration must open before the event starts.",
            "registration_opens",
        )


def refuse_fewer_seats(event: Event, capacity: int) -> None:
    """Fewer than are given, but for those that staff gave beyond what there are."""
    given = event.seats_taken
    if capacity < event.fewest_seats:
        least = "as many" if given == event.fewest_seats else f"{event.fewest_seats:,}, as now"
        are = "is" if given == 1 else "are"
        raise DomainError(
            f"{words.count(given, 'seat')} {are} given already. Offer at least {least}.", "capacity"
        )


def _check_numbers(values: EventValues) -> None:
    if values.capacity < 1:
        raise DomainError("Offer at least one seat.", "capacity")
    if not 1 <= values.certificate_threshold <= 100:
        raise DomainError("Give a share from 1 to 100 percent.", "certificate_threshold")
    for field in ("budgeted_cost", "actual_cost"):
        if (getattr(values, field) or 0) < 0:
            raise DomainError("A cost cannot be less than zero.", field)


def _check_network(values: EventValues, office: Office) -> None:
    if values.objective and values.objective.period_id != values.period.id:
        raise DomainError("This objective belongs to another period.", "objective")
    if office in values.co_organisers:
        raise DomainError("The lead office cannot be its own co-organiser.", "co_organisers")
    if values.coordinates and position_of(values.coordinates) is None:
        raise DomainError(
            "Give latitude and longitude as maps copy them, like 60.4458, 22.2530.", "coordinates"
        )
    if values.joining_url and not _is_web_address(values.joining_url):
        raise DomainError("Give an address that starts with https:// or http://.", "joining_url")


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text
    except ValueError:
        return False


def check_session(event: Event, values: SessionValues) -> tuple[datetime, datetime]:
    start = to_utc(values.starts, event.zone, field="starts")
    end = to_utc(values.ends, event.zone, field="ends")
    if end <= start:
        raise DomainError("The session must end after it starts.", "ends")
    if start < event.starts_at or end > event.ends_at:
        raise DomainError(
            f"The session must lie within the event, {_span(event)}.",
            _outside(event, values, start),
        )
    return start, end


def _outside(event: Event, values: SessionValues, start: datetime) -> str:
    """The field that is wrong."""
    first, last = (to_local(at, event.zone).date() for at in (event.starts_at, event.ends_at))
    if not first <= values.starts.date() <= last:
        return "day"
    return "starts" if start < event.starts_at else "ends"


def _span(event: Event) -> str:
    first, last = words.moment(event.starts_at, event.zone), words.moment(event.ends_at, event.zone)
    return f"{first} to {last}"
