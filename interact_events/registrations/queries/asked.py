"""What an event asks and what is given, as the plain data of the rules."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
    type_coerce,
    union_all,
)

from interact_events.accounts.models import Profile, User
from interact_events.core import words
from interact_events.core.db import db
from interact_events.events.models import (
    Admission,
    Event,
    Session,
    event_roles,
    event_strands,
)
from interact_events.interreg.models import Programme
from interact_events.registrations.models import (
    Promotion,
    Registration,
    SeatRules,
    SeatTally,
    SessionChoice,
)
from interact_events.registrations.queries.sorts import holds_seat, is_pending, is_waiting
from interact_events.registrations.rules import (
    Applicant,
    Dimension,
    EventRules,
    SeatsTaken,
    Waiting,
)

counts: ColumnElement[bool] = SessionChoice.left_at.is_(None)  # a session that was not full


def seat_rules_of(event: Event) -> SeatRules:
    """What the event asks beyond its own row; the usual where nobody has said anything."""
    return db.session.get(SeatRules, event.id) or SeatRules.usual(event.id)


_RULES_NOW = (
    select(SeatRules)
    .where(SeatRules.event_id == bindparam("event_id"))
    .execution_options(populate_existing=True)
)


def seat_rules_now(event: Event) -> SeatRules:
    """The same, read again, whoever has read them before."""
    return db.session.scalar(_RULES_NOW, {"event_id": event.id}) or SeatRules.usual(event.id)


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
        after=settings.after_event_id,
    )


# What each registration asks, by one light query that is made once: (sort, key, number).
_INVITED = (
    select(literal("roles"), cast(event_roles.c.role_id, String), literal(0)).where(
        event_roles.c.event_id == bindparam("event_id")
    ),
    select(literal("strands"), cast(event_strands.c.strand_id, String), literal(0)).where(
        event_strands.c.event_id == bindparam("event_id")
    ),
)
_INVITED_SORTS = ("roles", "strands")
_TAKEN = select(type_coerce(SeatTally.dimension, String), SeatTally.key, SeatTally.taken).where(
    SeatTally.event_id == bindparam("event_id")
)
_ONLY_INVITED = union_all(*_INVITED)
_INVITED_AND_TAKEN = union_all(*_INVITED, _TAKEN)
_INVITED_AND_TAKEN_BY_KEYS = union_all(
    *_INVITED,
    _TAKEN.where(SeatTally.dimension.in_(bindparam("dimensions", expanding=True))),
    _TAKEN.where(tuple_(SeatTally.dimension, SeatTally.key).in_(bindparam("keys", expanding=True))),
)


def _invited(event: Event) -> tuple[frozenset[int], frozenset[int]]:
    """The numbers of the event's roles and strands."""
    return _roles_and_strands(db.session.execute(_ONLY_INVITED, {"event_id": event.id}).all())


def _roles_and_strands(rows: Sequence[Any]) -> tuple[frozenset[int], frozenset[int]]:
    roles, strands = (
        frozenset(int(key) for sort, key, _ in rows if sort == wanted) for wanted in _INVITED_SORTS
    )
    return roles, strands


def rules_and_taken(
    event: Event, settings: SeatRules, *applicants: Applicant
) -> tuple[EventRules, SeatsTaken]:
    """What the event asks and the seats given; where applicants are named only the counts that
    concern them, by keys, or those who are not to be overtaken by them."""
    query: Any = _INVITED_AND_TAKEN
    asked: dict[str, Any] = {"event_id": event.id}
    if applicants:
        query = _INVITED_AND_TAKEN_BY_KEYS
        asked["keys"] = sorted({each for applicant in applicants for each in applicant.counted})
        asked["dimensions"] = [Dimension.MODE, Dimension.ROLE, *_counted_in_line(event, settings)]
    rows = db.session.execute(query, asked).all()
    taken = {(Dimension(sort), key): n for sort, key, n in rows if sort not in _INVITED_SORTS}
    return rules_of(event, settings, _roles_and_strands(rows)), SeatsTaken(taken)


def _counted_in_line(event: Event, settings: SeatRules) -> set[Dimension]:
    """Who waits may be of any group, and where the office chooses nobody overtakes them."""
    has_line = event.waiting and settings.promotion is Promotion.OFFICE
    return {cap.per for cap in settings.caps} if has_line else set()


