"""A real IMAP server, and mails of ours that the samples in `data/` are about."""

import imaplib
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from imap_tools import MailBoxUnencrypted

from interact_events.config import ROOT
from interact_events.core import clock, outbox
from interact_events.core.db import db
from interact_events.core.mail import Mail
from interact_events.core.outbox import MailState, OutboxMessage, Recipient
from tests.browser.site import free_port

DATA = Path(__file__).parent / "data"
MESSAGE_ID = "<176400000000.4242.1234567890123456789@events.interact.example>"
ANNA = "anna.virtanen@example.org"


def sample(name: str) -> bytes:
    return (DATA / f"{name}.eml").read_bytes()


def parsed(name: str) -> Message:
    return message_from_bytes(sample(name))


def sent_mail(**values: Any) -> OutboxMessage:
    """The mail that the samples are about, as the worker has left it."""
    mail = Mail("registrations.confirmed", {})
    key = values.pop("key", "registration:1:confirmed:1")
    to = Recipient("Anna Virtanen", values.pop("to_address", ANNA))
    outbox.post(mail, to, key=key, now=clock.now(), event_id=1)
    row = db.session.query(OutboxMessage).filter_by(key=key).one()
    now = clock.now()
    words = {"sent_subject": "You have a seat: Sampling", "sent_text": "text\n", "sent_html": ""}
    state = words | {
        "state": MailState.SENT,
        "handed_at": now,
        "sent_at": now,
        "message_id": MESSAGE_ID,
    }
    for name, value in (state | values).items():
        setattr(row, name, value)
    db.session.commit()
    return row


class Postbox:
    """The mailbox as its owner sees it in a mail program."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"imap://events:not%20secret@127.0.0.1:{port}/INBOX"

    def box(self) -> MailBoxUnencrypted:
        box = MailBoxUnencrypted("127.0.0.1", self.port, timeout=10)
        box.login("events", "not secret", "INBOX")
        return box

    def receive(self, *contents: bytes) -> None:
        with self.box() as box:
            for content in contents:
                box.append(content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    def flags(self) -> dict[str, str]:
        """What a mail program shows of each mail, by its subject: "read", "starred", "new"."""
        with self.box() as box:
            return {m.subject: _shown(m.flags) for m in box.fetch(mark_seen=False)}


def _shown(flags: tuple[str, ...]) -> str:
    if "\\Seen" in flags:
        return "read"
    return "starred" if "\\Flagged" in flags else "new"


@pytest.fixture(scope="session")
def imap_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server of its own program; what it says goes nowhere."""
    port = free_port()
    command: list[str] = [
        *(str(ROOT / ".venv" / "bin" / "pymap"), "--host", "127.0.0.1", "--port", str(port)),
        *("--no-tls", "dict", "--demo-user", "events", "--demo-password", "not secret"),
    ]
    log = (tmp_path_factory.mktemp("imap") / "log").open("wb")
    with log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        _wait_for(port)
        yield port
        server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            imaplib.IMAP4("127.0.0.1", port, timeout=2).logout()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the IMAP server does not answer")


@pytest.fixture
def postbox(app: Flask, imap_port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    """An empty mailbox that the application is set to read."""
    box = Postbox(imap_port)
    settings = replace(app.extensions["settings"], bounces_url=box.url)
    monkeypatch.setitem(app.extensions, "settings", settings)
    yield box
    with box.box() as opened:
        opened.delete(opened.uids())
