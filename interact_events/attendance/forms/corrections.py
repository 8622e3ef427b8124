"""Putting right what was noted, and opening what was closed."""

from enum import StrEnum

from wtforms import HiddenField, RadioField, StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, Optional

from interact_events.core.web.forms import Form, SelectChoice


class Extent(StrEnum):
    """How much of a session somebody saw."""

    ALL = "all"
    PART = "part"
    NOT = "not"

    @property
    def label(self) -> str:
        return {
            "all": "There for all of it",
            "part": "There for a part of it",
            "not": "Not there",
        }[self.value]


class CorrectionForm(Form):
    shown = HiddenField()
    extent = RadioField(
        "What is true?", choices=[SelectChoice(each.value, each.label) for each in Extent]
    )
    arrived = TimeField(
        "Arrived at",
        validators=[Optional()],
        description="For a part of it. Empty: at the start.",
    )
    left = TimeField(
        "Left at", validators=[Optional()], description="For a part of it. Empty: at the end."
    )
    reason = TextAreaField(
        "Reason",
        validators=[DataRequired("Say why: the reason stays with the correction.")],
        description="It stays with the correction, together with what was noted before.",
        render_kw={"rows": 3},
    )


class ReopenForm(Form):
    reason = StringField(
        "Why does it have to change after all?",
        validators=[DataRequired("Say why it has to change after all.")],
        description="Certificates that are issued stay as they are.",
    )
