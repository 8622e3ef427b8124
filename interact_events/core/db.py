"""The database: one session, aware instants, named constraints, and the lock on a row."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, cast

import psycopg
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Insert,
    MetaData,
    Numeric,
    Select,
    Table,
    Update,
    bindparam,
    event,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import (
    DeclarativeBase,
    InstrumentedAttribute,
    RelationshipDirection,
    lazyload,
    registry,
)
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.pool import Pool
from sqlalchemy.types import TypeDecorator

from interact_events.core.cursors import Cursor


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
        only_reads = _reads_only.get() and not _sees_one_moment.get()
        is_one = not (only_reads or _commits_each.get())
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
_commits_each: ContextVar[bool] = ContextVar("commits_each", default=False)


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


@contextmanager
def each_statement_commits() -> Iterator[None]:
    """On PostgreSQL each statement inside is a transaction of its own: no trips for BEGIN and
    COMMIT, and the connection is kept. `commit_statement` does the same for SQLite."""
    token = _commits_each.set(True)
    try:
        yield
    finally:
        _commits_each.reset(token)


def commit_statement() -> None:
    """After each statement within `each_statement_commits`."""
    if db.session.connection().get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        db.session.commit()


def lock(row: Base) -> None:
    """Hold the row, freshly read, until the transaction ends.

    PostgreSQL locks the row; SQLite already holds its one write lock since the transaction began.
    All that is related to it is read again when it is asked for: read together with it, it could
    be older than the lock. Only what always comes along is kept, where the row still belongs to it.
    """
    db.session.flush()
    known = row.__dict__.copy()
    db.session.expire(row)
    db.session.scalars(_locking(type(row)), _key(row)).one()
    for owner, number in _owners(type(row)):
        if owner in known and known.get(number) == getattr(row, number):
            set_committed_value(row, owner, known[owner])


@cache
def _owners(model: type[Base]) -> list[tuple[str, str]]:
    """The relationships to what always comes along with a row that belongs to it, each with the
    attribute of its number."""
    mapper = inspect(model)
    return [
        (each.key, mapper.get_property_by_column(number).key)
        for each in mapper.relationships
        if each.lazy == "joined" and each.direction is RelationshipDirection.MANYTOONE
        for number in each.local_columns
    ]


@cache
def _locking(model: type[Base]) -> Select[Any]:
    """Like all statements of every page made only once."""
    return (
        select(model)
        .where(*_is_that_row(inspect(model).primary_key))
        .options(lazyload("*"))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _key(row: Base) -> dict[str, Any]:
    """What `_is_that_row` asks for, without asking the database for what a commit let go of."""
    state = inspect(row)
    names = (f"_{column.name}" for column in state.mapper.primary_key)
    return dict(zip(names, state.identity or (), strict=True))


def _is_that_row(key: Iterable[Any]) -> list[ColumnElement[bool]]:
    return [column == bindparam(f"_{column.name}") for column in key]


def table_of(model: Any) -> Table:
    """Where nobody holds the rows as objects, the table alone is the shorter way to write them."""
    return cast("Table", inspect(model).local_table)


def write(row: Base, **values: Any) -> None:
    """Write columns of a row whose lock the caller holds, by a statement of its own."""
    db.session.execute(_writing(type(row)), values | _key(row))


@cache
def _writing(model: type[Base]) -> Update:
    table = table_of(model)
    return update(table).where(*_is_that_row(table.primary_key))


Changes = tuple[tuple[str, Any], ...]  # names of columns, each with its new value


def write_changes(rows: Sequence[Base]) -> None:
    """Write what has changed about rows of one table before a flush does, which sends a statement
    for each: all to whom the same has happened by one, for each thousand. One alone is left to it.
    Their columns hold plain values, no JSON.
    """
    alike: dict[Changes, list[Base]] = defaultdict(list)
    for row in rows if len(rows) > 1 else ():
        alike[_changes(row)].append(row)
    alike.pop((), None)  # nothing has
    for changes, those in alike.items():
        for at in range(0, len(those), 1000):
            _write_same(those[at : at + 1000], dict(changes))


def _changes(row: Base) -> Changes:
    state = inspect(row)
    old = state.committed_state if state.persistent else {}
    names = sorted(name for name in old if name in state.mapper.columns)
    new = ((name, getattr(row, name)) for name in names)
    return tuple((name, value) for name, value in new if value != old[name])


def _write_same(rows: Sequence[Base], changes: dict[str, Any]) -> None:
    table = table_of(type(rows[0]))
    (key,) = table.primary_key
    numbers = [number for row in rows for number in inspect(row).identity or ()]
    with db.session.no_autoflush:  # it would come first
        db.session.execute(update(table).where(key.in_(numbers)).values(changes))
    for row in rows:
        for name, value in changes.items():
            set_committed_value(row, name, value)


def count_up(column: InstrumentedAttribute[int], rows: Sequence[dict[str, Any]]) -> None:
    """Add to counters by one statement: `rows` hold the key and the (signed) amount to add.

    A counter that does not exist begins at the amount.
    """
    if rows:
        db.session.execute(_counting(_dialect(), column), list(rows))


@cache
def _counting(dialect: str, column: InstrumentedAttribute[int]) -> Any:
    """What is returned makes many rows one statement."""
    table = table_of(column.class_)
    insert = _INSERT[dialect](table)
    counter = table.c[column.key]
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={counter.key: counter + insert.excluded[counter.key]},
    ).returning(counter)


def put_all(model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows over those with the same primary key, by one statement for each thousand."""
    if rows:
        _insert_all(_putting(_dialect(), model, tuple(rows[0])), rows)


