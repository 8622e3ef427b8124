"""All certificates of an event or an office, and the mails about them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, true
from sqlalchemy.orm import joinedload, lazyload

from interact_events.accounts.models import User
from interact_events.certificates.models import (
    Certificate,
    CertificateFile,
)
from interact_events.certificates.rules import (
    meant_code,
)
from interact_events.core import words
from interact_events.core.db import db
from interact_events.core.outbox import MailState, OutboxMessage
from interact_events.events.models import Event, event_offices
from interact_events.interreg.models import Office
from interact_events.registrations.models import Registration


def certificates_sought(office: Office, q: str, event: str) -> Select[Certificate]:
    """Those of events that the office leads or helps with, latest first: by the printed name
    or a part of the code, and by words of the event's title."""
    query = (
        select(Certificate)
        .join(Certificate.registration)
        .join(Registration.event)
        .where(or_(Event.office_id == office.id, _helps(office)))
    )
    if q:
        named = [
            Certificate.search_text.contains(word, autoescape=True)
            for word in words.folded(q).split()
        ]
        code = meant_code(q)
        by_code = [Certificate.code.contains(code)] if code else []
        query = query.where(or_(and_(true(), *named), *by_code))
    for word in words.folded(event).split():
        query = query.where(Event.search_text.contains(word, autoescape=True))
    with_event = joinedload(Certificate.registration).joinedload(Registration.event)
    return query.options(with_event).order_by(Certificate.issued_at.desc(), Certificate.id.desc())


def _helps(office: Office) -> ColumnElement[bool]:
    return exists().where(
        event_offices.c.event_id == Event.id, event_offices.c.office_id == office.id
    )


def register_of(event: Event) -> Sequence[Certificate]:
    """All that were ever issued for the event, in that order, with who did what."""
    return db.session.scalars(
        select(Certificate)
        .join(Certificate.registration)
        .where(Registration.event_id == event.id)
        .options(
            joinedload(Certificate.issued_by).lazyload(User.memberships),
            joinedload(Certificate.ended_by).lazyload(User.memberships),
            lazyload(Certificate.registration),
        )
        .order_by(Certificate.id)
    ).all()


class OnFile(NamedTuple):
    """A valid certificate, without the file itself."""

    id: int
    code: str
    name: str


def valid_of(event: Event) -> list[OnFile]:
    """The event's valid certificates, by name."""
    rows = db.session.execute(
        select(Certificate.id, Certificate.code, Certificate.facts["name"].as_string())
        .join(Certificate.registration)
        .where(Registration.event_id == event.id, Certificate.ended_at.is_(None))
        .order_by(Certificate.search_text, Certificate.id)
    )
    return [OnFile(*row) for row in rows]


def number_valid(event: Event) -> int:
    """How many valid certificates the event has."""
    query = select(func.count(Certificate.id)).join(Certificate.registration)
    mine = Registration.event_id == event.id, Certificate.ended_at.is_(None)
    return db.session.scalar(query.where(*mine)) or 0


def files_of(certificates: Sequence[OnFile]) -> Iterator[tuple[OnFile, bytes]]:
    """Their files, one after the other: all of them at once would fill the memory."""
    for each in certificates:
        query = select(CertificateFile.pdf).where(CertificateFile.certificate_id == each.id)
        yield each, db.session.scalars(query).one()


# -- mails about them ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Mailed:
    """A valid certificate and the latest mail with its link, if there is any."""

    certificate: Certificate
    mail_id: int  # 0: none
    state: MailState | None
    address: str  # where the next one goes

    @property
    def token(self) -> str:
        """What a press names: a second one finds that a newer mail is there already."""
        return f"{self.certificate.id}-{self.mail_id}"

    @property
    def has_failed(self) -> bool:
        return self.state in (None, MailState.FAILED, MailState.CANCELLED)


def mailed(event: Event) -> list[Mailed]:
    """Every valid certificate of those who still have an account, by name."""
    latest = _latest_mails(event)
    rows = db.session.scalars(
        select(Certificate)
        .join(Certificate.registration)
        .where(Registration.event_id == event.id, Certificate.ended_at.is_(None))
        .options(
            joinedload(Certificate.registration)
            .joinedload(Registration.user)
            .lazyload(User.memberships)
        )
        .order_by(Certificate.search_text, Certificate.id)
    )
    return [_mailed(row, latest) for row in rows if not row.registration.user.is_deleted]


def _mailed(row: Certificate, latest: Mapping[str, tuple[int, MailState]]) -> Mailed:
    causes = [f"certificate-ready:{row.id}", f"certificate-again:{row.id}"]
    if row.replaces_id:
        causes.append(f"certificate-replaced:{row.replaces_id}")
    found = (latest[cause] for cause in causes if cause in latest)
    number, state = max(found, default=(0, None))
    return Mailed(row, number, state, row.registration.user.email)


def _latest_mails(event: Event) -> dict[str, tuple[int, MailState]]:
    """The latest mail of each cause: {"certificate-again:12": (number, state)}."""
    rows = db.session.execute(
        select(OutboxMessage.id, OutboxMessage.key, OutboxMessage.state)
        .where(OutboxMessage.event_id == event.id, OutboxMessage.key.startswith("certificate-"))
        .order_by(OutboxMessage.id)
    )
    return {":".join(key.split(":")[:2]): (number, state) for number, key, state in rows}
