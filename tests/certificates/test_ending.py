from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from interact_events.accounts.actions import delete_account
from interact_events.attendance.actions import correct
from interact_events.certificates import pdf, queries, rules
from interact_events.certificates.actions import (
    Corrected,
    draft_anew,
    draft_certificate,
    draft_replacement,
    ending,
    except_person,
    issue_anew,
    issue_certificate,
    replace_certificate,
    revoke_certificate,
    take_exception_back,
)
from interact_events.certificates.models import Certificate, Ending
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import OutboxMessage
from interact_events.registrations.actions import forget_deleted_people
from interact_events.registrations.models import State
from tests import make
from tests.certificates.stored import quickly_drawn, quickly_signed, stored
from tests.certificates.test_actions import ended_event, issue, participant


def corrected(name: str = "Dr Zoë Žižka", **values: bool) -> Corrected:
    return Corrected(name, "Controller", "Regional Council of Southwest Finland", **values)


def put_right(certificate: Certificate, values: Corrected, reason: str = "Misspelt") -> Certificate:
    now = clock.now()
    draft = draft_replacement(certificate, values, now=now)
    new = replace_certificate(certificate, draft, reason=reason, actor=make.member(), now=now)
    db.session.commit()
    return new


def issued() -> Certificate:
    certificate = issue(participant(ended_event()))
    assert certificate
    return certificate


# -- replacing -----------------------------------------------------------------------------------


def test_a_corrected_certificate_replaces_the_other_for_good(app: Flask) -> None:
    old = issued()
    before, file = dict(old.facts), queries.file_of(old)
    new = put_right(old, corrected())
    assert (old.ending, old.reason, old.facts, queries.file_of(old)) == (
        Ending.REPLACED,
        "Misspelt",
        before,
        file,
    )
    assert (new.replaces_id, new.is_valid, new.code == old.code) == (old.id, True, False)
    assert {k: v for k, v in new.facts.items() if v != before[k]} == {
        "name": "Dr Zoë Žižka",
        **(
            {}
            if new.facts["issued_on"] == before["issued_on"]
            else {"issued_on": new.facts["issued_on"]}
        ),
    }
    assert queries.certificate_for(new.registration) == new
    mail = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert mail
    assert mail.subject == "Your corrected certificate of attendance: Simplified cost options"
    assert "Misspelt" in mail.text


def test_a_replacement_takes_hours_anew_only_if_asked_to(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "drawn", quickly_drawn)
    old = stored(participant(ended_event()))
    make.presence_taken_back(old.registration, old.registration.event.sessions[1])
    kept = draft_replacement(old, corrected(), now=clock.now())
    with pytest.raises(DomainError, match="share is too small"):
        draft_replacement(old, corrected(is_attendance_anew=True), now=clock.now())
    old.registration.event.certificate_threshold = 50
    anew = draft_replacement(old, corrected(is_attendance_anew=True), now=clock.now())
    assert (kept.facts.attended_minutes, anew.facts.attended_minutes) == (360, 180)
    make.presence_taken_back(old.registration, old.registration.event.sessions[0])
    with pytest.raises(DomainError, match="revoke the certificate instead"):
        draft_replacement(old, corrected(is_attendance_anew=True), now=clock.now())


def test_a_replacement_takes_no_hours_that_have_changed_meanwhile(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "drawn", quickly_drawn)
    event, now, lead = ended_event(certificate_threshold=50), clock.now(), make.member()
    row = participant(event, sessions=1)
    old = stored(row)
    make.presence(row, event.sessions[1])
    anew = draft_replacement(old, corrected(is_attendance_anew=True), now=now)
    make.presence_taken_back(row, event.sessions[1])
    with pytest.raises(DomainError, match="changed meanwhile"):
        replace_certificate(old, anew, reason="x", actor=lead, now=now)


def test_a_replacement_that_says_the_same_is_refused(app: Flask) -> None:
    with pytest.raises(DomainError, match="Nothing is different"):
        draft_replacement(issued(), corrected(name="Zoë Žižka"), now=clock.now())


