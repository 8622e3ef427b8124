"""Certificates that are issued by themselves: once, when it is due, or staff read why not."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from interact_events.accounts.models import Level, User
from interact_events.attendance.actions import close_attendance, reopen_attendance
from interact_events.attendance.queries import closing_of
from interact_events.certificates import pdf, queries
from interact_events.certificates.actions import choose_automatic, stop_automatic
from interact_events.certificates.jobs import issue_due_certificates, start_issuing
from interact_events.certificates.models import MOST_RETRIES, AutomaticIssue, Certificate
from interact_events.certificates.rules import issues_at
from interact_events.core import clock, signing
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.jobs import Job, JobState, run_queued
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Event, EventState
from tests import make
from tests.certificates.stored import quickly_signed, stored
from tests.certificates.test_actions import ended_event, participant
from tests.client import Client


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "signed_batch", quickly_signed)


@pytest.fixture
def lead(app: Flask) -> User:
    return make.member(level=Level.LEAD, name="Ann Lead")


@pytest.fixture
def event(lead: User) -> Event:
    """Ten days ago; seven days after it certificates were to be issued."""
    event = ended_event()
    chosen(event, 7, lead)
    return event


def chosen(event: Event, days: int | None, lead: User, ago: float = 20) -> None:
    choose_automatic(event, days, actor=lead, now=make.days(-ago))
    db.session.commit()


def run(app: Flask, times: int = 2) -> None:
    for _ in range(times):
        issue_due_certificates()
        run_queued(app)


def issued() -> list[tuple[int, int]]:
    rows = db.session.execute(select(Certificate.registration_id, Certificate.issued_by_id))
    return sorted((one, two) for one, two in rows)


def told() -> list[str]:
    """Why staff read that nothing was issued."""
    mails = select(OutboxMessage).where(OutboxMessage.kind == "certificates.not_issued")
    return [mail.values["why"] for mail in db.session.scalars(mails.order_by(OutboxMessage.id))]


def test_they_are_issued_once_in_the_name_of_whoever_chose_it(
    app: Flask, event: Event, lead: User
) -> None:
    row = participant(event)
    participant(event, "Left early", sessions=1)
    run(app, times=3)
    assert issued() == [(row.id, lead.id)]
    assert len(db.session.scalars(select(Job)).all()) == 1
    closing = closing_of(event)
    assert closing
    assert closing.closed_by_id == lead.id
    begun = select(AuditEntry.actor_id).where(AuditEntry.action == "automatic certificates begun")
    assert db.session.scalars(begun).all() == [lead.id]
    assert told() == []
    with pytest.raises(DomainError, match="already"):
        choose_automatic(event, 3, actor=lead, now=clock.now())


@pytest.mark.parametrize("days", [None, 11])
def test_not_before_it_is_due_nor_when_it_is_off(
    app: Flask, event: Event, lead: User, days: int | None
) -> None:
    participant(event)
    chosen(event, days, lead)
    run(app)
    assert (issued(), told()) == ([], [])


def test_a_lead_stops_it_and_the_offices_choice_stays(app: Flask, event: Event, lead: User) -> None:
    participant(event)
    stop_automatic(event, actor=lead, now=clock.now())
    db.session.commit()
    run(app)
    assert issued() == []
    later = queries.automatic_of(make.event(title="Later"))
    assert later
    assert (later.choice.days, later.is_own, later.at is not None) == (7, False, True)


def test_where_a_lead_was_faster_nothing_happens(app: Flask, event: Event, lead: User) -> None:
    stored(participant(event))
    close_attendance(event, actor=lead, now=make.days(-9))
    reopen_attendance(event, reason="Later", actor=lead, now=make.days(-8))
    db.session.commit()
    run(app)
    assert (told(), db.session.scalars(select(Job)).all()) == ([], [])
    row = db.session.get_one(AutomaticIssue, event.id)
    assert (row.stopped_at is not None, row.stopped_by_id) == (True, None)


def test_a_cancelled_event_has_none(app: Flask, event: Event) -> None:
    participant(event)
    event.state = EventState.CANCELLED
    run(app)
    assert (issued(), told()) == ([], [])


def test_the_offices_latest_choice_holds_for_events_that_end_later(
    app: Flask, event: Event, lead: User
) -> None:
    other = ended_event(title="Other")
    row = participant(other)
    elsewhere = ended_event(title="Elsewhere", office_id=make.office("vienna").id)
    participant(elsewhere)
    before = make.event(starts_at=make.days(-31), ends_at=make.days(-30))
    participant(before, sessions=1)
    run(app)
    assert issued() == [(row.id, lead.id)]
    kept = db.session.get_one(AutomaticIssue, other.id)
    assert (kept.days, kept.is_chosen, kept.started_at is not None) == (7, False, True)
    assert db.session.get(AutomaticIssue, before.id) is None


def test_empty_attendance_is_told_to_leads_and_editors_once(
    app: Flask, event: Event, lead: User
) -> None:
    row = make.registration(event)
    make.member(level=Level.EDITOR)
    make.member(level=Level.VIEWER)
    run(app, times=3)
    assert (issued(), told()) == ([], ["Nobody is noted as present at any session."] * 2)
    make.presence(row, *event.sessions)
    run(app)
    assert issued() == [(row.id, lead.id)]


def test_not_while_nothing_can_be_signed(
    app: Flask, event: Event, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = participant(event)

    def expired(now: datetime) -> None:
        raise DomainError("The signing certificate expired.")

    with monkeypatch.context() as patch:
        patch.setattr(signing, "usable_seal", expired)
        run(app)
    assert (issued(), told(), closing_of(event)) == ([], ["The signing certificate expired."], None)
    run(app)
    assert issued() == [(row.id, lead.id)]


def test_not_while_corrections_are_open(app: Flask, event: Event, lead: User) -> None:
    row = participant(event)
    close_attendance(event, actor=lead, now=make.days(-9))
    reopen_attendance(event, reason="Wrong list", actor=lead, now=make.days(-8))
    db.session.commit()
    run(app)
    assert issued() == []
    assert ["opened again" in why for why in told()] == [True]
    close_attendance(event, actor=lead, now=clock.now())
    db.session.commit()
    run(app)
    assert issued() == [(row.id, lead.id)]


def test_who_left_the_office_acts_no_more(app: Flask, event: Event, lead: User) -> None:
    participant(event)
    make.member(level=Level.LEAD)
    for membership in lead.memberships:
        membership.ended_at = clock.now()
    db.session.commit()
    db.session.expire_all()
    run(app)
    assert issued() == []
    assert [why.startswith("Ann Lead, who chose this,") for why in told()] == [True]


# -- what fails ----------------------------------------------------------------------------------


def a_day_later(monkeypatch: pytest.MonkeyPatch) -> None:
    at = clock.now() + timedelta(days=1, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: at)


def broken(_batch: pdf.Batch) -> dict[int, bytes]:
    raise OSError("no room, no network, whatever")


def states() -> list[JobState]:
    return list(db.session.scalars(select(Job.state).order_by(Job.id)))


def test_what_failed_is_tried_again_the_next_day(
    app: Flask, event: Event, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = participant(event)
    with monkeypatch.context() as patch:
        patch.setattr(pdf, "signed_batch", broken)
        run(app, times=3)
    assert (states(), issued()) == ([JobState.FAILED], [])
    a_day_later(monkeypatch)
    run(app, times=3)
    assert states() == [JobState.FAILED, JobState.DONE]
    assert (issued(), told()) == ([(row.id, lead.id)], [])
    assert db.session.get_one(AutomaticIssue, event.id).retries == 1


def test_what_fails_for_days_is_told_to_staff_once(
    client: Client, app: Flask, event: Event, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    participant(event)
    monkeypatch.setattr(pdf, "signed_batch", broken)
    run(app)
    client.sign_in(lead)
    assert "That failed. It is tried again after a day." in client.get(address(event)).text
    for _ in range(MOST_RETRIES + 2):
        a_day_later(monkeypatch)
        run(app)
    client.sign_in(lead)
    page = client.get(address(event)).text
    assert "That failed, also when it was tried again. No more is tried by itself." in page
    assert states() == [JobState.FAILED] * (1 + MOST_RETRIES)
    mails = select(OutboxMessage).where(OutboxMessage.kind == "certificates.issue_failed")
    (mail,) = db.session.scalars(mails)
    assert mail.person_id == lead.id
    assert mail.values["why"].startswith("Something went wrong on our side.")


def test_where_a_lead_went_on_it_is_not_tried_again(
    app: Flask, event: Event, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    participant(event)
    with monkeypatch.context() as patch:
        patch.setattr(pdf, "signed_batch", broken)
        run(app)
    start_issuing(event, actor=lead, now=clock.now())
    db.session.commit()
    run_queued(app)
    a_day_later(monkeypatch)
    run(app)
    assert states() == [JobState.FAILED, JobState.DONE]


def test_not_again_while_attendance_is_open(
    app: Flask, event: Event, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    participant(event)
    with monkeypatch.context() as patch:
        patch.setattr(pdf, "signed_batch", broken)
        run(app)
    reopen_attendance(event, reason="Wrong list", actor=lead, now=clock.now())
    db.session.commit()
    a_day_later(monkeypatch)
    run(app, times=3)
    assert (states(), issued()) == ([JobState.FAILED], [])
    assert ["opened again" in why for why in told()] == [True]


# -- the pages -----------------------------------------------------------------------------------


def address(event: Event, rest: str = "") -> str:
    return f"/offices/turku/events/{event.slug}/certificates{rest}"


def test_leads_choose_and_stop_it_on_the_page(client: Client, lead: User) -> None:
    event = make.event()
    client.sign_in(lead)
    assert "Off: certificates are issued only" in client.get(address(event)).text
    wrong = client.press(address(event, "/automatic"), days="0")
    assert "Give a number of days from 1 to 60." in wrong.text
    client.press(address(event, "/automatic"), days="7")
    page = client.get(address(event)).text
    assert "7 days after the end, as Ann Lead chose." in page
    client.press(address(event, "/automatic/stop"))
    assert (
        "by Ann Lead. Certificates of this event are issued only" in client.get(address(event)).text
    )
    client.press(address(event, "/automatic"), days="")
    assert db.session.get_one(AutomaticIssue, event.id).days is None


def test_others_do_not(client: Client, event: Event) -> None:
    for person, code in (
        (make.member(level=Level.EDITOR), 403),
        (make.member("vienna", Level.LEAD), 404),
        (make.user(), 404),
    ):
        client.sign_in(person)
        assert client.get(address(event, "/automatic")).status_code == code
        assert client.press(address(event, "/automatic/stop")).status_code == code


# -- when ----------------------------------------------------------------------------------------


@given(
    st.integers(0, 2_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.sampled_from(["Europe/Helsinki", "Europe/Vienna", "Atlantic/Azores", "UTC"]),
    st.integers(1, 60),
)
def test_it_is_the_same_time_on_the_clocks_of_the_event(
    ends_at: datetime, zone: str, days: int
) -> None:
    at = issues_at(ends_at, zone, days)
    assert abs(at - ends_at - timedelta(days=days)) <= timedelta(hours=1)
    local = clock.to_local(at, zone).date() - clock.to_local(ends_at, zone).date()
    assert abs(local.days - days) <= 1
