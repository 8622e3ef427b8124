"""What a report changes: the mail's row, and whether more is sent to that address."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from interact_events.accounts import actions as accounts
from interact_events.bounces import actions
from interact_events.bounces.models import DeliveryReport
from interact_events.bounces.rules import Finding, read
from interact_events.core import clock, outbox
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.outbox import BouncedAddress, MailState, OutboxMessage
from tests import make
from tests.bounces.conftest import ANNA, MESSAGE_ID, parsed, sent_mail

ALL = ["postfix-unknown", "exchange-not-found", "exim-plain", "qmail-unknown", "sendmail-unknown"]


def take(name: str) -> Finding | None:
    finding = actions.take(read(parsed(name)), now=clock.now())
    db.session.commit()
    return finding


def marked() -> dict[str, str]:
    return outbox.bounced_among([ANNA])


def audited() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


@pytest.mark.parametrize("name", ALL)
def test_hard_bounce_fails_the_mail_and_marks_the_address(app: Flask, name: str) -> None:
    row = sent_mail(history=[["2027-05-03T08:00:00+00:00", "250 OK"]])
    assert take(name) is Finding.REFUSED
    assert list(marked()) == [ANNA]
    assert (row.state, row.answer) == (MailState.FAILED, f"Came back: {marked()[ANNA]}")
    assert [words for _, words in row.history] == ["250 OK", row.answer]
    assert {"mail_came_back", "address_bounced"} <= set(audited())


def test_address_is_found_by_a_header_of_ours_where_a_relay_changed_the_message_id(
    app: Flask,
) -> None:
    sent_mail()
    assert take("ses-new-message-id") is Finding.REFUSED
    assert list(marked()) == [ANNA]


@pytest.mark.parametrize("name", ["exchange-policy", "gmail-full", "postfix-expired"])
def test_mail_that_is_lost_for_reasons_of_its_own_marks_no_address(app: Flask, name: str) -> None:
    row = sent_mail()
    assert take(name) is Finding.LOST
    assert (row.state, marked()) == (MailState.FAILED, {})


def test_soft_bounce_is_only_noted(app: Flask) -> None:
    row = sent_mail()
    assert take("postfix-delayed") is Finding.DELAYED
    assert (row.state, marked()) == (MailState.SENT, {})
    assert row.history[-1][1] == (
        "Not delivered yet: 4.4.1 connect to mail.example.org[192.0.2.25]:25: Connection timed out"
    )


@pytest.mark.parametrize("name", ["away", "away-old", "read-receipt", "delivered", "exim-delayed"])
def test_auto_replies_change_nothing(app: Flask, name: str) -> None:
    row = sent_mail()
    assert take(name) is Finding.AUTOMATIC
    assert (row.state, row.history, marked()) == (MailState.SENT, [], {})


def test_nothing_is_kept_of_what_a_person_wrote(app: Flask) -> None:
    sent_mail()
    assert take("person") is Finding.PERSONAL
    assert db.session.scalar(select(func.count(DeliveryReport.id))) == 0


def test_report_is_dealt_with_once(app: Flask) -> None:
    row = sent_mail()
    take("postfix-unknown")
    row.state = MailState.SENT
    outbox.works_again(ANNA, actor=None, now=clock.now() - timedelta(days=1))
    db.session.commit()
    assert take("postfix-unknown") is None
    assert (row.state, marked(), len(row.history)) == (MailState.SENT, {}, 1)


@pytest.mark.parametrize(
    "mail",
    [
        {"message_id": "<another@events.interact.example>"},
        {"to_address": "bo@example.org"},
    ],
)
def test_forged_report_marks_nobody(app: Flask, mail: dict[str, str]) -> None:
    """It has to name a mail of ours and the address that this one went to."""
    row = sent_mail(**mail)
    assert take("postfix-unknown") is Finding.FOREIGN
    assert row.state is MailState.SENT
    assert db.session.scalar(select(func.count(BouncedAddress.id))) == 0


def test_bounce_of_a_mail_in_doubt_settles_the_doubt(app: Flask) -> None:
    row = sent_mail(state=MailState.HELD, sent_at=None, is_doubtful=True)
    take("postfix-unknown")
    assert (row.state, row.is_doubtful) == (MailState.FAILED, False)


def test_bounce_that_comes_before_the_servers_answer_is_noted_has_the_last_word(
    app: Flask,
) -> None:
    """The worker that still holds the mail finds that it is no longer its own."""
    row = sent_mail(state=MailState.SENDING, sent_at=None, claim="worker")
    take("postfix-unknown")
    assert (row.state, row.claim) == (MailState.FAILED, None)


@pytest.mark.parametrize("state", [MailState.WAITING, MailState.CANCELLED])
def test_mail_that_is_to_go_again_or_never_keeps_its_state(app: Flask, state: MailState) -> None:
    row = sent_mail(state=state, handed_at=None)
    take("postfix-unknown")
    assert row.state is state


def test_late_report_does_not_mark_an_address_that_has_worked_since(app: Flask) -> None:
    now = clock.now()
    row = sent_mail(sent_at=now - timedelta(days=2))
    outbox.mark_bounced(row, "550 no", now=now - timedelta(days=1))
    outbox.works_again(ANNA, actor=None, now=now)
    db.session.commit()
    take("postfix-unknown")
    assert marked() == {}


def test_new_password_by_the_mailed_link_shows_that_the_address_works(app: Flask) -> None:
    person = make.user(email=ANNA)
    sent_mail()
    take("postfix-unknown")
    accounts.change_password(person, "ferry before the tea", now=clock.now())
    assert list(marked()) == [ANNA], "whoever is signed in has shown nothing"
    accounts.reset_password(person, "tea before the ferry", now=clock.now())
    assert marked() == {}


def test_confirming_the_address_shows_that_it_works(app: Flask) -> None:
    person = make.user(email=ANNA, confirmed_at=None)
    sent_mail()
    take("postfix-unknown")
    accounts.confirm_address(person, now=clock.now())
    assert marked() == {}


def test_link_for_a_new_password_leaves_to_a_marked_address(app: Flask) -> None:
    make.user(email=ANNA)
    accounts.forget_password(ANNA, now=clock.now())
    asked = db.session.scalars(select(OutboxMessage)).one()
    assert asked.was_asked_for


def test_deleted_account_leaves_no_marked_address(app: Flask) -> None:
    person = make.user(email=ANNA)
    sent_mail()
    take("postfix-unknown")
    accounts.delete_account(person, now=clock.now())
    assert db.session.scalar(select(func.count(BouncedAddress.id))) == 0


def test_what_is_over_is_forgotten_after_a_while(app: Flask) -> None:
    now = clock.now()
    sent_mail()
    take("postfix-unknown")
    sent_mail(key="other", to_address="bo@example.org", message_id="<other@x>")
    outbox.mark_bounced(
        db.session.scalars(select(OutboxMessage).filter_by(key="other")).one(), "no", now=now
    )
    outbox.works_again("bo@example.org", actor=None, now=now)
    actions.forget_old(before=now - timedelta(hours=1))
    counts = (func.count(DeliveryReport.id), func.count(BouncedAddress.id))
    assert [db.session.scalar(select(count)) for count in counts] == [1, 2]
    actions.forget_old(before=now + timedelta(hours=1))
    assert [db.session.scalar(select(count)) for count in counts] == [0, 1]
    assert list(marked()) == [ANNA]


def test_message_ids_are_those_of_the_samples() -> None:
    assert MESSAGE_ID in read(parsed("postfix-unknown")).message_ids
