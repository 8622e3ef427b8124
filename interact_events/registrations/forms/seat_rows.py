"""Rows of an event's rules: limits, held seats, reconfirmation."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from wtforms import BooleanField, Field, FieldList, IntegerField, SelectField
from wtforms import Form as Part
from wtforms.validators import InputRequired, NumberRange, Optional

from interact_events.core.web.forms import CheckboxesField, InSentences, offers
from interact_events.events.forms import IdField, LocalTimeField, wall_clock
from interact_events.registrations.actions import StepValues
from interact_events.registrations.models import Reconfirmation
from interact_events.registrations.rules import Cap, Dimension, Hold

SEATS = "Give a number from {} to 100,000."
GROUPS = (
    ("", "Choose"),
    (Dimension.PROGRAMME.value, "Each programme"),
    (Dimension.COUNTRY.value, "Each country"),
    (Dimension.INSTITUTION.value, "Each institution"),
    (Dimension.ROLE_IN_COUNTRY.value, "Each role in a country"),
)
MOST_ROWS = 30


def _seats(least: int) -> list[Any]:
    return [Optional(), NumberRange(least, 100_000, SEATS.format(least))]


class RowsField(FieldList):  # type: ignore[type-arg]  # takes no argument when it runs
    """Any number of rows, of which the last ones are empty to be filled in."""

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        """What no form sends as a row's number is no row."""
        for key in formdata:
            number = re.match(rf"{re.escape(prefix)}-([0-9]{{1,4}})-", key)
            if number:
                yield int(number.group(1))

    @property
    def filled(self) -> list[Any]:
        """The rows that say something."""
        return [row for row in self.entries if row.form.is_filled]

    def grow(self) -> None:
        """One more empty row."""
        if len(self.entries) < MOST_ROWS:
            self.append_entry()

    def grow_to_one_empty(self) -> None:
        """A row to fill in, if there is none."""
        if len(self.entries) == len(self.filled):
            self.grow()


class Row(Part):
    """A row that can be left empty or be taken out."""

    Meta = InSentences
    tells: tuple[str, ...] = ()  # the fields of which one makes it a row
    remove = BooleanField("Remove")

    @property
    def is_filled(self) -> bool:
        return not self.remove.data and any(_is_given(self[name]) for name in self.tells)

    def validate(self, *args: Any, **kw: Any) -> bool:
        """What is taken out or empty can't be wrong."""
        return super().validate(*args, **kw) if self.is_filled else True


def _is_given(field: Field) -> bool:
    """Even what can't be read was given."""
    if field.raw_data is not None:
        return any(str(text).strip() for text in field.raw_data)
    return field.data not in (None, "", [])


class CapRow(Row):
    """The most seats for each programme, country …; the figure may change twice."""

    tells = ("per", "role", "most", "since_2", "most_2", "since_3", "most_3")
    per = SelectField("Limit for", [InputRequired("Choose for whom.")], choices=offers(GROUPS))
    role = IdField("Which role", Optional())
    most = IntegerField("At most", _seats(0))
    since_2 = LocalTimeField("From", Optional())
    most_2 = IntegerField("Then at most", _seats(0), description="Empty: no limit.")
    since_3 = LocalTimeField("And from", Optional())
    most_3 = IntegerField("Then at most", _seats(0), description="Empty: no limit.")

    @property
    def steps(self) -> tuple[StepValues, ...]:
        """Up to the last one that says something."""
        steps = [
            StepValues(since=self[f"since_{n}"].data, most=self[f"most_{n}"].data) for n in (2, 3)
        ]
        while steps and steps[-1] == StepValues():
            steps.pop()
        return (StepValues(most=self.most.data), *steps)

    def show(self, cap: Cap, zone: str) -> None:
        self.per.data, self.role.data = cap.per.value, cap.role
        self.most.data = cap.steps[0].most
        for number, step in enumerate(cap.steps[1:], start=2):
            self[f"since_{number}"].data = wall_clock(step.since, zone)
            self[f"most_{number}"].data = step.most


class HoldRow(Row):
    """Seats kept for people of some roles."""

    tells = ("roles", "seats", "until")
    roles = CheckboxesField(
        "For whom", [InputRequired("Tick for whom the seats are held.")], coerce=int
    )
    seats = IntegerField(
        "How many seats", [InputRequired("Say how many."), NumberRange(1, 100_000, SEATS.format(1))]
    )
    until = LocalTimeField("Until", InputRequired("Say until when."))
    mode = SelectField(
        "Which seats",
        choices=offers([("on-site", "On site"), ("online", "Online")]),
        default="on-site",
    )

    def show(self, hold: Hold, zone: str) -> None:
        self.roles.data, self.seats.data = sorted(hold.roles), hold.seats
        self.until.data = wall_clock(hold.until, zone)
        self.mode.data = "online" if hold.is_online else "on-site"


class ReconfirmPart(Part):
    """Whether and when people are asked if they still come."""

    Meta = InSentences

    asks = BooleanField("Ask those who have a seat to reconfirm")
    ask_days = IntegerField("Ask, days before the start", default=14)
    warn_days = IntegerField("Remind, days before", default=10)
    release_days = IntegerField("Release the seat, days before", default=7)

    days = ("ask_days", "warn_days", "release_days")

    def validate(self, *args: Any, **kw: Any) -> bool:
        """The days count only where people are asked."""
        if not self.asks.data:
            return True
        checks = [
            InputRequired("Say how many days."),
            NumberRange(0, 365, "Give a number from 0 to 365."),
        ]
        return super().validate(extra_validators=dict.fromkeys(self.days, checks))

    @property
    def answer(self) -> Reconfirmation | None:
        if not self.asks.data:
            return None
        return Reconfirmation(*(self[name].data for name in self.days))

    def show(self, asks: Reconfirmation | None) -> None:
        self.asks.data = asks is not None
        if asks:
            for name in self.days:
                self[name].data = getattr(asks, name)
