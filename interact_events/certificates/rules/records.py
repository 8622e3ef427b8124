"""All that somebody has learnt: hours by year, topic and objective."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from interact_events.attendance.rules import OnAgenda, Spans, attended, attended_minutes
from interact_events.certificates.rules.facts import AttendedSession
from interact_events.core.clock import to_local
from interact_events.core.words import written
from interact_events.events.rules import learning_minutes
from interact_events.interreg.models import Publicity


@dataclass(frozen=True)
class Days:
    """The days that a record covers, open where one is missing."""

    first: date | None = None
    last: date | None = None

    def __contains__(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    @classmethod
    def of_year(cls, year: int) -> "Days":
        return cls(date(year, 1, 1), date(year, 12, 31))

    @property
    def in_words(self) -> str:
        """ "All years", "2027", "2026–2027", "1 May 2027 – 3 June 2027", "from 1 May 2027 on"."""
        if self.first is None or self.last is None:
            return self._open_in_words
        if (self.first.month, self.first.day, self.last.month, self.last.day) != (1, 1, 12, 31):
            one = self.first == self.last
            return written(self.first) + ("" if one else f" – {written(self.last)}")
        one = self.first.year == self.last.year
        return f"{self.first.year}" + ("" if one else f"–{self.last.year}")

    @property
    def _open_in_words(self) -> str:
        if self.first:
            return f"From {written(self.first)} on"
        return f"Until {written(self.last)}" if self.last else "All years"


@dataclass(frozen=True)
class RecordedEvent:
    """An event, and what somebody saw of its learning sessions on the days of a record."""

    title: str
    kind: str  # "Workshop"
    dates: str  # "12–13 May 2027"
    place: str  # "Turku, Finland" or "Online"
    office: str
    topics: tuple[str, ...]
    objective: str
    certificate: str = ""  # the code of the one that is valid
    sessions: tuple[AttendedSession, ...] = ()
    minutes_by_year: tuple[tuple[int, int], ...] = ()  # parallel sessions count once
    learning_minutes: int = 0
    is_part: bool = False  # it had learning sessions on other days too

    @property
    def attended_minutes(self) -> int:
        return sum(minutes for _, minutes in self.minutes_by_year)


def recorded(
    event: RecordedEvent,
    agenda: Sequence[OnAgenda],
    presence: Mapping[int, Spans],
    zone: str,
    days: Days,
) -> RecordedEvent | None:
    """The event with what somebody saw of it on those days; nothing where they saw nothing.

    A session belongs to the day and the year in which it begins.
    """

    def day(session: OnAgenda) -> date:
        return to_local(session.starts_at, zone).date()

    learning = [session for session in agenda if session.is_learning]
    offered = [session for session in learning if day(session) in days]
    seen = sorted(attended(offered, presence), key=lambda each: each.session.starts_at)
    if not seen:
        return None
    years = groupby(seen, key=lambda each: day(each.session).year)
    return replace(
        event,
        sessions=tuple(
            AttendedSession(each.session.title, day(each.session), each.minutes) for each in seen
        ),
        minutes_by_year=tuple((year, attended_minutes(those)) for year, those in years),
        learning_minutes=learning_minutes(offered),
        is_part=len(offered) < len(learning),
    )


@dataclass(frozen=True)
class Total:
    """How much somebody learnt in one year, on one topic, for one objective."""

    name: str
    minutes: int
    events: int


@dataclass(frozen=True)
class RecordFacts:
    """What a record says of somebody's learning, newest event first."""

    name: str
    days: Days
    events: tuple[RecordedEvent, ...]
    publicity: Publicity
    issued_on: date

    @property
    def attended_minutes(self) -> int:
        return sum(event.attended_minutes for event in self.events)

    @property
    def number_of_sessions(self) -> int:
        return sum(len(event.sessions) for event in self.events)

    @property
    def has_parallel_sessions(self) -> bool:
        seen = (session.minutes for event in self.events for session in event.sessions)
        return sum(seen) > self.attended_minutes

    @property
    def by_year(self) -> list[Total]:
        """Newest first; together all there is."""
        totals = _totals((str(y), m) for event in self.events for y, m in event.minutes_by_year)
        return sorted(totals, key=lambda total: total.name, reverse=True)

    @property
    def by_topic(self) -> list[Total]:
        """Most hours first. An event with several topics counts in full for each: nobody noted
        how its hours divide among them."""
        return _most_first(
            (topic, event.attended_minutes)
            for event in self.events
            for topic in event.topics or ("",)
        )

    @property
    def by_objective(self) -> list[Total]:
        """Most hours first; an event has one at most, so together they are all there is."""
        return _most_first((event.objective, event.attended_minutes) for event in self.events)

    @property
    def publicity_lines(self) -> tuple[str, str]:
        """The words beside the emblem."""
        return self.publicity.lines


def _totals(shares: Iterable[tuple[str, int]]) -> list[Total]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for name, minutes in shares:
        found[name].append(minutes)
    return [Total(name, sum(minutes), len(minutes)) for name, minutes in found.items()]


def _most_first(shares: Iterable[tuple[str, int]]) -> list[Total]:
    """What bears no name comes last."""
    return sorted(_totals(shares), key=lambda each: (not each.name, -each.minutes, each.name))


def record_as_json(facts: RecordFacts) -> dict[str, Any]:
    """The facts in types that JSON knows."""
    days = (day and day.isoformat() for day in (facts.days.first, facts.days.last))
    return asdict(facts) | {
        "days": dict(zip(("first", "last"), days, strict=True)),
        "publicity": facts.publicity.value,
        "issued_on": facts.issued_on.isoformat(),
        "events": [_event_as_json(event) for event in facts.events],
    }


def _event_as_json(event: RecordedEvent) -> dict[str, Any]:
    sessions = [asdict(s) | {"on": s.on.isoformat()} for s in event.sessions]
    years = [list(pair) for pair in event.minutes_by_year]
    return asdict(event) | {
        "topics": list(event.topics),
        "sessions": sessions,
        "minutes_by_year": years,
        "attended_minutes": event.attended_minutes,  # for programs that read it
    }


def record_from_json(values: Mapping[str, Any]) -> RecordFacts:
    """The facts that `record_as_json` wrote."""
    first, last = (values["days"][name] for name in ("first", "last"))
    return RecordFacts(
        values["name"],
        Days(first and date.fromisoformat(first), last and date.fromisoformat(last)),
        tuple(_event_from_json(event) for event in values["events"]),
        Publicity(values["publicity"]),
        date.fromisoformat(values["issued_on"]),
    )


def _event_from_json(values: Mapping[str, Any]) -> RecordedEvent:
    told = {name: value for name, value in values.items() if name != "attended_minutes"}
    sessions = tuple(
        AttendedSession(s["title"], date.fromisoformat(s["on"]), s["minutes"])
        for s in values["sessions"]
    )
    years = tuple((year, minutes) for year, minutes in values["minutes_by_year"])
    topics = tuple(values["topics"])
    return RecordedEvent(
        **{**told, "sessions": sessions, "minutes_by_year": years, "topics": topics}
    )
