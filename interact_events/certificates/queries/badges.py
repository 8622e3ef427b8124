"""What badges point at."""

from collections.abc import Sequence

from sqlalchemy import select

from interact_events.certificates.models import (
    Certificate,
    SigningKey,
)
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.events.queries import public_event
from interact_events.interreg.models import Office
from interact_events.registrations.models import Registration


def is_published(thumbprint: str) -> bool:
    """Whether everybody can read the public part of that key."""
    return key_by_thumbprint(thumbprint) is not None


def key_by_thumbprint(thumbprint: str) -> SigningKey | None:
    return db.session.scalar(select(SigningKey).where(SigningKey.thumbprint == thumbprint))


def published_keys() -> Sequence[SigningKey]:
    """Every key that may have signed a badge, newest first."""
    return db.session.scalars(select(SigningKey).order_by(SigningKey.id.desc())).all()


def awarded_event(slug: str) -> Event | None:
    """The public event of that address, once it has led to a certificate."""
    event = public_event(slug)
    is_awarded = event and db.session.scalar(
        select(Certificate.id)
        .join(Certificate.registration)
        .where(Registration.event_id == event.id)
        .limit(1)
    )
    return event if is_awarded else None


def ended_among(office: Office, numbers: range) -> Sequence[int] | None:
    """Which certificates of the office, by their numbers, are valid no more; None without any."""
    if numbers[-1] >= 2**31:  # what no column can hold
        return None
    theirs = (
        select(Certificate.id)
        .join(Certificate.registration)
        .join(Registration.event)
        .where(Event.office_id == office.id, Certificate.id.between(numbers[0], numbers[-1]))
    )
    if db.session.scalar(theirs.limit(1)) is None:
        return None
    return db.session.scalars(theirs.where(Certificate.ended_at.is_not(None))).all()