@cache
def _putting(dialect: str, model: type[Base], names: tuple[str, ...]) -> Any:
    table = table_of(model)
    insert = _INSERT[dialect](table)
    own = [column.name for column in table.primary_key]
    changed = {name: insert.excluded[name] for name in names if name not in own}
    return insert.on_conflict_do_update(index_elements=own, set_=changed)


def insert_new(keys: Sequence[InstrumentedAttribute[Any]], rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose unique `keys` are not there yet, by one statement for each thousand."""
    _insert_all(_inserting(_dialect(), *keys), rows)


def _insert_all(insert: Insert, rows: Sequence[dict[str, Any]]) -> None:
    """An INSERT with ON CONFLICT is one statement for many rows only where it returns something."""
    if len(rows) > 1:
        insert = insert.returning(*insert.table.primary_key)
    db.session.execute(insert, list(rows))


def insert_once(keys: Sequence[InstrumentedAttribute[Any]], **values: Any) -> bool:
    """Insert a row unless one with these unique `keys` is there, by one statement: whether it
    was news. Of two who come at once the later one waits for the first and learns of it."""
    table = table_of(keys[0].class_)
    insert = _inserting(_dialect(), *keys).returning(*table.primary_key)
    return db.session.execute(insert, values).first() is not None


@cache
def _inserting(dialect: str, *keys: InstrumentedAttribute[Any]) -> Any:
    insert = _INSERT[dialect](table_of(keys[0].class_))
    return insert.on_conflict_do_nothing(index_elements=list(keys))


_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def _dialect() -> str:
    """Which of the two: each has an INSERT with ON CONFLICT of its own."""
    return db.session.get_bind().dialect.name


@event.listens_for(Engine, "connect")
def _set_up(connection: Any, _record: object) -> None:
    if isinstance(connection, psycopg.Connection):
        connection.cursor_factory = Cursor
    else:
        _set_up_sqlite(connection)


@event.listens_for(Engine, "engine_connect")
def _insert_together(connection: Connection) -> None:
    """Rows that are inserted at once go as one statement for each thousand; psycopg would send a
    statement for each row."""
    connection.dialect.use_insertmanyvalues_wo_returning = True


def _set_up_sqlite(connection: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    for pragma in (
        "foreign_keys=ON",
        "journal_mode=WAL",
        "busy_timeout=15000",
        "synchronous=NORMAL",
    ):
        connection.execute(f"PRAGMA {pragma}")


RESTED = 1.0  # seconds after which a connection may have ended without our knowledge


@event.listens_for(Pool, "checkin")
def _note_rest(_connection: object, record: Any) -> None:
    record.info["rests_since"] = time.monotonic()


@event.listens_for(Pool, "checkout")
def _ask_who_rested(connection: Any, record: Any, _proxy: object) -> None:
    """Whether the connection is still there. One that was used just now is: to ask each time, as
    the pool itself would, is one more trip to the server for each page."""
    rests_since = record.info.get("rests_since")
    if rests_since is None or time.monotonic() - rests_since < RESTED:
        return
    try:
        connection.cursor().execute("SELECT 1")
        connection.rollback()
    except connection.Error as gone:
        raise InvalidatePoolError from gone  # whatever ended this one has ended the others


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    """On SQLite a transaction that may write takes the write lock first, or it could fail
    half-way; one that reads sees one moment anyway."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN" if _reads_only.get() else "BEGIN IMMEDIATE")
    elif _sees_one_moment.get():
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