def applicant_of(
    profile: Profile,
    *,
    is_online: bool = False,
    is_invited: bool = False,
    lacks_earlier: bool = False,
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
        lacks_earlier=lacks_earlier,
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


def rules_and_known_taken(
    event: Event, settings: SeatRules, applicant: Applicant, now: datetime
) -> tuple[EventRules, SeatsTaken]:
    """The same, less what nobody has been told of."""
    rules, taken = rules_and_taken(event, settings, applicant)
    if settings.is_selection_secret(now):
        for each in applicants_at(event, holds_seat & (Registration.told_at > now)):
            taken.take_back(each.applicant)
    return rules, taken


def seats_left_in_sessions(event: Event, now: datetime) -> dict[int, int]:
    """How many seats are left in each session that has seats of its own, as far as people know:
    those of a decision that nobody has been told of still count as left."""
    capacities = session_capacities(event)
    taken, secret = seats_taken_in_sessions(event), _taken_in_secret(event, now)
    return {
        number: max(0, most - taken.get(number, 0) + secret.get(number, 0))
        for number, most in capacities.items()
    }


def seats_taken_in_sessions(event: Event) -> dict[int, int]:
    """How many seats are given in each session that anybody chose."""
    rows = db.session.execute(
        select(SeatTally.key, SeatTally.taken).where(
            SeatTally.event_id == event.id, SeatTally.dimension == Dimension.SESSION
        )
    )
    return {int(key): number for key, number in rows}


def _taken_in_secret(event: Event, now: datetime) -> dict[int, int]:
    rows = db.session.execute(
        select(SessionChoice.session_id, func.count())
        .join(Registration, Registration.id == SessionChoice.registration_id)
        .where(Registration.event_id == event.id, Registration.told_at > now, holds_seat, counts)
        .group_by(SessionChoice.session_id)
    )
    return dict(iter(rows))


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


def choices_shown(registration: Registration, now: datetime) -> set[int]:
    """The sessions that one registrant may know of: those that they leave once they are told of a
    seat are still among them."""
    is_own = SessionChoice.registration_id == registration.id
    found = _choices(is_own, or_(counts, SessionChoice.left_at > now))
    return found.get(registration.id, set())


def choices_shown_of(user: User, now: datetime) -> dict[int, set[int]]:
    """The same for all of a person's registrations, by the registration's number."""
    theirs = select(Registration.id).where(Registration.user_id == user.id)
    return _choices(
        SessionChoice.registration_id.in_(theirs), or_(counts, SessionChoice.left_at > now)
    )


def sessions_lost_by(people: Sequence[Registration], at: datetime) -> dict[int, list[Session]]:
    """The sessions that were full when each of them got a seat, as they know at that instant, by
    time; one query, or none for nobody."""
    found: dict[int, list[Session]] = defaultdict(list)
    if people:
        rows = db.session.execute(
            select(SessionChoice.registration_id, Session)
            .join(Session, Session.id == SessionChoice.session_id)
            .where(
                SessionChoice.registration_id.in_([person.id for person in people]),
                SessionChoice.left_at <= at,
                Session.capacity.is_not(None),
                Session.cancelled_at.is_(None),
            )
            .order_by(Session.starts_at, Session.id)
        )
        for number, session in rows:
            found[number].append(session)
    return found


def _choices(condition: ColumnElement[bool], that: Any = counts) -> dict[int, set[int]]:
    """The choices that count, or `that` are wanted."""
    found: dict[int, set[int]] = defaultdict(set)
    query = select(SessionChoice.registration_id, SessionChoice.session_id).where(condition, that)
    for registration, session in db.session.execute(query):
        found[registration].add(session)
    return found


def queue_of(event: Event) -> list[Waiting]:
    """Those who wait for a seat, people who have yet to confirm among them."""
    return applicants_at(event, is_waiting)


def applied_at(event: Event) -> list[Waiting]:
    """Those about whom the office has yet to decide, people who have yet to confirm among them."""
    return applicants_at(event, is_pending)


def seated_at(event: Event) -> list[Waiting]:
    """Those who have a seat or for whom one is held."""
    return applicants_at(event, holds_seat)


def applicant_from(columns: Sequence[Any], sessions: Iterable[int] = ()) -> Applicant:
    """Somebody who is registered, as the rules look at them: role, country, institution, strand,
    programme, whether online, and the override or whether there is one."""
    role, country, institution, strand, programme, is_online, override = columns
    return Applicant(
        role=role,
        country=country,
        institution=words.folded(institution),
        strand=strand,
        programme=programme,
        is_online=is_online,
        is_invited=True,
        is_exempt=bool(override),
        sessions=frozenset(sessions),
    )


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
        Waiting(number, applicant_from(columns, choices.get(number, ())))
        for number, *columns in rows
    ]
