"""What templates and series look like as forms."""

from collections.abc import Sequence
from typing import Any

from wtforms import DateField, FormField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from interact_events.accounts.models import User
from interact_events.accounts.policies import can_edit_in_office
from interact_events.core.web.forms import CheckboxesField, Form, TextField, offers, strip
from interact_events.events.forms import CopyForm, IdField
from interact_events.events.models import Event
from interact_events.events.queries import on_offer
from interact_events.interreg.models import Country, Office
from interact_events.interreg.queries import offices
from interact_events.registrations.forms.seat_rows import Row, RowsField
from interact_events.series.actions import NewEvent
from interact_events.series.models import Series

ROWS_AT_FIRST = 3
MOST_ROWS = 12


class TemplateForm(Form):
    """An event kept as a template."""

    title = TextField(
        "Title",
        [DataRequired("Give the template a title.")],
        most=160,
        description="Events that are made from it begin with this title.",
    )


class FromTemplateForm(CopyForm):
    """An event like a template."""


class SeriesForm(Form):
    """Events that belong together."""

    name = TextField(
        "Name",
        [DataRequired("Give the series a name.")],
        most=160,
        description="People read it on the pages of its events.",
    )
    kind = RadioField(
        "What it is",
        [InputRequired("Choose what it is.")],
        choices=offers(
            [
                ("dates", "The same event several times: people choose a date or a city"),
                ("modules", "Modules that follow each other: one of them can come first"),
            ]
        ),
    )

    def __init__(self, series: Series | None = None, **kw: Any) -> None:
        super().__init__(**kw)
        if series and not self.is_submitted():
            self.name.data = series.name
            self.kind.data = "modules" if series.is_ordered else "dates"

    @property
    def is_ordered(self) -> bool:
        return bool(self.kind.data == "modules")


class EventRow(Row):
    """One of the events that are made at once."""

    tells = ("first_day", "title", "city", "venue")

    title = TextField("Title", most=160)
    first_day = DateField("First day", [InputRequired("Choose the first day.")])
    office = IdField("Office")
    city = TextField("City", most=100)
    country = IdField("Country")
    venue = TextField("Venue")


class NewEventsForm(Form):
    """Several events from one template or event."""

    source = SelectField("Made from", [InputRequired("Choose a template or an event.")])
    rows = RowsField(FormField(EventRow), max_entries=MOST_ROWS)

    def __init__(self, series: Series, user: User, sources: Sequence[Event], **kw: Any) -> None:
        super().__init__(**kw)
        for _ in range(0 if self.is_submitted() else ROWS_AT_FIRST):
            self.rows.append_entry()
        self.sources = {str(each.id): each for each in sources}
        self.source.choices = offers([("", "Choose"), *((n, _named(e)) for n, e in _of(sources))])
        open_to = [each for each in offices() if can_edit_in_office(user, each)]
        self.offices = {each.id: each for each in open_to}
        self.countries = {each.id: each for each in on_offer(Country)}
        self._offer(series.office)

    def _offer(self, home: Office) -> None:
        names = offers((number, office.city) for number, office in self.offices.items())
        lands = offers([("", "As its office"), *((c.id, c.name) for c in self.countries.values())])
        for row in self.rows:
            row.form.office.choices, row.form.country.choices = names, lands
            row.form.office.flags.required = True  # one of those that there are
            if row.form.office.data is None:
                row.form.office.data = home.id

    def grow(self, home: Office) -> None:
        """One more empty row, as the button asks."""
        self.rows.grow()
        self._offer(home)

    @property
    def has_offices(self) -> bool:
        """Whether there is anything to choose."""
        return len(self.offices) > 1

    @property
    def chosen(self) -> Event:
        return self.sources[self.source.data]

    @property
    def wanted(self) -> list[NewEvent]:
        """The rows of a valid form that say something."""
        return [
            NewEvent(
                title=row.form.title.data or self.chosen.title,
                first_day=row.form.first_day.data,
                office=self.offices[row.form.office.data],
                city=row.form.city.data or "",
                country=self.countries.get(row.form.country.data),
                venue=row.form.venue.data or "",
            )
            for row in self.rows.filled
        ]


def _of(sources: Sequence[Event]) -> list[tuple[int, Event]]:
    return [(each.id, each) for each in sources]


def _named(event: Event) -> str:
    return f"Template: {event.title}" if event.is_template else event.title


class ChosenForm(Form):
    """Some of the events of a series."""

    events = CheckboxesField("Events", coerce=int)

    def __init__(self, events: Sequence[Event], **kw: Any) -> None:
        super().__init__(**kw)
        self.events.choices = offers((event.id, event.title) for event in events)
        if not self.is_submitted():
            self.events.data = [event.id for event in events]


class MoveForm(ChosenForm):
    """Moving events of a series together."""

    days = IntegerField(
        "Days",
        [InputRequired("Say by how many days.")],
        description="Later, or with a minus earlier. Hours stay as they are on the clocks there.",
    )


class CancelForm(ChosenForm):
    """Calling events of a series off together."""

    reason = TextAreaField(
        "Reason",
        [InputRequired("Say why, in a sentence for those who wanted to come."), Length(max=1000)],
        filters=[strip],
        description="Everybody who is registered reads it, and the public pages show it.",
        render_kw={"rows": 3},
    )


class PutInForm(Form):
    """An event that exists becomes part of the series."""

    event = IdField("Event", InputRequired("Choose an event."))

    def __init__(self, events: Sequence[Event], **kw: Any) -> None:
        super().__init__(**kw)
        self.events = {each.id: each for each in events}
        self.event.choices = offers([("", "Choose"), *((e.id, e.title) for e in events)])
