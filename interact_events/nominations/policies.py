"""Who may hand over what, and where a place stands, in words."""

from collections.abc import Iterable
from datetime import datetime

from interact_events.accounts.models import Profile, User
from interact_events.core import words
from interact_events.events.models import Event
from interact_events.interreg.models import Programme
from interact_events.nominations.models import Handover
from interact_events.registrations.models import Registration, SeatRules, State
from interact_events.registrations.policies import already, in_mode, why_no_seat
from interact_events.registrations.queries import applicant_behind, rules_and_taken, seat_rules_of
from interact_events.registrations.rules import Cap, Dimension, reasons_to_wait

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
    """ "controller, Central Baltic", or "national authority, Ministry of Finance"."""
    role = words.within_sentence(registration.role_label)
    programme = registration.programme
    return f"{role}, {programme.name if programme else registration.institution}"


def belongs_to(registration: Registration) -> str:
    """Where the seat stays: in the "programme", or where there is none in the "institution"."""
    return "programme" if registration.programme_id else "institution"


def why_not_take(standing: Registration | None, now: datetime) -> str:
    """Why what somebody has at the event keeps them from a colleague's seat; empty where nothing
    does: a place in line, an application or a nomination gives way to the seat."""
    if standing is None:
        return ""
    if standing.state_shown(now) is not standing.state:
        return "The office decides on your application now. Wait for its mail."
    if standing.state is State.CONFIRMED:
        return "You have a seat at this event already."
    if standing.state is State.OFFERED:
        return "A seat is offered to you already: accept that one under My events."
    if standing.state is State.DECLINED:
        return already(standing, now)
    return ""


def gives_way(standing: Registration | None, now: datetime) -> str:
    """What of their own ends when they take a colleague's seat, in words."""
    if standing is None or why_not_take(standing, now):
        return ""
    ends = {
        State.WAITLISTED: "your place on the waiting list",
        State.PENDING: "your application",
    }.get(standing.state, "your nomination" if standing.nominated_by_id else "your registration")
    return f"When you take this seat, {ends} ends."


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


def nominated_in_words(registration: Registration, why: str) -> str:
    """ "a seat online is held", "on the waiting list: your programme has its 2 seats"."""
    if registration.holds_seat:
        return f"a seat{in_mode(registration.event, registration.is_online)} is held"
    if not registration.is_waiting:
        return "an application, on which the office decides"
    why = words.within_sentence(why.rstrip("."))
    return f"on the waiting list: {why}" if why else "on the waiting list"


# -- nominations ---------------------------------------------------------------------------------


def why_not_nominate(programme: Programme, event: Event, settings: SeatRules) -> str:
    """Why nobody of the programme can be nominated, whoever it is; empty when they can.

    Where the office invites people one by one, a yes to some and a no to others would tell whom
    it has invited.
    """
    if settings.by_invitation:
        return f"This event is by invitation only: {event.office.name} says who may come."
    if not is_for(programme, event, settings):
        return f"This event is not for {programme.name}."
    return ""


def why_waiting(registration: Registration, now: datetime) -> str:
    """ "Your programme has its 2 seats."; empty for those who don't wait."""
    if not registration.is_waiting:
        return ""
    event, applicant = registration.event, applicant_behind(registration)
    rules, taken = rules_and_taken(event, seat_rules_of(event), applicant)
    return why_no_seat(event, reasons_to_wait(rules, taken, applicant, now))


def why_nomination_over(registration: Registration, now: datetime) -> str:
    """Why it can't be answered any more; empty while it can."""
    event, by = registration.event, registration.answer_by
    if event.is_cancelled:
        return f"This event is cancelled. {event.cancellation_reason}".strip()
    if registration.state is State.CANCELLED:
        return registration.reason or "This registration is cancelled."
    if registration.state is not State.UNCONFIRMED:
        return "This nomination has been accepted."
    if now >= event.starts_at:
        return "The event has started."
    if by is not None and now >= by:
        return f"The time to answer was over on {words.moment(by, event.zone)}."
    return ""


def stands_against(standing: Registration | None, now: datetime) -> bool:
    """Whether somebody's own registration is worth more to them than a nomination: it ends first.

    One that the office declined, or that a form asked for and nobody confirmed, gives way.
    """
    if standing is None:
        return False
    is_unproved = standing.state is State.UNCONFIRMED and not standing.nominated_by_id
    return not is_unproved and standing.state_shown(now) is not State.DECLINED
