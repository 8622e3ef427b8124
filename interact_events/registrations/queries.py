"""Reading registrations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, lazyload, selectinload

from interact_events.accounts.models import DELETED, Profile, User
from interact_events.core import words
from interact_events.core.db import db
from interact_events.events.models import Admission, Event, EventState
from interact_events.interreg.models import Country, Programme
from interact_events.registrations.models import Needs, Registration, State
from interact_events.registrations.rules import Applicant, EventRules, Waiting

ACTIVE = (State.UNCONFIRMED, State.PENDING, State.CONFIRMED, State.WAITLISTED)
REACHED = (State.PENDING, State.CONFIRMED, State.WAITLISTED)  # whose address is known to be theirs

is_waiting: ColumnElement[bool] = or_(
    Registration.state == State.WAITLISTED, Registration.upon_confirmation == State.WAITLISTED
)


# -- plain data for the rules --------------------------------------------------------------------


def rules_of(event: Event) -> EventRules:
    """What the event asks."""
    return EventRules(
        capacity=event.capacity,
        by_selection=event.admission is Admission.SELECTION,
        roles=frozenset(role.id for role in event.roles),
        strands=frozenset(strand.id for strand in event.strands),
    )


def applicant_of(profile: Profile) -> Applicant:
    """In which capacity the person of this profile asks."""
    return Applicant(profile.role_id, profile.programme.strand_id if profile.programme else None)


def queue_of(event: Event) -> list[Waiting]:
    """Those who wait for a seat, newcomers who have yet to confirm among them."""
    rows = db.session.execute(
        select(Registration.id, Registration.role_id, Programme.strand_id)
        .outerjoin(Programme, Programme.id == Registration.programme_id)
        .where(Registration.event_id == event.id, is_waiting)
        .order_by(Registration.id)
    )
    return [Waiting(number, Applicant(role, strand)) for number, role, strand in rows]


# -- one person ----------------------------------------------------------------------------------


def standing_registration(event: Event, user: User) -> Registration | None:
    """Their registration for the event, declined ones included, cancelled ones not."""
    return db.session.scalar(
        select(Registration).where(
            Registration.event_id == event.id,
            Registration.user_id == user.id,
            Registration.state != State.CANCELLED,
        )
    )


def own_registration(user: User, registration_id: int) -> Registration | None:
    return db.session.scalar(
        select(Registration)
        .where(Registration.id == registration_id, Registration.user_id == user.id)
        .options(joinedload(Registration.programme), joinedload(Registration.country))
    )


def place_in_line(registration: Registration) -> int:
    """1 for the first one waiting."""
    before = db.session.scalar(
        select(func.count(Registration.id)).where(
            Registration.event_id == registration.event_id,
            Registration.id < registration.id,
            is_waiting,
        )
    )
    return (before or 0) + 1


def needs_of(registration: Registration) -> Needs | None:
    return db.session.get(Needs, registration.id)


@dataclass(frozen=True)
class Mine:
    """A person's registrations as /my/ shows them."""

    coming: list[Registration]
    undecided: list[Registration]
    past: list[Registration]


def registrations_of(user: User, now: datetime) -> Mine:
    """Seats they have by time, what is still open, and what is over or ended, latest first."""
    rows = db.session.scalars(
        select(Registration)
        .join(Registration.event)
        .where(Registration.user_id == user.id)
        .options(contains_eager(Registration.event))
        .order_by(Event.starts_at, Registration.id)
    ).all()
    ahead = [row for row in rows if row.event.ends_at > now and row.state in ACTIVE]
    return Mine(
        coming=[row for row in ahead if row.state is State.CONFIRMED],
        undecided=[row for row in ahead if row.state is not State.CONFIRMED],
        past=[row for row in reversed(rows) if row not in ahead],
    )


def places_in_line(rows: Iterable[Registration]) -> dict[int, int]:
    """The place in line of each that waits, by one query."""
    waiting = [row for row in rows if row.state is State.WAITLISTED]
    if not waiting:
        return {}
    ranked = (
        select(
            Registration.id,
            func.rank()
            .over(partition_by=Registration.event_id, order_by=Registration.id)
            .label("place"),
        )
        .where(Registration.event_id.in_([row.event_id for row in waiting]), is_waiting)
        .subquery()
    )
    mine = select(ranked).where(ranked.c.id.in_([row.id for row in waiting]))
    return dict(iter(db.session.execute(mine)))


def unconfirmed_of(user: User) -> Sequence[Registration]:
    """What a newcomer still has to confirm, in the order in which events are locked."""
    return db.session.scalars(
        select(Registration)
        .join(Registration.event)
        .where(
            Registration.user_id == user.id,
            Registration.state == State.UNCONFIRMED,
            Event.state == EventState.PUBLISHED,
        )
        .options(contains_eager(Registration.event))
        .order_by(Registration.event_id)
    ).all()


# -- jobs ----------------------------------------------------------------------------------------


def events_to_settle(submitted_before: datetime) -> Sequence[Event]:
    """Events with newcomers who are late, or whose address got confirmed by another way."""
    late = Registration.submitted_at <= submitted_before
    return db.session.scalars(
        select(Event)
        .where(
            Event.id.in_(
                select(Registration.event_id)
                .join(User, User.id == Registration.user_id)
                .where(
                    Registration.state == State.UNCONFIRMED,
                    or_(late, User.confirmed_at.is_not(None)),
                )
            )
        )
        .order_by(Event.id)
    ).all()


