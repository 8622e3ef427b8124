"""Reading the network's data."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, UniqueConstraint, inspect, or_, select
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from interact_events.core import words
from interact_events.core.db import Base, db
from interact_events.interreg.models import (
    Country,
    Office,
    Period,
    Programme,
    RoleLabel,
    SitePage,
    StakeholderRole,
    Strand,
)


def office_by_code(code: str) -> Office | None:
    return db.session.scalar(select(Office).where(Office.code == code))


def offices() -> Sequence[Office]:
    """Those at work, the secretariat last."""
    query = select(Office).where(~Office.is_retired)
    return db.session.scalars(query.order_by(Office.is_secretariat, Office.city)).all()


def site_page(code: str) -> SitePage | None:
    return db.session.scalar(select(SitePage).where(SitePage.code == code))


def site_pages() -> Sequence[SitePage]:
    return db.session.scalars(select(SitePage).order_by(SitePage.position)).all()


def periods() -> Sequence[Period]:
    """Those in use, the newest first."""
    query = select(Period).where(~Period.is_retired).order_by(Period.starts_on.desc())
    return db.session.scalars(query).all()


def strands(keep: int | None = None) -> Sequence[Strand]:
    """Those in use and the one numbered `keep`, by period."""
    query = select(Strand).join(Strand.period).where(~Strand.is_retired | (Strand.id == keep))
    return db.session.scalars(query.order_by(Period.starts_on.desc(), Strand.code)).all()


def countries(keep: Collection[int] = ()) -> Sequence[Country]:
    """Those in use and those numbered in `keep`, by name."""
    query = select(Country).where(~Country.is_retired | Country.id.in_(keep))
    return db.session.scalars(query.order_by(Country.name)).all()


def countries_numbered(numbers: Collection[int]) -> list[Country]:
    return list(db.session.scalars(select(Country).where(Country.id.in_(numbers))))


def matching(query: Select[Any], text: str, *columns: InstrumentedAttribute[Any]) -> Select[Any]:
    """The rows of `query` that hold every word of `text` in one of the columns."""
    for word in text.split():
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return query


def programmes_matching(text: str) -> Select[Any]:
    """Programmes by code and name, whatever marks their letters carry; the newest period first."""
    query = (
        select(Programme)
        .join(Programme.strand)
        .join(Strand.period)
        .options(selectinload(Programme.countries))
        .order_by(Period.starts_on.desc(), Programme.name)
    )
    for word in words.folded(text).split():
        query = query.where(Programme.search_text.contains(word, autoescape=True))
    return query


def roles_matching(text: str) -> Select[Any]:
    """Roles by code or by what they are called in any period."""
    query = select(StakeholderRole).order_by(StakeholderRole.position)
    for word in text.split():
        called = StakeholderRole.labels.any(RoleLabel.label.icontains(word, autoescape=True))
        query = query.where(or_(StakeholderRole.code.icontains(word, autoescape=True), called))
    return query


def namesake(row: Base, values: Mapping[str, Any]) -> tuple[str, str] | None:
    """What another row already has of `values` and must not share: its field and its words."""
    mapper = inspect(type(row))
    for constraint in row.__table__.constraints:  # type: ignore[attr-defined]  # of a Table
        if not isinstance(constraint, UniqueConstraint):
            continue
        names = [column.key for column in constraint.columns]
        wanted = {name: values.get(name, getattr(row, name)) for name in names}
        if None in wanted.values():
            continue
        others: list[ColumnElement[bool]] = [
            mapper.attrs[name].class_attribute == value for name, value in wanted.items()
        ]
        with db.session.no_autoflush:
            found = db.session.scalar(select(type(row)).where(*others).limit(1))
        if found is not None and found is not row:
            field = next(name for name in reversed([*names]) if not name.endswith("_id"))
            return field, f"“{wanted[field]}”"
    return None
