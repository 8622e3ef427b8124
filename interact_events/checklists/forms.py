"""What a task looks like as a form."""

from typing import Any

from wtforms import IntegerField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from interact_events.checklists.actions import ItemValues
from interact_events.checklists.models import ChecklistItem
from interact_events.checklists.queries import possible_owners
from interact_events.checklists.rules import MOST_BEFORE
from interact_events.core.web.forms import Form, TextField, offers, strip
from interact_events.events.forms import IdField
from interact_events.events.models import Event

HOW_MANY = f"Give a number from 0 to {MOST_BEFORE}."


class ItemForm(Form):
    """A task: what, by when, who."""

    text = TextField("Task", [DataRequired("Say what is to be done.")])
    days = IntegerField(
        "Days", [InputRequired("Say how many days."), NumberRange(0, MOST_BEFORE, HOW_MANY)]
    )
    side = SelectField(
        "Counted",
        [InputRequired()],
        choices=offers([("before", "Before the start"), ("after", "After the start")]),
    )
    owner = IdField("Who does it")
    note = TextAreaField("Note", [Length(max=1000)], filters=[strip], render_kw={"rows": 2})

    def __init__(self, event: Event, item: ChecklistItem | None = None, **kw: Any) -> None:
        """Filled from `item` unless somebody has sent answers."""
        super().__init__(**kw)
        self.people = {person.id: person for person in possible_owners(event)}
        if item and item.owner:
            self.people.setdefault(item.owner.id, item.owner)
        names = [(str(number), person.name) for number, person in self.people.items()]
        self.owner.choices = offers([("", "Nobody yet"), *names])
        if item and not self.is_submitted():
            self.text.data, self.note.data = item.text, item.note
            self.days.data, self.owner.data = abs(item.due_days), item.owner_id
            self.side.data = "after" if item.due_days < 0 else "before"

    @property
    def values(self) -> ItemValues:
        """The answers of a valid form."""
        days = self.days.data or 0
        return ItemValues(
            text=self.text.data or "",
            due_days=-days if self.side.data == "after" else days,
            owner=self.people.get(self.owner.data),
            note=self.note.data or "",
        )
