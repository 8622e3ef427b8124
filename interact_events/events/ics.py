"""An event in calendars: an entry for each session, or one for each day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from interact_events.core import ics, itip, words
from interact_events.core.clock import to_local
from interact_events.events.models import Event, Session

DAY_BEFORE = timedelta(days=1)
HOUR_BEFORE = timedelta(hours=1)  # for who has a way to go
BEFORE_JOINING = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Place:
    """What one person's entries say beyond everybody's."""

    since: datetime | None = None  # when it became so
    sessions: frozenset[int] | None = None  # chosen among those of few seats; None: not asked
    joining_url: str = ""  # their own; the meeting's address is in no calendar
    is_online: bool = False
    is_tentative: bool = False
    status: str = ""  # a sentence, where it is not simply a seat
    page_url: str = ""  # of their registration
    reminds_from: datetime | None = None  # of what starts later; None: of nothing
    organizer_email: str = ""  # where answers to an invitation go
    held: Mapping[str, itip.Held] = field(default_factory=dict)  # what they were sent, by UID


@dataclass(frozen=True, kw_only=True)
class _Part:
    """A session, a day or the whole, as one entry shows it."""

    uid: str
    sequence: int
    revised_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    room: str = ""
    lines: tuple[str, ...] = ()
    items: tuple[itip.Item, ...] = ()
    is_cancelled: bool = False
    reminders: tuple[timedelta, ...] = ()


def invited_days(
    event: Event, *, page_url: str, place: Place
) -> list[tuple[ics.Entry, itip.Facts]]:
    """An entry for each day on which the person takes part, as their own calendar has it by day,
    and what they have to hear of when it changes."""
    parts = _parts(event, place, by_day=True)
    entries = [_entry(event, part, page_url, place, is_busy=True) for part in parts]
    return [(e, _facts(e, part)) for e, part in zip(entries, parts, strict=True)]


def _facts(entry: ics.Entry, part: _Part) -> itip.Facts:
    return itip.Facts(
        title=entry.summary,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        zone=entry.zone,
        where=entry.location,
        items=part.items,
        has_link=bool(entry.joining_url),
    )


def event_entries(
    event: Event,
    *,
    page_url: str,
    place: Place | None = None,
    by_day: bool = False,
    is_busy: bool = True,
) -> list[ics.Entry]:
    """An entry for each session, cancelled ones among them, or for each day that has any; one for
    an event without an agenda."""
    parts = _parts(event, place, by_day)
    if place and place.reminds_from:
        parts = _with_reminders(event, place, place.reminds_from, parts)
    return [_entry(event, part, page_url, place, is_busy) for part in parts]


def _parts(event: Event, place: Place | None, by_day: bool) -> list[_Part]:
    chosen = place.sessions if place else None
    sessions = [
        each
        for each in event.sessions
        if chosen is None or each.capacity is None or each.id in chosen
    ]
    if by_day:
        return _days(event, sessions) or [_whole(event)]
    return [_session(event, each) for each in sessions] or [_whole(event)]


def _session(event: Event, session: Session) -> _Part:
    """What changes the whole event also raises the SEQUENCE of each session."""
    is_one_of_several = len(event.sessions) > 1
    title = [session.title] if is_one_of_several else []
    speakers = [f"Speakers: {session.speakers}"] if session.speakers else []
    return _Part(
        uid=session.uid,
        sequence=session.sequence,
        revised_at=max(event.revised_at, session.revised_at),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        summary=": ".join([event.title, *title]),
        room=session.room,
        lines=(*title, *speakers),
        is_cancelled=session.cancelled_at is not None,
    )


def _days(event: Event, sessions: Sequence[Session]) -> list[_Part]:
    """From each day's first start to its last end; what lasts beyond midnight belongs to the day
    on which it starts. Days are counted by the whole agenda, so that those of who chose few
    sessions are the same entries."""
    days = sorted({_day_of(event, each) for each in event.agenda})
    found = [
        (
            number,
            [
                each
                for each in sessions
                if each.cancelled_at is None and _day_of(event, each) == day
            ],
        )
        for number, day in enumerate(days, start=1)
    ]
    return [_day(event, days, number, of_day) for number, of_day in found if of_day]


def _day_of(event: Event, session: Session) -> date:
    return to_local(session.starts_at, event.zone).date()


def _day(event: Event, days: Sequence[date], number: int, sessions: Sequence[Session]) -> _Part:
    """Its UID is made of the event's and how many days after the first it is, so that it stays
    when the event moves, or loses a day between; the first day's is the event's own, so that it
    stays when the event gets an agenda.

    Every revision of the event or of any session, also of a removed one, raises its SEQUENCE.
    """
    is_online, of = not event.mode.has_place, len(days)
    return _Part(
        uid=_uid_of_day(event, (days[number - 1] - days[0]).days + 1),
        sequence=_all_revisions(event),
        revised_at=_latest_revision(event),
        starts_at=sessions[0].starts_at,
        ends_at=max(each.ends_at for each in sessions),
        summary=event.title if of == 1 else f"{event.title} (day {number} of {of})",
        lines=tuple(_agenda_line(event, each) for each in sessions),
        items=tuple(
            itip.Item(each.title, each.starts_at, each.ends_at, "" if is_online else each.room)
            for each in sessions
        ),
    )


def _uid_of_day(event: Event, number: int) -> str:
    if number == 1:
        return event.uid
    local, _, host = event.uid.rpartition("@")
    return f"{local}.day-{number}@{host}"


def _all_revisions(event: Event) -> int:
    return event.sequence + sum(each.sequence for each in event.sessions)


def _latest_revision(event: Event) -> datetime:
    return max([event.revised_at, *(each.revised_at for each in event.sessions)])


def _agenda_line(event: Event, session: Session) -> str:
    """ "09:00–10:30 EEST Sampling (Room 3; Žofia Krátka)"."""
    time = words.time_span(session.starts_at, session.ends_at, event.zone)
    room = session.room if event.mode.has_place else ""
    more = "; ".join(each for each in (room, session.speakers) if each)
    return f"{time} {session.title}" + (f" ({more})" if more else "")


def _whole(event: Event) -> _Part:
    """Its SEQUENCE goes on where the first day's ended."""
    return _Part(
        uid=event.uid,
        sequence=_all_revisions(event),
        revised_at=_latest_revision(event),
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        summary=event.title,
    )


