"""The mailbox on a real IMAP server, read by the clock."""

from dataclasses import replace
from datetime import timedelta
from email.message import Message

import pytest
from flask import Flask
from sqlalchemy import select

from interact_events.bounces import actions, jobs, rules
from interact_events.bounces.models import DeliveryReport
from interact_events.bounces.rules import Finding
from interact_events.core import clock, mailbox, outbox
from interact_events.core.db import db
from interact_events.core.mailbox import MailboxAwayError, open_mailbox
from interact_events.core.outbox import MailState
from tests.bounces.conftest import ANNA, Postbox, sample, sent_mail


def test_reports_are_read_and_what_people_wrote_is_left_to_people(
    app: Flask, postbox: Postbox
) -> None:
    row = sent_mail()
    postbox.receive(sample("postfix-unknown"), sample("away"), sample("person"))
    jobs.read_bounces()
    assert postbox.flags() == {
        "Undelivered Mail Returned to Sender": "read",
        "Automatic reply: You have a seat": "read",
        "Re: You have a seat": "starred",
    }
    assert (row.state, list(outbox.bounced_among([ANNA]))) == (MailState.FAILED, [ANNA])


def test_answers_of_calendars_change_nothing(app: Flask, postbox: Postbox) -> None:
    """That an entry was taken needs nobody; who declines may think that their seat is free now."""
    row = sent_mail()
    names = ("accepted", "tentative", "declined", "comment", "counter")
    postbox.receive(*(sample(f"calendar-{name}") for name in names))
    jobs.read_bounces()
    assert postbox.flags() == {
        "Accepted: Sampling": "read",
        "Accepted, with a question: Sampling": "starred",
        "Tentative: Sampling": "read",
        "Declined: Sampling": "starred",
        "New Time Proposed: Sampling": "starred",
    }
    assert (row.state, list(outbox.bounced_among([ANNA]))) == (MailState.SENT, [])
    found = db.session.scalars(select(DeliveryReport.finding)).all()
    assert found == [Finding.AUTOMATIC, Finding.AUTOMATIC]


def test_second_run_finds_nothing_to_do(
    app: Flask, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent_mail()
    postbox.receive(sample("postfix-unknown"), sample("person"))
    jobs.read_bounces()
    taken: list[object] = []
    monkeypatch.setattr(actions, "take", lambda incoming, *, now: taken.append(incoming))
    jobs.read_bounces()
    assert taken == []


def test_report_read_before_a_crash_counts_as_read_after_it(
    app: Flask, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saved, and then the mailbox is away before the mail is flagged there."""
    row = sent_mail()
    postbox.receive(sample("postfix-unknown"))

    def away(_self: object, _uid: str) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as broken:
        broken.setattr(mailbox.Mailbox, "done", away)
        jobs.read_bounces()
    assert postbox.flags() == {"Undelivered Mail Returned to Sender": "new"}
    jobs.read_bounces()
    assert postbox.flags() == {"Undelivered Mail Returned to Sender": "read"}
    assert len(row.history) == 1


def test_mail_that_can_not_be_understood_stops_no_other(
    app: Flask, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent_mail()
    postbox.receive(sample("away"), sample("postfix-unknown"))
    first = iter([RecursionError()])

    def read(mail: Message) -> rules.Incoming:
        if (error := next(first, None)) is not None:
            raise error
        return rules.read(mail)

    monkeypatch.setattr(jobs, "read", read)
    jobs.read_bounces()
    assert postbox.flags() == {
        "Automatic reply: You have a seat": "starred",
        "Undelivered Mail Returned to Sender": "read",
    }


def test_without_a_setting_nothing_is_read(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(jobs, "open_mailbox", opened.append)
    jobs.read_bounces()
    assert opened == []


@pytest.mark.parametrize("part", ["not%20secret", "events:", "/INBOX"])
def test_mailbox_that_can_not_be_opened_is_tried_again_later(
    app: Flask, postbox: Postbox, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    wrong = postbox.url.replace(part, "/nowhere" if part == "/INBOX" else "wrong:")
    settings = replace(app.extensions["settings"], bounces_url=wrong)
    monkeypatch.setitem(app.extensions, "settings", settings)
    postbox.receive(sample("postfix-unknown"))
    jobs.read_bounces()
    with pytest.raises(MailboxAwayError), open_mailbox(wrong):
        pass
    assert postbox.flags() == {"Undelivered Mail Returned to Sender": "new"}


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_no_password_goes_to_a_server_that_can_not_encrypt(postbox: Postbox, scheme: str) -> None:
    with (
        pytest.raises(MailboxAwayError),
        open_mailbox(postbox.url.replace("imap:", f"{scheme}:")),
    ):
        pass


def test_old_reports_are_forgotten_by_the_clock(app: Flask) -> None:
    long_ago = clock.now() - timedelta(days=91)
    for key, read_at in (("old", long_ago), ("new", clock.now())):
        db.session.add(DeliveryReport(key=key, finding=Finding.AUTOMATIC, read_at=read_at))
    db.session.commit()
    jobs.forget_bounces()
    assert db.session.scalars(select(DeliveryReport.key)).all() == ["new"]
