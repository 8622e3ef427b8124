"""The words of a mail as a form."""

from typing import Any

from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from interact_events.core.mail import LONGEST, usual
from interact_events.core.web.forms import Form, TextField, offers, strip
from interact_events.messages.queries import Standing
from interact_events.messages.rules import parted
from interact_events.registrations.models import Registration


class WordingForm(Form):
    """Subject and text; the switch only where the mail may be off; whose values a preview has."""

    subject = TextField("Subject", [DataRequired()], most=300)
    body = TextAreaField(
        "Text",
        [DataRequired(), Length(max=LONGEST)],
        filters=[strip],
        description="Empty lines part paragraphs; a web address becomes a link.",
        render_kw={"rows": 18},
    )
    is_off = BooleanField(
        "Don’t send this mail",
        description="It is a courtesy: nobody misses a seat without it. It goes out all the same "
        "where it brings a change into somebody’s calendar.",
    )
    person = SelectField("Preview for")

    def __init__(self, standing: Standing, people: list[Registration], **kw: Any) -> None:
        subject, body = parted(standing.now.source or usual(standing.kind))
        super().__init__(subject=subject, body=body, is_off=standing.now.is_off, **kw)
        named = [(row.id, f"{row.name}, {row.event.title}") for row in people]
        self.person.choices = offers([("", "Sample values"), *named])
        if not self.is_submitted():
            self.person.data = str(people[0].id) if people else ""
        if not standing.kind.may_be_off:
            del self.is_off

    @property
    def wants_off(self) -> bool:
        return "is_off" in self and bool(self.is_off.data)
