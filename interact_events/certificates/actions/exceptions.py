"""Giving a certificate below the share of learning time, or withholding one."""

from datetime import datetime

from interact_events.accounts.models import User
from interact_events.attendance.actions import reason_in
from interact_events.certificates import queries
from interact_events.certificates.actions.ending import ASK
from interact_events.certificates.models import CertificateException
from interact_events.core import audit
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.registrations.models import Registration, State


def except_person(
    registration: Registration, *, gives: bool, reason: str, actor: User, now: datetime
) -> None:
    """From now on this holds for the person, whatever their share; while no valid certificate
    is issued."""
    lock(registration)  # a certificate may be issued right now
    why = reason_in(reason, ASK)
    if queries.valid_certificate_for(registration):
        raise DomainError("The certificate is issued already: replace or revoke it instead.")
    if gives and registration.state is not State.CONFIRMED:
        raise DomainError(f"{registration.name} has no confirmed seat.")
    if gives and not queries.attended_minutes_of(registration):
        raise DomainError(
            f"{registration.name} is noted at no learning session, so there is nothing to certify."
        )
    row = db.session.get(CertificateException, registration.id)
    row = row or CertificateException(registration_id=registration.id)
    row.gives, row.reason, row.noted_at, row.noted_by_id = gives, why, now, actor.id
    db.session.add(row)
    audit.record("exception noted", registration, actor=actor, now=now, gives=gives, reason=why)


def take_exception_back(registration: Registration, *, actor: User, now: datetime) -> None:
    """The share of learning time decides again."""
    lock(registration)
    row = db.session.get(CertificateException, registration.id)
    if row is None:
        return
    if queries.valid_certificate_for(registration):
        raise DomainError("The certificate is issued already: replace or revoke it instead.")
    db.session.delete(row)
    audit.record("exception taken back", registration, actor=actor, now=now)
