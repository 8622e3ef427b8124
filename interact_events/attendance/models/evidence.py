"""Scans of what people have signed, for those who audit the event."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.accounts.models import User
from interact_events.core import words
from interact_events.core.db import Base
from interact_events.core.file_kinds import KINDS, ending_of
from interact_events.events.models import Event, Session


class EvidenceFile(Base):
    """A file that belongs to a session, to a day, or to the whole event.

    The row stays when the file is removed, and says who did it.
    """

    __tablename__ = "evidence_files"
    __table_args__ = (
        CheckConstraint("(stored_as IS NULL) = (removed_at IS NOT NULL)", name="is_there_or_not"),
        CheckConstraint("session_id IS NULL OR held_on IS NULL", name="session_or_day"),
        CheckConstraint("size > 0", name="has_content"),
        Index(
            "uq_evidence_files_once",
            "event_id",
            "sha256",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    session_id: Mapped[int | None] = mapped_column(
        ForeignKey("sessions.id", ondelete="SET NULL"), index=True
    )
    held_on: Mapped[date | None]  # a day of the event, in its zone
    stored_as: Mapped[str | None] = mapped_column(unique=True)
    file_name: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    uploaded_at: Mapped[datetime]
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    event: Mapped[Event] = relationship()
    session: Mapped[Session | None] = relationship()
    uploaded_by: Mapped[User] = relationship(foreign_keys=uploaded_by_id)
    removed_by: Mapped[User | None] = relationship(foreign_keys=removed_by_id)

    @property
    def media_type(self) -> str:
        return KINDS[ending_of(self.file_name)].media_type

    @property
    def what(self) -> str:
        """ "PDF, 1.2 MB"."""
        return f"{KINDS[ending_of(self.file_name)].label}, {words.size(self.size)}"

    @property
    def about(self) -> str:
        """The session, the day, or the whole event."""
        if self.session:
            return self.session.title
        return words.written(self.held_on) if self.held_on else "The whole event"
