"""What check-in desks have sent."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from interact_events.core.db import Base


class DeskTick(Base):
    """One press at a desk that counted, with the key that the desk gave it: however often it is
    sent, it counts once, and one that was pressed earlier never undoes it."""

    __tablename__ = "desk_ticks"
    __table_args__ = (Index(None, "registration_id", "session_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    desk: Mapped[str]  # the browser that it was pressed in
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id", ondelete="CASCADE"))
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    present: Mapped[bool]
    pressed_at: Mapped[datetime]
    taken_at: Mapped[datetime]
    taken_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
