"""The database: one session, aware instants, named constraints, and the lock on a row."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    Numeric,
    event,
    inspect,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, registry
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: refuses naive values, gives back aware UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive datetime is no instant: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table; constraints carry names, so that both databases can drop what they made."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: UtcDateTime(),
            Decimal: Numeric(12, 2),
            dict[str, Any]: JSON(),
            StrEnum: Enum(
                StrEnum,
                native_enum=False,
                length=30,
                values_callable=lambda choices: [choice.value for choice in choices],
            ),
        },
    )


class Session(FlaskSession):
    """On PostgreSQL what only reads opens no transaction: each statement sees committed rows
    anyway, and BEGIN and ROLLBACK would be two more trips to the server for each page."""

    def get_bind(self, *arguments: Any, **named: Any) -> Engine | Connection:
        bind = super().get_bind(*arguments, **named)
        is_one = not _reads_only.get() or _sees_one_moment.get()
        if is_one or isinstance(bind, Connection) or bind.dialect.name == "sqlite":
            return bind
        return _without_transactions(bind)


@cache
def _without_transactions(engine: Engine) -> Engine:
    """The same pool of connections."""
    return engine.execution_options(isolation_level="AUTOCOMMIT")


db = SQLAlchemy(model_class=Base, session_options={"class_": Session})

_reads_only: ContextVar[bool] = ContextVar("reads_only", default=False)
_sees_one_moment: ContextVar[bool] = ContextVar("sees_one_moment", default=False)


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun inside only read: SQLite then lets others write meanwhile."""
    token = _reads_only.set(True)
    try:
        yield
    finally:
        _reads_only.reset(token)


@contextmanager
def one_moment() -> Iterator[None]:
    """Transactions begun inside only read, and all their statements see the same moment."""
    token = _sees_one_moment.set(True)
    try:
        with reading():
            yield
    finally:
        _sees_one_moment.reset(token)


def lock(row: Base) -> None:
    """Hold the row, freshly read, until the transaction ends.

    PostgreSQL locks the row, and none that is joined to it; SQLite already holds its one write
    lock since the transaction began.
    """
    db.session.refresh(row, with_for_update={"of": type(row)})


def count_up(column: InstrumentedAttribute[int], rows: Sequence[dict[str, Any]]) -> None:
    """Add to counters by one statement: `rows` hold the key and the (signed) amount to add.

    A counter that does not exist begins at the amount.
    """
    if not rows:
        return
    table: Any = column.class_
    insert = _insert(table).values(list(rows))
    key = inspect(table).primary_key
    db.session.execute(
        insert.on_conflict_do_update(
            index_elements=list(key), set_={column.key: column + insert.excluded[column.key]}
        ),
        execution_options={"synchronize_session": False},
    )


def insert_new(key: InstrumentedAttribute[str], rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose unique `key` is not there yet, by one statement."""
    db.session.execute(
        _insert(key.class_).on_conflict_do_nothing(index_elements=[key.key]),
        list(rows),
        execution_options={"render_nulls": True},
    )


def _insert(table: Any) -> Any:
    """INSERT as both databases know it, with ON CONFLICT."""
    is_postgresql = db.session.get_bind().dialect.name == "postgresql"
    return (postgresql if is_postgresql else sqlite).insert(table)


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, _record: object) -> None:
    if not type(connection).__module__.startswith("sqlite3"):
        return
    connection.isolation_level = None  # we say BEGIN ourselves, below
    for pragma in (
        "foreign_keys=ON",
        "journal_mode=WAL",
        "busy_timeout=15000",
        "synchronous=NORMAL",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    """On SQLite a transaction that may write takes the write lock first, or it could fail
    half-way; one that reads sees one moment anyway."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN" if _reads_only.get() else "BEGIN IMMEDIATE")
    elif _sees_one_moment.get():
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
