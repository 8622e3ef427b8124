"""Reading templates, what was made from them, and series."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload, lazyload, selectinload

from interact_events.core import words
from interact_events.core.audit import AuditEntry
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.events.actions import described
from interact_events.events.models import Event, EventState, Session
from interact_events.interreg.models import Office
from interact_events.registrations.models import Registration, SeatRules, State
from interact_events.registrations.queries import holds_seat
from interact_events.series.models import Series, SeriesEvent
from interact_events.series.rules import AGENDA, FOLLOWED, Difference, Edit, differences

# -- templates -----------------------------------------------------------------------------------


def templates_for(office: Office) -> Sequence[Event]:
    """The office's own templates, then the network's, which are the secretariat's; by title."""
    of_network = Event.office.has(Office.is_secretariat)
    query = (
        select(Event)
        .where(Event.is_template, or_(Event.office_id == office.id, of_network))
        .options(selectinload(Event.sessions))
        .order_by(Event.office_id != office.id, Event.title, Event.id)
    )
    return db.session.scalars(query).unique().all()


def template_for(office: Office, slug: str) -> Event | None:
    """One of those that the office may use."""
    of_network = Event.office.has(Office.is_secretariat)
    return db.session.scalar(
        select(Event).where(
            Event.slug == slug, Event.is_template, or_(Event.office_id == office.id, of_network)
        )
    )


def number_made_from(templates: Sequence[Event]) -> dict[int, int]:
    """How many events were made from each, by its number."""
    rows = db.session.execute(
        select(Event.made_from_id, func.count())
        .where(Event.made_from_id.in_([template.id for template in templates]))
        .group_by(Event.made_from_id)
    )
    return {template: number for template, number in rows if template is not None}


def made_from(template: Event, now: datetime) -> Sequence[Event]:
    """What is still to take place of what was made from the template, by time."""
    query = (
        select(Event)
        .where(
            Event.made_from_id == template.id,
            Event.state != EventState.CANCELLED,
            Event.starts_at > now,
        )
        .options(
            joinedload(Event.objective),
            selectinload(Event.sessions),
            selectinload(Event.topics),
            selectinload(Event.roles),
            selectinload(Event.strands),
            selectinload(Event.co_organisers),
        )
        .order_by(Event.starts_at, Event.id)
    )
    return db.session.scalars(query).unique().all()


AGENDA_EDITS = ("session added", "session edited", "session removed")
TAKEN_OVER = "taken over from the template"

# What else is copied once, and where the office finds it at the event: action, what, endpoint.
ELSEWHERE = (
    ("rules changed", "rules of its seats", "seats.edit"),
    ("words changed", "own words of mails", "event_wordings.index"),
    ("words dropped", "own words of mails", "event_wordings.index"),
    ("reminder set", "reminders", "reminders.index"),
    ("reminder reset", "reminders", "reminders.index"),
    ("certificate languages set", "languages of certificates", "office_certificates.index"),
    ("automatic certificates chosen", "issue of certificates", "office_certificates.index"),
    ("automatic certificates stopped", "issue of certificates", "office_certificates.index"),
    ("material added", "materials", "office_materials.index"),
    ("material edited", "materials", "office_materials.index"),
    ("material deleted", "materials", "office_materials.index"),
    ("usual tasks added", "checklist", "checklist.index"),
    ("task added", "checklist", "checklist.index"),
    ("task changed", "checklist", "checklist.index"),
    ("task removed", "checklist", "checklist.index"),
)


class Entry(NamedTuple):
    """A line of the history, as far as templates ask."""

    at: datetime
    action: str
    changes: dict[str, Any]


@dataclass(frozen=True)
class Follower:
    """An event that could follow its template, and in what."""

    event: Event
    differences: list[Difference]
    elsewhere: list[tuple[str, str]]  # what else the template changed, and where it is set here

    @property
    def has_news(self) -> bool:
        return bool(self.differences or self.elsewhere)


def followers_of(template: Event, events: Sequence[Event]) -> list[Follower]:
    """Those of the events that could follow; two statements, however many there are."""
    history = _history([template, *events])
    said = parts_of(template)
    found = [_follower(said, history[template.id], event, history[event.id]) for event in events]
    return [each for each in found if each.has_news]


