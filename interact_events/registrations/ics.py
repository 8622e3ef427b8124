"""The calendar that goes along with a mail: one version of one entry, for its one recipient."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from interact_events.core import ics
from interact_events.core.itip import Message
from interact_events.core.links import url
from interact_events.registrations.models import Registration

Entries = Mapping[str, ics.Entry]


def invitation(
    message: Message, entries: Entries, registration: Registration, *, sender: str, at: datetime
) -> bytes:
    """`entries` are those of the person as they are now, by UID: what is cancelled may no longer
    be among them. `at` is when it is said."""
    entry = _cancelled(message, registration, sender)
    if message.method is ics.Method.REQUEST:
        entry = entries[message.uid]
    attendee = ics.Attendee(registration.name, registration.user.email)
    sent = replace(entry, sequence=message.sequence, revised_at=at, attendee=attendee)
    return ics.calendar([sent], method=message.method)


def _cancelled(message: Message, registration: Registration, sender: str) -> ics.Entry:
    """The entry that they have, so that they recognise it."""
    event, facts = registration.event, message.facts
    return ics.Entry(
        uid=message.uid,
        sequence=message.sequence,
        revised_at=event.revised_at,
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        zone=facts.zone,
        summary=facts.title,
        location=facts.where,
        description=event.cancellation_reason,
        url=url("event_page.show", slug=event.slug),
        organizer=event.office.name,
        organizer_email=sender,
        is_cancelled=True,
        is_private=True,
    )
