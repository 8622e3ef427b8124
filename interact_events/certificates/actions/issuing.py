"""Issuing certificates, to one person or to many by the same few statements."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from hashlib import sha256

from sqlalchemy import insert

from interact_events.accounts.models import User
from interact_events.attendance import queries as attendance
from interact_events.attendance.rules import Attended, attended_minutes
from interact_events.certificates import pdf, queries, rules
from interact_events.certificates.emails import certificate_ready
from interact_events.certificates.models import Certificate, CertificateFile
from interact_events.certificates.pdf import NO_CODE, Sheet
from interact_events.certificates.queries import Claim
from interact_events.certificates.queries.designs import choice_of, design_for
from interact_events.certificates.rules import AttendedSession, Facts
from interact_events.certificates.rules.designs import Design
from interact_events.certificates.rules.languages import USUAL, Language, language
from interact_events.core import audit, links, outbox, words
from interact_events.core.clock import to_local
from interact_events.core.db import db, table_of
from interact_events.core.errors import DomainError
from interact_events.core.mail import Mail
from interact_events.events.models import Event, Kind, Mode
from interact_events.events.rules import learning_minutes
from interact_events.interreg.models import Office
from interact_events.registrations.models import Registration, State


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


def check_closed(event: Event) -> None:
    """Refuse while what is certified may still change, and keep it closed until the transaction
    ends."""
    if attendance.held_open(event) is None:
        raise DomainError(
            "Attendance was opened again meanwhile, so no more certificates are issued. Issue the "
            "others once it is right."
        )


@dataclass(frozen=True)
class Draft:
    """A certificate ready to be stored: laid out while no lock was held."""

    registration_id: int
    code: str
    facts: Facts
    pdf: bytes


def draft_certificate(registration_id: int, *, now: datetime) -> Draft | None:
    """Lay out what the person has earned; None without a claim, or if it is issued already."""
    sheet = plan_certificate(registration_id, now=now)
    return _laid_out(registration_id, sheet, now) if sheet else None


def plan_certificate(registration_id: int, *, now: datetime) -> Sheet | None:
    """What the person has earned, to be laid out without the database; None as above."""
    return plan_certificates([registration_id], now=now)[registration_id]


def plan_certificates(numbers: Sequence[int], *, now: datetime) -> dict[int, Sheet | None]:
    """The same for several registrations, in their order."""
    known = {row.id: row for row in queries.registrations_to_certify(numbers)}
    claims, design = queries.claims_of([*known.values()]), cache(design_for)
    return {each: _planned(known[each], claims[each], design, now) for each in numbers}


def _planned(
    registration: Registration,
    claim: Claim,
    design: Callable[[Office, str], Design],
    now: datetime,
) -> Sheet | None:
    if claim.is_issued or registration.state is not State.CONFIRMED:
        return None
    spoken = language(claim.language)
    facts = facts_of(registration, claim.sessions, now=now, spoken=spoken)
    if not _reaches(registration, facts, claim.exception):
        return None
    return _sheet(registration, facts, design)


def is_earned(registration: Registration, facts: Facts) -> bool:
    """By the share of learning time, or by the office's exception."""
    return _reaches(registration, facts, queries.exception_for(registration))


def _reaches(registration: Registration, facts: Facts, exception: bool | None) -> bool:
    threshold = registration.event.certificate_threshold
    return rules.is_entitled(facts.attended_minutes, facts.learning_minutes, threshold, exception)


def drawn(registration_id: int, facts: Facts, *, now: datetime) -> Draft:
    """Facts laid out in today's design with a code of their own, and signed."""
    registration = db.session.get_one(Registration, registration_id)
    return _laid_out(registration_id, _sheet(registration, facts), now)


def _laid_out(registration_id: int, sheet: Sheet, now: datetime) -> Draft:
    batch = pdf.Batch({registration_id: sheet}, now)
    return Draft(registration_id, sheet.code, sheet.facts, pdf.signed_batch(batch)[registration_id])


def _sheet(
    registration: Registration,
    facts: Facts,
    design: Callable[[Office, str], Design] = design_for,
) -> Sheet:
    code = new_code()
    return Sheet(
        facts,
        code,
        verify_url=links.url("certificates.verified", code=code),
        verify_address=links.url("certificates.verify").partition("://")[2],
        design=design(registration.event.office, facts.signatory_name),
    )


def preview_certificate(registration_id: int, *, now: datetime) -> bytes:
    """How the person's certificate would look, marked as a preview, with the code of none."""
    registration = queries.registration_to_certify(registration_id)
    facts = facts_of(registration, queries.attended_by(registration), now=now)
    address = links.url("certificates.verify")
    design = design_for(registration.event.office, facts.signatory_name)
    printed = address.partition("://")[2]
    return pdf.certificate_pdfs([Sheet(facts, NO_CODE, address, printed, design, is_preview=True)])[
        0
    ]


def _printed_name(registration: Registration) -> str:
    """Until they have confirmed their address, only what staff wrote is known to be theirs; of a
    deleted account only what audits ask for is left."""
    user = registration.user
    is_known = user.confirmed_at and not user.is_deleted
    return user.printed_name if is_known else registration.name


def facts_of(
    registration: Registration,
    sessions: list[Attended],
    *,
    now: datetime,
    spoken: Language | None = None,
) -> Facts:
    """What is true, and what things are called, at this moment."""
    event = registration.event
    spoken = spoken or language(choice_of(registration).language)
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
        place=_place(event, language(USUAL)),
        sessions=_sessions(sessions, event),
        attended_minutes=attended_minutes(sessions),
        learning_minutes=learning_minutes(event.agenda),
        office=event.office.name,
        signatory_name=event.office.signatory_name,
        signatory_title=event.office.signatory_title,
        publicity=event.period.publicity,
        issued_on=_day(now, event),
        **_in_words_of(spoken, registration),
    )


