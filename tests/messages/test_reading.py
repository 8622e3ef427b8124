"""Each kind of mail as two readers find it: the standard library's, and one that shares no code
with it."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32, default
from email.utils import parseaddr
from typing import Any

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from interact_events.core import clock, ics
from interact_events.core.mail import KINDS, Kind, Words, worded, words_of
from interact_events.core.outbox import OutboxMessage, as_email
from interact_events.events.ics import event_entries
from tests import make
from tests.messages.conftest import Read

SENDER = "Interact Events <events@interact.example>"
GREEK = "Ζωή Παπαδοπούλου"
NAME = "Ζωή\r\nBcc: a@b.c"
WITH_CALENDAR = {
    f"registrations.{name}"
    for name in ("confirmed", "promoted", "mode_changed", "event_changed", "event_cancelled")
}
EVERY_MAIL = {
    *("Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID"),
    *("Precedence", "Subject", "To", "X-Auto-Response-Suppress", "X-Original-Message-ID"),
}


def a_row(**values: Any) -> OutboxMessage:
    usual = {
        "to_name": GREEK,
        "to_address": "zoi@example.org",
        "message_id": "<1@localhost>",
        "due_at": clock.now(),
    }
    return OutboxMessage(**(usual | values))


def written(row: OutboxMessage, words: Words) -> bytes:
    return as_email(row, words, SENDER).content


def by_python(mail: bytes) -> EmailMessage:
    found = message_from_bytes(mail, policy=default)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


def calendar_for(kind: Kind) -> bytes | None:
    if kind.name not in WITH_CALENDAR:
        return None
    entries = event_entries(make.event("Kontrolá – Έλεγχος"), page_url="http://localhost/events/x")
    return ics.calendar(entries, method=ics.Method.REQUEST)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_python_finds_what_was_written(app: Flask, kind: Kind) -> None:
    calendar = calendar_for(kind)
    row = a_row(to_name=NAME, to_address="zoi@bücher.example", calendar=calendar)
    words = worded(kind.name, kind.samples)
    mail = written(row, words)
    found = by_python(mail)
    assert found["Subject"].strip() == words.subject  # a long one begins on its second line
    (to,) = found["To"].addresses
    assert to.addr_spec == "zoi@xn--bcher-kva.example"
    assert to.display_name == " ".join(NAME.split())
    plain, html = (found.get_body((form,)) for form in ("plain", "html"))
    assert plain
    assert html
    assert lines(plain.get_content()) == lines(words.text)
    assert lines(html.get_content()) == lines(words.html)
    assert [
        (part.get_content_type(), part.get_filename(), part.get_payload(decode=True))
        for part in found.iter_attachments()
    ] == ([("application/ics", "invite.ics", calendar)] if calendar else [])
    assert set(found.keys()) == EVERY_MAIL
    assert mail.isascii()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_stranger_finds_what_was_written(app: Flask, read: Read, kind: Kind) -> None:
    calendar = calendar_for(kind)
    link = f"https://events.interact.example/news/off/{'MTIz' * 20}.{'Ab-_' * 7}"
    row = a_row(
        to_name=NAME,
        to_address="zoi@bücher.example",
        reply_to="turku@interact.example",
        calendar=calendar,
        unsubscribe_url=link,
    )
    words = worded(kind.name, kind.samples)
    found = read(written(row, words))
    assert (found["subject"], lines(found["text"]), lines(found["html"])) == (
        words.subject,
        lines(words.text),
        lines(words.html),
    )
    assert found["from"] == {"name": "Interact Events", "address": "events@interact.example"}
    to = {"name": "Ζωή Bcc: a@b.c", "address": "zoi@xn--bcher-kva.example"}
    assert (found["to"], found["replyTo"][0]["address"]) == ([to], "turku@interact.example")
    assert (found["messageId"], found["unsubscribe"]) == (row.message_id, f"<{link}>")
    assert found["date"] == f"{row.due_at:%Y-%m-%dT%H:%M:%S}.000Z"
    assert set(found["headers"]) == EVERY_MAIL | {
        "Reply-To",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
    }
    sent = lines(calendar.decode()) if calendar else []
    assert [
        (part["name"], part["type"], part["method"], lines(part["content"]))
        for part in found["attachments"]
    ] == [
        (None, "text/calendar", "REQUEST", sent),
        ("invite.ics", "application/ics", None, sent),
    ][: 2 if calendar else 0]


@pytest.mark.parametrize(
    ("address", "understood"),
    [
        ("zoi@παράδειγμα.gr", "zoi@xn--hxajbheg2az3al.gr"),
        ('"zoi papa"@example.org', '"zoi papa"@example.org'),
        ('"zoi, her; self"@example.org', '"zoi, her; self"@example.org'),
        ("o'neil+events@example.org", "o'neil+events@example.org"),
    ],
)
def test_both_find_one_recipient(app: Flask, read: Read, address: str, understood: str) -> None:
    mail = written(a_row(to_address=address), words_of("Hello\nDear Zoi,", {}))
    (to,) = by_python(mail)["To"].addresses
    assert (to.display_name, to.addr_spec) == (GREEK, understood)
    (other,) = read(mail)["to"]
    assert (other["name"], other["address"].replace('"', "")) == (
        GREEK,
        understood.replace('"', ""),
    )


def test_local_part_in_other_letters_stands_beside_a_name_that_all_can_read(read: Read) -> None:
    mail = written(a_row(to_address="ζωή@example.org"), Words("Hello", "Dear Zoi,", ""))
    assert read(mail)["to"] == [{"name": GREEK, "address": "ζωή@example.org"}]
    (line,) = (line for line in mail.splitlines() if line.startswith(b"To: "))
    assert line.decode().replace("ζωή", "").isascii()


@pytest.mark.parametrize(
    "name",
    [
        "Ζωή Παπαδοπούλου",
        """Žižka "O'Neil" <b>, Jr.""",
        "Bo, all@example.org",
        "=?utf-8?q?evil?= <evil@example.org>",
        "O\\Neil (Bo)",
        "Anna Virtanen",
        "",
    ],
)
def test_both_find_the_name(read: Read, name: str) -> None:
    mail = written(a_row(to_name=name), Words("Hello", "Dear Zoi,", ""))
    (to,) = by_python(mail)["To"].addresses
    assert (to.display_name, to.addr_spec) == (name, "zoi@example.org")
    assert read(mail)["to"] == [{"name": name, "address": "zoi@example.org"}]


@given(
    text=st.text(
        st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from(" =?"),
        min_size=1,
        max_size=300,
    )
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: text not in ("", "zoi@example.org"))  # one like the address is shown once
)
@example(text="Ζωή " * 20 + "Παπαδοπούλου")
@example(text="Ζωή" * 40)
@example(text="x" * 1200)
@example(text="First-level control " * 12 + "in practice")
@example(text="=?utf-8?q?evil?= <evil@example.org>")
def test_both_find_any_name_and_subject_whole(read: Read, text: str) -> None:
    """However long: Python's own way of parting them loses spaces between Greek words."""
    mail = written(a_row(to_name=text), Words(text, "Dear Zoi,", ""))
    found = read(mail)
    assert (found["to"][0]["name"], found["subject"]) == (text, text)
    assert by_python(mail)["Subject"] == text
    older = message_from_bytes(mail, policy=compat32)  # the newer one keeps spaces in long names
    name, address = parseaddr(older["To"])
    assert (str(make_header(decode_header(name))), address) == (text, "zoi@example.org")
    assert mail.isascii()
    assert max(map(len, mail.partition(b"\r\n\r\n")[0].splitlines())) <= 100


@pytest.mark.parametrize("text", ["x" * 71 + " From \n", "y" * 400, "z" * 75 + "\t\nά " * 40])
def test_no_line_of_a_text_is_longer_than_servers_take(read: Read, text: str) -> None:
    mail = written(a_row(), Words("Hello", text, text))
    body = mail.partition(b"\r\n\r\n")[2]
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert lines(read(mail)["text"]) == lines(text)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85"])
def test_neither_finds_a_header_that_somebody_typed(app: Flask, read: Read, end: str) -> None:
    typed = f"X{end}Bcc: all@example.org{end}{end}<script>"
    words = words_of("{{ typed }}\nDear {{ typed }},", {"typed": typed})
    mail = written(a_row(to_name=typed), words)
    found = read(mail)
    assert set(by_python(mail).keys()) == set(found["headers"]) == EVERY_MAIL
    assert found["subject"] == "X Bcc: all@example.org <script>"
    assert [to["address"] for to in found["to"]] == ["zoi@example.org"]
