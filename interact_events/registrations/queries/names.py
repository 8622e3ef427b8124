"""What the things that rules name are called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import (
    bindparam,
    func,
    select,
)

from interact_events.core import words
from interact_events.core.db import db
from interact_events.events.models import (
    Event,
    EventState,
)
from interact_events.interreg.models import Country, Programme, RoleLabel, StakeholderRole
from interact_events.registrations.rules import (
    Dimension,
    EventRules,
)


@dataclass(frozen=True)
class Names:
    """What roles (in the plural), strands, programmes and countries are called, by number.

    Each sort is read when something has to be called by its name; where there are `rules`, only
    what they name. `institutions` are those known as people wrote them, by their folded names.
    """

    event: Event
    rules: EventRules | None = None
    institutions: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def roles(self) -> dict[int, str]:
        return _role_names(self.event) if self.rules is None or _names_roles(self.rules) else {}

    @cached_property
    def strands(self) -> dict[int, str]:
        return _strand_names(self.event) if self.rules is None or self.rules.strands else {}

    @cached_property
    def programmes(self) -> dict[int, str]:
        return _named(Programme, self.rules.programmes if self.rules else None)

    @cached_property
    def countries(self) -> dict[int, str]:
        return _named(Country, self.rules.countries if self.rules else None)

    def title(self, event: int) -> str:
        """Of another event: "“Module 1”", and that it is called off, for that explains much."""
        row = db.session.execute(select(Event.title, Event.state).where(Event.id == event)).one()
        return f"“{row.title}”{', which is cancelled' if row.state is EventState.CANCELLED else ''}"

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
        return self.institutions.get(key, key)


def names_for(event: Event, rules: EventRules | None = None) -> Names:
    """The names that words about the rules need; without `rules` those of everything."""
    return Names(event, rules)


def _names_roles(rules: EventRules) -> bool:
    return bool(rules.roles or rules.holds or any(cap.role for cap in rules.caps))


# Asked at each registration of an event that holds seats for roles: made once.
_ROLE_NAMES = (
    select(StakeholderRole.id, func.coalesce(RoleLabel.plural, StakeholderRole.code))
    .outerjoin(RoleLabel, StakeholderRole.id == RoleLabel.role_id)
    .order_by(
        StakeholderRole.position,
        RoleLabel.period_id == bindparam("period_id"),
        RoleLabel.period_id,
    )
)


def _role_names(event: Event) -> dict[int, str]:
    """The words of the event's period, else of the newest that has any, as the role itself says."""
    rows = db.session.execute(_ROLE_NAMES, {"period_id": event.period_id})
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
