"""Reading events."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias, TypeVar

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import aliased, contains_eager, joinedload, lazyload, selectinload, undefer

from interact_events.accounts.models import User
from interact_events.core import words
from interact_events.core.audit import AuditEntry
from interact_events.core.clock import midnight
from interact_events.core.db import Base, UtcDateTime, db
from interact_events.events.models import LANGUAGES, Event, EventState, Kind, Mode, Session
from interact_events.events.rules import learning_minutes
from interact_events.interreg.models import (
    Country,
    Objective,
    Office,
    Period,
    StakeholderRole,
    Strand,
    Topic,
)

T = TypeVar("T")

CATALOGUE_ZONE = "Europe/Brussels"  # whose days from–to means; one for all, so that links agree


def office_event(code: str, slug: str) -> Event | None:
    """The event of that lead office, in whatever state."""
    return db.session.scalar(_OFFICE_EVENT, {"slug": slug, "code": code})


# What each press at an opening or a desk asks is a statement that is made once.
_OFFICE_EVENT = (
    select(Event)
    .join(Event.office)
    .where(Event.slug == bindparam("slug"), Office.code == bindparam("code"))
    .options(contains_eager(Event.office))
)
PUBLIC_EVENT = (
    select(Event)
    .where(Event.slug == bindparam("slug"), Event.state != EventState.DRAFT)
    .options(
        joinedload(Event.office).lazyload(Office.country),
        lazyload(Event.period),
        undefer(Event.has_choice),
    )
)


def public_event(slug: str) -> Event | None:
    """The event that everybody may see: published or cancelled, never a draft."""
    return db.session.scalar(PUBLIC_EVENT, {"slug": slug})


def is_slug_taken(slug: str) -> bool:
    """Whether an event has it, or the form for new events has."""
    return (
        slug == "new" or db.session.scalar(select(Event.id).where(Event.slug == slug)) is not None
    )


def session_of(event: Event, session_id: int) -> Session | None:
    """The session of that number, if it is on this event's agenda."""
    return next((session for session in event.agenda if session.id == session_id), None)


# -- the catalogue -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What somebody asks of the catalogue; empty means anything."""

    q: str = ""
    office: str = ""
    role: str = ""
    topic: str = ""
    kind: Kind | None = None
    mode: Mode | None = None
    language: str = ""
    first: date | None = None
    last: date | None = None
    has_seats: bool = False
    past: bool = False

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "Filters":
        """Read an address's query; what makes no sense there is as if it was not there."""
        return cls(
            q=args.get("q", "").strip()[:100],
            office=args.get("office", ""),
            role=args.get("role", ""),
            topic=args.get("topic", ""),
            kind=_one_of(Kind, args.get("kind")),
            mode=_one_of(Mode, args.get("mode")),
            language=args.get("language", "") if args.get("language") in LANGUAGES else "",
            first=_day(args.get("from")),
            last=_day(args.get("to")),
            has_seats=bool(args.get("seats")),
            past=bool(args.get("past")),
        )

    @property
    def has_details(self) -> bool:
        """Whether any of the rarer filters is set."""
        rarer = (self.topic, self.kind, self.language, self.first, self.last, self.has_seats)
        return any(rarer) or self.past

    @property
    def to_args(self) -> dict[str, str]:
        """The query that means these filters, for links."""
        names = {"first": "from", "last": "to", "has_seats": "seats"}
        return {
            names.get(name, name): "1" if value is True else str(value)
            for name, value in asdict(self).items()
            if value
        }


def _one_of(choices: type[T], value: str | None) -> T | None:
    try:
        return choices(value)  # type: ignore[call-arg]  # an enum takes a value
    except ValueError:
        return None


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 1970 <= day.year <= 9000 else None


Span: TypeAlias = tuple[datetime | None, datetime | None]  # to its end or its beginning: nothing


