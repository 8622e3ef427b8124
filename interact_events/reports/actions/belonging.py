"""What belongs together in the demo: templates, a series, checklists."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from interact_events.checklists.queries import checklist_of
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.events.actions import Elsewhere
from interact_events.events.models import Event
from interact_events.registrations.actions import duplicate_event
from interact_events.reports.actions.network import Network
from interact_events.series.actions import add_series, put_after, put_into, save_as_template
from interact_events.series.rules import stand_in_day

OFFICE = "turku"
TEMPLATE, NETWORKS = "Simplified cost options in practice", "Questions and answers on Jems"
SERIES = "Simplified costs from application to control"
MODULES = ("Flat rates for staff costs", "HIT: application form and assessment")


def keep_together(network: Network, events: Iterable[Event]) -> None:
    """After all events are there."""
    known = {event.title: event for event in events}
    for event in known.values():
        _check_off(network, event)
    _make_templates(network, known)
    _make_series(network, known)


def _check_off(network: Network, event: Event) -> None:
    """What was due until last week is done, and all that is over; one thing is late."""
    lead, editor = network.staff[event.office.code][:2]
    today = to_local(network.now, event.zone).date()
    is_over = event.ends_at < network.now or event.is_cancelled
    for number, item in enumerate(checklist_of(event)):
        item.owner = (lead, editor, None)[number % 3]
        if is_over or item.due_on < today - timedelta(days=7):
            item.done_at, item.done_by = network.now - timedelta(days=7), editor


def _make_templates(network: Network, known: Mapping[str, Event]) -> None:
    """One of the office, one of the network."""
    lead, now, host = network.staff[OFFICE][0], network.now, network.host
    save_as_template(known[TEMPLATE], TEMPLATE, actor=lead, now=now, host=host)
    event = known[NETWORKS]
    secretariat = next(office for office in network.offices.values() if office.is_secretariat)
    duplicate_event(
        event,
        "Questions and answers",
        stand_in_day(to_local(event.starts_at, event.zone).date()),
        actor=lead,
        now=now,
        host=host,
        to=Elsewhere(office=secretariat, city=secretariat.city, country=secretariat.country),
        is_template=True,
    )


def _make_series(network: Network, known: Mapping[str, Event]) -> None:
    lead, now = network.staff[OFFICE][0], network.now
    series = add_series(network.offices[OFFICE], SERIES, is_ordered=True, actor=lead, now=now)
    first, second = (known[title] for title in MODULES)
    for event in (first, second):
        put_into(series, event, actor=lead, now=now)
    db.session.flush()
    put_after(series, second, first, actor=lead, now=now)
