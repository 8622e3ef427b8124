"""Cutting long lists into pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request
from sqlalchemy import Select, func, select

from interact_events.core.db import db

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list of `total` rows."""

    rows: list[T]
    number: int
    size: int
    total: int
    is_more: bool = False  # there are further ones, which nobody has counted

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))


def page_of(query: Select[T], size: int = 25) -> Page[T]:
    """The rows of `query` that `?page=` asks for; a page past the end is the last one."""
    counted = query.order_by(None)
    total = db.session.scalar(select(func.count()).select_from(counted.subquery())) or 0
    number = _asked(total, size)
    rows = db.session.scalars(query.limit(size).offset((number - 1) * size)).unique().all()
    return Page(list(rows), number, size, total)


def page_of_first(query: Select[T], rows: Select[T], size: int, *, most: int) -> Page[T]:
    """The same of the first `most`: to count all takes longer the more there are. Their numbers
    alone are looked for and sorted, and once; those of the page are then read as `rows` says."""
    key: Any = query.column_descriptions[0]["entity"].id
    found = db.session.scalars(query.with_only_columns(key).limit(most + 1)).all()
    total = min(len(found), most)
    number = _asked(total, size)
    shown = found[:most][(number - 1) * size : number * size]
    read = db.session.scalars(rows.where(key.in_(shown))).unique().all() if shown else []
    by_place = sorted(read, key=lambda row: shown.index(row.id))  # type: ignore[attr-defined]
    return Page(by_place, number, size, total, is_more=len(found) > most)


def page_within(rows: Sequence[T], size: int) -> Page[T]:
    """The same of rows that are read already."""
    number = _asked(len(rows), size)
    return Page(list(rows[(number - 1) * size : number * size]), number, size, len(rows))


def _asked(total: int, size: int) -> int:
    asked = request.args.get("page", 1, type=int)
    return min(max(1, asked), max(1, -(-total // size)))
