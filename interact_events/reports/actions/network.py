"""What every step of loading the demo needs at hand."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from sqlalchemy import insert, select

from interact_events.accounts.models import User
from interact_events.core.db import Base, db
from interact_events.interreg.models import (
    Country,
    Objective,
    Office,
    Period,
    StakeholderRole,
    Topic,
)
from interact_events.reports import rules

Coded = TypeVar("Coded", Country, Office, Period, StakeholderRole, Topic)
DATA = Path(__file__).parents[1] / "data"
GERMAN = "vienna"  # the office whose certificates have a design of their own
OLD_PERIOD = "2014-2020"


@dataclass(frozen=True)
class Candidate:
    """A person in one capacity, ready to register."""

    user_id: int
    name: str
    email: str
    profile_id: int
    country_id: int
    capacity: rules.Capacity


@dataclass(frozen=True)
class Network:
    """What every step of loading needs at hand."""

    now: datetime
    host: str
    rng: Random
    themes: dict[str, dict[str, Any]]
    agendas: dict[str, list[list[list[str]]]]
    venues: dict[str, tuple[str, str, str]]
    seat_rules: dict[str, dict[str, Any]]
    offices: dict[str, Office]
    countries: dict[str, Country]
    periods: dict[str, Period]
    roles: dict[str, StakeholderRole]
    topics: dict[str, Topic]
    objectives: dict[tuple[str, str], Objective]
    staff: dict[str, list[User]] = field(default_factory=lambda: defaultdict(list))
    guests: dict[str, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    pools: dict[tuple[str, bool], list[Candidate]] = field(
        default_factory=lambda: defaultdict(list)
    )


def rows_of(name: str) -> Iterator[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _read(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def _by_code(table: type[Coded]) -> dict[str, Coded]:
    return {row.code: row for row in db.session.scalars(select(table))}


def network_of(now: datetime, host: str, rng: Random) -> Network:
    objectives = db.session.scalars(select(Objective))
    return Network(
        now=now,
        host=host,
        rng=rng,
        themes=_read("themes"),
        agendas=_read("agendas"),
        seat_rules=_read("rules"),
        venues={
            row["office"]: (row["venue"], row["address"], row["coordinates"])
            for row in rows_of("venues")
        },
        offices=_by_code(Office),
        countries=_by_code(Country),
        periods=_by_code(Period),
        roles=_by_code(StakeholderRole),
        topics=_by_code(Topic),
        objectives={(o.period.code, o.code): o for o in objectives},
    )


def written_plans() -> list[rules.Plan]:
    return [rules.plan_of(row) for row in rows_of("events")]


def all_plans(network: Network, scale: int) -> list[rules.Plan]:
    written = written_plans()
    titles = {
        code: theme["titles"]
        for code, theme in network.themes.items()
        if code not in ("fair", "basics-de")
    }
    invented = rules.invented(network.rng, titles, list(network.venues))
    return written + list(islice(invented, max(0, scale - len(written))))


def inserted(table: type[Base], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Write many rows at once; gives back their numbers in the same order."""
    if not rows:
        return []
    number = table.id  # type: ignore[attr-defined]  # every table used here has one
    query = insert(table).returning(number, sort_by_parameter_order=True)
    return list(db.session.scalars(query, rows))
