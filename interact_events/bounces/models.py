"""The reports that have been read."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from interact_events.bounces.rules import Finding as Finding  # part of the table
from interact_events.core.db import Base


class DeliveryReport(Base):
    """What came into the mailbox once; `key` is its own Message-ID, or its content's hash.

    Holds nothing about people: `message_id` is the row of the outbox that it was about.
    """

    __tablename__ = "delivery_reports"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    finding: Mapped[Finding]
    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("outbox_messages.id", ondelete="SET NULL"), index=True
    )
    read_at: Mapped[datetime] = mapped_column(index=True)
