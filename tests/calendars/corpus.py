"""The calendars of tests/data/ics/ours, by name. After a change that is meant, write them anew:

.venv/bin/python -m tests.calendars.corpus
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from interact_events.core import ics

FOLDER = Path(__file__).parents[1] / "data" / "ics"
OURS = FOLDER / "ours"
OFFICES = {
    "turku": "Europe/Helsinki",
    "valencia": "Europe/Madrid",
    "viborg": "Europe/Copenhagen",
    "vienna": "Europe/Vienna",
    "bratislava": "Europe/Bratislava",
}
NASTY = 'Ζωή "Žižka" <b>O\'Neil</b>; a, b: \\n c\\d ^n\u2028END:VEVENT\x07 🎓'


def entry(**values: Any) -> ics.Entry:
    """A day in Vienna in May, 09:00 to 16:30 CEST, unless said otherwise."""
    starts_at = values.pop("starts_at", datetime(2027, 5, 12, 7, tzinfo=UTC))
    usual = {
        "uid": "0b3c7c2e-5d0f-4c53-9d0e-4a5ad1f0a001@events.example.org",
        "sequence": 0,
        "revised_at": datetime(2027, 3, 1, 9, 15, tzinfo=UTC),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=7, minutes=30),
        "zone": "Europe/Vienna",
        "summary": "Simplified cost options",
        "url": "https://events.example.org/events/simplified-cost-options",
        "organizer": "Interact Office Vienna",
        "organizer_email": "vienna@example.org",
        "location": "Haus der Europäischen Union, Wien, Austria",
        "description": "Two days of cases.\nBring yours.",
        "categories": ["Workshop", "Costs, audit"],
    }
    return ics.Entry(**(usual | values))


def invited(**values: Any) -> ics.Entry:
    usual: dict[str, Any] = {
        "organizer_email": "events@example.org",
        "attendee": ics.Attendee("Ζωή Παπαδοπούλου", "zoi@example.org"),
        "is_private": True,
        "joining_url": "https://events.example.org/join/abc.def",
    }
    return entry(**(usual | values))


def _invitation() -> bytes:
    return ics.calendar([invited()], method=ics.Method.REQUEST)


def _update() -> bytes:
    later = datetime(2027, 5, 12, 8, tzinfo=UTC)
    revised = datetime(2027, 4, 2, 10, tzinfo=UTC)
    updated = invited(sequence=1, starts_at=later, revised_at=revised)
    return ics.calendar([updated], method=ics.Method.REQUEST)


def _cancellation() -> bytes:
    revised = datetime(2027, 4, 20, 8, tzinfo=UTC)
    gone = invited(sequence=2, revised_at=revised, is_cancelled=True)
    return ics.calendar([gone], method=ics.Method.CANCEL)


def _feed() -> bytes:
    """All offices in one, with what is not simply so."""
    entries = [
        entry(uid=f"{office}@events.example.org", zone=zone, summary=f"In {office}")
        for office, zone in OFFICES.items()
    ]
    cancelled = replace(entries[0], uid="gone@events.example.org", is_cancelled=True, sequence=3)
    return ics.calendar(
        [*entries, cancelled], name="Interact events: all, of all offices", refresh=ics.REFRESH
    )


def _own() -> bytes:
    first = entry(
        reminders=[timedelta(days=1), timedelta(minutes=15)],
        is_private=True,
        joining_url="https://events.example.org/join/abc.def",
        location="Online",
    )
    maybe = entry(uid="maybe@events.example.org", is_tentative=True, summary="Not confirmed: Costs")
    return ics.calendar([first, maybe], name="My Interact events", refresh=ics.REFRESH)


def _nasty() -> bytes:
    return ics.calendar(
        [
            entry(
                summary=NASTY,
                description=f"{NASTY}\r\n\n{'Zusammenarbeit ' * 20}\n{'ώ' * 200}",
                location=NASTY,
                categories=[NASTY],
                organizer=NASTY,
                attendee=ics.Attendee(NASTY, "o'neil+a@bücher.example"),
            )
        ]
    )


def _night(month: int, day: int, zone: str) -> bytes:
    """Each hour of a night in which the clocks change."""
    begin = datetime(2027, month, day, 20, tzinfo=UTC)
    return ics.calendar(
        [
            entry(
                uid=f"hour-{n}@events.example.org",
                starts_at=begin + timedelta(hours=n),
                ends_at=begin + timedelta(hours=n + 1),
                zone=zone,
                summary=f"Hour {n}",
            )
            for n in range(10)
        ]
    )


def _nights() -> dict[str, Callable[[], bytes]]:
    return {
        f"{season}-in-{office}": partial(_night, *at, zone)
        for office, zone in OFFICES.items()
        for season, at in {"spring": (3, 27), "autumn": (10, 30)}.items()
    }


def _elsewhere() -> bytes:
    """Zones with other rules, with none, and none at all."""
    return ics.calendar(
        [
            entry(uid=f"{zone}@events.example.org", zone=zone)
            for zone in ("UTC", "Asia/Kathmandu", "America/New_York", "Europe/London")
        ]
    )


CORPUS: dict[str, Callable[[], bytes]] = {
    "invitation": _invitation,
    "update": _update,
    "cancellation": _cancellation,
    "feed": _feed,
    "own": _own,
    "nasty": _nasty,
    "position": lambda: ics.calendar([entry(position=(48.213, 16.369))]),
    "elsewhere": _elsewhere,
    "empty": lambda: ics.calendar([], name="Interact events", refresh=ics.REFRESH),
    **_nights(),
}

if __name__ == "__main__":
    OURS.mkdir(parents=True, exist_ok=True)
    for name, make in CORPUS.items():
        (OURS / f"{name}.ics").write_bytes(make())
