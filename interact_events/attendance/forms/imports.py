"""What staff say of a report that they import."""

import re
from collections.abc import Sequence
from typing import Any, BinaryIO

from flask import request
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import Field, RadioField, SelectField
from wtforms.validators import InputRequired, Optional, ValidationError

from interact_events.attendance.queries import NOBODY, Preview
from interact_events.attendance.rules import Order
from interact_events.core import words
from interact_events.core.clock import zones
from interact_events.core.web.forms import CheckboxesField, Form, offers

PERSON = "person-"  # each line's choice, by the number of the line


class ReportForm(Form):
    """A report, as it was exported."""

    file = FileField(
        "Attendance report",
        [InputRequired("Choose the file.")],
        description="As Microsoft Teams, Zoom or Webex exports it: CSV, in any language.",
    )

    @property
    def name(self) -> str:
        """The last part of the path, as every system can show it."""
        sent: FileStorage = self.file.data
        last = re.split(r"[/\\\\]", sent.filename or "")[-1]
        return "".join(c for c in last if c.isprintable())[:120].strip() or "report.csv"

    @property
    def stream(self) -> BinaryIO:
        sent: FileStorage = self.file.data
        return sent.stream  # type: ignore[return-value]  # any open file will do


class ReadingForm(Form):
    """How the report is read, and which sessions it is about."""

    zone = SelectField("Times are those of", [InputRequired("Choose a zone.")])
    order = RadioField(
        "Days are written",
        [Optional()],
        choices=offers((each.value, each.label) for each in Order),
    )
    # A session that is gone meanwhile must not cost staff their other choices.
    sessions = CheckboxesField("Note attendance at", [Optional()], validate_choice=False)

    def __init__(self, preview: Preview, most_likely_zones: Sequence[str]) -> None:
        super().__init__()
        self.report = preview.report
        first = dict.fromkeys([preview.zone, *filter(None, most_likely_zones)])
        rest = [zone for zone in zones() if zone not in first]
        self.zone.choices = offers((each, each) for each in [*first, *rest])
        self.sessions.choices = offers(
            (each.id, _session(each, preview.event.zone)) for each in preview.offered
        )
        if not self.is_submitted():
            self.zone.data = preview.zone
            self.order.data = preview.order.value if preview.order else None
            self.sessions.data = [str(each.id) for each in preview.sessions]

    def validate_order(self, field: Field) -> None:
        unfit = self.report.unfit(Order(field.data)) if field.data else None
        if unfit:
            raise ValidationError(f"Line {unfit.line:,} has a day that does not exist that way.")

    def without(self, preview: Preview) -> list[int]:
        """The sessions that staff leave out."""
        kept = self.sessions.data or ()
        return [each.id for each in preview.offered if str(each.id) not in kept]

    def is_other_than(self, preview: Preview) -> bool:
        """Whether the report would be read otherwise than it was shown."""
        shown = (preview.zone, preview.order, preview.without)
        return (self.zone.data, self.order.data or None, set(self.without(preview))) != shown


def _session(session: Any, zone: str) -> str:
    when = words.time_span(session.starts_at, session.ends_at, zone)
    return f"{words.day(session.starts_at, zone)}, {when}: {session.title}"


def chosen_people(preview: Preview) -> dict[int, int | None]:
    """Whom staff chose, by the line: what was chosen for them already is no choice of theirs."""
    sure = {m.attendee.line: m.sure.id if m.sure else None for m in preview.matches}
    lines = {f"{PERSON}{line}": line for line in sure}
    known = {str(number): number for number in (NOBODY, *preview.by_id)}
    found: dict[int, int | None] = {}
    for name, value in request.form.items():
        if name in lines:
            line, who = lines[name], known.get(value)
            found[line] = None if who == sure[line] else who
    return found
