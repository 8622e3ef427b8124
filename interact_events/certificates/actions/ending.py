"""Putting a wrong certificate right: another one replaces it, or it is revoked."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from interact_events.accounts.models import User
from interact_events.attendance.actions import reason_in
from interact_events.certificates import queries, rules
from interact_events.certificates.actions.issuing import (
    Draft,
    drawn,
    facts_of,
    is_earned,
    store,
    write_to,
)
from interact_events.certificates.emails import certificate_replaced, certificate_revoked
from interact_events.certificates.models import Certificate, Ending
from interact_events.core import audit
from interact_events.core.clock import to_local
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError

ASK = "Say why: the reason stays with the certificate."


@dataclass(frozen=True)
class Corrected:
    """What the new certificate says of the person; `is_attendance_anew` takes the sessions as they
    are noted now."""

    name: str
    role: str
    institution: str
    is_attendance_anew: bool = False


def draft_replacement(certificate: Certificate, corrected: Corrected, *, now: datetime) -> Draft:
    """Lay out what replaces a certificate: its facts, but for what is corrected, in its language
    and in today's design."""
    old = rules.from_json(certificate.facts)
    facts = replace(
        _anew(certificate, old, now) if corrected.is_attendance_anew else old,
        name=corrected.name.strip(),
        role=corrected.role.strip(),
        institution=corrected.institution.strip(),
    )
    if replace(facts, issued_on=old.issued_on) == old:
        raise DomainError("Nothing is different from the certificate as it was issued.")
    dated = replace(facts, issued_on=_today(certificate, now))
    return drawn(certificate.registration_id, dated, now=now)


def _anew(certificate: Certificate, old: rules.Facts, now: datetime) -> rules.Facts:
    registration = queries.registration_to_certify(certificate.registration_id)
    sessions = queries.attended_by(registration)
    if not sessions:
        raise DomainError(
            "No learning session is noted any more: revoke the certificate instead.",
            "is_attendance_anew",
        )
    noted = facts_of(registration, sessions, now=now)
    if not is_earned(registration, noted):
        raise DomainError(
            "By what is noted now the share is too small: revoke the certificate instead.",
            "is_attendance_anew",
        )
    return replace(
        old,
        sessions=noted.sessions,
        attended_minutes=noted.attended_minutes,
        learning_minutes=noted.learning_minutes,
    )


def _today(certificate: Certificate, now: datetime) -> date:
    return to_local(now, certificate.registration.event.zone).date()


def replace_certificate(
    certificate: Certificate, draft: Draft, *, reason: str, actor: User, now: datetime
) -> Certificate:
    """End it and store the other one; its owner reads why."""
    _hold_valid(certificate)
    _check_hours(certificate, draft)
    why = reason_in(reason, ASK)
    _end(certificate, Ending.REPLACED, why, actor, now)
    new = store(draft, replaces=certificate, actor=actor, now=now)
    audit.record("replaced", certificate, actor=actor, now=now, by=new.id, reason=why)
    write_to(
        new.registration,
        certificate_replaced(new, draft.facts, certificate.code, why),
        key=f"certificate-replaced:{certificate.id}",
        now=now,
    )
    return new


def _check_hours(certificate: Certificate, draft: Draft) -> None:
    """Those that were taken anew have to be noted still."""
    kept = rules.from_json(certificate.facts)
    is_anew = draft.facts.sessions != kept.sessions
    noted = queries.attended_minutes_of(certificate.registration)
    if is_anew and noted != draft.facts.attended_minutes:
        raise DomainError("What is noted of the person has changed meanwhile. Look at it again.")


def revoke_certificate(
    certificate: Certificate, *, reason: str, actor: User, now: datetime
) -> None:
    """End it without another one; its owner reads why."""
    _hold_valid(certificate)
    why = reason_in(reason, ASK)
    _end(certificate, Ending.REVOKED, why, actor, now)
    audit.record("revoked", certificate, actor=actor, now=now, reason=why)
    write_to(
        certificate.registration,
        certificate_revoked(certificate, rules.from_json(certificate.facts), why),
        key=f"certificate-revoked:{certificate.id}",
        now=now,
    )


def _hold_valid(certificate: Certificate) -> None:
    """Two presses in two tabs: the later one reads what the first did."""
    lock(certificate.registration)
    lock(certificate)
    if certificate.ending:
        raise DomainError(f"This certificate is {certificate.ending.value} already.")


def _end(certificate: Certificate, ending: Ending, why: str, actor: User, now: datetime) -> None:
    certificate.reason, certificate.ended_by_id = why, actor.id
    certificate.ending, certificate.ended_at = ending, now
    db.session.flush()  # before another one takes its place
