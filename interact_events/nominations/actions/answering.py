"""What becomes of a nomination: accepted, declined, withdrawn."""

from datetime import datetime

from interact_events.accounts import actions as accounts
from interact_events.accounts.models import User
from interact_events.core import outbox
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.nominations import emails, policies, queries
from interact_events.nominations.queries import Nomination
from interact_events.registrations import actions as registrations
from interact_events.registrations.actions import lock_event, promote_waiting, transition
from interact_events.registrations.actions.book import SILENT
from interact_events.registrations.emails import reply_address
from interact_events.registrations.models import Registration, State
from interact_events.registrations.queries import standing_registration

DECLINED = "The nomination was declined."
WITHDRAWN = "The nomination was withdrawn."


def accept_nomination(nomination: Nomination, *, now: datetime) -> str:
    """The place is theirs; says what it is. Who read the mail is who was asked."""
    registration, nominee = nomination.registration, nomination.nominee
    _hold(registration, now)
    standing = standing_registration(registration.event, nominee)
    if standing and standing is not registration:
        _give_way(standing, nominee, now)
    registration.relate(user=nominee)
    db.session.flush()
    said = registrations.accept(registration, now=now)
    promote_waiting(registration.event, now=now)  # what gave way may have freed a seat
    return said


def _give_way(standing: Registration, nominee: User, now: datetime) -> None:
    if policies.stands_against(standing, now):
        raise DomainError(
            "You have a registration for this event already. Cancel it first if you would rather "
            "come by this nomination."
        )
    transition(standing, State.CANCELLED, actor=nominee, now=now, notice=SILENT)
    db.session.flush()


def accept_as_newcomer(nomination: Nomination, name: str, password: str, *, now: datetime) -> str:
    """Account and place by one press: the mailed link has shown that the address is theirs.

    Whatever an unconfirmed account held before, name and password are the ones given now. What a
    form has allowed in their name stands only if they know its password.
    """
    nominee = nomination.nominee
    _hold(nomination.registration, now)
    if not accounts.is_password_of(nominee, password):
        nominee.wants_news = False
        nomination.registration.may_be_listed = False
        nomination.registration.may_be_photographed = False
    accounts.create_account(
        email=nominee.email, name=name, password=password, zone=nominee.zone, now=now
    )
    accounts.confirm_address(nominee, now=now)
    return accept_nomination(nomination, now=now)


def decline_nomination(nomination: Nomination, *, now: datetime) -> None:
    """The person says no, for which they need no account."""
    _hold(nomination.registration, now)
    _end(
        nomination.registration,
        DECLINED,
        emails.NOMINATION_DECLINED.name,
        actor=nomination.nominee,
        now=now,
    )


def withdraw_nomination(registration: Registration, *, actor: User, now: datetime) -> None:
    """A coordinator of the programme takes it back before the person has answered."""
    lock_event(registration.event)
    if not queries.coordination(actor, registration.programme_id or 0):
        raise DomainError("You don’t coordinate this programme any more.")
    _hold(registration, now)
    _tell_who_is_stood_for(registration, now)
    _end(
        registration,
        WITHDRAWN,
        emails.NOMINATION_WITHDRAWN.name,
        actor=actor,
        now=now,
    )


def _tell_who_is_stood_for(registration: Registration, now: datetime) -> None:
    """They were asked by mail and have a place of their own; nobody else's move tells them."""
    nominee = queries.nominee_of(registration)
    if nominee is None or nominee.is_deleted or nominee is registration.user:
        return
    outbox.post(
        emails.withdrawn_beside(registration, nominee),
        outbox.Recipient(registration.name, nominee.email, nominee.id),
        key=f"registration:{registration.id}:withdrawn",
        now=now,
        reply_to=reply_address(registration.event),
        event_id=registration.event_id,
    )


def _hold(registration: Registration, now: datetime) -> None:
    """Nobody else decides about this place meanwhile."""
    lock_event(registration.event)
    db.session.refresh(registration)
    if over := policies.why_nomination_over(registration, now):
        raise DomainError(over)


def _end(
    registration: Registration, reason: str, notice: str, *, actor: User, now: datetime
) -> None:
    """The place goes to the next one in line at the same moment."""
    transition(registration, State.CANCELLED, actor=actor, now=now, reason=reason, notice=notice)
    promote_waiting(registration.event, now=now)


def forget_stood_in() -> int:
    """Names of those whom another account stood for go when the nomination is over."""
    found = queries.nominations_stood_in()
    for registration in found:
        registration.name, registration.institution = registration.user.name, ""
    return len(found)
