"""The languages of certificates: each a file of phrases, patterns and words."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from interact_events.interreg.models import Publicity

DATA = Path(__file__).parent.parent / "languages"
USUAL = "en"


@dataclass(frozen=True)
class Language:
    """How everything on a certificate is said; `phrases` are those of its file."""

    code: str  # ISO 639-1, as PDFs and HTML name it
    phrases: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What its own speakers call it."""
        return self._phrase("name")

    def say(self, phrase: str, **values: object) -> str:
        return self._phrase(phrase).format(**values)

    def _phrase(self, name: str) -> str:
        return str(self.phrases[name])

    def attended(self, kind: str) -> str:
        """ "attended the workshop"; a kind that the file does not know is an event."""
        by_kind = self.phrases["attended"]
        return str(by_kind.get(kind, by_kind["event"]))

    def publicity(self, publicity: Publicity) -> tuple[str, str]:
        """The words beside the emblem, on two lines."""
        first, second = self.phrases["publicity"][publicity.value]
        return first, second

    def country(self, code: str, name: str) -> str:
        """The country's name; the network's own in English or where none is known."""
        if self.code == USUAL:
            return name
        return str(Locale.parse(self._phrase("locale")).territories.get(code, name))

    # -- dates and numbers -----------------------------------------------------------------------

    def day(self, on: date) -> str:
        """ "12. Mai 2027"."""
        return self._date("day", on)

    def short_day(self, on: date) -> str:
        """ "12. Mai", where the year is known."""
        return self._date("short", on)

    def days(self, first: date, last: date) -> str:
        """ "12.–13. Mai 2027", "30. Mai – 1. Juni 2027"."""
        if first == last:
            return self.day(last)
        if (first.year, first.month) == (last.year, last.month):
            return self._date("first_in_month", first) + self._between("days") + self.day(last)
        pattern = "first_in_year" if first.year == last.year else "day"
        return self._date(pattern, first) + self._between("months") + self.day(last)

    def hours(self, minutes: int) -> str:
        """ "2,25 Std.", below an hour "45 Min."."""
        if 0 < minutes < 60:
            return self.say("minutes", number=minutes)
        number = format_decimal(minutes / 60, "#,##0.##", locale=self._phrase("locale"))
        return self.say("hours", number=number)

    def share(self, attended: int, total: int) -> str:
        """ "2,25 Std. von 2,5 Std."."""
        return self.say("of", attended=self.hours(attended), total=self.hours(total))

    def _date(self, pattern: str, on: date) -> str:
        return format_date(on, self.phrases["dates"][pattern], locale=self._phrase("locale"))

    def _between(self, what: str) -> str:
        return str(self.phrases["dates"][f"between_{what}"])


@cache
def languages() -> dict[str, Language]:
    """All that there are, English first, then by their names."""
    found = [
        Language(file.stem, tomllib.loads(file.read_text(encoding="utf-8")))
        for file in DATA.glob("*.toml")
    ]
    ordered = sorted(found, key=lambda each: (each.code != USUAL, each.name))
    return {each.code: each for each in ordered}


def language(code: str) -> Language:
    """That of the code; English where its file is gone."""
    return languages().get(code) or languages()[USUAL]


def names() -> dict[str, str]:
    """What people choose from, by code: "Suomi (Finnish)"."""
    english = Locale("en").languages
    return {
        code: each.name if code == USUAL else f"{each.name} ({english[code]})"
        for code, each in languages().items()
    }


def offered(chosen: list[str], spoken: str) -> list[str]:
    """The languages of an event's certificates, its usual one first: those that its office chose,
    else the one that the event is held in, and English."""
    known = [code for code in chosen if code in languages()]
    return known or list(dict.fromkeys(c for c in (spoken, USUAL) if c in languages()))


def picked(wish: str | None, on_offer: list[str]) -> str:
    """What a person gets: what they wished for as long as it is on offer."""
    return wish if wish in on_offer else on_offer[0]
