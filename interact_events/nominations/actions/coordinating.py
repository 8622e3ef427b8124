"""Who may nominate a programme's people."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from interact_events.accounts.actions import recipient
from interact_events.accounts.models import User
from interact_events.accounts.queries import user_by_email
from interact_events.core import audit, outbox
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.interreg.models import Programme
from interact_events.nominations import emails, queries
from interact_events.nominations.models import ProgrammeCoordinator


def name_coordinator(
    programme: Programme, email: str, named_by: str, *, actor: User, now: datetime
) -> ProgrammeCoordinator:
    """Note whom the programme's secretariat has named; they get a mail about it."""
    user = user_by_email(email)
    if user is None or user.confirmed_at is None:
        raise DomainError(
            "Nobody has an account with this address and has confirmed it. Ask them to create one.",
            "email",
        )
    row = _new_coordination(programme, user, named_by, actor, now)
    audit.record("coordinator named", row, actor=actor, now=now, programme=programme.label)
    key = f"coordinator_named:{row.id}"
    outbox.post(emails.coordinator_named(row), recipient(user), key=key, now=now)
    return row


def _new_coordination(
    programme: Programme, user: User, named_by: str, actor: User, now: datetime
) -> ProgrammeCoordinator:
    """The unique index is the last line against naming the same person twice."""
    row = ProgrammeCoordinator(
        programme=programme, user=user, named_by=named_by, added_by_id=actor.id, started_at=now
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        raise DomainError(f"{user.name} coordinates {programme.name} already.", "email") from None
    return row


def end_coordination(row: ProgrammeCoordinator, *, actor: User | None, now: datetime) -> None:
    """They nominate nobody any more; whom they have nominated stays."""
    row.ended_at = now
    audit.record("coordination ended", row, actor=actor, now=now)


def end_coordinations_of_deleted(*, now: datetime) -> None:
    """Who has deleted their account speaks for nobody."""
    for row in queries.coordinations_of_deleted():
        end_coordination(row, actor=None, now=now)
