"""Whose words a mail has, how a template is parted into fields, and what stays secret."""

import re
from typing import NamedTuple

from jinja2 import Environment, nodes

WEB_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
LINE = re.compile(r"Line (\d+): (.*)", re.DOTALL)
PERSONAL = "[personal link]"

# Whoever has the link in such a mail can act as the person to whom it was sent.
WITH_SECRETS = {
    "registrations.please_confirm",
    "registrations.invited",
    "registrations.seat_invitation",
}
FEATURES_WITH_SECRETS = {"accounts", "nominations", "news"}
# Such a link gives a new password without the old one; not even to who sits at an open screen.
WITH_PASSWORDS = {"accounts.reset_password", "registrations.invited"}


class Own(NamedTuple):
    """What was changed at one place: words, where there are any, and the switch."""

    source: str
    is_off: bool


def effective(at_event: Own | None, at_office: Own | None) -> Own:
    """The event's words win over the office's, and so does its switch; "" are the usual words."""
    nearest = at_event or at_office or Own("", is_off=False)
    own = (place.source for place in (at_event, at_office) if place and place.source)
    return Own(next(own, ""), nearest.is_off)


def parted(source: str) -> tuple[str, str]:
    """Subject and body, the two fields in which staff write."""
    subject, _, body = source.strip().partition("\n")
    return subject.strip(), body.strip()


def joined(subject: str, body: str) -> str:
    """The template of both."""
    return f"{subject}\n{body}"


def placed(sentence: str) -> tuple[str, str]:
    """The field that a refusal of `joined` words is about, and the sentence with the line that
    staff see there: the subject's has no number, the body's begin at one."""
    found = LINE.fullmatch(sentence)
    if not found:
        return "body", sentence
    number, words = int(found[1]), found[2]
    return ("body", f"Line {number - 1}: {words}") if number > 1 else ("subject", words)


def has_secret(kind: str) -> bool:
    """Whether a mail of this kind has a link that is meant for one person alone."""
    return kind in WITH_SECRETS or kind.partition(".")[0] in FEATURES_WITH_SECRETS


def without_links(text: str) -> str:
    """The text with each address that might be such a link taken out."""
    return WEB_ADDRESS.sub(PERSONAL, text)


def bends_link(source: str) -> int:
    """The line that does more with the variable `link` than say it; 0 if none does.

    Taken apart it would still be a key, but nobody could see any more that it is one.
    """
    tree = Environment(autoescape=True).parse(source)
    said = {id(each) for out in tree.find_all(nodes.Output) for each in out.nodes}
    bent = (n.lineno for n in tree.find_all(nodes.Name) if n.name == "link" and id(n) not in said)
    return next(bent, 0)
