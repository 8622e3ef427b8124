"""Filling an empty installation with a demo that keeps the rules of its offices."""

from collections.abc import Callable
from datetime import datetime
from random import Random

from interact_events.accounts.queries import user_by_email
from interact_events.accounts.rules import DEMO_ACCOUNTS
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.registrations.actions import lock_event, settle
from interact_events.registrations.queries import events_to_settle
from interact_events.reports.actions.afterwards import (
    design_certificates,
    send_nothing,
    share_materials,
    write_letters,
)
from interact_events.reports.actions.belonging import keep_together
from interact_events.reports.actions.dates import add_closures, answer_warnings
from interact_events.reports.actions.events import add_event
from interact_events.reports.actions.network import all_plans, network_of, written_plans
from interact_events.reports.actions.people import add_people, add_programme_coordinator
from interact_events.reports.actions.planning import ask_other_offices
from interact_events.reports.actions.wishes import add_ideas

SEED = 20211
PEOPLE = 400  # in the usual demo; a larger one adds ten for each further event


def is_demo_loaded() -> bool:
    """Whether the demo's people are here already."""
    return user_by_email(DEMO_ACCOUNTS[0][0]) is not None


def load_demo(
    *,
    now: datetime,
    host: str,
    scale: int = 0,
    seed: int = SEED,
    step: Callable[[int], object] = lambda _done: None,
) -> bool:
    """Fill the database with about `scale` events, never fewer than those of events.csv.

    Does nothing, and says so by False, where the demo is already. `step(n)` follows the progress.
    """
    if is_demo_loaded():
        return False
    network = network_of(now, host, Random(seed))  # noqa: S311  # made-up people, not secrets
    plans = all_plans(network, scale)
    add_people(network, PEOPLE + 10 * max(0, len(plans) - len(written_plans())))
    add_programme_coordinator(network)
    design_certificates(network)
    add_closures(network)
    written, events = len(written_plans()), []
    for number, plan in enumerate(plans):
        event = add_event(network, plan)
        if number < written:
            share_materials(network, plan, event)
            write_letters(network, plan, event)
            events.append(event)
        step(1)
    add_ideas(network)
    answer_warnings(network, events)
    keep_together(network, events)
    ask_other_offices(network, events)
    _settle(now)
    send_nothing()
    return True


def _settle(now: datetime) -> None:
    """What the clock would do at once, as where an event has just begun without those who wait."""
    for number in events_to_settle(now):
        event = db.session.get_one(Event, number)
        lock_event(event)
        settle(event, now=now)


def number_of_events(scale: int) -> int:
    """How many events `load_demo` will make."""
    return max(scale, len(written_plans()))
