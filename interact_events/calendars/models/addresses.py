"""A person's own calendar, to which their programs subscribe."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.accounts.models import User
from interact_events.core.db import Base


class CalendarAddress(Base):
    """Where a person's own calendar is; each renewal takes another seed.

    The address is made of the seed and the site's key, so its owner can read it again on the next
    device, and whoever has only a copy of the database can't. It is found by its hash.
    """

    __tablename__ = "calendar_addresses"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    seed: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]

    user: Mapped[User] = relationship()
