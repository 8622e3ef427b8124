"""Who speaks for a programme, and seats on their way to a colleague."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.accounts.models import User
from interact_events.core.db import Base
from interact_events.interreg.models import Programme
from interact_events.registrations.models import Registration


class ProgrammeCoordinator(Base):
    """Somebody whom the programme's secretariat named to nominate its people; ended, never
    deleted. `named_by` says in words who named them, as the office was told."""

    __tablename__ = "programme_coordinators"
    __table_args__ = (
        Index(
            "uq_programme_coordinators_active",
            "programme_id",
            "user_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    named_by: Mapped[str]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    programme: Mapped[Programme] = relationship()
    user: Mapped[User] = relationship(foreign_keys=user_id)


class Handover(Base):
    """A seat offered to a colleague of the same role and programme, until they say yes.

    The mailed link holds a token, the row its hash.
    """

    __tablename__ = "handovers"
    __table_args__ = (
        Index(
            "uq_handovers_open",
            "registration_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id"))
    email: Mapped[str]  # in lower case
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # accepted, taken back, refused or over

    registration: Mapped[Registration] = relationship()
