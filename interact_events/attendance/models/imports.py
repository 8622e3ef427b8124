"""Reports of online meetings that staff import, and by what people are known again."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.accounts.models import User
from interact_events.attendance.rules import ReportKind
from interact_events.core.db import Base
from interact_events.events.models import Event


class ImportState(StrEnum):
    """How far an import is."""

    OPEN = "open"
    APPLIED = "applied"
    UNDONE = "undone"
    EXPIRED = "expired"  # its file was deleted before anybody applied it

    @property
    def label(self) -> str:
        return {
            "open": "To be checked",
            "applied": "Noted",
            "undone": "Undone",
            "expired": "Deleted unused",
        }[self.value]


class AttendanceImport(Base):
    """A report that somebody sent for an event, and what staff chose about it.

    `choices` holds zone, order of days, sessions left out, and people by the line of the report:
    numbers alone, for the names go with the file. `before` is what undoing restores.
    """

    __tablename__ = "attendance_imports"
    __table_args__ = (
        CheckConstraint("size >= 0", name="size_is_not_negative"),
        Index(None, "event_id", "sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    kind: Mapped[ReportKind]
    file_name: Mapped[str]
    stored_as: Mapped[str | None] = mapped_column(unique=True)  # until the file is deleted
    size: Mapped[int]
    sha256: Mapped[str]
    rows: Mapped[int]
    uploaded_at: Mapped[datetime] = mapped_column(index=True)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    choices: Mapped[dict[str, Any]]

    people: Mapped[int] = mapped_column(default=0)
    applied_at: Mapped[datetime | None]
    applied_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    event: Mapped[Event] = relationship()
    uploaded_by: Mapped[User] = relationship(foreign_keys=uploaded_by_id)
    applied_by: Mapped[User | None] = relationship(foreign_keys=applied_by_id)
    undone_by: Mapped[User | None] = relationship(foreign_keys=undone_by_id)

    @property
    def state(self) -> ImportState:
        if self.applied_at:
            return ImportState.APPLIED
        if self.undone_at:
            return ImportState.UNDONE
        return ImportState.OPEN if self.stored_as else ImportState.EXPIRED


class AttendanceAlias(Base):
    """Staff confirmed that somebody joins meetings under this folded name, or this address."""

    __tablename__ = "attendance_aliases"
    __table_args__ = (UniqueConstraint("key", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    import_id: Mapped[int | None] = mapped_column(
        ForeignKey("attendance_imports.id", ondelete="SET NULL"), index=True
    )
    confirmed_at: Mapped[datetime]
    confirmed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
