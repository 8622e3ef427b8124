"""A letter from the press to its last mail, and what stops it in between."""

from datetime import datetime
from functools import partial

from sqlalchemy import func, select

from interact_events.accounts.models import User
from interact_events.core import outbox
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.core.outbox import MailState, OutboxMessage, Posting, Recipient
from interact_events.events.models import Event
from interact_events.letters import emails, queries
from interact_events.letters.actions.posting import BATCH, post
from interact_events.letters.actions.writing import note
from interact_events.letters.emails import Said
from interact_events.letters.models import Letter, LetterState
from interact_events.letters.rules import is_too_late
from interact_events.registrations.actions import on_cancellation
from interact_events.registrations.emails import reply_address

BY_OFFICE = "the office stopped it."
TOO_LATE = "it could not leave for days and would have come too late."
CANCELLED = "the event was cancelled."


def press_letter(
    letter: Letter, *, version: int, at: datetime | None, actor: User, now: datetime
) -> bool:
    """Let it leave now or at an instant; False where that was pressed already.

    Its mails are written then, to those who are in its group then.
    """
    lock(letter)
    if not letter.is_draft:
        return False
    if letter.version != version:
        raise DomainError("Somebody has changed this letter meanwhile. Look at it once more.")
    if letter.event.is_draft:
        raise DomainError("Publish the event first: nobody is registered yet.")
    if at and at <= now:
        raise DomainError("Choose an instant that is still to come, or send it now.", "at")
    if at is None and not queries.number_of_recipients(letter.event, letter.meant, now):
        raise DomainError("Nobody is in this group now. Change whom it is for, or send it later.")
    emails.check_words(letter.subject, letter.text)
    letter.state, letter.send_at = LetterState.WAITING, at or now
    note("letter set to be sent", letter, actor=actor, now=now, at=letter.send_at.isoformat())
    return True


def post_letter(letter: Letter, *, now: datetime) -> bool:
    """Write the mails to the next of its people; says whether there are more.

    Whatever breaks it off, it goes on with those who have no mail yet.
    """
    lock(letter)
    if letter.state is not LetterState.WAITING or not letter.send_at or letter.send_at > now:
        return False
    if is_too_late(letter.send_at, now):
        _cancel_mails(letter, TOO_LATE)
        _stop(letter, TOO_LATE, actor=None, now=now)
        return False
    event, key = letter.event, queries.letter_key(letter)
    people = queries.without_mail(queries.recipients(event, letter.meant, now), key, BATCH)
    mail = partial(emails.letter_mail, letter_id=letter.id)
    post(event, people, (letter.subject, letter.text), mail, key=key, now=now)
    if len(people) == BATCH:
        return True
    _end(letter, now)
    return False


def _end(letter: Letter, now: datetime) -> None:
    letter.state, letter.sent_at = LetterState.SENT, now
    letter.people = sum(queries.mails_by_state(letter).values())
    note("letter sent", letter, actor=None, now=now, people=letter.people)


def stop_letter(letter: Letter, *, actor: User, now: datetime) -> tuple[int, int]:
    """Let none of its mails leave that has not; how many are stopped, and how many have left."""
    lock(letter)
    if letter.state not in (LetterState.WAITING, LetterState.SENT):
        raise DomainError("This letter does not wait to be sent.")
    stopped = _cancel_mails(letter, BY_OFFICE)
    if letter.state is LetterState.SENT and not stopped:
        raise DomainError("All of its mails have left already.")
    mine = queries.mails_of(letter.event_id, queries.letter_key(letter))
    gone = OutboxMessage.state.in_((MailState.SENT, MailState.SENDING))
    left = db.session.scalar(select(func.count(OutboxMessage.id)).where(mine, gone)) or 0
    _stop(letter, BY_OFFICE, actor=actor, now=now)
    return stopped, left


def _cancel_mails(letter: Letter, why: str) -> int:
    mine = queries.mails_of(letter.event_id, queries.letter_key(letter))
    return outbox.cancel(mine, why=f"Not sent: {why}")


def _stop(letter: Letter, why: str, *, actor: User | None, now: datetime) -> None:
    letter.state, letter.stopped_at, letter.why_stopped = LetterState.STOPPED, now, why
    note("letter stopped", letter, actor=actor, now=now, why=why)


@on_cancellation
def stop_what_waits(event: Event, now: datetime) -> None:
    """Of a cancelled event nobody is reminded, and no letter leaves that was planned before it.

    One that is leaving just now goes on: it may be the office's word about the cancellation.
    """
    planned = select(Letter).where(
        Letter.event_id == event.id, Letter.state == LetterState.WAITING, Letter.send_at > now
    )
    for letter in db.session.scalars(planned.with_for_update()).all():
        _stop(letter, CANCELLED, actor=None, now=now)
    outbox.cancel(queries.mails_of(event.id, f"reminder:{event.id}:"), why=f"Not sent: {CANCELLED}")


def send_test(letter: Letter, said: Said, *, actor: User, now: datetime) -> None:
    """To the one who asks for it, as often as they like; the subject says that it is one."""
    test = said._replace(subject=f"Test: {said.subject}")
    posting = Posting(
        mail=emails.letter_mail(test, letter.id),
        to=Recipient(actor.name, actor.email, actor.id),
        key=f"letter-test:{letter.id}:{actor.id}:{now:%Y%m%dT%H%M%S.%f}",
        reply_to=reply_address(letter.event),
        event_id=letter.event_id,
        asked_for=True,
    )
    outbox.post_all([posting], now=now)
    note("letter tested", letter, actor=actor, now=now)
