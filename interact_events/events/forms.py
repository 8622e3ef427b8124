"""What an event, a session and a copy look like as forms."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from typing import Any, TypeAlias, TypeVar

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    DecimalField,
    HiddenField,
    IntegerField,
    SelectField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, Email, InputRequired, Length, NumberRange, Optional

from interact_events.core import words
from interact_events.core.clock import to_local, zones
from interact_events.core.db import Base
from interact_events.core.errors import DomainError
from interact_events.core.web.forms import CheckboxesField, Form, TextField, offers, strip
from interact_events.events.actions import EventValues, SessionValues
from interact_events.events.models import LANGUAGES, Admission, Event, Kind, Mode, Session
from interact_events.events.queries import on_offer, rows_of
from interact_events.interreg.models import (
    Country,
    Objective,
    Office,
    Period,
    StakeholderRole,
    Strand,
    Topic,
)

T = TypeVar("T", bound=Base)

# Code, title, fields of full width, fields side by side.
Section: TypeAlias = tuple[str, str, tuple[str, ...], tuple[str, ...]]

MOST_COST = 99_999_999  # what the column holds, and more than any event here costs


class LongTextField(TextAreaField):
    """Text of several lines, at most `most` characters."""

    def __init__(self, label: str, *, most: int, rows: int = 6, **kw: Any):
        super().__init__(label, [Length(max=most)], filters=[strip], render_kw={"rows": rows}, **kw)


class LocalTimeField(DateTimeLocalField):
    """A moment on the wall clock of the event's zone."""

    def __init__(self, label: str, *validators: Any, **kw: Any):
        super().__init__(label, [*validators], format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **kw)


class IdField(SelectField):
    """One row of a table by its number; empty where none is an answer."""

    def __init__(self, label: str, *validators: Any, **kw: Any):
        super().__init__(label, [*validators], coerce=_number, **kw)


def _number(value: Any) -> int | None:
    return int(value) if value not in (None, "", "None") else None


