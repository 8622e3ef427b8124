"""Letters as long as nobody has pressed them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from interact_events.accounts.models import User
from interact_events.core import audit, files
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.letters import emails, queries
from interact_events.letters.models import Letter, LetterFile, LetterState
from interact_events.letters.rules import MOST_FILES, MOST_MB, Group

FOLDER = "letters"  # of the storage


@dataclass(frozen=True)
class NewFile:
    """A file that is stored already, under the name that people save it as."""

    stored: files.Stored
    name: str


@dataclass(frozen=True, kw_only=True)
class LetterValues:
    subject: str
    text: str
    group: Group


def note(action: str, letter: Letter, *, actor: User | None, now: datetime, **more: object) -> None:
    """In the event's history."""
    facts = {"letter": letter.id, "about": letter.subject, **more}
    audit.record(action, letter.event, actor=actor, now=now, **facts)


def write_letter(
    event: Event, values: LetterValues, new: Sequence[NewFile], *, actor: User, now: datetime
) -> Letter:
    """Begin a draft."""
    letter = Letter(
        event_id=event.id,
        state=LetterState.DRAFT,
        created_at=now,
        created_by_id=actor.id,
        **_checked(values),
    )
    db.session.add(letter)
    db.session.flush()
    _attach(letter, new)
    note("letter written", letter, actor=actor, now=now)
    return letter


def edit_letter(
    letter: Letter,
    values: LetterValues,
    new: Sequence[NewFile],
    *,
    version: int,
    actor: User,
    now: datetime,
) -> None:
    """`version` is that of the letter which the writer began from."""
    _change(letter, version=version, actor=actor, now=now)
    for name, value in _checked(values).items():
        setattr(letter, name, value)
    _attach(letter, new)


def remove_file(file: LetterFile, letter: Letter, *, actor: User, now: datetime) -> None:
    _change(letter, actor=actor, now=now)
    files.remove_later(file.stored_as)
    db.session.delete(file)


def delete_letter(letter: Letter, *, actor: User, now: datetime) -> None:
    """Remove a draft for good, its files after the row is gone."""
    lock(letter)
    _refuse_unless_draft(letter)
    for file in queries.files_of(letter.id):
        files.remove_later(file.stored_as)
    note("letter deleted", letter, actor=actor, now=now)
    db.session.delete(letter)
    db.session.flush()


def _change(letter: Letter, *, actor: User, now: datetime, version: int | None = None) -> None:
    lock(letter)
    _refuse_unless_draft(letter)
    if version not in (None, letter.version):
        raise DomainError(
            "Somebody has changed this letter since you opened it. Save once more to replace "
            "what they wrote, or cancel to look at it."
        )
    letter.version += 1
    note("letter edited", letter, actor=actor, now=now)


def _refuse_unless_draft(letter: Letter) -> None:
    if not letter.is_draft:
        raise DomainError("This letter is on its way already and can’t be changed any more.")


def _checked(values: LetterValues) -> dict[str, object]:
    emails.check_words(values.subject, values.text)
    if not values.group.states:
        raise DomainError("Choose at least one state.", "states")
    return {"subject": values.subject, "text": values.text, "group": values.group.as_json}


def _attach(letter: Letter, new: Sequence[NewFile]) -> None:
    there = queries.files_of(letter.id)
    if len(there) + len(new) > MOST_FILES:
        raise DomainError(f"A letter carries at most {MOST_FILES} files.", "files")
    size = sum(file.size for file in there) + sum(file.stored.size for file in new)
    if size > MOST_MB * 1024 * 1024:
        raise DomainError(
            f"All files of a letter together may have {MOST_MB} MB at most. Share larger ones "
            "as materials and write their address.",
            "files",
        )
    db.session.add_all(
        LetterFile(
            letter_id=letter.id, stored_as=file.stored.name, name=file.name, size=file.stored.size
        )
        for file in new
    )
