"""Reading registrations."""

from collections import defaultdict
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
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import contains_eager, joinedload, lazyload, selectinload

from interact_events.accounts.models import DELETED, Profile, User
from interact_events.core import words
from interact_events.core.db import db
from interact_events.events.models import (
    Admission,
    Event,
    EventState,
    Session,
    event_roles,
    event_strands,
)
from interact_events.interreg.models import Country, Programme, RoleLabel, StakeholderRole
from interact_events.registrations.models import (
    Needs,
    Promotion,
    Registration,
    SeatInvitation,
    SeatRules,
    SeatTally,
    SessionChoice,
    State,
)
from interact_events.registrations.rules import (
    SEATED,
    UNDONE,
    Applicant,
    Dimension,
    EventRules,
    SeatsTaken,
    Waiting,
)

ACTIVE = (
    State.UNCONFIRMED,
    State.PENDING,
    State.CONFIRMED,
    State.OFFERED,
    State.WAITLISTED,
)
REACHED = (*ACTIVE[1:],)  # whose address is known to be theirs
WHOLE_LINE = 1000  # a place is counted up to here, so that no page costs more in a longer line

# Written out, not bound: so PostgreSQL sees that its partial index fits.
_WAITLISTED: ColumnElement[Any] = literal_column("'waitlisted'")
is_waiting: ColumnElement[bool] = or_(
    Registration.state == _WAITLISTED, Registration.upon_confirmation == _WAITLISTED
)
holds_seat: ColumnElement[bool] = or_(
    Registration.state.in_(SEATED), Registration.upon_confirmation.in_(SEATED)
)


# -- plain data for the rules --------------------------------------------------------------------


def seat_rules_of(event: Event) -> SeatRules:
    """What the event asks beyond its own row; the usual where nobody has said anything."""
    return db.session.get(SeatRules, event.id) or SeatRules.usual(event.id)


def rules_of(
    event: Event,
    settings: SeatRules | None = None,
    invited: tuple[frozenset[int], frozenset[int]] | None = None,
) -> EventRules:
    """What the event asks, as plain data; `invited` are its roles and strands, where known."""
    settings = settings or seat_rules_of(event)
    by_selection = event.admission is Admission.SELECTION
    roles, strands = invited or _invited(event)
    chooses = settings.promotion is Promotion.OFFICE or (by_selection and not settings.selected_at)
    return EventRules(
        on_site=event.seats(online=False),
        online=event.seats(online=True),
        by_selection=by_selection,
        by_invitation=settings.by_invitation,
        is_promoting=not chooses,
        roles=roles,
        strands=strands,
        programmes=settings.programmes,
        countries=settings.countries,
        caps=settings.caps,
        holds=settings.holds,
    )


def _invited(event: Event) -> tuple[frozenset[int], frozenset[int]]:
    """The numbers of the event's roles and strands, by one light query: it is asked at every
    registration."""
    rows = db.session.execute(
        union_all(
            select(literal("role"), event_roles.c.role_id).filter_by(event_id=event.id),
            select(literal("strand"), event_strands.c.strand_id).filter_by(event_id=event.id),
        )
    ).all()
    roles, strands = (
        frozenset(number for sort, number in rows if sort == wanted)
        for wanted in ("role", "strand")
    )
    return roles, strands


def applicant_of(
    profile: Profile,
    *,
    is_online: bool = False,
    is_invited: bool = False,
    sessions: Iterable[int] = (),
) -> Applicant:
    """In which capacity the person of this profile asks."""
    programme = profile.programme
    return Applicant(
        role=profile.role_id,
        country=profile.country_id,
        institution=words.folded(profile.institution),
        strand=programme.strand_id if programme else None,
        programme=programme.id if programme else None,
        is_online=is_online,
        is_invited=is_invited,
        sessions=frozenset(sessions),
    )


def applicant_behind(registration: Registration, sessions: Iterable[int] = ()) -> Applicant:
    """In which capacity somebody registered; who is on the list has been let in."""
    programme = registration.programme
    return Applicant(
        role=registration.role_id,
        country=registration.country_id,
        institution=words.folded(registration.institution),
        strand=programme.strand_id if programme else None,
        programme=registration.programme_id,
        is_online=registration.is_online,
        is_invited=True,
        is_exempt=bool(registration.override),
        sessions=frozenset(sessions),
    )