def _follower(
    said: dict[str, str], of_template: list[Entry], event: Event, own: list[Entry]
) -> Follower:
    taken_over = [
        Edit(entry.at, frozenset(entry.changes["parts"]))
        for entry in own
        if entry.action == TAKEN_OVER
    ]
    differing = differences(
        said,
        parts_of(event),
        made_at=event.created_at,
        of_template=_edits(of_template),
        of_event=_edits(own),
        taken_over=taken_over,
    )
    return Follower(event, differing, _elsewhere(of_template, event, taken_over))


def _elsewhere(
    of_template: Sequence[Entry], event: Event, seen: Sequence[Edit]
) -> list[tuple[str, str]]:
    """What the template has changed since the event was made, or somebody last looked at it."""
    pages = {}
    for action, what, page in ELSEWHERE:
        since = max((edit.at for edit in seen if what in edit.parts), default=event.created_at)
        if any(entry.action == action and entry.at > since for entry in of_template):
            pages[what] = page
    return list(pages.items())


def _edits(entries: Sequence[Entry]) -> list[Edit]:
    edited = [
        Edit(entry.at, frozenset(entry.changes.get("fields", ())))
        for entry in entries
        if entry.action == "edited"
    ]
    agenda = [Edit(e.at, frozenset((AGENDA,))) for e in entries if e.action in AGENDA_EDITS]
    return [*edited, *agenda]


def _history(events: Sequence[Event]) -> dict[int, list[Entry]]:
    asked = {"edited", TAKEN_OVER, *AGENDA_EDITS, *(action for action, _, _ in ELSEWHERE)}
    rows = db.session.execute(
        select(AuditEntry.subject_id, AuditEntry.at, AuditEntry.action, AuditEntry.changes)
        .where(
            AuditEntry.subject_type == Event.__tablename__,
            AuditEntry.subject_id.in_([event.id for event in events]),
            AuditEntry.action.in_(asked),
        )
        .order_by(AuditEntry.id)
    )
    found: dict[int, list[Entry]] = {event.id: [] for event in events}
    for number, at, action, changes in rows:
        found[number].append(Entry(at, action, changes))
    return found


def parts_of(event: Event) -> dict[str, str]:
    """What may follow a template, in words."""
    said = described(event)
    return {part: said[part] for part in FOLLOWED} | {AGENDA: agenda_in_words(event)}


def agenda_in_words(event: Event) -> str:
    """The agenda by days from the first one, a line for each session."""
    first = to_local(event.starts_at, event.zone).date()
    return "\n".join(_line(session, first, event.zone) for session in event.agenda)


def _line(session: Session, first: date, zone: str) -> str:
    starts = to_local(session.starts_at, zone)
    day = (starts.date() - first).days + 1
    facts = [session.title, session.speakers, session.room]
    facts += [words.count(session.capacity, "seat")] if session.capacity else []
    facts += [] if session.is_learning else ["no learning time"]
    span = f"{starts:%H:%M}–{to_local(session.ends_at, zone):%H:%M}"
    return f"Day {day}, {span} {', '.join(fact for fact in facts if fact)}"


def template_of(event: Event) -> Event | None:
    """What it was made from, as long as that is there."""
    return db.session.get(Event, event.made_from_id) if event.made_from_id else None


# -- series --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SeriesLine:
    """A series in the list of an office."""

    series: Series
    events: int
    first: datetime | None
    last: datetime | None


def series_of_office(office: Office) -> list[SeriesLine]:
    """What the office holds together, latest first."""
    rows = db.session.execute(
        select(Series, func.count(Event.id), func.min(Event.starts_at), func.max(Event.ends_at))
        .outerjoin(SeriesEvent, SeriesEvent.series_id == Series.id)
        .outerjoin(Event, Event.id == SeriesEvent.event_id)
        .where(Series.office_id == office.id)
        .options(lazyload(Series.office))
        .group_by(Series.id)
        .order_by(Series.id.desc())
    )
    return [SeriesLine(*row) for row in rows]


