import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, delete, func, select, text

from interact_events.accounts.actions import delete_account
from interact_events.accounts.models import Level
from interact_events.attendance.actions import close_attendance, reopen_attendance
from interact_events.attendance.models import Presence
from interact_events.certificates import actions
from interact_events.certificates import jobs as certificate_jobs
from interact_events.certificates import pdf as certificate_pdf
from interact_events.certificates.actions import Draft, issue_certificates
from interact_events.certificates.models import Certificate, CertificateFile
from interact_events.certificates.pdf import Batch
from interact_events.core import clock, pdf, signing
from interact_events.core.db import db
from interact_events.core.jobs import LOST_AFTER, Job, JobState, run_job, run_queued, start
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Event
from interact_events.factory import create_app
from interact_events.registrations.models import Registration
from tests import make
from tests.certificates.stored import quickly_signed, stored
from tests.certificates.test_actions import ended_event, participant
from tests.client import Client, counted
from tests.conftest import settings_for


def begin(event: Event, *, closes: bool = True) -> Job:
    """The lead has pressed the button."""
    if closes:
        close_attendance(event, actor=None, now=clock.now())
    job = start(
        certificate_jobs.issue_certificates,
        "Certificates",
        actor=make.member(level=Level.LEAD),
        now=clock.now(),
        back_url="/",
        event_id=event.id,
    )
    db.session.commit()
    return job


def issued() -> Counter[int]:
    """How many certificates each registration has."""
    return Counter(db.session.scalars(select(Certificate.registration_id)))


def test_everybody_who_earned_one_gets_one(app: Flask) -> None:
    event = ended_event()
    rows = [participant(event, f"Person {n}") for n in range(3)]
    participant(event, "Left early", sessions=1)
    job = begin(event)
    run_queued(app)
    db.session.refresh(job)
    assert issued() == {row.id: 1 for row in rows}
    assert (job.state, job.done, job.total) == (JobState.DONE, 3, 3)
    assert job.outcome == "3 certificates issued, each sent to its owner by mail."


def test_pressed_twice_makes_no_second_one(app: Flask) -> None:
    event = ended_event()
    row = participant(event)
    jobs = [begin(event), begin(event)]
    run_queued(app)
    assert issued() == {row.id: 1}
    assert [job.outcome for job in jobs] == [
        "1 certificate issued, each sent to its owner by mail.",
        "Nobody was waiting for a certificate.",
    ]


def hashes() -> dict[str, str]:
    rows = db.session.execute(select(Certificate.code, Certificate.sha256))
    return {code: sha256 for code, sha256 in rows}  # noqa: C416  # rows are no pairs to mypy


class Killed(BaseException):
    """The process ends here, as by SIGKILL: nothing catches it."""


