"""Certificates of a person, by code and by file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from interact_events.accounts.models import User
from interact_events.accounts.queries import personal_part
from interact_events.certificates.models import (
    Certificate,
    CertificateFile,
)
from interact_events.certificates.rules import (
    code_in,
    parts_signed,
    printed,
)
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.registrations.models import Registration


def certificate_for(registration: Registration) -> Certificate | None:
    """The latest certificate of a registration, valid or not."""
    return db.session.scalar(
        select(Certificate)
        .where(Certificate.registration_id == registration.id)
        .order_by(Certificate.id.desc())
        .limit(1)
    )


def certificates_for(registration: Registration) -> Sequence[Certificate]:
    """All that were ever issued for it, latest first, with who did what."""
    return db.session.scalars(
        select(Certificate)
        .where(Certificate.registration_id == registration.id)
        .options(
            joinedload(Certificate.issued_by).lazyload(User.memberships),
            joinedload(Certificate.ended_by).lazyload(User.memberships),
        )
        .order_by(Certificate.id.desc())
    ).all()


def valid_certificate_for(registration: Registration) -> Certificate | None:
    """The one that is neither replaced nor revoked."""
    return db.session.scalar(
        select(Certificate).where(
            Certificate.registration_id == registration.id, Certificate.ended_at.is_(None)
        )
    )


def replacement_of(certificate: Certificate) -> Certificate | None:
    """The one that replaced it."""
    return db.session.scalar(select(Certificate).where(Certificate.replaces_id == certificate.id))


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


@dataclass(frozen=True)
class Checked:
    """What a file turned out to be: a certificate as it was issued, a changed one, or neither."""

    certificate: Certificate | None
    is_altered: bool = False


def checked(pdf: bytes) -> Checked:
    """Compare a file with what was issued. Of a changed one only its code is believed."""
    certificate = _with_bytes(pdf)
    if certificate:
        return Checked(certificate)
    parts, code = parts_signed(pdf), code_in(pdf.decode("latin-1"))
    changed = _with_bytes(*parts) or (certificate_by_code(code) if code else None)
    return Checked(changed, is_altered=changed is not None)


def _with_bytes(*files: bytes) -> Certificate | None:
    return db.session.scalar(
        select(Certificate)
        .where(Certificate.sha256.in_([sha256(file).hexdigest() for file in files]))
        .options(joinedload(Certificate.registration).joinedload(Registration.event))
    )


def file_of(certificate: Certificate) -> bytes:
    """The PDF as it was issued."""
    return db.session.scalars(
        select(CertificateFile.pdf).where(CertificateFile.certificate_id == certificate.id)
    ).one()


# -- one's own -----------------------------------------------------------------------------------


@personal_part("certificates")
def own_certificates(user: User, _now: datetime) -> list[dict[str, Any]]:
    """Each as it was issued, and what has become of it."""
    return [
        {
            "number": row.registration_id,
            "code": printed(row.code),
            "issued_at": row.issued_at.isoformat(),
            "state": row.ending.value if row.ending else "valid",
            "ended_at": row.ended_at.isoformat() if row.ended_at else None,
            "reason": row.reason,
            "sha256": row.sha256,
            "facts": row.facts,
        }
        for row in certificates_of_user(user)
    ]


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
