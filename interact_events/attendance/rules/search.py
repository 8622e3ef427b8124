"""Finding somebody by a few letters; static/js/names.js does the same."""

import re
import unicodedata
from collections.abc import Sequence

from interact_events.core.words import folded

NOT_FOUND = 9  # comes after everybody who fits
SHORT = 3  # letters; so few have to be all of a word to be taken for a slip


def plain(text: str) -> str:
    """Small letters without marks, in the script that they are written in."""
    letters = unicodedata.normalize("NFD", text.lower())
    return " ".join("".join(c for c in letters if unicodedata.category(c)[0] != "M").split())


def words_of(text: str) -> list[str]:
    """What search compares: the parts of "O’Neil-Žižka" and all of it, in plain letters.

    Greek "ου" is "oy" letter by letter, but people write "ou".
    """
    found: list[str] = []
    for written in folded(text).split():
        parts = re.findall(r"[a-z0-9]+", written)
        found += [*parts, "".join(parts)] if len(parts) > 1 else parts
    return found + [word.replace("oy", "ou") for word in found if "oy" in word]


def sought_in(text: str) -> list[str]:
    """The words that somebody typed."""
    typed = ("".join(re.findall(r"[a-z0-9]+", part)) for part in folded(text).split())
    return [word for word in typed if word]


def fit(sought: Sequence[str], name: Sequence[str], rest: Sequence[str]) -> int | None:
    """How well somebody fits what was typed, 0 best; nothing where a word of it does not.

    A name comes before the `rest`, and what was typed right before one typing error.
    """
    found = [_fit(word, name, rest) for word in sought]
    if None in found:
        return None
    return max((each for each in found if each is not None), default=0)


def _fit(typed: str, name: Sequence[str], rest: Sequence[str]) -> int | None:
    if typed in name:
        return 0
    ways = (
        any(word.startswith(typed) for word in name),
        any(word.startswith(typed) for word in rest),
        any(is_slip(typed, word) for word in name),
        any(is_slip(typed, word) for word in rest),
    )
    return ways.index(True) + 1 if any(ways) else None


def is_slip(typed: str, word: str) -> bool:
    """Whether it begins the word but for one letter that is missing, too many or wrong, or two
    that are swapped."""
    if len(typed) < SHORT:
        return False
    at = next((i for i, (a, b) in enumerate(zip(typed, word, strict=False)) if a != b), None)
    at = min(len(typed), len(word)) if at is None else at
    swapped = typed[at : at + 2] == word[at : at + 2][::-1] and len(typed) > at + 1
    left = [(1, 0), (0, 1), (1, 1)] + ([(2, 2)] if swapped else [])
    return any(_goes_on(word[at + there :], typed[at + here :], typed) for here, there in left)


def _goes_on(word: str, typed: str, whole: str) -> bool:
    return word == typed if len(whole) <= SHORT else word.startswith(typed)
