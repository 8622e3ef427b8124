"""Builders: `make.event(capacity=2)` is a complete row; what a test does not say is usual."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import insert, select

from interact_events.accounts.actions import hashed
from interact_events.accounts.models import Level, Membership, Profile, User
from interact_events.attendance.models import NoShow, Presence
from interact_events.core import clock, words
from interact_events.core.db import Base, db, table_of
from interact_events.events.models import Event, EventState, Kind, Mode, Session
from interact_events.interreg.models import (
    Country,
    Office,
    Period,
    Programme,
    StakeholderRole,
)
from interact_events.registrations.actions import plan_next, recount
from interact_events.registrations.models import Registration, SeatRules, State, limits_of
from interact_events.scheduling.models import Closure

PASSWORD = "correct horse battery staple"  # of people who do not exist
_PASSWORD_HASH = hashed(PASSWORD)
_numbers = count(1)

T = TypeVar("T", bound=Base)


def _saved(row: T) -> T:
    db.session.add(row)
    db.session.commit()
    return row


def days(number: float) -> datetime:
    """The instant so many days from now, on a full hour."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    return hour + timedelta(days=number)


def office(code: str = "turku") -> Office:
    return db.session.scalars(select(Office).where(Office.code == code)).one()


def role(code: str = "CTRL") -> StakeholderRole:
    return db.session.scalars(select(StakeholderRole).where(StakeholderRole.code == code)).one()


def country(code: str = "FI") -> Country:
    return db.session.scalars(select(Country).where(Country.code == code)).one()


def period(code: str = "2021-2027") -> Period:
    return db.session.scalars(select(Period).where(Period.code == code)).one()


def programme(name: str = "Central Baltic") -> Programme:
    """The newest programme whose name contains `name`."""
    query = select(Programme).where(Programme.name.contains(name)).order_by(Programme.id.desc())
    return db.session.scalars(query.limit(1)).one()


def user(name: str = "Anna Virtanen", **values: Any) -> User:
    """A person with a confirmed address."""
    number = next(_numbers)
    defaults = {
        "email": f"person{number}@example.org",
        "name": name,
        "password_hash": _PASSWORD_HASH,
        "zone": "Europe/Helsinki",
        "created_at": clock.now(),
        "confirmed_at": clock.now(),
    }
    return _saved(User(**(defaults | values)))


def coordinator() -> User:
    return user("Katarína Nováková", is_coordinator=True)


def member(office_code: str = "turku", level: Level = Level.EDITOR, **values: Any) -> User:
    """Somebody of the office's staff."""
    person = user(**values)
    _saved(
        Membership(
            user_id=person.id,
            office_id=office(office_code).id,
            level=level,
            started_at=clock.now(),
        )
    )
    db.session.refresh(person)
    return person


def profile(person: User | None = None, **values: Any) -> Profile:
    """A controller of Central Baltic, unless said otherwise."""
    person = person or user()
    has_one = db.session.scalar(select(Profile.id).where(Profile.user_id == person.id).limit(1))
    defaults = {
        "user_id": person.id,
        "institution": "Regional Council of Southwest Finland",
        "role_id": role().id,
        "programme_id": programme().id,
        "country_id": country().id,
        "is_default": not has_one,
    }
    row = _saved(Profile(**(defaults | values)))
    db.session.refresh(person)
    return row


def event(title: str = "Simplified cost options", **values: Any) -> Event:
    """A published workshop in Turku in thirty days, 09:00 to 16:00 UTC, open, with one session."""
    number = next(_numbers)
    starts_at = values.pop("starts_at", days(30).replace(hour=9))
    ends_at = values.pop("ends_at", starts_at + timedelta(hours=7))
    sessions = values.pop("sessions", None)
    home = values.pop("office", None) or office()
    defaults = {
        "uid": f"event-{number}@localhost",
        "slug": f"{words.slug(title)}-{number}",
        "office_id": home.id,
        "state": EventState.PUBLISHED,
        "title": title,
        "summary": "Two days of cases.",
        "kind": Kind.WORKSHOP,
        "mode": Mode.IN_PERSON,
        "period_id": period().id,
        "zone": home.zone,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "venue": "Logomo",
        "city": home.city,
        "country_id": home.country_id,
        "capacity": 20,
        "revised_at": clock.now(),
        "created_at": clock.now(),
        "published_at": clock.now() - timedelta(days=60),
        "search_text": words.folded(f"{title} {home.city}"),
    }
    row = _saved(Event(**(defaults | values)))
    for title_, start, end in sessions or [("What an auditor asks for", starts_at, ends_at)]:
        session(row, title_, start, end)
    db.session.refresh(row)
    return row


