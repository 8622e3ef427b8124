"""Planned events as a file describes them: what each says, and what is wrong with it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from interact_events.attendance.rules.stamps import Order, stamp_of
from interact_events.core import words
from interact_events.core.errors import DomainError
from interact_events.core.words import folded

MOST = 200  # events of a file: more than an office plans in years, and made in a few seconds
DEFAULT_SEATS = 25  # until the office says how many
TWIN = "It has the same id, or the same title and day, as number {}: give it an id of its own."
LIKE = "like 2027-05-12 09:00"
FORMULA = re.compile(r"[=@]|[+-][^\s\d+-]|[+-]\d[^\s]*[(!]")  # what a spreadsheet would compute
HOUR = re.compile(r"\d{1,2}[:.]\d\d")
EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+")


@dataclass(frozen=True)
class Known:
    """What texts may mean here: each maps what is written, folded, to what is kept."""

    zone: str  # of the office: whose times are meant where none is said
    zones: Mapping[str, str]
    countries: Mapping[str, str]
    languages: Mapping[str, str]
    kinds: Mapping[str, str]
    modes: Mapping[str, str]


@dataclass(frozen=True)
class Plan:
    """One planned event. `values` holds what was said and makes sense, as text; times are the wall
    clock's in its zone."""

    line: int
    uid: str
    title: str
    values: Mapping[str, str]
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Plan":
        lists = {name: tuple(kept[name]) for name in ("problems", "notes")}
        return cls(**(dict(kept) | lists))


@dataclass(frozen=True)
class Reading:
    """All of a file, and what has to be said about it as a whole."""

    plans: tuple[Plan, ...]
    notes: tuple[str, ...] = ()


# How many characters of each fit into the forms that staff go on with.
TEXTS = {
    "title": 160,
    "summary": 400,
    "description": 20_000,
    "venue": 200,
    "address": 200,
    "city": 100,
}


def plan_of(line: int, uid: str, said: Mapping[str, str], known: Known) -> Plan:
    """The event that the texts describe, with a sentence for each that makes no sense."""
    reader = _Reader(said, known)
    reader.read()
    return Plan(
        line=line,
        uid=uid or _uid(reader.values),
        title=reader.values.get("title", "") or "Without a title",
        values=reader.values,
        problems=tuple(reader.problems),
    )


def _uid(values: Mapping[str, str]) -> str:
    """What a line without an id is known by the next time: its title and its first day."""
    return f"{values.get('starts', '')[:10]} {folded(values.get('title', ''))}".strip()


class _Reader:
    """Reads the texts of one event."""

    def __init__(self, said: Mapping[str, str], known: Known) -> None:
        self.said = {name: text for name, text in said.items() if text}
        self.known = known
        self.values: dict[str, str] = {}
        self.problems: list[str] = []

    def read(self) -> None:
        self._refuse_formulas()
        for name, most in TEXTS.items():
            self._text(name, most)
        if "title" not in self.said:  # one that makes no sense is said already
            self.problems.append("There is no title.")
        self._choice("zone", self.known.zones, "like Europe/Helsinki")
        self._choice(
            "country", self.known.countries, "a country of the network, like FI or Finland"
        )
        self._choice("language", self.known.languages, "like English or en")
        self._choice("kind", self.known.kinds, _one_of(self.known.kinds))
        self._choice("mode", self.known.modes, _one_of(self.known.modes), called="format")
        self._seats()
        self._contact()
        if "zone" in self.values or "zone" not in self.said:
            self._times()

    def _refuse_formulas(self) -> None:
        for name in [name for name, text in self.said.items() if FORMULA.match(text)]:
            self.problems.append(
                f"The {name} “{_short(self.said[name])}” is a formula: save the file with values "
                "in its place."
            )
            self.said[name] = ""

    def _text(self, name: str, most: int) -> None:
        found = self.said.get(name, "")
        if len(found) > most:
            self.problems.append(f"The {name} has {len(found):,} characters: at most {most:,} fit.")
        elif found:
            self.values[name] = found

    def _choice(
        self, name: str, among: Mapping[str, str], expected: str, called: str | None = None
    ) -> None:
        found = self.said.get(name)
        if not found:
            return
        if folded(found) in among:
            self.values[name] = among[folded(found)]
        else:
            self.problems.append(
                f"The {called or name} “{_short(found)}” is not known: expected was {expected}."
            )

    def _seats(self) -> None:
        found = self.said.get("seats")
        if not found:
            return
        if re.fullmatch(r"[1-9]\d{0,5}", found) and int(found) <= 100_000:
            self.values["capacity"] = found
        else:
            self.problems.append(f"Seats are a number from 1 to 100,000, not “{_short(found)}”.")

    def _contact(self) -> None:
        found = self.said.get("contact")
        if found and EMAIL.fullmatch(found) and len(found) <= 254:
            self.values["contact_email"] = found
        elif found:
            self.problems.append(
                f"The contact is an address like name@example.org, not “{_short(found)}”."
            )

    def _times(self) -> None:
        starts, end = self._time("start", self.said.get("start", "")), self.said.get("end", "")
        if HOUR.fullmatch(end):
            if not starts:
                return
            end = f"{starts.date()} {end.replace('.', ':')}"  # of the first day
        ends = self._time("end", end)
        if starts and ends and ends <= starts:
            self.problems.append(
                f"It ends at {_worded(ends)}, which is not after its start at {_worded(starts)}."
            )
            return
        for name, at in (("starts", starts), ("ends", ends)):
            if at:
                self.values[name] = at.isoformat(timespec="minutes")

    def _time(self, name: str, found: str) -> datetime | None:
        if self.said.get(name) == "":  # a formula
            return None
        stamp = stamp_of(found) if found else None
        local = stamp and stamp.local(Order.DAY_FIRST)
        if not stamp or not local:
            self.problems.append(
                f"The {name} “{_short(found)}” is no day and time: write it {LIKE}."
                if found
                else f"There is no {name}: give a day and a time, {LIKE}."
            )
            return None
        if not 2000 <= local.year <= 2100:
            self.problems.append(f"The {name} is in {local.year}: choose a year from 2000 to 2100.")
            return None
        if stamp.offset is None:
            return local.replace(second=0)
        zone = ZoneInfo(self.values.get("zone", self.known.zone))
        instant = stamp.instant(Order.DAY_FIRST, zone)
        return instant.astimezone(zone).replace(tzinfo=None, second=0)


def _worded(at: datetime) -> str:
    return f"{at:%H:%M} on {words.written(at.date())}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:59] + "…"


def _one_of(among: Mapping[str, str]) -> str:
    return words.listed(list(dict.fromkeys(among.values())), "or")


def without_twins(plans: Iterable[Plan]) -> tuple[Plan, ...]:
    """Of those with one id the first; each other one is said to be its twin."""
    first: dict[str, int] = {}
    found = []
    for plan in plans:
        line = first.setdefault(plan.uid, plan.line)
        is_twin = line != plan.line and not plan.problems
        found.append(replace(plan, problems=(TWIN.format(line),)) if is_twin else plan)
    return tuple(found)


def refuse_too_many(number: int) -> None:
    if number > MOST:
        raise DomainError(
            f"The file has {number:,} events: at most {MOST} are read at once. Part it into files "
            "of fewer.",
            "file",
        )
