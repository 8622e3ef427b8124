from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import func, select

from interact_events.accounts.models import Level
from interact_events.certificates import jobs as certificate_jobs
from interact_events.certificates.actions import draft_certificate
from interact_events.certificates.jobs import issue_certificates
from interact_events.certificates.models import Certificate, CertificateFile
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs import LOST_AFTER, Job, JobState, run_job, run_queued, start
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Event
from tests import make
from tests.certificates.test_actions import ended_event, participant


def begin(event: Event) -> Job:
    """The lead has pressed the button."""
    job = start(
        issue_certificates,
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
    laid_out = iter(range(5))

    def dying(registration_id: int, **values: object) -> object:
        if next(laid_out) == 2:
            raise Killed
        return draft_certificate(registration_id, now=clock.now())

    with monkeypatch.context() as patched:
        patched.setattr(certificate_jobs, "draft_certificate", dying)
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
    laid_out = iter(range(2))

    def failing(registration_id: int, **values: object) -> object:
        if next(laid_out) == 1:
            raise OSError("no space left on device")
        return draft_certificate(registration_id, now=clock.now())

    monkeypatch.setattr(certificate_jobs, "draft_certificate", failing)
    run_job(job.id)
    db.session.refresh(job)
    assert job.state is JobState.FAILED
    assert "What was done so far is kept" in job.outcome
    assert len(issued()) == 1


def test_an_event_that_is_not_over_is_refused_in_words(app: Flask) -> None:
    job = begin(make.event())
    run_job(job.id)
    db.session.refresh(job)
    assert (job.state, job.outcome) == (
        JobState.FAILED,
        "Certificates can be issued once the event has ended.",
    )
