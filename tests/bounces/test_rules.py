"""Reading what mail servers write, in the words of several of them."""

from email import message_from_bytes, message_from_string
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.bounces.rules import (
    Answer,
    Finding,
    calendar_answer,
    canonical,
    finding_of,
    read,
    status_of,
)
from tests.bounces.conftest import ANNA, DATA, MESSAGE_ID, parsed, sample

SAMPLES = sorted(path.stem for path in DATA.glob("*.eml"))


@pytest.mark.parametrize(
    ("name", "finding", "words"),
    [
        (
            "postfix-unknown",
            Finding.REFUSED,
            (
                "550 5.1.1 <anna.virtanen@example.org>: Recipient address rejected: User unknown "
                "in virtual mailbox table"
            ),
        ),
        (
            "exchange-not-found",
            Finding.REFUSED,
            (
                "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient anna.virtanen@example.org "
                "not found by SMTP address lookup"
            ),
        ),
        ("sendmail-unknown", Finding.REFUSED, "5.1.3 553 sorry, no mailbox here by that name"),
        ("ses-new-message-id", Finding.REFUSED, "550 5.1.1 user unknown"),
        (
            "exim-plain",
            Finding.REFUSED,
            (
                "SMTP error from remote mail server after RCPT TO:<anna.virtanen@example.org>: "
                "host mail.example.org [192.0.2.25]: 550 5.1.1 No such user here"
            ),
        ),
        (
            "qmail-unknown",
            Finding.REFUSED,
            (
                "192.0.2.25 does not like recipient. Remote host said: 550 sorry, no mailbox here "
                "by that name Giving up on 192.0.2.25."
            ),
        ),
        (
            "exchange-policy",
            Finding.LOST,
            "550 5.7.1 Message rejected: it looks like bulk mail",
        ),
        (
            "gmail-full",
            Finding.LOST,
            (
                "552-5.2.2 The recipient's inbox is out of storage space. "
                "552 5.2.2 Please direct the recipient to clear it."
            ),
        ),
        (
            "postfix-expired",
            Finding.LOST,
            "4.4.1 connect to mail.example.org[192.0.2.25]:25: Connection timed out",
        ),
        (
            "postfix-delayed",
            Finding.DELAYED,
            "4.4.1 connect to mail.example.org[192.0.2.25]:25: Connection timed out",
        ),
    ],
)
def test_report_says_which_mail_came_back_from_where_and_why(
    name: str, finding: Finding, words: str
) -> None:
    incoming = read(parsed(name))
    (failure,) = incoming.failures
    assert (failure.finding, failure.words) == (finding, words)
    assert ANNA in failure.recipients
    assert MESSAGE_ID in incoming.message_ids
    assert incoming.is_automatic


@pytest.mark.parametrize("name", ["away", "away-old", "read-receipt", "delivered", "exim-delayed"])
def test_what_a_program_says_besides_is_no_failure(name: str) -> None:
    incoming = read(parsed(name))
    assert (incoming.is_automatic, incoming.failures) == (True, ())


def test_what_a_person_writes_is_no_report_whatever_they_quote() -> None:
    incoming = read(parsed("person"))
    assert (incoming.is_automatic, incoming.failures) == (False, ())


@pytest.mark.parametrize(
    ("header", "value", "is_automatic"),
    [
        ("Auto-Submitted", "auto-replied; owner-email=x@example.org", True),
        ("Auto-Submitted", "Auto-Generated", True),
        ("Auto-Submitted", "no", False),
        ("Precedence", "bulk", True),
        ("Precedence", "Junk", True),
        ("Precedence", "auto_reply", True),
        ("Precedence", "normal", False),
        ("X-Autoreply", "yes", True),
        ("Return-Path", "<>", True),
        ("Return-Path", "<anna.virtanen@example.org>", False),
        ("Subject", "Auto-Submitted: auto-replied", False),
    ],
)
def test_auto_replies_are_known_by_their_headers(
    header: str, value: str, is_automatic: bool
) -> None:
    mail = EmailMessage()
    mail[header] = value
    mail.set_content("Hello")
    assert read(message_from_bytes(bytes(mail))).is_automatic is is_automatic


