"""Mail as rows: written in the transaction of what caused it, sent by the worker afterwards."""

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import structlog
from flask import current_app
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from interact_events.core import clock
from interact_events.core.db import Base, db, insert_new, reading
from interact_events.core.jobs import every, queue, task
from interact_events.core.mail import Mail

if TYPE_CHECKING:
    from interact_events.config import Settings

log = structlog.get_logger()

MAX_ATTEMPTS = 8
LOST_AFTER = timedelta(minutes=5)


class MailState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


class OutboxMessage(Base):
    """One mail to one person. `key` names its cause, so that the same cause writes it once."""

    __tablename__ = "outbox_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    to_name: Mapped[str]
    to_address: Mapped[str]
    reply_to: Mapped[str | None]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    calendar: Mapped[bytes | None]
    message_id: Mapped[str]
    state: Mapped[MailState] = mapped_column(default=MailState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(index=True)
    answer: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Recipient:
    """Where a mail goes."""

    name: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Posting:
    """A mail and where it goes; `key` names its cause."""

    mail: Mail
    to: Recipient
    key: str
    reply_to: str | None = None


def post(
    mail: Mail, to: Recipient, *, key: str, now: datetime, reply_to: str | None = None
) -> None:
    """Put `mail` into the outbox; a second one with the same `key` is dropped."""
    post_all([Posting(mail=mail, to=to, key=key, reply_to=reply_to)], now=now)


def post_all(
    postings: Sequence[Posting], *, now: datetime, leave_at: datetime | None = None
) -> None:
    """Put many mails into the outbox at once; before `leave_at` they can be taken back."""
    if not postings:
        return
    settings: Settings = current_app.extensions["settings"]
    rows = [_row(each, settings.host, now, leave_at or now) for each in postings]
    insert_new(OutboxMessage.key, rows)
    if leave_at is None:
        queue(deliver_outbox)


def _row(posting: Posting, host: str, now: datetime, leave_at: datetime) -> dict[str, Any]:
    mail, to = posting.mail, posting.to
    return {
        "key": posting.key,
        "kind": mail.kind,
        "to_name": to.name,
        "to_address": to.address,
        "reply_to": posting.reply_to,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "calendar": mail.calendar,
        "message_id": make_msgid(domain=host),
        "state": MailState.WAITING,
        "attempts": 0,
        "next_attempt_at": leave_at,
        "answer": "",
        "created_at": now,
    }


def take_back(keys: Sequence[str]) -> bool:
    """Remove the mails of these keys that wait, or none of them where one has left; says which."""
    waiting = (OutboxMessage.state == MailState.WAITING) & (OutboxMessage.attempts == 0)
    mine = OutboxMessage.key.in_(keys)
    with db.session.begin_nested() as attempt:
        db.session.execute(delete(OutboxMessage).where(mine, waiting))
        left = db.session.scalar(select(OutboxMessage.id).where(mine).limit(1))
        has_left = left is not None
        if has_left:
            attempt.rollback()
    return not has_left


def as_email(row: OutboxMessage, sender: str) -> EmailMessage:
    """The row as a message: plain text, HTML, and the calendar part where there is one."""
    email = EmailMessage(policy=SMTP)
    name, address = parseaddr(sender)
    email["From"] = Address(name, addr_spec=address)
    email["To"] = _address(_one_line(row.to_name), row.to_address)
    email["Subject"] = _one_line(row.subject)
    email["Date"] = format_datetime(row.created_at)
    email["Message-ID"] = row.message_id
    email["Auto-Submitted"] = "auto-generated"
    if row.reply_to:
        email["Reply-To"] = _address("", row.reply_to)
    email.set_content(row.text)
    email.add_alternative(row.html, subtype="html")
    if row.calendar:
        email.add_attachment(
            row.calendar.decode(),
            subtype="calendar",
            filename="event.ics",
            params={"method": "PUBLISH"},
        )
    return email


def _address(name: str, address: str) -> Address:
    """The domain as every server understands it, also where it is not written in ASCII."""
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain.encode("idna").decode())


def _one_line(text: str) -> str:
    """Headers end at a line break, so none may come from a name or a title."""
    return " ".join(text.split())


@task
def deliver_outbox() -> None:
    """Send what is due, one row at a time, each attempt noted before and after."""
    settings: Settings = current_app.extensions["settings"]
    if settings.mail_url is None:  # development: /dev/mail shows the rows
        return
    while (row_id := _claim(clock.now())) is not None:
        _deliver(row_id, settings)


@every(minutes=1)
def sweep_outbox() -> None:
    """Send what waits for another attempt or was left in the middle by a crash."""
    deliver_outbox()


def _claim(now: datetime) -> int | None:
    """Take the next due row for ourselves; two workers never get the same."""
    due = (OutboxMessage.state == MailState.WAITING) & (OutboxMessage.next_attempt_at <= now)
    lost = (OutboxMessage.state == MailState.SENDING) & (
        OutboxMessage.next_attempt_at <= now - LOST_AFTER
    )
    oldest = (
        select(OutboxMessage.id)
        .where(or_(due, lost))
        .order_by(OutboxMessage.next_attempt_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row_id = db.session.scalar(
        update(OutboxMessage)
        .where(OutboxMessage.id == oldest.scalar_subquery())  # IN might be asked more than once
        .values(state=MailState.SENDING, next_attempt_at=now, attempts=OutboxMessage.attempts + 1)
        .returning(OutboxMessage.id)
    )
    db.session.commit()
    return row_id


def _deliver(row_id: int, settings: "Settings") -> None:
    """No transaction is open while the server takes its time: others can write meanwhile."""
    failure = _send(row_id, settings)
    row = db.session.get_one(OutboxMessage, row_id)
    if failure:
        _note_failure(row, failure, clock.now())
    else:
        row.state, row.sent_at, row.answer = MailState.SENT, clock.now(), "accepted"
    db.session.commit()


def _send(row_id: int, settings: "Settings") -> Exception | None:
    """Why it did not go out, if it did not; one bad mail must not hold up the others."""
    try:
        with reading():
            email = as_email(db.session.get_one(OutboxMessage, row_id), settings.mail_from)
            db.session.commit()
        with _connection(settings.mail_url or "") as smtp:
            smtp.send_message(email)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is noted in the row
        db.session.rollback()
        return error
    return None


@contextmanager
def _connection(mail_url: str) -> Iterator[smtplib.SMTP]:
    """A conversation with the server of `smtp://`, `smtp+starttls://` or `smtps://`."""
    url = urlsplit(mail_url)
    host, context = url.hostname or "localhost", ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=30, context=context)
    else:
        server = smtplib.SMTP(host, url.port or 25, timeout=30)
    try:
        if url.scheme == "smtp+starttls":
            server.starttls(context=context)
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        yield server
        with suppress(smtplib.SMTPException, OSError):  # accepted is accepted, however it parts
            server.quit()
    finally:
        server.close()


def _note_failure(row: OutboxMessage, error: Exception, now: datetime) -> None:
    """Try again later and later; give up at once only where the server says "never"."""
    row.answer = str(error)[:500]
    refused = isinstance(error, smtplib.SMTPRecipientsRefused) and all(
        code >= 500 for code, _ in error.recipients.values()
    )
    if refused or row.attempts >= MAX_ATTEMPTS:
        row.state = MailState.FAILED
        log.error("mail_failed", message=row.id, kind=row.kind)
    else:
        row.state = MailState.WAITING
        row.next_attempt_at = now + timedelta(minutes=2**row.attempts)
