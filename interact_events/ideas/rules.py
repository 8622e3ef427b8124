"""Months, likeness and demand: plain data in, plain data out. No database, no clock."""

import calendar
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz, utils

from interact_events.core import words

MONTHS = tuple(calendar.month_name)[1:]
ANY_MONTH = "Any month"
NO_PROGRAMME = "No programme"
ALIKE = 65  # of 100: "Audit of samples" and "Sampling for audits" are
SAME_WORD = 80  # of 100: "audit" and "audits" are
SEVERAL = 15  # what two words in common add
SHOWN_ALIKE = 5
SAYS_NOTHING = {
    *("a", "about", "all", "an", "and", "are", "as", "at", "by", "do", "for", "from", "how", "in"),
    *("is", "it", "of", "on", "or", "our", "that", "the", "their", "this", "to", "us", "we"),
    *("what", "when", "who", "with", "you", "basics", "beginners", "event", "meeting", "seminar"),
    *("training", "webinar", "workshop"),
}


class IdeaState(StrEnum):
    """Where an idea stands. One that is open and has an event is planned."""

    PROPOSED = "proposed"  # waits for staff; only its proposer sees it beside them
    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


def months_as_number(months: Iterable[int]) -> int:
    """Months (1–12) as one number, a bit for each; 0 for none, which means any."""
    return sum(1 << (month - 1) for month in set(months))


def months_of(number: int) -> list[int]:
    """The months that the number stands for, in the order of the year."""
    return [month for month in range(1, 13) if number >> (month - 1) & 1]


def months_in_words(number: int) -> str:
    """ "March, April and May", "Any month"."""
    return words.listed([MONTHS[month - 1] for month in months_of(number)]) or ANY_MONTH


def alike(title: str, others: Mapping[int, str]) -> list[int]:
    """The numbers of the titles that could mean the same, the most alike first."""
    meant = _meaning(title)
    scores = {number: _likeness(meant, _meaning(other)) for number, other in others.items()}
    found = [number for number, score in scores.items() if score >= ALIKE]
    return sorted(found, key=lambda number: (-scores[number], number))[:SHOWN_ALIKE]


def _meaning(title: str) -> list[str]:
    """Its words but for those that any title may have; all of them where there are no others."""
    every = utils.default_process(words.folded(title)).split()
    return [word for word in every if word not in SAYS_NOTHING] or every


def _likeness(one: list[str], other: list[str]) -> float:
    """0 to 100: how many words of the shorter title the longer one has, be they spelled a little
    differently, where two say more than one; or how alike they are as a whole."""
    short, long = sorted((one, other), key=len)
    if not short:
        return 0
    shared = sum(any(fuzz.ratio(word, known) >= SAME_WORD for known in long) for word in short)
    whole = fuzz.token_sort_ratio(" ".join(one), " ".join(other))
    share = 100 * shared / len(short) + (SEVERAL if shared > 1 else 0)
    return max(min(100, share), whole)


@dataclass(frozen=True)
class Wish:
    """What one supporter said, without who they are."""

    role: str
    programme: str
    country: str
    language: str
    months: int


@dataclass(frozen=True)
class Bar:
    """How many people gave one answer."""

    label: str
    people: int


Demand = list[tuple[str, Sequence[Bar]]]


def demand(wishes: Sequence[Wish]) -> Demand:
    """Who would come, question by question: the most frequent answers first, months by the year.

    Whoever names several months counts in each.
    """
    return [
        ("Role", _bars(wish.role for wish in wishes)),
        ("Programme", _bars(wish.programme or NO_PROGRAMME for wish in wishes)),
        ("Country", _bars(wish.country for wish in wishes)),
        ("Language", _bars(wish.language for wish in wishes)),
        ("Month", _by_month(wishes)),
    ]


def _bars(answers: Iterable[str]) -> list[Bar]:
    found = Counter(answers)
    return [Bar(label, found[label]) for label in sorted(found, key=lambda a: (-found[a], a))]


def _by_month(wishes: Sequence[Wish]) -> list[Bar]:
    found = Counter(month for wish in wishes for month in months_of(wish.months))
    bars = [Bar(MONTHS[month - 1], found[month]) for month in sorted(found)]
    whenever = sum(not wish.months for wish in wishes)
    return [*bars, Bar(ANY_MONTH, whenever)] if whenever else bars
