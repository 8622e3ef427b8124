"""Whom an event invites."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import IntegerField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from interact_events.core.web.forms import Form, TextField

SHOWN = 10  # wrong addresses that are named


class AddressesField(TextAreaField):
    """E-mail addresses as people paste them; `found` are those that can be written to."""

    found: tuple[str, ...] = ()

    def pre_validate(self, form: Any) -> None:
        """Names every line that holds something else."""
        found, wrong = [], []
        for number, text in written_addresses(self.data or ""):
            address = _address(text)
            if address:
                found.append(address)
            else:
                wrong.append(f"line {number}: “{text[:80]}”")
        self.found = tuple(found)
        if wrong:
            raise ValidationError(_wrong(wrong))


def _wrong(lines: Sequence[str]) -> str:
    more = f" and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    return f"These are no e-mail addresses: {'; '.join(lines[:SHOWN])}{more}."


def written_addresses(text: str) -> Iterator[tuple[int, str]]:
    """Each piece with the number of its line; commas within a name part nothing.

    A name stands in quotes, or as mail programs write it: "Roe, Jo <jo@example.org>".
    """
    for number, line in enumerate(text.splitlines(), start=1):
        for piece in line.split(";"):
            yield from ((number, part) for part in _with_surnames(_parted(piece)) if part)


def _parted(piece: str) -> list[str]:
    """Apart at each comma that an even number of quotes follows; a piece holds no line break."""
    parts = piece.split('"')
    for at in range(len(parts) - 1, -1, -2):
        parts[at] = parts[at].replace(",", "\n")
    return '"'.join(parts).split("\n")


def _with_surnames(parts: Iterable[str]) -> Iterator[str]:
    """A surname goes with the name and address that follow it; in small letters it is none, but
    an address that somebody has mistyped."""
    surname = ""
    for part in (each.strip() for each in parts):
        if surname and re.fullmatch(r"[^<>@]+<[^<>]*>", part):
            yield f"{surname}, {part}"
            surname = ""
            continue
        yield surname
        surname = ""
        if part != part.lower() and not re.search(r"[@<>]", part):
            surname = part
        else:
            yield part
    yield surname


def _address(text: str) -> str | None:
    """The address of "Name <address>", or of a bare one, in lower case."""
    named = re.fullmatch(r"[^<>]*<([^<>]+)>", text)
    bare = (named.group(1) if named else text).strip()
    if len(bare) > 254:
        return None
    try:
        validate_email(bare, allow_smtputf8=False, check_deliverability=False)
    except EmailNotValidError:
        return None
    return bare.lower()


class SeatInvitationsForm(Form):
    """Whom to send a personal invitation."""

    addresses = AddressesField(
        "E-mail addresses",
        [
            DataRequired("Give at least one address."),
            Length(max=200_000, message="Send fewer addresses at once."),
        ],
        description="One on each line, or parted by commas or semicolons. "
        "“Name <name@example.org>” works too.",
        render_kw={"rows": 6, "spellcheck": "false", "autocomplete": "off"},
    )


class CodeForm(Form):
    """A code that the office passes on."""

    label = TextField(
        "Whom it is for",
        [DataRequired("Say whom the code is for.")],
        most=100,
        description="For your list only, for example a programme.",
    )
    most_uses = IntegerField(
        "For how many people",
        [
            InputRequired("Say for how many people."),
            NumberRange(1, 10_000, "Give a number from 1 to 10,000."),
        ],
    )
