"""What staff say about an event's seats: the rules, and whom it invites."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from email_validator import EmailNotValidError, validate_email
from wtforms import (
    BooleanField,
    DateField,
    Field,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    TextAreaField,
    widgets,
)
from wtforms import Form as Part
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from interact_events.core import words
from interact_events.core.db import Base
from interact_events.core.errors import DomainError
from interact_events.core.web.forms import CheckboxesField, Form, InSentences, TextField, offers
from interact_events.events.forms import IdField, LocalTimeField, wall_clock
from interact_events.events.models import Admission, Event, Mode
from interact_events.events.queries import on_offer, rows_of
from interact_events.interreg.models import Country, Programme, StakeholderRole, Strand
from interact_events.registrations.actions import (
    CapValues,
    HoldValues,
    RulesRefused,
    SeatValues,
    StepValues,
)
from interact_events.registrations.models import Promotion, Reconfirmation, SeatRules
from interact_events.registrations.rules import Cap, Dimension, Hold

T = TypeVar("T", bound=Base)

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


# -- rows ----------------------------------------------------------------------------------------


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
        "How many seats",
        [InputRequired("Say how many."), NumberRange(1, 100_000, SEATS.format(1))],
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


# -- the rules -----------------------------------------------------------------------------------


class SeatsForm(Form):
    """Who may come and how seats are given; times are those of the event's zone."""

    version = IntegerField("Version", [Optional()], widget=widgets.HiddenInput())

    capacity = IntegerField(
        "Seats",
        [
            InputRequired("Say how many seats there are."),
            NumberRange(1, 100_000, SEATS.format(1)),
        ],
        description="Seats that you add are given to those who wait.",
    )
    online_capacity = IntegerField(
        "Of these online",
        [InputRequired("Say how many are online."), NumberRange(0, 100_000, SEATS.format(0))],
        description="All others are on site.",
    )
    admission = RadioField(
        "How seats are given",
        [InputRequired("Choose how seats are given.")],
        choices=offers(
            [
                (Admission.FIRST_COME.value, "First come, first served"),
                (Admission.SELECTION.value, "By selection: people apply, the office chooses"),
            ]
        ),
    )
    registration_opens = LocalTimeField(
        "Registration opens", Optional(), description="Empty: as soon as the event is published."
    )
    registration_closes = LocalTimeField(
        "Registration closes", Optional(), description="Empty: when the event starts."
    )
    decision_on = DateField(
        "Decision promised by",
        [Optional()],
        description="Only for a selection. Applicants read this day.",
    )

    roles = CheckboxesField("Roles", coerce=int, description="Tick none if all are welcome.")
    strands = CheckboxesField("Strands", coerce=int, description="Tick none if all are welcome.")
    programmes = CheckboxesField(
        "Programmes", coerce=int, description="Tick none if all are welcome."
    )
    countries = CheckboxesField(
        "Countries", coerce=int, description="Tick none if all are welcome."
    )
    by_invitation = BooleanField(
        "By invitation only", description="Only people with an invitation or a code can register."
    )

    caps = RowsField(FormField(CapRow), max_entries=MOST_ROWS)
    holds = RowsField(FormField(HoldRow), max_entries=MOST_ROWS)

    promotion = RadioField(
        "What happens with a seat that becomes free",
        [InputRequired("Choose what happens.")],
        choices=offers((way.value, way.label) for way in Promotion),
    )
    offer_hours = IntegerField("Hours to accept an offer", default=48)

    reconfirm_on_site = FormField(ReconfirmPart)
    reconfirm_online = FormField(ReconfirmPart)

    rows = ("caps", "holds")
    reconfirmations = ("reconfirm_on_site", "reconfirm_online")

    def __init__(self, event: Event, settings: SeatRules, **kw: Any) -> None:
        """The rules as they are, unless somebody has sent answers."""
        super().__init__(**kw)
        self.event = event
        self._fit(event.mode)
        if not self.is_submitted():
            self._show(event, settings)
        for name in ("registration_opens", "registration_closes"):
            self[name].label.text += f" ({event.zone})"
        self._offer_groups(event, settings)
        self.caps.grow_to_one_empty()
        if not self.holds.filled:
            self.holds.grow_to_one_empty()
        self._offer_roles(event, settings)

    def _fit(self, mode: Mode) -> None:
        """An event that is only on site or only online is not asked about the other."""
        if mode is not Mode.HYBRID:
            del self.online_capacity
        if mode is Mode.ONLINE:
            del self.reconfirm_on_site
        if mode is Mode.IN_PERSON:
            del self.reconfirm_online

    def _show(self, event: Event, settings: SeatRules) -> None:
        self.version.data, self.capacity.data = event.version, event.capacity
        if "online_capacity" in self:
            self.online_capacity.data = event.online_capacity
        self.admission.data, self.promotion.data = event.admission.value, settings.promotion.value
        self.registration_opens.data = wall_clock(event.registration_opens_at, event.zone)
        self.registration_closes.data = wall_clock(event.registration_closes_at, event.zone)
        self.decision_on.data, self.offer_hours.data = settings.decision_on, settings.offer_hours
        self.by_invitation.data = settings.by_invitation
        self.roles.data = [role.id for role in event.roles]
        self.strands.data = [strand.id for strand in event.strands]
        self.programmes.data = sorted(settings.programmes)
        self.countries.data = sorted(settings.countries)
        self._show_rows(event.zone, settings)

    def _show_rows(self, zone: str, settings: SeatRules) -> None:
        for cap in settings.caps:
            self.caps.append_entry().form.show(cap, zone)
        for hold in settings.holds:
            self.holds.append_entry().form.show(hold, zone)
        for name in self._here(self.reconfirmations):
            self[name].form.show(settings.reconfirmation_for(online=name == "reconfirm_online"))

    def _here(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if name in self]

    def _offer_groups(self, event: Event, settings: SeatRules) -> None:
        """What is retired stays on offer only where the event already has it; programmes of the
        event's own period come first."""
        self.strands.choices = _choices(on_offer(Strand, event.strands), lambda s: s.label)
        programmes = on_offer(Programme, _of(Programme, settings.programmes))
        programmes.sort(key=lambda p: (p.strand.period_id != event.period_id, p.name))
        self.programmes.choices = _choices(programmes, lambda p: p.label)
        countries = on_offer(Country, _of(Country, settings.countries))
        self.countries.choices = _choices(countries, lambda c: c.name)

    def _offer_roles(self, event: Event, settings: SeatRules) -> None:
        used = {role for hold in settings.holds for role in hold.roles}
        used |= {cap.role for cap in settings.caps if cap.role}
        roles = on_offer(StakeholderRole, [*event.roles, *_of(StakeholderRole, used)])
        choices = _choices(roles, lambda role: role.plural_in(event.period_id))
        self.roles.choices = choices
        for row in self.caps:
            row.form.role.choices = [*offers([("", "All roles")]), *choices]
        for row in self.holds:
            row.form.roles.choices = choices

    def grow(self, name: str) -> None:
        """One more empty row, as the button asks."""
        if name in self.rows:
            self[name].grow()
            self._like_the_first(name)

    def _like_the_first(self, name: str) -> None:
        offered = "role" if name == "caps" else "roles"
        choices = self[name].entries[0].form[offered].choices
        for row in self[name]:
            row.form[offered].choices = choices

    def validate_offer_hours(self, field: Field) -> None:
        """The hours count only where seats are offered."""
        field.errors = []
        is_asked = self.promotion.data == Promotion.OFFER.value
        if is_asked and (field.data is None or not 1 <= field.data <= 720):
            raise ValidationError("Give a number of hours from 1 to 720.")

    def refuse(self, refusal: DomainError) -> None:
        """An action counts the filled rows alone; here empty ones may lie between them."""
        if isinstance(refusal, RulesRefused):
            for each in refusal.refusals:
                self.refuse(each)
            return
        name, _, rest = (refusal.field or "").partition("-")
        number, _, field = rest.partition("-")
        if name in self.rows and field:
            row = self[name].filled[int(number)]
            refusal = DomainError(refusal.message, f"{row.name}-{field}")
        super().refuse(refusal)

    def name_of(self, field: Field) -> str:
        """Rows look alike, so each is called by its number: "Limit 2, at most"."""
        name = words.within_sentence(super().name_of(field))
        for part, title in (("caps", "Limit"), ("holds", "Held seats")):
            for number, row in enumerate(self[part], start=1):
                if field.name.startswith(f"{row.name}-"):
                    return f"{title} {number}, {name}"
        where = {"reconfirm_on_site": " on site", "reconfirm_online": " online"}
        for part in self._here(self.reconfirmations):
            if field.name.startswith(f"{part}-"):
                return (
                    f"Reconfirmation{where[part] if self.event.mode is Mode.HYBRID else ''}, {name}"
                )
        return super().name_of(field)

    def values(self) -> SeatValues:
        """The answers of a valid form."""
        return SeatValues(
            admission=Admission(self.admission.data),
            capacity=self.capacity.data or 0,
            online_capacity=self.online_capacity.data or 0 if "online_capacity" in self else 0,
            registration_opens=self.registration_opens.data,
            registration_closes=self.registration_closes.data,
            decision_on=self.decision_on.data,
            roles=tuple(rows_of(StakeholderRole, self.roles.data)),
            strands=tuple(rows_of(Strand, self.strands.data)),
            programmes=tuple(rows_of(Programme, self.programmes.data)),
            countries=tuple(rows_of(Country, self.countries.data)),
            by_invitation=self.by_invitation.data,
            promotion=Promotion(self.promotion.data),
            offer_hours=self._hours,
            version=self.version.data,
            **self._rows_values(),
        )

    @property
    def _hours(self) -> int:
        """What is not asked for is not taken over."""
        is_asked = self.promotion.data == Promotion.OFFER.value
        return (self.offer_hours.data if is_asked else None) or 48

    def _rows_values(self) -> dict[str, Any]:
        roles = {role.id: role for role in rows_of(StakeholderRole)}
        asked = {name: self[name].form.answer for name in self._here(self.reconfirmations)}
        return asked | {
            "caps": tuple(_cap(row.form, roles) for row in self.caps.filled),
            "holds": tuple(_hold(row.form, roles) for row in self.holds.filled),
        }


