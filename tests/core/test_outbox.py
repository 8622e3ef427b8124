"""The outbox in conversation with a real SMTP server."""

import socket
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Event as Signal
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from interact_events.core import clock, jobs, outbox
from interact_events.core.db import db
from interact_events.core.mail import KINDS, Kind, Mail, Owner, Wording, compose
from interact_events.core.outbox import (
    MAX_ATTEMPTS,
    BouncedAddress,
    MailState,
    OutboxMessage,
    Posting,
    Recipient,
    as_email,
    claiming,
    mime,
    sending,
    server,
)
from interact_events.core.outbox.server import Server
from interact_events.factory import create_app
from tests.conftest import new_postgresql, settings_for

ZOI = Recipient("""Ζωή "Žižka" <b>O'Neil</b>""", "zoi@example.org")
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nSUMMARY:\xce\x96\xcf\x89\xce\xae\r\n"
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


@pytest.fixture(autouse=True)
def hello(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mails of these tests say just what they are given."""
    words = Wording("{{ subject }}\n{{ text }}")
    monkeypatch.setitem(app.extensions, "wordings", lambda _kind, _event_id: words)


@pytest.fixture
def postbox(
    app: Flask, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Postbox]:
    """A mail server that the application is set to use; it knows SMTPUTF8 unless told otherwise."""
    box = Postbox()
    knows = getattr(request, "param", True)
    server = Controller(box, hostname="127.0.0.1", port=_free_port(), enable_SMTPUTF8=knows)
    server.start()
    settings = replace(app.extensions["settings"], mail_url=f"smtp://127.0.0.1:{server.port}")
    monkeypatch.setitem(app.extensions, "settings", settings)
    yield box
    server.stop()


def a_mail(
    subject: str = "Hello", text: str = "Hello Zoi,\n\nsee you.\n", calendar: bytes | None = None
) -> Mail:
    return Mail("test.hello", {"subject": subject, "text": text}, calendar)


def post(mail: Mail | None = None, to: Recipient = ZOI, key: str = "hello-1") -> None:
    outbox.post(mail or a_mail(), to, key=key, now=clock.now())


def post_some(number: int) -> None:
    """ "mail-0", "mail-1" and so on, each to somebody else."""
    for n in range(number):
        post(key=f"mail-{n}", to=Recipient("", f"p{n}@example.org"))


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
        "250 kept",
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


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_mail_about_an_event_says_which(kind: Kind) -> None:
    """Or its office would not find it among the event's messages, nor its own words be used."""
    said = compose(kind, **kind.samples)
    if kind.owner is Owner.EVENT:
        with pytest.raises(TypeError, match="which event is this mail about"):
            Posting(mail=said, to=ZOI, key="hello-1")
        assert Posting(mail=said, to=ZOI, key="hello-1", event_id=1).event_id == 1
    else:
        assert Posting(mail=said, to=ZOI, key="hello-1").event_id is None


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
    post(key="hello-2", to=Recipient("Bo", "bo@example.org"))
    work(app)
    for mail in (row(), row("hello-2")):
        assert (mail.state, mail.attempts) == (MailState.WAITING, 0)
        assert mail.answer.startswith("The mail server can’t be reached: ")
        assert mail.next_attempt_at > clock.now()


@pytest.mark.parametrize("domain", ["x" * 70 + ".org", "example.org> SIZE=1", "example org"])
def test_mail_that_cannot_be_built_does_not_hold_up_others(
    app: Flask, postbox: Postbox, domain: str
) -> None:
    post(to=Recipient("Nobody", f"a@{domain}"), key="bad")
    post(key="good")
    work(app)
    assert (row("bad").state, row("good").state) == (MailState.FAILED, MailState.SENT)


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
    left_by_a_worker(row(), minutes)
    outbox.recover_outbox()
    outbox.sweep_outbox()
    assert len(postbox.envelopes) == sent


def left_by_a_worker(mail: OutboxMessage, minutes: int) -> None:
    """As one leaves it that was killed so long ago."""
    mail.state, mail.claim = MailState.SENDING, "gone"
    mail.claimed_at = clock.now() - timedelta(minutes=minutes)
    db.session.commit()


def test_mail_that_may_have_arrived_is_flagged_and_not_sent_twice(
    app: Flask, postbox: Postbox
) -> None:
    post()
    db.session.flush()
    row().handed_at = clock.now() - timedelta(minutes=6)
    left_by_a_worker(row(), 6)
    outbox.recover_outbox()
    outbox.sweep_outbox()
    db.session.expire_all()
    assert postbox.envelopes == []
    assert (row().state, row().is_doubtful) == (MailState.HELD, True)
    assert "Message-ID" in row().answer

    outbox.send_again(OutboxMessage.key == "hello-1", now=clock.now())
    work(app)
    assert (row().state, row().is_doubtful) == (MailState.SENT, False)
    assert postbox.mails[0]["Message-ID"] == row().message_id


def test_mail_that_is_just_handed_over_at_the_end_of_a_slow_batch_is_not_in_doubt(
    app: Flask, postbox: Postbox
) -> None:
    """Its batch was claimed long ago; the worker waits for the server's answer."""
    post()
    post(key="later", to=Recipient("", "later@example.org"))
    db.session.flush()
    for mail in (row(), row("later")):
        mail.attempts = 1
        left_by_a_worker(mail, 6)
    row().handed_at = clock.now() - timedelta(seconds=3)
    db.session.commit()
    outbox.recover_outbox()
    db.session.expire_all()
    assert (row().state, row().is_doubtful) == (MailState.SENDING, False)
    assert (row("later").state, row("later").attempts) == (MailState.WAITING, 0)  # nobody tried it


def test_answer_that_quotes_a_link_is_kept_without_it(app: Flask, postbox: Postbox) -> None:
    postbox.answers.append(("DATA", "554 5.7.1 blocked URL https://a.example/reset/secret"))
    post()
    work(app)
    assert row().answer == "554 5.7.1 blocked URL [link]"
    assert "secret" not in str(row().history)


def test_worker_that_was_given_up_sends_nothing_any_more(app: Flask, postbox: Postbox) -> None:
    """It wakes up after another one has taken over: the server drops what it had begun."""
    post()
    db.session.commit()
    (slow,) = claiming.claim(clock.now(), 25)
    db.session.execute(update(OutboxMessage).values(claim="another"))
    db.session.commit()
    settings = app.extensions["settings"]
    server = Server(settings.mail_url)
    sending.Delivery([slow], server, settings.mail_from).run()
    server.leave()
    assert postbox.envelopes == []
    assert (row().state, row().claim) == (MailState.SENDING, "another")


def test_what_a_stopped_worker_had_not_begun_is_free_at_once(
    app: Flask, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_some(3)
    db.session.commit()

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sending.Delivery, "_deliver", stopped)
    with pytest.raises(KeyboardInterrupt):
        outbox.deliver_outbox()
    monkeypatch.undo()
    db.session.expire_all()
    states = [(row(f"mail-{n}").state, row(f"mail-{n}").attempts) for n in range(3)]
    assert states == [(MailState.SENDING, 1), (MailState.WAITING, 0), (MailState.WAITING, 0)]


def test_a_worker_that_is_told_to_end_leaves_the_rest_to_others(
    app: Flask, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    class AfterTheFirst:
        def is_set(self) -> bool:
            return bool(postbox.envelopes)

    monkeypatch.setitem(app.extensions, "stopping", AfterTheFirst())
    post_some(3)
    work(app)
    states = [(row(f"mail-{n}").state, row(f"mail-{n}").attempts) for n in range(3)]
    assert states == [(MailState.SENT, 1), (MailState.WAITING, 0), (MailState.WAITING, 0)]


def test_what_was_not_begun_counts_as_no_attempt_where_the_database_goes_too(
    app: Flask, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_some(3)
    db.session.commit()
    batch = claiming.claim(clock.now(), 25)
    ending = Signal()
    ending.set()
    monkeypatch.setitem(app.extensions, "stopping", ending)
    settings = app.extensions["settings"]
    delivery = sending.Delivery(batch, Server(settings.mail_url), settings.mail_from)

    def away() -> None:
        raise OperationalError("", {}, OSError())

    monkeypatch.setattr(delivery._notes, "write", away)
    with pytest.raises(OperationalError):
        delivery.run()
    assert [mail.attempts for mail in batch] == [0, 0, 0]


def test_mails_to_one_person_leave_in_their_order(app: Flask, postbox: Postbox) -> None:
    postbox.answers.append(("DATA", "451 4.3.0 Later"))
    post(a_mail(subject="First"), key="first")
    post(a_mail(subject="Second"), key="second")
    post(a_mail(subject="Somebody else's"), key="other", to=Recipient("Bo", "bo@example.org"))
    work(app)
    assert [mail["Subject"] for mail in postbox.mails] == ["Somebody else's"]
    make_due("first")
    outbox.sweep_outbox()
    assert [mail["Subject"] for mail in postbox.mails] == ["Somebody else's", "First", "Second"]


def test_mail_that_is_to_leave_later_holds_up_no_other(app: Flask, postbox: Postbox) -> None:
    later = clock.now() + timedelta(days=1)
    posting = Posting(mail=a_mail(subject="Tomorrow"), to=ZOI, key="tomorrow")
    outbox.post_all([posting], now=clock.now(), leave_at=later)
    post(a_mail(subject="Today"))
    work(app)
    assert [mail["Subject"] for mail in postbox.mails] == ["Today"]


def test_mail_of_no_use_any_more_is_dropped_and_says_so(app: Flask, postbox: Postbox) -> None:
    over = clock.now() - timedelta(seconds=1)
    outbox.post_all([Posting(mail=a_mail(), to=ZOI, key="hello-1", expires_at=over)], now=over)
    work(app)
    assert postbox.envelopes == []
    assert (row().state, row().answer) == (
        MailState.CANCELLED,
        "Not sent: it would have come too late.",
    )


def test_staff_cancel_what_has_not_left_and_send_what_is_held(app: Flask, postbox: Postbox) -> None:
    post(key="held")
    post(key="cancelled")
    row("held").state = MailState.HELD
    assert outbox.cancel(OutboxMessage.key == "cancelled", why="Withdrawn by Anna.") == 1
    work(app)
    assert postbox.envelopes == []
    assert row("cancelled").answer == "Withdrawn by Anna."
    assert outbox.send_again(OutboxMessage.key.in_(["held", "cancelled"]), now=clock.now()) == 1
    work(app)
    assert (row("held").state, row("cancelled").state) == (MailState.SENT, MailState.CANCELLED)
    assert outbox.cancel(OutboxMessage.key == "held", why="Too late") == 0


def test_dead_letter_is_sent_again_by_staff(app: Flask, postbox: Postbox) -> None:
    postbox.answers.append(("RCPT", "550 5.1.1 No such person"))
    post()
    work(app)
    outbox.send_again(OutboxMessage.key == "hello-1", now=clock.now())
    work(app)
    assert (row().state, [words for _, words in row().history]) == (
        MailState.SENT,
        ["550 5.1.1 No such person", "250 kept"],
    )


def test_server_that_drops_the_conversation_gets_each_mail_once(
    app: Flask, postbox: Postbox
) -> None:
    """421 closes the conversation; the mails after it are begun in a new one."""
    postbox.answers.append(("DATA", "421 4.3.2 Shutting down"))
    post_some(3)
    work(app)
    make_due("mail-0")
    outbox.sweep_outbox()
    assert sorted(e.rcpt_tos[0] for e in postbox.envelopes) == [
        "p0@example.org",
        "p1@example.org",
        "p2@example.org",
    ]


def test_text_with_lone_dots_and_any_line_ends_arrives_whole(app: Flask, postbox: Postbox) -> None:
    said = ".\n..two\n.\r\nQUIT\n.end\n" + "ω" * 600 + "\n"
    post(a_mail(text=said))
    work(app)
    text = postbox.mails[0].get_body(("plain",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == said.replace("\r\n", "\n")


def test_rate_is_kept(app: Flask, postbox: Postbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted at the server: never more in any second than the setting says."""
    settings = replace(app.extensions["settings"], mail_rate=4)
    monkeypatch.setitem(app.extensions, "settings", settings)
    post_some(10)
    work(app)
    times = [row(f"mail-{n}").handed_at for n in range(10)]
    assert len(postbox.envelopes) == 10
    spread = sorted(t for t in times if t)
    assert all(
        later - earlier >= timedelta(seconds=0.99)
        for earlier, later in zip(spread, spread[4:], strict=False)
    )


def test_rate_is_kept_when_the_clock_is_set_back(app: Flask, postbox: Postbox) -> None:
    """What will have been sent says nothing about this second."""
    post(key="earlier")
    row("earlier").handed_at = clock.now() + timedelta(hours=1)
    db.session.commit()
    assert claiming.allowance(1) == 1


def test_mail_has_text_html_and_calendar(app: Flask, postbox: Postbox) -> None:
    post(a_mail(text="Ζωή & <b>,\n\nέλα.\n", calendar=CALENDAR))
    work(app)
    (mail,) = postbox.mails
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    said = [part.get_content().replace("\r\n", "\n") for part in (text, html)]
    assert said[0] == "Ζωή & <b>,\n\nέλα.\n"
    assert ">Ζωή &amp; &lt;b&gt;,</p>" in said[1]
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    *_, calendar, file = mail.walk()
    assert isinstance(calendar, EmailMessage)
    assert dict(calendar["Content-Type"].params) == {"charset": "utf-8", "method": "REQUEST"}
    assert (calendar.get_content_disposition(), file.get_filename()) == (None, "invite.ics")
    assert [part.get_payload(decode=True) for part in (calendar, file)] == [CALENDAR, CALENDAR]


def test_a_mail_that_is_tried_again_is_the_same(app: Flask, postbox: Postbox) -> None:
    """But for nothing: the calendar in it is a version, and so is the text."""
    postbox.answers.append(("DATA", "451 later"))
    post(a_mail(calendar=CALENDAR))
    work(app)
    first = as_email(row(), row().words, "events@interact.example").content
    make_due()
    outbox.sweep_outbox()
    db.session.expire_all()
    assert row().state is MailState.SENT
    assert as_email(row(), row().words, "events@interact.example").content == first
    (sent,) = postbox.mails
    *_, calendar, _file = sent.walk()
    assert calendar.get_payload(decode=True) == CALENDAR


def test_a_calendar_leaves_where_its_words_are_switched_off(
    app: Flask, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or it would go on saying what is no longer so."""
    off = Wording("{{ subject }}\n{{ text }}", is_off=True)
    monkeypatch.setitem(app.extensions, "wordings", lambda _kind, _event_id: off)
    post(a_mail(), key="words")
    post(a_mail(calendar=CALENDAR), key="calendar")
    work(app)
    assert (row("words").state, row("calendar").state) == (MailState.CANCELLED, MailState.SENT)


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
        "Precedence",
        "Subject",
        "To",
        "X-Auto-Response-Suppress",
        "X-Original-Message-ID",
    }
    assert postbox.envelopes[0].rcpt_tos == ["zoi@example.org"]
    assert mail["Subject"] == "X Bcc: everybody@example.org <script>"
    assert [a.addr_spec for a in mail["To"].addresses] == ["zoi@example.org"]


def test_domain_in_other_letters_is_written_in_plain_ones(app: Flask, postbox: Postbox) -> None:
    post(to=Recipient("Ζωή", "zoi@παράδειγμα.gr"))
    work(app)
    assert postbox.envelopes[0].rcpt_tos == ["zoi@xn--hxajbheg2az3al.gr"]


def test_domain_is_written_by_the_rules_of_today(app: Flask, postbox: Postbox) -> None:
    """By the older ones it is another's domain: strasse.de."""
    post(to=Recipient("Zoi", "zoi@straße.de"))
    work(app)
    assert postbox.envelopes[0].rcpt_tos == ["zoi@xn--strae-oqa.de"]


def test_local_part_in_quotes_stays_in_quotes(app: Flask, postbox: Postbox) -> None:
    post(to=Recipient("Zoi", '"zoi; her\\"self"@example.org'))
    work(app)
    assert postbox.envelopes[0].rcpt_tos == ['"zoi; her\\"self"@example.org']


def test_local_part_in_other_letters_is_written_as_it_is(app: Flask, postbox: Postbox) -> None:
    post(to=Recipient("Ζωή", "ζωή@example.org"))
    work(app)
    assert postbox.envelopes[0].rcpt_tos == ["ζωή@example.org"]
    assert "SMTPUTF8" in postbox.envelopes[0].mail_options


def test_answers_to_an_address_that_can_not_be_written_stop_no_mail(
    app: Flask, postbox: Postbox
) -> None:
    for number, to in enumerate((ZOI, Recipient("Ζωή", "ζωή@example.org"))):
        outbox.post(
            a_mail(), to, key=f"hello-{number}", now=clock.now(), reply_to="nikos.ζ@example.org"
        )
    work(app)
    assert [mail["Reply-To"] for mail in postbox.mails] == [None, "nikos.ζ@example.org"]


@pytest.mark.parametrize("postbox", [False], indirect=True)
def test_local_part_in_other_letters_needs_a_server_that_knows_them(
    app: Flask, postbox: Postbox
) -> None:
    post(to=Recipient("Ζωή", "ζωή@example.org"))
    work(app)
    assert postbox.envelopes == []
    assert (row().state, row().attempts) == (MailState.FAILED, 1)
    assert row().answer == "553 the mail server takes no address in other letters"


def test_two_workers_never_claim_one_mail_on_postgresql(
    tmp_path: Path, postgresql_folder: Path
) -> None:
    url = new_postgresql(postgresql_folder, "claims")
    crowded = create_app(settings_for(tmp_path, url), queue_in_memory=True)
    with crowded.app_context():
        upgrade()
        for number in range(60):
            post(key=f"mail-{number}", to=Recipient("", f"p{number}@example.org"))
        db.session.commit()
        ids = set(db.session.scalars(select(OutboxMessage.id)))

    def claim_all(_worker: int) -> list[int]:
        claimed = []
        with crowded.app_context():
            while found := claiming.claim(clock.now(), 7):
                claimed += [mail.id for mail in found]
        return claimed

    with ThreadPoolExecutor(4) as workers:
        claimed = [number for share in workers.map(claim_all, range(4)) for number in share]
    with crowded.app_context():
        db.engine.dispose()
    assert (len(claimed), set(claimed)) == (60, ids)


def test_news_can_be_ended_by_one_press_in_a_mail_program(app: Flask, postbox: Postbox) -> None:
    link = f"https://events.interact.example/news/off/{'MTIz' * 20}.{'Ab-_' * 7}"
    outbox.post_all(
        [Posting(mail=a_mail(), to=ZOI, key="hello-1", unsubscribe_url=link)], now=clock.now()
    )
    work(app)
    (mail,) = postbox.mails
    assert mail["List-Unsubscribe"] == f"<{link}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    content = postbox.envelopes[0].original_content or b""
    assert f"<{link}>".encode() in content, "readers that decode nothing find it too"


def bounced(address: str = ZOI.address) -> BouncedAddress:
    """An earlier mail to it came back."""
    post(to=Recipient("", address), key="earlier")
    mark = outbox.mark_bounced(row("earlier"), "550 5.1.1 no such user", now=clock.now())
    assert mark
    outbox.cancel(OutboxMessage.key == "earlier", why="")
    db.session.commit()
    return mark


def test_nothing_is_sent_to_an_address_that_does_not_work(app: Flask, postbox: Postbox) -> None:
    bounced()
    post(to=Recipient("Zoi", "ZOI@example.org"))
    post(to=Recipient("Bo", "bo@example.org"), key="hello-2")
    work(app)
    assert [e.rcpt_tos for e in postbox.envelopes] == [["bo@example.org"]]
    answer = "Not sent: an earlier mail to this address came back. 550 5.1.1 no such user"
    failed = row()
    assert (failed.state, failed.answer, failed.history[-1][1]) == (
        MailState.FAILED,
        answer,
        answer,
    )


def test_what_its_owner_has_just_asked_for_is_sent_all_the_same(
    app: Flask, postbox: Postbox
) -> None:
    bounced()
    outbox.post(a_mail(), ZOI, key="hello-1", now=clock.now(), asked_for=True)
    work(app)
    assert [e.rcpt_tos for e in postbox.envelopes] == [[ZOI.address]]


def test_address_that_works_again_gets_what_staff_send_again(app: Flask, postbox: Postbox) -> None:
    mark = bounced()
    post()
    work(app)
    assert outbox.works_again("Zoi@example.org", actor=None, now=clock.now())
    assert not outbox.works_again(ZOI.address, actor=None, now=clock.now())
    outbox.send_again(OutboxMessage.key == "hello-1", now=clock.now())
    work(app)
    assert (row().state, len(postbox.envelopes), mark.cleared_at is not None) == (
        MailState.SENT,
        1,
        True,
    )


def test_what_is_sent_again_carries_its_files_again(
    app: Flask, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have come back, although it had left."""

    def files(number: int) -> list[outbox.Attachment]:
        return [outbox.Attachment(f"{number}.txt", "text/plain", b"a")]

    with monkeypatch.context() as patch:
        patch.setattr(mime, "ATTACHING", {})
        outbox.attaches("test.hello", by="letter")(files)
        post(Mail("test.hello", {"subject": "Hello", "text": "Hello", "letter": 7}))
        work(app)
        assert row().values == {"letter": 7}
        row().state = MailState.FAILED
        outbox.send_again(OutboxMessage.key == "hello-1", now=clock.now())
        work(app)
    found = [[each.get_filename() for each in mail.iter_attachments()] for mail in postbox.mails]
    assert found == [["7.txt"]] * 2


def test_address_is_marked_once_and_not_for_a_mail_from_before_it_worked_again(
    app: Flask,
) -> None:
    bounced()
    now = clock.now()
    assert outbox.mark_bounced(row("earlier"), "again", now=now) is None
    outbox.works_again(ZOI.address, actor=None, now=now)
    assert outbox.mark_bounced(row("earlier"), "late", now=now + timedelta(days=1)) is None
    post()
    row().sent_at = now + timedelta(hours=1)
    assert outbox.mark_bounced(row(), "anew", now=now + timedelta(days=1))
    assert outbox.bounced_among([ZOI.address, "bo@example.org"]) == {ZOI.address: "anew"}
    outbox.forget_address(ZOI.address)
    assert outbox.bounced_among([ZOI.address]) == {}


def test_worker_that_lost_its_second_mail_keeps_the_first(app: Flask, postbox: Postbox) -> None:
    """What became of the first is written together with the mark of the second."""
    post(key="first", to=Recipient("", "a@example.org"))
    post(key="second", to=Recipient("", "b@example.org"))
    db.session.commit()
    batch = claiming.claim(clock.now(), 25)
    db.session.execute(
        update(OutboxMessage).where(OutboxMessage.key == "second").values(claim="another")
    )
    db.session.commit()
    settings = app.extensions["settings"]
    server = Server(settings.mail_url)
    sending.Delivery(batch, server, settings.mail_from).run()
    server.leave()
    assert [envelope.rcpt_tos for envelope in postbox.envelopes] == [["a@example.org"]]
    db.session.expire_all()
    states = row("first").state, row("second").state, row("second").claim
    assert states == (MailState.SENT, MailState.SENDING, "another")


def test_fault_of_the_next_mail_is_its_own(app: Flask, postbox: Postbox) -> None:
    """It is worded while the server is busy with the one before."""
    post(key="first", to=Recipient("", "a@example.org"))
    post(Mail("test.hello", {}), Recipient("", "b@example.org"), key="second")
    work(app)
    assert [envelope.rcpt_tos for envelope in postbox.envelopes] == [["a@example.org"]]
    assert (row("first").state, row("second").state) == (MailState.SENT, MailState.WAITING)


def test_database_that_is_away_while_the_next_mail_is_written_loses_no_outcome(
    app: Flask, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What failed ahead is undone, and asked again in its turn."""
    post(key="first", to=Recipient("", "a@example.org"))
    outbox.post(a_mail(), Recipient("", "b@example.org"), key="second", now=clock.now(), event_id=1)
    usual, asked = app.extensions["wordings"], []

    def breaks(kind: str, event_id: int | None) -> Wording:
        asked.append(event_id)
        if asked == [None, 1]:
            db.session.add(OutboxMessage())
            with pytest.raises(IntegrityError):
                db.session.flush()
            raise OperationalError("", {}, OSError())
        return usual(kind, event_id)  # type: ignore[no-any-return]

    monkeypatch.setitem(app.extensions, "wordings", breaks)
    work(app)
    assert asked == [None, 1, 1]
    assert [row(key).state.value for key in ("first", "second")] == ["sent"] * 2
    assert len(postbox.envelopes) == 2


def test_what_breaks_off_before_the_first_mail_leaves_the_others_free(
    app: Flask, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounced()
    post()
    post(to=Recipient("", "b@example.org"), key="hello-2")
    db.session.commit()

    def breaks(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(OutboxMessage, "noted", breaks)
        with pytest.raises(KeyboardInterrupt):
            outbox.deliver_outbox()
    db.session.expire_all()
    assert (row("hello-2").state, row("hello-2").attempts) == (MailState.WAITING, 0)
    assert postbox.envelopes == []


def test_answer_with_characters_that_no_database_takes_is_kept_without_them(
    app: Flask, postbox: Postbox
) -> None:
    postbox.answers += [("DATA", "451 wait\x00\x07 a bit")]
    post()
    work(app)
    assert row().answer == "451 wait a bit"


def test_long_mail_may_take_long_as_long_as_it_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own limit is for all of it together."""
    monkeypatch.setattr(server, "TIMEOUT", 1)
    content = b"x" * 12_000_000
    with socket.socket() as listener, ThreadPoolExecutor() as pool:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = pool.submit(_take_slowly, listener, len(content))
        there = Server(f"smtp://127.0.0.1:{listener.getsockname()[1]}")
        mail = server.Envelope("a@example.org", "b@example.org", content)
        answer = there.hand_over(mail, before_end=lambda: None)
        there.close()
    assert (answer, taken.result()) == ("250 kept", content + b".\r\n")


def _take_slowly(listener: socket.socket, size: int) -> bytes:
    """A mail server that reads the mail itself a piece at a time."""
    sock = listener.accept()[0]
    with sock, sock.makefile("rb") as said:
        sock.sendall(b"220 hello\r\n")
        for answer in (b"250", b"250", b"250", b"354"):  # EHLO, MAIL, RCPT, DATA
            said.readline()
            sock.sendall(answer + b" go on\r\n")
        content = b""
        while piece := said.read(min(600_000, size - len(content))):
            content += piece
            time.sleep(0.1)
        content += said.readline()
        sock.sendall(b"250 kept\r\n")
    return content
