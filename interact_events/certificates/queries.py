"""Reading certificates, and who has earned one."""

from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from interact_events.accounts.models import User
from interact_events.attendance import rules as attendance
from interact_events.attendance.queries import expected, presences_of
from interact_events.certificates.models import Certificate, CertificateFile
from interact_events.certificates.rules import reaches
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.events.rules import learning_minutes
from interact_events.registrations.models import Registration


@dataclass(frozen=True)
class Standing:
    """How much of the learning time somebody attended, and what follows from it."""

    registration: Registration
    attended_minutes: int
    share: Fraction
    is_entitled: bool
    certificate: Certificate | None

    @property
    def percent(self) -> int:
        return attendance.percent(self.share)


def standings(event: Event) -> list[Standing]:
    """Everybody with a confirmed seat, by name."""
    ticked, issued = presences_of(event), _certificates_of(event)
    agenda = event.agenda
    total = learning_minutes(agenda)
    found = []
    for registration in expected(event):
        sessions = attendance.attended(agenda, ticked.get(registration.id, ()))
        minutes = learning_minutes(sessions)
        found.append(
            Standing(
                registration,
                minutes,
                attendance.share(sessions, agenda),
                reaches(minutes, total, event.certificate_threshold),
                issued.get(registration.id),
            )
        )
    return found


def _certificates_of(event: Event) -> dict[int, Certificate]:
    rows = db.session.scalars(
        select(Certificate).join(Certificate.registration).where(Registration.event_id == event.id)
    )
    return {row.registration_id: row for row in rows}


def certificate_for(registration: Registration) -> Certificate | None:
    """The one certificate of a registration."""
    return db.session.scalar(
        select(Certificate).where(Certificate.registration_id == registration.id)
    )


def registration_to_certify(registration_id: int) -> Registration:
    """A registration with all that its certificate names, in few reads."""
    return db.session.scalars(
        select(Registration)
        .where(Registration.id == registration_id)
        .options(
            joinedload(Registration.user),
            joinedload(Registration.programme),
            joinedload(Registration.country),
            joinedload(Registration.event).selectinload(Event.sessions),
        )
    ).one()


def certificate_by_code(code: str) -> Certificate | None:
    """The certificate with that normalised code, and its event."""
    return db.session.scalar(
        select(Certificate)
        .where(Certificate.code == code)
        .options(
            joinedload(Certificate.registration)
            .joinedload(Registration.event)
            .selectinload(Event.co_organisers)
        )
    )


def file_of(certificate: Certificate) -> bytes:
    """The PDF as it was issued."""
    return db.session.scalars(
        select(CertificateFile.pdf).where(CertificateFile.certificate_id == certificate.id)
    ).one()


def certificates_of_user(user: User) -> list[Certificate]:
    """A person's own certificates, newest first."""
    newest_first = Certificate.issued_at.desc(), Certificate.id.desc()
    rows = db.session.scalars(
        select(Certificate)
        .join(Certificate.registration)
        .where(Registration.user_id == user.id)
        .order_by(*newest_first)
    )
    return list(rows)
