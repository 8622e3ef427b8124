"""What was changed, by whom and when: one row in the transaction of the change itself."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Index, insert
from sqlalchemy.orm import Mapped, mapped_column

from interact_events.core.db import Base, db, table_of


class HasId(Protocol):
    """Anything with a number of its own: an actor or a row."""

    @property
    def id(self) -> int: ...


class AuditEntry(Base):
    """One change. `actor_id` is a user's number, empty for what a job did by itself."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "subject_type", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    changes: Mapped[dict[str, Any]]


def record(
    action: str, subject: Base, *, actor: HasId | None, now: datetime, **changes: Any
) -> AuditEntry:
    """Note that `actor` did `action` to `subject`; `changes` must fit into JSON.

    Names and addresses of people do not belong in `changes`: the entry outlives them.
    """
    db.session.flush()  # a new subject gets its number first
    entry = AuditEntry(**_facts(action, subject, actor, now, changes))
    db.session.add(entry)
    return entry


def record_all(
    changed: Iterable[tuple[str, Base, dict[str, Any]]], *, actor: HasId | None, now: datetime
) -> None:
    """Note a thousand changes by one statement: (action, subject that has its number, changes)."""
    rows = [_facts(action, row, actor, now, what) for action, row, what in changed]
    if rows:
        db.session.execute(_INSERT, rows)


_INSERT = insert(table_of(AuditEntry)).inline()  # nobody asks for the numbers


def _facts(
    action: str, subject: Base, actor: HasId | None, now: datetime, changes: dict[str, Any]
) -> dict[str, Any]:
    return {
        "at": now,
        "actor_id": actor.id if actor else None,
        "action": action,
        "subject_type": subject.__tablename__,
        "subject_id": subject.id,  # type: ignore[attr-defined]  # every table here has one
        "changes": changes,
    }