def catalogue(
    filters: Filters,
    now: datetime,
    taken: ColumnElement[int] | None = None,
    span: Span | None = None,
) -> Select[Event]:
    """What is published and matches, coming ones by time or past ones latest first; `taken` are
    the seats that everybody may know to be taken, where not all are. Of a `span` whatever takes
    place in it, be it past or coming."""
    query = select(Event).where(Event.state != EventState.DRAFT)
    query = _between(query, filters)
    query = _within(query, span) if span else _in_time(query, filters, now)
    if filters.has_seats:
        query = query.where(*_with_seats(now, taken))
    query = of_sort(query, filters)
    for word in words.folded(filters.q).split():
        query = query.where(*_containing(word))
    return query.options(*_WITH_LISTS)


_WITH_LISTS = (
    selectinload(Event.roles),
    selectinload(Event.topics),
    selectinload(Event.sessions),
)
LISTED = select(Event).options(*_WITH_LISTS)


def _containing(word: str) -> list[ColumnElement[bool]]:
    """An event whose text holds the word; on PostgreSQL an index finds it by parts of three
    letters."""
    contains = Event.search_text.contains(word, autoescape=True)
    if len(word) < 3 or not _is_postgresql():
        return [contains]
    parts = cast(sorted({word[at : at + 3] for at in range(len(word) - 2)}), ARRAY(Text))
    return [func.parts(Event.search_text).op("@>", is_comparison=True)(parts), contains]


def _between(query: Select[Event], filters: Filters) -> Select[Event]:
    if filters.first:
        query = query.where(Event.ends_at > midnight(filters.first, CATALOGUE_ZONE))
    if filters.last:
        query = query.where(
            Event.starts_at < midnight(filters.last + timedelta(days=1), CATALOGUE_ZONE)
        )
    return query


def _within(query: Select[Event], span: Span) -> Select[Event]:
    start, end = span
    if start:
        query = query.where(Event.ends_at > start)
    if end:
        query = query.where(Event.starts_at < end)
    return query.order_by(Event.starts_at, Event.id)


def _in_time(query: Select[Event], filters: Filters, now: datetime) -> Select[Event]:
    if filters.past:  # what has ended has begun: so far an index goes
        is_over = (Event.ends_at <= now, Event.starts_at < now)
        return query.where(*is_over).order_by(Event.starts_at.desc(), Event.id)
    query = query.where(Event.ends_at > now).order_by(Event.starts_at, Event.id)
    return query.where(Event.starts_at >= _first_start(now)) if _is_postgresql() else query


def _is_postgresql() -> bool:
    return db.session.get_bind().dialect.name == "postgresql"


def _first_start(now: datetime) -> Any:
    """Of what is not over yet. An index finds what runs at this moment, so that nobody goes through
    all that has ever been."""
    each = aliased(Event, flat=True)
    span = func.tstzrange(each.starts_at, each.ends_at)
    running = select(func.min(each.starts_at)).where(span.op("@>", is_comparison=True)(_at(now)))
    return func.coalesce(running.scalar_subquery(), _at(now))


def _at(now: datetime) -> ColumnElement[datetime]:
    return literal(now, UtcDateTime())


def _with_seats(now: datetime, taken: ColumnElement[int] | None) -> list[ColumnElement[bool]]:
    closes_at = func.coalesce(Event.registration_closes_at, Event.starts_at)
    is_left = (Event.seats_taken if taken is None else taken) < Event.capacity
    return [Event.state == EventState.PUBLISHED, is_left, closes_at > now]


def of_sort(query: Select[Event], filters: Filters) -> Select[Event]:
    """Those of the office, role, topic, kind, mode and language that are asked for."""
    if filters.office:
        led = Event.office.has(Office.code == filters.office)
        query = query.where(or_(led, Event.co_organisers.any(Office.code == filters.office)))
    if filters.role:  # an event that names no role is for all
        named = Event.roles.any(StakeholderRole.code == filters.role)
        query = query.where(or_(~Event.roles.any(), named))
    if filters.topic:
        query = query.where(Event.topics.any(Topic.code == filters.topic))
    if filters.kind:
        query = query.where(Event.kind == filters.kind)
    if filters.mode:
        query = query.where(Event.mode == filters.mode)
    if filters.language:
        query = query.where(Event.language == filters.language)
    return query


