"""What staff fill in who decide on registrations."""

from typing import Any

from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from interact_events.accounts.forms import (
    AddressField,
    NameField,
    ProfileFields,
    ProgrammeField,
    address_checks,
)
from interact_events.core.errors import DomainError
from interact_events.core.web.forms import Form, TextField, no_web_address, offers, strip
from interact_events.events.models import Event, Mode
from interact_events.registrations.actions import Person
from interact_events.registrations.models import State
from interact_events.registrations.queries import ListFilters, Tallies


def _number(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


class SearchPersonForm(Form):
    """Whom staff want to add."""

    class Meta:
        csrf = False  # it only looks

    email = AddressField(
        "Their e-mail address",
        validators=address_checks("Write their e-mail address."),
        render_kw={"autocomplete": "off"},
    )


class BeyondForm(Form):
    """Seats against the rules: a tick and a reason, so never by accident."""

    beyond = BooleanField("Give seats even if the rules don’t")
    override = TextField(
        "Reason for going beyond the rules",
        most=500,
        description="Kept with each registration that needed it, and in the history.",
    )

    asked = "Write why these people get seats against the rules."

    @property
    def reason_beyond(self) -> str:
        """Why staff go beyond the rules; empty where they don't."""
        if not self.beyond.data:
            return ""
        if not self.override.data:
            raise DomainError(self.asked, "override")
        return self.override.data


class BeyondFields(BeyondForm):
    """One person by hand: on site or online, and if need be against the rules."""

    mode = RadioField(
        "Takes part",
        choices=offers([("on-site", "On site"), ("online", "Online")]),
        default="on-site",
    )
    beyond = BooleanField(
        "Give them a seat even if the rules don’t",
        description="Above a limit, or although the event is not for them.",
    )

    asked = "Write why this person gets a seat anyway."

    def __init__(self, event: Event, **kw: Any) -> None:
        super().__init__(**kw)
        if event.mode is not Mode.HYBRID:
            del self.mode

    @property
    def is_online(self) -> bool:
        return "mode" in self and self.mode.data == "online"


class AddProfileForm(BeyondFields):
    """One of the profiles of a person who has an account."""

    profile = RadioField("Add as", [InputRequired("Choose a profile.")], coerce=int)


class AddPersonForm(ProfileFields, BeyondFields):
    """A person who has no account yet, as staff know them."""

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
    programme = ProgrammeField(
        description="Type part of its name or code and choose. "
        "Leave empty if they do not work for one programme.",
    )
    country = SelectField(
        "Country",
        [InputRequired("Choose the country they work in.")],
        coerce=_number,
        description="Where their institution is.",
    )

    def person(self, zone: str) -> Person:
        return Person(
            email=self.email.data or "",
            name=self.name.data or "",
            zone=zone,
            **self.profile_values(),
        )


class DecisionForm(BeyondForm):
    """What staff decide about those ticked, or about the one whose own button was pressed."""

    registration = SelectMultipleField(coerce=_number, validate_choice=False)
    decision = TextField("Decision")
    one = TextField("One person")
    reason = TextField(
        "Reason",
        most=500,
        description="Goes into the mail when you decline or cancel.",
    )
    sure = BooleanField("Cancel them")  # what the page says that asks first

    @property
    def chosen(self) -> tuple[list[int], State | None]:
        """(whom, what): a row's own button, "12:declined", leaves the ticks aside."""
        number, _, decision = (self.one.data or "").partition(":")
        numbers = [_number(number)] if number else list(self.registration.data or [])
        wish = decision or self.decision.data or ""
        return numbers, State(wish) if wish in list(State) else None

    def refuse(self, refusal: DomainError) -> None:
        """Whoever was meant is ticked, and nobody else, so that one goes on in the box for all who
        are ticked."""
        numbers, to = self.chosen
        self.registration.data, self.decision.data = numbers, to.value if to else ""
        super().refuse(refusal)


class ListForm(Form):
    """The filters of the staff's list, as an address carries them."""

    class Meta:
        csrf = False

    q = TextField("Search", description="")
    state = SelectField("State")
    role = SelectField("Role")
    programme = SelectField("Programme")
    country = SelectField("Country")

    def __init__(self, filters: ListFilters, tallies: Tallies) -> None:
        super().__init__(formdata=None, data=filters.to_args)
        self.state.choices = [("", "Any state"), *((s.value, s.label) for s in State)]
        for name, all_, found in (
            ("role", "Any role", tallies.roles),
            ("programme", "Any programme", tallies.programmes),
            ("country", "Any country", tallies.countries),
        ):
            self[name].choices = [("", all_), *((str(t.key), t.label) for t in found)]


class CancelEventForm(Form):
    """Calling an event off."""

    reason = TextAreaField(
        "Reason",
        [InputRequired("Say why, in a sentence for those who wanted to come."), Length(max=1000)],
        filters=[strip],
        description="Everybody who is registered reads it, and the public page shows it.",
        render_kw={"rows": 3},
    )
