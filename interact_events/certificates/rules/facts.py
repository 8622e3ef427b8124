"""The facts that a certificate freezes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from interact_events.certificates.rules.languages import USUAL
from interact_events.interreg.models import Publicity


@dataclass(frozen=True)
class AttendedSession:
    """A learning session that the person attended."""

    title: str
    on: date  # in the event's zone
    minutes: int


@dataclass(frozen=True)
class Facts:
    """What one certificate says, in the words of the day on which it was issued."""

    name: str
    role: str
    programme: str
    institution: str
    country: str
    event: str
    kind: str  # "workshop", as within a sentence
    starts_on: date
    ends_on: date
    dates: str  # "12–13 May 2027"
    place: str  # "Turku, Finland" or "Online"
    sessions: tuple[AttendedSession, ...]
    attended_minutes: int  # parallel sessions count once
    learning_minutes: int
    office: str
    signatory_name: str
    signatory_title: str
    publicity: Publicity
    issued_on: date
    language: str = USUAL  # that it is written in; the facts themselves stay in English
    printed_country: str = ""  # as that language writes them; empty in English
    printed_place: str = ""

    @property
    def has_parallel_sessions(self) -> bool:
        return sum(session.minutes for session in self.sessions) > self.attended_minutes


def as_json(facts: Facts) -> dict[str, Any]:
    """The facts in types that JSON knows."""
    values = asdict(facts) | {"publicity": facts.publicity.value}
    for name in ("starts_on", "ends_on", "issued_on"):
        values[name] = values[name].isoformat()
    values["sessions"] = [s | {"on": s["on"].isoformat()} for s in values["sessions"]]
    return values


def from_json(values: Mapping[str, Any]) -> Facts:
    """The facts that `as_json` wrote."""
    dates = {n: date.fromisoformat(values[n]) for n in ("starts_on", "ends_on", "issued_on")}
    sessions = tuple(
        AttendedSession(s["title"], date.fromisoformat(s["on"]), s["minutes"])
        for s in values["sessions"]
    )
    publicity = Publicity(values["publicity"])
    return Facts(**{**values, **dates, "sessions": sessions, "publicity": publicity})
