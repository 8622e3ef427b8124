"""What an event asks and what is given, as the plain data of the rules."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import (
    ColumnElement,
    and_,
    literal,
    or_,
    select,
    union_all,
)

from interact_events.accounts.models import Profile
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
from interact_events.registrations.queries.sorts import holds_seat, is_waiting
from interact_events.registrations.rules import (
    Applicant,
    Dimension,
    EventRules,
    SeatsTaken,
    Waiting,
)


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
