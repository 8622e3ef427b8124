"""Events as other machines read them: schema.org for search engines."""

from itertools import groupby
from typing import Any

from interact_events.core import links
from interact_events.core.clock import to_local
from interact_events.events.models import Event, Mode, Session

ATTENDANCE = {
    Mode.IN_PERSON: "OfflineEventAttendanceMode",
    Mode.ONLINE: "OnlineEventAttendanceMode",
    Mode.HYBRID: "MixedEventAttendanceMode",
}


def event_address(event: Event) -> str:
    """The absolute address of the event's public page."""
    return links.url("event_page.show", slug=event.slug)


def agenda_days(event: Event) -> list[list[Session]]:
    """The agenda day by day of the event's zone."""
    by_day = groupby(event.agenda, lambda s: to_local(s.starts_at, event.zone).date())
    return [list(sessions) for _day, sessions in by_day]


def schema_org(event: Event) -> dict[str, Any]:
    """The event in schema.org's words; never with the joining link."""
    address = event_address(event)
    return {
        "@context": "https://schema.org",
        "@type": "EducationEvent",
        "@id": address,
        "url": address,
        "name": event.title,
        "description": event.summary,
        "startDate": to_local(event.starts_at, event.zone).isoformat(),
        "endDate": to_local(event.ends_at, event.zone).isoformat(),
        "eventStatus": "https://schema.org/"
        + ("EventCancelled" if event.is_cancelled else "EventScheduled"),
        "eventAttendanceMode": f"https://schema.org/{ATTENDANCE[event.mode]}",
        "location": _locations(event, address),
        "inLanguage": event.language,
        "isAccessibleForFree": True,
        "maximumAttendeeCapacity": event.capacity,
        "organizer": {
            "@type": "Organization",
            "name": event.office.name,
            "url": links.url("events.catalogue", office=event.office.code),
        },
    }


def _locations(event: Event, address: str) -> list[dict[str, Any]]:
    online = {"@type": "VirtualLocation", "url": address}
    place = {
        "@type": "Place",
        "name": event.venue or event.place,
        "address": {
            "@type": "PostalAddress",
            "streetAddress": event.address,
            "addressLocality": event.city,
            "addressCountry": event.country.code if event.country else "",
        },
    }
    return [place] * event.mode.has_place + [online] * event.mode.has_link
