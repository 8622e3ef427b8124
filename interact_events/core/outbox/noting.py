"""Writing down what becomes of mails: before the mail server has one, and afterwards."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BindParameter, bindparam, func, select, update
from sqlalchemy.exc import OperationalError

from interact_events.core.db import commit_statement, db, table_of
from interact_events.core.outbox.rows import OutboxMessage

PATIENCE = 60  # seconds for a database that is away while an outcome has to be noted

# What sending changes, so that one statement writes all that there is to note: these each time,
ALWAYS = ("claim", "handed_at", "attempts")
# and these where there is something new.
PERHAPS = (
    "state",
    "next_attempt_at",
    "answer",
    "history",
    "sent_at",
    "values",
    "sent_subject",
    "sent_text",
    "sent_html",
)
_TABLE = table_of(OutboxMessage)
_COLUMNS = _TABLE.c


def _new(name: str) -> BindParameter[Any]:
    type_ = _COLUMNS[name].type
    return bindparam(
        f"new_{name}", type_=JSON(none_as_null=True) if isinstance(type_, JSON) else type_
    )


_WRITE = (
    update(_TABLE)
    .where(_COLUMNS.id == bindparam("its_id"), _COLUMNS.claim == bindparam("its_claim"))
    .values(
        {name: _new(name) for name in ALWAYS}
        | {name: func.coalesce(_new(name), _COLUMNS[name]) for name in PERHAPS}
    )
)


class TakenError(Exception):
    """Another worker has the mail by now."""


class Notes:
    """One worker's notes on the mails that it has claimed, where each statement commits.

    The outcome of a mail is written together with the mark of the next, which saves a trip to the
    disk for each mail. A worker that dies in between leaves a doubt, never a second mail.
    """

    def __init__(self) -> None:
        self._kept: list[dict[str, Any]] = []

    def mark(self, row: OutboxMessage, now: datetime) -> None:
        """From here on the mail may have arrived, whatever happens to us.

        Raises TakenError where it is no longer ours.
        """
        row.handed_at = now
        wanted = [*self._kept, _changes(row, claim=row.claim)]
        found = _write(wanted)
        self._kept = []
        if found < len(wanted) and not _is_ours(row):
            raise TakenError

    def outcome(self, rows: Sequence[OutboxMessage], **values: Any) -> None:
        """What became of them: for all of them the same."""
        self.write()
        self._kept = [_changes(row, **values) for row in rows]

    def write(self) -> None:
        """Write what is kept, which a database that is away for a moment must not lose."""
        until = time.monotonic() + PATIENCE
        while self._kept:
            try:
                _write(self._kept)
            except OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)
            else:
                self._kept = []


def _changes(row: OutboxMessage, **values: Any) -> dict[str, Any]:
    values = {"claim": None, "handed_at": row.handed_at, "attempts": row.attempts} | values
    new = {f"new_{name}": values.get(name) for name in (*ALWAYS, *PERHAPS)}
    return {"its_id": row.id, "its_claim": row.claim, **new}


def _write(changes: list[dict[str, Any]]) -> int:
    """Change rows while they are ours; says how many are."""
    try:
        found = db.session.connection().execute(_WRITE, changes)
        commit_statement()
    except OperationalError:
        db.session.rollback()
        raise
    return found.rowcount


def _is_ours(row: OutboxMessage) -> bool:
    mine = OutboxMessage.id == row.id, OutboxMessage.claim == row.claim
    is_ours = db.session.scalar(select(OutboxMessage.id).where(*mine)) is not None
    commit_statement()
    return is_ours
