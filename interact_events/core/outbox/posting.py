"""Putting mails into the outbox, and what staff do with those that have not left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import make_msgid
from typing import TYPE_CHECKING, Any

from flask import current_app
from sqlalchemy import ColumnElement, String, cast, select, update

from interact_events.core.db import db, insert_new
from interact_events.core.jobs import queue
from interact_events.core.mail import KINDS, Mail, Owner
from interact_events.core.outbox.rows import MailState, OutboxMessage
from interact_events.core.outbox.sending import deliver_outbox

if TYPE_CHECKING:
    from interact_events.config import Settings


@dataclass(frozen=True)
class Recipient:
    """Where a mail goes; `person_id` is their account, where they have one."""

    name: str
    address: str
    person_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Posting:
    """A mail and where it goes; `key` names its cause.

    After `expires_at` it is of no use and does not leave any more. One that the person `asked_for`
    just now leaves even to an address that has sent mails back. `unsubscribe_url` ends this sort of
    mail by one press; mails about a person's own seat have none.
    """

    mail: Mail
    to: Recipient
    key: str
    reply_to: str | None = None
    event_id: int | None = None
    expires_at: datetime | None = None
    asked_for: bool = False
    unsubscribe_url: str | None = None

    def __post_init__(self) -> None:
        """Staff find a mail about their event among its messages, in the office's own words."""
        known = KINDS.get(self.mail.kind)
        if known and known.owner is Owner.EVENT and self.event_id is None:
            raise TypeError(f"{known.name}: which event is this mail about?")


def post(
    mail: Mail,
    to: Recipient,
    *,
    key: str,
    now: datetime,
    reply_to: str | None = None,
    event_id: int | None = None,
    asked_for: bool = False,
) -> None:
    """Put `mail` into the outbox; a second one with the same `key` is dropped."""
    posting = Posting(
        mail=mail, to=to, key=key, reply_to=reply_to, event_id=event_id, asked_for=asked_for
    )
    post_all([posting], now=now)


def post_all(
    postings: Sequence[Posting], *, now: datetime, leave_at: datetime | None = None
) -> None:
    """Put many mails into the outbox at once; before `leave_at` they can be taken back."""
    if not postings:
        return
    settings: Settings = current_app.extensions["settings"]
    rows = [_row(each, settings.host, now, leave_at or now) for each in postings]
    insert_new([OutboxMessage.key], rows)
    if leave_at is None:
        queue(deliver_outbox)


def _row(posting: Posting, host: str, now: datetime, leave_at: datetime) -> dict[str, Any]:
    mail, to = posting.mail, posting.to
    return {
        "key": posting.key,
        "kind": mail.kind,
        "event_id": posting.event_id,
        "person_id": to.person_id,
        "to_name": to.name,
        "to_address": to.address,
        "reply_to": posting.reply_to,
        "values": dict(mail.values),
        "sent_subject": None,
        "sent_text": None,
        "sent_html": None,
        "calendar": mail.calendar,
        "message_id": make_msgid(domain=host),
        "state": MailState.WAITING,
        "attempts": 0,
        "history": [],
        "answer": "",
        "is_doubtful": False,
        "created_at": now,
        "due_at": leave_at,
        "next_attempt_at": leave_at,
        "expires_at": posting.expires_at,
        "claim": None,
        "claimed_at": None,
        "handed_at": None,
        "sent_at": None,
        "was_asked_for": posting.asked_for,
        "unsubscribe_url": posting.unsubscribe_url,
    }


def known_keys(keys: Sequence[str]) -> set[str]:
    """Those of which a mail was written already."""
    found = select(OutboxMessage.key).where(OutboxMessage.key.in_(keys))
    return set(db.session.scalars(found)) if keys else set()


def take_back(keys: Sequence[str]) -> bool:
    """Cancel the mails of these keys that wait, or none of them where one has left; says which.

    Their keys are free again: the cause may come back.
    """
    row = OutboxMessage
    mine, waiting = row.key.in_(keys), (row.state == MailState.WAITING) & (row.attempts == 0)
    freed = row.key + "#" + cast(row.id, String)
    with db.session.begin_nested() as attempt:
        _become(MailState.CANCELLED, mine & waiting, key=freed, answer="Taken back before it left.")
        gone = row.state == MailState.CANCELLED  # by staff, or with its reader's account
        left = db.session.scalar(select(row.id).where(mine, ~gone).limit(1))
        has_left = left is not None
        if has_left:
            attempt.rollback()
    return not has_left


def cancel(which: ColumnElement[bool], *, why: str) -> int:
    """Let none of these that has not left yet leave; says how many that are."""
    open_ = (MailState.WAITING, MailState.HELD, MailState.FAILED)
    return _become(MailState.CANCELLED, which & OutboxMessage.state.in_(open_), answer=why)


def send_again(which: ColumnElement[bool], *, now: datetime) -> int:
    """Send what was given up or is held, as if for the first time; says how many."""
    stopped = OutboxMessage.state.in_((MailState.FAILED, MailState.HELD))
    again = {"attempts": 0, "is_doubtful": False, "handed_at": None, "next_attempt_at": now}
    found = _become(MailState.WAITING, which & stopped, **again)
    if found:
        queue(deliver_outbox)
    return found


def _become(state: MailState, which: ColumnElement[bool], **values: Any) -> int:
    found = db.session.execute(
        update(OutboxMessage)
        .where(which)
        .values(state=state, **values)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session="fetch")
    ).all()
    return len(found)
