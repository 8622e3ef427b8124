"""Reading all that somebody has learnt."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from interact_events.accounts.models import User
from interact_events.accounts.queries import personal_part, token_hash
from interact_events.attendance import rules as attendance
from interact_events.attendance.models import Presence
from interact_events.certificates.models import (
    Certificate,
    LearningRecord,
    LearningRecordFile,
    RecordShare,
)
from interact_events.certificates.rules import (
    Days,
    RecordedEvent,
    RecordFacts,
    code_in,
    parts_signed,
    printed,
    recorded,
)
from interact_events.core import words
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.events.models import Event, EventState, Mode
from interact_events.interreg.models import Publicity
from interact_events.registrations.models import Registration, State


@dataclass(frozen=True)
class Learnt:
    """Somebody's seat at an event that is over, when they were where, and their certificate."""

    registration: Registration
    presence: dict[int, attendance.Spans]
    certificate: str  # its code


def learnt_by(user: User, *, now: datetime) -> list[Learnt]:
    """All that is noted of a person at events that have ended, newest first."""
    noted, codes = _presences_of_user(user), _valid_codes_of_user(user)
    rows = db.session.scalars(
        select(Registration)
        .join(Registration.event)
        .where(
            Registration.user_id == user.id,
            Registration.state == State.CONFIRMED,
            Event.state == EventState.PUBLISHED,
            Event.ends_at <= now,
        )
        .options(
            contains_eager(Registration.event).options(
                joinedload(Event.objective),
                selectinload(Event.sessions),
                selectinload(Event.topics),
            )
        )
        .order_by(Event.starts_at.desc(), Event.id.desc())
    )
    return [Learnt(row, noted[row.id], codes.get(row.id, "")) for row in rows if row.id in noted]


def _presences_of_user(user: User) -> dict[int, dict[int, attendance.Spans]]:
    rows = db.session.execute(
        select(Presence.registration_id, Presence.session_id, Presence.parts)
        .join(Presence.registration)
        .where(Registration.user_id == user.id)
    )
    noted: defaultdict[int, dict[int, attendance.Spans]] = defaultdict(dict)
    for registration_id, session_id, parts in rows:
        noted[registration_id][session_id] = attendance.from_json(parts)
    return dict(noted)


def _valid_codes_of_user(user: User) -> dict[int, str]:
    rows = db.session.execute(
        select(Certificate.registration_id, Certificate.code)
        .join(Certificate.registration)
        .where(Registration.user_id == user.id, Certificate.ended_at.is_(None))
    )
    return {row.registration_id: row.code for row in rows}


def record_of(user: User, learnt: Sequence[Learnt], days: Days, *, now: datetime) -> RecordFacts:
    """What a record of those days says now; the latest event gives the words of its period."""
    found = ((each, _recorded(each, days)) for each in learnt)
    events = [(each, event) for each, event in found if event]
    latest = events[0][0].registration.event.period.publicity if events else Publicity.COFUNDED
    return RecordFacts(
        name=user.printed_name,
        days=days,
        events=tuple(event for _, event in events),
        publicity=latest,
        issued_on=to_local(now, user.zone).date(),
    )


def _recorded(learnt: Learnt, days: Days) -> RecordedEvent | None:
    event = learnt.registration.event
    objective = event.objective
    about = RecordedEvent(
        title=event.title,
        kind=event.kind.label,
        dates=words.day_span(event.starts_at, event.ends_at, event.zone),
        place=_place(learnt.registration),
        office=event.office.name,
        topics=tuple(topic.name for topic in event.topics),
        objective=f"{objective.name} ({objective.period.name})" if objective else "",
        certificate=learnt.certificate,
    )
    return recorded(about, event.agenda, learnt.presence, event.zone, days)


def _place(registration: Registration) -> str:
    """Of a hybrid event, whether their seat was on site."""
    event = registration.event
    is_from_afar = event.mode is Mode.HYBRID and registration.is_online
    return f"Online ({event.place})" if is_from_afar else event.place


def records_of(user: User) -> Sequence[LearningRecord]:
    """All that a person has had issued, newest first."""
    return db.session.scalars(
        select(LearningRecord)
        .where(LearningRecord.user_id == user.id)
        .order_by(LearningRecord.id.desc())
    ).all()