def test_of_two_who_replace_one_the_later_reads_it(app: Flask) -> None:
    old, now, actor = issued(), clock.now(), make.member()
    drafts = [draft_replacement(old, corrected(name=name), now=now) for name in ("A", "B")]
    replace_certificate(old, drafts[0], reason="x", actor=actor, now=now)
    with pytest.raises(DomainError, match="replaced already"):
        replace_certificate(old, drafts[1], reason="x", actor=actor, now=now)
    assert db.session.scalar(select(func.count(Certificate.id))) == 2


def test_a_replacement_is_replaced_in_its_turn(app: Flask) -> None:
    first = issued()
    second = put_right(first, corrected(name="B"))
    third = put_right(second, corrected(name="C"))
    assert [row.ending for row in (first, second, third)] == [Ending.REPLACED] * 2 + [None]
    found = queries.replacement_of(first)
    assert found
    assert (found.id, second.replaces_id) == (second.id, first.id)


# -- revoking ------------------------------------------------------------------------------------


def test_a_revoked_certificate_is_not_issued_anew_by_itself(app: Flask) -> None:
    old, lead = issued(), make.member()
    revoke_certificate(old, reason=" Never came ", actor=lead, now=clock.now())
    assert (old.ending, old.reason, old.ended_by_id) == (Ending.REVOKED, "Never came", lead.id)
    assert draft_certificate(old.registration_id, now=clock.now()) is None
    trail = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id.desc())).first()
    assert trail == "revoked"
    mails = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert mails[-1].subject == "Your certificate of attendance is revoked: Simplified cost options"
    with pytest.raises(DomainError, match="revoked already"):
        revoke_certificate(old, reason="x", actor=lead, now=clock.now())


def test_who_has_a_revoked_one_gets_another_by_a_press_of_its_own(app: Flask) -> None:
    old, now, lead = issued(), clock.now(), make.member()
    with pytest.raises(DomainError, match="Only somebody whose certificate was revoked"):
        draft_anew(old.registration_id, now=now)
    revoke_certificate(old, reason="The wrong person", actor=lead, now=now)
    drafts = [draft_anew(old.registration_id, now=now) for _ in range(2)]
    new = issue_anew(drafts[0], actor=lead, now=now)
    assert (old.ending, new.is_valid, new.replaces_id) == (Ending.REVOKED, True, None)
    assert new.code != old.code
    mail = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert mail
    assert (mail.kind, new.code in mail.text) == ("certificates.certificate_ready", True)
    with pytest.raises(DomainError, match="Only somebody whose certificate was revoked"):
        issue_anew(drafts[1], actor=lead, now=now)


def test_another_one_takes_a_claim_as_things_are_now(app: Flask) -> None:
    old, now, lead = issued(), clock.now(), make.member()
    row = old.registration
    revoke_certificate(old, reason="Left at noon", actor=lead, now=now)
    draft = draft_anew(row.id, now=now)
    make.presence_taken_back(row, row.event.sessions[1])
    with pytest.raises(DomainError, match="changed meanwhile"):
        issue_anew(draft, actor=lead, now=now)
    with pytest.raises(DomainError, match="has not earned a certificate"):
        draft_anew(row.id, now=now)
    except_person(row, gives=True, reason="Spoke at noon", actor=lead, now=now)
    assert issue_anew(draft_anew(row.id, now=now), actor=lead, now=now).is_valid
    row.state = State.CANCELLED
    with pytest.raises(DomainError, match="is issued already"):
        except_person(row, gives=False, reason="x", actor=lead, now=now)


@pytest.mark.parametrize(("reason", "hint"), [(" ", "Say why"), ("x" * 1001, "1,000")])
def test_ending_one_needs_a_reason(app: Flask, reason: str, hint: str) -> None:
    with pytest.raises(DomainError, match=hint):
        revoke_certificate(issued(), reason=reason, actor=make.member(), now=clock.now())


# -- without an account --------------------------------------------------------------------------


def test_whoever_deleted_their_account_keeps_the_name_of_the_list_and_gets_no_mail(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "signed_batch", quickly_signed)
    row, lead = participant(ended_event()), make.member()
    delete_account(row.user, now=clock.now())
    forget_deleted_people(row.event, now=clock.now())
    certificate = issue(row)
    assert certificate
    assert certificate.facts["name"] == row.name == "Zoë Žižka"
    new = put_right(certificate, corrected())
    revoke_certificate(new, reason="x", actor=lead, now=clock.now())
    assert db.session.scalars(select(OutboxMessage)).all() == []


