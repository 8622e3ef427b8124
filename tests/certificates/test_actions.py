from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from interact_events.attendance.rules import Attended, attended
from interact_events.certificates import queries, rules
from interact_events.certificates.actions import (
    check_issuable,
    draft_certificate,
    facts_of,
    issue_certificate,
)
from interact_events.certificates.models import Certificate
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Event, EventState, Kind, Mode
from interact_events.interreg.models import Publicity
from interact_events.registrations.models import Registration, State
from tests import make


def ended_event(**values: Any) -> Event:
    """Ten days ago in Turku: two sessions of three hours, 09:00 to 15:00 UTC."""
    start = make.days(-10).replace(hour=9)
    middle, end = start + timedelta(hours=3), start + timedelta(hours=6)
    sessions = [("Flat rates", start, middle), ("Audit trail", middle, end)]
    return make.event(starts_at=start, ends_at=end, sessions=sessions, **values)


def participant(event: Event, name: str = "Zoë Žižka", sessions: int = 2) -> Registration:
    row = make.registration(event, make.user(name))
    make.presence(row, *event.sessions[:sessions])
    return row


def issue(row: Registration) -> Certificate | None:
    draft = draft_certificate(row.id, now=clock.now())
    if draft is None:
        return None
    certificate = issue_certificate(draft, actor=make.member(), now=clock.now())
    db.session.commit()
    return certificate


def all_of(event: Event) -> list[Attended]:
    return attended(event.agenda, dict.fromkeys(each.id for each in event.agenda))


def test_facts_are_those_of_the_day(app: Flask) -> None:
    event = ended_event(title="Simplified cost options")
    row = participant(event)
    row.user.certificate_name = "Dr Zoë Žižka"
    facts = facts_of(row, all_of(event), now=clock.now())
    day = clock.to_local(event.starts_at, event.zone).date()
    assert facts == rules.Facts(
        name="Dr Zoë Žižka",
        role="Controller",
        programme=make.programme().name,
        institution="Regional Council of Southwest Finland",
        country="Finland",
        event="Simplified cost options",
        kind="workshop",
        starts_on=day,
        ends_on=day,
        dates=f"{day.day} {day:%B %Y}",
        place="Turku, Finland",
        sessions=(
            rules.AttendedSession("Flat rates", day, 180),
            rules.AttendedSession("Audit trail", day, 180),
        ),
        attended_minutes=360,
        learning_minutes=360,
        office="Interact Office Turku",
        signatory_name=event.office.signatory_name,
        signatory_title="Head of Interact Office Turku",
        publicity=Publicity.COFUNDED,
        issued_on=clock.to_local(clock.now(), event.zone).date(),
    )


def test_days_are_those_of_the_events_zone(app: Flask) -> None:
    late = make.days(-10).replace(hour=23)  # the next day in Turku
    event = make.event(starts_at=late, ends_at=late + timedelta(hours=2))
    facts = facts_of(participant(event, sessions=1), all_of(event), now=late)
    day = (late + timedelta(days=1)).date()
    assert (facts.starts_on, facts.sessions[0].on, facts.issued_on) == (day, day, day)


def test_words_follow_kind_mode_and_period(app: Flask) -> None:
    event = ended_event(kind=Kind.QA, mode=Mode.HYBRID, period_id=make.period("2014-2020").id)
    facts = facts_of(participant(event), [], now=clock.now())
    assert (facts.kind, facts.place) == ("Q&A", "Turku, Finland, and online")
    assert (facts.role, facts.publicity) == ("First-level controller", Publicity.ERDF)


def test_a_certificate_is_stored_with_its_hash_mail_and_trail(app: Flask) -> None:
    row = participant(ended_event(contact_email="kontakt@turku.example"))
    certificate = issue(row)
    assert certificate
    db.session.commit()
    assert rules.is_well_typed(certificate.code)
    assert sha256(queries.file_of(certificate)).hexdigest() == certificate.sha256
    assert certificate.holder_hash == rules.holder_hash(row.user.email, certificate.code)
    assert rules.from_json(certificate.facts).name == "Zoë Žižka"
    mail = db.session.scalars(select(OutboxMessage)).one()
    assert (mail.to_address, mail.reply_to) == (row.user.email, "kontakt@turku.example")
    assert mail.subject == "Your certificate of attendance: Simplified cost options"
    for address in (f"/certificates/{certificate.code}.pdf", f"/verify/{certificate.code}"):
        assert f"http://localhost/certificates{address.removeprefix('/certificates')}" in mail.text
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject_type, entry.subject_id) == (
        *("issued", "certificates"),
        certificate.id,
    )


