"""What people read of their own registration, and what they may do with it."""

from collections.abc import Mapping
from datetime import datetime

from interact_events.accounts.models import User
from interact_events.accounts.rules import CONFIRM_WITHIN
from interact_events.core import words
from interact_events.events.models import Event
from interact_events.events.rules import Phase, registration_phase
from interact_events.registrations.models import Registration, State
from interact_events.registrations.queries import has_head_start


def impossible(registration: Registration, to: State) -> str:
    """Why a registration can't move there."""
    stands = registration.state.label.lower()
    if to is registration.state:
        return f"{registration.name}: {stands} already."
    return (
        f"{registration.name}: this registration is {stands} and can’t become {to.label.lower()}."
    )


def registration_notice(event: Event, now: datetime) -> str:
    """Why nobody can register now, in a sentence; empty when they can."""
    phase = registration_phase(event, now)
    if phase is Phase.CANCELLED:
        return f"This event is cancelled. {event.cancellation_reason}".strip()
    if phase is Phase.NOT_OPEN and event.registration_opens_at:
        return f"Registration opens on {words.moment(event.registration_opens_at, event.zone)}."
    if phase is Phase.CLOSED:
        return f"Registration closed on {words.moment(event.closes_at, event.zone)}."
    if phase is Phase.PAST:
        return "This event is over."
    return "This event is not published yet." if phase is Phase.DRAFT else ""


def why_rules_stay(event: Event, now: datetime) -> str:
    """Why the office can't change how seats are given any more; empty while it can."""
    if event.is_draft and now >= event.ends_at:
        return "The dates of this draft are over. Give it new ones before you set its rules."
    if event.is_cancelled or now >= event.ends_at:
        is_what = "cancelled" if event.is_cancelled else "over"
        return f"The event is {is_what}, so its rules stay as they were."
    return ""


def why_nobody_is_invited(event: Event, now: datetime) -> str:
    """Why the office can't invite people to the event now, in a sentence; empty when it can."""
    if event.is_draft:
        return "Publish the event first, then invite people."
    if event.is_cancelled or now >= event.closes_at:
        return "Registration is over, so nobody can be invited any more."
    return ""


def comes_first(event: Event, user: User, now: datetime) -> bool:
    """Registration is not open yet, but it is to this person. While it is, nobody is asked for."""
    is_early = registration_phase(event, now) is Phase.NOT_OPEN
    return is_early and has_head_start(event, user, now)


def notice_for(event: Event, user: User, now: datetime) -> str:
    """Why this person can't register now; empty when they can."""
    return "" if comes_first(event, user, now) else registration_notice(event, now)


def already(registration: Registration, now: datetime) -> str:
    """Why a second registration makes no sense, in words."""
    if registration.state_shown(now) is State.DECLINED:
        return (
            "The office has declined your application for this event. "
            f"Ask {registration.event.office.name} if you have questions."
        )
    return "You are already registered for this event. You find it under My events."


def mode_in_words(registration: Registration, now: datetime, *, is_answer: bool = False) -> str:
    """What their way to take part means where they stand: "You take part online."

    `is_answer`: they were asked whether they still come, and have changed it instead.
    """
    how = mode_name(registration)
    if is_answer:
        return f"You take part {how}. That also says that you still come: you keep your seat."
    return {
        State.CONFIRMED: f"You take part {how}.",
        State.OFFERED: f"The seat that is offered to you is {how}.",
        State.WAITLISTED: f"You wait for a seat {how}; your place in line is the same.",
        State.PENDING: f"You apply for a seat {how}.",
    }.get(registration.state_shown(now), f"You are registered {how}.")


def mode_name(registration: Registration) -> str:
    return "online" if registration.is_online else "on site"


def is_ahead(event: Event, now: datetime) -> bool:
    """Until it starts, a seat may still become somebody's."""
    return event.is_published and now < event.starts_at


def confirm_by(event: Event, now: datetime) -> datetime:
    """Until when a place is held for a newcomer who registers now."""
    return min(now + CONFIRM_WITHIN, event.starts_at)


def held_in_words(event: Event, now: datetime) -> str:
    """How long that is: "for 24 hours"."""
    if confirm_by(event, now) == event.starts_at:
        return f"until the event begins, {words.moment(event.starts_at, event.zone)}"
    return f"for {words.count(int(CONFIRM_WITHIN.total_seconds()) // 3600, 'hour')}"


def missed_in_words(event: Event, now: datetime) -> str:
    """What a newcomer reads who has not confirmed before the event began."""
    has = "is over" if now >= event.ends_at else "has begun"
    return f"“{event.title}” {has}, so your registration there has lapsed."


def closed_in_words(registration: Registration, now: datetime) -> str:
    """Why who hoped for a seat gets none any more; empty while one may become theirs."""
    event, settled = registration.event, (State.CONFIRMED, State.DECLINED, State.CANCELLED)
    if registration.state_shown(now) in settled or is_ahead(event, now):
        return ""
    if event.is_cancelled:
        return "The event does not take place."
    return "The event has begun without a seat for you."


def can_cancel(registration: Registration, now: datetime) -> bool:
    """Until the event starts, what still stands can be given up."""
    is_standing = registration.state_shown(now) not in (State.CANCELLED, State.DECLINED)
    return is_standing and is_ahead(registration.event, now)


def left_in_words(registration: Registration, now: datetime) -> str:
    """What leaving means where they stand."""
    title = registration.event.title
    return {
        State.OFFERED: f"You have declined the seat at “{title}”.",
        State.WAITLISTED: f"You have left the waiting list of “{title}”.",
        State.PENDING: f"You have withdrawn your application for “{title}”.",
    }.get(registration.state_shown(now), f"Your registration for “{title}” is cancelled.")


def can_accept(registration: Registration, now: datetime) -> bool:
    """Say yes to an offered seat, to a nomination, or that one still comes."""
    is_asked = registration.state is State.OFFERED or registration.must_reconfirm
    is_nominated = registration.state is State.UNCONFIRMED and registration.nominated_by_id
    in_time = registration.answer_by is None or now < registration.answer_by
    return bool(is_asked or is_nominated) and in_time and is_ahead(registration.event, now)


OWN: Mapping[State, str] = {
    State.CONFIRMED: "you have a seat",
    State.OFFERED: "a seat is offered to you",
    State.WAITLISTED: "you are on the waiting list",
    State.PENDING: "the office has your application",
}
