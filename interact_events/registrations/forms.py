"""Forms of registrants and of the staff who decide on them."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length

from interact_events.accounts.forms import (
    AddressField,
    NameField,
    NewAccountFields,
    OwnPasswordField,
    ProfileFields,
)
from interact_events.core.web.forms import Form, TextField, strip
from interact_events.events.models import Event
from interact_events.registrations.actions import Answers, Person
from interact_events.registrations.models import Needs, Registration, State
from interact_events.registrations.policies import Answer
from interact_events.registrations.queries import ListFilters, Tallies


class AnswersForm(Form):
    """Optional questions and separate consents; needs only where people travel to."""

    diet = TextField(
        "Dietary needs",
        most=300,
        description="For example vegetarian, or an allergy. For the kitchen only.",
    )
    access = TextField(
        "Access needs",
        most=300,
        description="For example step-free access or sign language. For the organisers only.",
    )
    may_be_listed = BooleanField(
        "Show me in the participants’ list",
        description="Name, institution and role, to those who take part.",
    )
    may_be_photographed = BooleanField(
        "Photos that show me may be published",
        description="On Interact’s website and in reports about the event.",
    )
    wants_news = BooleanField(
        "Send me news about events by e-mail", description="A few times a year."
    )

    needs = ("diet", "access")
    consents = ("may_be_listed", "may_be_photographed", "wants_news")

    def __init__(self, event: Event, **kw: Any) -> None:
        super().__init__(**kw)
        if not event.mode.has_place:
            for name in self.needs:
                del self[name]

    def fill(self, registration: Registration, needs: Needs | None) -> None:
        """Show what they said."""
        for name in ("may_be_listed", "may_be_photographed"):
            self[name].data = getattr(registration, name)
        self.wants_news.data = registration.user.wants_news
        for name in self.needs:
            if name in self and needs:
                self[name].data = getattr(needs, name)

    @property
    def answers(self) -> Answers:
        values = {name: self[name].data for name in (*self.needs, *self.consents) if name in self}
        return Answers(**values)


class RegisterForm(AnswersForm):
    """Somebody with an account registers as one of their profiles."""

    profile = RadioField(
        "Register as", [InputRequired("Choose the profile that you register as.")], coerce=int
    )

    def __init__(self, event: Event, answers: Sequence[Answer], **kw: Any) -> None:
        super().__init__(event, **kw)
        open_to = [answer.profile for answer in answers if answer.is_yes]
        self.profile.choices = [(profile.id, profile.label) for profile in open_to]
        if not self.is_submitted() and open_to:
            self.profile.data = open_to[0].id


class NewcomerForm(AnswersForm, NewAccountFields, ProfileFields):
    """Account, profile and registration in one."""

    account = ("email", "name", "password")
    profile = ("institution", "role", "programme", "country")

    @property
    def person(self) -> Person:
        return Person(
            email=self.email.data or "",
            name=self.name.data or "",
            zone=self.chosen_zone,
            **self.profile_values(),
        )


class SearchPersonForm(Form):
    """Whom staff want to add."""

    class Meta:
        csrf = False  # it only looks

    email = AddressField("Their e-mail address", render_kw={"autocomplete": "off"})


class AddProfileForm(Form):
    """One of the profiles of a person who has an account."""

    profile = RadioField("Add as", [InputRequired("Choose a profile.")], coerce=int)


class AddPersonForm(ProfileFields, Form):
    """A person who has no account yet."""

    email = AddressField(render_kw={"autocomplete": "off"})
    name = NameField(render_kw={"autocomplete": "off"})

    def person(self, zone: str) -> Person:
        return Person(
            email=self.email.data or "",
            name=self.name.data or "",
            zone=zone,
            **self.profile_values(),
        )


class ConfirmForm(Form):
    """Who can read the mail and knows the password is the one who asked."""

    password = OwnPasswordField(
        "Your password", description="The one that you chose when you filled in the form."
    )


def _number(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


class DecisionForm(Form):
    """What staff decide about those ticked, or about the one whose own button was pressed."""

    registration = SelectMultipleField(coerce=_number, validate_choice=False)
    decision = TextField("Decision")
    one = TextField("One person")
    reason = TextField(
        "Reason",
        most=500,
        description="Goes into the mail when you decline or cancel.",
    )

    @property
    def chosen(self) -> tuple[list[int], State | None]:
        """(whom, what): a row's own button, "12:declined", leaves the ticks aside."""
        number, _, decision = (self.one.data or "").partition(":")
        numbers = [_number(number)] if number else list(self.registration.data or [])
        wish = decision or self.decision.data or ""
        return numbers, State(wish) if wish in list(State) else None


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
