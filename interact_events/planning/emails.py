"""The words of mails between offices about an event."""

from typing import Any

from interact_events.accounts.models import User
from interact_events.core import words
from interact_events.core.links import url
from interact_events.core.mail import Mail, Owner, Variable, compose, kind
from interact_events.events.models import Event
from interact_events.interreg.models import Office
from interact_events.planning.models import EventHandOver, OfferState

EVENT = (
    Variable("name", "the reader’s name", "Ζωή Παπαδοπούλου"),
    Variable("event", "the event’s title", "First-level control in practice"),
    Variable("when", "its days", "12–13 May 2027"),
    Variable("who", "whose press this is", "Anna Virtanen"),
    Variable("their_office", "the office of that person’s side", "Interact Office Turku"),
    Variable("link", "where to read more", "https://events.example.eu/planning/offers/7"),
)
WHAT = Variable("what", "what is asked for", "take it over")
OFFERED = kind(
    "planning.offered",
    "An office offers an event to another one",
    *EVENT,
    WHAT,
    Variable("message", "what they write", "We have no room in May."),
    owner=Owner.ACCOUNT,
)
ANSWERED = kind(
    "planning.answered",
    "An office has answered what it was asked about an event",
    *EVENT,
    WHAT,
    Variable("is_accepted", "whether it agrees", True),
    Variable("answer", "what they write", "We like to."),
    owner=Owner.ACCOUNT,
)
WITHDRAWN = kind(
    "planning.withdrawn",
    "An offer of an event is withdrawn",
    *EVENT,
    WHAT,
    owner=Owner.ACCOUNT,
)
HELP_ENDED = kind(
    "planning.help_ended",
    "An office no longer helps to organise an event",
    *EVENT,
    Variable("helper", "the office that helped", "Interact Office Vienna"),
    owner=Owner.ACCOUNT,
)


def _said(event: Event, reader: User, actor: User, office: Office, link: str) -> dict[str, Any]:
    return {
        "name": reader.name,
        "event": event.title,
        "when": words.day_span(event.starts_at, event.ends_at, event.zone),
        "who": actor.name,
        "their_office": office.name,
        "link": link,
    }


def _about(offer: EventHandOver, reader: User, actor: User, office: Office) -> dict[str, Any]:
    link = url("planning_offers.show", number=offer.id)
    return _said(offer.event, reader, actor, office, link) | {"what": offer.kind.label}


def offered(offer: EventHandOver, reader: User, actor: User) -> Mail:
    about = _about(offer, reader, actor, offer.from_office)
    return compose(OFFERED, message=offer.message, **about)


def answered(offer: EventHandOver, reader: User, actor: User) -> Mail:
    about = _about(offer, reader, actor, offer.to_office)
    is_accepted = offer.state is OfferState.ACCEPTED
    return compose(ANSWERED, is_accepted=is_accepted, answer=offer.answer, **about)


def withdrawn(offer: EventHandOver, reader: User, actor: User) -> Mail:
    return compose(WITHDRAWN, **_about(offer, reader, actor, offer.from_office))


def help_ended(event: Event, helper: Office, reader: User, actor: User, side: Office) -> Mail:
    link = url("planning_event.show", slug=event.slug)
    return compose(HELP_ENDED, helper=helper.name, **_said(event, reader, actor, side, link))
