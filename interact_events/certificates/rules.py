"""Codes that can be typed without fear, and the facts that a certificate freezes."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from interact_events.interreg.models import Publicity

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
CODE_LENGTH = 20  # 95 random bits and a check character

_AS_TYPED = str.maketrans("OIL", "011")
_SPACES_AND_DASHES = re.compile(r"[\s\-‐-―−_.]+")

PUBLICITY = {
    Publicity.ERDF: ("European Union", "European Regional Development Fund"),
    Publicity.COFUNDED: ("Co-funded by", "the European Union"),
}


def check_character(payload: str) -> str:
    """Luhn's algorithm over 32 characters: finds every wrong character and most swaps."""
    total = 0
    for place, character in enumerate(reversed(payload)):
        number = ALPHABET.index(character) * (1 if place % 2 else 2)
        total += sum(divmod(number, 32))
    return ALPHABET[-total % 32]


def normalised(text: str) -> str:
    """A code as it is stored, from however somebody typed it."""
    return _SPACES_AND_DASHES.sub("", text).upper().translate(_AS_TYPED)


def has_shape(code: str) -> bool:
    """Whether a normalised code has the right length and characters."""
    return len(code) == CODE_LENGTH and set(code) <= set(ALPHABET)


def is_well_typed(code: str) -> bool:
    """Whether the check character fits: if not, no certificate ever had this code."""
    return has_shape(code) and check_character(code[:-1]) == code[-1]


def printed(code: str) -> str:
    """ "7Q4K-92MX-HD3T-0A1B-C2D3"."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def reaches(attended: int, total: int, percent: int) -> bool:
    """Whether `attended` of `total` minutes are at least `percent`; without minutes nobody does."""
    return total > 0 and attended * 100 >= total * percent


@dataclass(frozen=True)
class AttendedSession:
    """A learning session that the person attended."""

    title: str
    on: date  # in the event's zone
    minutes: int


@dataclass(frozen=True)
class Facts:
    """What one certificate says, in the words of the day on which it was issued."""

    name: str
    role: str
    programme: str
    institution: str
    country: str
    event: str
    kind: str  # "workshop", as within a sentence
    starts_on: date
    ends_on: date
    dates: str  # "12–13 May 2027"
    place: str  # "Turku, Finland" or "Online"
    sessions: tuple[AttendedSession, ...]
    attended_minutes: int  # parallel sessions count once
    learning_minutes: int
    office: str
    signatory_name: str
    signatory_title: str
    publicity: Publicity
    issued_on: date

    @property
    def has_parallel_sessions(self) -> bool:
        return sum(session.minutes for session in self.sessions) > self.attended_minutes

    @property
    def publicity_lines(self) -> tuple[str, str]:
        """The words beside the emblem."""
        return PUBLICITY[self.publicity]


def as_json(facts: Facts) -> dict[str, Any]:
    """The facts in types that JSON knows."""
    values = asdict(facts) | {"publicity": facts.publicity.value}
    for name in ("starts_on", "ends_on", "issued_on"):
        values[name] = values[name].isoformat()
    values["sessions"] = [s | {"on": s["on"].isoformat()} for s in values["sessions"]]
    return values


def from_json(values: Mapping[str, Any]) -> Facts:
    """The facts that `as_json` wrote."""
    dates = {n: date.fromisoformat(values[n]) for n in ("starts_on", "ends_on", "issued_on")}
    sessions = tuple(
        AttendedSession(s["title"], date.fromisoformat(s["on"]), s["minutes"])
        for s in values["sessions"]
    )
    publicity = Publicity(values["publicity"])
    return Facts(**{**values, **dates, "sessions": sessions, "publicity": publicity})
