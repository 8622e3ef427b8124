"""Events go from one office to another, or two share one, when leads of both agree."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from interact_events.accounts.models import User
from interact_events.calendars.actions import keep_known
from interact_events.core import audit, outbox
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.core.mail import Mail
from interact_events.core.outbox import Posting, Recipient
from interact_events.events.actions import (
    change_co_organisers,
    change_office,
    save_event,
    values_of,
)
from interact_events.events.models import Event
from interact_events.events.policies import can_lead_event
from interact_events.interreg.models import Office
from interact_events.planning import emails, policies, queries
from interact_events.planning.models import EventHandOver, OfferKind, OfferState
from interact_events.registrations.actions import on_cancellation


@dataclass(frozen=True)
class Contact:
    """Who answers questions about an event from now on."""

    name: str
    email: str


def offer_event(
    event: Event, to: Office, kind: OfferKind, message: str, *, actor: User, now: datetime
) -> EventHandOver:
    """Ask another office to take the event over or to help; nothing changes before it agrees."""
    lock(event)
    if why := policies.why_not_offer(event, now):
        raise DomainError(why)
    _refuse_twice(event, to, kind)
    leads = _others(queries.leads_of(to), actor)
    if not leads:
        raise DomainError(f"Nobody leads {to.name} at present who could answer.", "office")
    offer = EventHandOver(
        event=event,
        from_office=event.office,
        to_office=to,
        kind=kind,
        state=OfferState.ASKED,
        message=message,
        asked_at=now,
        asked_by_id=actor.id,
    )
    db.session.add(offer)
    db.session.flush()
    did = "offered to another office" if offer.is_hand_over else "another office is asked to help"
    audit.record(did, event, actor=actor, now=now, about=to.name)
    _tell(leads, lambda reader: emails.offered(offer, reader, actor), offer, "offered", now)
    return offer


def _refuse_twice(event: Event, to: Office, kind: OfferKind) -> None:
    if to == event.office:
        raise DomainError(f"{to.name} leads this event already.", "office")
    if kind is OfferKind.CO_ORGANISE and to in event.co_organisers:
        raise DomainError(f"{to.name} helps with this event already.", "office")
    waiting = [offer for offer in queries.offers_of(event) if offer.is_open]
    for offer in waiting:
        if offer.to_office == to:
            raise DomainError(
                f"{to.name} is asked about this event already. Wait for its answer, or withdraw "
                "that offer first.",
                "office",
            )
        if offer.is_hand_over and kind is OfferKind.HAND_OVER:
            raise DomainError(
                f"This event is offered to {offer.to_office.name} already. Withdraw that offer "
                "first.",
                "office",
            )


def accept_offer(
    offer: EventHandOver, contact: Contact | None, answer: str, *, actor: User, now: datetime
) -> None:
    """The event is the office's, with its own contact; or the office helps from now on."""
    _hold(offer)
    event, to = offer.event, offer.to_office
    if why := policies.why_not_offer(event, now):
        raise DomainError(why)
    _answer(offer, OfferState.ACCEPTED, answer, actor, now)
    if offer.is_hand_over:
        _hand_over(offer, contact, actor=actor, now=now)
    elif to not in event.co_organisers:
        helpers = [*event.co_organisers, to]
        change_co_organisers(event, "another office helps", helpers, actor=actor, now=now)
    _tell_askers(offer, actor, now)


def _hand_over(
    offer: EventHandOver, contact: Contact | None, *, actor: User, now: datetime
) -> None:
    event = offer.event
    if contact:
        values = replace(
            values_of(event, timedelta()), contact_name=contact.name, contact_email=contact.email
        )
        save_event(event, values, actor=actor, now=now)
    change_office(event, offer.to_office, actor=actor, now=now)
    keep_known(event, offer.to_office)
    for other in queries.offers_of(event):
        if other.is_open:  # the office that asked has nothing to offer any more
            _withdraw(other, actor, now)


def decline_offer(offer: EventHandOver, answer: str, *, actor: User, now: datetime) -> None:
    """Everything stays as it is."""
    _hold(offer)
    _answer(offer, OfferState.DECLINED, answer, actor, now)
    audit.record("offer declined", offer.event, actor=actor, now=now, about=offer.to_office.name)
    _tell_askers(offer, actor, now)


def withdraw_offer(offer: EventHandOver, *, actor: User, now: datetime) -> None:
    """Nobody can accept it any more."""
    _hold(offer)
    _withdraw(offer, actor, now)


def _withdraw(offer: EventHandOver, actor: User, now: datetime) -> None:
    _answer(offer, OfferState.WITHDRAWN, "", actor, now)
    audit.record("offer withdrawn", offer.event, actor=actor, now=now, about=offer.to_office.name)
    leads = _others(queries.leads_of(offer.to_office), actor)
    _tell(leads, lambda reader: emails.withdrawn(offer, reader, actor), offer, "withdrawn", now)


@on_cancellation
def end_offers(event: Event, now: datetime) -> None:
    """Nobody takes over what is called off."""
    for offer in queries.offers_of(event):
        if offer.is_open:
            offer.state, offer.answered_at = OfferState.WITHDRAWN, now


def end_help(event: Event, helper: Office, *, actor: User, now: datetime) -> None:
    """The office no longer helps; both offices' leads hear of it."""
    lock(event)
    if why := policies.why_not_offer(event, now):
        raise DomainError(why)
    if helper not in event.co_organisers:
        raise DomainError(f"{helper.name} does not help with this event any more.")
    rest = [office for office in event.co_organisers if office != helper]
    change_co_organisers(event, "an office helps no longer", rest, actor=actor, now=now)
    for offer in queries.offers_of(event):
        if offer.to_office == helper and offer.state is OfferState.ACCEPTED:
            offer.state = OfferState.ENDED
    side = event.office if can_lead_event(actor, event) else helper
    leads = {
        lead.id: lead for office in (helper, event.office) for lead in queries.leads_of(office)
    }
    postings = [
        Posting(
            mail=emails.help_ended(event, helper, reader, actor, side),
            to=Recipient(reader.name, reader.email, reader.id),
            key=f"event-help-ended:{event.id}:{helper.id}:{event.version}:{reader.id}",
        )
        for reader in _others(leads.values(), actor)
    ]
    outbox.post_all(postings, now=now)


def _hold(offer: EventHandOver) -> None:
    """Of two who press at once the second sees what the first has done."""
    lock(offer.event)
    db.session.refresh(offer)
    if over := policies.why_over(offer):
        raise DomainError(over)


def _answer(
    offer: EventHandOver, state: OfferState, answer: str, actor: User, now: datetime
) -> None:
    offer.state, offer.answer = state, answer
    offer.answered_at, offer.answered_by_id = now, actor.id
    db.session.flush()


def _tell_askers(offer: EventHandOver, actor: User, now: datetime) -> None:
    leads = _others(queries.leads_of(offer.from_office), actor)
    _tell(leads, lambda reader: emails.answered(offer, reader, actor), offer, "answered", now)


def _others(leads: Iterable[User], actor: User) -> list[User]:
    """Nobody is told of what they did themselves."""
    return [lead for lead in leads if lead.id != actor.id]


def _tell(
    leads: Iterable[User],
    mail: Callable[[User], Mail],
    offer: EventHandOver,
    what: str,
    now: datetime,
) -> None:
    postings = [
        Posting(
            mail=mail(reader),
            to=Recipient(reader.name, reader.email, reader.id),
            key=f"event-offer:{offer.id}:{what}:{reader.id}",
        )
        for reader in leads
    ]
    outbox.post_all(postings, now=now)