def next_events(now: datetime, number: int) -> list[Event]:
    """The next ones that take place."""
    query = catalogue(Filters(), now).where(Event.state == EventState.PUBLISHED)
    return list(db.session.scalars(query.where(Event.starts_at > now).limit(number)))


def coming_by_office(now: datetime) -> dict[int, int]:
    """How many coming events each office leads, by its number."""
    query = (
        select(Event.office_id, func.count(Event.id))
        .where(Event.state == EventState.PUBLISHED, Event.ends_at > now)
        .group_by(Event.office_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


# -- the offices' side ---------------------------------------------------------------------------


class Shown(StrEnum):
    """Which part of an office's list is shown."""

    COMING = "coming"
    DRAFTS = "drafts"
    PAST = "past"
    CANCELLED = "cancelled"
    ALL = "all"

    @classmethod
    def from_text(cls, text: str | None) -> "Shown":
        return _one_of(cls, text) or cls.COMING


def office_events(office: Office, shown: Shown, search: str, now: datetime) -> Select[Event]:
    """The events that the office leads or co-organises."""
    helped = Event.co_organisers.any(Office.id == office.id)
    query = select(Event).where(or_(Event.office_id == office.id, helped), ~Event.is_template)
    for word in words.folded(search).split():
        query = query.where(Event.search_text.contains(word, autoescape=True))
    coming = Event.ends_at > now
    limits: dict[Shown, list[ColumnElement[bool]]] = {
        Shown.COMING: [coming, Event.state != EventState.CANCELLED],
        Shown.DRAFTS: [Event.state == EventState.DRAFT],
        Shown.PAST: [~coming, Event.state == EventState.PUBLISHED],
        Shown.CANCELLED: [Event.state == EventState.CANCELLED],
        Shown.ALL: [],
    }
    by_time = Event.starts_at if shown is Shown.COMING else Event.starts_at.desc()
    return query.where(*limits[shown]).order_by(by_time, Event.id)


class Obstacle(NamedTuple):
    """What is missing, and on which of the event's pages it is mended."""

    sentence: str
    page: str  # "details", "agenda" or "seats"


def obstacles(event: Event, now: datetime) -> list[Obstacle]:
    """A sentence for each thing that is missing before the event can be published."""
    is_hybrid = event.mode is Mode.HYBRID
    modes = (("on site", event.seats(online=False)), ("online", event.seats(online=True)))
    without = " or ".join(name for name, seats in modes if is_hybrid and not seats)
    share = f"There are no seats {without}: say how many of this hybrid event’s seats are online."
    checks = (
        (event.summary, "Write a summary: it is what people read first.", "details"),
        (event.description, "Write a description.", "details"),
        (event.agenda, "Add at least one session to the agenda.", "agenda"),
        (
            not event.mode.has_place or (event.city and event.country),
            "Say where it takes place: city and country.",
            "details",
        ),
        (event.contact_email, "Give a contact address for questions.", "details"),
        (event.starts_at > now, "The event lies in the past: choose new dates.", "details"),
        (
            event.closes_at > now or event.starts_at <= now,
            "Registration would be closed already: choose a later closing time.",
            "seats",
        ),
        (
            not without,
            share,
            "seats",
        ),
    )
    return [Obstacle(sentence, page) for is_there, sentence, page in checks if not is_there]


def warnings(event: Event) -> list[str]:
    """What is better said before publication, but may follow later."""
    checks = (
        (
            not event.mode.has_link or event.joining_url,
            "There is no joining link yet. It can follow; only confirmed people will see it.",
        ),
        (
            not event.mode.has_place or event.venue,
            "There is no venue yet. People who travel need it early.",
        ),
        (
            not event.agenda or learning_minutes(event.agenda),
            "No session counts as learning time, so nobody will get a certificate.",
        ),
        (event.topics, "Without a topic the event is harder to find."),
    )
    return [sentence for is_there, sentence in checks if not is_there]


@dataclass(frozen=True)
class FieldChange:
    """One field in words; both empty where the content is not kept, only what differs `is_part`
    where it is several sentences."""

    label: str
    before: str
    after: str
    is_quoted: bool
    is_part: bool = False


@dataclass(frozen=True)
class HistoryEntry:
    """One line of an event's history."""

    at: datetime
    who: str
    did: str
    note: str
    changes: list[FieldChange]


LABELS = {
    "learning_objectives": "Objectives",
    "zone": "Time zone",
    "starts_at": "Start",
    "ends_at": "End",
    "venue": "Venue",
    "coordinates": "Point on the map",
    "joining_url": "Joining link",
    "registration_opens_at": "Registration opens",
    "registration_closes_at": "Registration closes",
    "certificate_threshold": "Certificate from (percent)",
    "contact_email": "Contact address",
    "roles": "Target roles",
    "co_organisers": "Co-organisers",
    "is_learning": "Counts as learning time",
}


NOTED = ("session", "material", "about", "reason")  # what an entry names besides what was done


def history(event: Event, limit: int = 50) -> list[HistoryEntry]:
    """What was done to the event, newest first."""
    rows = db.session.execute(
        select(AuditEntry, User.name)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .where(
            AuditEntry.subject_type == Event.__tablename__,
            AuditEntry.subject_id == event.id,
        )
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [history_entry(entry, name) for entry, name in rows]


def history_entry(entry: AuditEntry, name: str | None) -> HistoryEntry:
    """The entry in words; `name` is that of who did it, where they are known."""
    changes: dict[str, Any] = entry.changes
    return HistoryEntry(
        at=entry.at,
        who=name or ("Somebody who has left" if entry.actor_id else "The system"),
        did=entry.action,
        note=next((changes[key] for key in NOTED if changes.get(key)), ""),
        changes=[_field_change(f, pair) for f, pair in (changes.get("fields") or {}).items()],
    )


def _field_change(field: str, pair: list[str]) -> FieldChange:
    before, after = pair or ("", "")
    label = LABELS.get(field) or words.capitalised(field.replace("_", " "))
    if field == "rules" and before and after:
        return FieldChange(label, *_apart(before, after), is_quoted=True, is_part=True)
    return FieldChange(label, before, after, bool(pair))


def _apart(before: str, after: str) -> tuple[str, str]:
    """Of each text the sentences that the other one has not."""
    old, new = (re.split(r"(?<=\.) ", text) for text in (before, after))
    gone = " ".join(sentence for sentence in old if sentence not in new)
    come = " ".join(sentence for sentence in new if sentence not in old)
    return (gone, come) if gone or come else (before, after)


# -- what a form offers --------------------------------------------------------------------------

Row = TypeVar("Row", bound=Base)


def on_offer(model: type[Row], chosen: Iterable[Row] = ()) -> list[Row]:
    """The rows that are not retired, and those that are chosen already."""
    kept = list(chosen)
    return [row for row in rows_of(model) if not row.is_retired or row in kept]  # type: ignore[attr-defined]


ORDERS: dict[str, Any] = {
    "countries": Country.name,
    "offices": Office.name,
    "objectives": Objective.period_id.desc(),
    "periods": Period.starts_on.desc(),
    "stakeholder_roles": StakeholderRole.position,
    "strands": Strand.period_id.desc(),
    "topics": Topic.name,
}


def rows_of(model: type[Row], ids: Iterable[int | None] | None = None) -> list[Row]:
    """All rows in their usual order, or those of the numbers."""
    key: Any = model.id  # type: ignore[attr-defined]  # all have one
    query = select(model).order_by(ORDERS.get(model.__tablename__, key), key)
    if ids is not None:
        query = query.where(key.in_([number for number in ids if number]))
    return list(db.session.scalars(query).unique())
