"""The worker's part: each mail is one attempt at a time, noted before and after."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, current_app
from sqlalchemy.exc import OperationalError

from interact_events.core import clock
from interact_events.core.db import commit_statement, db, each_statement_commits
from interact_events.core.jobs import every, is_ending, task
from interact_events.core.mail import Wording, Words, wording_for
from interact_events.core.outbox.addresses import bounced_among
from interact_events.core.outbox.claiming import BATCH, allowance, claim, recover
from interact_events.core.outbox.mime import as_email, still_needed
from interact_events.core.outbox.noting import Notes, TakenError
from interact_events.core.outbox.rows import MailState, OutboxMessage
from interact_events.core.outbox.server import Envelope, NotReachableError, RefusedError, Server

if TYPE_CHECKING:
    from interact_events.config import Settings

log = structlog.get_logger()

MAX_ATTEMPTS = 8
AWAY_FOR = timedelta(minutes=1)  # until a server that can't be reached is tried again
SWITCHED_OFF = "Not sent: the office has switched this mail off."
NOT_TRIED = "Not sent: an earlier mail to this address came back. "


@task
def deliver_outbox() -> None:
    """Send what is due, each mail once; where there is much, in two conversations at a time: one
    goes on while the other waits for the mail server or the disk."""
    settings: Settings = current_app.extensions["settings"]
    if settings.mail_url is None:  # development: /dev/mail shows the rows
        return
    server, second = Server(settings.mail_url), None
    batch = _next_batch(settings)
    if len(batch) == BATCH and not settings.mail_rate:
        with suppress(NotReachableError):  # the first mail finds that too
            server.open()
            second = _begin_second(current_app._get_current_object())  # type: ignore[attr-defined]
    _deliver_all(batch, server, settings)
    if second is not None:
        second.join()


def _begin_second(app: Flask) -> Thread | None:
    """It ends with the process, whatever it waits for, as the worker's own threads do."""
    thread = Thread(target=_deliver_beside, args=(app,), daemon=True)
    try:
        thread.start()
    except RuntimeError:  # there is no thread to be had: one conversation does
        return None
    return thread


def _deliver_beside(app: Flask) -> None:
    """Where the mail server takes no second conversation, the first goes on alone."""
    with app.app_context(), suppress(NotReachableError):
        settings: Settings = app.extensions["settings"]
        server = Server(settings.mail_url or "")
        server.open()
        try:
            _deliver_all(_next_batch(settings), server, settings)
        except Exception:
            log.exception("second_conversation_failed")


def _deliver_all(batch: Sequence[OutboxMessage], server: Server, settings: "Settings") -> None:
    """These mails and what is due after them, as long as the mail server is there."""
    try:
        while batch:
            with each_statement_commits():
                Delivery(batch, server, settings.mail_from).run()
            db.session.commit()
            batch = _next_batch(settings)
    except NotReachableError:
        log.warning("mail_server_away")
    finally:
        server.leave()


def _next_batch(settings: "Settings") -> Sequence[OutboxMessage]:
    return [] if is_ending() else claim(clock.now(), allowance(settings.mail_rate))


@every(minutes=1)
def sweep_outbox() -> None:
    """Send mails that wait for another attempt."""
    deliver_outbox()


@every(minutes=1)
def recover_outbox() -> None:
    """Find mails that were left unfinished when a worker stopped."""
    recover(clock.now())


@dataclass(frozen=True)
class Letter:
    """A mail ready to go: what it says, and what the server gets; nothing where it is off."""

    words: Words
    envelope: Envelope