def records_since(user: User, since: datetime) -> Sequence[datetime]:
    """When a person's records were issued since then, latest first."""
    return db.session.scalars(
        select(LearningRecord.issued_at)
        .where(LearningRecord.user_id == user.id, LearningRecord.issued_at > since)
        .order_by(LearningRecord.issued_at.desc())
    ).all()


def own_record(user: User, code: str) -> LearningRecord | None:
    return db.session.scalar(
        select(LearningRecord).where(LearningRecord.code == code, LearningRecord.user_id == user.id)
    )


def record_by_code(code: str) -> LearningRecord | None:
    """The record with that normalised code."""
    return db.session.scalar(select(LearningRecord).where(LearningRecord.code == code))


def latest_record(user_id: int, days: Days) -> LearningRecord | None:
    """The newest valid one of exactly those days."""
    return db.session.scalar(
        select(LearningRecord)
        .where(
            LearningRecord.user_id == user_id,
            LearningRecord.ended_at.is_(None),
            LearningRecord.first_on.is_not_distinct_from(days.first),
            LearningRecord.last_on.is_not_distinct_from(days.last),
        )
        .order_by(LearningRecord.id.desc())
        .limit(1)
    )


def file_of_record(record: LearningRecord) -> bytes:
    """The PDF as it was issued."""
    return db.session.scalars(
        select(LearningRecordFile.pdf).where(LearningRecordFile.record_id == record.id)
    ).one()


@dataclass(frozen=True)
class CheckedRecord:
    """What a file turned out to be: a record as it was issued, or a changed one."""

    record: LearningRecord
    is_altered: bool = False


def checked_record(pdf: bytes) -> CheckedRecord | None:
    """Compare a file with what was issued. Of a changed one only its code is believed."""
    record = _record_with_bytes(pdf)
    if record:
        return CheckedRecord(record)
    parts, code = parts_signed(pdf), code_in(pdf.decode("latin-1"))
    changed = _record_with_bytes(*parts) or (record_by_code(code) if code else None)
    return CheckedRecord(changed, is_altered=True) if changed else None


def _record_with_bytes(*files: bytes) -> LearningRecord | None:
    hashes = [sha256(file).hexdigest() for file in files]
    return db.session.scalar(select(LearningRecord).where(LearningRecord.sha256.in_(hashes)))


def shares_of(user: User, *, now: datetime) -> Sequence[RecordShare]:
    """A person's links that work, newest first."""
    return db.session.scalars(
        select(RecordShare)
        .where(
            RecordShare.user_id == user.id,
            RecordShare.revoked_at.is_(None),
            RecordShare.expires_at > now,
        )
        .order_by(RecordShare.id.desc())
    ).all()


def own_share(user: User, share_id: int) -> RecordShare | None:
    return db.session.scalar(
        select(RecordShare).where(RecordShare.id == share_id, RecordShare.user_id == user.id)
    )


def share_of_token(token: str, *, now: datetime) -> RecordShare | None:
    """The link that works, with whose it is."""
    return db.session.scalar(
        select(RecordShare)
        .where(
            RecordShare.token_hash == token_hash(token),
            RecordShare.revoked_at.is_(None),
            RecordShare.expires_at > now,
        )
        .options(joinedload(RecordShare.user).lazyload(User.memberships))
    )


@personal_part("learning_records")
def own_records(user: User, _now: datetime) -> list[dict[str, Any]]:
    """Each as it was issued."""
    return [
        {
            "code": printed(row.code),
            "issued_at": row.issued_at.isoformat(),
            "ended_at": row.ended_at.isoformat() if row.ended_at else None,
            "facts": row.facts,
        }
        for row in records_of(user)
    ]


@personal_part("links_to_the_record")
def own_links(user: User, _now: datetime) -> list[dict[str, Any]]:
    """Those that ended, too."""
    shares = db.session.scalars(
        select(RecordShare).where(RecordShare.user_id == user.id).order_by(RecordShare.id)
    )
    return [
        {
            "created_at": row.created_at.isoformat(),
            "expires_at": row.expires_at.isoformat(),
            "revoked_at": row.revoked_at.isoformat() if row.revoked_at else None,
        }
        for row in shares
    ]
