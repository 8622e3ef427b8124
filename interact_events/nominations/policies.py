"""Who may hand over what, and where a place stands, in words."""

from collections.abc import Iterable
from datetime import datetime

from interact_events.accounts.models import Profile, User
from interact_events.core import words
from interact_events.events.models import Event
from interact_events.interreg.models import Programme
from interact_events.nominations.models import Handover
from interact_events.registrations.models import Registration, SeatRules, State
from interact_events.registrations.policies import why_no_seat
from interact_events.registrations.rules import Cap, Dimension, Reason

# -- hand-overs ----------------------------------------------------------------------------------


def can_hand_over(registration: Registration, now: datetime) -> bool:
    """Who has a seat, and has not let the time to reconfirm it pass, until the event starts."""
    event = registration.event
    in_time = registration.answer_by is None or now < registration.answer_by
    has_seat = registration.state_shown(now) is State.CONFIRMED and in_time
    is_on = event.is_published and now < event.starts_at
    return has_seat and is_on and not registration.user.is_deleted


def why_over(handover: Handover, now: datetime) -> str:
    """Why the seat can't be taken over by this link any more; empty while it can."""
    registration = handover.registration
    event = registration.event
    if handover.accepted_at:
        return "This seat has been taken over."
    if event.is_cancelled:
        return f"This event is cancelled. {event.cancellation_reason}".strip()
    if now >= event.starts_at:
        return "The event has started, so its seats no longer change hands."
    if now >= handover.expires_at:
        return f"The time to answer was over on {words.moment(handover.expires_at, event.zone)}."
    if handover.ended_at:
        return "This offer was taken back or refused."
    if not can_hand_over(registration, now):
        return "Who offered you this seat no longer has it."
    return ""


def is_addressee(user: User, handover: Handover) -> bool:
    """The mail went to their address, and the address is known to be theirs."""
    return user.email == handover.email and user.confirmed_at is not None


def fits(profile: Profile, registration: Registration) -> bool:
    """Of the same role and programme; where there is no programme, of the same institution."""
    if profile.role_id != registration.role_id:
        return False
    if profile.programme_id != registration.programme_id:
        return False
    is_same = words.folded(profile.institution) == words.folded(registration.institution)
    return is_same or registration.programme_id is not None


def fitting(profiles: Iterable[Profile], registration: Registration) -> list[Profile]:
    return [profile for profile in profiles if fits(profile, registration)]


def capacity_of(registration: Registration) -> str:
    """ "controller of Central Baltic", or "cooperation network of Danube Region"."""
    role = words.within_sentence(registration.role_label)
    programme = registration.programme
    return f"{role} of {programme.name if programme else registration.institution}"


# -- a programme's places ------------------------------------------------------------------------


def is_for(programme: Programme, event: Event, settings: SeatRules) -> bool:
    """Whether the event lets this programme come at all."""
    strands = {strand.id for strand in event.strands}
    return (not strands or programme.strand_id in strands) and (
        not settings.programmes or programme.id in settings.programmes
    )


def seats_in_words(seats: int, event: Event, settings: SeatRules, now: datetime) -> str:
    """ "2 of 2 seats (3 from 31 January 2027, 00:00 EET)", or "2 seats" where nothing limits
    them; empty where there is nothing to say."""
    cap = next((cap for cap in settings.caps if cap.per is Dimension.PROGRAMME), None)
    most = cap.most(now) if cap else None
    if cap is None or most is None:
        return words.count(seats, "seat") if seats else ""
    return f"{seats:,} of {words.count(most, 'seat')}{_then(cap, event, now)}"


def _then(cap: Cap, event: Event, now: datetime) -> str:
    step = cap.next_step(now)
    if step is None or step.since is None:
        return ""
    figure = "any number" if step.most is None else f"{step.most:,}"
    return f" ({figure} from {words.moment(step.since, event.zone)})"


def place_in_words(registration: Registration, now: datetime) -> str:
    """Where somebody stands, for the coordinator of their programme."""
    state = registration.state_shown(now)
    if state is State.UNCONFIRMED:
        what = (
            "a seat is held"
            if registration.holds_seat
            else "for the waiting list"
            if registration.is_waiting
            else "as an applicant"
        )
        return f"Nominated, {what}"
    return {
        State.CONFIRMED: "Has a seat",
        State.OFFERED: "A seat is offered",
        State.WAITLISTED: "Waits for a seat",
        State.PENDING: "Has applied",
    }[state]


def nominated_in_words(registration: Registration, reasons: Iterable[Reason]) -> str:
    """ "a seat is held", "on the waiting list: your programme has its 2 seats"."""
    if registration.holds_seat:
        return "a seat is held"
    if not registration.is_waiting:
        return "an application, on which the office decides"
    why = why_no_seat(registration.event, reasons).rstrip(".")
    return f"on the waiting list: {words.within_sentence(why)}" if why else "on the waiting list"