def seats_taken(event: Event, *applicants: Applicant) -> SeatsTaken:
    """The seats given; where applicants are named only the counts that concern them, by keys."""
    query = select(SeatTally.dimension, SeatTally.key, SeatTally.taken).where(
        SeatTally.event_id == event.id
    )
    if applicants:
        keys = {counted for applicant in applicants for counted in applicant.counted}
        own = [and_(SeatTally.dimension == d, SeatTally.key == key) for d, key in sorted(keys)]
        general = SeatTally.dimension.in_((Dimension.MODE, Dimension.ROLE))
        query = query.where(or_(general, *own))
    return SeatsTaken({(dimension, key): n for dimension, key, n in db.session.execute(query)})


def seats_left_in_sessions(event: Event) -> dict[int, int]:
    """How many seats are left in each session that has seats of its own."""
    capacities = session_capacities(event)
    rows = db.session.execute(
        select(SeatTally.key, SeatTally.taken).where(
            SeatTally.event_id == event.id, SeatTally.dimension == Dimension.SESSION
        )
    )
    taken = {int(key): number for key, number in rows}
    return {number: max(0, most - taken.get(number, 0)) for number, most in capacities.items()}


def sessions_to_choose(event: Event) -> Sequence[Session]:
    """Those of the agenda that have seats of their own, by time."""
    return db.session.scalars(
        select(Session)
        .where(
            Session.event_id == event.id,
            Session.capacity.is_not(None),
            Session.cancelled_at.is_(None),
        )
        .order_by(Session.starts_at, Session.id)
    ).all()


def session_capacities(event: Event) -> dict[int, int]:
    """The sessions that have seats of their own, with how many."""
    rows = db.session.execute(
        select(Session.id, Session.capacity).where(
            Session.event_id == event.id,
            Session.capacity.is_not(None),
            Session.cancelled_at.is_(None),
        )
    )
    return {number: capacity for number, capacity in rows if capacity}


def choices_of(event: Event) -> dict[int, set[int]]:
    """The sessions that each registrant of the event chose, by the registration's number."""
    return _choices(SessionChoice.session_id.in_(select(Session.id).filter_by(event_id=event.id)))


def choices_by(registration: Registration) -> set[int]:
    """The sessions that one registrant chose."""
    found = _choices(SessionChoice.registration_id == registration.id)
    return found.get(registration.id, set())


