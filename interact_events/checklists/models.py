"""What has to be done for an event."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.accounts.models import User
from interact_events.checklists.rules import MOST_AFTER, MOST_BEFORE, due_on
from interact_events.core.clock import to_local
from interact_events.core.db import Base
from interact_events.events.models import Event


class ChecklistItem(Base):
    """One thing to do; `due_days` before the start (after it where negative), so that it moves
    along with the event."""

    __tablename__ = "checklist_items"
    __table_args__ = (
        CheckConstraint(
            f"due_days BETWEEN -{MOST_AFTER} AND {MOST_BEFORE}", name="due_near_the_event"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    text: Mapped[str]
    due_days: Mapped[int]
    note: Mapped[str] = mapped_column(default="")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    event: Mapped[Event] = relationship()
    owner: Mapped[User | None] = relationship(foreign_keys=owner_id)
    done_by: Mapped[User | None] = relationship(foreign_keys=done_by_id)

    @property
    def is_done(self) -> bool:
        return self.done_at is not None

    @property
    def due_on(self) -> date:
        """On the calendar of the event's zone."""
        return due_on(to_local(self.event.starts_at, self.event.zone).date(), self.due_days)
