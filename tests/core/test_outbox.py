"""The outbox in conversation with a real SMTP server."""

import socket
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from interact_events.core import clock, jobs, outbox
from interact_events.core.db import db
from interact_events.core.mail import Mail
from interact_events.core.outbox import MAX_ATTEMPTS, MailState, OutboxMessage, Recipient
from interact_events.factory import create_app
from tests.conftest import new_postgresql, settings_for

ZOI = Recipient("""Ζωή "Žižka" <b>O'Neil</b>""", "zoi@example.org")
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:PUBLISH\r\nSUMMARY:\xce\x96\xcf\x89\xce\xae\r\n"
    b"END:VCALENDAR\r\n"
)


class Postbox:
    """A mail server that keeps what it gets and answers as it is told."""

    def __init__(self) -> None:
        self.answers: deque[tuple[str, str]] = deque()  # at which command, what
        self.envelopes: list[Envelope] = []

    def _answer(self, command: str) -> str | None:
        if self.answers and self.answers[0][0] == command:
            return self.answers.popleft()[1]
        return None

    async def handle_MAIL(  # noqa: N802  # the server's name for it
        self, _server: Any, _session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._answer("MAIL") or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if refusal := self._answer("RCPT"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Envelope
    ) -> str:
        if refusal := self._answer("DATA"):
            return refusal
        self.envelopes.append(envelope)
        return "250 kept"

    @property
    def mails(self) -> list[EmailMessage]:
        """What came, read by Python's own reader."""
        return [_read(envelope.original_content or b"") for envelope in self.envelopes]


def _read(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def postbox(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    """A mail server that the application is set to use."""
    box = Postbox()
    server = Controller(box, hostname="127.0.0.1", port=_free_port())
    server.start()
    settings = replace(app.extensions["settings"], mail_url=f"smtp://127.0.0.1:{server.port}")
    monkeypatch.setitem(app.extensions, "settings", settings)
    yield box
    server.stop()


def a_mail(**changes: Any) -> Mail:
    return replace(
        Mail("test.hello", "Hello", "Hello Zoi,\n\nsee you.\n", "<p>Hello <b>Zoi</b></p>\n"),
        **changes,
    )


def post(mail: Mail | None = None, to: Recipient = ZOI, key: str = "hello-1") -> None:
    outbox.post(mail or a_mail(), to, key=key, now=clock.now())


def work(app: Flask) -> None:
    """Commit, let the worker do what is queued, and see what it has done."""
    db.session.commit()
    jobs.run_queued(app)
    db.session.expire_all()


def row(key: str = "hello-1") -> OutboxMessage:
    return db.session.scalars(select(OutboxMessage).where(OutboxMessage.key == key)).one()


def make_due(key: str = "hello-1") -> None:
    row(key).next_attempt_at = clock.now() - timedelta(seconds=1)
    db.session.commit()


def test_mail_is_sent_once(app: Flask, postbox: Postbox) -> None:
    post()
    work(app)
    outbox.deliver_outbox()
    outbox.sweep_outbox()
    assert [(e.mail_from, e.rcpt_tos) for e in postbox.envelopes] == [
        ("events@interact.example", ["zoi@example.org"])
    ]
    sent = row()
    assert (sent.state, sent.attempts, sent.answer, sent.sent_at is not None) == (
        MailState.SENT,
        1,
        "accepted",
        True,
    )


def test_nothing_is_sent_before_the_commit(app: Flask, postbox: Postbox) -> None:
    post()
    db.session.flush()
    jobs.run_queued(app)
    assert postbox.envelopes == []


def test_rollback_sends_nothing(app: Flask, postbox: Postbox) -> None:
    post()
    db.session.flush()
    db.session.rollback()
    work(app)
    assert db.session.scalars(select(OutboxMessage)).all() == []
    assert postbox.envelopes == []


def test_same_key_is_written_once(app: Flask, postbox: Postbox) -> None:
    post()
    post(a_mail(subject="Again"))
    work(app)
    post(a_mail(subject="And again"))
    work(app)
    assert [mail["Subject"] for mail in postbox.mails] == ["Hello"]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_server_that_is_busy_gets_it_later(app: Flask, postbox: Postbox, command: str) -> None:
    postbox.answers.append((command, "451 4.7.1 Come back later"))
    before = clock.now()
    post()
    work(app)
    waiting = row()
    assert (waiting.state, waiting.attempts) == (MailState.WAITING, 1)
    assert "Come back later" in waiting.answer
    assert before + timedelta(minutes=2) <= waiting.next_attempt_at
    outbox.deliver_outbox()
    assert postbox.envelopes == []
    make_due()
    outbox.sweep_outbox()
    assert len(postbox.envelopes) == 1
    assert (row().state, row().attempts) == (MailState.SENT, 2)


def test_attempts_part_more_and_more_and_end(app: Flask, postbox: Postbox) -> None:
    postbox.answers.extend([("RCPT", "450 4.2.0 Greylisted")] * MAX_ATTEMPTS)
    post()
    work(app)
    minutes = []
    while row().state is MailState.WAITING:
        wait = row().next_attempt_at - clock.now()
        minutes.append(round(wait.total_seconds() / 60))
        make_due()
        outbox.sweep_outbox()
        db.session.expire_all()
    assert minutes == [2, 4, 8, 16, 32, 64, 128]
    assert (row().state, row().attempts) == (MailState.FAILED, MAX_ATTEMPTS)


def test_unknown_recipient_ends_it_at_once(app: Flask, postbox: Postbox) -> None:
    postbox.answers.append(("RCPT", "550 5.1.1 No such person"))
    post()
    work(app)
    assert (row().state, row().attempts) == (MailState.FAILED, 1)
    assert "No such person" in row().answer
    outbox.sweep_outbox()
    assert postbox.envelopes == []


def test_server_that_is_away_gets_it_later(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(app.extensions["settings"], mail_url=f"smtp://127.0.0.1:{_free_port()}")
    monkeypatch.setitem(app.extensions, "settings", settings)
    post()
    work(app)
    assert (row().state, row().attempts) == (MailState.WAITING, 1)


def test_mail_that_cannot_be_built_does_not_hold_up_others(app: Flask, postbox: Postbox) -> None:
    post(to=Recipient("Nobody", f"a@{'x' * 70}.org"), key="bad")
    post(key="good")
    work(app)
    assert (row("bad").state, row("good").state) == (MailState.WAITING, MailState.SENT)


def test_nothing_is_claimed_without_a_mail_server(app: Flask) -> None:
    post()
    work(app)
    assert (row().state, row().attempts) == (MailState.WAITING, 0)


@pytest.mark.parametrize(("minutes", "sent"), [(6, 1), (1, 0)])
def test_mail_left_in_the_middle_is_sent_by_the_sweep(
    app: Flask, postbox: Postbox, minutes: int, sent: int
) -> None:
    post()
    db.session.flush()
    row().state = MailState.SENDING
    row().next_attempt_at = clock.now() - timedelta(minutes=minutes)
    db.session.commit()
    outbox.sweep_outbox()
    assert len(postbox.envelopes) == sent


def test_mail_has_text_html_and_calendar(app: Flask, postbox: Postbox) -> None:
    post(a_mail(text="Ζωή,\n\nέλα.\n", html="<p>Ζωή</p>\n", calendar=CALENDAR))
    work(app)
    (mail,) = postbox.mails
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    said = [part.get_content().replace("\r\n", "\n") for part in (text, html)]
    assert said == ["Ζωή,\n\nέλα.\n", "<p>Ζωή</p>\n"]
    (calendar,) = mail.iter_attachments()
    content = calendar.get_content()
    assert (
        calendar.get_content_type(),
        calendar["Content-Type"].params["method"],
        calendar.get_content_charset(),
        calendar.get_filename(),
    ) == ("text/calendar", "PUBLISH", "utf-8", "event.ics")
    assert content.replace("\r\n", "\n").encode() == CALENDAR.replace(b"\r\n", b"\n")


def test_mail_without_calendar_is_text_and_html_only(app: Flask, postbox: Postbox) -> None:
    post()
    work(app)
    assert [part.get_content_type() for part in postbox.mails[0].walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_headers_say_who_what_and_that_a_program_wrote(app: Flask, postbox: Postbox) -> None:
    outbox.post(
        a_mail(subject="Přijďte, Ζωή"),
        ZOI,
        key="k",
        now=clock.now(),
        reply_to="turku@interact.example",
    )
    work(app)
    (mail,) = postbox.mails
    assert [(a.display_name, a.addr_spec) for a in mail["To"].addresses] == [
        ("""Ζωή "Žižka" <b>O'Neil</b>""", "zoi@example.org")
    ]
    assert [(a.display_name, a.addr_spec) for a in mail["From"].addresses] == [
        ("Interact Events", "events@interact.example")
    ]
    assert (mail["Subject"], mail["Reply-To"], mail["Auto-Submitted"]) == (
        "Přijďte, Ζωή",
        "turku@interact.example",
        "auto-generated",
    )
    assert mail["Message-ID"] == row("k").message_id
    assert mail["Date"].datetime == row("k").created_at.replace(microsecond=0)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85"])
def test_line_break_in_a_name_or_title_makes_no_header(
    app: Flask, postbox: Postbox, end: str
) -> None:
    injected = f"X{end}Bcc: everybody@example.org{end}{end}<script>"
    post(a_mail(subject=injected), Recipient(injected, "zoi@example.org"))
    work(app)
    (mail,) = postbox.mails
    assert set(mail.keys()) == {
        "Auto-Submitted",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
    }
    assert postbox.envelopes[0].rcpt_tos == ["zoi@example.org"]
    assert mail["Subject"] == "X Bcc: everybody@example.org <script>"
    assert [a.addr_spec for a in mail["To"].addresses] == ["zoi@example.org"]


def test_domain_in_other_letters_is_written_in_plain_ones(app: Flask, postbox: Postbox) -> None:
    post(to=Recipient("Ζωή", "zoi@παράδειγμα.gr"))
    work(app)
    assert postbox.envelopes[0].rcpt_tos == ["zoi@xn--hxajbheg2az3al.gr"]


def test_two_workers_never_claim_one_mail_on_postgresql(
    tmp_path: Path, postgresql_folder: Path
) -> None:
    url = new_postgresql(postgresql_folder, "claims")
    crowded = create_app(settings_for(tmp_path, url), queue_in_memory=True)
    with crowded.app_context():
        upgrade()
        for number in range(60):
            post(key=f"mail-{number}")
        db.session.commit()
        ids = set(db.session.scalars(select(OutboxMessage.id)))

    def claim_all(_worker: int) -> list[int]:
        claimed = []
        with crowded.app_context():
            while (found := outbox._claim(clock.now())) is not None:
                claimed.append(found)
        return claimed

    with ThreadPoolExecutor(4) as workers:
        claimed = [number for share in workers.map(claim_all, range(4)) for number in share]
    with crowded.app_context():
        db.engine.dispose()
    assert (len(claimed), set(claimed)) == (60, ids)
