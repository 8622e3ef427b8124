"""What staff say about an event's seats."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from wtforms import BooleanField, DateField, Field, FormField, IntegerField, RadioField, widgets
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from interact_events.core import words
from interact_events.core.db import Base
from interact_events.core.errors import DomainError
from interact_events.core.web.forms import CheckboxesField, Form, offers
from interact_events.events.forms import LocalTimeField, wall_clock
from interact_events.events.models import Admission, Event, Mode
from interact_events.events.queries import on_offer, rows_of
from interact_events.interreg.models import Country, Programme, StakeholderRole, Strand
from interact_events.registrations.actions import CapValues, HoldValues, RulesRefused, SeatValues
from interact_events.registrations.forms.seat_rows import (
    MOST_ROWS,
    SEATS,
    CapRow,
    HoldRow,
    ReconfirmPart,
    RowsField,
)
from interact_events.registrations.models import Promotion, SeatRules
from interact_events.registrations.rules import Dimension

T = TypeVar("T", bound=Base)


class SeatsForm(Form):
    """Who may come and how seats are given; times are those of the event's zone."""

    version = IntegerField("Version", [Optional()], widget=widgets.HiddenInput())

    capacity = IntegerField(
        "Seats",
        [InputRequired("Say how many seats there are."), NumberRange(1, 100_000, SEATS.format(1))],
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
        "Registration closes",
        Optional(),
        description="Empty: when the event starts. A selection needs a deadline.",
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

    def go_on_from(self, version: int) -> None:
        """The next press is on top of this version, whatever this one was on."""
        self.version.data, self.version.raw_data = version, None

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
