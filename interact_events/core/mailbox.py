"""A folder of mails on an IMAP server, where machines write to us."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import Message
from imaplib import IMAP4
from urllib.parse import SplitResult, unquote, urlsplit

from imap_tools import AND, MailMessageFlags
from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxUnencrypted

MAILBOX_ERRORS = (ImapToolsError, IMAP4.error, OSError)  # the conversation's own
TIMEOUT = 30  # seconds that the server may take for an answer


class MailboxAwayError(Exception):
    """There is no conversation with the server."""


class Mailbox:
    """The mails of the folder that nobody has looked at yet.

    What we have dealt with counts as read. What is for people stays unread and gets a star.
    """

    def __init__(self, box: BaseMailBox) -> None:
        self._box = box

    def new(self, most: int) -> list[str]:
        """Their numbers, the oldest first."""
        return self._box.uids(AND(seen=False, flagged=False))[:most]

    def mail(self, uid: str) -> Message | None:
        """One of them, read without a trace; None where it has gone meanwhile."""
        found = next(iter(self._box.fetch(uid_list=[uid], mark_seen=False)), None)
        return found.obj if found and found.obj.keys() else None

    def done(self, uid: str) -> None:
        self._box.flag([uid], MailMessageFlags.SEEN, True)

    def leave(self, uid: str) -> None:
        self._box.flag([uid], MailMessageFlags.FLAGGED, True)


@contextmanager
def open_mailbox(address: str) -> Iterator[Mailbox]:
    """The folder of `imaps://user:password@host:port/folder` (or `imap+starttls`, `imap`)."""
    try:
        with _conversation(urlsplit(address)) as box:
            yield Mailbox(box)
    except MAILBOX_ERRORS as error:
        raise MailboxAwayError(f"The mailbox can’t be read: {error}") from error


@contextmanager
def _conversation(url: SplitResult) -> Iterator[BaseMailBox]:
    """No password is said before the line is safe, unless the address asks for that."""
    host, context = url.hostname or "localhost", ssl.create_default_context()
    box: BaseMailBox
    if url.scheme == "imaps":
        box = MailBox(host, url.port or 993, timeout=TIMEOUT, ssl_context=context)
    else:
        box = MailBoxUnencrypted(host, url.port or 143, timeout=TIMEOUT)
    try:
        if url.scheme == "imap+starttls":
            box.client.starttls(context)
        folder = unquote(url.path.strip("/")) or "INBOX"
        box.login(unquote(url.username or ""), unquote(url.password or ""), folder)
        yield box
    finally:
        with suppress(*MAILBOX_ERRORS):
            box.logout()
        with suppress(OSError):
            box.client.shutdown()
