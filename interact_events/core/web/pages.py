"""Cutting long lists into pages."""

from dataclasses import dataclass
from typing import Generic, TypeVar

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

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))


def page_of(query: Select[T], size: int = 25) -> Page[T]:
    """The rows of `query` that `?page=` asks for; a page past the end is the last one."""
    total = (
        db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    )
    asked = request.args.get("page", 1, type=int)
    number = min(max(1, asked), max(1, -(-total // size)))
    rows = db.session.scalars(query.limit(size).offset((number - 1) * size)).unique().all()
    return Page(list(rows), number, size, total)
