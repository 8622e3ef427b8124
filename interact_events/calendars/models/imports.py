"""Files of planned events that wait for a press, and by what the drafts made of them are known."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.accounts.models import User
from interact_events.core.db import Base
from interact_events.events.models import Event
from interact_events.interreg.models import Office


class EventImport(Base):
    """What a file of planned events says, from its upload to the press that applies it.

    The file itself is not kept; `reading` holds its events as read, and goes with the row.
    """

    __tablename__ = "event_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"), index=True)
    file_name: Mapped[str]
    reading: Mapped[dict[str, Any]]
    uploaded_at: Mapped[datetime] = mapped_column(index=True)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    office: Mapped[Office] = relationship()
    uploaded_by: Mapped[User] = relationship()


class ImportedEvent(Base):
    """An event that came from a file, where it has that id."""

    __tablename__ = "imported_events"
    __table_args__ = (UniqueConstraint("office_id", "uid"),)

    event_id: Mapped[int] = mapped_column(
        ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
    )
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    uid: Mapped[str]

    event: Mapped[Event] = relationship()