class EventForm(Form):
    """Everything that an office says about an event; times are those of the event's zone.

    Who may come and how seats are given is asked here for a new event only: a change of these
    rules has a page of its own, which shows what the change will do.
    """

    version = HiddenField()

    title = TextField(
        "Title",
        [DataRequired("Give the event a title.")],
        most=160,
        description="What people learn, in a few words.",
    )
    summary = LongTextField(
        "Summary",
        most=400,
        rows=3,
        description="One or two sentences, at the top of the page and in search results.",
    )
    description = LongTextField(
        "Description",
        most=20_000,
        rows=10,
        description="What happens and why it is worth the time. "
        "Markdown works: **bold**, lists with -, links as [text](address).",
    )
    learning_objectives = LongTextField(
        "Objectives",
        most=5_000,
        rows=5,
        description="What people can do afterwards. Markdown works.",
    )
    kind = SelectField(
        "Kind", [InputRequired()], choices=offers((kind.value, kind.label) for kind in Kind)
    )
    language = SelectField(
        "Language",
        [InputRequired()],
        choices=offers(LANGUAGES.items()),
        default="en",
        description="The language that the event is held in.",
    )

    roles = CheckboxesField(
        "Target roles", coerce=int, description="Tick none if the event is for everybody."
    )
    strands = CheckboxesField(
        "Strands", coerce=int, description="Tick none if all strands are welcome."
    )
    topics = CheckboxesField("Topics", coerce=int, description="People search and filter by these.")

    zone = SelectField(
        "Time zone",
        [InputRequired()],
        choices=offers((zone, zone) for zone in zones()),
        description="All times of this event are entered and shown in this zone.",
    )
    starts = LocalTimeField("Start", InputRequired("Say when the event starts."))
    ends = LocalTimeField(
        "End",
        InputRequired("Say when the event ends."),
        description="Sessions that no longer fit, and the days and hours in the rules of its "
        "seats, move along with a changed start.",
    )

    mode = SelectField(
        "Format", [InputRequired()], choices=offers((mode.value, mode.label) for mode in Mode)
    )
    venue = TextField("Venue", description="For events in person: the name of the house.")
    address = TextField("Street and number")
    city = TextField("City", most=100)
    country = IdField("Country")
    coordinates = TextField(
        "Point on the map",
        most=60,
        description="As maps copy it, like 60.4458, 22.2530.",
    )
    joining_url = TextField(
        "Joining link",
        most=1000,
        description="For online events. Only people whose place is confirmed see it.",
        render_kw={"inputmode": "url"},
    )

    admission = SelectField(
        "How places are given",
        [InputRequired()],
        choices=offers((way.value, way.label) for way in Admission),
        description="First come: the next free seat is given at once. "
        "By selection: people apply, you decide.",
    )
    capacity = IntegerField(
        "Seats",
        [
            InputRequired("Say how many seats there are."),
            NumberRange(1, 100_000, "Give a number from 1 to 100,000."),
        ],
        description="More seats later are given to those who wait.",
    )
    registration_opens = LocalTimeField(
        "Registration opens", Optional(), description="Empty: as soon as the event is published."
    )
    registration_closes = LocalTimeField(
        "Registration closes",
        Optional(),
        description="Empty: when the event starts. A selection needs a deadline.",
    )
    certificate_threshold = IntegerField(
        "Certificate from (percent)",
        [
            InputRequired("Give a share from 1 to 100 percent."),
            NumberRange(1, 100, "Give a share from 1 to 100 percent."),
        ],
        default=80,
        description="The share of the learning time that somebody must attend.",
    )
    contact_name = TextField("Contact", most=120, description="Who answers questions.")
    contact_email = TextField(
        "Contact address",
        [Optional(), Email("Give an address like name@example.org.", allow_smtputf8=False)],
        most=254,
        description="Shown on the public page.",
        render_kw={"type": "email", "autocomplete": "off"},
    )

    period = IdField(
        "Funding period", InputRequired(), description="Decides the publicity on certificates."
    )
    objective = IdField("Specific objective", description="Of the same period.")
    budgeted_cost = DecimalField(
        "Budgeted cost (EUR)",
        [Optional(), NumberRange(0, MOST_COST, "Give an amount from 0 to 99,999,999.")],
        places=2,
        render_kw={"inputmode": "decimal"},
    )
    actual_cost = DecimalField(
        "Actual cost (EUR)",
        [Optional(), NumberRange(0, MOST_COST, "Give an amount from 0 to 99,999,999.")],
        places=2,
        render_kw={"inputmode": "decimal"},
    )
    internal_notes = LongTextField(
        "Internal notes", most=10_000, rows=4, description="Only staff see these."
    )

    is_about_seats = False  # what is wrong is mended on another page

    all_sections: tuple[Section, ...] = (
        ("what", "What it is", ("title", "summary", "description", "learning_objectives"), ()),
        ("sort", "Kind and language", (), ("kind", "language")),
        ("when", "When", ("zone",), ("starts", "ends")),
        (
            "where",
            "Where",
            ("mode", "venue"),
            ("address", "city", "country", "coordinates", "joining_url"),
        ),
        ("who", "Who it is for", ("roles", "strands", "topics"), ()),
        (
            "places",
            "Registration",
            ("admission",),
            ("capacity", "certificate_threshold", "registration_opens", "registration_closes"),
        ),
        ("contact", "Contact", (), ("contact_name", "contact_email")),
        (
            "office",
            "Funding and the office",
            ("period", "objective"),
            ("budgeted_cost", "actual_cost"),
        ),
        ("notes", "Internal notes", ("internal_notes",), ()),
    )

    def __init__(self, office: Office, event: Event | None = None, **kw: Any):
        """The form of `office`, filled from `event` unless somebody has sent answers."""
        super().__init__(**kw)
        self.event = event
        self._offer(event)
        if event:
            for name in RULES:
                del self[name]
        if not self.is_submitted():
            if event:
                self.fill(event)
            else:
                self._start_for(office)
        for name in TIMES:
            if name in self:
                self[name].label.text += f" ({self.zone.data})"

    @property
    def sections(self) -> list[Section]:
        """Those that have a field here: an event's rules have a page of their own."""
        parts = [
            (code, title, self._here(alone), self._here(paired))
            for code, title, alone, paired in self.all_sections
        ]
        return [part for part in parts if part[2] or part[3]]

    def _here(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(name for name in names if name in self)

    def _offer(self, event: Event | None) -> None:
        """What is retired stays on offer only where the event already has it."""
        roles = on_offer(StakeholderRole, event.roles if event else ())
        self.roles.choices = _choices(roles, lambda role: role.plural_in())
        strands = on_offer(Strand, event.strands if event else ())
        self.strands.choices = _choices(strands, lambda strand: strand.label)
        topics = on_offer(Topic, event.topics if event else ())
        self.topics.choices = _choices(topics, lambda topic: topic.name)
        countries = on_offer(Country, _if_any(event.country if event else None))
        self.country.choices = [
            *offers([("", "Choose")]),
            *_choices(countries, lambda land: land.name),
        ]
        periods = on_offer(Period, _if_any(event.period if event else None))
        self.period.choices = _choices(periods, lambda period: period.name)
        objectives = on_offer(Objective, _if_any(event.objective if event else None))
        self.objective.choices = [
            *offers([("", "None")]),
            *_choices(objectives, lambda o: f"{o.period.name}: {o.code} {o.name}"),
        ]
        if event and event.zone not in zones():
            self.zone.choices = offers((zone, zone) for zone in (event.zone, *zones()))

    def _start_for(self, office: Office) -> None:
        self.zone.data = office.zone
        self.city.data, self.country.data = office.city, office.country_id
        self.contact_name.data, self.contact_email.data = office.name, office.email
        newest = max(rows_of(Period), key=lambda period: period.starts_on)
        self.period.data = newest.id

    def suggest(self, args: MultiDict[str, str]) -> None:
        """Begin with what an address brings along, such as a date that was found; what makes no
        sense there is as if it was not there."""
        for name in SUGGESTED:
            usual = self[name].data
            if name in args and not self.is_submitted():
                self[name].process(args)
            if self[name].process_errors:
                self[name].data, self[name].raw_data, self[name].errors = usual, None, ()

    def refuse(self, refusal: DomainError) -> None:
        """When registration opens and closes is not asked here: say what it is, and where it is
        changed."""
        event = self.event
        if event and refusal.field in REGISTRATION and refusal.field not in self:
            self.is_about_seats = True
            refusal = DomainError(_beside_registration(event, refusal))
        super().refuse(refusal)

    def fill(self, event: Event) -> None:
        """Show the event as it is."""
        for name in self._here((*TEXTS, *NUMBERS)):
            self[name].data = getattr(event, name)
        for name in self._here(CHOSEN):
            self[name].data = getattr(event, name).value
        for name in self._here(SEVERAL):
            self[name].data = [row.id for row in getattr(event, name)]
        for name in ("period", "objective", "country"):
            self[name].data = getattr(event, f"{name}_id")
        for name in self._here(TIMES):
            self[name].data = wall_clock(getattr(event, TIMES[name]), event.zone)
        self.version.data = str(event.version)

    def values(self) -> EventValues:
        """The answers of a valid form."""
        texts = {name: self[name].data or "" for name in TEXTS}
        same = {name: self[name].data for name in self._here((*NUMBERS, *TIMES))}
        answers: dict[str, Any] = texts | same | self._rules()
        return EventValues(
            **answers,
            kind=Kind(self.kind.data),
            mode=Mode(self.mode.data),
            topics=tuple(rows_of(Topic, self.topics.data)),
            co_organisers=tuple(self.event.co_organisers) if self.event else (),
            period=rows_of(Period, [self.period.data])[0],
            objective=_first(rows_of(Objective, [self.objective.data])),
            country=_first(rows_of(Country, [self.country.data])),
            version=_version(self.version.data),
        )

    def _rules(self) -> dict[str, Any]:
        """Who may come and how seats are given: as answered for a new event, else as it is."""
        event = self.event
        if event is None:
            return {
                "admission": Admission(self.admission.data),
                "roles": tuple(rows_of(StakeholderRole, self.roles.data)),
                "strands": tuple(rows_of(Strand, self.strands.data)),
            }
        return {
            "admission": event.admission,
            "capacity": event.capacity,
            "roles": tuple(event.roles),
            "strands": tuple(event.strands),
            **{name: wall_clock(getattr(event, TIMES[name]), event.zone) for name in REGISTRATION},
        }


TEXTS = (
    *("title", "summary", "description", "learning_objectives", "language", "zone"),
    *("venue", "address", "city", "coordinates", "joining_url", "contact_name", "contact_email"),
    "internal_notes",
)
NUMBERS = ("capacity", "certificate_threshold", "budgeted_cost", "actual_cost")
CHOSEN = ("kind", "mode", "admission")
REGISTRATION = ("registration_opens", "registration_closes")
SEVERAL = ("roles", "strands", "topics")
SUGGESTED = ("title", "starts", "ends", "roles", "topics")
TIMES = {
    "starts": "starts_at",
    "ends": "ends_at",
    "registration_opens": "registration_opens_at",
    "registration_closes": "registration_closes_at",
}


RULES = (
    *("roles", "strands", "admission", "capacity"),
    *("registration_opens", "registration_closes"),
)


def _choices(rows: Iterable[T], label: Callable[[T], str]) -> list[Any]:
    return offers((row.id, label(row)) for row in rows)  # type: ignore[attr-defined]  # all have one


def _if_any(row: T | None) -> tuple[T, ...]:
    return (row,) if row else ()


def _first(rows: list[T]) -> T | None:
    return rows[0] if rows else None


def _version(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def wall_clock(instant: datetime | None, zone: str) -> datetime | None:
    return to_local(instant, zone).replace(tzinfo=None) if instant else None


def _beside_registration(event: Event, refusal: DomainError) -> str:
    """What the refusal is about, before the refusal."""
    field = str(refusal.field)
    instant = getattr(event, TIMES[field])
    verb = field.removeprefix("registration_")
    when = f" on {words.moment(instant, event.zone)}" if instant else ""
    return f"Registration {verb}{when}. {refusal.message} Change it under Seats first."


class SessionForm(Form):
    """An item of the agenda."""

    title = TextField("Title", [DataRequired("Give the session a title.")], most=160)
    day = DateField("Day", [InputRequired("Choose the day.")])
    starts = TimeField("Start", [InputRequired("Say when it starts.")])
    ends = TimeField("End", [InputRequired("Say when it ends.")])
    room = TextField("Room", most=100, description="Helps people where sessions run in parallel.")
    speakers = TextField("Speakers", most=300)
    capacity = IntegerField(
        "Seats of its own",
        [Optional(), NumberRange(1, 100_000, "Give a number from 1 to 100,000.")],
        description="Empty: everybody may come. With a number people choose this session when "
        "they register, while it has seats.",
    )
    is_learning = BooleanField(
        "Counts as learning time",
        default=True,
        description="Untick for breaks, dinners and travel.",
    )

    def follow(self, event: Event) -> None:
        """Start where the agenda ends so far."""
        latest = max((s.ends_at for s in event.agenda), default=event.starts_at)
        local = to_local(min(latest, event.ends_at), event.zone)
        self.day.data, self.starts.data = local.date(), local.time()

    def fill(self, session: Session) -> None:
        """Show the session as it is."""
        zone = session.event.zone
        for name in ("title", "room", "speakers", "capacity", "is_learning"):
            self[name].data = getattr(session, name)
        starts, ends = to_local(session.starts_at, zone), to_local(session.ends_at, zone)
        self.day.data, self.starts.data, self.ends.data = starts.date(), starts.time(), ends.time()

    def values(self) -> SessionValues:
        """The answers of a valid form."""
        day: Any = self.day.data
        return SessionValues(
            title=self.title.data or "",
            starts=datetime.combine(day, self.starts.data or time()),
            ends=datetime.combine(day, self.ends.data or time()),
            room=self.room.data or "",
            speakers=self.speakers.data or "",
            capacity=self.capacity.data,
            is_learning=self.is_learning.data,
        )


class CopyForm(Form):
    """A new event like one that exists."""

    title = TextField("Title", [DataRequired("Give the event a title.")], most=160)
    first_day = DateField(
        "First day",
        [InputRequired("Choose the first day.")],
        description="The agenda and the registration dates move along, at the same hours.",
    )

    def values(self) -> tuple[str, date]:
        """Title and first day of a valid form."""
        assert self.first_day.data
        return self.title.data or "", self.first_day.data
