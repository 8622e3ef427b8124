"""How large a name may be written."""

import unicodedata
from bisect import bisect
from functools import lru_cache
from itertools import accumulate

# Points, from a table sign down to the longest name on the smallest badge; see sizes.css.
SIZES = (92, 80, 70, 60, 52, 46, 40, 35, 30, 26, 23, 20, 18, 16, 14, 12, 10, 9, 8, 7, 6)
MM = 72 / 25.4  # points
LEADING = 1.15
REGULAR = 1.12  # times as many letters fit as of bold type

NARROW = frozenset("ijlI|.,:;'’`!()[] ft-r")
WIDE = frozenset("mwMWÆæŒœЖжШшЩщЮюФфЫыΩωОoQ@%&")


def fitting(text: str, width: float, height: float, largest: int) -> int:
    """The largest of SIZES in which `text` fits into so many millimetres, broken into lines;
    words are only broken where even the smallest would be too wide for one."""
    sizes = [size for size in SIZES if size <= largest]
    words = [_ems(word) for word in text.split()]
    whole = [size for size in sizes if max(words, default=0) <= width * MM / size]
    return next((s for s in whole or sizes if _fits(words, s, width, height)), sizes[-1])


def shortened(text: str, size: int, width: float, height: float) -> str:
    """As many of its first words as fit in that size."""
    words = text.split()
    widths = [_ems(word) for word in words]
    if _fits(widths, size, width, height):
        return text
    kept = range(len(words) - 1, 0, -1)
    fit = (n for n in kept if _fits([*widths[: n - 1], widths[n - 1] + 1], size, width, height))
    return " ".join(words[: next(fit, 0)]) + "…"


def height_of(text: str, size: int, width: float) -> float:
    """How many millimetres high `text` stands in that size."""
    words = [_ems(word) for word in text.split()]
    return _lines(words, width * MM / size) * size * LEADING / MM


def clipped(text: str, width: float, size: int) -> str:
    """As much of `text` as has room on one line, in regular type."""
    room = width * MM / size * REGULAR
    if _ems(text) <= room:
        return text
    room -= _em("…")
    return text[: bisect(list(accumulate(map(_em, text))), room)].rstrip() + "…"


def _fits(words: list[float], size: int, width: float, height: float) -> bool:
    return _lines(words, width * MM / size) * size * LEADING / MM <= height


def _lines(widths: list[float], room: float) -> int:
    """How many lines words take, one after the other; one that is too wide is broken."""
    lines, used = 1, 0.0
    for width in widths:
        if used and used + _em(" ") + width > room:
            lines, used = lines + 1, 0.0
        used += width + (_em(" ") if used else 0)
        if used > room:
            lines, used = lines + int(used / room), used % room
    return lines


def _ems(word: str) -> float:
    return sum(map(_em, word))


@lru_cache(maxsize=4096)
def _em(character: str) -> float:
    """Rather too wide than too narrow, in bold type; marks stand above their letter."""
    if unicodedata.combining(character):
        return 0
    if character in WIDE:
        return 1.0 if character.isupper() or character in "mw" else 0.9
    base = unicodedata.normalize("NFD", character)[0]
    if base in NARROW:
        return 0.43
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    is_tall = character.isupper() or ord(character) > 0x530  # Armenian, Georgian and beyond
    return 0.76 if is_tall else 0.64