class Delivery:
    """One worker's way through the mails of one claim."""

    def __init__(self, batch: Sequence[OutboxMessage], server: Server, sender: str) -> None:
        self._batch, self._server, self._sender = batch, server, sender
        self._notes = Notes()
        self._wordings: dict[tuple[str, int | None], Wording | None] = {}
        self._ready: dict[int, Letter | None] = {}

    def run(self) -> None:
        """Whatever stops us, what was not begun is free for others at once.

        Raises NotReachableError where the mail server is away.
        """
        ahead = list(self._batch)
        try:
            ahead = self._without_bounced()
            while ahead and not is_ending():
                self._deliver(*ahead[:2])
                ahead = ahead[1:]
        except NotReachableError as away:
            again_at = clock.now() + AWAY_FOR
            self._give_back(ahead, next_attempt_at=again_at, answer=str(away))
            raise
        except BaseException:
            self._give_back(ahead[1:])
            raise
        else:
            self._give_back(ahead)
        finally:
            self._notes.write()

    def _without_bounced(self) -> list[OutboxMessage]:
        """The mails that may go; those to an address that has sent mails back have failed, but for
        what its owner asked for just now: so they can show that it works again."""
        bounced = bounced_among(row.to_address for row in self._batch if not row.was_asked_for)
        commit_statement()
        good = []
        for row in self._batch:
            reason = None if row.was_asked_for else bounced.get(row.to_address.lower())
            if reason is None:
                good.append(row)
            else:
                noted = row.noted(clock.now(), NOT_TRIED + reason)
                self._notes.outcome([row], state=MailState.FAILED, **noted)
        return good

    def _give_back(self, rows: Sequence[OutboxMessage], **values: Any) -> None:
        """They have not been tried."""
        for row in rows:
            row.attempts -= 1
        self._notes.outcome(rows, state=MailState.WAITING, **values)

    def _deliver(self, row: OutboxMessage, following: OutboxMessage | None = None) -> None:
        """No transaction is open while the server takes its time; one bad mail stops no other."""
        try:
            letter = self._letter(row)
            if letter is None:
                self._notes.outcome([row], state=MailState.CANCELLED, answer=SWITCHED_OFF)
                return
            answer = self._server.hand_over(
                letter.envelope,
                before_end=lambda: self._notes.mark(row, clock.now()),
                meanwhile=lambda: self._prepare(following),
            )
        except (NotReachableError, OperationalError):
            raise
        except TakenError:
            return
        except Exception as error:  # noqa: BLE001  # whatever it is, it is noted in the row
            self._note_failure(row, error)
        else:
            now = clock.now()
            noted = row.noted(now, answer)
            self._notes.outcome([row], sent_at=now, **_as_sent(row, letter.words), **noted)

    def _note_failure(self, row: OutboxMessage, error: Exception) -> None:
        """Try again later and later; give up at once only where the server says "never"."""
        now = clock.now()
        is_refused = isinstance(error, RefusedError) and error.is_final
        is_final = is_refused or isinstance(error, UnicodeError)  # no address becomes right
        values: dict[str, Any] = {"handed_at": None, **row.noted(now, str(error)[:500])}
        if is_final or row.attempts >= MAX_ATTEMPTS:
            log.error("mail_failed", message=row.id, kind=row.kind)
            values["state"] = MailState.FAILED
        else:
            values["state"] = MailState.WAITING
            values["next_attempt_at"] = now + timedelta(minutes=2**row.attempts)
        self._notes.outcome([row], **values)

    # -- writing a mail, also ahead while the server is busy with the one before -----------------

    def _letter(self, row: OutboxMessage) -> Letter | None:
        return self._ready.pop(row.id) if row.id in self._ready else self._written(row)

    def _prepare(self, row: OutboxMessage | None) -> None:
        """A fault is that mail's own, so it comes up again in its turn."""
        if row is not None:
            with suppress(Exception):
                self._ready[row.id] = self._written(row)

    def _written(self, row: OutboxMessage) -> Letter | None:
        """A statement that failed is undone: what became of other mails is still to be noted."""
        try:
            wording = self._wording(row)
            if wording and wording.is_off and row.calendar is None:
                return None  # a calendar would go on saying what is no longer so
            words = row.worded(wording)
            return Letter(words, as_email(row, words, self._sender))
        except Exception:
            db.session.rollback()
            raise

    def _wording(self, row: OutboxMessage) -> Wording | None:
        """Asked once for all mails of a kind and event in this batch."""
        key = row.kind, row.event_id
        if key not in self._wordings:
            self._wordings[key] = wording_for(*key)
            commit_statement()
        return self._wordings[key]


def _as_sent(row: OutboxMessage, words: Words) -> dict[str, Any]:
    """What was said is kept, no longer what it was made of."""
    said = dict(zip(("sent_subject", "sent_text", "sent_html"), words, strict=True))
    return {"state": MailState.SENT, "values": still_needed(row), **said}