def test_the_file_and_facts_outlive_every_change(app: Flask) -> None:
    row = participant(ended_event())
    certificate = issue(row)
    assert certificate
    before = (queries.file_of(certificate), certificate.facts, certificate.sha256)
    row.user.name = row.name = "Somebody Else"
    row.event.title, row.event.city = "Another title", "Oulu"
    row.role_label, row.event.office.name = "Auditor", "Another office"
    db.session.commit()
    assert issue(row) is None
    db.session.refresh(certificate)
    assert (queries.file_of(certificate), certificate.facts, certificate.sha256) == before


def test_nobody_gets_a_second_one(app: Flask) -> None:
    row = participant(ended_event())
    now, lead = clock.now(), make.member()
    drafts = [draft_certificate(row.id, now=now) for _ in range(2)]  # two workers at once
    issued = [draft and issue_certificate(draft, actor=lead, now=now) for draft in drafts]
    assert [bool(certificate) for certificate in issued] == [True, False]
    assert len(db.session.scalars(select(Certificate)).all()) == 1
    assert len(db.session.scalars(select(OutboxMessage)).all()) == 1


def test_below_the_threshold_there_is_none(app: Flask) -> None:
    assert issue(participant(ended_event(certificate_threshold=51), sessions=1)) is None


def test_exactly_at_the_threshold_there_is_one(app: Flask) -> None:
    assert issue(participant(ended_event(certificate_threshold=50), sessions=1))


def test_parallel_sessions_count_once_towards_it(app: Flask) -> None:
    event = ended_event(certificate_threshold=51)
    first = event.sessions[0]
    parallel = make.session(event, "Parallel", first.starts_at, first.ends_at)
    row = make.registration(event)
    make.presence(row, first, parallel)
    db.session.refresh(event)
    assert issue(row) is None


def test_breaks_and_cancelled_sessions_do_not_count(app: Flask) -> None:
    event = ended_event(certificate_threshold=100)
    row = participant(event, sessions=1)
    event.sessions[1].is_learning = False
    assert draft_certificate(row.id, now=clock.now())
    event.sessions[1].is_learning = True
    assert draft_certificate(row.id, now=clock.now()) is None
    event.sessions[1].cancelled_at = clock.now()
    assert draft_certificate(row.id, now=clock.now())


def test_standings_say_who_has_earned_one(app: Flask) -> None:
    event = ended_event()
    all_of_it, half = participant(event, "Anna"), participant(event, "Bea", sessions=1)
    participant(event, "Cecilia", sessions=0)
    make.registration(event, make.user("Dora"), State.CANCELLED)
    issue(all_of_it)
    db.session.commit()
    assert [
        (s.registration.name, s.attended_minutes, s.percent, s.is_entitled, bool(s.certificate))
        for s in queries.standings(event)
    ] == [
        ("Anna", 360, 100, True, True),
        ("Bea", 180, 50, False, False),
        ("Cecilia", 0, 0, False, False),
    ]
    assert half.event_id == event.id


def test_nothing_is_issued_too_early_or_for_nothing(app: Flask) -> None:
    event, now = ended_event(), clock.now()
    check_issuable(event, now=now)
    check_issuable(event, now=event.ends_at)
    with pytest.raises(DomainError, match="once the event has ended"):
        check_issuable(event, now=event.ends_at - timedelta(seconds=1))
    event.state = EventState.CANCELLED
    with pytest.raises(DomainError, match="cancelled"):
        check_issuable(event, now=now)
    event.state = EventState.PUBLISHED
    for session in event.sessions:
        session.is_learning = False
    with pytest.raises(DomainError, match="counts as learning time"):
        check_issuable(event, now=now)