def session(
    of: Event, title: str, starts_at: datetime, ends_at: datetime, **values: Any
) -> Session:
    defaults = {"uid": f"session-{next(_numbers)}@localhost", "revised_at": clock.now()}
    return _saved(
        Session(
            event_id=of.id,
            title=title,
            starts_at=starts_at,
            ends_at=ends_at,
            **(defaults | values),
        )
    )


def closure(name: str = "Summer break", **values: Any) -> Closure:
    """Everyone is away in the last week of July 2027, unless said otherwise."""
    defaults = {"first_on": date(2027, 7, 26), "last_on": date(2027, 7, 30)}
    return _saved(Closure(name=name, **(defaults | values)))


def seat_rules(of: Event, **values: Any) -> SeatRules:
    """Rules beyond the usual: `caps`, `holds`, `programmes`, `countries` go into the limits."""
    limits = limits_of(
        frozenset(values.pop("programmes", ())),
        frozenset(values.pop("countries", ())),
        tuple(values.pop("caps", ())),
        tuple(values.pop("holds", ())),
    )
    row = SeatRules.usual(of.id)
    for name, value in ({"limits": limits} | values).items():
        setattr(row, name, value)
    db.session.add(row)
    plan_next(of, now=clock.now())
    return _saved(row)


def registration(
    of: Event, person: User | None = None, state: State = State.CONFIRMED, **values: Any
) -> Registration:
    """A row as the one transition function would have left it, counts included."""
    person = person or user()
    as_ = next(iter(person.profiles), None) or profile(person)
    defaults = {
        "event_id": of.id,
        "user_id": person.id,
        "profile_id": as_.id,
        "state": state,
        "submitted_at": clock.now(),
        "name": person.name,
        "institution": as_.institution,
        "role_id": as_.role_id,
        "role_label": as_.role.label_in(of.period_id),
        "programme_id": as_.programme_id,
        "country_id": as_.country_id,
        "search_text": words.folded(f"{person.name} {person.email} {as_.institution}"),
    }
    if state is State.OFFERED:
        defaults["answer_by"] = clock.now() + timedelta(days=1)
    row = Registration(**(defaults | {"is_online": of.mode is Mode.ONLINE, "moves": 1} | values))
    of.seats_taken += row.holds_seat
    of.waiting += row.is_waiting
    _saved(row)
    recount(of)
    db.session.commit()
    return row


def registrations(of: Event, number: int, state: State, **values: Any) -> list[int]:
    """Many people's rows, as registering leaves them, at the cost of a few; says their numbers."""
    like = registration(of, state=state, **values)
    facts = _facts(like, but=("id", "user_id"))
    person = _facts(like.user, but=("id", "email"))
    people = insert(User).returning(User.id)
    emails = [{"email": f"{like.id}-{each}@example.org"} for each in range(1, number)]
    numbers = db.session.scalars(people, [person | email for email in emails]).all()
    rows = insert(Registration).returning(Registration.id)
    new = db.session.scalars(rows, [facts | {"user_id": each} for each in numbers]).all()
    of.seats_taken += like.holds_seat * len(new)
    of.waiting += like.is_waiting * len(new)
    db.session.flush()
    recount(of)
    db.session.commit()
    return [like.id, *new]


def _facts(row: Base, but: tuple[str, ...]) -> dict[str, Any]:
    names = (column.key for column in table_of(type(row)).columns)
    return {name: getattr(row, name) for name in names if name not in but}


def no_show(of: Registration) -> None:
    """The office noted that they did not come."""
    db.session.add(NoShow(registration_id=of.id, noted_at=clock.now(), noted_by_id=of.user_id))
    db.session.commit()


def presence_taken_back(of: Registration, session: Session) -> None:
    """It turned out that they were not there."""
    row = db.session.scalars(
        select(Presence).filter_by(registration_id=of.id, session_id=session.id)
    ).one()
    db.session.delete(row)
    db.session.commit()


def presence(of: Registration, *sessions: Session, **values: Any) -> None:
    """The desk ticked them for those sessions."""
    rows = [
        Presence(
            registration_id=of.id,
            session_id=session.id,
            recorded_at=clock.now(),
            recorded_by_id=of.user_id,
            **values,
        )
        for session in sessions
    ]
    db.session.add_all(rows)
    db.session.commit()
