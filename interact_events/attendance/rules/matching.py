"""Whom a report means: people by address, by what staff have confirmed before, by name."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz, process

from interact_events.attendance.rules.reports import Attendee
from interact_events.core.words import folded

MOST_SUGGESTED = 5
LIKE = 72  # percent of likeness from which somebody is suggested
EXACT = 100
CONTAINED = 95  # all the words of a name stand in the other


class How(StrEnum):
    """By what somebody was found."""

    EMAIL = "email"
    ALIAS = "alias"
    NAME = "name"
    SIMILAR = "similar"
    NOBODY = "nobody"

    @property
    def label(self) -> str:
        return {
            "email": "Same e-mail address",
            "alias": "Confirmed before",
            "name": "Same name",
            "similar": "Please check",
            "nobody": "Nobody found",
        }[self.value]


@dataclass(frozen=True)
class Candidate:
    """Somebody with a seat, by the number of their registration."""

    id: int
    user_id: int
    name: str
    detail: str = ""
    names: tuple[str, ...] = ()  # others that they go by
    emails: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    candidate: Candidate
    score: int  # percent


@dataclass(frozen=True)
class Match:
    """Whom one attendee is: `sure` without asking, or suggestions by likeness."""

    attendee: Attendee
    how: How
    sure: Candidate | None = None
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def namesakes(self) -> int:
        """How many go by exactly this name; of several none is chosen."""
        return sum(each.score == EXACT for each in self.suggestions)


# -- names ---------------------------------------------------------------------------------------

_BRACKETS = re.compile(r"[(\[{]([^)\]}]*)[)\]}]")
_PARTS = re.compile(r"\s[-–—|/@·]\s|[|/@]")
_NO_LETTERS = re.compile(r"[^a-z0-9]+")
_TITLES = "dr mr mrs ms mgr ing bc phd prof mag dipl msc bsc ma mba doc judr rndr csc dott ra"
_MARKS = """guest external unverified ext extern externe externo esterno gast invite invitado ospite
vieras gaest gosc host ulkoinen ekstern organizer organiser me cohost"""
_NO_NAMES = frozenset([*_TITLES.split(), *_MARKS.split()])


def name_key(text: str) -> str:
    """Words of a name without marks, titles and order: "Dr. Žižka, Søren" is "soren zizka"."""
    found = _NO_LETTERS.sub(" ", folded(text)).split()
    kept = [word for word in found if word not in _NO_NAMES] or found
    return " ".join(sorted(kept))


def keys_of(text: str) -> list[str]:
    """A name as shown, without what brackets and dashes add; then each of those parts, for one
    may be the name: "Anni (Anna Virtanen)", "CB – Anna Virtanen"."""
    bare = _BRACKETS.sub(" ", text)
    parts = [bare, *_PARTS.split(bare), *_BRACKETS.findall(text)]
    keys = (name_key(part) for part in parts if any(c.isalpha() for c in part))
    return list(dict.fromkeys(key for key in keys if key not in _NO_NAMES))


def alias_keys(attendee: Attendee) -> list[str]:
    """By what they are known again. A first name or "iPhone" may be anybody's, so two words."""
    name = name_key(_BRACKETS.sub(" ", attendee.name))
    keys = [attendee.email] if attendee.email else []
    return [*keys, name] if " " in name and not _IS_DEVICE.search(name) else keys


_IS_DEVICE = re.compile(r"\b(iphone|ipad|galaxy|android|samsung|huawei|macbook|laptop|user|room)\b")


# -- matching ------------------------------------------------------------------------------------


