"""Who was at which session, what was corrected, and what closes the list."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.accounts.models import User
from interact_events.attendance.rules import Source, Spans, as_json, from_json
from interact_events.core.db import Base
from interact_events.events.models import Event, Session
from interact_events.registrations.models import Registration


class Presence(Base):
    """Somebody was at a session; taking it back deletes the row, the audit trail keeps both.

    `parts` are the spans of time in which they were there; without any, all of the session.
    """

    __tablename__ = "presences"
    __table_args__ = (
        UniqueConstraint("registration_id", "session_id"),
        {"sqlite_autoincrement": True},  # undoing an import names rows that may be gone
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    source: Mapped[Source] = mapped_column(default=Source.DESK)
    parts: Mapped[list[list[str]] | None] = mapped_column(JSON(none_as_null=True))
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    import_id: Mapped[int | None] = mapped_column(ForeignKey("attendance_imports.id"), index=True)

    registration: Mapped[Registration] = relationship()
    session: Mapped[Session] = relationship()
    recorded_by: Mapped[User] = relationship()

    @property
    def spans(self) -> Spans:
        return from_json(self.parts)

    @spans.setter
    def spans(self, spans: Spans) -> None:
        self.parts = as_json(spans)

    @property
    def version(self) -> str:
        """Another one after each change."""
        return f"{self.id}.{self.source.value}.{self.recorded_at.timestamp()}"


class Correction(Base):
    """What was noted of somebody at a session, and what holds since; empty: not there."""

    __tablename__ = "presence_corrections"
    __table_args__ = (
        CheckConstraint("reason != ''", name="has_reason"),
        Index(None, "registration_id", "session_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id", ondelete="CASCADE"))
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    reason: Mapped[str]
    corrected_at: Mapped[datetime]
    corrected_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    session: Mapped[Session] = relationship()
    corrected_by: Mapped[User] = relationship()


class Closing(Base):
    """From then on the attendance of an event stays as it is, until a lead opens it again."""

    __tablename__ = "attendance_closings"
    __table_args__ = (
        Index(
            "uq_attendance_closings_one_each",
            "event_id",
            unique=True,
            sqlite_where=text("reopened_at IS NULL"),
            postgresql_where=text("reopened_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    closed_at: Mapped[datetime]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reopened_at: Mapped[datetime | None]
    reopened_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(default="")  # why it was opened again

    event: Mapped[Event] = relationship()
    closed_by: Mapped[User | None] = relationship(foreign_keys=closed_by_id)
    reopened_by: Mapped[User | None] = relationship(foreign_keys=reopened_by_id)


class NoShow(Base):
    """The office has noted that somebody with a seat did not come, and had not said so."""

    __tablename__ = "no_shows"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True
    )
    noted_at: Mapped[datetime]
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
