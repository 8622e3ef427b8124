"""What a report changes."""

from datetime import datetime

from sqlalchemy import delete

from interact_events.bounces import queries
from interact_events.bounces.models import DeliveryReport
from interact_events.bounces.rules import Finding, Incoming
from interact_events.core import audit, outbox
from interact_events.core.db import db, lock
from interact_events.core.outbox import BouncedAddress, MailState, OutboxMessage


def take(incoming: Incoming, *, now: datetime) -> Finding | None:
    """Deal with a mail from the mailbox; None where that has been done before.

    Nothing is kept of what a person wrote.
    """
    if not incoming.is_automatic:
        return Finding.PERSONAL
    if queries.is_read(incoming.key):
        return None
    finding, number = _dealt_with(incoming, now)
    db.session.add(
        DeliveryReport(key=incoming.key, finding=finding, message_id=number, read_at=now)
    )
    db.session.flush()
    return finding


def _dealt_with(incoming: Incoming, now: datetime) -> tuple[Finding, int | None]:
    if not incoming.failures:
        return Finding.AUTOMATIC, None
    returned = queries.mail_meant(incoming.message_ids, incoming.failures)
    if returned is None:
        return Finding.FOREIGN, None
    _note(returned, now)
    return returned.failure.finding, returned.mail.id


def _note(returned: queries.Returned, now: datetime) -> None:
    """The row says what came back; one that staff have sent again meanwhile goes on."""
    row, failure = returned
    lock(row)
    if failure.finding is Finding.DELAYED:
        _keep(returned, f"Not delivered yet: {failure.words}", now)
        return
    has_left = _has_left(row)
    if failure.finding is Finding.REFUSED:
        outbox.mark_bounced(row, failure.words, now=now)
    _keep(returned, f"Came back: {failure.words}", now)
    if has_left:
        row.state, row.claim, row.is_doubtful = MailState.FAILED, None, False
        audit.record("mail_came_back", row, actor=None, now=now, finding=failure.finding.value)


def _has_left(row: OutboxMessage) -> bool:
    """The mail server has it, or may have it."""
    in_doubt = row.state in (MailState.SENDING, MailState.HELD) and row.handed_at is not None
    return row.state is MailState.SENT or in_doubt


def _keep(returned: queries.Returned, words: str, now: datetime) -> None:
    for name, value in returned.mail.noted(now, words).items():
        setattr(returned.mail, name, value)


def let_work_again(mark: BouncedAddress, *, actor: audit.HasId, now: datetime) -> bool:
    """Somebody has found out that the address works; says whether it was marked."""
    return mark.cleared_at is None and outbox.works_again(mark.address, actor=actor, now=now)


def forget_old(*, before: datetime) -> None:
    """Reports, and marks that are over, are of no use for long."""
    db.session.execute(delete(DeliveryReport).where(DeliveryReport.read_at < before))
    db.session.execute(delete(BouncedAddress).where(BouncedAddress.cleared_at < before))
