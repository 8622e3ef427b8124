"""Issuing certificates by themselves some days after an event: once, or staff read why not."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from interact_events.accounts.models import Level, User
from interact_events.accounts.queries import staff_of
from interact_events.attendance.actions import close_attendance
from interact_events.attendance.queries import has_presence
from interact_events.certificates import queries
from interact_events.certificates.actions.issuing import check_issuable
from interact_events.certificates.emails import issue_failed, not_issued
from interact_events.certificates.models import MOST_RETRIES, AutomaticIssue
from interact_events.certificates.rules import Group
from interact_events.core import audit, outbox, signing, words
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.core.mail import Mail
from interact_events.events.models import Event
from interact_events.events.policies import can_lead_event
from interact_events.registrations.actions import on_duplication

STARTED = "Certificates have been issued automatically already."


def choose_automatic(event: Event, days: int | None, *, actor: User, now: datetime) -> None:
    """So many days after the end, or not; also the default of the office's later events."""
    row = _own(event) or AutomaticIssue(event_id=event.id)
    row.days, row.set_at, row.set_by_id, row.is_chosen = days, now, actor.id, True
    row.stopped_at = row.stopped_by_id = None
    db.session.add(row)
    audit.record("automatic certificates chosen", event, actor=actor, now=now, days=days)


@on_duplication
def copy_automatic(event: Event, copy: Event) -> None:
    """In the name of whoever chose it, as long as they lead the copy's office too. It is no choice
    for the office's other events."""
    row = db.session.get(AutomaticIssue, event.id)
    if row and can_lead_event(row.set_by, copy):
        db.session.add(
            AutomaticIssue(
                event_id=copy.id,
                days=row.days,
                set_at=row.set_at,
                set_by_id=row.set_by_id,
                is_chosen=False,
            )
        )


def stop_automatic(event: Event, *, actor: User, now: datetime) -> None:
    """Not this time; what the office usually does stays."""
    row = _own(event) or _taken_over(event)
    if row is None or not row.days:
        raise DomainError("Nothing was going to be issued automatically.")
    if row.stopped_at is None:
        row.stopped_at, row.stopped_by_id = now, actor.id
        audit.record("automatic certificates stopped", event, actor=actor, now=now)


def _own(event: Event) -> AutomaticIssue | None:
    """The event's row, held; refuses what has happened already."""
    lock(event)
    row = db.session.get(AutomaticIssue, event.id, populate_existing=True)
    if row and row.started_at:
        raise DomainError(STARTED)
    return row


def _taken_over(event: Event) -> AutomaticIssue | None:
    """The office's latest choice as the event's own."""
    known = queries.automatic_of(event)
    if known is None:
        return None
    row = AutomaticIssue(
        event_id=event.id,
        days=known.choice.days,
        set_at=known.choice.set_at,
        set_by_id=known.choice.set_by_id,
        is_chosen=False,
    )
    db.session.add(row)
    db.session.flush()
    return row


# -- when it is due ------------------------------------------------------------------------------


class Obstacle(NamedTuple):
    """What keeps certificates from being issued by themselves; the same one is told once."""

    name: str
    sentence: str


def begin_automatic(event: Event, *, now: datetime) -> AutomaticIssue | None:
    """Close attendance in the name of whoever chose it, once; staff read what stands in the way.

    Nothing where somebody was faster, has stopped it, or it has to wait.
    """
    lock(event)
    row = db.session.get(AutomaticIssue, event.id, populate_existing=True) or _taken_over(event)
    if row is None or not row.days or row.started_at or row.stopped_at:
        return None
    if _is_done(event):
        row.stopped_at = now
        audit.record("automatic certificates not needed", event, actor=None, now=now)
        return None
    return row if _begins(event, row, now) else None


def begin_again(event: Event, *, failure: str, now: datetime) -> AutomaticIssue | None:
    """The same where it has begun and failed, a few times; then staff read how it ended."""
    lock(event)
    row = db.session.get_one(AutomaticIssue, event.id, populate_existing=True)
    if row.is_given_up:
        return None
    if row.retries == MOST_RETRIES:
        row.retries += 1
        audit.record("automatic certificates given up", event, actor=None, now=now)
        _tell_staff(event, Obstacle(f"failed:{now:%Y%m%d%H%M%S}", failure), now, issue_failed)
        return None
    if not _begins(event, row, now):
        return None
    row.retries += 1
    return row


def _begins(event: Event, row: AutomaticIssue, now: datetime) -> bool:
    obstacle = _obstacle(event, row, now)
    if obstacle:
        _tell_staff(event, obstacle, now, not_issued)
        return False
    close_attendance(event, actor=row.set_by, now=now)
    row.started_at = now
    audit.record("automatic certificates begun", event, actor=row.set_by, now=now)
    return True


def _is_done(event: Event) -> bool:
    """Whether a lead was faster, and nobody is left."""
    waits = (row.group is Group.WAITING for row in queries.standings(event))
    return bool(queries.number_valid(event)) and not any(waits)


def _obstacle(event: Event, row: AutomaticIssue, now: datetime) -> Obstacle | None:
    try:
        check_issuable(event, now=now)
    except DomainError as refusal:
        return Obstacle("not-issuable", refusal.message)
    return next(_obstacles(event, row, now), None)


def _obstacles(event: Event, row: AutomaticIssue, now: datetime) -> Iterator[Obstacle]:
    try:
        signing.usable_seal(now)
    except DomainError as refusal:
        yield Obstacle("unsigned", refusal.message)
    corrections = queries.open_corrections(event)
    if corrections.reopened_at:
        since = words.moment(corrections.reopened_at, event.zone)
        yield Obstacle(
            f"reopened:{corrections.reopened_at:%Y%m%d%H%M%S}",
            f"Attendance was opened again on {since} and has not been closed since.",
        )
    if corrections.reports:
        waits = "waits" if corrections.reports == 1 else "wait"
        reports = words.count(corrections.reports, "report")
        yield Obstacle("reports", f"{reports} of attendance {waits} to be checked.")
    if not has_presence(event):
        yield Obstacle("empty", "Nobody is noted as present at any session.")
    if not can_lead_event(row.set_by, event):
        yield Obstacle(
            f"nobody:{row.set_by_id}",
            f"{row.set_by.name}, who chose this, does not lead {event.office.name} any more.",
        )


def _tell_staff(
    event: Event, obstacle: Obstacle, now: datetime, mail: Callable[[Event, str, str], Mail]
) -> None:
    """Those who can do something about it; each obstacle once."""
    postings = [
        outbox.Posting(
            mail=mail(event, person.name, obstacle.sentence),
            to=outbox.Recipient(person.name, person.email, person.id),
            key=f"certificates-not-issued:{event.id}:{obstacle.name}:{person.id}",
            reply_to=event.contact_email or event.office.email,
            event_id=event.id,
        )
        for person in _responsible(event)
    ]
    outbox.post_all(postings, now=now)


def _responsible(event: Event) -> list[User]:
    staff = staff_of(event.office)
    return [each.user for each in staff if each.level.includes(Level.EDITOR)]
