"""Another event like one that there is."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from interact_events.accounts.models import User
from interact_events.core import audit
from interact_events.core.clock import to_local
from interact_events.events.actions.agenda import new_session
from interact_events.events.actions.saving import new_event
from interact_events.events.actions.values import EventValues, session_values, values_of
from interact_events.events.models import Event
from interact_events.interreg.models import Country, Office


@dataclass(frozen=True, kw_only=True)
class Elsewhere:
    """Where a copy takes place, if not where the event does; its clocks are the office's."""

    office: Office
    city: str
    country: Country | None
    venue: str = ""


def duplicate_event(
    event: Event,
    title: str,
    first_day: date,
    *,
    actor: User,
    now: datetime,
    host: str,
    to: Elsewhere | None = None,
    is_template: bool = False,
) -> Event:
    """A new draft like `event` that starts on `first_day`, with its agenda, at the same hours.

    It may be one of another office or in another place, and a template itself.
    """
    days = first_day - to_local(event.starts_at, event.zone).date()
    values = _values_of(event, title, days)
    if to:
        values = _moved_to(to, values, event.office)
    if is_template:
        values = replace(values, joining_url="")
    office = to.office if to else event.office
    copy = new_event(office, values, actor=actor, now=now, host=host)
    copy.online_capacity = event.online_capacity
    copy.is_template = is_template
    copy.made_from_id = event.id if event.is_template else None
    for session in event.agenda:
        moved = session_values(session, event.zone, days)
        copy.sessions.append(new_session(copy, moved, now=now))
    did = "saved as a template" if is_template else "copied"
    audit.record(did, event, actor=actor, now=now, copy=copy.slug)
    return copy


def _values_of(event: Event, title: str, shift: timedelta) -> EventValues:
    """What a copy takes over; what the event cost, and who has agreed to help, stays with it."""
    own = {"actual_cost": None, "internal_notes": "", "co_organisers": ()}
    return values_of(event, shift, title=title, **own)


def _moved_to(to: Elsewhere, values: EventValues, before: Office) -> EventValues:
    """In another place, perhaps of another office, which is asked instead."""
    place: dict[str, Any] = {"venue": "", "address": "", "city": "", "country": None}
    if values.mode.has_place:
        place |= {"venue": to.venue, "city": to.city, "country": to.country}
    if to.office.id != before.id:
        place |= {"zone": to.office.zone, "contact_name": to.office.name}
        place |= {"contact_email": to.office.email}
    return replace(values, joining_url="", **place)
