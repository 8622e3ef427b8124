"""Forms of who hands a seat over, of coordinators and of who names them."""

from collections.abc import Sequence
from typing import Any

from wtforms import Field, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired

from interact_events.accounts.forms import (
    AddressField,
    NameField,
    NewPasswordField,
    ProgrammeField,
    address_checks,
    refuse_weak,
)
from interact_events.accounts.models import Profile
from interact_events.accounts.queries import countries_on_offer, roles_on_offer
from interact_events.core.errors import DomainError
from interact_events.core.web.forms import Form, TextField, no_web_address, offers
from interact_events.events.models import Event, Mode
from interact_events.interreg.models import Programme
from interact_events.nominations.actions import MOST_AT_ONCE, Draft, Nominee, RowsRefused
from interact_events.registrations.forms import AnswersForm


class OfferForm(Form):
    """Whom somebody asks to take their seat."""

    email = AddressField(
        "Your colleague’s e-mail address",
        validators=address_checks("Write your colleague’s e-mail address."),
        description="They need no account yet.",
        render_kw={"autocomplete": "off"},
    )


class AcceptForm(AnswersForm):
    """What the colleague says when they take the seat."""

    profile = RadioField(
        "You come as", [InputRequired("Choose the profile that you come as.")], coerce=int
    )

    def __init__(self, event: Event, profiles: Sequence[Profile], **kw: Any) -> None:
        super().__init__(event, **kw)
        self.profile.choices = [(profile.id, profile.label) for profile in profiles]
        if not self.is_submitted() and profiles:
            self.profile.data = profiles[0].id


class NewcomerAcceptsForm(Form):
    """Who was nominated and has no account: what it takes to give them one."""

    name = NameField()
    password = NewPasswordField()

    def __init__(self, email: str, name: str) -> None:
        super().__init__(data={"name": name})
        self._email = email

    def validate_password(self, field: Field) -> None:
        refuse_weak(field.data, email=self._email, name=self.name.data or "")


class CoordinatorForm(Form):
    """Whom a programme's secretariat has named."""

    programme = ProgrammeField(
        validators=[InputRequired("Choose a programme.")],
        description="Type part of its name or code and choose.",
    )
    email = AddressField(
        "Their e-mail address",
        validators=address_checks("Write their e-mail address."),
        description="Of an account whose address is confirmed.",
        render_kw={"autocomplete": "off"},
    )
    named_by = TextField(
        "Named by",
        [DataRequired("Write who named them, and when or where.")],
        description="For example: letter of the joint secretariat, 3 May 2027.",
    )


# -- several people at once ----------------------------------------------------------------------


def _number(value: Any) -> int | None:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


class PersonRow(Form):
    """One person; a row that nothing is written in is none."""

    class Meta:
        csrf = False  # the form around the rows has it

    email = AddressField(
        validators=address_checks("Write their e-mail address."), render_kw={"autocomplete": "off"}
    )
    name = NameField(
        validators=[DataRequired("Write their name.")], render_kw={"autocomplete": "off"}
    )
    institution = TextField(
        "Institution",
        [DataRequired("Write where they work."), no_web_address],
        render_kw={"autocomplete": "off"},
    )
    role = SelectField("Role", [InputRequired("Choose their role.")], coerce=_number)
    country = SelectField("Country", [InputRequired("Choose their country.")], coerce=_number)
    mode = SelectField("Takes part", default="on-site")

    @property
    def is_empty(self) -> bool:
        """Nothing is written; how they take part is always chosen."""
        return not any(field.data for field in self if field.short_name != "mode")

    @property
    def is_online(self) -> bool:
        return "mode" in self and self.mode.data == "online"


NOBODY = "Fill in at least one person whom you nominate."


class NominateForm(Form):
    """Up to ten people of one programme, each a row of its own: `people-0-email` …

    At a hybrid event each of them takes part on site or online.
    """

    at_first = 3  # rows; the others are folded away

    def __init__(self, event: Event, **kw: Any) -> None:
        super().__init__(**kw)
        self._is_hybrid = event.mode is Mode.HYBRID
        self._roles = {role.id: role for role in roles_on_offer()}
        self._countries = {country.id: country for country in countries_on_offer()}
        self.rows = [self._row(number) for number in range(MOST_AT_ONCE)]

    def _row(self, number: int) -> PersonRow:
        row = PersonRow(prefix=f"people-{number}-")
        choose = ("", "Choose")
        roles = ((number, role.label_in()) for number, role in self._roles.items())
        countries = ((number, country.name) for number, country in self._countries.items())
        row.role.choices = offers([choose, *roles])
        row.country.choices = offers([choose, *countries])
        if self._is_hybrid:
            row.mode.choices = offers([("on-site", "On site"), ("online", "Online")])
        else:
            del row.mode
        return row

    @property
    def filled(self) -> list[tuple[int, PersonRow]]:
        """The rows with something in them, with their numbers."""
        return [(number, row) for number, row in enumerate(self.rows) if not row.is_empty]

    @property
    def has_more(self) -> bool:
        """Whether something is written in the rows that are folded away at first."""
        return any(number >= self.at_first for number, _ in self.filled)

    def validate(self, extra_validators: Any = None) -> bool:
        """Every faulty row says what is wrong with it."""
        is_sound = bool(super().validate(extra_validators))
        faultless = [row.validate() for _, row in self.filled]
        if not faultless:
            self.rows[0].email.errors = (NOBODY,)
        return is_sound and bool(faultless) and all(faultless)

    def people(self, programme: Programme, zone: str) -> list[Nominee]:
        """Only of a form that is valid."""
        return [
            Nominee(
                email=row.email.data or "",
                name=row.name.data or "",
                zone=zone,
                institution=row.institution.data or "",
                role=self._roles[row.role.data],
                programme=programme,
                country=self._countries[row.country.data],
                is_online=row.is_online,
            )
            for _, row in self.filled
        ]

    def drafts(self) -> list[Draft]:
        """The rows that are filled, each with what is sound in it."""
        return [
            Draft(
                email="" if row.email.errors else row.email.data or "",
                name=row.name.data or "",
                role=self._roles.get(row.role.data),
                country=self._countries.get(row.country.data),
            )
            for _, row in self.filled
        ]

    def refuse(self, refusal: DomainError) -> None:
        """Put each fault beside its field; numbers count the rows that are filled."""
        if not isinstance(refusal, RowsRefused):
            super().refuse(refusal)
            return
        for fault in refusal.faults:
            field = self.filled[fault.row][1][fault.field]
            field.errors = (*field.errors, fault.sentence)

    def all_errors(self) -> list[tuple[Field | None, str]]:
        """Those of the rows too, with the number of the person, if it is about one."""
        if not self.filled and self.rows[0].email.errors:
            return [*super().all_errors(), (None, NOBODY)]
        return super().all_errors() + [
            (field, f"{sentence} (person {number + 1})")
            for number, row in enumerate(self.rows)
            for field, sentence in row.all_errors()
        ]
