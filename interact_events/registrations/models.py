"""A person's registration for an event, in one capacity."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.accounts.models import User
from interact_events.core.db import Base
from interact_events.events.models import Event
from interact_events.interreg.models import Country, Programme, StakeholderRole
from interact_events.registrations.rules import State as State  # part of the table


class Registration(Base):
    """One person for one event; the number of the row is the place in the queue, for good.

    Name, role label and the rest are as they were that day: profiles change afterwards.
    `upon_confirmation` is what an unconfirmed newcomer gets by pressing the mailed button; it
    holds their seat meanwhile.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        Index(
            "uq_registrations_one_each",
            "event_id",
            "user_id",
            unique=True,
            sqlite_where=text("state != 'cancelled'"),
            postgresql_where=text("state != 'cancelled'"),
        ),
        Index(None, "event_id", "state"),
        Index(None, "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    profile_id: Mapped[int] = mapped_column(ForeignKey("profiles.id"))
    state: Mapped[State] = mapped_column(default=State.UNCONFIRMED)
    upon_confirmation: Mapped[State | None]
    submitted_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")  # why declined or cancelled, in words

    name: Mapped[str]
    institution: Mapped[str]
    role_id: Mapped[int] = mapped_column(ForeignKey("stakeholder_roles.id"))
    role_label: Mapped[str]
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programmes.id"))
    country_id: Mapped[int] = mapped_column(ForeignKey("countries.id"))
    search_text: Mapped[str] = mapped_column(default="")

    may_be_listed: Mapped[bool] = mapped_column(default=False)  # in the participants' list
    may_be_photographed: Mapped[bool] = mapped_column(default=False)

    event: Mapped[Event] = relationship()
    user: Mapped[User] = relationship()
    role: Mapped[StakeholderRole] = relationship()
    programme: Mapped[Programme | None] = relationship()
    country: Mapped[Country] = relationship()

    @property
    def holds_seat(self) -> bool:
        return State.CONFIRMED in (self.state, self.upon_confirmation)

    @property
    def is_waiting(self) -> bool:
        return State.WAITLISTED in (self.state, self.upon_confirmation)


class Needs(Base):
    """Dietary and access needs, kept apart and deleted soon after the event."""

    __tablename__ = "needs"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True
    )
    diet: Mapped[str] = mapped_column(default="")
    access: Mapped[str] = mapped_column(default="")

    registration: Mapped[Registration] = relationship()
