"""Reading what came back, and whom it was sent to."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Select, or_, select

from interact_events.accounts.models import User
from interact_events.bounces.models import DeliveryReport
from interact_events.bounces.rules import Failure, canonical
from interact_events.core.db import db
from interact_events.core.outbox import BouncedAddress, OutboxMessage, is_marked


def is_read(key: str) -> bool:
    """Whether the report has been dealt with, whatever its folder says."""
    found = db.session.scalar(select(DeliveryReport.id).where(DeliveryReport.key == key))
    return found is not None


class Returned(NamedTuple):
    """A mail of ours and what is said about it."""

    mail: OutboxMessage
    failure: Failure


def mail_meant(message_ids: Iterable[str], failures: Iterable[Failure]) -> Returned | None:
    """Only a report that names a mail and the address it went to is about it: so nobody can
    stop our mails to somebody who got none."""
    sent = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.message_id.in_(list(message_ids)))
    ).all()
    failures = list(failures)
    return next(
        (
            Returned(mail, failure)
            for mail in sent
            for failure in failures
            if canonical(mail.to_address) in failure.recipients
        ),
        None,
    )


def marked_addresses(search: str) -> Select[BouncedAddress]:
    """Those that nothing is sent to, the latest first; found by their own or their owner's name."""
    query = select(BouncedAddress).where(is_marked)
    for word in search.split():
        named = select(User.id).where(
            User.email == BouncedAddress.address, User.name.icontains(word, autoescape=True)
        )
        own = BouncedAddress.address.icontains(word, autoescape=True)
        query = query.where(or_(own, named.exists()))
    return query.order_by(BouncedAddress.marked_at.desc(), BouncedAddress.id.desc())


def owners_of(marks: Iterable[BouncedAddress]) -> dict[str, str]:
    """The names of those who have an account, by address."""
    addresses = [mark.address for mark in marks]
    rows = db.session.execute(select(User.email, User.name).where(User.email.in_(addresses)))
    return dict(iter(rows))


def subjects_of(marks: Iterable[BouncedAddress]) -> dict[int, str]:
    """What the mails that came back were about, by their number."""
    numbers = [mark.message_id for mark in marks if mark.message_id]
    rows = db.session.execute(
        select(OutboxMessage.id, OutboxMessage.sent_subject).where(OutboxMessage.id.in_(numbers))
    )
    return {number: subject or "" for number, subject in rows}


def marked_address(number: int) -> BouncedAddress | None:
    return db.session.get(BouncedAddress, number)
