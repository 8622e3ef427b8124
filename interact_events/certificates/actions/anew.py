"""Issuing another certificate to somebody whose own was revoked."""

from datetime import datetime

from interact_events.accounts.models import User
from interact_events.certificates import queries
from interact_events.certificates.actions.issuing import (
    Draft,
    drawn,
    facts_of,
    give,
    is_earned,
    still_holds,
)
from interact_events.certificates.models import Certificate, Ending
from interact_events.certificates.rules import Facts
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.registrations.models import Registration, State


def facts_anew(registration: Registration, *, now: datetime) -> Facts:
    """What it would say; refused without a claim. The job never issues one after a revocation:
    staff have to want it."""
    _check_revoked(registration)
    if registration.state is not State.CONFIRMED:
        raise DomainError(f"{registration.name} has no confirmed seat.")
    facts = facts_of(registration, queries.attended_by(registration), now=now)
    if not is_earned(registration, facts):
        raise DomainError(
            f"{registration.name} has not earned a certificate by what is noted now. Correct their "
            "attendance first, or make an exception."
        )
    return facts


def _check_revoked(registration: Registration) -> None:
    last = queries.certificate_for(registration)
    if last is None or last.ending is not Ending.REVOKED:
        raise DomainError("Only somebody whose certificate was revoked gets one issued anew.")


def draft_anew(registration_id: int, *, now: datetime) -> Draft:
    """Lay it out, with a code of its own."""
    registration = queries.registration_to_certify(registration_id)
    return drawn(registration_id, facts_anew(registration, now=now), now=now)


def issue_anew(draft: Draft, *, actor: User, now: datetime) -> Certificate:
    """Store it and write to its owner; the revoked one stays revoked."""
    registration = db.session.get_one(Registration, draft.registration_id)
    lock(registration)
    _check_revoked(registration)  # in two tabs the later one reads what the first did
    if not still_holds(draft, registration):
        raise DomainError("What is noted of the person has changed meanwhile. Look at it again.")
    return give([draft], actor=actor, now=now)[0]
