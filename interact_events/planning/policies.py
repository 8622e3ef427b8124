"""Who may look at the plan and move what is on it, and why not, in words."""

from datetime import datetime

from interact_events.accounts.models import User
from interact_events.accounts.policies import can_lead_office, can_view_office
from interact_events.core import words
from interact_events.events.actions import CANCELLED
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event, can_lead_event
from interact_events.interreg.models import Office
from interact_events.planning.models import EventHandOver, OfferState


def can_plan(user: User) -> bool:
    """See what all offices plan: for the staff of each of them."""
    return user.is_coordinator or bool(user.memberships)


def can_move(user: User, event: Event, now: datetime) -> bool:
    return can_edit_event(user, event) and not why_not_move(event, now)


def why_not_move(event: Event, now: datetime) -> str:
    """Why nobody moves this event; empty while its editors may. A draft whose days are over is
    moved to new ones."""
    if event.is_cancelled:
        return CANCELLED
    if event.is_published and event.starts_at <= now:
        return f"This event began on {words.moment(event.starts_at, event.zone)}, so it stays."
    return ""


# -- hand-overs ----------------------------------------------------------------------------------


def can_see_offer(user: User, offer: EventHandOver) -> bool:
    """For the staff of both offices."""
    return any(can_view_office(user, each) for each in (offer.from_office, offer.to_office))


def can_answer(user: User, offer: EventHandOver) -> bool:
    """A lead of the office that is asked; never who has asked, for both offices have to agree."""
    return can_lead_office(user, offer.to_office) and user.id != offer.asked_by_id


def can_withdraw(user: User, offer: EventHandOver) -> bool:
    return can_lead_office(user, offer.from_office)


def can_end_help(user: User, event: Event, office: Office) -> bool:
    """A lead of either office ends what they have agreed on."""
    return office in event.co_organisers and (
        can_lead_event(user, event) or can_lead_office(user, office)
    )


def why_not_offer(event: Event, now: datetime) -> str:
    """Why the event stays with its offices; empty while others can be asked."""
    if event.is_cancelled:
        return CANCELLED
    if event.ends_at <= now:
        return "This event is over: it stays with the offices that held it."
    return ""


def why_over(offer: EventHandOver) -> str:
    """Why it can be neither answered nor withdrawn any more; empty while it can."""
    if offer.is_open:
        return ""
    verb = {
        OfferState.ACCEPTED: "accepted",
        OfferState.ENDED: "accepted",
        OfferState.DECLINED: "declined",
        OfferState.WITHDRAWN: "withdrawn",
    }[offer.state]
    return f"This offer was {verb} already{_when(offer)}."


def _when(offer: EventHandOver) -> str:
    at = offer.answered_at
    return f" on {words.moment(at, offer.to_office.zone)}" if at else ""
