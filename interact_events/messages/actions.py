"""What staff do with the words of mails, and with mails that have not arrived."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update

from interact_events.accounts.actions import on_deletion
from interact_events.accounts.models import User
from interact_events.core import audit, outbox
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.core.mail import Kind, Words, check_wording, usual
from interact_events.core.outbox import MailState, OutboxMessage
from interact_events.events.models import Event
from interact_events.messages.models import OwnWording
from interact_events.messages.queries import STOPPED, Place, standings
from interact_events.messages.rules import bends_link, has_secret, joined, parted, placed
from interact_events.registrations.actions import on_duplication

# Staff need what was said for questions about an event and for its audit, which look back one
# closed year; after that only that and when a mail was sent.
TEXTS_KEPT = timedelta(days=2 * 365)
BATCH = 500


# -- own words -----------------------------------------------------------------------------------


def checked(kind: Kind, subject: str, body: str) -> Words:
    """The words filled in with samples; a refusal names the field and the line within it."""
    try:
        named = check_wording(kind, subject, "subject").subject
        words = check_wording(kind, joined(subject, body))
    except DomainError as refusal:
        field, sentence = placed(refusal.message)
        is_about_subject = refusal.field == "subject"
        raise DomainError(sentence, "subject" if is_about_subject else field) from None
    if not named:
        raise DomainError("Nothing would stand there.", "subject")
    line = bends_link(joined(subject, body)) if has_secret(kind.name) else 0
    if line:
        field, sentence = placed(
            f"Line {line}: this link is personal: say it, and nothing else with it."
        )
        raise DomainError(sentence, field)
    return words


def change_wording(
    place: Place,
    kind: Kind,
    *,
    subject: str,
    body: str,
    is_off: bool,
    actor: User,
    now: datetime,
) -> None:
    """Give the kind these words at this place; those that hold anyway are not kept twice."""
    if is_off and not kind.may_be_off:
        raise DomainError("People rely on this mail, so it can’t be switched off.", "is_off")
    checked(kind, subject, body)
    lock(place.row)  # two at once would both find nothing to change
    (standing,) = standings(place, [kind])
    source = joined(subject, body)
    if parted(source) == parted(standing.inherited.source or usual(kind)):
        source = ""
    if not source and is_off == standing.inherited.is_off:
        _drop(place, standing.here, actor=actor, now=now)
        return
    if standing.here and (source, is_off) == (standing.here.source, standing.here.is_off):
        return
    row = standing.here or _new(place, kind)
    before = row.source
    row.source, row.is_off, row.changed_by, row.changed_at = source, is_off, actor, now
    db.session.add(row)
    _note("words changed", place, row, actor=actor, now=now, before=before)


def use_usual_words(place: Place, kind: Kind, *, actor: User, now: datetime) -> None:
    """Forget what was changed here; pressed twice it does the same."""
    lock(place.row)
    (standing,) = standings(place, [kind])
    _drop(place, standing.here, actor=actor, now=now)


@on_duplication
def copy_wordings(event: Event, copy: Event) -> None:
    """The copy speaks as the event does, by whose words these are; what its office says for all
    its events holds there anyway."""
    rows = db.session.scalars(select(OwnWording).where(OwnWording.event_id == event.id))
    db.session.add_all(
        [
            OwnWording(
                kind=row.kind,
                office_id=copy.office_id,
                event_id=copy.id,
                source=row.source,
                is_off=row.is_off,
                changed_by_id=row.changed_by_id,
                changed_at=row.changed_at,
            )
            for row in rows.all()
        ]
    )


def _new(place: Place, kind: Kind) -> OwnWording:
    event_id = place.event.id if place.event else None
    return OwnWording(
        kind=kind.name, office_id=place.office.id, event_id=event_id, source="", is_off=False
    )


def _drop(place: Place, row: OwnWording | None, *, actor: User, now: datetime) -> None:
    if row:
        _note("words dropped", place, row, actor=actor, now=now, before=row.source)
        db.session.execute(delete(OwnWording).where(OwnWording.id == row.id))


def _note(
    did: str, place: Place, row: OwnWording, *, actor: User, now: datetime, before: str
) -> None:
    """In the history of the event or the office."""
    after = "" if did == "words dropped" else row.source
    audit.record(
        did,
        place.row,
        actor=actor,
        now=now,
        kind=row.kind,
        is_off=row.is_off,
        before=before,
        after=after,
    )


# -- mails that have not arrived -----------------------------------------------------------------


class Remedy(StrEnum):
    """What staff can do with mails that have not left or not arrived."""

    AGAIN = "send-again"
    STOP = "stop"

    @property
    def states(self) -> tuple[MailState, ...]:
        return STOPPED if self is Remedy.AGAIN else (MailState.WAITING, *STOPPED)


def remedy(wish: Remedy, which: ColumnElement[bool], *, actor: User, now: datetime) -> int:
    """Send these again, or let them never leave; says how many. A row of the audit for each."""
    fitting = select(OutboxMessage).where(which, OutboxMessage.state.in_(wish.states))
    numbers = db.session.scalars(
        fitting.with_only_columns(OutboxMessage.id).order_by(OutboxMessage.id).with_for_update()
    ).all()
    done = 0
    for first in range(0, len(numbers), BATCH):
        mine = OutboxMessage.id.in_(numbers[first : first + BATCH])
        rows = db.session.scalars(select(OutboxMessage).where(mine)).all()
        did = "mail_sent_again" if wish is Remedy.AGAIN else "mail_stopped"
        before = [(did, row, {"kind": row.kind, "from": row.state.value}) for row in rows]
        audit.record_all(before, actor=actor, now=now)
        done += _acts(now)[wish](mine)
    return done


def _acts(now: datetime) -> dict[Remedy, Callable[[ColumnElement[bool]], int]]:
    return {
        Remedy.AGAIN: lambda mine: outbox.send_again(mine, now=now),
        Remedy.STOP: lambda mine: outbox.cancel(mine, why="Stopped by staff before it left."),
    }


# -- forgetting ----------------------------------------------------------------------------------

NOTHING_SAID: dict[str, Any] = {
    "values": {},
    "history": [],
    "reply_to": None,
    "unsubscribe_url": None,
    "sent_subject": "",
    "sent_text": "",
    "sent_html": "",
    "calendar": None,
}


@on_deletion
def forget_mails(user: User, gone: str, now: datetime) -> None:
    """What was written to a person goes with their account; that it was sent stays.

    A worker that has one of them in hand finds that it is no longer its own.
    """
    row = OutboxMessage
    theirs = or_(row.person_id == user.id, row.to_address == user.email)
    open_ = (*STOPPED, MailState.WAITING, MailState.SENDING)
    for which, state in (
        (row.state.in_(open_), {"state": MailState.CANCELLED, "claim": None}),
        (row.state.in_((MailState.SENT, MailState.CANCELLED)), {}),
    ):
        db.session.execute(
            update(row)
            .where(theirs, which)
            .values(to_name="", to_address=gone, answer="", **NOTHING_SAID, **state)
            .execution_options(synchronize_session=False)
        )


def forget_old_texts(*, now: datetime) -> int:
    """Empty a batch of mails whose texts are old; says of how many."""
    row = OutboxMessage
    over = row.state.in_((MailState.SENT, MailState.FAILED, MailState.CANCELLED))
    has_text = or_(row.sent_subject.is_(None), row.sent_subject != "")
    old = select(row.id).where(row.created_at < now - TEXTS_KEPT, over, has_text).limit(BATCH)
    numbers = db.session.scalars(old).all()
    db.session.execute(
        update(row)
        .where(row.id.in_(numbers))
        .values(to_name="", to_address="", answer="", **NOTHING_SAID)
        .execution_options(synchronize_session=False)
    )
    return len(numbers)
