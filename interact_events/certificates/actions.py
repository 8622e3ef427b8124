"""Issuing certificates, one person at a time."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from interact_events.accounts.models import User
from interact_events.attendance.queries import sessions_ticked
from interact_events.attendance.rules import attended
from interact_events.certificates import queries, rules
from interact_events.certificates.emails import certificate_ready
from interact_events.certificates.models import Certificate, CertificateFile
from interact_events.certificates.pdf import certificate_pdf
from interact_events.certificates.rules import AttendedSession, Facts
from interact_events.core import audit, links, outbox, words
from interact_events.core.clock import to_local
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.events.models import Event, Kind, Mode, Session
from interact_events.events.rules import learning_minutes
from interact_events.registrations.models import Registration


def new_code() -> str:
    """A code that nobody can guess, with its check character."""
    payload = "".join(secrets.choice(rules.ALPHABET) for _ in range(rules.CODE_LENGTH - 1))
    return payload + rules.check_character(payload)


def check_issuable(event: Event, *, now: datetime) -> None:
    """Refuse before an event has taken place, or where there is nothing to certify."""
    if event.is_cancelled:
        raise DomainError("The event was cancelled, so there is nothing to certify.")
    if event.is_draft or now < event.ends_at:
        raise DomainError("Certificates can be issued once the event has ended.")
    if not learning_minutes(event.agenda):
        raise DomainError("No session of the agenda counts as learning time.")


@dataclass(frozen=True)
class Draft:
    """A certificate ready to be stored: laid out while no lock was held."""

    registration_id: int
    code: str
    facts: Facts
    pdf: bytes


def draft_certificate(registration_id: int, *, now: datetime) -> Draft | None:
    """Lay out what the person has earned; None without a claim, or if it is issued already."""
    registration = queries.registration_to_certify(registration_id)
    event = registration.event
    sessions = attended(event.agenda, sessions_ticked(registration))
    facts = facts_of(registration, sessions, now=now)
    is_earned = rules.reaches(
        facts.attended_minutes, facts.learning_minutes, event.certificate_threshold
    )
    if not is_earned or queries.certificate_for(registration):
        return None
    code = new_code()
    address = links.url("certificates.verify").partition("://")[2]
    pdf = certificate_pdf(facts, code, links.url("certificates.verified", code=code), address)
    return Draft(registration_id, code, facts, pdf)


def _printed_name(registration: Registration) -> str:
    """Until they have confirmed their address, only what staff wrote is known to be theirs."""
    user = registration.user
    return user.printed_name if user.confirmed_at else registration.name


def facts_of(registration: Registration, sessions: list[Session], *, now: datetime) -> Facts:
    """What is true, and what things are called, at this moment."""
    event = registration.event
    return Facts(
        name=_printed_name(registration),
        role=registration.role_label,
        programme=registration.programme.name if registration.programme else "",
        institution=registration.institution,
        country=registration.country.name,
        event=event.title,
        kind=event.kind.label if event.kind is Kind.QA else event.kind.label.lower(),
        starts_on=_day(event.starts_at, event),
        ends_on=_day(event.ends_at, event),
        dates=words.day_span(event.starts_at, event.ends_at, event.zone),
        place=f"{event.place}, and online" if event.mode is Mode.HYBRID else event.place,
        sessions=tuple(
            AttendedSession(s.title, _day(s.starts_at, event), s.minutes) for s in sessions
        ),
        attended_minutes=learning_minutes(sessions),
        learning_minutes=learning_minutes(event.agenda),
        office=event.office.name,
        signatory_name=event.office.signatory_name,
        signatory_title=event.office.signatory_title,
        publicity=event.period.publicity,
        issued_on=_day(now, event),
    )


def _day(instant: datetime, event: Event) -> date:
    return to_local(instant, event.zone).date()


def issue_certificate(draft: Draft, *, actor: User, now: datetime) -> Certificate | None:
    """Store it for good and write to its owner; None if another worker was first."""
    registration = db.session.get_one(Registration, draft.registration_id)
    lock(registration)  # two workers, one certificate
    if queries.certificate_for(registration):
        return None
    certificate = Certificate(
        registration_id=registration.id,
        code=draft.code,
        facts=rules.as_json(draft.facts),
        sha256=sha256(draft.pdf).hexdigest(),
        issued_at=now,
        issued_by_id=actor.id,
    )
    db.session.add(certificate)
    db.session.flush()
    db.session.add(CertificateFile(certificate_id=certificate.id, pdf=draft.pdf))
    audit.record("issued", certificate, actor=actor, now=now, sha256=certificate.sha256)
    _write_to_owner(certificate, draft.facts, registration, now)
    return certificate


def _write_to_owner(
    certificate: Certificate, facts: Facts, registration: Registration, now: datetime
) -> None:
    event = registration.event
    outbox.post(
        certificate_ready(certificate, facts),
        outbox.Recipient(registration.user.name, registration.user.email),
        key=f"certificate-ready:{certificate.id}",
        now=now,
        reply_to=event.contact_email or event.office.email,
    )
