"""What an office shares, and whom it has told of it."""

from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.core import words
from interact_events.core.db import Base
from interact_events.core.file_kinds import KINDS, ending_of
from interact_events.events.models import Event, Session
from interact_events.materials.rules import Audience


class Material(Base):
    """A file or a link on an event, or on one of its sessions.

    `code` is its address for good, which nobody can guess; `stored_as` is where the storage has
    the present file, and is told to nobody. Without `available_at` it is there at once.
    """

    __tablename__ = "materials"
    __table_args__ = (
        CheckConstraint("(stored_as IS NULL) = (url != '')", name="is_file_or_link"),
        CheckConstraint("size >= 0", name="size_is_not_negative"),
        Index(None, "event_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    session_id: Mapped[int | None] = mapped_column(
        ForeignKey("sessions.id", ondelete="SET NULL"), index=True
    )
    code: Mapped[str] = mapped_column(unique=True)
    position: Mapped[int]
    title: Mapped[str]
    audience: Mapped[Audience]
    available_at: Mapped[datetime | None]

    url: Mapped[str] = mapped_column(default="")
    stored_as: Mapped[str | None] = mapped_column(unique=True)
    file_name: Mapped[str] = mapped_column(default="")
    size: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(default="")

    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    replaced_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship()
    session: Mapped[Session | None] = relationship()

    @property
    def media_type(self) -> str:
        return KINDS[ending_of(self.file_name)].media_type

    @property
    def what(self) -> str:
        """ "PDF, 1.2 MB", or where a link leads: "keep.eu"."""
        if self.url:
            return urlsplit(self.url).hostname or ""
        return f"{KINDS[ending_of(self.file_name)].label}, {words.size(self.size)}"

    @property
    def shown_session(self) -> Session | None:
        """Its session, as long as that is on the agenda."""
        return self.session if self.session and not self.session.cancelled_at else None


class MaterialNotice(Base):
    """Somebody was told of a material; once is enough."""

    __tablename__ = "material_notices"

    material_id: Mapped[int] = mapped_column(
        ForeignKey("materials.id", ondelete="CASCADE"), primary_key=True
    )
    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    told_at: Mapped[datetime]
