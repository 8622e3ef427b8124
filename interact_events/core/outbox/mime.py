"""A row of the outbox as the bytes of a message."""

import re
import secrets
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Callable, Sequence
from email.message import MIMEPart
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Any, NamedTuple

from interact_events.core.ics import method_of
from interact_events.core.mail import Words
from interact_events.core.outbox.headers import EOL, address, mailbox, one_line, written
from interact_events.core.outbox.rows import OutboxMessage
from interact_events.core.outbox.server import Envelope

# Between the parts of a mail: "=_" is in no text that is written in quoted-printable or base64.
BOUNDARY = f"=_{secrets.token_hex(16)}"
INNER_BOUNDARY = f"=_{secrets.token_hex(16)}"  # of a multipart within
LINE_END = re.compile("\r\n|\r|\n")
TOO_LONG = re.compile(rb"(?m)^([^\r\n]{74,})(=20|=09)\r$")  # RFC 2045, 6.7: at most 76


class Attachment(NamedTuple):
    """A file that a mail carries."""

    name: str
    media_type: str
    content: bytes


Finding = Callable[[Any], Sequence[Attachment]]
ATTACHING: dict[str, tuple[str, Finding]] = {}


def attaches(kind: str, *, by: str) -> Callable[[Finding], Finding]:
    """Let the function say, by one value of a mail, which files those of this kind carry."""

    def mark(function: Finding) -> Finding:
        ATTACHING[kind] = by, function
        return function

    return mark


def still_needed(row: OutboxMessage) -> dict[str, Any]:
    """Of the values of a mail that has been worded: what finds its files, should it leave again."""
    if row.kind not in ATTACHING:
        return {}
    by, _ = ATTACHING[row.kind]
    return {by: row.values[by]} if by in row.values else {}


def as_email(row: OutboxMessage, words: Words, sender: str) -> Envelope:
    """The row in these words as a message: text, HTML, the calendar where it has one, and files.

    The calendar is another form of the text, which is how mail programs know an invitation, and
    the last and so the best one; as a file beside it everybody else can open it. Outlook takes
    no invitation from an attachment.

    Everything is written in ASCII, so that every server passes it on; only an address whose local
    part is not needs a server that knows SMTPUTF8.
    """
    forms = [_text("plain", words.text), _text("html", words.html)]
    files = [file for value in still_needed(row).values() for file in ATTACHING[row.kind][1](value)]
    if row.calendar:
        forms.append(_calendar(row.calendar))
        files.insert(0, Attachment("invite.ics", "application/ics", row.calendar))
    whole = _multipart("alternative", INNER_BOUNDARY if files else BOUNDARY, forms)
    if files:
        whole = _multipart("mixed", BOUNDARY, [whole, *map(_file, files)])
    name, own = _parted(sender)
    to = address(row.to_address)
    headers = {"From": mailbox(name, own), "To": mailbox(one_line(row.to_name), to)}
    headers |= {"Subject": written(words.subject)} | _headers(row, to)
    head = "".join(f"{name}: {value}{EOL}" for name, value in headers.items())
    return Envelope(own, to, head.encode() + whole)


@lru_cache(maxsize=10)
def _parted(sender: str) -> tuple[str, str]:
    name, own = parseaddr(sender)
    return name, address(own)


def _headers(row: OutboxMessage, to: str) -> dict[str, str]:
    headers = {
        "Date": format_datetime(row.due_at),
        "Message-ID": row.message_id,
        "X-Original-Message-ID": row.message_id,  # for reports, where a relay puts its own
        # Whoever is away answers people, not programs.
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "MIME-Version": "1.0",
    }
    if row.reply_to and (row.reply_to.rpartition("@")[0].isascii() or not to.isascii()):
        headers["Reply-To"] = address(row.reply_to)
    if row.unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{row.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


# -- parts: each is its headers, an empty line and its content -----------------------------------


def _part(media_type: str, encoding: str, content: bytes) -> bytes:
    head = f"Content-Type: {media_type}{EOL}Content-Transfer-Encoding: {encoding}{EOL}{EOL}"
    return head.encode() + content


def _multipart(subtype: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    between = f"{EOL}--{boundary}".encode()
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"{EOL}'.encode()
    body = b"".join(between + b"\r\n" + part for part in parts)
    return head + body + between + b"--\r\n"


def _text(subtype: str, text: str) -> bytes:
    """Python encodes a space before the end of a line without a look at the line's length."""
    lines = text if text.endswith("\n") else f"{text}\n"
    content = TOO_LONG.sub(rb"\1=\r\n\2\r", b2a_qp(LINE_END.sub(EOL, lines).encode()))
    return _part(f'text/{subtype}; charset="utf-8"', "quoted-printable", content)


def _calendar(calendar: bytes) -> bytes:
    method = method_of(calendar).value
    media_type = f'text/calendar; charset="utf-8"; method="{method}"'
    return _part(media_type, "base64", _base64(calendar))


def _file(file: Attachment) -> bytes:
    return _file_head(one_line(file.name), file.media_type) + _base64(file.content)


@lru_cache(maxsize=100)
def _file_head(name: str, media_type: str) -> bytes:
    """A name in other letters is encoded and parted by RFC 2231, which the library knows."""
    part = MIMEPart(policy=SMTP)
    main, _, sub = media_type.partition("/")
    part.set_content(b"", maintype=main, subtype=sub, filename=name)
    return part.as_bytes()


def _base64(content: bytes) -> bytes:
    return encodebytes(content).replace(b"\n", b"\r\n")