class Register:
    """The people with a seat, to be looked up in several ways."""

    def __init__(
        self, people: Sequence[Candidate], aliases: Mapping[str, Collection[int]] = {}
    ) -> None:
        """`aliases` are {folded name or address: the users it was confirmed for}."""
        self.people = people
        self.by_email: defaultdict[str, set[int]] = defaultdict(set)
        self.by_name: defaultdict[str, set[int]] = defaultdict(set)
        self.by_id = {each.id: each for each in people}
        of_user = {each.user_id: each.id for each in people}
        self.by_alias = {
            key: {of_user[user] for user in users if user in of_user}
            for key, users in aliases.items()
        }
        for each in people:
            for email in each.emails:
                self.by_email[email.lower()].add(each.id)
            for name in (each.name, *each.names):
                self.by_name[name_key(name)].add(each.id)
        self.names = list(self.by_name)

    def match(self, attendee: Attendee) -> Match:
        """Sure ones are one person alone; of two people of one name neither is chosen."""
        for how, found in self._steps(attendee):
            if len(found) == 1:
                return Match(attendee, how, self.by_id[next(iter(found))])
            if found:
                return self._doubtful(attendee, dict.fromkeys(found, EXACT))
        return self._doubtful(attendee, {})

    def _steps(self, attendee: Attendee) -> Iterable[tuple[How, set[int]]]:
        yield How.EMAIL, self.by_email.get(attendee.email, set()) if attendee.email else set()
        named: set[int] = set()
        for key in keys_of(attendee.name):
            named |= self.by_name.get(key, set())
        for key in alias_keys(attendee):
            known = self.by_alias.get(key, set())
            # Elsewhere that name was somebody's; here somebody else may bear it.
            yield How.ALIAS, known | named if known and key != attendee.email else known
        yield How.NAME, named

    def _doubtful(self, attendee: Attendee, known: dict[int, int]) -> Match:
        scores = dict(known)
        for key in self._sought(attendee):
            for number, score in self._alike(key):
                scores[number] = max(score, scores.get(number, 0))
        best = sorted(
            scores.items(), key=lambda item: (-item[1], self.by_id[item[0]].name, item[0])
        )
        found = tuple(Suggestion(self.by_id[n], score) for n, score in best[:MOST_SUGGESTED])
        return Match(attendee, How.SIMILAR if found else How.NOBODY, None, found)

    def _sought(self, attendee: Attendee) -> list[str]:
        """Its names, and what stands before the @: "anna.virtanen"."""
        local = name_key(re.sub(r"\d+", " ", attendee.email.partition("@")[0]))
        return [key for key in dict.fromkeys([*keys_of(attendee.name), local]) if len(key) > 2]

    def _alike(self, key: str) -> Iterable[tuple[int, int]]:
        found = process.extract(
            key, self.names, scorer=fuzz.ratio, score_cutoff=LIKE, limit=2 * MOST_SUGGESTED
        )
        for name, score, _ in found:
            yield from ((number, min(int(score), 99)) for number in self.by_name[name])
        words = set(key.split())
        for word in words if len(words) > 1 else ():
            for name in self.by_word.get(word, ()):
                if _holds(words, set(name.split())):
                    yield from ((number, CONTAINED) for number in self.by_name[name])

    @property
    def by_word(self) -> Mapping[str, Sequence[str]]:
        """The names in which a word occurs."""
        if not hasattr(self, "_by_word"):
            self._by_word: defaultdict[str, list[str]] = defaultdict(list)
            for name in self.names:
                for word in name.split():
                    self._by_word[word].append(name)
        return self._by_word


def _holds(one: set[str], other: set[str]) -> bool:
    """Whether all words of a full name stand in the other, an initial for a word among them; "Þ."
    is "th" in Latin letters."""
    short, long = sorted((one, other), key=len)
    if len(short) < 2:
        return False
    rest, missing = long - short, short - long
    return all(len(i) <= 2 and any(word.startswith(i) for word in rest) for i in missing)


def match_all(
    attendees: Iterable[Attendee],
    people: Sequence[Candidate],
    aliases: Mapping[str, Collection[int]] | None = None,
) -> list[Match]:
    """Each attendee with whom they are, in the order of the report."""
    register = Register(people, aliases or {})
    return [register.match(attendee) for attendee in attendees]
