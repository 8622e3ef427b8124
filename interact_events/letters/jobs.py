"""Background work: the mails of letters with their files, and what reminders are due."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from flask import current_app

from interact_events.core import clock
from interact_events.core.db import db, reading
from interact_events.core.files import storage
from interact_events.core.jobs import every, task
from interact_events.core.outbox import Attachment, attaches
from interact_events.events.models import Event
from interact_events.letters import actions, queries
from interact_events.letters.actions import FOLDER
from interact_events.letters.models import Letter

log = structlog.get_logger()

UNNAMED_FOR = timedelta(hours=24)  # a file may wait so long for its row


@task
def post_letter(letter_id: int) -> None:
    """Write the mails of one letter, some at a time; the sweep goes on after a crash."""
    letter = db.session.get(Letter, letter_id)
    while letter is not None and actions.post_letter(letter, now=clock.now()):
        db.session.commit()
    db.session.commit()


@every(minutes=1)
def send_letters() -> None:
    """Send letters whose instant has come, each by itself, so that none waits for another."""
    with reading():
        due = queries.letters_due(clock.now())
        db.session.commit()
    for letter_id in due:
        try:
            post_letter(letter_id)
        except Exception:  # it is tried again in a minute
            log.exception("letter_failed", letter_id=letter_id)
            db.session.rollback()


@every(minutes=5)
def send_reminders() -> None:
    """Send reminders that are due, each by itself."""
    with reading():
        due = queries.reminders_due(clock.now())
        db.session.commit()
    for event_id, key in due:
        try:
            _remind(event_id, key)
        except Exception:  # it is tried again in five minutes
            log.exception("reminder_failed", event_id=event_id, reminder=key)
            db.session.rollback()


def _remind(event_id: int, key: str) -> None:
    event = db.session.get(Event, event_id)
    while event is not None and actions.remind(event, key, now=clock.now()):
        db.session.commit()
    db.session.commit()


@attaches("letters.letter", by="letter")
def files_of_letter(letter_id: int) -> Sequence[Attachment]:
    """Read once for the many mails of a letter, which leave one after the other."""
    with reading():
        rows = queries.files_of(letter_id)
        files = [(row.stored_as, row.size, row.name, row.media_type) for row in rows]
        db.session.commit()  # no transaction is open while the storage takes its time
    kept: tuple[Any, list[Attachment]] | None = current_app.extensions.get("latest_letter_files")
    if kept is None or kept[0] != files:
        kept = files, [_attachment(*file) for file in files]
        current_app.extensions["latest_letter_files"] = kept
    return kept[1]


def _attachment(stored_as: str, size: int, name: str, media_type: str) -> Attachment:
    return Attachment(name, media_type, b"".join(storage().read(stored_as, 0, size)))


@every(minutes=60)
def sweep_letter_files() -> None:
    """Remove files that no row names, a day after they were written."""
    old = clock.now() - UNNAMED_FOR
    found = [each.name for each in storage().listed(FOLDER) if each.written_at < old]
    with reading():
        named = queries.stored_names() if found else set()
        db.session.commit()
    for name in found:
        if name not in named:
            storage().remove(name)
