"""How much of an agenda somebody has attended, and which session staff look at."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Protocol, TypeVar

from interact_events.events.rules import Timed, learning_minutes


class OnAgenda(Timed, Protocol):
    """A session that can be told apart from others."""

    @property
    def id(self) -> int: ...


S = TypeVar("S", bound=OnAgenda)


def attended(agenda: Iterable[S], session_ids: Iterable[int]) -> list[S]:
    """The learning sessions of the agenda that are among those ticked, by time."""
    ticked = set(session_ids)
    return [session for session in agenda if session.is_learning and session.id in ticked]


def share(attended_sessions: Iterable[Timed], agenda: Iterable[Timed]) -> Fraction:
    """Attended learning time of all learning time, exactly; nothing of an agenda without any."""
    total = learning_minutes(agenda)
    return Fraction(learning_minutes(attended_sessions), total) if total else Fraction(0)


def percent(part: Fraction) -> int:
    """Rounded down, so that nobody reads a limit as reached that is not."""
    return int(part * 100)


def session_at(agenda: Sequence[S], now: datetime) -> S | None:
    """The session that staff most likely check in for: running, else next, else the last.

    Coffee and lunch are passed over, unless there is nothing else.
    """
    ticked = [session for session in agenda if session.is_learning] or list(agenda)
    running_or_next = (session for session in ticked if session.ends_at > now)
    return next(running_or_next, ticked[-1] if ticked else None)
