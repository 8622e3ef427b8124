"""Issuing an event's certificates in the background."""

from interact_events.accounts.models import User
from interact_events.certificates import queries
from interact_events.certificates.actions import (
    check_issuable,
    draft_certificate,
    issue_certificate,
)
from interact_events.core import clock, words
from interact_events.core.db import db, reading
from interact_events.core.jobs import Job, report, task
from interact_events.events.models import Event


@task
def issue_certificates(job: Job, event_id: int) -> str:
    """Issue what is still missing; each person's certificate is saved before the next begins.

    Running it again, or after a crash, goes on where it stopped.
    """
    entitled, done = _whom_to_issue(event_id)
    report(job, done, done + len(entitled))
    issued = 0
    for registration_id in entitled:
        issued += _issue_one(registration_id, job.owner_id)
        done += 1
        report(job, done, job.total)
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


def _issue_one(registration_id: int, actor_id: int) -> bool:
    """Laid out while only reading, so that on SQLite others can write meanwhile."""
    now = clock.now()
    db.session.commit()
    with reading():
        draft = draft_certificate(registration_id, now=now)
        db.session.commit()
    if draft is None:
        return False
    actor = db.session.get_one(User, actor_id)
    return issue_certificate(draft, actor=actor, now=now) is not None
