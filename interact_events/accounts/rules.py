"""Pure decisions about passwords, links and names typed by hand."""

import re
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache

from interact_events.core.words import folded

SIGNED_IN_FOR = timedelta(days=14)
CONFIRM_WITHIN = timedelta(hours=24)  # as long as a newcomer's place in a queue is held
RESET_WITHIN = timedelta(hours=2)
INVITED_FOR = timedelta(days=14)

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200

DEMO_PASSWORD = "interact demo 2026"  # noqa: S105  # shown on the sign-in page in demo mode only
DEMO_ACCOUNTS = (
    ("coordinator@demo.example", "Coordinator of the secretariat"),
    ("lead.turku@demo.example", "Lead in Turku"),
    ("editor.turku@demo.example", "Editor in Turku"),
    ("viewer.turku@demo.example", "Viewer in Turku"),
    ("lead.vienna@demo.example", "Lead in Vienna"),
    ("controller@demo.example", "Controller with several profiles"),
    ("authority@demo.example", "Managing authority, new here"),
)

_SAME_KEY = str.maketrans("013457@$!|", "oleastasil")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm")
_DIGITS = "01234567890"


def password_fault(password: str, *, email: str, name: str, common: frozenset[str]) -> str | None:
    """Why this password will not do for this person, in a sentence; None when it will."""
    if len(password) < SHORTEST_PASSWORD:
        return f"Use at least {SHORTEST_PASSWORD} characters. A few words in a row work well."
    if len(password) > LONGEST_PASSWORD:
        return f"Use at most {LONGEST_PASSWORD} characters."
    if _names_person(password, email, name):
        return "Leave your name and your e-mail address out of your password."
    if is_common(password, common):
        return "That password is easy to guess. Choose words that do not belong together."
    return None


def _names_person(password: str, email: str, name: str) -> bool:
    """The whole name or address, or a part of five letters: shorter ones hide in good words."""
    plain = re.sub(r"[^a-z0-9]", "", folded(password))
    account = folded(email).partition("@")[0]
    parts = re.split(r"[^a-z0-9]+", f"{account} {folded(name)}")
    whole = [re.sub(r"[^a-z0-9]", "", text) for text in (account, folded(name))]
    return any(w in plain for w in whole if len(w) >= 4) or any(
        part in plain for part in parts if len(part) >= 5
    )


def is_common(password: str, common: frozenset[str]) -> bool:
    """Whether it is only listed words, runs of keys or one piece again and again.

    Digits and signs between them add nothing: "Password-2026" is "password".
    """
    plain = folded(password).replace(" ", "")
    if len(set(plain)) < 5 or _repeats(plain):
        return True
    core = re.sub(r"^[^a-z]+|[^a-z]+$", "", plain).translate(_SAME_KEY)
    texts = {
        re.sub(r"[^a-z0-9]", "", plain),
        re.sub(r"[^a-z]", "", plain),
        re.sub(r"[^a-z]", "", core),
    }
    return any(_is_made_of(text, common) for text in texts)


def _repeats(text: str) -> bool:
    """ "abcabcabcabc" holds itself inside itself doubled."""
    return text in (text + text)[1:-1]


def _is_made_of(text: str, common: frozenset[str]) -> bool:
    """Whether the whole text splits into listed words and runs of three keys or more."""
    reachable = {0}
    for end in range(1, len(text) + 1):
        if any(
            start in reachable and (text[start:end] in common or _is_run(text[start:end]))
            for start in range(max(0, end - 32), end)
        ):
            reachable.add(end)
    return len(text) in reachable


@lru_cache(maxsize=1)
def _runs() -> tuple[str, ...]:
    return tuple(run for row in (*_ROWS, _DIGITS) for run in (row, row[::-1]))


def _is_run(text: str) -> bool:
    """Keys in their order, or the same key held down."""
    return len(text) >= 3 and (len(set(text)) == 1 or any(text in run for run in _runs()))


def best_matches(typed: str, options: Sequence[tuple[str, ...]]) -> list[int]:
    """Which options the typed text means: those it equals, else those that contain it.

    Each option is all its spellings, the exact one first.
    """
    wanted = folded(typed)
    spellings = [tuple(folded(text) for text in option) for option in options]
    exact = [i for i, texts in enumerate(spellings) if wanted == texts[0]]
    whole = [i for i, texts in enumerate(spellings) if wanted in texts]
    parts = wanted.split()
    partly = [i for i, texts in enumerate(spellings) if all(p in " ".join(texts) for p in parts)]
    return (exact or whole or partly) if wanted else []