def _choices(condition: ColumnElement[bool]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    query = select(SessionChoice.registration_id, SessionChoice.session_id).where(condition)
    for registration, session in db.session.execute(query):
        found[registration].add(session)
    return found


def waiting_in_line(event: Event) -> Sequence[Registration]:
    """Those who wait, as they came."""
    return _fresh(event, is_waiting)


def queue_of(event: Event) -> list[Waiting]:
    """Those who wait for a seat, people who have yet to confirm among them."""
    return applicants_at(event, is_waiting)


def seated_at(event: Event) -> list[Waiting]:
    """Those who have a seat or for whom one is held."""
    return applicants_at(event, holds_seat)


def applicants_at(event: Event, condition: ColumnElement[bool]) -> list[Waiting]:
    """The registrations of the event that fulfil the condition, as plain data, as they came."""
    row = Registration
    rows = db.session.execute(
        select(
            row.id,
            row.role_id,
            row.country_id,
            row.institution,
            Programme.strand_id,
            row.programme_id,
            row.is_online,
            row.override,
        )
        .outerjoin(Programme, Programme.id == row.programme_id)
        .where(row.event_id == event.id, condition)
        .order_by(row.id)
    ).all()
    choices = choices_of(event)
    return [
        Waiting(
            number,
            Applicant(
                role=role,
                country=country,
                institution=words.folded(institution),
                strand=strand,
                programme=programme,
                is_online=is_online,
                is_invited=True,
                is_exempt=bool(override),
                sessions=frozenset(choices.get(number, ())),
            ),
        )
        for number, role, country, institution, strand, programme, is_online, override in rows
    ]


@dataclass(frozen=True)
class Names:
    """What roles (in the plural), strands, programmes and countries are called, by number."""

    roles: dict[int, str]
    strands: dict[int, str]
    programmes: dict[int, str]
    countries: dict[int, str]

    def listed(self, sort: str, numbers: Iterable[int], last: str = "and") -> str:
        """ "controllers and audit authorities"."""
        known: dict[int, str] = getattr(self, sort)
        wanted = set(numbers)
        return words.listed([name for number, name in known.items() if number in wanted], last)

    def of(self, dimension: Dimension, key: str) -> str:
        """Whom a count is about: "Central Baltic", "national authorities, Austria"."""
        if dimension is Dimension.PROGRAMME:
            return self.programmes.get(int(key), key)
        if dimension is Dimension.COUNTRY:
            return self.countries.get(int(key), key)
        if dimension is Dimension.ROLE_IN_COUNTRY:
            role, _, country = key.partition(":")
            return f"{self.roles.get(int(role), role)}, {self.countries.get(int(country), country)}"
        return key


def names_for(event: Event, rules: EventRules | None = None) -> Names:
    """The names that words about the rules need; without `rules` those of everything."""
    return Names(
        roles=_role_names(event) if rules is None or _names_roles(rules) else {},
        strands=_strand_names(event) if rules is None or rules.strands else {},
        programmes=_named(Programme, rules.programmes if rules else None),
        countries=_named(Country, rules.countries if rules else None),
    )


def _names_roles(rules: EventRules) -> bool:
    return bool(rules.roles or rules.holds or any(cap.role for cap in rules.caps))


def _role_names(event: Event) -> dict[int, str]:
    """The words of the event's period, else of the newest that has any, as the role itself says."""
    rows = db.session.execute(
        select(StakeholderRole.id, func.coalesce(RoleLabel.plural, StakeholderRole.code))
        .outerjoin(RoleLabel, StakeholderRole.id == RoleLabel.role_id)
        .order_by(
            StakeholderRole.position, RoleLabel.period_id == event.period_id, RoleLabel.period_id
        )
    )
    return {role: words.within_sentence(plural) for role, plural in rows}


def _strand_names(event: Event) -> dict[int, str]:
    return {strand.id: strand.label for strand in event.strands}


def _named(
    table: type[Programme] | type[Country], numbers: frozenset[int] | None
) -> dict[int, str]:
    """All rows of a table for None, none for an empty set."""
    if numbers is not None and not numbers:
        return {}
    query = select(table.id, table.name).order_by(table.name, table.id)
    if numbers:
        query = query.where(table.id.in_(numbers))
    return dict(iter(db.session.execute(query)))


# -- invitations ---------------------------------------------------------------------------------


def invitation_for(event: Event, *, email: str | None, code: str | None) -> SeatInvitation | None:
    """The invitation that lets this person in: to their own address, or by a code with uses left.

    `email` must be known to be theirs, or be None.
    """
    ways = []
    if email:
        ways.append(SeatInvitation.email == email)
    if code:
        ways.append(SeatInvitation.code == code)  # a personal one went to one mailbox only
    if not ways:
        return None
    found = db.session.scalars(
        select(SeatInvitation)
        .where(SeatInvitation.event_id == event.id, SeatInvitation.withdrawn_at.is_(None))
        .where(or_(*ways))
        .order_by(SeatInvitation.email.is_(None), SeatInvitation.id)
    ).all()
    used = uses_of([each.id for each in found])
    return next((each for each in found if used.get(each.id, 0) < each.most_uses), None)


def uses_of(invitations: Iterable[int]) -> dict[int, int]:
    """How many standing registrations each invitation has let in."""
    rows = db.session.execute(
        select(Registration.invitation_id, func.count())
        .where(
            Registration.invitation_id.in_(list(invitations)),
            Registration.state != State.CANCELLED,
        )
        .group_by(Registration.invitation_id)
    )
    return {number: count for number, count in rows if number}


def invitations_of_every_kind(event: Event) -> Sequence[SeatInvitation]:
    """Withdrawn ones too."""
    return db.session.scalars(
        select(SeatInvitation).where(SeatInvitation.event_id == event.id)
    ).all()


def seat_invitation(event: Event, number: int) -> SeatInvitation | None:
    """One of the event's, by its number."""
    return db.session.scalar(
        select(SeatInvitation).where(
            SeatInvitation.id == number, SeatInvitation.event_id == event.id
        )
    )


def personal_invitations(event: Event) -> Select[SeatInvitation]:
    """Those to one address each that are in force, by address."""
    return _in_force(event).where(SeatInvitation.email.is_not(None)).order_by(SeatInvitation.email)


def codes_of(event: Event) -> Sequence[SeatInvitation]:
    """The codes in force that an office passes on, in the order in which they were made."""
    query = _in_force(event).where(SeatInvitation.email.is_(None)).order_by(SeatInvitation.id)
    return db.session.scalars(query).all()


def _in_force(event: Event) -> Select[SeatInvitation]:
    return select(SeatInvitation).where(
        SeatInvitation.event_id == event.id, SeatInvitation.withdrawn_at.is_(None)
    )


def registered_among(event: Event, invited: Sequence[SeatInvitation]) -> dict[int, State]:
    """Where those stand who registered by these invitations, or with their addresses."""
    numbers = {each.id for each in invited}
    by_address = {each.email: each.id for each in invited}
    rows = db.session.execute(
        select(Registration.invitation_id, User.email, Registration.state)
        .join(User, User.id == Registration.user_id)
        .where(
            Registration.event_id == event.id,
            Registration.state != State.CANCELLED,
            or_(Registration.invitation_id.in_(numbers), User.email.in_(by_address)),
        )
    )
    return {
        number if number in numbers else by_address[address]: state
        for number, address, state in rows
    }


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
        .options(
            joinedload(Registration.event),
            joinedload(Registration.programme).lazyload(Programme.strand),
            joinedload(Registration.country),
        )
    )