@pytest.mark.parametrize(
    ("action", "status", "finding"),
    [
        ("failed", "5.1.1", Finding.REFUSED),
        ("failed", "5.0.0", Finding.REFUSED),
        ("failed", "5.2.1", Finding.REFUSED),
        ("failed", "5.1.7", Finding.LOST),  # our own address
        ("failed", "5.3.1", Finding.LOST),  # their disk
        ("failed", "5.4.6", Finding.LOST),  # a loop
        ("failed", "5.2.2", Finding.LOST),
        ("failed", "5.3.4", Finding.LOST),
        ("failed", "5.7.26", Finding.LOST),
        ("failed", "4.4.7", Finding.LOST),
        ("failed", "", Finding.LOST),
        ("delayed", "4.2.2", Finding.DELAYED),
        ("delayed", "5.1.1", Finding.DELAYED),
        ("", "5.1.1", Finding.REFUSED),
        ("", "4.1.1", Finding.DELAYED),
        ("", "", None),
        ("delivered", "2.1.5", None),
        ("relayed", "", None),
        ("expanded", "5.1.1", None),
    ],
)
def test_finding(action: str, status: str, finding: Finding | None) -> None:
    assert finding_of(action, status) is finding


@pytest.mark.parametrize(
    ("status", "diagnosis", "whole"),
    [
        ("5.1.1", "550 no such user", "5.1.1"),
        ("5.0.0", "550 5.7.1 refused", "5.7.1"),
        ("5.1.1 (bad mailbox)", "", "5.1.1"),
        ("", "550-5.1.1 no such user", "5.1.1"),
        ("", "550 no such user", "5.0.0"),
        ("", "452 try later", "4.0.0"),
        ("5.0.0", "host 5.1.2.3 said no", "5.0.0"),
        ("no status", "no code", ""),
    ],
)
def test_status(status: str, diagnosis: str, whole: str) -> None:
    assert status_of(status, diagnosis) == whole


@pytest.mark.parametrize(
    "written",
    [
        "rfc822; zoi@παράδειγμα.gr",
        "RFC822;<Zoi@xn--hxajbheg2az3al.gr>",
        " zoi@XN--HXAJBHEG2AZ3AL.GR ",
    ],
)
def test_one_address_however_servers_write_it(written: str) -> None:
    assert canonical(written) == "zoi@xn--hxajbheg2az3al.gr"


@given(st.emails())
def test_canonical_again_is_the_same(address: str) -> None:
    assert canonical(canonical(address)) == canonical(f"rfc822;<{address}>")


@given(st.binary(max_size=400))
def test_whatever_comes_is_read(content: bytes) -> None:
    incoming = read(message_from_bytes(content))
    assert len(incoming.key) == 64


@given(
    name=st.sampled_from(SAMPLES),
    start=st.integers(0, 3000),
    length=st.integers(0, 60),
    instead=st.binary(max_size=40),
)
def test_damaged_reports_are_read_and_say_nothing_that_a_database_refuses(
    name: str, start: int, length: int, instead: bytes
) -> None:
    whole = sample(name)
    incoming = read(message_from_bytes(whole[:start] + instead + whole[start + length :]))
    for failure in incoming.failures:
        assert failure.words.isprintable()
        assert failure.words.encode()
        assert 0 < len(failure.words) <= 300
        assert all("@" in recipient for recipient in failure.recipients)


@given(name=st.sampled_from(SAMPLES))
def test_a_report_has_the_same_key_whenever_it_is_read(name: str) -> None:
    others = {read(parsed(other)).key for other in SAMPLES if other != name}
    assert read(parsed(name)).key == read(parsed(name)).key
    assert read(parsed(name)).key not in others


# -- answers of calendars


@pytest.mark.parametrize(
    ("written", "otherwise"),
    [
        ("examp\n le.org", "examp\n\tle.org"),  # RFC 5545, 3.1: a line is folded by either
        ("ATTENDEE;PARTSTAT=ACCEPTED", "attendee;cn=Anna;\n partstat=Accepted"),
        ("SEQUENCE:0", "SEQUENCE:0\nCOMMENT;LANGUAGE=en-US:\\n"),  # as Exchange, without words
    ],
)
def test_an_answer_that_the_entry_was_taken_needs_nobody(written: str, otherwise: str) -> None:
    mail = sample("calendar-accepted").decode()
    assert written in mail
    for text in (mail, mail.replace(written, otherwise)):
        assert calendar_answer(message_from_string(text)) is Answer.FORMAL


def test_an_answer_in_words_is_for_people() -> None:
    mail = sample("calendar-accepted").decode()
    said = mail.replace("SEQUENCE:0", "COMMENT:\\nNo fish\nSEQUENCE:0")
    assert calendar_answer(message_from_string(said)) is Answer.WORDS