def _cap(row: CapRow, roles: dict[int, StakeholderRole]) -> CapValues:
    return CapValues(
        per=Dimension(row.per.data),
        role=roles[row.role.data] if row.role.data else None,
        steps=row.steps,
    )


def _hold(row: HoldRow, roles: dict[int, StakeholderRole]) -> HoldValues:
    assert isinstance(row.until.data, datetime)
    return HoldValues(
        roles=tuple(roles[number] for number in row.roles.data or ()),
        seats=row.seats.data or 0,
        until=row.until.data,
        is_online=row.mode.data == "online",
    )


def _of(model: type[T], numbers: Iterable[int]) -> list[T]:
    wanted = list(numbers)
    return rows_of(model, wanted) if wanted else []


def _choices(rows: Iterable[T], label: Callable[[T], str]) -> list[Any]:
    return offers((row.id, label(row)) for row in rows)  # type: ignore[attr-defined]  # all have one


# -- invitations ---------------------------------------------------------------------------------

SHOWN = 10  # wrong addresses that are named


class AddressesField(TextAreaField):
    """E-mail addresses as people paste them; `found` are those that can be written to."""

    found: tuple[str, ...] = ()

    def pre_validate(self, form: Any) -> None:
        """Names every line that holds something else."""
        found, wrong = [], []
        for number, text in written_addresses(self.data or ""):
            address = _address(text)
            if address:
                found.append(address)
            else:
                wrong.append(f"line {number}: “{text[:80]}”")
        self.found = tuple(found)
        if wrong:
            raise ValidationError(_wrong(wrong))


