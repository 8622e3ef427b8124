"""An event in people's calendars: an entry for each session."""

from collections.abc import Iterator

from interact_events.core import ics
from interact_events.events.models import Event, Session


def event_calendar(event: Event, *, page_url: str, for_registrant: bool = False) -> bytes:
    """The calendar of one event, to download or to send along.

    Only `for_registrant`, whose seat is confirmed, does it hold the joining link.
    """
    return ics.calendar(event_entries(event, page_url=page_url, for_registrant=for_registrant))


def event_entries(
    event: Event, *, page_url: str, for_registrant: bool = False, is_busy: bool = True
) -> list[ics.Entry]:
    """An entry for each session, cancelled ones among them; one for an event without any."""
    sessions: list[Session | None] = [*event.sessions] or [None]
    joining_url = event.joining_url if for_registrant and event.mode.has_link else ""
    return [_entry(event, each, page_url, joining_url, is_busy) for each in sessions]


def _entry(
    event: Event, session: Session | None, page_url: str, joining_url: str, is_busy: bool
) -> ics.Entry:
    """What changes the whole event also raises the SEQUENCE of each session."""
    times = session or event
    return ics.Entry(
        uid=times.uid,
        sequence=times.sequence,
        revised_at=max(event.revised_at, times.revised_at),
        starts_at=times.starts_at,
        ends_at=times.ends_at,
        zone=event.zone,
        summary=_summary(event, session),
        url=page_url,
        organizer=event.office.name,
        organizer_email=event.office.email,
        description="\n".join(_description(event, session, page_url, joining_url)),
        location=_location(event, session),
        categories=[event.kind.label, *(topic.name for topic in event.topics)],
        joining_url=joining_url,
        is_cancelled=event.is_cancelled or bool(session and session.cancelled_at),
        is_busy=is_busy,
    )


def _summary(event: Event, session: Session | None) -> str:
    if session is None or len(event.sessions) == 1:
        return event.title
    return f"{event.title}: {session.title}"


def _location(event: Event, session: Session | None) -> str:
    room = session.room if session and event.mode.has_place else ""
    return ", ".join(part for part in (room, event.full_place) if part)


def _description(
    event: Event, session: Session | None, page_url: str, joining_url: str
) -> Iterator[str]:
    """Plain lines; what matters most comes first, since clients cut."""
    if event.is_cancelled:
        yield f"Cancelled. {event.cancellation_reason}".strip()
    if joining_url:
        yield f"Join: {joining_url}"
    if session and len(event.sessions) > 1:
        yield session.title
    if session and session.speakers:
        yield f"Speakers: {session.speakers}"
    if event.summary:
        yield event.summary
    yield f"Agenda and changes: {page_url}"
    if event.contact_email:
        yield f"Contact: {event.contact_name} {event.contact_email}".replace("  ", " ")