def _sessions(attended: Sequence[Attended], event: Event) -> tuple[AttendedSession, ...]:
    return tuple(
        AttendedSession(each.session.title, _day(each.session.starts_at, event), each.minutes)
        for each in attended
    )


def _in_words_of(spoken: Language, registration: Registration) -> dict[str, str]:
    """What the language writes in its own way; in English the facts themselves."""
    if spoken.code == USUAL:
        return {}
    country = registration.country
    return {
        "language": spoken.code,
        "printed_country": spoken.country(country.code, country.name),
        "printed_place": _place(registration.event, spoken),
    }


def _place(event: Event, spoken: Language) -> str:
    if not event.mode.has_place:
        return spoken.say("online")
    country = spoken.country(event.country.code, event.country.name) if event.country else ""
    parts = [part for part in (event.city, country) if part]
    place = ", ".join(parts) if parts else spoken.say("no_place")
    return spoken.say("and_online", place=place) if event.mode is Mode.HYBRID else place


def _day(instant: datetime, event: Event) -> date:
    return to_local(instant, event.zone).date()


def issue_certificate(draft: Draft, *, actor: User, now: datetime) -> Certificate | None:
    """Store it for good and write to its owner; None if another worker was first."""
    return next(iter(issue_certificates([draft], actor=actor, now=now)), None)


def issue_certificates(drafts: Sequence[Draft], *, actor: User, now: datetime) -> list[Certificate]:
    """The same for several; those that another worker has issued, or that hold no more, are left
    out."""
    rows = queries.registrations_held([draft.registration_id for draft in drafts])
    claims = queries.claims_of(rows)
    known = {row.id: (row, claims[row.id]) for row in rows}
    good = [
        draft
        for draft in drafts
        if not claims[draft.registration_id].is_issued
        and _holds(draft, *known[draft.registration_id])
    ]
    return give(good, actor=actor, now=now)


def give(drafts: Sequence[Draft], *, actor: User, now: datetime) -> list[Certificate]:
    """Store what the caller has checked, and write to the owners."""
    certificates = store_all(drafts, actor=actor, now=now)
    postings = [
        posting_to(
            certificate.registration,
            certificate_ready(certificate, draft.facts),
            key=f"certificate-ready:{certificate.id}",
        )
        for certificate, draft in zip(certificates, drafts, strict=True)
    ]
    outbox.post_all([each for each in postings if each], now=now)
    return certificates


def still_holds(draft: Draft, registration: Registration) -> bool:
    """Whether seat, name, claim, attendance and language are still those for which it was laid
    out: who corrects their name or deletes their account meanwhile gets none in the old one."""
    return _holds(draft, registration, queries.claims_of([registration])[registration.id])


def _holds(draft: Draft, registration: Registration, claim: Claim) -> bool:
    return (
        registration.state is State.CONFIRMED
        and _reaches(registration, draft.facts, claim.exception)
        and _printed_name(registration) == draft.facts.name
        and claim.minutes == draft.facts.attended_minutes
        and _sessions(claim.sessions, registration.event) == draft.facts.sessions
        and claim.language == draft.facts.language
    )


def store(draft: Draft, *, replaces: Certificate | None, actor: User, now: datetime) -> Certificate:
    """A row and its file, for good."""
    return store_all([draft], replaces=replaces, actor=actor, now=now)[0]


def store_all(
    drafts: Sequence[Draft], *, replaces: Certificate | None = None, actor: User, now: datetime
) -> list[Certificate]:
    """A row and its file for each, by one statement for all rows and one for all files."""
    if not drafts:
        return []
    rows = [_row(draft, replaces, actor, now) for draft in drafts]
    inserted = db.session.scalars(insert(Certificate).returning(Certificate), rows)
    known = {certificate.code: certificate for certificate in inserted}
    certificates = [known[draft.code] for draft in drafts]
    files = [{"certificate_id": known[draft.code].id, "pdf": draft.pdf} for draft in drafts]
    db.session.execute(insert(table_of(CertificateFile)), files)
    issued = [("issued", each, {"sha256": each.sha256}) for each in certificates]
    audit.record_all(issued, actor=actor, now=now)
    return certificates


def _row(
    draft: Draft, replaces: Certificate | None, actor: User, now: datetime
) -> dict[str, object]:
    owner = db.session.get_one(Registration, draft.registration_id).user
    return {
        "registration_id": draft.registration_id,
        "code": draft.code,
        "facts": rules.as_json(draft.facts),
        "search_text": words.folded(draft.facts.name),
        "sha256": sha256(draft.pdf).hexdigest(),
        "holder_hash": rules.holder_hash(owner.email, draft.code),
        "issued_at": now,
        "issued_by_id": actor.id,
        "replaces_id": replaces.id if replaces else None,
    }


def write_to(registration: Registration, mail: Mail, *, key: str, now: datetime) -> None:
    """To the person whose certificate it is, unless their account is deleted."""
    posting = posting_to(registration, mail, key=key)
    outbox.post_all([posting] if posting else [], now=now)


def posting_to(registration: Registration, mail: Mail, *, key: str) -> outbox.Posting | None:
    """The same, to be posted with others."""
    user, event = registration.user, registration.event
    if user.is_deleted:
        return None
    return outbox.Posting(
        mail=mail,
        to=outbox.Recipient(user.name, user.email, user.id),
        key=key,
        reply_to=event.contact_email or event.office.email,
        event_id=event.id,
    )
