"""What staff have seen of the plan, and events on their way from one office to another."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.accounts.models import User
from interact_events.core.db import Base
from interact_events.events.models import Event
from interact_events.interreg.models import Office


class PlanningVisit(Base):
    """What changed until `seen_at` a person has seen; `before_at` is the time before that, so that
    a press by mistake hides nothing."""

    __tablename__ = "planning_visits"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    seen_at: Mapped[datetime]
    before_at: Mapped[datetime | None]


class OfferKind(StrEnum):
    """What another office is asked for."""

    HAND_OVER = "hand-over"
    CO_ORGANISE = "co-organise"

    @property
    def label(self) -> str:
        """What the other office would do."""
        return "take it over" if self is OfferKind.HAND_OVER else "co-organise it"


class OfferState(StrEnum):
    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"  # an office that helped no longer does


ASKED = text("state = 'asked'")
HANDED = text("state = 'asked' AND kind = 'hand-over'")


class EventHandOver(Base):
    """An office asks another one to take over an event, or to help with it; kept for good."""

    __tablename__ = "event_hand_overs"
    __table_args__ = (
        CheckConstraint("from_office_id <> to_office_id", name="two_offices"),
        Index(
            "uq_event_hand_overs_asked",
            "event_id",
            "to_office_id",
            unique=True,
            sqlite_where=ASKED,
            postgresql_where=ASKED,
        ),
        Index(
            "uq_event_hand_overs_handed",
            "event_id",
            unique=True,
            sqlite_where=HANDED,
            postgresql_where=HANDED,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    from_office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    to_office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    kind: Mapped[OfferKind]
    state: Mapped[OfferState] = mapped_column(default=OfferState.ASKED)
    message: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    event: Mapped[Event] = relationship()
    from_office: Mapped[Office] = relationship(foreign_keys=from_office_id)
    to_office: Mapped[Office] = relationship(foreign_keys=to_office_id)
    asked_by: Mapped[User] = relationship(foreign_keys=asked_by_id)
    answered_by: Mapped[User | None] = relationship(foreign_keys=answered_by_id)

    @property
    def is_open(self) -> bool:
        return self.state is OfferState.ASKED

    @property
    def is_hand_over(self) -> bool:
        return self.kind is OfferKind.HAND_OVER
