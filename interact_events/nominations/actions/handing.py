"""A seat on its way to a colleague: offered, accepted, refused, taken back, over.

The seat stays with who has it until the colleague says yes; everybody locks the event first.
"""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from interact_events.accounts.models import Profile, User
from interact_events.accounts.queries import token_hash
from interact_events.core import audit, outbox, words
from interact_events.core.audit import HasId
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.nominations import emails, policies, queries
from interact_events.nominations.models import Handover
from interact_events.nominations.rules import against_moving
from interact_events.registrations.actions import Answers, lock_event, posting, take_over
from interact_events.registrations.emails import reply_address
from interact_events.registrations.models import Registration, State
from interact_events.registrations.policies import why_no_seat
from interact_events.registrations.queries import (
    applicant_behind,
    applicant_of,
    choices_by,
    lacks_earlier_seat,
    rules_and_taken,
    seat_rules_of,
    standing_registration,
)

OPEN_FOR = timedelta(days=3)
REASON = "Handed to a colleague."
REFUSED = "Your colleague has said no."
NOT_ANSWERED = "Your colleague has not answered in time."


def offer_seat(registration: Registration, email: str, *, now: datetime) -> Handover:
    """Ask a colleague to take the seat; whether the address has an account makes no difference."""
    event, email = registration.event, email.strip().lower()
    lock_event(event)
    db.session.refresh(registration)
    if not policies.can_hand_over(registration, now):
        raise DomainError("This seat can’t be handed over any more.")
    if email == registration.user.email:
        raise DomainError("That is your own address. Write your colleague’s.", "email")
    _refuse_second_offer(registration, now)
    token = secrets.token_urlsafe(32)
    handover = Handover(
        registration=registration,
        email=email,
        token_hash=token_hash(token),
        created_at=now,
        expires_at=min(now + OPEN_FOR, event.starts_at),
    )
    db.session.add(handover)
    audit.record("handover offered", handover, actor=registration.user, now=now)
    outbox.post(
        emails.handover(handover, token),
        outbox.Recipient("", email),
        key=f"handover:{handover.id}",
        now=now,
        reply_to=reply_address(event),
        event_id=event.id,
    )
    return handover


def _refuse_second_offer(registration: Registration, now: datetime) -> None:
    waiting = queries.open_handover(registration)
    if waiting and now < waiting.expires_at:
        raise DomainError("You have asked a colleague already. Take that back first.", "email")
    if waiting:
        _end(waiting, "handover over", actor=None, now=now)
        db.session.flush()  # the index allows only one at any moment


def take_back(registration: Registration, *, now: datetime) -> bool:
    """The mailed link stops working; says whether it still worked."""
    lock_event(registration.event)
    waiting = queries.open_handover(registration)
    if waiting:
        _end(waiting, "handover taken back", actor=registration.user, now=now)
    return waiting is not None


def refuse_handover(handover: Handover, *, actor: HasId | None, now: datetime) -> None:
    """The colleague says no, for which they need no account."""
    _hold(handover)
    _refuse_over(handover, now)
    _end(handover, "handover refused", actor=actor, now=now)
    _tell_holder(handover, REFUSED, now)


def end_handover(handover: Handover, *, now: datetime) -> None:
    """Time, or what happened to the seat, has ended it."""
    _hold(handover)
    if handover.ended_at:
        return
    is_late = now >= handover.expires_at
    has_gone = handover.registration.state is not State.CONFIRMED
    if is_late or has_gone:
        _end(handover, "handover over", actor=None, now=now)
    if is_late and policies.can_hand_over(handover.registration, now):
        _tell_holder(handover, NOT_ANSWERED, now)


def accept_handover(
    handover: Handover, profile: Profile, answers: Answers, *, user: User, now: datetime
) -> Registration:
    """The seat is the colleague's; pressed twice it stays theirs."""
    _hold(handover)
    old = handover.registration
    standing = standing_registration(old.event, user)
    if handover.accepted_at and standing and standing.state is State.CONFIRMED:
        return standing
    _refuse_over(handover, now)
    if not policies.is_addressee(user, handover):
        raise DomainError("This offer went to another address. Sign in with that one.")
    _refuse_profile(profile, old, user)
    if why := policies.why_not_take(standing, now):
        raise DomainError(why)
    _refuse_by_rules(old, profile, now)
    new = take_over(old, profile, answers, reason=REASON, notice=emails.HANDED_OVER.name, now=now)
    handover.accepted_at = now
    _end(handover, "handover accepted", actor=user, now=now)
    return new


def _hold(handover: Handover) -> None:
    """Nobody else decides about this seat meanwhile."""
    lock_event(handover.registration.event)
    db.session.refresh(handover)
    db.session.refresh(handover.registration)


def _refuse_over(handover: Handover, now: datetime) -> None:
    if over := policies.why_over(handover, now):
        raise DomainError(over)


def _refuse_profile(profile: Profile, old: Registration, user: User) -> None:
    if profile.user_id != user.id or profile.retired_at:
        raise DomainError("Choose one of your profiles.", "profile")
    if not policies.fits(profile, old):
        raise DomainError(
            f"The seat stays in the {policies.belongs_to(old)}: {policies.capacity_of(old)}.",
            "profile",
        )


def _refuse_by_rules(old: Registration, profile: Profile, now: datetime) -> None:
    """The colleague comes in the same mode to the same sessions; the seat is their invitation,
    and an exception that staff have made for it goes with it."""
    event, sessions = old.event, choices_by(old)
    leaving = applicant_behind(old, sessions)
    settings = seat_rules_of(event)
    coming = replace(
        applicant_of(profile, is_online=old.is_online, is_invited=True, sessions=sessions),
        is_exempt=leaving.is_exempt,
        lacks_earlier=lacks_earlier_seat(settings, profile.user_id, now),
    )
    rules, taken = rules_and_taken(event, settings, leaving, coming)
    standing = standing_registration(event, profile.user)
    if standing and standing.holds_seat:  # it gives way
        taken.take_back(applicant_behind(standing, choices_by(standing)))
    reasons = against_moving(rules, taken, leaving, coming, now)
    if reasons:
        raise DomainError(words.capitalised(why_no_seat(event, reasons)), "profile")


def _end(handover: Handover, action: str, *, actor: HasId | None, now: datetime) -> None:
    """The address has served its purpose."""
    handover.ended_at, handover.email = now, ""
    audit.record(action, handover, actor=actor, now=now)


def _tell_holder(handover: Handover, why: str, now: datetime) -> None:
    mail = emails.seat_kept(handover.registration, why)
    key = f"handover:{handover.id}:kept"
    outbox.post_all([posting(mail, handover.registration, key=key)], now=now)
