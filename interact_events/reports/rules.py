"""The demo's made-up people, days and agendas: all from a seed, without database or clock."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Protocol, TypeVar

from interact_events.core.words import folded
from interact_events.registrations.rules import State

S = TypeVar("S")


class Timed(Protocol):
    """What of a session tells whether others are at the same time."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def is_learning(self) -> bool: ...


T = TypeVar("T", bound=Timed)

SECRETARIAT = "Joint secretariat"

# How often each role comes, by the kind of institution that has it.
ROLES: Mapping[str, Mapping[str, int]] = {
    "secretariat": {"JS": 1},
    "ministry": {"MA": 9, "AA": 6, "NA": 4, "ACC": 3, "NCP": 3, "MRS": 2, "GOA": 2, "COOP-NAT": 1},
    "region": {"CTRL": 12, "MA": 4, "NCP": 4, "MC": 3, "COOP-REG": 2, "MRS": 1},
}
KINDS = {"secretariat": 30, "ministry": 40, "region": 30}  # percent
WITHOUT_PROGRAMME = frozenset({"MRS", "COOP-EU", "COOP-NAT", "COOP-REG"})


@dataclass(frozen=True)
class Names:
    """First names and surnames of one country, of women and of men."""

    country: str
    zone: str
    first: tuple[Sequence[str], Sequence[str]]
    last: tuple[Sequence[str], Sequence[str]]


@dataclass(frozen=True)
class Institution:
    """An employer; `kind` is "ministry" or "region"."""

    country: str
    kind: str
    name: str


@dataclass(frozen=True)
class KnownProgramme:
    """What of a programme decides who works in it."""

    id: int
    name: str
    countries: frozenset[str]
    is_closed: bool


@dataclass(frozen=True)
class Capacity:
    """In which a person comes: the stuff of a profile."""

    institution: str
    role: str
    programme_id: int | None
    programme: str = ""
    is_closed: bool = False  # the programme is over


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist."""

    name: str
    email: str
    country: str
    zone: str
    capacities: tuple[Capacity, ...]


@dataclass(frozen=True)
class Slot:
    """One item of an agenda, on the wall clock of the event's zone."""

    starts: datetime
    ends: datetime
    title: str
    room: int
    is_learning: bool


# -- people --------------------------------------------------------------------------------------


def names_of(row: Mapping[str, str]) -> Names:
    """A row of names.csv: words parted by spaces, `_` is a space inside a name."""

    def split(column: str) -> list[str]:
        return [word.replace("_", " ") for word in row[column].split()]

    women = split("surnames_of_women")
    men = split("surnames_of_men") or women
    return Names(row["country"], row["zone"], (split("women"), split("men")), (women, men))


def people(
    rng: Random,
    names: Sequence[Names],
    institutions: Sequence[Institution],
    programmes: Sequence[KnownProgramme],
) -> Iterator[Person]:
    """Made-up people without end, no address twice; country after country comes round."""
    number = 0
    while True:
        for words in rng.sample(names, len(names)):
            number += 1
            name = _name(rng, words)
            address = f"{re.sub('[^a-z]+', '.', folded(name)).strip('.')}.{number}@people.example"
            here = [i for i in institutions if i.country == words.country]
            capacities = _capacities(rng, words.country, here, programmes)
            yield Person(name, address, words.country, words.zone, capacities)


def _name(rng: Random, words: Names) -> str:
    sex = rng.randrange(2)
    first, last = rng.choice(words.first[sex]), rng.choice(words.last[sex])
    if words.country == "ES":
        last += " " + rng.choice([name for name in words.last[sex] if name != last])
    return f"{first} {last}"


def _capacities(
    rng: Random,
    country: str,
    institutions: Sequence[Institution],
    programmes: Sequence[KnownProgramme],
) -> tuple[Capacity, ...]:
    """One, for every eighth person a second one, for every fifth one of an older programme."""
    reachable = [p for p in programmes if not p.countries or country in p.countries]
    running = [p for p in reachable if not p.is_closed]
    closed = [p for p in reachable if p.is_closed]
    kind = _weighted(rng, KINDS)
    role = _weighted(rng, ROLES[kind])
    home = rng.choice([i for i in institutions if i.kind == kind] or institutions).name
    chosen = [_capacity(rng, home, role, running)]
    if rng.random() < 0.12:
        chosen.append(_capacity(rng, home, _weighted(rng, ROLES["region"]), running))
    if closed and rng.random() < 0.2:
        chosen.append(_capacity(rng, home, role, closed))
    return tuple(chosen)


