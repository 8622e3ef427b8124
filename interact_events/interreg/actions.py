"""Loading and editing the network's data."""

import csv
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import select

from interact_events.core import audit, words
from interact_events.core.audit import HasId
from interact_events.core.db import Base, db
from interact_events.core.errors import DomainError
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
    SitePage,
    StakeholderRole,
    Strand,
    Topic,
)
from interact_events.interreg.queries import namesake

T = TypeVar("T", Country, Period, StakeholderRole, Office, Topic, SitePage)

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
    _load_pages()


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
                    address=row["address"],
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
    """A programme keeps the sign it came in with, because its code and name may be edited."""
    countries = _by_code(Country)
    strands = {(s.period.code, s.code): s for s in db.session.scalars(select(Strand))}
    known = list(db.session.scalars(select(Programme)))
    signs = {p.imported_as for p in known}
    codes = {p.code for p in known if p.code}
    names = {(p.strand_id, p.name) for p in known}
    for row in _rows("programmes"):
        sign = f"{row['period']}/{row['strand']}/{row['name']}"
        strand = strands[row["period"], row["strand"]]
        if sign in signs or row["code"] in codes or (strand.id, row["name"]) in names:
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
                search_text=_search_text(row["code"], row["name"]),
                imported_as=sign,
                countries=[countries[code] for code in row["countries"].split(";") if code],
            )
        )
    db.session.flush()


def _search_text(code: str | None, name: str) -> str:
    return words.folded(f"{code or ''} {name}")


def _load_pages() -> None:
    """A page's file begins with its title; the order of the files is that of the site map."""
    known = _by_code(SitePage)
    for position, file in enumerate(sorted((DATA / "pages").glob("*.md"))):
        code = file.stem.partition("-")[2]
        if code not in known:
            title, _, body = file.read_text(encoding="utf-8").partition("\n")
            db.session.add(
                SitePage(code=code, title=title.lstrip("# "), body=body.strip(), position=position)
            )
    db.session.flush()


def save(row: Base, values: Mapping[str, Any], *, actor: HasId, now: datetime) -> None:
    """Write `values` into a row, new or known, unless another row already has them."""
    if twin := namesake(row, values):
        field, taken = twin
        raise DomainError(f"{taken} is taken. Choose another one.", field)
    is_new = row not in db.session
    before = {} if is_new else _plain(row, values)
    for name, value in values.items():
        setattr(row, name, value)
    db.session.add(row)
    after = _plain(row, values)
    changes = {n: [before.get(n), after[n]] for n in values if before.get(n) != after[n]}
    if changes:
        audit.record("added" if is_new else "edited", row, actor=actor, now=now, **changes)


def _plain(row: Base, names: Mapping[str, Any]) -> dict[str, Any]:
    """The row's values of those names in words that fit into JSON."""

    def in_words(value: object) -> Any:
        if isinstance(value, list):
            return sorted(row.code for row in value)
        return value if value is None or isinstance(value, bool | int) else str(value)

    return {name: in_words(getattr(row, name)) for name in names}


def save_period(period: Base, values: Mapping[str, Any], *, actor: HasId, now: datetime) -> None:
    """A period lasts from its first day to its last."""
    if values["ends_on"] <= values["starts_on"]:
        raise DomainError("The last day must come after the first day.", "ends_on")
    save(period, values, actor=actor, now=now)


def save_programme(
    programme: Base, values: Mapping[str, Any], *, actor: HasId, now: datetime
) -> None:
    """What people search for follows the code and the name."""
    save(programme, values, actor=actor, now=now)
    cast("Programme", programme).search_text = _search_text(values["code"], values["name"])


def save_role(role: Base, values: Mapping[str, Any], *, actor: HasId, now: datetime) -> None:
    """`labels` holds what the role is called, one and many, by the number of a period."""
    own = {name: value for name, value in values.items() if name != "labels"}
    save(role, own, actor=actor, now=now)
    known = cast("StakeholderRole", role)
    before = {label.period_id: [label.label, label.plural] for label in known.labels}
    for period_id, (label, plural) in values["labels"].items():
        known.relabel(period_id, label, plural)
    changes = {
        str(period_id): [before.get(period_id), list(pair)]
        for period_id, pair in values["labels"].items()
        if before.get(period_id) != list(pair)
    }
    if changes:
        audit.record("relabelled", role, actor=actor, now=now, labels=changes)


def retire(row: Base, *, actor: HasId, now: datetime) -> None:
    """Offer the row no longer; what already uses it keeps it."""
    if isinstance(row, Programme):
        row.status = ProgrammeStatus.SUSPENDED
    else:
        cast("Any", row).is_retired = True
    audit.record("retired", row, actor=actor, now=now)


def bring_back(row: Base, *, actor: HasId, now: datetime) -> None:
    """Offer the row again; a programme whose period has ended comes back as closed."""
    if isinstance(row, Programme):
        has_ended = row.strand.period.ends_on < now.date()
        row.status = ProgrammeStatus.CLOSED if has_ended else ProgrammeStatus.ACTIVE
    else:
        cast("Any", row).is_retired = False
    audit.record("brought back", row, actor=actor, now=now)
