"""Forms of registrants and of the staff who decide on them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
from interact_events.core.errors import DomainError
from interact_events.core.web.forms import CheckboxesField, Form, TextField, offers, strip
from interact_events.events.models import Event, Mode
from interact_events.registrations.actions import Answers, Person
from interact_events.registrations.models import Needs, Registration, State
from interact_events.registrations.policies import Answer
from interact_events.registrations.queries import ListFilters, Tallies


@dataclass(frozen=True)
class PlaceChoices:
    """What a form has to ask about the place itself: sessions as (number, words)."""

    sessions: list[tuple[int, str]]
    needs_code: bool = False


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


class PlaceForm(AnswersForm):
    """What a place is: on site or online, sessions with seats of their own, an invitation."""

    mode = RadioField(
        "How do you take part?",
        choices=offers([("on-site", "On site"), ("online", "Online")]),
        default="on-site",
    )
    sessions = CheckboxesField(
        "Sessions with few seats",
        coerce=int,
        description="Choose those that you want to attend. You can change this later.",
    )
    code = TextField(
        "Invitation code",
        most=40,
        description="It stands in your invitation.",
        render_kw={"autocomplete": "off"},
    )

    def __init__(self, event: Event, place: PlaceChoices, **kw: Any) -> None:
        super().__init__(event, **kw)
        if event.mode is not Mode.HYBRID:
            del self.mode
        if place.sessions:
            self.sessions.choices = offers(place.sessions)
        else:
            del self.sessions
        if not place.needs_code:
            del self.code

    @property
    def answers(self) -> Answers:
        return replace(
            super().answers,
            is_online="mode" in self and self.mode.data == "online",
            sessions=tuple(self.sessions.data or ()) if "sessions" in self else (),
            code=(self.code.data or "").replace(" ", "").upper() if "code" in self else "",
        )


class SessionsForm(Form):
    """Another choice of sessions."""

    sessions = CheckboxesField("Sessions with few seats", coerce=int)

    def __init__(self, place: PlaceChoices, chosen: Iterable[int] = (), **kw: Any) -> None:
        super().__init__(**kw)
        self.sessions.choices = offers(place.sessions)
        if not self.is_submitted():
            self.sessions.data = list(chosen)


class RegisterForm(PlaceForm):
    """Somebody with an account registers as one of their profiles."""

    profile = RadioField(
        "Register as", [InputRequired("Choose the profile that you register as.")], coerce=int
    )

    def __init__(
        self, event: Event, place: PlaceChoices, answers: Sequence[Answer], **kw: Any
    ) -> None:
        super().__init__(event, place, **kw)
        open_to = [answer.profile for answer in answers if answer.is_yes]
        self.profile.choices = [(profile.id, profile.label) for profile in open_to]
        if not self.is_submitted() and open_to:
            self.profile.data = open_to[0].id


class NewcomerForm(PlaceForm, NewAccountFields, ProfileFields):
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


class BeyondFields(Form):
    """On site or online, and a seat against the rules: a tick and a reason, never by accident."""

    mode = RadioField(
        "Takes part",
        choices=offers([("on-site", "On site"), ("online", "Online")]),
        default="on-site",
    )
    beyond = BooleanField(
        "Give them a seat even if the rules don’t",
        description="Above a limit, or although the event is not for them.",
    )
    override = TextField(
        "Reason for going beyond the rules",
        most=500,
        description="Kept with the registration and in the history.",
    )

    def __init__(self, event: Event, **kw: Any) -> None:
        super().__init__(**kw)
        if event.mode is not Mode.HYBRID:
            del self.mode

    @property
    def is_online(self) -> bool:
        return "mode" in self and self.mode.data == "online"

    @property
    def reason_beyond(self) -> str:
        """Why staff go beyond the rules; empty where they don't."""
        if not self.beyond.data:
            return ""
        if not self.override.data:
            raise DomainError("Write why this person gets a seat anyway.", "override")
        return self.override.data


class AddProfileForm(BeyondFields):
    """One of the profiles of a person who has an account."""

    profile = RadioField("Add as", [InputRequired("Choose a profile.")], coerce=int)


class AddPersonForm(ProfileFields, BeyondFields):
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
    beyond = BooleanField("Give seats even if the rules don’t")
    override = TextField(
        "Reason for going beyond the rules",
        most=500,
        description="Kept with each registration that needed it, and in the history.",
    )

    @property
    def reason_beyond(self) -> str:
        """Why staff go beyond the rules; empty where they don't."""
        if not self.beyond.data:
            return ""
        if not self.override.data:
            raise DomainError("Write why these people get seats against the rules.")
        return self.override.data

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