# -- exceptions ----------------------------------------------------------------------------------


def test_an_exception_gives_one_below_the_share_and_withholds_one_above(app: Flask) -> None:
    event, lead, now = ended_event(), make.member(), clock.now()
    half, whole = participant(event, sessions=1), participant(event, "Whole")
    except_person(half, gives=True, reason="Spoke herself", actor=lead, now=now)
    except_person(whole, gives=False, reason="Slept", actor=lead, now=now)
    entitled = {row.registration.name: row.is_entitled for row in queries.standings(event)}
    assert entitled == {"Zoë Žižka": True, "Whole": False}
    given = draft_certificate(half.id, now=now)
    assert given
    assert given.facts.attended_minutes == 180
    assert draft_certificate(whole.id, now=now) is None
    take_exception_back(whole, actor=lead, now=now)
    assert draft_certificate(whole.id, now=now)


def test_exceptions_that_make_no_sense_are_refused(app: Flask) -> None:
    event, lead, now = ended_event(), make.member(), clock.now()
    never, left = participant(event, sessions=0), participant(event, "Left")
    left.state = State.CANCELLED
    certified = participant(event, "Certified")
    issue(certified)
    for row, hint in (
        (never, "nothing to certify"),
        (left, "no confirmed seat"),
        (certified, "already"),
    ):
        with pytest.raises(DomainError, match=hint):
            except_person(row, gives=True, reason="x", actor=lead, now=now)
    with pytest.raises(DomainError, match="Say why"):
        except_person(never, gives=False, reason="", actor=lead, now=now)


@given(st.integers(0, 600), st.integers(0, 600), st.integers(1, 100), st.none() | st.booleans())
def test_nobody_gets_one_for_nothing(
    attended: int, total: int, percent: int, exception: bool | None
) -> None:
    found = rules.is_entitled(attended, total, percent, exception)
    assert not (found and attended == 0)
    if exception is None:
        assert found == rules.reaches(attended, total, percent)
    elif attended:
        assert found is exception


# -- days ----------------------------------------------------------------------------------------


def test_a_replacement_is_dated_the_day_it_is_issued(app: Flask) -> None:
    old = issued()
    later = clock.now() + timedelta(days=40)
    draft = draft_replacement(old, corrected(), now=later)
    zone = old.registration.event.zone
    assert draft.facts.issued_on == clock.to_local(later, zone).date()


# -- what changes between laying out and storing -------------------------------------------------


def test_who_was_excepted_meanwhile_gets_none(app: Flask) -> None:
    row = participant(ended_event())
    draft = draft_certificate(row.id, now=clock.now())
    assert draft
    except_person(row, gives=False, reason="Asked not to", actor=make.member(), now=clock.now())
    assert issue_certificate(draft, actor=make.member(), now=clock.now()) is None


def test_whose_exception_was_taken_back_meanwhile_gets_none(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "signed_batch", quickly_signed)
    row, lead, now = participant(ended_event(), sessions=1), make.member(), clock.now()
    except_person(row, gives=True, reason="Spoke herself", actor=lead, now=now)
    draft = draft_certificate(row.id, now=now)
    assert draft
    take_exception_back(row, actor=lead, now=now)
    assert issue_certificate(draft, actor=lead, now=now) is None


def test_who_lost_the_seat_meanwhile_gets_none(app: Flask) -> None:
    row = participant(ended_event())
    draft = draft_certificate(row.id, now=clock.now())
    assert draft
    row.state = State.CANCELLED
    db.session.commit()
    assert issue_certificate(draft, actor=make.member(), now=clock.now()) is None
    assert draft_certificate(row.id, now=clock.now()) is None


def test_whose_attendance_was_corrected_meanwhile_gets_none_of_the_former_hours(app: Flask) -> None:
    row = participant(ended_event())
    draft = draft_certificate(row.id, now=clock.now())
    assert draft
    now = clock.now()
    correct(row, row.event.sessions[1], present=False, reason="Left", actor=make.member(), now=now)
    assert issue_certificate(draft, actor=make.member(), now=now) is None