def _capacity(rng: Random, home: str, role: str, programmes: Sequence[KnownProgramme]) -> Capacity:
    programme = None if role in WITHOUT_PROGRAMME or not programmes else _near(rng, programmes)
    if role == "JS" and programme:
        home = f"{SECRETARIAT} {short_name(programme.name)}"
    if not programme:
        return Capacity(home, role, None)
    return Capacity(home, role, programme.id, programme.name, programme.is_closed)


def _near(rng: Random, programmes: Sequence[KnownProgramme]) -> KnownProgramme:
    """Mostly one that names the country; programmes without a list come less often."""
    listed = [p for p in programmes if p.countries]
    return rng.choice(listed if listed and rng.random() < 0.85 else programmes)


def _weighted(rng: Random, choices: Mapping[str, int]) -> str:
    return rng.choices(list(choices), list(choices.values()))[0]


def short_name(programme: str) -> str:
    """ "Central Baltic" of "Interreg VI-A Finland-Estonia-Latvia-Sweden (Central Baltic)"."""
    inner = re.search(r"\(([A-Z][^()]*[a-z ][^()]*)\)$", programme)
    if inner and "Canal" not in inner[1]:
        return inner[1]
    return re.sub(r"^(Interreg (VI?-[A-D]|IPA CBC)|ENI CBC) ((IPA|NEXT) )?", "", programme)


# -- days ----------------------------------------------------------------------------------------


def is_workday(day: date) -> bool:
    """Nobody plans an event for a weekend or for the days around Christmas."""
    return day.weekday() < 5 and (day.month, day.day) != (5, 1) and not _is_christmas(day)


def _is_christmas(day: date) -> bool:
    return (day.month, day.day) >= (12, 20) or (day.month, day.day) <= (1, 6)


def workday(today: date, offset: int) -> date:
    """The workday so many workdays from today, or from the next one where today is none."""
    step = timedelta(days=-1 if offset < 0 else 1)
    day = today
    while not is_workday(day):
        day += timedelta(days=1)
    for _ in range(abs(offset)):
        day += step
        while not is_workday(day):
            day += step
    return day


def days_around(first: date, number: int) -> list[date]:
    """So many days in a row that hold `first` and no weekend, from `first` on where possible."""
    start = first
    while not all(is_workday(day) for day in _row(start, number)):
        start -= timedelta(days=1)
    return _row(start, number)


def _row(start: date, number: int) -> list[date]:
    return [start + timedelta(days=n) for n in range(number)]


def agenda(
    days: Sequence[date], shape: Iterable[Iterable[Sequence[str]]], titles: Sequence[str]
) -> list[Slot]:
    """The slots of `shape` on `days`; one without a title of its own takes the next of `titles`."""
    slots: list[Slot] = []
    taken = 0
    for day, items in zip(days, shape, strict=True):
        for start, end, *own in items:
            starts, ends = (datetime.combine(day, time.fromisoformat(t)) for t in (start, end))
            room = sum(slot.starts == starts for slot in slots)
            title = own[0] if own else titles[taken % len(titles)]
            slots.append(Slot(starts, ends, title, room, not own))
            taken += not own
    return slots


# -- who gets what -------------------------------------------------------------------------------

CHOSEN_EARLY = 6  # seats given while a selection is still in progress
DECLINED_EARLY = 2


def selected(applicants: int, capacity: int, *, is_over: bool) -> list[State]:
    """What an office has decided on each applicant so far, in order of arrival."""
    seated = min(applicants, capacity)
    if is_over:
        return [State.CONFIRMED] * seated + [State.DECLINED] * (applicants - seated)
    if applicants <= capacity:
        return [State.PENDING] * applicants
    first = [State.CONFIRMED] * min(CHOSEN_EARLY, capacity) + [State.DECLINED] * DECLINED_EARLY
    return [*first, *[State.PENDING] * applicants][:applicants]


