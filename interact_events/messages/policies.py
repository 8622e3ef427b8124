"""Who may change words, and how the state of a mail is said."""

from datetime import datetime
from typing import NamedTuple

from interact_events.accounts.models import User
from interact_events.accounts.policies import can_edit_in_office
from interact_events.core import words
from interact_events.core.outbox import MailState, OutboxMessage
from interact_events.events.policies import can_edit_event
from interact_events.messages.queries import Place
from interact_events.messages.rules import WITH_PASSWORDS, has_secret, without_links
from interact_events.registrations.emails import without_joining

LABELS = {state: state.label for state in MailState}
TONES = {MailState.SENT: "good", MailState.FAILED: "bad", MailState.HELD: "bad"}


def can_change_wordings(user: User, place: Place) -> bool:
    """Those who may edit the office's events, or this event."""
    if place.event:
        return can_edit_event(user, place.event)
    return can_edit_in_office(user, place.office)


class Told(NamedTuple):
    """A state in a word, its colour, and a sentence where the word leaves something open."""

    label: str
    tone: str
    more: str = ""


NEXT = "Leaves next, once earlier mails to this address have left."


def state_in_words(mail: OutboxMessage, now: datetime, zone: str) -> Told:
    """Where a mail stands."""
    label, tone = LABELS[mail.state], TONES.get(mail.state, "plain")
    if mail.is_doubtful:
        return Told("In doubt", "bad", "It may have arrived.")
    if mail.state is not MailState.WAITING:
        return Told(label, tone)
    tone = "wait"
    at = words.moment(mail.next_attempt_at, zone)
    if mail.attempts:
        return Told(label, tone, f"Tried {words.count(mail.attempts, 'time')}; next at {at}.")
    return Told(label, tone, f"Leaves at {at}." if mail.next_attempt_at > now else NEXT)


def can_send_again(mail: OutboxMessage) -> bool:
    return mail.state in (MailState.FAILED, MailState.HELD)


def can_be_stopped(mail: OutboxMessage) -> bool:
    return mail.state in (MailState.WAITING, MailState.FAILED, MailState.HELD)


class Said(NamedTuple):
    """Subject and text as somebody may read them."""

    subject: str
    text: str


def said_to_staff(mail: OutboxMessage) -> Said:
    """As it was sent or would be now; a link that is meant for one person alone is taken out."""
    subject, text = _said(mail, without=has_secret(mail.kind))
    return Said(without_joining(subject), without_joining(text))


def said_to_recipient(mail: OutboxMessage) -> Said:
    """As it was sent; but a session left open must not be worth a new password."""
    return _said(mail, without=mail.kind in WITH_PASSWORDS)


def subject_for_staff(mail: OutboxMessage) -> str:
    """Of a mail whose text was not read; empty until it is worded."""
    subject = mail.sent_subject or ""
    return without_links(subject) if has_secret(mail.kind) else without_joining(subject)


def _said(mail: OutboxMessage, *, without: bool) -> Said:
    subject, text, _ = mail.words
    return Said(without_links(subject), without_links(text)) if without else Said(subject, text)
