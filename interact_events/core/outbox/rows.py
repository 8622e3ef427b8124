"""The table of mails: what is sent to whom, when, and how it went."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from interact_events.core.db import Base
from interact_events.core.mail import UNWRITTEN, Wording, Words, worded, wording_for
from interact_events.core.markdown import ADDRESS


class MailState(StrEnum):
    """HELD waits for staff; FAILED has been given up; CANCELLED never leaves."""

    WAITING = "waiting"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return {
            "waiting": "Waiting",
            "held": "Held",
            "sending": "Being sent",
            "sent": "Sent",
            "failed": "Given up",
            "cancelled": "Not sent",
        }[self.value]


class OutboxMessage(Base):
    """One mail to one person. `key` names its cause, so that the same cause writes it once.

    `due_at` is when it may leave at the earliest and never changes: mails to one address leave in
    this order. `claim` names the worker that has it, `handed_at` is noted before the last line of
    the conversation with the mail server: a mail with it and without an outcome may have arrived.
    """

    __tablename__ = "outbox_messages"
    __table_args__ = (
        Index(None, "state", "next_attempt_at"),
        Index(None, "to_address", "state"),
        Index(None, "event_id", "id"),
        Index(None, "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    event_id: Mapped[int | None]
    person_id: Mapped[int | None]
    to_name: Mapped[str]
    to_address: Mapped[str]
    reply_to: Mapped[str | None]
    values: Mapped[dict[str, Any]] = mapped_column(JSON)  # until it is sent
    sent_subject: Mapped[str | None]
    sent_text: Mapped[str | None]
    sent_html: Mapped[str | None]
    calendar: Mapped[bytes | None]
    message_id: Mapped[str] = mapped_column(index=True)
    state: Mapped[MailState] = mapped_column(default=MailState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    history: Mapped[list[list[str]]] = mapped_column(JSON, default=list)  # [instant, answer]
    answer: Mapped[str] = mapped_column(default="")  # the latest, or why it doesn't leave
    is_doubtful: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]  # of no use to anybody afterwards
    claim: Mapped[str | None]
    claimed_at: Mapped[datetime | None]
    handed_at: Mapped[datetime | None] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
    was_asked_for: Mapped[bool] = mapped_column(default=False)  # by the person, just now
    unsubscribe_url: Mapped[str | None]  # one press ends mails of this kind; RFC 8058

    @property
    def words(self) -> Words:
        """As it was sent, or as it would be now."""
        is_said = self.sent_subject is not None
        return self.worded(None if is_said else wording_for(self.kind, self.event_id))

    def worded(self, wording: Wording | None) -> Words:
        """The same, where it is known already whether there are own words."""
        if self.sent_subject is not None:
            return Words(self.sent_subject, self.sent_text or "", self.sent_html or "")
        return worded(self.kind, self.values, wording)

    @property
    def subject(self) -> str:
        return self.words.subject

    @property
    def text(self) -> str:
        return self.words.text

    @property
    def html(self) -> str:
        return self.words.html

    def noted(self, at: datetime, words: str) -> dict[str, Any]:
        """The values that keep one more answer; servers quote links, which may be keys, and say
        what no database takes."""
        words = ADDRESS.sub("[link]", UNWRITTEN.sub("", words))
        return {"answer": words, "history": [*self.history, [at.isoformat(), words]]}