def place_in_line(registration: Registration, *, programme: int | None = None) -> int:
    """1 for the first one waiting, among those of the programme if one is given; WHOLE_LINE at
    the most."""
    before = (
        select(Registration.id)
        .where(
            Registration.event_id == registration.event_id,
            Registration.id < registration.id,
            is_waiting,
        )
        .limit(WHOLE_LINE - 1)
    )
    if programme:
        before = before.where(Registration.programme_id == programme)
    return (db.session.scalar(select(func.count()).select_from(before.subquery())) or 0) + 1


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
    ahead = [row for row in rows if row.event.ends_at > now and row.state_shown(now) in ACTIVE]
    return Mine(
        coming=[row for row in ahead if row.state_shown(now) is State.CONFIRMED],
        undecided=[row for row in ahead if row.state_shown(now) is not State.CONFIRMED],
        past=[row for row in reversed(rows) if row not in ahead],
    )


def places_in_line(rows: Iterable[Registration]) -> dict[int, int]:
    """The place in line of each that waits, by one query."""
    waiting = [row for row in rows if row.is_waiting]
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
            is_newcomer,
            Event.state == EventState.PUBLISHED,
        )
        .options(contains_eager(Registration.event))
        .order_by(Registration.event_id)
    ).all()


# -- jobs ----------------------------------------------------------------------------------------


def events_to_settle(now: datetime) -> Sequence[int]:
    """The numbers of events where time has something to do: an answer is late, a newcomer's
    address got confirmed by another way, a rule changed by itself."""
    late = select(Registration.event_id).where(Registration.answer_by <= now)
    known = (
        select(Registration.event_id)
        .join(User, User.id == Registration.user_id)
        .where(is_newcomer, User.confirmed_at.is_not(None))
    )
    changed = select(SeatRules.event_id).where(SeatRules.settle_at <= now)
    return db.session.scalars(
        select(Event.id)
        .where(or_(Event.id.in_(late), Event.id.in_(known), Event.id.in_(changed)))
        .order_by(Event.id)
    ).all()


def events_not_counted() -> Sequence[Event]:
    """Events at which people have seats, but no seats are counted."""
    held = select(Registration.event_id).where(holds_seat)
    return db.session.scalars(
        select(Event)
        .where(Event.id.in_(held), Event.id.not_in(select(SeatTally.event_id)))
        .order_by(Event.id)
    ).all()


is_newcomer: ColumnElement[bool] = and_(
    Registration.state == State.UNCONFIRMED, Registration.nominated_by_id.is_(None)
)


def newcomers_confirmed(event: Event) -> Sequence[Registration]:
    """Newcomers whose address got confirmed by another way, such as a new password."""
    found = _fresh(event, is_newcomer)
    return [row for row in found if row.user.confirmed_at]


def late_answers(event: Event, now: datetime) -> Sequence[Registration]:
    """Those whose time to answer is over."""
    return _fresh(event, Registration.answer_by <= now)


def to_reconfirm(
    event: Event, *, is_online: bool, decided_before: datetime
) -> Sequence[Registration]:
    """Those with a seat in that mode since before the question, who have not been asked yet."""
    return _fresh(
        event,
        and_(
            Registration.state == State.CONFIRMED,
            Registration.is_online.is_(is_online),
            Registration.answer_by.is_(None),
            Registration.reconfirmed_at.is_(None),
            Registration.decided_at <= decided_before,
        ),
    )


def not_reconfirmed(event: Event, *, is_online: bool) -> Sequence[Registration]:
    """Those in that mode who were asked and have not answered."""
    return _fresh(
        event,
        and_(
            Registration.state == State.CONFIRMED,
            Registration.is_online.is_(is_online),
            Registration.answer_by.is_not(None),
        ),
    )


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


def untold_at(event: Event, now: datetime) -> Sequence[Registration]:
    """Those on whom a selection has decided, and who have not been told."""
    return _fresh(event, and_(Registration.told_at > now, Registration.state.in_(UNDONE)))


def _fresh(event: Event, condition: ColumnElement[bool]) -> Sequence[Registration]:
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