def _wrong(lines: Sequence[str]) -> str:
    more = f" and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    return f"These are no e-mail addresses: {'; '.join(lines[:SHOWN])}{more}."


def written_addresses(text: str) -> Iterator[tuple[int, str]]:
    """Each piece with the number of its line; commas within a name part nothing.

    A name stands in quotes, or as mail programs write it: "Roe, Jo <jo@example.org>".
    """
    for number, line in enumerate(text.splitlines(), start=1):
        for piece in line.split(";"):
            yield from ((number, part) for part in _with_surnames(_parted(piece)) if part)


def _parted(piece: str) -> list[str]:
    """Apart at each comma that an even number of quotes follows; a piece holds no line break."""
    parts = piece.split('"')
    for at in range(len(parts) - 1, -1, -2):
        parts[at] = parts[at].replace(",", "\n")
    return '"'.join(parts).split("\n")


def _with_surnames(parts: Iterable[str]) -> Iterator[str]:
    """A surname goes with the name and address that follow it; in small letters it is none, but
    an address that somebody has mistyped."""
    surname = ""
    for part in (each.strip() for each in parts):
        if surname and re.fullmatch(r"[^<>@]+<[^<>]*>", part):
            yield f"{surname}, {part}"
            surname = ""
            continue
        yield surname
        surname = ""
        if part != part.lower() and not re.search(r"[@<>]", part):
            surname = part
        else:
            yield part
    yield surname


def _address(text: str) -> str | None:
    """The address of "Name <address>", or of a bare one, in lower case."""
    named = re.fullmatch(r"[^<>]*<([^<>]+)>", text)
    bare = (named.group(1) if named else text).strip()
    if len(bare) > 254:
        return None
    try:
        validate_email(bare, allow_smtputf8=False, check_deliverability=False)
    except EmailNotValidError:
        return None
    return bare.lower()


class SeatInvitationsForm(Form):
    """Whom to send a personal invitation."""

    addresses = AddressesField(
        "E-mail addresses",
        [
            DataRequired("Give at least one address."),
            Length(max=200_000, message="Send fewer addresses at once."),
        ],
        description="One on each line, or parted by commas or semicolons. "
        "“Name <name@example.org>” works too.",
        render_kw={"rows": 6, "spellcheck": "false", "autocomplete": "off"},
    )


class CodeForm(Form):
    """A code that the office passes on."""

    label = TextField(
        "Whom it is for",
        [DataRequired("Say whom the code is for.")],
        most=100,
        description="For your list only, for example a programme.",
    )
    most_uses = IntegerField(
        "For how many people",
        [
            InputRequired("Say for how many people."),
            NumberRange(1, 10_000, "Give a number from 1 to 10,000."),
        ],
    )
