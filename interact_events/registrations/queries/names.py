"""What the things that rules name are called."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import (
    func,
    select,
)

from interact_events.core import words
from interact_events.core.db import db
from interact_events.events.models import (
    Event,
)
from interact_events.interreg.models import Country, Programme, RoleLabel, StakeholderRole
from interact_events.registrations.rules import (
    Dimension,
    EventRules,
)


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
