"""Reading how certificates look, and which language they come in."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from interact_events.accounts.models import User
from interact_events.certificates.models import (
    CertificateDesign,
    CertificateLanguages,
    CertificateLanguageWish,
    CertificatePicture,
)
from interact_events.certificates.rules.designs import PLAIN, Design, Picture, effective
from interact_events.certificates.rules.languages import offered, picked
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.interreg.models import Office
from interact_events.registrations.models import Registration


@dataclass(frozen=True)
class Standing:
    """The design of a place, the network's where `office` is none, and what lies below it."""

    office: Office | None
    row: CertificateDesign | None
    own: Design
    default: Design

    @property
    def inherited(self) -> Design:
        """What holds where this place says nothing."""
        return effective(PLAIN, self.default, self.default.signature_of)


def standing(office: Office | None) -> Standing:
    """The design of an office, or the network's own."""
    rows = _rows(office.id if office else None)
    default = rows.get(None)
    if office is None:
        return Standing(None, default, _design(default), PLAIN)
    own = rows.get(office.id)
    return Standing(office, own, _design(own), _design(default))


def design_for(office: Office, signatory: str) -> Design:
    """What is printed now at an office's events, above the name of whoever signs."""
    known = standing(office)
    return effective(known.own, known.default, signatory)


def _rows(office_id: int | None) -> dict[int | None, CertificateDesign]:
    found = db.session.scalars(
        select(CertificateDesign)
        .where(or_(CertificateDesign.is_default, CertificateDesign.office_id == office_id))
        .options(
            joinedload(CertificateDesign.logo),
            joinedload(CertificateDesign.signature),
            joinedload(CertificateDesign.changed_by).lazyload(User.memberships),
        )
    )
    return {row.office_id: row for row in found}


def _design(row: CertificateDesign | None) -> Design:
    if row is None:
        return PLAIN
    return Design(
        accent=row.accent,
        logo=_picture(row.logo),
        signature=_picture(row.signature),
        signature_of=row.signature_of,
        texts=row.texts,
    )


def _picture(row: CertificatePicture | None) -> Picture | None:
    return Picture(row.content, row.kind) if row else None


# -- languages -----------------------------------------------------------------------------------


def languages_of(event: Event) -> list[str]:
    """Those that the event's certificates come in, its usual one first."""
    row = db.session.get(CertificateLanguages, event.id)
    return offered(row.languages if row else [], event.language)


@dataclass(frozen=True)
class Choice:
    """The languages that a person may choose from, and the one that they get."""

    on_offer: list[str]
    language: str


def choice_of(registration: Registration) -> Choice:
    """That of one person."""
    return choices_of([registration])[registration.id]


def choices_of(registrations: Sequence[Registration]) -> dict[int, Choice]:
    """By registration, by one statement, as this is asked for each certificate."""
    rows = db.session.execute(
        select(Registration.id, CertificateLanguages.languages, CertificateLanguageWish.language)
        .outerjoin(CertificateLanguages, CertificateLanguages.event_id == Registration.event_id)
        .outerjoin(
            CertificateLanguageWish, CertificateLanguageWish.registration_id == Registration.id
        )
        .where(Registration.id.in_([row.id for row in registrations]))
    )
    usual = {row.id: row.event.language for row in registrations}
    choices = {}
    for number, chosen, wish in rows:
        on_offer = offered(chosen or [], usual[number])
        choices[number] = Choice(on_offer, picked(wish, on_offer))
    return choices
