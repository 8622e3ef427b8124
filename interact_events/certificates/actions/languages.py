"""Which languages an event's certificates come in, and which of them a person chooses."""

from collections.abc import Sequence
from datetime import datetime

from interact_events.accounts.models import User
from interact_events.certificates import queries
from interact_events.certificates.models import CertificateLanguages, CertificateLanguageWish
from interact_events.certificates.queries.designs import choice_of, languages_of
from interact_events.certificates.rules.languages import names
from interact_events.core import audit
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.registrations.actions import on_duplication
from interact_events.registrations.models import Registration


def set_languages(event: Event, codes: Sequence[str], *, actor: User, now: datetime) -> None:
    """The first is what everybody gets who says nothing; what is issued stays as it is."""
    if not codes:
        raise DomainError("Choose at least one language.", "usual")
    if unknown := set(codes) - names().keys():
        raise DomainError(f"There is no language “{min(unknown)}”.", "usual")
    lock(event)
    before, after = languages_of(event), list(dict.fromkeys(codes))
    if before == after:
        return
    row = db.session.get(CertificateLanguages, event.id)
    row = row or CertificateLanguages(event_id=event.id)
    row.languages = after
    db.session.add(row)
    audit.record(
        "certificate languages set", event, actor=actor, now=now, before=before, after=after
    )


@on_duplication
def copy_languages(event: Event, copy: Event) -> None:
    row = db.session.get(CertificateLanguages, event.id)
    if row:
        db.session.add(CertificateLanguages(event_id=copy.id, languages=row.languages))


def wish_language(registration: Registration, code: str, *, actor: User, now: datetime) -> None:
    """Until the certificate is issued; that one keeps its language."""
    lock(registration)  # it may be issued right now
    if queries.certificate_for(registration):
        raise DomainError("Your certificate is issued already, so its language stays.")
    choice = choice_of(registration)
    if code not in choice.on_offer:
        raise DomainError("Choose one of those on offer.", "language")
    row = db.session.get(CertificateLanguageWish, registration.id)
    if row and row.language == code:
        return
    row = row or CertificateLanguageWish(registration_id=registration.id)
    row.language = code
    db.session.add(row)
    audit.record("certificate language chosen", registration, actor=actor, now=now, language=code)
