"""The own words of offices for mails about their events."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.accounts.models import User
from interact_events.core.db import Base

FOR_OFFICE = text("event_id IS NULL")
FOR_EVENT = text("event_id IS NOT NULL")


class OwnWording(Base):
    """What an office changed about a kind of mail, for all its events or for one of them.

    `source` is a template whose first line is the subject; empty where only the switch was set.
    """

    __tablename__ = "own_wordings"
    __table_args__ = (
        Index(
            "uq_own_wordings_office",
            *("kind", "office_id"),
            unique=True,
            sqlite_where=FOR_OFFICE,
            postgresql_where=FOR_OFFICE,
        ),
        Index(
            "uq_own_wordings_event",
            *("kind", "event_id"),
            unique=True,
            sqlite_where=FOR_EVENT,
            postgresql_where=FOR_EVENT,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    event_id: Mapped[int | None] = mapped_column(
        ForeignKey("events.id", ondelete="CASCADE"), index=True
    )
    source: Mapped[str] = mapped_column(default="")
    is_off: Mapped[bool] = mapped_column(default=False)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime]

    changed_by: Mapped[User] = relationship()
