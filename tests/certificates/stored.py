"""Certificates without the time that laying one out takes."""

from datetime import datetime
from typing import Any

from interact_events.certificates import queries
from interact_events.certificates.actions import replace_certificate
from interact_events.certificates.actions.issuing import Draft, facts_of, new_code, store, write_to
from interact_events.certificates.emails import certificate_ready
from interact_events.certificates.models import Certificate
from interact_events.certificates.pdf import Batch
from interact_events.certificates.rules import Facts, from_json
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.registrations.models import Registration
from tests import make

PDF = b"%PDF-1.7\n% not laid out\n"


def stored(row: Registration, *, pdf: bytes = PDF, **values: Any) -> Certificate:
    """As `issue_certificate` leaves it, its mail included."""
    now = clock.now()
    facts = facts_of(row, queries.attended_by(row), now=now)
    draft = Draft(row.id, new_code(), facts, pdf + str(row.id).encode())
    actor = values.get("actor") or make.member()
    certificate = store(draft, replaces=None, actor=actor, now=now)
    key = f"certificate-ready:{certificate.id}"
    write_to(row, certificate_ready(certificate, facts), key=key, now=now)
    db.session.commit()
    return certificate


def quickly_drawn(registration_id: int, facts: Facts, *, now: datetime) -> Draft:
    """In place of `issuing.drawn`, for tests of what happens around it."""
    code = new_code()
    return Draft(registration_id, code, facts, PDF + code.encode())


def replacing(old: Certificate) -> Certificate:
    """One that has taken the place of another."""
    now, facts = clock.now(), from_json(old.facts)
    draft = quickly_drawn(old.registration_id, facts, now=now)
    actor = make.member()
    new = replace_certificate(old, draft, reason="Misspelt", actor=actor, now=now)
    db.session.commit()
    return new


def quickly_signed(batch: Batch) -> dict[int, bytes]:
    """In place of `pdf.signed_batch`, for tests of what happens around it."""
    return {each: PDF + sheet.code.encode() for each, sheet in batch.sheets.items() if sheet}
