"""Reading hand-overs, coordinators and the places of a programme."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import contains_eager, joinedload, raiseload, selectinload

from interact_events.accounts.models import DELETED, User
from interact_events.accounts.queries import token_hash, user_by_email
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Event, EventState
from interact_events.interreg.models import Programme, Strand
from interact_events.nominations.models import Handover, ProgrammeCoordinator
from interact_events.registrations.models import Registration, SeatRules, State
from interact_events.registrations.queries import ACTIVE

# -- hand-overs ----------------------------------------------------------------------------------


_OPEN_HANDOVER = select(Handover).where(
    Handover.registration_id == bindparam("registration_id"), Handover.ended_at.is_(None)
)


def open_handover(registration: Registration) -> Handover | None:
    """The one of this seat that waits for an answer."""
    return db.session.scalar(_OPEN_HANDOVER, {"registration_id": registration.id})


def handover_of_token(token: str) -> Handover | None:
    """The one whose mailed link holds the token, also when it is over."""
    return db.session.scalar(
        select(Handover)
        .join(Handover.registration)
        .where(Handover.token_hash == token_hash(token))
        .options(contains_eager(Handover.registration).joinedload(Registration.programme))
    )


def handovers_to_end(now: datetime) -> Sequence[Handover]:
    """Those that nobody can accept any more, in the order of locks."""
    return db.session.scalars(
        select(Handover)
        .join(Handover.registration)
        .where(
            Handover.ended_at.is_(None),
            or_(Handover.expires_at <= now, Registration.state != State.CONFIRMED),
        )
        .options(contains_eager(Handover.registration))
        .order_by(Registration.event_id, Handover.id)
    ).all()


# -- coordinators --------------------------------------------------------------------------------

_is_active = ProgrammeCoordinator.ended_at.is_(None)


def programmes_of(user: User) -> Sequence[Programme]:
    """The programmes that the person coordinates, by name."""
    return db.session.scalars(
        select(Programme)
        .join(ProgrammeCoordinator, ProgrammeCoordinator.programme_id == Programme.id)
        .where(ProgrammeCoordinator.user_id == user.id, _is_active)
        .order_by(Programme.name, Programme.id)
    ).all()


def coordination(user: User, programme_id: int) -> ProgrammeCoordinator | None:
    """What makes the person a coordinator of the programme, while it lasts."""
    return db.session.scalar(
        select(ProgrammeCoordinator)
        .where(
            ProgrammeCoordinator.user_id == user.id,
            ProgrammeCoordinator.programme_id == programme_id,
            _is_active,
        )
        .options(joinedload(ProgrammeCoordinator.programme))
    )


def all_coordinations() -> Select[ProgrammeCoordinator]:
    """Everybody who coordinates a programme now, by its name."""
    return (
        select(ProgrammeCoordinator)
        .join(ProgrammeCoordinator.programme)
        .where(_is_active)
        .options(
            contains_eager(ProgrammeCoordinator.programme),
            joinedload(ProgrammeCoordinator.user).lazyload(User.memberships),
        )
        .order_by(Programme.name, ProgrammeCoordinator.id)
    )


def active_coordination(number: int) -> ProgrammeCoordinator | None:
    return db.session.scalar(
        select(ProgrammeCoordinator).where(ProgrammeCoordinator.id == number, _is_active)
    )


def coordinations_of_deleted() -> Sequence[ProgrammeCoordinator]:
    """Those of people who have deleted their account."""
    return db.session.scalars(
        select(ProgrammeCoordinator)
        .join(ProgrammeCoordinator.user)
        .where(User.email.endswith(DELETED), _is_active)
    ).all()


# -- nominations ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Nomination:
    """What a mailed link is about, and whose mailbox it went to."""

    registration: Registration
    nominee: User

    @property
    def is_stood_in(self) -> bool:
        """They were at the event in another capacity, so another account holds the place."""
        return self.registration.user_id != self.nominee.id


def sign_nomination(registration: Registration, nominee: User, *, key: str) -> str:
    """The secret in the mailed link; it lasts as long as the nomination."""
    return _serializer(key).dumps([registration.id, nominee.id])


def nomination_of_token(token: str, *, key: str) -> Nomination | None:
    """The one whose mailed link holds the token, also when it is over."""
    try:
        registration_id, nominee_id = _serializer(key).loads(token)
    except (BadData, ValueError, TypeError):
        return None
    registration = nomination(registration_id)
    nominee = db.session.get(User, nominee_id)
    if registration is None or nominee is None or nominee.is_deleted:
        return None
    return Nomination(registration, nominee)


def _serializer(key: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt="nominations.answer")


def nomination(registration_id: int, programme_id: int | None = None) -> Registration | None:
    """A registration that began as a nomination, whatever became of it."""
    query = (
        select(Registration)
        .where(Registration.id == registration_id, Registration.nominated_by_id.is_not(None))
        .options(
            joinedload(Registration.event),
            joinedload(Registration.nominated_by).lazyload(User.memberships),
        )
    )
    if programme_id:
        query = query.where(Registration.programme_id == programme_id)
    return db.session.scalar(query)


STAND_INS = "nominated-"  # how the addresses of those begin who hold somebody's place


def stand_in_address(programme: Programme, event: Event, email: str) -> str:
    """The same for the same nomination; nothing leads from it to the person."""
    facts = f"{programme.id} {event.id} {email.strip().lower()}"
    return f"{STAND_INS}{token_hash(facts)[:20]}{DELETED}"


def stand_in_of(programme: Programme, event: Event, email: str) -> User | None:
    return user_by_email(stand_in_address(programme, event, email))


def nomination_key(registration: Registration) -> str:
    """Names the mail that asked the nominee."""
    return f"registration:{registration.id}:nominated"


def nominee_of(registration: Registration) -> User | None:
    """Who was asked, also where another account holds the place: only the mail says it."""
    person = db.session.scalar(
        select(OutboxMessage.person_id).where(OutboxMessage.key == nomination_key(registration))
    )
    return db.session.get(User, person) if person else None


def nominations_stood_in() -> Sequence[Registration]:
    """Those that are over and still hold the name of somebody whom another account stood for."""
    return db.session.scalars(
        select(Registration)
        .join(Registration.user)
        .where(
            User.email.startswith(STAND_INS),
            User.email.endswith(DELETED),
            Registration.state == State.CANCELLED,
            Registration.name != User.name,
        )
        .options(contains_eager(Registration.user))
    ).all()


# -- a programme's places ------------------------------------------------------------------------


def events_for(programme: Programme, now: datetime) -> Select[Event]:
    """What is coming or running and takes registrations, or has people of the programme.

    An event for other strands only is none of the programme's.
    """
    has_people = (
        select(Registration.id)
        .where(
            Registration.event_id == Event.id,
            Registration.programme_id == programme.id,
            Registration.state != State.CANCELLED,
        )
        .exists()
    )
    is_open = or_(
        Event.registration_closes_at > now,
        Event.registration_closes_at.is_(None) & (Event.starts_at > now),
    )
    has_opened = or_(Event.registration_opens_at.is_(None), Event.registration_opens_at <= now)
    is_for_strand = or_(~Event.strands.any(), Event.strands.any(Strand.id == programme.strand_id))
    return (
        select(Event)
        .where(
            Event.state == EventState.PUBLISHED,
            Event.ends_at > now,
            has_opened,
            or_(has_people, is_open & is_for_strand),
        )
        .options(selectinload(Event.strands))
        .order_by(Event.starts_at, Event.id)
    )


@dataclass(frozen=True)
class Places:
    """Who of a programme is on an event's list, as far as its coordinator may know."""

    people: list[Registration]
    newcomers: int  # who have yet to confirm their address, so nobody is named
    seats: int  # had or held, as far as it is known who has one


