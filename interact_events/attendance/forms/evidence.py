"""Scans of what people have signed."""

from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from flask_wtf.file import MultipleFileField
from wtforms import Field, SelectField
from wtforms.validators import InputRequired, ValidationError

from interact_events.attendance.forms.paper import days_and_sessions
from interact_events.core.file_kinds import cleaned_name, problem_with
from interact_events.core.web.forms import Form, offers
from interact_events.events.models import Event

MOST_MB = 20
MOST_FILES = 10  # at once
TAKEN = ("pdf", "jpg", "jpeg", "png")


@dataclass(frozen=True)
class Upload:
    """A file as it was sent, under its cleaned name."""

    name: str
    content: BinaryIO


class EvidenceForm(Form):
    """Files, and what they belong to."""

    files = MultipleFileField(
        "Files",
        [InputRequired("Choose at least one file.")],
        description=f"Up to {MOST_FILES} at once, {MOST_MB} MB each: PDF, JPEG or PNG.",
        render_kw={"accept": ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"},
    )
    about = SelectField("Belongs to", [InputRequired()])

    def __init__(self, event: Event) -> None:
        super().__init__()
        whole = [("event", "The whole event")]
        self.about.choices = offers([*whole, *days_and_sessions(event)])

    def validate_files(self, field: Field) -> None:
        if len(self.uploads) > MOST_FILES:
            raise ValidationError(f"Send {MOST_FILES} files at most at once.")
        for each in self.uploads:
            problem = problem_with(
                each.name, each.content, most_mb=MOST_MB, done="kept", taken=TAKEN
            )
            if problem:
                raise ValidationError(problem)

    @property
    def uploads(self) -> list[Upload]:
        return [
            Upload(cleaned_name(each.filename or ""), each.stream) for each in self.files.data or ()
        ]

    @property
    def session_id(self) -> int | None:
        number = (self.about.data or "").removeprefix("session-")
        return int(number) if number.isdecimal() else None

    @property
    def held_on(self) -> date | None:
        day = self.about.data or ""
        return date.fromisoformat(day.removeprefix("day-")) if day.startswith("day-") else None
