"""Letters with their files, and what an event says differently about its reminders."""

from datetime import datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from interact_events.accounts.models import User
from interact_events.core.db import Base
from interact_events.core.file_kinds import KINDS, ending_of
from interact_events.events.models import Event
from interact_events.letters.rules import Anchor, Group, Reminder


class LetterState(StrEnum):
    """WAITING is pressed, not all of its mails are written; SENT has them in the outbox."""

    DRAFT = "draft"
    WAITING = "waiting"
    SENT = "sent"
    STOPPED = "stopped"


class Letter(Base):
    """A text to a group of an event's people; who they are is decided when it is sent.

    Each edit raises `version`, so that nobody presses what they have not seen.
    """

    __tablename__ = "letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), index=True)
    state: Mapped[LetterState] = mapped_column(default=LetterState.DRAFT)
    subject: Mapped[str]
    text: Mapped[str]  # Markdown with variables
    group: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    send_at: Mapped[datetime | None] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]  # when the last of its mails was written
    people: Mapped[int] = mapped_column(default=0)  # how many mails that were
    stopped_at: Mapped[datetime | None]
    why_stopped: Mapped[str] = mapped_column(default="")  # in words

    event: Mapped[Event] = relationship()
    created_by: Mapped[User] = relationship()

    @property
    def is_draft(self) -> bool:
        return self.state is LetterState.DRAFT

    @property
    def meant(self) -> Group:
        return Group.from_json(self.group)


class LetterFile(Base):
    """Kept once for a letter, however many mails carry it."""

    __tablename__ = "letter_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id", ondelete="CASCADE"), index=True)
    stored_as: Mapped[str] = mapped_column(unique=True)  # its name in the storage
    name: Mapped[str]
    size: Mapped[int]

    @property
    def media_type(self) -> str:
        return KINDS[ending_of(self.name)].media_type


class ReminderRule(Base):
    """A reminder as an event wants it: a usual one changed (`key` names it), or one of its own."""

    __tablename__ = "reminder_rules"
    __table_args__ = (UniqueConstraint("event_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    key: Mapped[str]
    name: Mapped[str]
    anchor: Mapped[Anchor]
    days: Mapped[int]
    is_after: Mapped[bool]
    at: Mapped[str]  # "09:00" on the clocks of the event's zone
    group: Mapped[dict[str, Any]]
    subject: Mapped[str]
    text: Mapped[str]
    is_on: Mapped[bool]

    @property
    def reminder(self) -> Reminder:
        return Reminder(
            key=self.key,
            name=self.name,
            anchor=self.anchor,
            days=self.days,
            is_after=self.is_after,
            at=time.fromisoformat(self.at),
            group=Group.from_json(self.group),
            subject=self.subject,
            text=self.text,
            is_on=self.is_on,
        )
