"""What a mail from a machine says: RFC 3464 reports, the kinds that are older, auto-replies."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from enum import StrEnum
from hashlib import sha256

from interact_events.core import words

MOST_WORDS = 300  # of another server's explanation


class Finding(StrEnum):
    """What has come into the mailbox."""

    REFUSED = "refused"  # the address does not work
    LOST = "lost"  # that mail did not arrive, which says nothing about the next one
    DELAYED = "delayed"  # it is still on its way
    AUTOMATIC = "automatic"  # somebody is away, or another machine's mail
    FOREIGN = "foreign"  # a report about no mail of ours
    PERSONAL = "personal"  # somebody wrote


@dataclass(frozen=True)
class Failure:
    """What a report says about some recipients; `words` are the other server's."""

    recipients: frozenset[str]  # as `canonical` writes them
    finding: Finding
    words: str


@dataclass(frozen=True)
class Incoming:
    """One mail of the mailbox; `key` is the same whenever it is read."""

    key: str
    is_automatic: bool
    message_ids: frozenset[str]  # those of our mail that it quotes
    failures: tuple[Failure, ...]


def read(mail: Message) -> Incoming:
    """What the mail is, whatever it holds."""
    answer = calendar_answer(mail)
    is_report = _kind_of_report(mail) == "delivery-status"
    failures, quoted = _from_report(mail) if is_report else _from_text(mail)
    if answer is not None:
        failures, quoted = [], set()  # whatever it looks like
    is_automatic = is_report or bool(failures) or is_auto_reply(mail)
    return Incoming(
        key=sha256((_header(mail, "Message-ID") or _whole(mail)).encode()).hexdigest(),
        is_automatic=is_automatic if answer is None else answer is Answer.FORMAL,
        message_ids=frozenset(quoted),
        failures=tuple(failures),
    )


def canonical(address: str) -> str:
    """The same for every way in which servers write one address."""
    plain = re.sub(r"^[\w-]+;", "", address.strip()).strip().strip("<>").strip()
    local, _, domain = plain.rpartition("@")
    with suppress(UnicodeError):
        domain = words.ascii_domain(domain)
    return f"{local}@{domain}".lower()


# -- answers to invitations ----------------------------------------------------------------------


class Answer(StrEnum):
    """What a mail program has sent about a calendar entry of ours (RFC 5546)."""

    FORMAL = "formal"  # that the entry was taken, which needs nobody
    WORDS = "words"  # that they won't come, or what they would rather have


STATUS = re.compile(r"^ATTENDEE\b[^\n]*;PARTSTAT=([A-Z-]+)", re.MULTILINE | re.IGNORECASE)
# Exchange writes one that is a line break alone where nobody has said anything.
COMMENT = re.compile(r"^COMMENT\b[^\n:]*:(?!(?:\\n|[ \t])*$)", re.MULTILINE | re.IGNORECASE)


def calendar_answer(mail: Message) -> Answer | None:
    """None where the mail is none. A seat is given up on its page alone: anybody can write such a
    mail, so it changes nothing, and who seems to decline is left to people."""
    answers = [part for part in mail.walk() if _calendar_method(part) in ("REPLY", "COUNTER")]
    if not answers:
        return None
    lines = re.sub(r"\n[ \t]", "", "\n".join(_text(part) for part in answers))
    status = STATUS.findall(lines)
    is_taken = bool(status) and {each.upper() for each in status} <= {"ACCEPTED", "TENTATIVE"}
    is_formal = all(_calendar_method(part) == "REPLY" for part in answers) and is_taken
    return Answer.FORMAL if is_formal and not COMMENT.search(lines) else Answer.WORDS


def _calendar_method(part: Message) -> str:
    is_calendar = part.get_content_type() in ("text/calendar", "application/ics")
    return str(part.get_param("method") or "").upper() if is_calendar else ""


# -- auto-replies --------------------------------------------------------------------------------


def is_auto_reply(mail: Message) -> bool:
    """Whether a program wrote it and wants no answer: RFC 3834, and what came before it."""
    submitted = _header(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    precedence = _header(mail, "Precedence").lower()
    return (
        submitted not in ("", "no")
        or precedence in ("bulk", "junk", "list", "auto_reply")
        or any(_header(mail, name) for name in ("X-Autoreply", "X-Autorespond"))
        or _header(mail, "Return-Path") == "<>"
        or _kind_of_report(mail) is not None
    )


# -- reports of RFC 3464 -------------------------------------------------------------------------


def _kind_of_report(mail: Message) -> str | None:
    """ "delivery-status", "disposition-notification" …; None where it is no report."""
    if mail.get_content_type() != "multipart/report":
        return None
    if any(part.get_content_type() == "message/delivery-status" for part in _parts(mail)):
        return "delivery-status"
    return str(mail.get_param("report-type") or "").lower()


def _from_report(mail: Message) -> tuple[list[Failure], set[str]]:
    failures: list[Failure] = []
    quoted = _ids(mail, "In-Reply-To", "References")
    for part in _parts(mail):
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            failures += (failure for block in _parts(part) if (failure := _failure(block)))
        elif kind == "message/rfc822":
            quoted |= {found for inner in _parts(part) for found in _own_ids(inner)}
        elif kind == "text/rfc822-headers":
            quoted |= _own_ids(message_from_string(_text(part)))
    return failures, quoted


def _failure(block: Message) -> Failure | None:
    """What one group of fields says; the first one, about the report itself, names nobody."""
    names = [_header(block, name) for name in ("Final-Recipient", "Original-Recipient")]
    recipients = frozenset(canonical(name) for name in names if "@" in name)
    diagnosis = _header(block, "Diagnostic-Code").partition(";")[2].strip()
    status = status_of(_header(block, "Status"), diagnosis)
    finding = finding_of(_header(block, "Action").lower(), status)
    if not recipients or finding is None:
        return None
    return Failure(recipients, finding, _said(status, diagnosis))


def status_of(status: str, diagnosis: str) -> str:
    """The enhanced status code of RFC 3463; one that says nothing gives way to what the server
    said in the conversation."""
    own, said = _enhanced(status), _enhanced(diagnosis)
    if said and (own is None or own.endswith(".0.0")):
        return said
    code = re.match(r"\s*([245])\d\d\b", diagnosis)
    return own or (f"{code.group(1)}.0.0" if code else "")


def _enhanced(text: str) -> str | None:
    found = re.search(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])", text)
    return found.group() if found else None


