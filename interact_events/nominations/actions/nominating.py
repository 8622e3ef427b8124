"""A coordinator asks for places of their programme's people."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from interact_events.accounts import actions as accounts
from interact_events.accounts.models import User
from interact_events.accounts.queries import user_by_email
from interact_events.core import outbox
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.interreg.models import Programme
from interact_events.nominations import emails, policies, queries
from interact_events.registrations.actions import (
    Answers,
    Person,
    account_for,
    enter,
    lock_event,
    posting,
    profile_like,
    refuse_unless_open,
)
from interact_events.registrations.models import Registration
from interact_events.registrations.queries import (
    applicant_behind,
    invitation_for,
    rules_of,
    seat_rules_of,
    seats_taken,
    standing_registration,
)
from interact_events.registrations.rules import shortages

ANSWER_WITHIN = timedelta(days=7)
MOST_AT_ONCE = 10


class RowsRefused(DomainError):
    """Nobody was nominated; `rows` says what is wrong with whom, by their number from 0 on."""

    def __init__(self, rows: Mapping[int, str]) -> None:
        super().__init__(" ".join(rows.values()))
        self.rows = rows


@dataclass(frozen=True)
class Nominated:
    """What one person got, in words that show nothing of their account."""

    registration: Registration
    outcome: str


def nominate(
    programme: Programme, event: Event, people: Sequence[Person], *, actor: User, now: datetime
) -> list[Nominated]:
    """Ask for a place for each of them, in their order, or for none.

    Nothing tells people with an account from those without: not what is said, shown or refused,
    nor how long it takes.
    """
    lock_event(event)
    if queries.coordination(actor, programme.id) is None:
        raise DomainError("You don’t coordinate this programme any more.")
    refuse_unless_open(event, now)
    if not people:
        raise DomainError("Write at least one person.")
    if len(people) > MOST_AT_ONCE:
        raise DomainError(f"Nominate at most {MOST_AT_ONCE} people at once.")
    _refuse_listed(event, people)
    return [
        _nominated(row, person, event, actor=actor, now=now) for row, person in enumerate(people)
    ]


def _refuse_listed(event: Event, people: Sequence[Person]) -> None:
    """Name everybody who stands twice in the form or is on the event's list already."""
    addresses = [person.email.lower() for person in people]
    faults = {}
    for row, person in enumerate(people):
        known = user_by_email(person.email)
        if addresses.index(addresses[row]) < row:
            faults[row] = f"{person.name}: this address is above already."
        elif known and standing_registration(event, known):
            faults[row] = f"{person.name} is on the list of this event already."
    if faults:
        raise RowsRefused(faults)


def _nominated(row: int, person: Person, event: Event, *, actor: User, now: datetime) -> Nominated:
    user = _account(person, now)
    try:
        registration = _entered(user, person, event, actor, now)
    except DomainError as refusal:
        raise RowsRefused({row: f"{person.name}: {refusal.message}"}) from None
    _tell(registration, now)
    return Nominated(registration, _outcome(registration, now))


def _account(person: Person, now: datetime) -> User:
    """Their account as it is, else a new one that waits for its owner to choose a password."""
    known = user_by_email(person.email)
    if known:
        accounts.hashed(secrets.token_urlsafe(32))  # as much work as for a new one
    return known or account_for(person, now=now)


def _entered(user: User, person: Person, event: Event, actor: User, now: datetime) -> Registration:
    """Until they accept they are on the list as the coordinator has written them."""
    invitation = None
    if seat_rules_of(event).by_invitation:
        invitation = invitation_for(event, email=person.email.lower(), code=None)
    registration = enter(
        profile_like(user, person, now),
        event,
        Answers(),
        actor=actor,
        now=now,
        invitation=invitation,
        answer_by=answer_by(event, now),
        nominated_by=actor,
    )
    registration.name, registration.institution = person.name, person.institution
    return registration


def answer_by(event: Event, now: datetime) -> datetime:
    """Until when a place is held for who is nominated now."""
    return min(now + ANSWER_WITHIN, event.starts_at)


def _tell(registration: Registration, now: datetime) -> None:
    """Only the mailbox proves whose an unconfirmed account is: its link asks for a password."""
    is_known = registration.user.confirmed_at is not None
    mail = emails.nomination if is_known else emails.nomination_newcomer
    key = f"registration:{registration.id}:nominated"
    outbox.post_all([posting(mail(registration), registration, key=key)], now=now)


def _outcome(registration: Registration, now: datetime) -> str:
    event, applicant = registration.event, applicant_behind(registration)
    taken = seats_taken(event, applicant)
    reasons = shortages(rules_of(event), taken, applicant, now)
    return policies.nominated_in_words(registration, reasons)
