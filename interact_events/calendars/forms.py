"""What staff send to make drafts of planned events."""

from typing import BinaryIO

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms.validators import InputRequired

from interact_events.core.file_kinds import cleaned_name
from interact_events.core.web.forms import Form


class PlansForm(Form):
    """A file of planned events."""

    file = FileField(
        "File",
        [InputRequired("Choose the file.")],
        description="A calendar (.ics) or a table (CSV).",
    )

    @property
    def name(self) -> str:
        sent: FileStorage = self.file.data
        return cleaned_name(sent.filename or "")

    @property
    def stream(self) -> BinaryIO:
        sent: FileStorage = self.file.data
        return sent.stream  # type: ignore[return-value]  # any open file will do


class ApplyForm(Form):
    """A press, with what was seen before it."""
