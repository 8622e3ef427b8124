"""The people of the demo: staff, known accounts, and a crowd."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from interact_events.accounts.actions import hashed
from interact_events.accounts.models import Level, Membership, Profile, User
from interact_events.accounts.queries import user_by_email
from interact_events.accounts.rules import DEMO_ACCOUNTS, DEMO_PASSWORD
from interact_events.core.db import db
from interact_events.interreg.models import Office, Programme
from interact_events.nominations.actions import name_coordinator
from interact_events.reports import rules
from interact_events.reports.actions.network import (
    OLD_PERIOD,
    Candidate,
    Network,
    inserted,
    rows_of,
)


def add_people(network: Network, number: int) -> None:
    secret = hashed(DEMO_PASSWORD)
    _add_staff(network, secret)
    _add_participants(network, secret)
    _add_crowd(network, secret, number)


def _user(network: Network, email: str, name: str, zone: str, secret: str) -> dict[str, Any]:
    since = network.now - timedelta(days=network.rng.randint(30, 1200))
    return {
        "email": email,
        "name": name,
        "zone": zone,
        "password_hash": secret,
        "created_at": since,
        "confirmed_at": since,
    }


def _add_staff(network: Network, secret: str) -> None:
    for row in rows_of("staff"):
        user = User(**_user(network, row["email"], row["name"], row["zone"], secret))
        user.is_coordinator = not row["office"]
        db.session.add(user)
        db.session.flush()
        if row["office"]:
            _sign_as_head(network.offices[row["office"]], user)
            network.staff[row["office"]].append(user)
            db.session.add(
                Membership(
                    user_id=user.id,
                    office_id=network.offices[row["office"]].id,
                    level=Level(row["level"]),
                    started_at=user.created_at,
                )
            )
    db.session.flush()


def _sign_as_head(office: Office, user: User) -> None:
    """The first of an office's staff signs its certificates."""
    office.signatory_name = office.signatory_name or user.name


def _add_participants(network: Network, secret: str) -> None:
    """The known accounts of registrants, each with one profile or more."""
    programmes = {p.name: p.id for p in db.session.scalars(select(Programme))}
    people: dict[str, rules.Person] = {}
    for row in rows_of("participants"):
        known = people.get(row["email"])
        capacity = rules.Capacity(
            row["institution"], row["role"], programmes[row["programme"]], row["programme"]
        )
        people[row["email"]] = rules.Person(
            row["name"],
            row["email"],
            row["country"],
            row["zone"],
            (*(known.capacities if known else ()), capacity),
        )
    for candidate in _saved_people(network, list(people.values()), secret):
        network.guests[candidate.email.partition("@")[0]].append(candidate)


def add_programme_coordinator(network: Network) -> None:
    """One of the known accounts speaks for its programme."""
    known = network.guests["authority"][0]
    secretariat = user_by_email(DEMO_ACCOUNTS[0][0])
    assert secretariat  # the staff are here already
    name_coordinator(
        db.session.get_one(Programme, known.capacity.programme_id),
        known.email,
        "Letter of the joint secretariat",
        actor=secretariat,
        now=network.now,
    )


def _add_crowd(network: Network, secret: str, number: int) -> None:
    names = [rules.names_of(row) for row in rows_of("names")]
    institutions = [rules.Institution(**row) for row in rows_of("institutions")]
    people = rules.people(network.rng, names, institutions, _programmes())
    for candidate in _saved_people(network, list(islice(people, number)), secret):
        key = candidate.capacity.role, candidate.capacity.is_closed
        network.pools[key].append(candidate)


def _programmes() -> list[rules.KnownProgramme]:
    query = select(Programme).options(selectinload(Programme.countries)).order_by(Programme.id)
    return [
        rules.KnownProgramme(
            programme.id,
            programme.name,
            frozenset(country.code for country in programme.countries),
            programme.strand.period.code == OLD_PERIOD,
        )
        for programme in db.session.scalars(query)
    ]


def _saved_people(
    network: Network, people: Sequence[rules.Person], secret: str
) -> Iterator[Candidate]:
    user_ids = inserted(User, [_user(network, p.email, p.name, p.zone, secret) for p in people])
    owned = [
        (person, user_id, number, capacity)
        for person, user_id in zip(people, user_ids, strict=True)
        for number, capacity in enumerate(person.capacities)
    ]
    profile_ids = inserted(
        Profile,
        [
            {
                "user_id": user_id,
                "institution": capacity.institution,
                "role_id": network.roles[capacity.role].id,
                "programme_id": capacity.programme_id,
                "country_id": network.countries[person.country].id,
                "is_default": number == 0,
            }
            for person, user_id, number, capacity in owned
        ],
    )
    for (person, user_id, _, capacity), profile_id in zip(owned, profile_ids, strict=True):
        country_id = network.countries[person.country].id
        yield Candidate(user_id, person.name, person.email, profile_id, country_id, capacity)
