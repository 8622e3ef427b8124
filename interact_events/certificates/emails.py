"""What is written to people about their certificates."""

from interact_events.certificates.models import Certificate
from interact_events.certificates.rules import Facts, printed
from interact_events.core import words
from interact_events.core.links import url
from interact_events.core.mail import Mail, Owner, Variable, compose, kind
from interact_events.events.models import Event

CERTIFICATE_READY = kind(
    "certificates.certificate_ready",
    "A certificate is ready",
    Variable("name", "the person’s name", "Ζωή Παπαδοπούλου"),
    Variable("event", "the event’s title", "First-level control in practice"),
    Variable("dates", "its days", "12–13 May 2027"),
    Variable("place", "where it was", "Turku, Finland"),
    Variable("hours", "of learning", "6.5 hours"),
    Variable("office", "the office that ran the event", "Interact Office Turku"),
    Variable("link", "where to download it", "https://events.example.eu/certificates/ABC.pdf"),
    Variable("mine_link", "all their certificates", "https://events.example.eu/my/certificates"),
    Variable("check_link", "where anybody checks it", "https://events.example.eu/verify/ABC"),
    Variable("printed_code", "the code on it", "ABCD-EFGH-JKLM"),
)


def certificate_ready(certificate: Certificate, facts: Facts) -> Mail:
    """The link to fetch it, and the one by which others check it."""
    code = certificate.code
    return compose(
        CERTIFICATE_READY,
        name=facts.name,
        event=facts.event,
        dates=facts.dates,
        place=facts.place,
        hours=words.hours(facts.attended_minutes),
        office=facts.office,
        link=url("certificates.download", code=code),
        mine_link=url("certificates.mine"),
        check_link=url("certificates.verified", code=code),
        printed_code=printed(code),
    )


_REPLY = (
    Variable("name", "the person’s name", "Ζωή Παπαδοπούλου"),
    Variable("event", "the event’s title", "First-level control in practice"),
    Variable("dates", "its days", "12–13 May 2027"),
    Variable("office", "the office that ran the event", "Interact Office Turku"),
    Variable("reason", "what the office wrote", "Your name was misspelt."),
    Variable("old_code", "the code that is valid no more", "ABCD-EFGH-JKLM"),
)

CERTIFICATE_REPLACED = kind(
    "certificates.certificate_replaced",
    "A corrected certificate replaces another",
    *_REPLY,
    Variable("printed_code", "the code on the new one", "7Q4K-92MX-HD3T"),
    Variable("link", "where to download it", "https://events.example.eu/certificates/ABC.pdf"),
    Variable("check_link", "where anybody checks it", "https://events.example.eu/verify/ABC"),
)

CERTIFICATE_REVOKED = kind("certificates.certificate_revoked", "A certificate is revoked", *_REPLY)


def certificate_replaced(new: Certificate, facts: Facts, old_code: str, reason: str) -> Mail:
    """The link to the new one, and why the old one is valid no more."""
    return compose(
        CERTIFICATE_REPLACED,
        name=facts.name,
        event=facts.event,
        dates=facts.dates,
        office=facts.office,
        reason=reason,
        old_code=printed(old_code),
        printed_code=printed(new.code),
        link=url("certificates.download", code=new.code),
        check_link=url("certificates.verified", code=new.code),
    )


def certificate_revoked(certificate: Certificate, facts: Facts, reason: str) -> Mail:
    """That it is valid no more, and why."""
    return compose(
        CERTIFICATE_REVOKED,
        name=facts.name,
        event=facts.event,
        dates=facts.dates,
        office=facts.office,
        reason=reason,
        old_code=printed(certificate.code),
    )


NOT_ISSUED = kind(
    "certificates.not_issued",
    "Certificates are not issued automatically",
    Variable("name", "the colleague’s name", "Anna Virtanen"),
    Variable("event", "the event’s title", "First-level control in practice"),
    Variable("why", "what stands in the way", "Nobody is noted as present at any session."),
    Variable("link", "the event’s page of certificates", "https://events.example.eu/offices/x"),
    owner=Owner.ACCOUNT,
)


def not_issued(event: Event, name: str, why: str) -> Mail:
    """To staff, instead of certificates that were due."""
    return compose(NOT_ISSUED, name=name, event=event.title, why=why, link=_page_of(event))


ISSUE_FAILED = kind(
    "certificates.issue_failed",
    "Certificates could not be issued automatically",
    Variable("name", "the colleague’s name", "Anna Virtanen"),
    Variable("event", "the event’s title", "First-level control in practice"),
    Variable("why", "how it ended the last time", "Something went wrong on our side."),
    Variable("link", "the event’s page of certificates", "https://events.example.eu/offices/x"),
    owner=Owner.ACCOUNT,
)


def issue_failed(event: Event, name: str, why: str) -> Mail:
    """To staff, when it is not tried again any more."""
    return compose(ISSUE_FAILED, name=name, event=event.title, why=why, link=_page_of(event))


def _page_of(event: Event) -> str:
    return url("office_certificates.index", code=event.office.code, slug=event.slug)