def places_of(
    programme: Programme, events: Iterable[Event], now: datetime
) -> defaultdict[int, Places]:
    """The programme's places at each event, by its number and in the order of arrival."""
    rows = db.session.scalars(
        select(Registration)
        .where(
            Registration.programme_id == programme.id,
            Registration.event_id.in_([event.id for event in events]),
            Registration.state != State.CANCELLED,
        )
        .options(raiseload(Registration.user))
        .order_by(Registration.id)
    )
    found: defaultdict[int, list[Registration]] = defaultdict(list)
    for row in rows:
        found[row.event_id].append(row)
    places: defaultdict[int, Places] = defaultdict(lambda: Places([], 0, 0))
    places.update({number: _places(people, now) for number, people in found.items()})
    return places


def _places(rows: Sequence[Registration], now: datetime) -> Places:
    shown = [row for row in rows if row.state_shown(now) in ACTIVE]
    people = [row for row in shown if is_named(row, row.programme_id, now)]
    known = [row for row in shown if row.state_shown(now) is row.state]
    return Places(people, len(shown) - len(people), sum(row.holds_seat for row in known))


def is_named(row: Registration, programme_id: int | None, now: datetime) -> bool:
    """Whether the coordinators of the programme know that this person is on the list."""
    is_newcomer = row.state is State.UNCONFIRMED and row.nominated_by_id is None
    is_on_list = row.state_shown(now) in ACTIVE and not is_newcomer
    return is_on_list and row.programme_id == programme_id


def seat_rules_for(events: Iterable[Event]) -> dict[int, SeatRules]:
    """The rules of each event, by its number; the usual where nobody has said anything."""
    numbers = [event.id for event in events]
    rows = db.session.scalars(select(SeatRules).where(SeatRules.event_id.in_(numbers)))
    own = {row.event_id: row for row in rows}
    return {number: own.get(number) or SeatRules.usual(number) for number in numbers}
