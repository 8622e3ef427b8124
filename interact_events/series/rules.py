"""Templates and what follows them, as plain data."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

CYCLE = timedelta(days=10_227)  # 28 years: until 2099 every date is on its weekday again
AHEAD = 2070  # years that no event of today is planned for


def stand_in_day(day: date) -> date:
    """Where a template lies: on the same date and weekday in a year far ahead, so that its rules
    never come to pass and clocks change where they did."""
    while day.year < AHEAD:
        day += CYCLE
    return day


# What an event may take over from its template afterwards: what it says, not when and where it is,
# nor who may come, which its office decides for each event.
FOLLOWED = (
    *("summary", "description", "learning_objectives", "kind", "language", "topics"),
    *("period", "objective", "certificate_threshold"),
)
AGENDA = "agenda"


class Edit(NamedTuple):
    """Parts that were changed at an instant."""

    at: datetime
    parts: frozenset[str]


@dataclass(frozen=True)
class Difference:
    """A part of an event that its template says differently since the event was made.

    `is_own`: the event's office has changed it too. Of an agenda only what differs is quoted.
    """

    part: str
    before: str
    after: str
    is_own: bool


def differences(
    template: Mapping[str, str],
    event: Mapping[str, str],
    *,
    made_at: datetime,
    of_template: Collection[Edit],
    of_event: Collection[Edit],
    taken_over: Collection[Edit],
) -> list[Difference]:
    """What could follow: parts that differ and that the template has changed since the event was
    made, or last took them over. What only the event changed is its own and is not named."""
    found = []
    for part, after in template.items():
        before = event[part]
        since = max((edit.at for edit in taken_over if part in edit.parts), default=made_at)
        if before != after and _changed(of_template, part, since):
            shown = _lines_apart(before, after) if part == AGENDA else (before, after)
            found.append(Difference(part, *shown, _changed(of_event, part, since)))
    return found


def _lines_apart(before: str, after: str) -> tuple[str, str]:
    """Of each text the lines that the other one has not."""
    old, new = before.splitlines(), after.splitlines()
    gone = [line for line in old if line not in new]
    come = [line for line in new if line not in old]
    return "\n".join(gone), "\n".join(come)


def _changed(edits: Iterable[Edit], part: str, since: datetime) -> bool:
    return any(part in edit.parts and edit.at > since for edit in edits)


def reordered(order: list[int], number: int, *, up: bool) -> list[int]:
    """One place up or down; the first and the last stay there."""
    place = order.index(number)
    other = place + (-1 if up else 1)
    if not 0 <= other < len(order):
        return order
    order = list(order)
    order[place], order[other] = order[other], order[place]
    return order