def parallel(sessions: Sequence[T]) -> list[T]:
    """Those that take place at the same time as another one."""
    starts = Counter(session.starts_at for session in sessions if session.is_learning)
    return [s for s in sessions if s.is_learning and starts[s.starts_at] > 1]


def moments(rng: Random, number: int, first: datetime, last: datetime) -> list[datetime]:
    """So many instants between two, in order."""
    seconds = int((last - first).total_seconds())
    return sorted(first + timedelta(seconds=rng.randrange(max(1, seconds))) for _ in range(number))


def attended(rng: Random, agenda: Sequence[S], *, is_diligent: bool) -> Sequence[S]:
    """The part of an agenda that one person sees: mostly all, sometimes half, seldom nothing."""
    luck = 1.0 if is_diligent else rng.random()
    if luck < 0.07:
        return []
    return agenda[: len(agenda) // 2] if luck < 0.15 else agenda


# -- what is planned -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """One event of the demo; offsets are workdays from today.

    `aftermath` says how far the office got: "", "attended" so far, or "certified".
    `guests` are demo accounts with the state that they have there. `rules` names an entry of
    rules.json.
    """

    offset: int
    office: str
    theme: str
    title: str
    kind: str
    mode: str
    agenda: str
    capacity: int
    applicants: int = 0
    period: str = "2021-2027"
    state: str = "published"
    by_selection: bool = False
    opens: int | None = None
    closes: int | None = None
    aftermath: str = ""
    guests: tuple[tuple[str, str], ...] = ()
    organisers: tuple[str, ...] = ()
    rules: str = ""
    extra: str = ""  # why it is cancelled; "bare" for a draft that lacks most


def plan_of(row: Mapping[str, str]) -> Plan:
    """A row of events.csv; empty cells mean what is usual."""
    guests = tuple(pair.split("=")[:2] for pair in row["guests"].split())
    return Plan(
        offset=int(row["offset"]),
        office=row["office"],
        theme=row["theme"],
        title=row["title"],
        kind=row["kind"],
        mode=row["mode"],
        agenda=row["agenda"],
        capacity=int(row["capacity"]),
        applicants=int(row["applicants"]),
        by_selection=row["admission"] == "selection",
        aftermath=row["aftermath"],
        guests=tuple((who, state) for who, state in guests),
        organisers=tuple(row["organisers"].split()),
        rules=row["rules"],
        extra=row["extra"],
        period=row["period"] or "2021-2027",
        state=row["state"] or "published",
        opens=_whole(row["opens"]),
        closes=_whole(row["closes"]),
    )


def _whole(cell: str) -> int | None:
    return int(cell) if cell else None


# Kinds that suit an agenda, and whether people have to travel there.
SHAPES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], Sequence[int]]] = {
    "question-hour": (("q-and-a",), ("online",), (50, 80, 120)),
    "webinar": (("webinar", "online-meeting"), ("online",), (80, 120, 200)),
    "afternoon": (("workshop", "seminar"), ("in-person", "hybrid"), (20, 30, 40)),
    "day": (("workshop", "seminar", "training"), ("in-person", "hybrid"), (25, 30, 40, 60)),
    "two-days": (("training", "network-meeting", "academy-course"), ("in-person",), (24, 30, 50)),
}


def invented(
    rng: Random, themes: Mapping[str, Sequence[str]], offices: Sequence[str]
) -> Iterator[Plan]:
    """Plans without end, over three years of past and one of future; `themes` hold titles."""
    while True:
        offset = rng.randint(-750, 180)
        shape = rng.choice(list(SHAPES))
        kinds, modes, sizes = SHAPES[shape]
        theme, capacity = rng.choice(list(themes)), rng.choice(sizes)
        yield Plan(
            offset=offset,
            office=rng.choice(offices),
            theme=theme,
            title=rng.choice(themes[theme]),
            kind=rng.choice(kinds),
            mode=rng.choice(modes),
            agenda=shape,
            capacity=capacity,
            applicants=int(capacity * rng.uniform(0.4, 1.15)) if offset < 60 else 0,
            by_selection=rng.random() < 0.1,
            aftermath="attended" if offset < -3 and rng.random() < 0.8 else "",
        )
