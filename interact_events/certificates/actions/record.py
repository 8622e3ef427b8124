"""A person's learning record: issued as one file, and shared by a link."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select

from interact_events.accounts.actions import on_deletion
from interact_events.accounts.models import User
from interact_events.accounts.queries import token_hash
from interact_events.certificates import queries, rules
from interact_events.certificates.actions.issuing import new_code
from interact_events.certificates.models import (
    LearningRecord,
    LearningRecordFile,
    RecordEnding,
    RecordShare,
)
from interact_events.certificates.pdf import record_pdf
from interact_events.certificates.rules import Days, RecordFacts
from interact_events.core import audit, links, signing, words
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError

MOST_A_DAY = 5  # records issued within 24 hours
MOST_LINKS = 10  # that work at the same time


@dataclass(frozen=True)
class RecordDraft:
    """A record ready to be stored: laid out while no lock was held."""

    user_id: int
    code: str
    facts: RecordFacts
    pdf: bytes


def draft_record(user: User, days: Days, *, now: datetime) -> RecordDraft:
    """Lay out and sign what is noted of the person now."""
    _check_not_too_many(user, now)
    facts = queries.record_of(user, queries.learnt_by(user, now=now), days, now=now)
    if not facts.events:
        raise DomainError("No learning session is noted for these days, so there is no record.")
    code = new_code()
    address = links.url("certificates.verify").partition("://")[2]
    pdf = record_pdf(facts, code, links.url("certificates.verified", code=code), address)
    reason = f"Learning record {code}"  # found in a file however broken
    return RecordDraft(user.id, code, facts, signing.sign(pdf, reason=reason, now=now))


def _check_not_too_many(user: User, now: datetime) -> None:
    issued = queries.records_since(user, now - timedelta(days=1))
    if len(issued) >= MOST_A_DAY:
        again = words.moment(issued[MOST_A_DAY - 1] + timedelta(days=1), user.zone)
        raise DomainError(
            f"You have issued {MOST_A_DAY} records within 24 hours, which is as many as we make "
            f"for one person. You can issue the next one from {again}."
        )


def issue_record(draft: RecordDraft, *, now: datetime) -> LearningRecord:
    """Store it for good."""
    user = db.session.get_one(User, draft.user_id)
    lock(user)  # two presses in two tabs are counted one after the other
    _check_not_too_many(user, now)
    if user.printed_name != draft.facts.name:  # or the account was deleted
        raise DomainError("Your name has changed meanwhile. Please issue the record again.")
    record = LearningRecord(
        user_id=user.id,
        code=draft.code,
        first_on=draft.facts.days.first,
        last_on=draft.facts.days.last,
        facts=rules.record_as_json(draft.facts),
        sha256=sha256(draft.pdf).hexdigest(),
        issued_at=now,
    )
    db.session.add(record)
    db.session.flush()
    db.session.add(LearningRecordFile(record_id=record.id, pdf=draft.pdf))
    audit.record("issued", record, actor=user, now=now, sha256=record.sha256)
    return record


def revoke_record(record: LearningRecord, *, actor: User, now: datetime) -> None:
    """End it: whoever verifies it reads that its owner did."""
    lock(record)
    if record.ending:
        raise DomainError("This record is revoked already.")
    record.ending, record.ended_at = RecordEnding.REVOKED, now
    audit.record("revoked", record, actor=actor, now=now)


def share_record(user: User, days: Days, *, lasts: timedelta, now: datetime) -> str:
    """Let whoever has the link read the record; the token goes into it and nowhere else."""
    owner = db.session.get_one(User, user.id)
    lock(owner)  # two presses in two tabs are counted one after the other
    if owner.is_deleted:
        raise DomainError("Your account is deleted, so there is nothing to share.")
    if len(queries.shares_of(owner, now=now)) >= MOST_LINKS:
        raise DomainError(f"You have {MOST_LINKS} links that work. End one of them first.")
    token = secrets.token_urlsafe(32)
    share = RecordShare(
        user_id=owner.id,
        token_hash=token_hash(token),
        first_on=days.first,
        last_on=days.last,
        created_at=now,
        expires_at=now + lasts,
    )
    db.session.add(share)
    audit.record("shared", share, actor=owner, now=now, until=share.expires_at.isoformat())
    return token


def stop_sharing(share: RecordShare, *, actor: User, now: datetime) -> None:
    """From now on the link leads nowhere."""
    lock(share)
    if share.revoked_at is None:
        share.revoked_at = now
        audit.record("sharing ended", share, actor=actor, now=now)


@on_deletion
def forget_learning(user: User, _gone: str, now: datetime) -> None:
    """Links and files go with the account, and what records said.

    Their codes stay: whoever verifies one reads that it was erased, not that it never was.
    """
    owner = db.session.get_one(User, user.id)
    lock(owner)  # nothing is issued or shared in another tab before the account is gone
    db.session.execute(delete(RecordShare).where(RecordShare.user_id == user.id))
    theirs = select(LearningRecord.id).where(LearningRecord.user_id == user.id)
    db.session.execute(delete(LearningRecordFile).where(LearningRecordFile.record_id.in_(theirs)))
    for record in queries.records_of(user):
        record.facts, record.ending, record.ended_at = {}, RecordEnding.ERASED, now
        audit.record("erased", record, actor=user, now=now)
