"""Addresses that mails came back from: nothing is sent there until they work again."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ForeignKey, Index, delete, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from interact_events.core import audit
from interact_events.core.db import Base, db
from interact_events.core.outbox.rows import OutboxMessage


class BouncedAddress(Base):
    """One time that an address was found not to work; ended, not deleted, when it works again.

    `cleared_by_id` is a user's number, like an audit entry's actor.
    """

    __tablename__ = "bounced_addresses"
    __table_args__ = (
        Index(
            "uq_bounced_addresses_marked",
            "address",
            unique=True,
            sqlite_where=text("cleared_at IS NULL"),
            postgresql_where=text("cleared_at IS NULL"),
        ),
        Index(None, "address", "cleared_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str]  # in lower case
    reason: Mapped[str]  # the other server's words
    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("outbox_messages.id", ondelete="SET NULL"), index=True
    )
    marked_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]
    cleared_by_id: Mapped[int | None]


is_marked = BouncedAddress.cleared_at.is_(None)


def bounced_among(addresses: Iterable[str]) -> dict[str, str]:
    """Those that nothing is sent to, in lower case, each with the reason."""
    wanted = {address.lower() for address in addresses}
    rows = db.session.execute(
        select(BouncedAddress.address, BouncedAddress.reason).where(
            BouncedAddress.address.in_(wanted), is_marked
        )
    )
    return dict(iter(rows))


def mark_bounced(row: OutboxMessage, reason: str, *, now: datetime) -> BouncedAddress | None:
    """Send nothing more to where `row` went; None where that is known, or already over: a mail
    that left before the address was found to work again says nothing about it."""
    address = row.to_address.lower()
    if bounced_among([address]) or _works_since(address, row.sent_at or row.due_at):
        return None
    mark = BouncedAddress(address=address, reason=reason, message_id=row.id, marked_at=now)
    db.session.add(mark)
    audit.record("address_bounced", mark, actor=None, now=now, message=row.id)
    return mark


def _works_since(address: str, instant: datetime) -> bool:
    cleared_at = db.session.scalar(
        select(func.max(BouncedAddress.cleared_at)).where(BouncedAddress.address == address)
    )
    return cleared_at is not None and cleared_at >= instant


def works_again(address: str, *, actor: audit.HasId | None, now: datetime) -> bool:
    """Mails may go there once more; says whether they might not before."""
    mark = db.session.scalar(
        select(BouncedAddress).where(BouncedAddress.address == address.lower(), is_marked)
    )
    if mark is None:
        return False
    mark.cleared_at, mark.cleared_by_id = now, actor.id if actor else None
    audit.record("address_works_again", mark, actor=actor, now=now)
    return True


def forget_address(address: str) -> None:
    """Its owner has deleted their account."""
    db.session.execute(delete(BouncedAddress).where(BouncedAddress.address == address.lower()))
