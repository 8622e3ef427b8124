"""How much of an agenda somebody has attended, who came late, and which session staff look at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate
from typing import Protocol, TypeVar

from interact_events.events.rules import Timed, learning_minutes, union_minutes

Span = tuple[datetime, datetime]  # from, until
Spans = tuple[Span, ...] | None  # when somebody was there; None: all the session, as it is planned

GRACE = timedelta(minutes=15)  # who checks in within it has not missed anything
BEFORE_START = timedelta(minutes=30)  # from then on people check themselves in
NOTABLE = timedelta(minutes=5)  # arriving that late, leaving that early, is said


class Source(StrEnum):
    """How it became known that somebody was there."""

    DESK = "desk"
    QR = "qr"
    ROOM_CODE = "room-code"
    JOIN_LINK = "join-link"
    IMPORT = "import"
    CORRECTION = "correction"

    @property
    def label(self) -> str:
        return {
            "desk": "Check-in desk",
            "qr": "Personal QR code",
            "room-code": "Code in the room",
            "join-link": "Joining link",
            "import": "Attendance report",
            "correction": "Correction",
        }[self.value]

    @property
    def can_be_unticked(self) -> bool:
        """Staff tapped it themselves; anything else takes a correction with a reason."""
        return self in (Source.DESK, Source.QR)


class OnAgenda(Timed, Protocol):
    """A session that can be told apart from others."""

    @property
    def id(self) -> int: ...
    @property
    def title(self) -> str: ...


S = TypeVar("S", bound=OnAgenda)


@dataclass(frozen=True)
class Attended:
    """What somebody saw of one session: parts of it that don't overlap, by time."""

    session: OnAgenda
    parts: tuple[Span, ...]

    @property
    def minutes(self) -> int:
        """Whole minutes, rounded down."""
        return union_minutes(self.parts)

    @property
    def is_whole(self) -> bool:
        return self.parts == ((self.session.starts_at, self.session.ends_at),)

    @property
    def late_at(self) -> datetime | None:
        """When they arrived, if notably after the start."""
        arrived = self.parts[0][0] if self.parts else None
        return arrived if arrived and arrived - self.session.starts_at >= NOTABLE else None

    @property
    def left_at(self) -> datetime | None:
        """When they left for good, if notably before the end."""
        left = self.parts[-1][1] if self.parts else None
        return left if left and self.session.ends_at - left >= NOTABLE else None


def seen(session: OnAgenda, spans: Spans) -> Attended:
    """The time somebody was there, cut to the session, what overlaps joined."""
    whole = (session.starts_at, session.ends_at)
    if spans is None:
        return Attended(session, (whole,))
    return Attended(session, joined(_cut(span, whole) for span in spans))


def _cut(span: Span, to: Span) -> Span:
    """In UTC: instants of one zone are subtracted by what its clocks show."""
    start, end = max(span[0], to[0]), min(span[1], to[1])
    return start.astimezone(UTC), end.astimezone(UTC)


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans by time, those that overlap or touch made one, empty ones left out."""
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def takes_arrivals(session: Timed, at: datetime) -> bool:
    """Whether people may check themselves in at that moment."""
    return session.starts_at - BEFORE_START <= at < session.ends_at


def from_arrival(session: Timed, arrived_at: datetime) -> Spans:
    """What checking oneself in at that moment counts for: all of it, or from then on."""
    if arrived_at <= session.starts_at + GRACE:
        return None
    return ((arrived_at, session.ends_at),)


def attended(agenda: Iterable[OnAgenda], presence: Mapping[int, Spans]) -> list[Attended]:
    """What somebody saw of the agenda's learning sessions, by time: {session: when}."""
    noted = (s for s in agenda if s.is_learning and s.id in presence)
    found = [seen(session, presence[session.id]) for session in noted]
    return [each for each in found if each.minutes]


def attended_minutes(sessions: Iterable[Attended]) -> int:
    """Attended learning time; what somebody saw of parallel sessions counts once."""
    return union_minutes(part for each in sessions for part in each.parts)


def share(sessions: Iterable[Attended], agenda: Iterable[Timed]) -> Fraction:
    """Attended learning time of all learning time, exactly; nothing of an agenda without any."""
    total = learning_minutes(agenda)
    return Fraction(attended_minutes(sessions), total) if total else Fraction(0)


def percent(part: Fraction) -> int:
    """Rounded down, so that nobody reads a limit as reached that is not."""
    return int(part * 100)


def as_json(spans: Spans) -> list[list[str]] | None:
    return None if spans is None else [[a.isoformat(), b.isoformat()] for a, b in spans]


def from_json(values: Sequence[Sequence[str]] | None) -> Spans:
    if values is None:
        return None
    return tuple((datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in values)


def session_at(agenda: Sequence[S], now: datetime) -> S | None:
    """The session that staff most likely check in for: running, else next, else the last.

    Coffee and lunch are passed over, unless there is nothing else.
    """
    ticked = [session for session in agenda if session.is_learning] or list(agenda)
    running_or_next = (session for session in ticked if session.ends_at > now)
    return next(running_or_next, ticked[-1] if ticked else None)


@dataclass(frozen=True)
class Standing:
    """How much of an agenda's learning time somebody attended."""

    minutes: int
    share: Fraction
    is_late: bool  # somewhere
    left_early: bool  # somewhere

    @property
    def percent(self) -> int:
        return percent(self.share)


def standing(agenda: Sequence[OnAgenda], presence: Mapping[int, Spans]) -> Standing:
    sessions = attended(agenda, presence)
    return Standing(
        attended_minutes(sessions),
        share(sessions, agenda),
        any(each.late_at for each in sessions),
        any(each.left_at for each in sessions),
    )


STEP = timedelta(minutes=5)


@dataclass(frozen=True)
class Arrivals:
    """How many came in the five minutes from `at` on, and how many were there by their end."""

    at: datetime
    number: int
    total: int


def arrivals(session: Timed, arrived_at: Iterable[datetime]) -> list[Arrivals]:
    """From half an hour before a session to its end; earlier ones count with the first five
    minutes, later ones with the last."""
    begin = session.starts_at - BEFORE_START
    steps = max(1, -((begin - session.ends_at) // STEP))
    numbers = [0] * steps
    for instant in arrived_at:
        numbers[min(max(0, (instant - begin) // STEP), steps - 1)] += 1
    totals = accumulate(numbers)
    return [
        Arrivals(begin + at * STEP, number, total)
        for at, (number, total) in enumerate(zip(numbers, totals, strict=True))
    ]
