"""What the office means to decide, and the presses that decided."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.accounts.models import User
from interact_events.core.db import Base
from interact_events.registrations.models import State


class Selection(Base):
    """One press that decided on applicants. Until `tell_at` nobody is told and it can be undone."""

    __tablename__ = "selections"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    decided_at: Mapped[datetime]
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    tell_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]

    decided_by: Mapped[User] = relationship()


class SelectionWish(Base):
    """What the office means to decide on one applicant; by which press it did, once it has."""

    __tablename__ = "selection_wishes"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[State]
    is_by_hand: Mapped[bool] = mapped_column(default=False)
    selection_id: Mapped[int | None] = mapped_column(ForeignKey("selections.id"), index=True)
