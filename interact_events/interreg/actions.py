"""Loading and editing the network's data."""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select

from interact_events.core import words
from interact_events.core.db import db
from interact_events.interreg.models import (
    Country,
    Hue,
    Objective,
    Office,
    Period,
    Programme,
    ProgrammeStatus,
    Publicity,
    RoleLabel,
    StakeholderRole,
    Strand,
    Topic,
)

T = TypeVar("T", Country, Period, StakeholderRole, Office, Topic)

DATA = Path(__file__).parent / "data"


def load_reference_data() -> None:
    """Add what is missing from the data files; what the secretariat has edited stays."""
    _load_countries()
    _load_periods()
    _load_strands()
    _load_roles()
    _load_offices()
    _load_topics()
    _load_objectives()
    _load_programmes()


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _by_code(table: type[T]) -> dict[str, T]:
    return {row.code: row for row in db.session.scalars(select(table))}


def _load_countries() -> None:
    known = _by_code(Country)
    for row in _rows("countries"):
        if row["code"] not in known:
            db.session.add(
                Country(
                    code=row["code"], name=row["name"], is_participating=bool(row["participating"])
                )
            )
    db.session.flush()


def _load_periods() -> None:
    known = _by_code(Period)
    for row in _rows("periods"):
        if row["code"] not in known:
            db.session.add(
                Period(
                    code=row["code"],
                    starts_on=date.fromisoformat(row["starts_on"]),
                    ends_on=date.fromisoformat(row["ends_on"]),
                    publicity=Publicity(row["publicity"]),
                    cofinancing_rate=Decimal(row["cofinancing_rate"]),
                )
            )
    db.session.flush()


def _load_strands() -> None:
    periods = _by_code(Period)
    known = {(s.period.code, s.code) for s in db.session.scalars(select(Strand))}
    for row in _rows("strands"):
        if (row["period"], row["code"]) not in known:
            db.session.add(
                Strand(period_id=periods[row["period"]].id, code=row["code"], name=row["name"])
            )
    db.session.flush()


def _load_roles() -> None:
    """A role is complete or missing: labels are only added together with their role."""
    periods, known = _by_code(Period), _by_code(StakeholderRole)
    new: dict[str, StakeholderRole] = {}
    for row in _rows("roles"):
        if row["code"] in known:
            continue
        role = new.setdefault(
            row["code"],
            StakeholderRole(code=row["code"], position=len(known) + len(new), labels=[]),
        )
        role.labels.append(
            RoleLabel(period_id=periods[row["period"]].id, label=row["label"], plural=row["plural"])
        )
    db.session.add_all(new.values())
    db.session.flush()


def _load_offices() -> None:
    countries, known = _by_code(Country), _by_code(Office)
    for row in _rows("offices"):
        if row["code"] not in known:
            db.session.add(
                Office(
                    code=row["code"],
                    name=row["name"],
                    city=row["city"],
                    country_id=countries[row["country"]].id,
                    zone=row["zone"],
                    subdivision=row["subdivision"] or None,
                    hue=Hue(row["hue"]),
                    email=row["email"],
                    signatory_title=f"Head of {row['name']}",
                    is_secretariat=bool(row["secretariat"]),
                )
            )
    db.session.flush()


def _load_topics() -> None:
    known = _by_code(Topic)
    db.session.add_all(Topic(**row) for row in _rows("topics") if row["code"] not in known)
    db.session.flush()


def _load_objectives() -> None:
    periods = _by_code(Period)
    known = {(o.period.code, o.code) for o in db.session.scalars(select(Objective))}
    for row in _rows("objectives"):
        if (row["period"], row["code"]) not in known:
            db.session.add(
                Objective(period_id=periods[row["period"]].id, code=row["code"], name=row["name"])
            )
    db.session.flush()


def _load_programmes() -> None:
    """A programme is known by its CCI code, or by name and strand where it has none."""
    countries = _by_code(Country)
    strands = {(s.period.code, s.code): s for s in db.session.scalars(select(Strand))}
    known = list(db.session.scalars(select(Programme)))
    codes = {p.code for p in known if p.code}
    names = {(p.name, p.strand_id) for p in known}
    for row in _rows("programmes"):
        strand = strands[row["period"], row["strand"]]
        if row["code"] in codes or (row["name"], strand.id) in names:
            continue
        db.session.add(
            Programme(
                code=row["code"] or None,
                name=row["name"],
                strand_id=strand.id,
                status=(
                    ProgrammeStatus.CLOSED
                    if row["period"] == "2014-2020"
                    else ProgrammeStatus.ACTIVE
                ),
                source=row["source"],
                note=row["note"],
                search_text=words.folded(f"{row['code']} {row['name']}"),
                countries=[countries[code] for code in row["countries"].split(";") if code],
            )
        )
    db.session.flush()
