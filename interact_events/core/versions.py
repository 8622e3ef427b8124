"""Which version of the site people see: another one with each change to what any page shows.

The version is one row. Whatever transaction writes to a table that may be shown gives it a new
value as its last statement before COMMIT. So what one reads under a version is never older than
it, the row is held no longer than the commit itself, and as it is always the last lock that a
transaction takes, no two can wait for each other.
"""

import re
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Connection, Engine, Table, event
from sqlalchemy.orm import Mapped, mapped_column

from interact_events.core.db import Base

_NOTED = "is_noted"  # in the connection's `info`: this transaction changes what is shown
UNNOTED = "is_unnoted"  # an execution option of connections whose changes no version counts
READ = "SELECT token FROM public_versions"
_BUMP = "UPDATE public_versions SET token = '{}'"
_READS = re.compile(
    r"\s*(SELECT|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET|SHOW|PRAGMA|EXPLAIN|ANALYZE|VACUUM)\b",
    re.IGNORECASE,
)


class PublicVersion(Base):
    """The one row. A random token rather than a number: one that comes back, as when a backup is
    restored, would bring back old pages."""

    __tablename__ = "public_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str]


class Hidden:
    """The tables that no kept page shows. Any other one, known or not, may be shown."""

    def __init__(self) -> None:
        self.names: frozenset[str] = frozenset({PublicVersion.__tablename__})
        self._reaching: frozenset[str] = frozenset()
        self._named = re.compile(r"(?!)")

    def set(self, names: Iterable[str]) -> None:
        self._named = re.compile(rf"\b(?:{'|'.join(names)})\b")
        self.names |= frozenset(names)
        self._reaching = frozenset(_reaching_beyond(self.names))

    def is_named(self, statement: str) -> bool:
        return self._named.search(statement) is not None

    def hides(self, table: str, *, is_delete: bool) -> bool:
        """Deleting a row may take along rows of others that refer to it, without a statement."""
        return table in self.names and not (is_delete and table in self._reaching)


hidden = Hidden()


def _reaching_beyond(names: frozenset[str]) -> set[str]:
    """Those of the tables whose deletions the database carries on to tables that are not among
    them, at once or through others."""
    edges = {
        (key.column.table.name, table.name)
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.ondelete
    }
    reaching: set[str] = set()
    while True:
        more = {a for a, b in edges if a in names and (b not in names or b in reaching)}
        if more <= reaching:
            return reaching
        reaching |= more


class Watch:
    """Whether any hidden table was read while it was on."""

    def __init__(self) -> None:
        self.has_read_hidden = False


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watching() -> Iterator[Watch]:
    """What is made of hidden tables is known by no version, and must not be kept."""
    watch = Watch()
    token = _watch.set(watch)
    try:
        yield watch
    finally:
        _watch.reset(token)


# -- writing -------------------------------------------------------------------------------------


@event.listens_for(Engine, "before_cursor_execute")
def _note(
    connection: Connection, _cursor: object, statement: str, _values: object, context: Any, _m: bool
) -> None:
    watch = _watch.get()
    if watch and hidden.is_named(statement):
        watch.has_read_hidden = True
    if _is_shown(statement, context) and not connection.get_execution_options().get(UNNOTED):
        connection.info[_NOTED] = True


def _is_shown(statement: str, context: Any) -> bool:
    """Whether the statement changes what a page may show."""
    compiled = context.compiled if context else None
    if context and (context.isinsert or context.isupdate or context.isdelete):
        table = getattr(getattr(compiled, "statement", None), "table", None)
        if isinstance(table, Table):
            return not hidden.hides(table.name, is_delete=context.isdelete)
    return not (_READS.match(statement) or statement.startswith(_BUMP[:22]))


@event.listens_for(Engine, "commit")
def bump(connection: Connection) -> None:
    """A new version, if the transaction has changed anything that is shown."""
    if connection.info.pop(_NOTED, False):
        connection.exec_driver_sql(_BUMP.format(secrets.token_hex(12)))


@event.listens_for(Engine, "after_cursor_execute")
def _bump_at_once(
    connection: Connection, _c: object, _s: object, _v: object, _context: object, _m: bool
) -> None:
    """Where each statement commits by itself, there is no other moment."""
    is_noted = connection.info.get(_NOTED, False)
    if is_noted and connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        bump(connection)


@event.listens_for(Engine, "rollback")
def forget(connection: Connection) -> None:
    """What is undone is no change. A connection that broke has nothing noted any more."""
    if not connection.invalidated:
        connection.info.pop(_NOTED, None)


# -- reading -------------------------------------------------------------------------------------


class Reader:
    """Asks for the version by one statement on a connection of its own, which no transaction
    keeps and no pool tests before: each question is as cheap as a question can be."""

    def __init__(self, engine: Engine, still_signed_in: str) -> None:
        self._engine = engine
        self._idle: deque[Any] = deque()
        mark = "?" if engine.dialect.name == "sqlite" else "%s"
        self.of_one = f"{READ} WHERE EXISTS ({still_signed_in} {mark})"

    def __call__(self, sign_in: str | None) -> str | None:
        """The version, or nothing where there is none, or where that sign-in has ended."""
        connection = self._taken() or self._connect()
        try:
            row = self.ask(connection.execute, sign_in)
        except self._engine.dialect.loaded_dbapi.Error:
            connection.close()
            self._drop_idle()  # whatever ended this one has ended the others
            connection = self._connect()
            row = self.ask(connection.execute, sign_in)
        self._idle.append(connection)
        return row[0] if row else None

    def _taken(self) -> Any:
        """An idle connection; other threads take theirs at the same time."""
        with suppress(IndexError):
            return self._idle.pop()
        return None

    def ask(self, execute: Callable[..., Any], sign_in: str | None) -> Any:
        asked = execute(self.of_one, (sign_in,)) if sign_in else execute(READ)
        return asked.fetchone()

    def _connect(self) -> Any:
        dialect = self._engine.dialect
        arguments, options = dialect.create_connect_args(self._engine.url)
        if dialect.name == "sqlite":
            return dialect.connect(*arguments, **options, isolation_level=None)
        return dialect.connect(*arguments, **options, autocommit=True, prepare_threshold=0)

    def _drop_idle(self) -> None:
        while connection := self._taken():
            connection.close()