def series_numbered(office: Office, number: int) -> Series | None:
    return db.session.scalar(
        select(Series).where(Series.id == number, Series.office_id == office.id)
    )


class Member(NamedTuple):
    """An event of a series, the one that comes first for it, and how many hold a seat or wait for
    one without having a seat there."""

    event: Event
    position: int
    after_id: int | None
    without: int


def members_of(series: Series) -> list[Member]:
    """The events of the series in its order; those of a series without one by time."""
    order = (SeriesEvent.position,) if series.is_ordered else (Event.starts_at,)
    rows = db.session.execute(
        select(Event, SeriesEvent.position, SeatRules.after_event_id)
        .join(SeriesEvent, SeriesEvent.event_id == Event.id)
        .outerjoin(SeatRules, SeatRules.event_id == Event.id)
        .where(SeriesEvent.series_id == series.id)
        .options(selectinload(Event.co_organisers))
        .order_by(*order, Event.id)
    ).unique()
    found = rows.all()
    without = _without_earlier([event.id for event, _, after in found if after])
    return [
        Member(event, position, after, without.get(event.id, 0)) for event, position, after in found
    ]


def _without_earlier(numbers: Collection[int]) -> dict[int, int]:
    """How many people are on each list without a seat at the event that comes first; whom staff
    let in with a reason are not counted."""
    earlier = aliased(Registration)
    has_seat = exists().where(
        earlier.event_id == SeatRules.after_event_id,
        earlier.user_id == Registration.user_id,
        earlier.state == State.CONFIRMED,
    )
    rows = db.session.execute(
        select(Registration.event_id, func.count())
        .join(SeatRules, SeatRules.event_id == Registration.event_id)
        .where(
            Registration.event_id.in_(numbers),
            or_(holds_seat, Registration.state.in_((State.PENDING, State.WAITLISTED))),
            Registration.override == "",
            ~has_seat,
        )
        .group_by(Registration.event_id)
    )
    return dict(iter(rows))


def place_of(event: Event) -> SeriesEvent | None:
    """The event's place in its series, with it."""
    return db.session.scalar(
        select(SeriesEvent)
        .where(SeriesEvent.event_id == event.id)
        .options(joinedload(SeriesEvent.series, innerjoin=True))
    )


def events_without_series(office: Office, now: datetime) -> Sequence[Event]:
    """What the office leads and could put into a series, by time."""
    return (
        db.session.scalars(
            _own(office)
            .where(
                Event.ends_at > now,
                Event.state != EventState.CANCELLED,
                ~exists().where(SeriesEvent.event_id == Event.id),
            )
            .order_by(Event.starts_at, Event.id)
        )
        .unique()
        .all()
    )


def events_to_copy(office: Office) -> Sequence[Event]:
    """What a series can be made from besides templates: the office's latest events."""
    query = _own(office).order_by(Event.starts_at.desc(), Event.id).limit(50)
    return db.session.scalars(query).unique().all()


def _own(office: Office) -> Select[Event]:
    return select(Event).where(Event.office_id == office.id, ~Event.is_template)


class Sibling(NamedTuple):
    """An event of the same series, as the public page of another names it."""

    event: Event
    series: str
    is_ordered: bool


_theirs = aliased(SeriesEvent)
_SIBLINGS = (
    select(Event, Series.name, Series.is_ordered)
    .join(SeriesEvent, SeriesEvent.event_id == Event.id)
    .join(Series, Series.id == SeriesEvent.series_id)
    .where(
        SeriesEvent.series_id
        == select(_theirs.series_id)
        .where(_theirs.event_id == bindparam("event_id"))
        .scalar_subquery(),
        Event.state != EventState.DRAFT,
    )
    .options(lazyload(Event.period), joinedload(Event.office).lazyload(Office.country))
    .order_by(SeriesEvent.position, Event.starts_at, Event.id)
)


def public_series(event: Event) -> list[Sibling]:
    """The public events of the series that the event is part of, itself among them."""
    rows = db.session.execute(_SIBLINGS, {"event_id": event.id}).unique()
    return [Sibling(*row) for row in rows]
