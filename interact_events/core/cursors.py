"""Results of PostgreSQL whose columns are described only where somebody asks.

SQLAlchemy looks at each result for whether it has columns at all; what they are it knows from the
statement, but for the first time that it meets one. To describe some hundred columns for each page
takes a twentieth of the page's time.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import psycopg


class Columns(Sequence[Any]):
    """What `description` of the cursor's present result gives."""

    def __init__(self, cursor: "Cursor") -> None:
        self._cursor = cursor

    @cached_property
    def _all(self) -> list[Any]:
        return super(Cursor, self._cursor).description or []

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, at: Any) -> Any:
        return self._all[at]


class Cursor(psycopg.Cursor[Any]):
    """Read its description before the next statement."""

    @property
    def description(self) -> Any:
        result = self.pgresult
        has_any = result and (result.nfields or result.status == psycopg.pq.ExecStatus.TUPLES_OK)
        return Columns(self) if has_any else None
