"""The network as plans see it: read once for however many events."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from interact_events.core.db import db
from interact_events.core.words import folded
from interact_events.interreg.models import (
    Country,
    Office,
    RoleLabel,
    Topic,
    programme_countries,
)
from interact_events.scheduling.rules import Named


@dataclass(frozen=True)
class Network:
    """Countries and offices by their numbers, what roles and topics are called, and which
    countries a programme covers."""

    countries: Mapping[int, Country]
    offices: Mapping[int, Office]
    roles: Mapping[int, Named]
    topics: Mapping[int, Named]
    covered: Mapping[int, frozenset[str]]

    @property
    def participating(self) -> tuple[str, ...]:
        return tuple(sorted(c.code for c in self.countries.values() if c.is_participating))

    @property
    def office_names(self) -> frozenset[str]:
        """Folded: an office that answers questions itself is nobody who could be twice."""
        return frozenset(folded(office.name) for office in self.offices.values())

    def code_of(self, country_id: int | None) -> str | None:
        country = self.countries.get(country_id or 0)
        return country.code if country else None

    def meant_by(self, countries: Iterable[int], programmes: Iterable[int]) -> tuple[str, ...]:
        """Whose people an event is for: of the countries that its rules name, else of those that
        its programmes cover, else of all that take part in the network."""
        named = {code for number in countries if (code := self.code_of(number))}
        covered = {code for number in programmes for code in self.covered.get(number, ())}
        return tuple(sorted(named or covered)) or self.participating


def network() -> Network:
    countries = {row.id: row for row in db.session.scalars(select(Country))}
    offices = {row.id: row for row in db.session.scalars(select(Office))}
    return Network(countries, offices, _roles(), _topics(), _covered(countries))


def _roles() -> dict[int, Named]:
    """By what they are called in the newest period."""
    labels = select(RoleLabel.role_id, RoleLabel.plural).order_by(RoleLabel.period_id)
    return {row[0]: Named(f"role-{row[0]}", row[1]) for row in db.session.execute(labels)}


def _topics() -> dict[int, Named]:
    rows = db.session.execute(select(Topic.id, Topic.name))
    return {row[0]: Named(f"topic-{row[0]}", row[1]) for row in rows}


def _covered(countries: Mapping[int, Country]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for programme, country in db.session.execute(select(programme_countries)):
        found[programme].add(countries[country].code)
    return {programme: frozenset(codes) for programme, codes in found.items()}
