"""Alembic on the application's own engine; batch mode, so that SQLite can alter tables too."""

from typing import Any

from alembic import context
from flask import current_app

from interact_events.core.db import UtcDateTime

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


def run() -> None:
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_item=render_item,
            compare_type=compare_type,
            render_as_batch=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
