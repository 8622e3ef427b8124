"""What decides over the certificates of several people, by a fixed number of statements."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from interact_events.accounts.models import User
from interact_events.attendance.queries import presences_among
from interact_events.attendance.rules import Attended, attended, attended_minutes
from interact_events.certificates.models import Certificate, CertificateException
from interact_events.certificates.queries.designs import choices_of
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.registrations.models import Registration


@dataclass(frozen=True)
class Claim:
    """What somebody has seen of an event, and what else decides."""

    sessions: list[Attended]
    exception: bool | None  # the office's decision on the person, if any
    is_issued: bool  # valid or not: what was revoked is not given again by itself
    language: str

    @property
    def minutes(self) -> int:
        """Of learning time."""
        return attended_minutes(self.sessions)


def claims_of(registrations: Sequence[Registration]) -> dict[int, Claim]:
    """By registration."""
    numbers = [row.id for row in registrations]
    noted, issued = presences_among(numbers), _issued_among(numbers)
    exceptions, choices = _exceptions_among(numbers), choices_of(registrations)
    return {
        row.id: Claim(
            attended(row.event.agenda, noted.get(row.id, {})),
            exceptions.get(row.id),
            row.id in issued,
            choices[row.id].language,
        )
        for row in registrations
    }


def _issued_among(numbers: Collection[int]) -> set[int]:
    rows = select(Certificate.registration_id).where(Certificate.registration_id.in_(numbers))
    return set(db.session.scalars(rows))


def _exceptions_among(numbers: Collection[int]) -> dict[int, bool]:
    row = CertificateException
    known = select(row.registration_id, row.gives).where(row.registration_id.in_(numbers))
    return dict(iter(db.session.execute(known)))


def registrations_to_certify(numbers: Collection[int]) -> list[Registration]:
    """Registrations of one event with all that their certificates name, by number."""
    return list(
        db.session.scalars(
            select(Registration)
            .where(Registration.id.in_(numbers))
            .options(
                joinedload(Registration.user).lazyload(User.memberships),
                joinedload(Registration.programme),
                joinedload(Registration.country),
                joinedload(Registration.event).selectinload(Event.sessions),
            )
            .order_by(Registration.id)
        )
    )


def registrations_held(numbers: Collection[int]) -> list[Registration]:
    """The same, freshly read, held until the transaction ends: two workers, one certificate."""
    return list(
        db.session.scalars(
            select(Registration)
            .join(Registration.user)
            .where(Registration.id.in_(numbers))
            .options(contains_eager(Registration.user).lazyload(User.memberships))
            .order_by(Registration.id)
            .with_for_update(of=Registration)
            .execution_options(populate_existing=True)
        )
    )