# No such mailbox or host, or the mailbox is closed (RFC 3463). Anything else is about the mail, us
# or their system, and the next mail may well arrive.
ABOUT_THE_ADDRESS = re.compile(r"5\.(0\.0|1\.[0-6]|1\.10|2\.[01]|4\.4)")


def finding_of(action: str, status: str) -> Finding | None:
    """What became of the mail; None where it has arrived, or where nothing is said."""
    if action in ("delivered", "relayed", "expanded") or status.startswith("2"):
        return None
    if action == "delayed":
        return Finding.DELAYED
    if action == "failed" or status.startswith("5"):
        is_hard = ABOUT_THE_ADDRESS.fullmatch(status)
        return Finding.REFUSED if is_hard else Finding.LOST
    return Finding.DELAYED if status.startswith("4") else None


def _said(status: str, diagnosis: str) -> str:
    return _clean(diagnosis if status in diagnosis else f"{status} {diagnosis}") or "No reason."


# -- older kinds: Exim, qmail --------------------------------------------------------------------

COPY = re.compile(
    r"^-+ *(?:This is a copy of|Below this line is a copy of)[^\n]*$", re.IGNORECASE | re.MULTILINE
)
FOR_GOOD = re.compile(r"permanent error|could not be delivered|wasn't able to deliver", re.I)


def _from_text(mail: Message) -> tuple[list[Failure], set[str]]:
    """A plain text that tells of failed recipients, and then the mail itself."""
    text = _text(mail) if mail.get_content_maintype() == "text" else ""
    cut = COPY.search(text)
    if cut is None or not FOR_GOOD.search(text[: cut.start()]):
        return [], set()
    story, copy = text[: cut.start()], text[cut.end() :].lstrip("\n")
    recipients = _recipients(mail, story)
    status = status_of("", story) or _conversation(story)
    finding = finding_of("failed", status)
    if not recipients or finding is None:
        return [], set()
    return [Failure(recipients, finding, _said("", _reason(story)))], _own_ids(
        message_from_string(copy)
    )


def _recipients(mail: Message, story: str) -> frozenset[str]:
    """Exim names them in a header, qmail each on a line of its own."""
    named = _header(mail, "X-Failed-Recipients").split(",")
    lines = re.findall(r"^<([^<>\s]+@[^<>\s]+)>:$", story, re.MULTILINE)
    return frozenset(canonical(each) for each in (*named, *lines) if "@" in each)


def _conversation(story: str) -> str:
    """From the code of a conversation told in prose: "Remote host said: 550 …"."""
    code = re.search(r"(?:^|:)\s*([45])\d\d[ -]", story, re.MULTILINE)
    return f"{code.group(1)}.0.0" if code else "5.0.0"


def _reason(story: str) -> str:
    """The lines that follow the address."""
    return re.split(r"^\s*<?[^<>\s]+@[^<>\s]+>?:?\s*$", story, flags=re.MULTILINE)[-1]


# -- reading safely ------------------------------------------------------------------------------


def _parts(mail: Message) -> Iterator[Message]:
    """The parts one level down; a part of a report that is no message is not there."""
    payload = mail.get_payload()
    if isinstance(payload, list):
        yield from (part for part in payload if isinstance(part, Message))


def _header(mail: Message, name: str) -> str:
    return _clean(str(mail.get(name, "")), most=2000)


def _ids(mail: Message, *names: str) -> set[str]:
    return {found for name in names for found in re.findall(r"<[^<>\s]+>", _header(mail, name))}


def _own_ids(mail: Message) -> set[str]:
    return _ids(mail, "Message-ID", "X-Original-Message-ID")


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
    return text.replace("\r\n", "\n")


def _whole(mail: Message) -> str:
    return repr([(name, str(value)) for name, value in mail.items()]) + _text(mail)


def _clean(text: str, most: int = MOST_WORDS) -> str:
    """One line without what no database and no page takes."""
    plain = text.encode("utf-8", "replace").decode()
    return " ".join("".join(c if c.isprintable() else " " for c in plain).split())[:most]
