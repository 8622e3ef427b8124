"""Who gets a paper, and what was handed in of it."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from interact_events.accounts.models import User
from interact_events.attendance.models import EvidenceFile
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.core.words import folded
from interact_events.events.models import Event
from interact_events.registrations.models import Registration, State


def on_site(event: Event, role_id: int | None = None) -> list[Registration]:
    """The confirmed who come to the place, by name as an English reader looks for it."""
    found = (
        select(Registration)
        .where(*_on_site(event))
        .options(joinedload(Registration.country), joinedload(Registration.programme))
    )
    if role_id:
        found = found.where(Registration.role_id == role_id)
    return sorted(db.session.scalars(found), key=lambda row: (folded(row.name), row.id))


def roles_on_site(event: Event) -> list[tuple[int, str, int]]:
    """Each role that they have: its number, its words, how many have it."""
    label = func.min(Registration.role_label)
    rows = db.session.execute(
        select(Registration.role_id, label, func.count())
        .where(*_on_site(event))
        .group_by(Registration.role_id)
        .order_by(label)
    )
    return [(role_id, words, number) for role_id, words, number in rows]


def _on_site(event: Event) -> tuple[ColumnElement[bool], ...]:
    return (
        Registration.event_id == event.id,
        Registration.state == State.CONFIRMED,
        Registration.is_online.is_(False),
    )


def days_of(event: Event) -> list[date]:
    """The days of its calendar on which there is a session; without any, all its days."""
    held = {to_local(each.starts_at, event.zone).date() for each in event.agenda}
    if held:
        return sorted(held)
    first = to_local(event.starts_at, event.zone).date()
    last = to_local(event.ends_at, event.zone).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


# -- evidence ------------------------------------------------------------------------------------


def evidence_of(event: Event) -> Sequence[EvidenceFile]:
    """All of it, what was removed among it, latest first."""
    return db.session.scalars(
        select(EvidenceFile)
        .where(EvidenceFile.event_id == event.id)
        .options(
            joinedload(EvidenceFile.session),
            joinedload(EvidenceFile.uploaded_by).lazyload(User.memberships),
            joinedload(EvidenceFile.removed_by).lazyload(User.memberships),
        )
        .order_by(EvidenceFile.id.desc())
    ).all()


def evidence_file(event: Event, file_id: int) -> EvidenceFile | None:
    """A file of the event that was not removed."""
    return db.session.scalar(
        select(EvidenceFile).where(
            EvidenceFile.id == file_id,
            EvidenceFile.event_id == event.id,
            EvidenceFile.removed_at.is_(None),
        )
    )


def evidence_with_files() -> Sequence[EvidenceFile]:
    return db.session.scalars(
        select(EvidenceFile)
        .where(EvidenceFile.stored_as.is_not(None))
        .options(joinedload(EvidenceFile.event))
        .order_by(EvidenceFile.id)
    ).all()


def evidence_count(event: Event) -> int:
    found = select(func.count()).select_from(EvidenceFile)
    return db.session.scalar(found.where(EvidenceFile.event_id == event.id)) or 0


def evidence_by_content(event: Event) -> dict[str, str]:
    """What is there: {sha256: file name}."""
    rows = db.session.execute(
        select(EvidenceFile.sha256, EvidenceFile.file_name).where(
            EvidenceFile.event_id == event.id, EvidenceFile.removed_at.is_(None)
        )
    )
    return {row.sha256: row.file_name for row in rows}


def evidence_names() -> set[str]:
    """Every file of the storage that a row names."""
    names = select(EvidenceFile.stored_as).where(EvidenceFile.stored_as.is_not(None))
    return {name for name in db.session.scalars(names) if name}
