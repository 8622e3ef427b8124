"""What an office says of what it shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from flask_wtf.file import FileField, MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import Field, RadioField
from wtforms.validators import DataRequired, InputRequired, Optional, ValidationError

from interact_events.core import words
from interact_events.core.clock import to_local
from interact_events.core.file_kinds import ALLOWED, cleaned_name, problem_with
from interact_events.core.web.forms import Form, TextField, offers
from interact_events.events.forms import IdField, LocalTimeField
from interact_events.events.models import Event
from interact_events.materials.actions import Sharing
from interact_events.materials.models import Material
from interact_events.materials.rules import Audience

MOST_FILES = 10  # at once


@dataclass(frozen=True)
class Upload:
    """A file as it was sent, under its cleaned name."""

    name: str
    content: BinaryIO


class SharingForm(Form):
    """What files and links have in common; times are those of the event's zone."""

    session = IdField("Belongs to", Optional())
    audience = RadioField(
        "Who may open it",
        [InputRequired("Say who may open it.")],
        choices=offers((each.value, each.label) for each in Audience),
        default=Audience.CONFIRMED.value,
        description="Those who came: to the session it belongs to, or to any if it belongs to the "
        "whole event. Staff of the event always can.",
    )
    available = LocalTimeField("Available from", Optional())

    def __init__(self, event: Event, material: Material | None = None, **kw: Any) -> None:
        super().__init__(**kw)
        self.session.choices = offers([("", "The whole event"), *_sessions(event, material)])
        self.available.description = f"In {event.zone}. Empty: at once."

    def fill(self, material: Material) -> None:
        """Show what is said now."""
        self.session.data = material.session_id
        self.audience.data = material.audience.value
        at = material.available_at
        self.available.data = at and to_local(at, material.event.zone).replace(tzinfo=None)

    @property
    def sharing(self) -> Sharing:
        return Sharing(
            session_id=self.session.data,
            audience=Audience(self.audience.data),
            available=self.available.data,
        )


def _sessions(event: Event, material: Material | None) -> list[tuple[int, str]]:
    """Those on the agenda, and the one that it belongs to even if that was removed."""
    ids = material.session_id if material else None
    return [
        (each.id, f"{words.day(each.starts_at, event.zone)}: {each.title}")
        for each in event.sessions
        if each.cancelled_at is None or each.id == ids
    ]


class FilesForm(SharingForm):
    """Several files that are shared alike."""

    files = MultipleFileField("Files", [InputRequired("Choose at least one file.")])
    title = TextField(
        "Title",
        description="For a single file. Several are called after their file names.",
        most=160,
    )

    def __init__(self, event: Event, most_mb: int) -> None:
        super().__init__(event)
        self.most_mb = most_mb
        self.files.description = f"Up to {MOST_FILES} at once, {most_mb} MB each: {ALLOWED}."

    def validate_files(self, field: Field) -> None:
        if len(self.uploads) > MOST_FILES:
            raise ValidationError(f"Send {MOST_FILES} files at most at once.")
        _check(self.uploads, self.most_mb)

    def validate_title(self, field: Field) -> None:
        if field.data and len(self.uploads) > 1:
            raise ValidationError("Leave this empty for several files; you can name them later.")

    @property
    def uploads(self) -> list[Upload]:
        return [_upload(each) for each in self.files.data or ()]


class LinkForm(SharingForm):
    """A link instead of a file."""

    title = TextField("Title", [DataRequired("Give it a title.")], most=160)
    url = TextField(
        "Address",
        [DataRequired("Give the address.")],
        most=2000,
        description="Begins with https:// or http://.",
    )


class MaterialForm(SharingForm):
    """One file that is there; another may take its place."""

    title = TextField("Title", [DataRequired("Give it a title.")], most=160)
    file = FileField("Replace the file", [Optional()])

    def __init__(self, event: Event, material: Material, most_mb: int) -> None:
        super().__init__(event, material)
        self.most_mb = most_mb
        self.file.description = (
            f"Now: {material.file_name} ({material.what}). The new one, {most_mb} MB at most, "
            "keeps its address; the old one is deleted."
        )

    def validate_file(self, field: Field) -> None:
        _check(self.uploads, self.most_mb)

    @property
    def uploads(self) -> list[Upload]:
        return [_upload(self.file.data)] if self.file.data else []


def _upload(sent: FileStorage) -> Upload:
    return Upload(cleaned_name(sent.filename or ""), sent.stream)  # type: ignore[arg-type]


def _check(uploads: Sequence[Upload], most_mb: int) -> None:
    for each in uploads:
        problem = problem_with(each.name, each.content, most_mb=most_mb)
        if problem:
            raise ValidationError(problem)
