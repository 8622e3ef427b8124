"""The conversation with the mail server."""

import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, NoReturn
from urllib.parse import unquote, urlsplit

TIMEOUT = 30  # seconds that the server may take for an answer
PIECE = 64 * 1024  # bytes; TIMEOUT is for each, as a mail with files may take longer
END_TIMEOUT = 240  # and for that to a whole mail, which it may check for long; RFC 5321 is patient


class NotReachableError(Exception):
    """There is no conversation: no mail was at fault."""


class RefusedError(Exception):
    """The server does not take this mail, now or ever."""

    def __init__(self, code: int, answer: str, *, is_final: bool) -> None:
        super().__init__(f"{code} {answer}")
        self.is_final = is_final


class Envelope(NamedTuple):
    """What the server is told of a mail, and the mail itself; its lines end in CRLF."""

    sender: str
    recipient: str
    content: bytes


class Server:
    """One conversation, kept open from mail to mail: greeting anew takes longer than a mail."""

    def __init__(self, mail_url: str) -> None:
        self._url = urlsplit(mail_url)
        self._smtp: smtplib.SMTP | None = None

    def open(self) -> None:
        """Greet the server before there is a mail; raises NotReachableError."""
        self._smtp = self._connected()

    def hand_over(
        self,
        mail: Envelope,
        *,
        before_end: Callable[[], None],
        meanwhile: Callable[[], None] = lambda: None,
    ) -> str:
        """Give one mail to the server; its answer, once it has taken it.

        `before_end` is called before the line that makes the mail the server's; if it raises, the
        server never gets that line and drops what it has. `meanwhile` is called while the server
        is busy with the mail, and must not raise.
        """
        try:
            smtp = self._begin(mail)
            code, answer = smtp.docmd("DATA")
            if code != 354:
                _refuse(code, answer)
            content = _stuffed(mail.content)
            for first in range(0, len(content), PIECE):
                smtp.send(content[first : first + PIECE])
            before_end()
            code, answer = _end(smtp, meanwhile)
            if code != 250:
                _refuse(code, answer)
        except RefusedError:
            self._forget()
            raise
        except BaseException:
            self.close()
            raise
        return f"{code} {_words(answer)}"

    def _begin(self, mail: Envelope) -> smtplib.SMTP:
        """Sender and recipient; a conversation that the server ended meanwhile is begun anew."""
        if self._smtp is not None:
            try:
                self._address(self._smtp, mail)
            except (smtplib.SMTPServerDisconnected, OSError):
                self.close()
            else:
                return self._smtp
        self._smtp = self._connected()
        self._address(self._smtp, mail)
        return self._smtp

    def _address(self, smtp: smtplib.SMTP, mail: Envelope) -> None:
        options = []
        if not mail.recipient.isascii():
            if not smtp.has_extn("smtputf8"):
                raise RefusedError(
                    553, "the mail server takes no address in other letters", is_final=True
                )
            options = ["SMTPUTF8"]
        code, answer = smtp.mail(mail.sender, options)
        if code == 421:
            raise smtplib.SMTPServerDisconnected(_words(answer))
        if code != 250:
            _refuse(code, answer, is_final=False)  # about us, not about this mail
        code, answer = smtp.docmd("RCPT", f"TO:<{mail.recipient}>")
        if code not in (250, 251):
            _refuse(code, answer)

    def _connected(self) -> smtplib.SMTP:
        """A conversation with the server of `smtp://`, `smtp+starttls://` or `smtps://`."""
        url, context = self._url, ssl.create_default_context()
        host = url.hostname or "localhost"
        try:
            if url.scheme == "smtps":
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                    host, url.port or 465, timeout=TIMEOUT, context=context
                )
            else:
                smtp = smtplib.SMTP(host, url.port or 25, timeout=TIMEOUT)
            smtp.ehlo_or_helo_if_needed()
            if url.scheme == "smtp+starttls":
                smtp.starttls(context=context)
                smtp.ehlo_or_helo_if_needed()
            if url.username:
                smtp.login(unquote(url.username), unquote(url.password or ""))
            assert smtp.sock  # it has answered
            # The last line of a mail is written by itself: it must not wait for company.
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (smtplib.SMTPException, OSError) as error:
            raise NotReachableError(f"The mail server can’t be reached: {error}") from error
        return smtp

    def _forget(self) -> None:
        """What was begun of a refused mail is dropped, the conversation goes on."""
        try:
            if self._smtp is not None:
                self._smtp.rset()
        except (smtplib.SMTPException, OSError):
            self.close()

    def close(self) -> None:
        """Hang up without a word."""
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None

    def leave(self) -> None:
        """End the conversation as one should; accepted is accepted, however it parts."""
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
        self.close()


def _end(smtp: smtplib.SMTP, meanwhile: Callable[[], None]) -> tuple[int, bytes]:
    assert smtp.sock  # what follows DATA is said in a conversation
    smtp.sock.settimeout(END_TIMEOUT)
    smtp.send(b".\r\n")
    meanwhile()
    answer = smtp.getreply()
    smtp.sock.settimeout(TIMEOUT)
    return answer


def _refuse(code: int, answer: bytes, *, is_final: bool | None = None) -> NoReturn:
    final = code >= 500 if is_final is None else is_final
    raise RefusedError(code, _words(answer), is_final=final)


def _words(answer: bytes) -> str:
    return " ".join(answer.decode("utf-8", "replace").split())[:500]


def _stuffed(content: bytes) -> bytes:
    """A dot at the beginning of a line is doubled: RFC 5321, section 4.5.2."""
    return content.replace(b"\r\n.", b"\r\n..")
