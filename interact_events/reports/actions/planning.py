"""What the offices of the demo ask of each other."""

from collections.abc import Sequence
from datetime import timedelta

from interact_events.events.models import Event
from interact_events.planning.actions import accept_offer, offer_event
from interact_events.planning.models import OfferKind
from interact_events.reports.actions.network import Network


def ask_other_offices(network: Network, events: Sequence[Event]) -> None:
    """Vienna would hand a draft to Turku, which has not answered; Turku helps Viborg with one."""
    vienna, viborg = _draft(events, "vienna"), _draft(events, "viborg")
    turku, now = network.offices["turku"], network.now
    offer_event(
        vienna,
        turku,
        OfferKind.HAND_OVER,
        "Our trainer is away in spring, and you have done this one before.",
        actor=network.staff["vienna"][0],
        now=now - timedelta(days=2),
    )
    help_ = offer_event(
        viborg,
        turku,
        OfferKind.CO_ORGANISE,
        "Would you bring the officers from around the Baltic Sea?",
        actor=network.staff["viborg"][0],
        now=now - timedelta(days=5),
    )
    lead = network.staff["turku"][0]
    accept_offer(help_, None, "Gladly.", actor=lead, now=now - timedelta(days=4))


def _draft(events: Sequence[Event], code: str) -> Event:
    """The first one of the office."""
    return next(event for event in events if event.is_draft and event.office.code == code)