def _with_reminders(
    event: Event, place: Place, reminds_from: datetime, parts: Sequence[_Part]
) -> list[_Part]:
    """The day before the first entry, and shortly before the first one of each day."""
    if place.is_tentative or event.is_cancelled:
        return list(parts)
    first_of_day: dict[date, str] = {}
    for part in parts:
        if not part.is_cancelled:
            day = to_local(part.starts_at, event.zone).date()
            first_of_day.setdefault(day, part.uid)
    firsts = list(first_of_day.values())
    shortly = BEFORE_JOINING if place.is_online else HOUR_BEFORE

    def reminders(part: _Part) -> tuple[timedelta, ...]:
        if part.uid not in firsts or part.starts_at <= reminds_from:
            return ()
        return (DAY_BEFORE, shortly) if part.uid == firsts[0] else (shortly,)

    return [replace(part, reminders=reminders(part)) for part in parts]


def _entry(
    event: Event, part: _Part, page_url: str, place: Place | None, is_busy: bool
) -> ics.Entry:
    is_tentative = place is not None and place.is_tentative
    is_cancelled = event.is_cancelled or part.is_cancelled
    held = place.held.get(part.uid) if place else None
    return ics.Entry(
        uid=part.uid,
        sequence=held.shown(part.sequence) if held else part.sequence,
        revised_at=max(part.revised_at, (place and place.since) or part.revised_at),
        starts_at=part.starts_at,
        ends_at=part.ends_at,
        zone=event.zone,
        summary=f"Not confirmed: {part.summary}" if is_tentative else part.summary,
        url=page_url,
        organizer=event.office.name,
        organizer_email=(place and place.organizer_email) or event.office.email,
        description="\n".join(_description(event, part, page_url, place)),
        location=_location(event, part, place),
        categories=[event.kind.label, *(topic.name for topic in event.topics)],
        position=None if place and place.is_online else event.position,
        joining_url=place.joining_url if place else "",
        is_cancelled=is_cancelled,
        is_tentative=is_tentative,
        is_busy=is_busy,
        is_private=place is not None,
        reminders=part.reminders,
    )


def _location(event: Event, part: _Part, place: Place | None) -> str:
    if place and place.is_online:
        return "Online"
    room = part.room if event.mode.has_place else ""
    return ", ".join(each for each in (room, event.full_place) if each)


def _description(event: Event, part: _Part, page_url: str, place: Place | None) -> Iterator[str]:
    """Plain lines; what matters most comes first, since clients cut."""
    if event.is_cancelled:
        yield f"Cancelled. {event.cancellation_reason}".strip()
    if place and place.status:
        yield place.status
    if place and place.joining_url:
        yield f"Join: {place.joining_url}"
    yield from part.lines
    if event.summary:
        yield event.summary
    yield f"Agenda and changes: {page_url}"
    if place and place.page_url:
        yield f"Your registration: {place.page_url}"
    if event.contact_email:
        yield f"Contact: {event.contact_name} {event.contact_email}".replace("  ", " ")
