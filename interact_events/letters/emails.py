"""The words of letters and reminders, each person's own."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from interact_events.core.errors import DomainError
from interact_events.core.mail import (
    Mail,
    Owner,
    Variable,
    Words,
    check_template,
    compose,
    filled_in,
    kind,
    tried,
    worded,
)
from interact_events.core.markdown import markdown, plain
from interact_events.events.models import Event, Session
from interact_events.registrations.emails import (
    REGISTRATION,
    event_facts,
    facts_known,
    without_joining,
)
from interact_events.registrations.models import Registration

_SAID = (
    Variable("subject", "its subject", "Before you travel"),
    Variable("text", "its text in Markdown", "The doors open at **8.30**."),
)
LETTER = kind(
    "letters.letter",
    "A letter from the office",
    *_SAID,
    Variable("letter", "the number of the letter, which has its files", 0),
    owner=Owner.WRITER,
)
REMINDER = kind("letters.reminder", "A reminder of the event", *_SAID, owner=Owner.WRITER)

VARIABLES = REGISTRATION  # what a letter can say
_SAMPLES = {variable.name: variable.sample for variable in VARIABLES}


class Said(NamedTuple):
    """A letter as one person reads it; `text` is Markdown."""

    subject: str
    text: str

    @property
    def html(self) -> Markup:
        return markdown(self.text, top=4, link_addresses=True)

    @property
    def plain(self) -> str:
        return plain(self.text)


def check_words(subject: str, text: str) -> None:
    """Raises DomainError that names the field and the line."""
    check_template(subject, _SAMPLES, "subject")
    check_template(text, _SAMPLES, "text")
    words = tried(lambda: _words(subject, text), "text")
    if not words.subject:
        raise DomainError("Nothing would stand there.", "subject")


def _words(subject: str, text: str) -> Words:
    return worded(REMINDER.name, sample(subject, text)._asdict())


def sample(subject: str, text: str, event: Event | None = None) -> Said:
    """As somebody who does not exist reads it, of `event` or of one that does not exist either."""
    known = event_facts(event, None) if event else {}
    return Said(*filled_in(subject, text, _SAMPLES | known))


def heading(event: Event, subject: str) -> str:
    """The subject as nobody's in particular."""
    nobody = dict.fromkeys(("name", "as_", "programme"), "…")
    return filled_in(subject, "", _SAMPLES | event_facts(event, None) | nobody)[0]


def said_to(
    registration: Registration,
    subject: str,
    text: str,
    *,
    sessions: Iterable[Session],
    now: datetime,
    is_for_others: bool = False,
) -> Said:
    """As this person reads it; others read everything but their own way to join."""
    known = facts_known(registration, sessions, now)
    if is_for_others:
        known["joining_link"] = without_joining(known["joining_link"])
    return Said(*filled_in(subject, text, known))


def letter_mail(said: Said, letter_id: int) -> Mail:
    return compose(LETTER, letter=letter_id, **said._asdict())


def reminder_mail(said: Said) -> Mail:
    return compose(REMINDER, **said._asdict())
