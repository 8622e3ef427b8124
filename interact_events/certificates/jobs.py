"""Issuing an event's certificates in the background, and publishing the key that signs badges."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import func, select

from interact_events.accounts.models import User
from interact_events.certificates import actions, pdf, queries
from interact_events.certificates.actions import (
    Draft,
    begin_again,
    begin_automatic,
    check_closed,
    check_issuable,
    plan_certificates,
    publish_key,
)
from interact_events.certificates.models import MOST_RETRIES, AutomaticIssue
from interact_events.core import clock, words
from interact_events.core.audit import HasId
from interact_events.core.db import db, reading
from interact_events.core.errors import DomainError
from interact_events.core.jobs import Job, JobState, every, name_of, report, start, task
from interact_events.events.models import Event

log = structlog.get_logger()

AGAIN_AFTER = timedelta(days=1)
AT_ONCE = 50  # certificates made and stored together; more would hardly be faster


@task
def issue_certificates(job: Job, event_id: int) -> str:
    """Issue what is still missing; some people's certificates are saved before the next ones'.

    Running it again, or after a crash, goes on where it stopped. It ends where attendance is opened
    again: nobody is certified what may still change.
    """
    entitled, done = _whom_to_issue(event_id)
    report(job, done, done + len(entitled))
    issued, unprinted = 0, []
    for at in range(0, len(entitled), AT_ONCE):
        batch = _planned(entitled[at : at + AT_ONCE])
        pdfs = _signed(batch)
        issued += _store(event_id, batch, pdfs, job.owner_id)
        wanted = ((number, sheet) for number, sheet in batch.sheets.items() if sheet)
        unprinted += [sheet.facts.name for number, sheet in wanted if number not in pdfs]
        done += len(batch.sheets)
        report(job, done, job.total)
    if unprinted:
        raise DomainError(
            f"{words.count(issued, 'certificate')} issued. Those of {', '.join(unprinted)} can’t "
            "be printed, and we have noted why. Look at their previews."
        )
    if not issued:
        return "Nobody was waiting for a certificate."
    return f"{words.count(issued, 'certificate')} issued, each sent to its owner by mail."


def _whom_to_issue(event_id: int) -> tuple[list[int], int]:
    """The registrations still without a certificate, and how many have one."""
    event = db.session.get_one(Event, event_id)
    check_issuable(event, now=clock.now())
    entitled = [row for row in queries.standings(event) if row.is_entitled]
    missing = [row.registration.id for row in entitled if not row.certificate]
    return missing, len(entitled) - len(missing)


def _planned(registrations: Sequence[int]) -> pdf.Batch:
    """Only reading, so that on SQLite others can write meanwhile."""
    now = clock.now()
    db.session.commit()
    with reading():
        sheets = plan_certificates(registrations, now=now)
        db.session.commit()
    return pdf.Batch(sheets, now)


def _signed(batch: pdf.Batch) -> dict[int, bytes]:
    """By registration; one that can't be printed is left out and holds up nobody else."""
    try:
        return pdf.signed_batch(batch)
    except (DomainError, OSError):  # no key, no fonts, no room: it is so for everybody
        raise
    except Exception:
        log.exception("certificate_not_printed", registrations=list(batch.sheets))
    if len(batch.sheets) == 1:
        return {}
    alone = (pdf.Batch({number: sheet}, batch.at) for number, sheet in batch.sheets.items())
    return {number: file for each in alone for number, file in _signed(each).items()}


def _store(event_id: int, batch: pdf.Batch, pdfs: Mapping[int, bytes], actor_id: int) -> int:
    """How many of them it became."""
    drafts = [
        Draft(number, sheet.code, sheet.facts, pdfs[number])
        for number, sheet in batch.sheets.items()
        if sheet and number in pdfs
    ]
    check_closed(db.session.get_one(Event, event_id))
    actor = db.session.get_one(User, actor_id)
    return len(actions.issue_certificates(drafts, actor=actor, now=batch.at))


@every(minutes=10)
def publish_signing_key() -> None:
    """Publish the key that signs badges, if it has changed."""
    with suppress(DomainError):  # one that can't sign says so where a badge is fetched
        publish_key(now=clock.now())
    db.session.commit()


def start_issuing(event: Event, *, actor: HasId, now: datetime) -> Job:
    """The job; pressed in two tabs it is the same one. The caller holds the event."""
    latest = latest_issuing(event)
    if latest and not latest.is_over and not latest.is_cancel_asked:
        return latest
    return start(
        issue_certificates,
        f"Certificates for {event.title}",
        actor=actor,
        now=now,
        back_url=f"/offices/{event.office.code}/events/{event.slug}/certificates",
        event_id=event.id,
    )


def latest_issuing(event: Event) -> Job | None:
    """The job that was started last for the event, while its page exists."""
    of_event = Job.arguments["event_id"].as_integer() == event.id
    query = select(Job).where(Job.task == name_of(issue_certificates), of_event)
    return db.session.scalar(query.order_by(Job.id.desc()).limit(1))


@every(minutes=10)
def issue_due_certificates() -> None:
    """Give certificates without a press where an office has chosen so and the days are over.

    Each event by itself: what can't begin is tried again in ten minutes, and what has begun and
    failed on the next days.
    """
    with reading():
        now = clock.now()
        due, failed = queries.events_to_issue(now), _failed(now)
        db.session.commit()
    for event_id in due:
        _begin(event_id, begin_automatic)
    for event_id, failure in failed:
        _begin(event_id, partial(begin_again, failure=failure))


def _failed(now: datetime) -> list[tuple[int, str]]:
    """Events whose automatic issue has failed a day ago, and how; none where a lead has gone on."""
    row, of_event = AutomaticIssue, Job.arguments["event_id"].as_integer()
    latest = (
        select(func.max(Job.id))
        .where(Job.task == name_of(issue_certificates), of_event == row.event_id)
        .correlate(row)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(row.event_id, Job.outcome)
        .join(Job, Job.id == latest)
        .where(
            row.started_at <= now - AGAIN_AFTER,
            row.retries <= MOST_RETRIES,
            Job.state == JobState.FAILED,
        )
        .order_by(row.event_id)
    )
    return [(event_id, outcome) for event_id, outcome in rows]


def _begin(event_id: int, begins: Callable[..., AutomaticIssue | None]) -> None:
    try:
        event, now = db.session.get_one(Event, event_id), clock.now()
        choice = begins(event, now=now)
        if choice:
            start_issuing(event, actor=choice.set_by, now=now)
        db.session.commit()
    except Exception:
        log.exception("automatic_issue_failed", event_id=event_id)
        db.session.rollback()
