"""Reading own words, and the mails that were sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.orm import defer, joinedload

from interact_events.accounts.models import User
from interact_events.core.db import db, reading
from interact_events.core.mail import KINDS, Kind, Owner, Wording
from interact_events.core.outbox import MailState, OutboxMessage
from interact_events.events.models import Event
from interact_events.interreg.models import Office
from interact_events.letters.queries import key_of_letter
from interact_events.messages.models import OwnWording
from interact_events.messages.rules import Own, effective
from interact_events.registrations.models import Registration, State

MOST_TO_PREVIEW = 100


# -- own words -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where words hold: at all events of an office, or at one of them."""

    office: Office
    event: Event | None = None

    @property
    def row(self) -> Office | Event:
        return self.event or self.office


@dataclass(frozen=True)
class Standing:
    """A kind of mail at a place: what was changed there and in the office, and what holds."""

    kind: Kind
    here: OwnWording | None
    above: OwnWording | None  # the office's, seen from an event

    @property
    def now(self) -> Own:
        return effective(_own(self.here), _own(self.above))

    @property
    def inherited(self) -> Own:
        return effective(None, _own(self.above))


def _own(row: OwnWording | None) -> Own | None:
    return Own(row.source, row.is_off) if row else None


def kinds_of_events() -> list[Kind]:
    """The kinds that an office may word itself, in their order in the code."""
    return [k for k in KINDS.values() if k.owner is Owner.EVENT]


def kind_of_events(name: str) -> Kind | None:
    return next((kind for kind in kinds_of_events() if kind.name == name), None)


def standings(place: Place, kinds: Iterable[Kind]) -> list[Standing]:
    """Each kind with what was changed about it, by one statement."""
    wanted = list(kinds)
    rows = db.session.scalars(
        select(OwnWording)
        .where(_at(place), OwnWording.kind.in_([kind.name for kind in wanted]))
        .options(joinedload(OwnWording.changed_by))
    )
    found = {(row.kind, row.event_id is not None): row for row in rows}
    is_event = place.event is not None
    return [
        Standing(
            kind,
            found.get((kind.name, is_event)),
            found.get((kind.name, False)) if is_event else None,
        )
        for kind in wanted
    ]


def _at(place: Place) -> ColumnElement[bool]:
    of_office = (OwnWording.office_id == place.office.id) & OwnWording.event_id.is_(None)
    return or_(of_office, OwnWording.event_id == place.event.id) if place.event else of_office


def own_wording(kind: str, event_id: int | None) -> Wording | None:
    """What the event or its office changed about this kind of mail; asked for each that leaves."""
    if event_id is None:
        return None
    office = select(Event.office_id).where(Event.id == event_id).scalar_subquery()
    mine, of_office = OwnWording.event_id == event_id, OwnWording.event_id.is_(None)
    with reading():  # a worker must not keep others from writing by asking
        rows = db.session.execute(
            select(OwnWording.event_id, OwnWording.source, OwnWording.is_off).where(
                OwnWording.kind == kind, or_(mine, of_office & (OwnWording.office_id == office))
            )
        ).all()
    found = {row.event_id is not None: Own(row.source, row.is_off) for row in rows}
    return Wording(*effective(found.get(True), found.get(False))) if found else None


def people_to_preview(place: Place) -> list[Registration]:
    """Registrations that can stand for the recipient; of an office the latest ones."""
    mine = (
        Registration.event_id == place.event.id
        if place.event
        else Event.office_id == place.office.id
    )
    rows = db.session.scalars(
        select(Registration)
        .join(Registration.event)
        .where(mine, Registration.state != State.CANCELLED)
        .options(joinedload(Registration.event), joinedload(Registration.programme))
        .order_by(Registration.id.desc())
        .limit(MOST_TO_PREVIEW)
    )
    return sorted(rows, key=lambda row: (row.name, row.id))


# -- what was sent -------------------------------------------------------------------------------

_WITHOUT_TEXTS = [
    defer(column, raiseload=True)
    for column in (
        OutboxMessage.values,
        OutboxMessage.sent_text,
        OutboxMessage.sent_html,
        OutboxMessage.calendar,
    )
]
NEWEST_FIRST = OutboxMessage.id.desc()
STOPPED = (MailState.FAILED, MailState.HELD)


