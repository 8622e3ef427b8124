"""Which mails a worker takes, and what it finds of one that is gone."""

import secrets
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import CTE, and_, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.outbox.rows import MailState, OutboxMessage

LOST_AFTER = timedelta(minutes=5)  # a worker that has shown no progress so long is gone
BATCH = 100  # mails claimed by one statement
TOO_LATE = "Not sent: it would have come too late."
DOUBT = (
    "The worker stopped while the mail server was taking this mail: it may have arrived. "
    "Look for its Message-ID in the mail server’s log before you send it again."
)


def claim(now: datetime, most: int) -> Sequence[OutboxMessage]:
    """Take the next due mails for ourselves; two workers never get the same.

    Of those to one address only the first: the others follow once it has left or is given up.
    """
    _drop_expired(now)
    row = OutboxMessage
    rows = db.session.scalars(
        update(row)
        .where(row.id.in_(select(_due(now, most).c.id)))
        .values(
            state=MailState.SENDING,
            attempts=row.attempts + 1,
            claim=secrets.token_hex(8),
            claimed_at=now,
            handed_at=None,
        )
        .returning(row)
        .execution_options(synchronize_session=False)
    ).all()
    for each in rows:
        db.session.expunge(each)  # plain data from here on: no transaction stays open
    db.session.commit()
    return sorted(rows, key=lambda each: each.id)


def _due(now: datetime, most: int) -> CTE:
    """The numbers of mails that may leave, locked; what another worker has locked is skipped."""
    row, earlier = OutboxMessage, aliased(OutboxMessage)
    open_ = earlier.state.in_((MailState.WAITING, MailState.SENDING))
    comes_first = or_(
        earlier.due_at < row.due_at, and_(earlier.due_at == row.due_at, earlier.id < row.id)
    )
    return (
        select(row.id)
        .where(
            row.state == MailState.WAITING,
            row.next_attempt_at <= now,
            ~exists().where(earlier.to_address == row.to_address, open_, comes_first),
        )
        .order_by(row.next_attempt_at, row.id)
        .limit(most)
        .with_for_update(skip_locked=True, of=row)
        .cte("due")
        .prefix_with("MATERIALIZED", dialect="postgresql")  # or it might be asked more than once
    )


def _drop_expired(now: datetime) -> None:
    row = OutboxMessage
    db.session.execute(
        update(row)
        .where(row.state == MailState.WAITING, row.next_attempt_at <= now, row.expires_at <= now)
        .values(state=MailState.CANCELLED, answer=TOO_LATE)
        .execution_options(synchronize_session=False)
    )


def allowance(rate: int) -> int:
    """How many mails may go now, after a wait where the second's share is used up."""
    second = timedelta(seconds=1)
    while rate:
        now = clock.now()  # others may be a little ahead; a clock that was set back is far behind
        lately = OutboxMessage.handed_at.between(now - second, now + second)
        used = db.session.scalar(select(func.count()).where(lately))
        db.session.commit()
        if left := max(0, rate - (used or 0)):
            return min(BATCH, left)
        time.sleep(0.1)
    return BATCH


def recover(now: datetime) -> None:
    """Send again what a worker left before the mail server had it, and flag what it may have."""
    row, long_ago = OutboxMessage, now - LOST_AFTER
    lost = (row.state == MailState.SENDING) & (row.claimed_at <= long_ago)
    untried = {"next_attempt_at": now, "attempts": row.attempts - 1}
    for handed, values in (
        (row.handed_at.is_(None), {"state": MailState.WAITING, **untried}),
        # Its own time counts, not its batch's: a worker may be waiting for the answer.
        (
            row.handed_at <= long_ago,
            {"state": MailState.HELD, "is_doubtful": True, "answer": DOUBT},
        ),
    ):
        db.session.execute(
            update(row)
            .where(lost, handed)
            .values(claim=None, **values)
            .execution_options(synchronize_session=False)
        )
    db.session.commit()