def test_killed_in_the_middle_it_goes_on_where_it_stopped(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = ended_event()
    rows = [participant(event, f"Person {n}") for n in range(5)]
    job = begin(event)
    stored = iter(range(3))

    def dying(drafts: Sequence[Draft], **values: Any) -> object:
        done = issue_certificates(drafts, **values)
        if next(stored) == 1:
            raise Killed
        return done

    with monkeypatch.context() as patched:
        patched.setattr(certificate_jobs, "AT_ONCE", 2)
        patched.setattr(actions, "issue_certificates", dying)
        with pytest.raises(Killed):
            run_job(job.id)
    db.session.rollback()
    assert len(issued()) == 2
    first = hashes()

    run_job(job.id)  # too early: its worker may still live
    assert len(issued()) == 2
    job.seen_at = clock.now() - 2 * LOST_AFTER
    db.session.commit()
    run_job(job.id)
    db.session.refresh(job)
    assert issued() == {row.id: 1 for row in rows}
    assert (job.state, job.done, job.total) == (JobState.DONE, 5, 5)
    after = hashes()
    assert first.items() <= after.items()
    for table in (CertificateFile, OutboxMessage):
        assert db.session.scalar(select(func.count()).select_from(table)) == 5


def test_a_failure_keeps_what_was_done(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = ended_event()
    for n in range(2):
        participant(event, f"Person {n}")
    job = begin(event)
    stored = iter(range(2))

    def failing(drafts: Sequence[Draft], **values: Any) -> object:
        done = issue_certificates(drafts, **values)
        if next(stored) == 1:
            raise OSError("some other thing is broken")
        return done

    monkeypatch.setattr(certificate_jobs, "AT_ONCE", 1)
    monkeypatch.setattr(actions, "issue_certificates", failing)
    run_job(job.id)
    db.session.refresh(job)
    assert job.state is JobState.FAILED
    assert "What was done so far is kept" in job.outcome
    assert len(issued()) == 1


def test_one_that_cannot_be_printed_holds_up_nobody_else(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = ended_event()
    rows = [participant(event, f"Person {n}") for n in range(3)]
    job = begin(event)

    def printing(batch: Batch) -> dict[int, bytes]:
        if batch.sheets.get(rows[0].id):
            raise ValueError("no glyph, no page, whatever")
        return quickly_signed(batch)

    monkeypatch.setattr(certificate_pdf, "signed_batch", printing)
    run_job(job.id)
    db.session.refresh(job)
    assert issued() == {rows[1].id: 1, rows[2].id: 1}
    assert job.state is JobState.FAILED
    assert job.outcome.startswith("2 certificates issued. Those of Person 0 can’t be printed")


def test_it_ends_where_attendance_is_opened_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = ended_event()
    rows = [participant(event, f"Person {n}") for n in range(3)]
    job = begin(event)

    def reopening(drafts: Sequence[Draft], **values: Any) -> object:
        certificates = issue_certificates(drafts, **values)
        reopen_attendance(event, reason="A page", actor=make.member(), now=clock.now())
        return certificates

    monkeypatch.setattr(certificate_jobs, "AT_ONCE", 1)
    monkeypatch.setattr(actions, "issue_certificates", reopening)
    run_job(job.id)
    db.session.refresh(job)
    assert (job.state, issued()) == (JobState.FAILED, {rows[0].id: 1})
    assert job.outcome.startswith("Attendance was opened again meanwhile, so no more")


def test_without_a_time_stamp_it_ends_and_nothing_is_half_done(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = ended_event()
    participant(event)
    job, seal = begin(event), without_time_stamps()
    monkeypatch.setitem(app.extensions, "seal", lambda: seal)
    run_job(job.id)
    db.session.refresh(job)
    assert job.state is JobState.FAILED
    assert job.outcome.startswith("The time-stamp server localhost gave no time stamp")
    assert (issued(), db.session.scalar(select(func.count(OutboxMessage.id)))) == ({}, 0)


def without_time_stamps() -> signing.Seal:
    """The server is away."""
    return replace(signing.current_seal(), timestamper=signing.TimeStamper("http://localhost:9/"))


def test_an_event_that_is_not_over_is_refused_in_words(app: Flask) -> None:
    job = begin(make.event(), closes=False)
    run_job(job.id)
    db.session.refresh(job)
    assert (job.state, job.outcome) == (
        JobState.FAILED,
        "Certificates can be issued once the event has ended.",
    )


# -- stopped, pressed twice, without room --------------------------------------------------------


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate_pdf, "signed_batch", quickly_signed)


def mails() -> Counter[int | None]:
    return Counter(db.session.scalars(select(OutboxMessage.person_id)))


def address(event: Event, rest: str = "") -> str:
    return f"/offices/turku/events/{event.slug}/certificates{rest}"


@pytest.mark.usefixtures("quick")
def test_stopped_in_the_middle_another_lead_continues(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = ended_event()
    rows = [participant(event, f"Person {n}") for n in range(4)]
    client.sign_in(make.member(level=Level.LEAD))
    client.press(address(event, "/issue"))
    assert "Issuing waits for its turn" in client.get(address(event)).text
    laid_out = iter(range(4))

    def pressing(batch: Batch) -> dict[int, bytes]:
        if next(laid_out) == 1:
            page = client.get(address(event)).text
            assert "1 of 4 done" in page
            assert "3 people have none yet" in page
            client.press(address(event, "/issue/stop"))
        return quickly_signed(batch)

    monkeypatch.setattr(certificate_jobs, "AT_ONCE", 1)
    with monkeypatch.context() as patched:
        patched.setattr(certificate_pdf, "signed_batch", pressing)
        run_queued(app)
    assert len(issued()) == 2
    page = client.get(address(event)).text
    assert "Issuing was stopped" in page
    assert "Stopped after 2 of 4" in page
    assert "Continue issuing: 2 certificates" in page
    client.sign_in(make.member(level=Level.LEAD))
    client.press(address(event, "/issue"))
    run_queued(app)
    assert issued() == {row.id: 1 for row in rows}
    assert mails() == {row.user_id: 1 for row in rows}
    assert "Everybody who earned one" in client.get(address(event)).text


@pytest.mark.usefixtures("quick")
def test_more_people_cost_no_more_statements(app: Flask, connection: Connection) -> None:
    used = []
    for people in (1, 3, 9):
        event = ended_event(title=f"For {people}")
        for n in range(people):
            participant(event, f"Person {n}")
        job = begin(event)
        db.session.expire_all()
        with counted(connection) as statements:
            run_job(job.id)
        used.append(len(statements))
    assert len(issued()) == 13
    assert used[0] == used[1] == used[2] < 60, used


@pytest.mark.usefixtures("quick")
def test_what_another_worker_has_issued_is_left_out(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = ended_event()
    rows = [participant(event, f"Person {n}") for n in range(3)]
    job = begin(event)

    def overtaken(batch: Batch) -> dict[int, bytes]:
        stored(rows[1])
        return quickly_signed(batch)

    monkeypatch.setattr(certificate_pdf, "signed_batch", overtaken)
    run_job(job.id)
    db.session.refresh(job)
    assert issued() == {row.id: 1 for row in rows}
    assert mails() == {row.user_id: 1 for row in rows}
    assert job.outcome == "2 certificates issued, each sent to its owner by mail."


def renamed(row: Registration) -> None:
    row.user.certificate_name = "Zoë Žižková"


def deleted(row: Registration) -> None:
    delete_account(row.user, now=clock.now())


def present_elsewhere(row: Registration) -> None:
    """For as long, but at the other session."""
    db.session.execute(delete(Presence).where(Presence.registration_id == row.id))
    make.presence(row, row.event.sessions[1])


@pytest.mark.parametrize("change", [renamed, deleted, present_elsewhere])
def test_nothing_is_issued_in_words_that_changed_while_it_was_laid_out(
    app: Flask, monkeypatch: pytest.MonkeyPatch, change: Callable[[Registration], None]
) -> None:
    event = ended_event(certificate_threshold=50)
    row, other = (participant(event, f"Person {n}", sessions=1) for n in range(2))
    row.user.certificate_name = "Dr Person"
    job = begin(event)

    def changing(batch: Batch) -> dict[int, bytes]:
        change(row)
        db.session.commit()
        return quickly_signed(batch)

    monkeypatch.setattr(certificate_pdf, "signed_batch", changing)
    run_job(job.id)
    assert issued() == {other.id: 1}
    monkeypatch.setattr(certificate_pdf, "signed_batch", quickly_signed)
    run_job(begin(event, closes=False).id)
    assert issued() == {row.id: 1, other.id: 1}


@pytest.mark.usefixtures("quick")
def test_two_tabs_press_the_same_work(client: Client, app: Flask) -> None:
    event = ended_event()
    row = participant(event)
    for _ in range(2):
        client.sign_in(make.member(level=Level.LEAD))
        assert client.press(address(event, "/issue")).status_code == 303
    run_queued(app)
    assert len(db.session.scalars(select(Job)).all()) == 1
    assert (issued(), mails()) == ({row.id: 1}, {row.user_id: 1})


def test_colleagues_do_not_stop_it(client: Client, app: Flask) -> None:
    event = ended_event()
    begin(event)
    for person, code in (
        (make.member(level=Level.EDITOR), 403),
        (make.member("vienna", Level.LEAD), 404),
    ):
        client.sign_in(person)
        assert client.press(address(event, "/issue/stop")).status_code == code


def test_without_its_fonts_nothing_is_issued(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = ended_event()
    participant(event)
    job = begin(event)
    monkeypatch.setattr(pdf, "matching_family", lambda _family: "Some Other")
    pdf.insist_on_fonts.cache_clear()
    run_job(job.id)
    db.session.refresh(job)
    assert job.state is JobState.FAILED
    assert "has not got the fonts Open Sans and DejaVu Sans" in job.outcome
    assert not issued()


@pytest.fixture
def small_app(migrated_app: Flask, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database file of its own, which may be told not to grow."""
    assert migrated_app.name
    if not database_url.startswith("sqlite:///"):
        pytest.skip("a file that may not grow is SQLite's")
    copy = tmp_path / "small.sqlite"
    with (
        closing(sqlite3.connect(database_url.removeprefix("sqlite:///"))) as whole,
        closing(sqlite3.connect(copy)) as other,
    ):
        whole.backup(other)
    small = create_app(settings_for(tmp_path, f"sqlite:///{copy}"), queue_in_memory=True)
    with small.app_context():
        yield small
        db.session.remove()
        db.engine.dispose()


@pytest.mark.usefixtures("quick")
def test_a_full_disk_fails_in_words_and_nothing_is_half_done(
    small_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = ended_event()
    rows = [participant(event, f"Person {n}") for n in range(3)]
    job = begin(event)
    monkeypatch.setattr(certificate_pdf, "signed_batch", heavily_signed)
    monkeypatch.setattr(certificate_jobs, "AT_ONCE", 1)
    pages = db.session.execute(text("PRAGMA page_count")).scalar_one()
    db.session.execute(text(f"PRAGMA max_page_count = {pages + 40}"))  # room for one of them
    db.session.commit()
    run_job(job.id)
    db.session.refresh(job)
    assert job.state is JobState.FAILED
    assert "There is no room left on the disk." in job.outcome
    assert 0 < len(issued()) < 3
    whole = (Certificate, CertificateFile, OutboxMessage)
    numbers = {db.session.scalar(select(func.count()).select_from(table)) for table in whole}
    assert numbers == {len(issued())}
    db.session.execute(text("PRAGMA max_page_count = 1000000"))
    again = begin(event)
    run_job(again.id)
    assert issued() == {row.id: 1 for row in rows}
    assert mails() == {row.user_id: 1 for row in rows}


def heavily_signed(batch: Batch) -> dict[int, bytes]:
    return {each: file + b"\0" * 100_000 for each, file in quickly_signed(batch).items()}