def unconfirmed_for(event: Event) -> Sequence[Registration]:
    return _fresh(event, Registration.state == State.UNCONFIRMED)


def registrations_of_deleted() -> Sequence[Registration]:
    """What still tells of people whose account is deleted, in the order of locks."""
    return db.session.scalars(
        select(Registration)
        .join(Registration.user)
        .where(User.email.endswith(DELETED), Registration.search_text != "")
        .options(contains_eager(Registration.user))
        .order_by(Registration.event_id, Registration.id)
    ).all()


def needs_to_delete(ended_before: datetime) -> Select[Any]:
    """The keys of needs of events that ended before that."""
    return (
        select(Registration.id)
        .join(Event, Event.id == Registration.event_id)
        .where(Event.ends_at < ended_before)
    )


# -- everybody at an event -----------------------------------------------------------------------


def registrations_by_number(event: Event, numbers: Iterable[int]) -> Sequence[Registration]:
    """Those of the event that have these numbers, as they are now, in order of arrival."""
    return _fresh(event, Registration.id.in_(list(numbers)))


def registrants_to_tell(event: Event) -> Sequence[Registration]:
    """Everybody whom a change of the event concerns."""
    return _fresh(event, Registration.state.in_(REACHED))


def _fresh(event: Event, condition: ColumnElement[bool]) -> Sequence[Registration]:
    """Read again even what the session knows: another transaction may have changed it."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, condition)
        .options(joinedload(Registration.user).lazyload(User.memberships))
        .order_by(Registration.id)
        .execution_options(populate_existing=True)
    ).all()


@dataclass(frozen=True, kw_only=True)
class ListFilters:
    """What staff ask of an event's list; empty means anything."""

    q: str = ""
    state: State | None = None
    role: int | None = None
    programme: int | None = None
    country: int | None = None

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "ListFilters":
        """Read an address's query; what makes no sense there is as if it was not there."""
        state = args.get("state", "")
        return cls(
            q=args.get("q", "").strip()[:100],
            state=State(state) if state in list(State) else None,
            role=_number(args.get("role")),
            programme=_number(args.get("programme")),
            country=_number(args.get("country")),
        )

    @property
    def to_args(self) -> dict[str, str]:
        return {name: str(value) for name, value in asdict(self).items() if value is not None}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def listed(event: Event, filters: ListFilters) -> Select[Registration]:
    """The event's registrations that match, in order of arrival."""
    query = select(Registration).where(Registration.event_id == event.id)
    for column, wanted in (
        (Registration.state, filters.state),
        (Registration.role_id, filters.role),
        (Registration.programme_id, filters.programme),
        (Registration.country_id, filters.country),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    for word in words.folded(filters.q).split():
        query = query.where(Registration.search_text.contains(word, autoescape=True))
    return query.options(
        joinedload(Registration.user).lazyload(User.memberships),
        joinedload(Registration.programme).lazyload(Programme.strand),
        joinedload(Registration.country),
        lazyload(Registration.event),
    ).order_by(Registration.id)


@dataclass(frozen=True)
class Tally:
    """How many of one sort there are, declined and cancelled ones left out."""

    key: int
    label: str
    confirmed: int
    total: int


@dataclass(frozen=True)
class Tallies:
    """Who comes, counted for the balance of a selection."""

    states: dict[State, int]
    roles: list[Tally]
    programmes: list[Tally]
    countries: list[Tally]


def tallies(event: Event) -> Tallies:
    states = db.session.execute(
        select(Registration.state, func.count())
        .where(Registration.event_id == event.id)
        .group_by(Registration.state)
    )
    found = dict(states.all())
    return Tallies(
        states={state: found.get(state, 0) for state in State},
        roles=_tally(event, Registration.role_id, func.min(Registration.role_label)),
        programmes=_tally(event, Programme.id, Programme.name, Registration.programme),
        countries=_tally(event, Country.id, Country.name, Registration.country),
    )


def _tally(event: Event, key: Any, label: Any, through: Any = None) -> list[Tally]:
    confirmed = func.sum(case((Registration.state == State.CONFIRMED, 1), else_=0))
    query = select(key, label, confirmed, func.count()).select_from(Registration)
    if through is not None:
        query = query.join(through)
    grouped = [key] if through is None else [key, label]
    rows = db.session.execute(
        query.where(Registration.event_id == event.id, Registration.state.in_(ACTIVE))
        .group_by(*grouped)
        .order_by(func.count().desc(), label)
    )
    return [Tally(*row) for row in rows]


def needs_at(event: Event) -> Sequence[Needs]:
    """What people who come need, by name."""
    return db.session.scalars(
        select(Needs)
        .join(Needs.registration)
        .where(Registration.event_id == event.id, Registration.state == State.CONFIRMED)
        .options(contains_eager(Needs.registration))
        .order_by(Registration.name, Registration.id)
    ).all()


def event_with_everything(slug: str) -> Event | None:
    """The public event with all that its page prints."""
    return db.session.scalar(
        select(Event)
        .where(Event.slug == slug, Event.state != EventState.DRAFT)
        .options(
            joinedload(Event.objective),
            *(
                selectinload(relation)
                for relation in (
                    *(Event.roles, Event.strands, Event.topics),
                    *(Event.co_organisers, Event.sessions),
                )
            ),
        )
    )
