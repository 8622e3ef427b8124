"""Who is away when in the demo, and a warning that a lead has answered."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.reports.actions.network import Network
from interact_events.scheduling.actions import dismiss_warning, save_closure
from interact_events.scheduling.models import Closure
from interact_events.scheduling.queries import looked_at

# Name, from, days, whom it concerns, whether people work.
CLOSURES: tuple[tuple[str, tuple[int, int], int, str, bool], ...] = (
    ("Between the years", (12, 27), 9, "", False),
    ("Summer break", (7, 12), 19, "turku", False),
    ("San Vicente Mártir", (1, 22), 1, "valencia", False),
    ("Office moves to Nytorv", (9, 6), 3, "viborg", False),
    ("Epiphany, when the help desk is staffed", (1, 6), 1, "bratislava", True),
)
REASON = "The hall and both speakers are booked; the participants know the days from their calls."


def add_closures(network: Network) -> None:
    """Of this year and the next."""
    actor = network.staff["turku"][0]
    for year in (network.now.year, network.now.year + 1):
        for name, (month, day), days, office, is_working in CLOSURES:
            first = date(year, month, day)
            values: dict[str, Any] = {
                "name": f"{name} {year}",
                "first_on": first,
                "last_on": first + timedelta(days=days - 1),
                "office_id": network.offices[office].id if office else None,
                "country_id": None,
                "programme_id": None,
                "is_working": is_working,
            }
            at = network.now - timedelta(days=300)
            save_closure(Closure(), values, actor=actor, now=at)


def answer_warnings(network: Network, events: Iterable[Event]) -> None:
    """Of each office one, where there are two to choose from."""
    coming = {e.id: e for e in events if e.is_published and e.starts_at > network.now}
    db.session.flush()
    answered: set[int] = set()
    for number, looked in looked_at(coming.values(), now=network.now).items():
        event = coming[number]
        if len(looked.open) > 1 and event.office_id not in answered:
            answered.add(event.office_id)
            lead, at = network.staff[event.office.code][0], network.now - timedelta(days=3)
            dismiss_warning(event, looked.open[-1], REASON, actor=lead, now=at)
