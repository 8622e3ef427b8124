"""Presence."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.core.db import Base
from interact_events.events.models import Session
from interact_events.registrations.models import Registration


class Presence(Base):
    """Somebody was at a session; taking it back deletes the row, the audit trail keeps both."""

    __tablename__ = "presences"
    __table_args__ = (UniqueConstraint("registration_id", "session_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"), index=True)
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    registration: Mapped[Registration] = relationship()
    session: Mapped[Session] = relationship()
