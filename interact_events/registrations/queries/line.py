"""Those who wait, as far as somebody has to look at them who must not overtake."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from sqlalchemy import Select, literal, select

from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.interreg.models import Programme
from interact_events.registrations.models import Registration
from interact_events.registrations.queries.asked import applicant_from
from interact_events.registrations.queries.sorts import is_waiting
from interact_events.registrations.rules import Applicant, Dimension, EventRules

FRONT = 100  # of a long line these are read first: among them is nearly always who could go first

# Role, country, institution, programme, online?, exempt?
People: TypeAlias = Select[int, int, str, int | None, bool, bool]


@dataclass(frozen=True)
class Line:
    """Read when somebody goes along it and no further than they go: the front one by one, then
    each kind of those behind it once."""

    event: Event
    rules: EventRules
    but: int  # a registration that is left out; 0 for none

    def __iter__(self) -> Iterator[Applicant]:
        yield from self._front
        if len(self._front) == FRONT:
            yield from self._kinds_behind

    @cached_property
    def _front(self) -> list[Applicant]:
        return _read(self._asked().order_by(Registration.id).limit(FRONT))

    @cached_property
    def _kinds_behind(self) -> list[Applicant]:
        return _read(self._asked().distinct())

    def _asked(self) -> People:
        """What rules look at; institutions, of which there are most, only where they do."""
        row = Registration
        has_cap = any(cap.per is Dimension.INSTITUTION for cap in self.rules.caps)
        return select(
            row.role_id,
            row.country_id,
            (row.institution if has_cap else literal("")).label("institution"),
            row.programme_id,
            row.is_online,
            (row.override != "").label("is_exempt"),
        ).where(row.event_id == self.event.id, row.id != self.but, is_waiting)


def line_at(
    event: Event, rules: EventRules, but: Registration | None = None
) -> Iterable[Applicant]:
    """Those who wait at the event, without one of them; nothing is read where nobody does."""
    return Line(event, rules, but.id if but else 0) if event.waiting else ()


def _read(people: People) -> list[Applicant]:
    """Their strands are added to the few that are left of many."""
    them = people.subquery()
    columns = them.c
    query = select(
        *(columns.role_id, columns.country_id, columns.institution, Programme.strand_id),
        *(columns.programme_id, columns.is_online, columns.is_exempt),
    ).outerjoin(Programme, Programme.id == columns.programme_id)
    return [applicant_from(row) for row in db.session.execute(query)]