@dataclass(frozen=True)
class Sought:
    """What staff look for among mails."""

    state: str = ""
    kind: str = ""
    person: str = ""
    letter: str = ""  # its number

    @property
    def condition(self) -> ColumnElement[bool]:
        found: ColumnElement[bool] = true()
        if self.state:
            known = self.state in set(MailState)
            found &= OutboxMessage.state == MailState(self.state) if known else false()
        if self.kind:
            found &= OutboxMessage.kind == self.kind
        if self.person:
            found &= or_(
                OutboxMessage.to_name.icontains(self.person, autoescape=True),
                OutboxMessage.to_address.icontains(self.person, autoescape=True),
            )
        if self.letter:
            found &= OutboxMessage.key.startswith(key_of_letter(self.letter), autoescape=True)
        return found

    def within(self, address: str) -> str:
        """The address of a list that shows the same."""
        return f"{address}?{urlencode(self.as_query)}" if self.as_query else address

    @property
    def as_query(self) -> dict[str, str]:
        return {name: value for name, value in vars(self).items() if value}


def of_event(event: Event) -> ColumnElement[bool]:
    return OutboxMessage.event_id == event.id


OF_ACCOUNTS = OutboxMessage.event_id.is_(None)
IN_TROUBLE = OutboxMessage.state.in_(STOPPED)


def mails(which: ColumnElement[bool]) -> Select[OutboxMessage]:
    """Newest first, without their texts."""
    return select(OutboxMessage).where(which).options(*_WITHOUT_TEXTS).order_by(NEWEST_FIRST)


def mail_of(event: Event, number: int) -> OutboxMessage | None:
    return _one(number, of_event(event))


def any_mail(number: int) -> OutboxMessage | None:
    """One of those that the secretariat looks after."""
    return _one(number, or_(OF_ACCOUNTS, IN_TROUBLE))


def mail_to(user: User, number: int) -> OutboxMessage | None:
    return _one(number, sent_to(user))


def sent_to(user: User) -> ColumnElement[bool]:
    """What has left for this person; of the rest they know nothing yet."""
    sent = OutboxMessage.state == MailState.SENT
    return (OutboxMessage.person_id == user.id) & sent


def _one(number: int, which: ColumnElement[bool]) -> OutboxMessage | None:
    return db.session.scalar(select(OutboxMessage).where(OutboxMessage.id == number, which))


def kinds_among(which: ColumnElement[bool]) -> list[Kind]:
    """The kinds of these mails, by their titles."""
    names = db.session.scalars(select(OutboxMessage.kind).where(which).distinct())
    return sorted((KINDS[n] for n in names if n in KINDS), key=lambda kind: kind.title)


def numbers_by_state(which: ColumnElement[bool]) -> dict[MailState, int]:
    rows = db.session.execute(
        select(OutboxMessage.state, func.count()).where(which).group_by(OutboxMessage.state)
    )
    found = {row[0]: row[1] for row in rows}
    return {state: found[state] for state in MailState if state in found}


def events_of(rows: Iterable[OutboxMessage]) -> dict[int, Event]:
    """The events that these mails are about, by number."""
    numbers = {row.event_id for row in rows if row.event_id is not None}
    found = db.session.scalars(select(Event).where(Event.id.in_(numbers)))
    return {event.id: event for event in found.unique()}


def in_trouble() -> int:
    """How many mails wait for somebody to look."""
    return db.session.scalar(select(func.count(OutboxMessage.id)).where(IN_TROUBLE)) or 0


def events_in_trouble(office: Office, most: int = 10) -> list[tuple[Event, int]]:
    """The office's events with mails that wait for somebody to look, and how many."""
    numbers = (
        select(OutboxMessage.event_id, func.count(OutboxMessage.id).label("number"))
        .where(IN_TROUBLE)
        .group_by(OutboxMessage.event_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Event, numbers.c.number)
        .join(numbers, numbers.c.event_id == Event.id)
        .where(Event.office_id == office.id)
        .order_by(numbers.c.number.desc(), Event.id)
        .limit(most)
    )
    return [(event, number) for event, number in rows]
