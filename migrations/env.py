"""Alembic on the application's own engine; batch mode, so that SQLite can alter tables too."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection, Engine

from interact_events.core.db import UtcDateTime
from interact_events.core.versions import UNNOTED

database = current_app.extensions["migrate"].db


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Migrations stay readable without the package: its types are written as plain SQL types."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def compare_type(
    _context: Any, _inspected: Any, _column: Any, theirs: Any, ours: Any
) -> bool | None:
    """An instant is a DateTime in the database; everything else is compared as usual."""
    return False if isinstance(ours, UtcDateTime) else None


def _is_in_models(name: str | None, kind: str, _parents: Any) -> bool:
    """But for indexes over functions, which only PostgreSQL has and only SQL can write."""
    return not (kind == "index" and name in ("ix_events_search_parts", "ix_events_span"))


@contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
    """SQLite alters a table by making it anew and dropping the old one, which would take along
    every row that refers to it. The switch works outside of transactions only."""
    if connection.dialect.name != "sqlite":
        yield
        return
    sqlite = connection.connection.dbapi_connection
    sqlite.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        if broken := sqlite.execute("PRAGMA foreign_key_check").fetchall():
            raise RuntimeError(f"The migration has left rows that refer to nothing: {broken[:10]}")
    finally:
        sqlite.execute("PRAGMA foreign_keys=ON")


def _unnoted() -> Engine:
    """Pages are not made anew for it, as the application starts anew after a migration; and the
    version's own table may not be there yet."""
    engine: Engine = database.engine.execution_options(**{UNNOTED: True})
    return engine


def run() -> None:
    with _unnoted().connect() as connection, without_foreign_keys(connection):
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_item=render_item,
            compare_type=compare_type,
            render_as_batch=True,
            include_name=_is_in_models,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
