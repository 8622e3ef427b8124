"""Everybody at an event."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import contains_eager, joinedload, lazyload, selectinload

from interact_events.accounts.models import DELETED, User
from interact_events.core import words
from interact_events.core.db import db
from interact_events.events.models import (
    Event,
    EventState,
)
from interact_events.interreg.models import Country, Programme
from interact_events.registrations.models import (
    Needs,
    Registration,
    State,
)
from interact_events.registrations.queries.sorts import REACHED
from interact_events.registrations.rules import (
    UNDONE,
)


def registrations_by_number(event: Event, numbers: Iterable[int]) -> Sequence[Registration]:
    """Those of the event that have these numbers, as they are now, in order of arrival."""
    return fresh(event, Registration.id.in_(list(numbers)))


def names_of(numbers: Iterable[int]) -> dict[int, str]:
    """The names of those who have these registrations, in order of arrival."""
    wanted = set(numbers)
    if not wanted:
        return {}
    row = Registration
    query = select(row.id, row.name).where(row.id.in_(wanted)).order_by(row.id)
    return dict(iter(db.session.execute(query)))


def registrants_to_tell(event: Event) -> Sequence[Registration]:
    """Everybody whom a change of the event concerns; whose address is not known to be theirs
    hears nothing, but who is nominated was written to already. Who has no address hears nothing."""
    is_nominated = and_(
        Registration.state == State.UNCONFIRMED, Registration.nominated_by_id.is_not(None)
    )
    has_address = Registration.user.has(~User.email.endswith(DELETED))
    return fresh(event, has_address & or_(Registration.state.in_(REACHED), is_nominated))


def untold_at(event: Event, now: datetime) -> Sequence[Registration]:
    """Those on whom a selection has decided, and who have not been told."""
    return fresh(event, and_(Registration.told_at > now, Registration.state.in_(UNDONE)))


def has_told_of_selection(event: Event, now: datetime) -> bool:
    """Whether people know of a selection, perhaps of an earlier one than the latest."""
    told = select(Registration.id).where(
        Registration.event_id == event.id, Registration.told_at <= now
    )
    return db.session.scalar(told.limit(1)) is not None


def fresh(event: Event, condition: ColumnElement[bool]) -> Sequence[Registration]:
    """Read again even what the session knows: another transaction may have changed it."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, condition)
        .options(
            joinedload(Registration.user).lazyload(User.memberships),
            joinedload(Registration.programme).lazyload(Programme.strand),
        )
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
    """How many of one sort have registered and not left, and who of them has a seat."""

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
        query.where(Registration.event_id == event.id, Registration.state != State.CANCELLED)
        .group_by(*grouped)
        .order_by(func.count().desc(), label)
    )
    return [Tally(*row) for row in rows]


def needs_at(event: Event) -> Sequence[Needs]:
    """What people who come to the place need, by name."""
    comes = and_(Registration.state == State.CONFIRMED, Registration.is_online.is_(False))
    return db.session.scalars(
        select(Needs)
        .join(Needs.registration)
        .where(Registration.event_id == event.id, comes)
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
