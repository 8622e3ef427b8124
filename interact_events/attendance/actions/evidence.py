"""Keeping what people have signed, and removing what does not belong there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from interact_events.accounts.models import User
from interact_events.attendance import queries
from interact_events.attendance.models import EvidenceFile
from interact_events.core import audit, files, words
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.events.models import Event

EVIDENCE = "evidence"  # of the storage
MOST_EVIDENCE = 500  # files of one event


@dataclass(frozen=True)
class Scan:
    """A file that is stored already, under the name that people save it as."""

    stored: files.Stored
    name: str


def keep_evidence(
    event: Event,
    scans: Sequence[Scan],
    *,
    session_id: int | None = None,
    held_on: date | None = None,
    actor: User,
    now: datetime,
) -> list[EvidenceFile]:
    """Put files to the event's evidence; each once, however often it is sent."""
    lock(event)
    _check_room(event, len(scans))
    _check_about(event, session_id, held_on)
    _check_new(event, scans)
    kept = [
        EvidenceFile(
            event_id=event.id,
            session_id=session_id,
            held_on=held_on,
            stored_as=scan.stored.name,
            file_name=scan.name,
            size=scan.stored.size,
            sha256=scan.stored.sha256,
            uploaded_at=now,
            uploaded_by_id=actor.id,
        )
        for scan in scans
    ]
    db.session.add_all(kept)
    for scan in scans:
        facts = {"file": scan.name, "sha256": scan.stored.sha256}
        audit.record("evidence kept", event, actor=actor, now=now, **facts)
    return kept


def _check_room(event: Event, number: int) -> None:
    if queries.evidence_count(event) + number > MOST_EVIDENCE:
        raise DomainError(
            f"An event can have {MOST_EVIDENCE} files of evidence. Put several pages into one PDF.",
            "files",
        )


def _check_about(event: Event, session_id: int | None, held_on: date | None) -> None:
    is_known = session_id is None or any(each.id == session_id for each in event.agenda)
    if not is_known or (held_on and held_on not in queries.days_of(event)):
        raise DomainError("Choose a session or a day of this event.", "about")


def _check_new(event: Event, scans: Sequence[Scan]) -> None:
    """The same bytes under another name are the same paper."""
    there = queries.evidence_by_content(event)
    for scan in scans:
        if scan.stored.sha256 in there:
            earlier = there[scan.stored.sha256]
            raise DomainError(f"“{scan.name}” is there already, as “{earlier}”.", "files")
        there[scan.stored.sha256] = scan.name


def remove_evidence(file: EvidenceFile, *, actor: User, now: datetime) -> None:
    """Remove the file for good; that it was there, and who removed it, stays."""
    event = file.event
    lock(event)
    db.session.refresh(file)
    if file.stored_as is None:
        at = words.moment(file.removed_at, event.zone) if file.removed_at else ""
        raise DomainError(f"“{file.file_name}” was removed already, on {at}.")
    files.remove_later(file.stored_as)
    file.stored_as, file.removed_at, file.removed_by_id = None, now, actor.id
    facts = {"file": file.file_name, "sha256": file.sha256}
    audit.record("evidence removed", event, actor=actor, now=now, **facts)
