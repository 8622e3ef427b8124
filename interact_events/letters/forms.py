"""The shape of letters and reminders."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    IntegerField,
    SelectField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from interact_events.core.file_kinds import KINDS, cleaned_name, ending_of, problem_with
from interact_events.core.mail import LONGEST
from interact_events.core.web.forms import CheckboxesField, Form, TextField, offers, strip
from interact_events.events.forms import IdField, LocalTimeField
from interact_events.events.models import Event
from interact_events.letters.actions import LetterValues
from interact_events.letters.rules import (
    MOST_DAYS,
    MOST_FILES,
    MOST_MB,
    NOT_MAILED,
    WRITABLE,
    Anchor,
    Answered,
    Came,
    Group,
    Reminder,
)
from interact_events.registrations.queries import Names, Tallies, Tally

NARROWED = ("role", "programme", "country", "session")
ANY = ("", "Any")
SIDES = (("before", "before"), ("after", "after"))
GONE = "No longer at this event"


def _text() -> TextAreaField:
    return TextAreaField(
        "Text",
        [InputRequired("Write something."), Length(max=LONGEST)],
        filters=[strip],
        description="In Markdown: **bold**, - list, [words](address). What it can say of each "
        "person stands beside it.",
    )


class GroupForm(Form):
    """Whom a text is for."""

    states = CheckboxesField("Where their registration stands", choices=[])
    role = IdField("Role", Optional())
    programme = IdField("Programme", Optional())
    country = IdField("Country", Optional())
    session = IdField("Session they chose", Optional())
    answered = SelectField("Asked to accept or to reconfirm", [Optional()])
    came = SelectField("Attendance", [Optional()])

    def offer(self, event: Event, counted: Tallies, names: Names, group: Group) -> None:
        """What there is at the event; what `group` has chosen stays on offer."""
        self.states.choices = offers((state.value, state.label) for state in WRITABLE)
        sessions = {each.id: each.title for each in event.sessions}
        self.role.choices = _sorts(counted.roles, group.role, names.roles)
        self.programme.choices = _sorts(counted.programmes, group.programme, names.programmes)
        self.country.choices = _sorts(counted.countries, group.country, names.countries)
        chosen = [(each.id, each.title) for each in event.chosen_sessions]
        self.session.choices = _with_chosen(chosen, group.session, sessions)
        self.answered.choices = offers(
            [ANY, (Answered.YES, "Have reconfirmed"), (Answered.NO, "Have not answered")]
        )
        self.came.choices = offers([ANY, (Came.YES, "Came"), (Came.NO, "Did not come")])

    @property
    def group(self) -> Group:
        return Group(
            states=tuple(state for state in WRITABLE if state.value in (self.states.data or ())),
            answered=Answered(self.answered.data) if self.answered.data else None,
            came=Came(self.came.data) if self.came.data else None,
            **{name: self[name].data for name in NARROWED},
        )


def _sorts(found: Sequence[Tally], chosen: int | None, names: dict[int, str]) -> list[Any]:
    return _with_chosen([(each.key, each.label) for each in found], chosen, names)


def _with_chosen(
    pairs: list[tuple[int, str]], chosen: int | None, names: dict[int, str]
) -> list[Any]:
    if chosen is not None and chosen not in dict(pairs):
        pairs = [*pairs, (chosen, names.get(chosen, GONE))]
    return offers([ANY, *pairs])


def group_fields(group: Group) -> dict[str, Any]:
    """What the form shows of a group."""
    return {
        "states": [state.value for state in group.states],
        "answered": group.answered or "",
        "came": group.came or "",
        **{name: getattr(group, name) for name in NARROWED},
    }


@dataclass(frozen=True)
class Upload:
    """A file as it was sent, under its cleaned name."""

    name: str
    content: BinaryIO


class LetterForm(GroupForm):
    most_mb = MOST_MB
    version = HiddenField()
    subject = TextField("Subject", [InputRequired("Write a subject.")])
    text = _text()
    files = MultipleFileField(
        "Attached files",
        [Optional()],
        description="PDF, Office and OpenDocument files, pictures, text and CSV, "
        f"{MOST_MB} MB in all. Everybody gets them with the mail. Share larger ones as "
        "materials and write their address.",
    )

    def validate_files(self, field: Field) -> None:
        if len(self.uploads) > MOST_FILES:
            raise ValidationError(f"Send {MOST_FILES} files at most.")
        for each in self.uploads:
            if problem := _problem(each):
                raise ValidationError(problem)

    @property
    def values(self) -> LetterValues:
        return LetterValues(
            subject=self.subject.data or "", text=self.text.data or "", group=self.group
        )

    @property
    def seen(self) -> int:
        """The version that was opened; none is that one."""
        data = str(self.version.data)
        return int(data) if data.isdecimal() else -1

    @property
    def uploads(self) -> list[Upload]:
        return [_upload(each) for each in self.files.data or () if each and each.filename]


def _upload(sent: FileStorage) -> Upload:
    return Upload(cleaned_name(sent.filename or ""), sent.stream)  # type: ignore[arg-type]


def _problem(file: Upload) -> str:
    ending = ending_of(file.name)
    if ending in NOT_MAILED:
        return (
            f"“{file.name}” can’t be attached: many mail servers refuse a "
            f"{KINDS[ending].label}. Share it as a material and write its address."
        )
    return problem_with(file.name, file.content, most_mb=MOST_MB, done="attached")


class SendForm(Form):
    """When to send a letter, on the clocks of the event's zone."""

    at = LocalTimeField("Send it at", InputRequired("Give a day and a time."))


class ReminderForm(GroupForm):
    name = TextField("Name", [InputRequired("Give it a name.")], most=80)
    is_on = BooleanField("Send it")
    days = IntegerField(
        "Days",
        [
            InputRequired("Give a whole number."),
            NumberRange(0, MOST_DAYS, f"Give a number from 0 to {MOST_DAYS}."),
        ],
    )
    side = SelectField("Before or after", [InputRequired()], choices=offers(SIDES))
    anchor = SelectField(
        "What",
        [InputRequired()],
        choices=offers((anchor.value, anchor.label) for anchor in Anchor),
    )
    at = TimeField("At", [InputRequired("Give a time, like 09:00.")])
    subject = TextField("Subject", [InputRequired("Write a subject.")])
    text = _text()

    def reminder(self, before: Reminder) -> Reminder:
        return replace(
            before,
            name=self.name.data or "",
            is_on=bool(self.is_on.data),
            days=self.days.data or 0,
            is_after=self.side.data == "after",
            anchor=Anchor(self.anchor.data),
            at=self.at.data or before.at,
            subject=self.subject.data or "",
            text=self.text.data or "",
            group=self.group,
        )


def reminder_fields(reminder: Reminder) -> dict[str, Any]:
    """What the form shows of a reminder."""
    return {
        "name": reminder.name,
        "is_on": reminder.is_on,
        "days": reminder.days,
        "side": "after" if reminder.is_after else "before",
        "anchor": reminder.anchor.value,
        "at": reminder.at,
        "subject": reminder.subject,
        "text": reminder.text,
        **group_fields(reminder.group),
    }
