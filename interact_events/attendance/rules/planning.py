"""What an import would note: minutes by session, and what stands there already."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from interact_events.attendance.rules.reports import Attendee
from interact_events.attendance.rules.time import (
    OnAgenda,
    Source,
    Span,
    Spans,
    joined,
    seen,
)


@dataclass(frozen=True)
class Known:
    """What is noted of somebody at a session."""

    id: int
    source: Source
    spans: Spans
    import_id: int | None = None


class Effect(StrEnum):
    """What an import does to what is noted."""

    NEW = "new"
    MORE = "more"  # an earlier report noted less
    BETTER = "better"  # a joining link only knows when they came
    SAME = "same"
    KEPT = "kept"  # the desk, a code or a correction said it


@dataclass(frozen=True)
class Planned:
    """Somebody at a session by the report."""

    registration_id: int
    session: OnAgenda
    spans: tuple[Span, ...]  # with what an earlier report noted
    minutes: int
    effect: Effect
    known: Known | None = None

    @property
    def is_change(self) -> bool:
        return self.effect in (Effect.NEW, Effect.MORE, Effect.BETTER)


def covered(
    sessions: Sequence[OnAgenda], attendees: Iterable[Attendee], now: datetime
) -> list[OnAgenda]:
    """The sessions in whose time somebody was there; what has not begun can have no report."""
    spans = joined(span for each in attendees for span in each.spans)
    begun = (session for session in sessions if session.starts_at <= now)
    return [s for s in begun if any(a < s.ends_at and b > s.starts_at for a, b in spans)]


def plan(
    people: Mapping[int, Iterable[Attendee]],
    sessions: Sequence[OnAgenda],
    known: Mapping[tuple[int, int], Known],
) -> list[Planned]:
    """For each registration what its attendees saw of each session, a whole minute at least."""
    found = []
    for number, attendees in people.items():
        spans = joined(span for each in attendees for span in each.spans)
        for session in sessions:
            part = seen(session, spans)
            if part.minutes:
                before = known.get((number, session.id))
                found.append(_planned(number, session, part.parts, before))
    return found


def _planned(
    number: int, session: OnAgenda, parts: tuple[Span, ...], before: Known | None
) -> Planned:
    minutes = seen(session, parts).minutes
    if before is None:
        return Planned(number, session, parts, minutes, Effect.NEW)
    if before.source is Source.JOIN_LINK:
        return Planned(number, session, parts, minutes, Effect.BETTER, before)
    if before.source is not Source.IMPORT:
        return Planned(number, session, parts, minutes, Effect.KEPT, before)
    together = joined((*seen(session, before.spans).parts, *parts))
    effect = Effect.SAME if together == seen(session, before.spans).parts else Effect.MORE
    return Planned(number, session, together, minutes, effect, before)


def by_registration(pairs: Iterable[tuple[int, Attendee]]) -> dict[int, list[Attendee]]:
    """Several lines may be one person: a telephone beside the computer."""
    found: defaultdict[int, list[Attendee]] = defaultdict(list)
    for number, attendee in pairs:
        found[number].append(attendee)
    return dict(found)
