"""Who has earned a certificate."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from interact_events.accounts.models import User
from interact_events.attendance import rules as attendance
from interact_events.attendance.models import Correction, ImportState, NoShow
from interact_events.attendance.queries import (
    closings_of,
    expected,
    imports_of,
    no_show_ids,
    presence_of,
    presences_of,
)
from interact_events.certificates.models import (
    Certificate,
    CertificateException,
)
from interact_events.certificates.queries.certificates import certificate_for
from interact_events.certificates.rules import (
    Group,
    Noted,
    Why,
    group_of,
    why,
)
from interact_events.core import words
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.registrations.models import Registration

CORRECTED = "corrected"  # since attendance was opened again


@dataclass(frozen=True)
class Standing:
    """How much of the learning time somebody attended, and what follows from it."""

    registration: Registration
    attended_minutes: int
    share: Fraction
    why: Why
    certificate: Certificate | None  # the latest
    exception: CertificateException | None

    @property
    def is_entitled(self) -> bool:
        return self.why in (Why.REACHED, Why.GIVEN)

    @property
    def group(self) -> Group:
        return group_of(self.why, self.certificate.is_valid if self.certificate else None)

    @property
    def percent(self) -> int:
        return attendance.percent(self.share)


def standings(event: Event) -> list[Standing]:
    """Everybody with a confirmed seat, by name."""
    noted, issued, exceptions = presences_of(event), _certificates_of(event), _exceptions_at(event)
    absent = no_show_ids(event)
    return [
        _standing(
            event,
            row,
            noted.get(row.id, {}),
            issued.get(row.id),
            exceptions.get(row.id),
            is_no_show=row.id in absent,
        )
        for row in expected(event)
    ]


def standing_of(registration: Registration) -> Standing:
    """The same for one person."""
    return _standing(
        registration.event,
        registration,
        presence_of(registration),
        certificate_for(registration),
        db.session.get(CertificateException, registration.id),
        is_no_show=db.session.get(NoShow, registration.id) is not None,
    )


def _standing(
    event: Event,
    registration: Registration,
    noted: dict[int, attendance.Spans],
    certificate: Certificate | None,
    exception: CertificateException | None,
    *,
    is_no_show: bool,
) -> Standing:
    sessions = attendance.attended(event.agenda, noted)
    minutes = attendance.attended_minutes(sessions)
    known = Noted(minutes, bool(noted), is_no_show, exception.gives if exception else None)
    return Standing(
        registration,
        minutes,
        attendance.share(sessions, event.agenda),
        why(known, event.learning_minutes, event.certificate_threshold),
        certificate,
        exception,
    )


@dataclass(frozen=True)
class OpenCorrections:
    """What may still change who was there; `people` were corrected since it was opened again."""

    reopened_at: datetime | None
    reports: int  # sent by staff, neither noted nor discarded
    people: frozenset[int]

    def __bool__(self) -> bool:
        return self.reopened_at is not None or self.reports > 0


def open_corrections(event: Event) -> OpenCorrections:
    """Attendance that was opened again and not closed since, and reports that wait."""
    closings = closings_of(event)
    is_open = bool(closings) and all(each.reopened_at for each in closings)
    since = closings[0].reopened_at if is_open else None
    reports = sum(row.state is ImportState.OPEN for row in imports_of(event))
    return OpenCorrections(since, reports, _corrected_since(event, since) if since else frozenset())


def _corrected_since(event: Event, since: datetime) -> frozenset[int]:
    rows = select(Correction.registration_id).join(
        Registration, Registration.id == Correction.registration_id
    )
    mine = Registration.event_id == event.id, Correction.corrected_at >= since
    return frozenset(db.session.scalars(rows.where(*mine)))


def _certificates_of(event: Event) -> dict[int, Certificate]:
    """The latest of each person."""
    rows = db.session.scalars(
        select(Certificate)
        .join(Certificate.registration)
        .where(Registration.event_id == event.id)
        .order_by(Certificate.id)
    )
    return {row.registration_id: row for row in rows}


def _exceptions_at(event: Event) -> dict[int, CertificateException]:
    rows = db.session.scalars(
        select(CertificateException)
        .join(Registration, Registration.id == CertificateException.registration_id)
        .where(Registration.event_id == event.id)
        .options(joinedload(CertificateException.noted_by).lazyload(User.memberships))
    )
    return {row.registration_id: row for row in rows}


@dataclass(frozen=True)
class Sought:
    """What the list of people is narrowed to; `show` is a group, a reason or "corrected"."""

    q: str = ""
    show: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "Sought":
        show = args.get("show", "")
        known = (*Group, *Why, CORRECTED)
        return cls(args.get("q", "").strip()[:100], show if show in known else "")

    def among(self, rows: Sequence[Standing], corrected: Collection[int]) -> list[Standing]:
        """Those that fit, by group, each in its order."""
        asked, groups = words.folded(self.q).split(), list(Group)
        found = [
            row
            for row in rows
            if self._shows(row, corrected)
            and all(word in row.registration.search_text for word in asked)
        ]
        return sorted(found, key=lambda row: groups.index(row.group))

    def _shows(self, row: Standing, corrected: Collection[int]) -> bool:
        is_corrected = self.show == CORRECTED and row.registration.id in corrected
        return not self.show or is_corrected or self.show in (row.group, row.why)


def exception_for(registration: Registration) -> bool | None:
    """Whether the office gives the person one whatever their share, or none; else nothing."""
    return db.session.scalar(
        select(CertificateException.gives).where(
            CertificateException.registration_id == registration.id
        )
    )


def attended_by(registration: Registration) -> list[attendance.Attended]:
    """What the person saw of the event's learning sessions."""
    return attendance.attended(registration.event.agenda, presence_of(registration))


def attended_minutes_of(registration: Registration) -> int:
    """How much learning time that is."""
    return attendance.attended_minutes(attended_by(registration))
