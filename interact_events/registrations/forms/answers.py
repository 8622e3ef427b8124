"""What registrants fill in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, TypeAlias

from wtforms import BooleanField, RadioField
from wtforms.validators import InputRequired

from interact_events.accounts.forms import NewAccountFields, OwnPasswordField, ProfileFields
from interact_events.core.web.forms import (
    CheckboxesField,
    Form,
    SelectChoice,
    TextField,
    offers,
)
from interact_events.events.models import Event, Mode
from interact_events.registrations.actions import Answers, Person
from interact_events.registrations.models import Needs, Registration
from interact_events.registrations.policies import Answer

SessionChoices: TypeAlias = list[SelectChoice]

NEEDS_CODE = "This event is by invitation only: give the code that stands in your invitation."


MODES = [("on-site", "On site"), ("online", "Online")]


class SessionsField(CheckboxesField):
    """Sessions with seats of their own, those of the same time together."""

    @property
    def slots(self) -> list[tuple[str, list[Any]]]:
        """By time: each box, and the choice that it is for."""
        choices: Any = self.choices
        boxes = zip(self, choices, strict=True)
        return [(slot, list(pairs)) for slot, pairs in groupby(boxes, key=lambda p: p[1].optgroup)]


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
        "Send me new events by e-mail",
        description="Those for my roles and topics, at most once a week; one press ends it.",
    )

    needs = ("diet", "access")
    consents = ("may_be_listed", "may_be_photographed", "wants_news")

    def __init__(self, event: Event, *, travels: bool = True, **kw: Any) -> None:
        super().__init__(**kw)
        if not (event.mode.has_place and travels):
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
        choices=offers(MODES),
        default="on-site",
    )
    sessions = SessionsField(
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

    def __init__(self, event: Event, sessions: SessionChoices, **kw: Any) -> None:
        super().__init__(event, **kw)
        if event.mode is not Mode.HYBRID:
            del self.mode
        if sessions:
            self.sessions.choices = sessions
        else:
            del self.sessions

    def say_seats_left(self, modes: Mapping[bool, str]) -> None:
        """Beside each way to take part, where somebody has to choose: is there a seat?"""
        if "mode" in self and modes:
            choices = ((value, modes[value == "online"]) for value, _ in MODES)
            self.mode.choices = offers(choices)

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

    sessions = SessionsField("Sessions with few seats", coerce=int)

    def __init__(self, sessions: SessionChoices, chosen: Iterable[int] = (), **kw: Any) -> None:
        super().__init__(**kw)
        self.sessions.choices = sessions
        if not self.is_submitted():
            self.sessions.data = list(chosen)


class RegisterForm(PlaceForm):
    """Somebody with an account registers as one of their profiles."""

    profile = RadioField(
        "Register as",
        [InputRequired("Choose the profile that you register as.")],
        coerce=int,
        choices=[],
        validate_choice=False,  # whoever is not theirs, or not invited, is refused in words
    )

    def offer(self, answers: Sequence[Answer], modes: Mapping[bool, str]) -> None:
        """Show the profiles that may register, the first one chosen."""
        open_to = [answer.profile for answer in answers if answer.is_yes]
        self.profile.choices = [(profile.id, profile.label) for profile in open_to]
        if not self.is_submitted() and open_to:
            self.profile.data = open_to[0].id
        self.say_seats_left(modes)


class NewcomerForm(PlaceForm, NewAccountFields, ProfileFields):
    """Account, profile and registration in one."""

    account = ("email", "name", "password")
    profile = ("institution", "role", "programme", "country")

    def ask_password_again(self) -> None:
        """No page carries a password back, so who made a mistake elsewhere has to type it anew."""
        if self.is_submitted() and not self.password.errors:
            self.password.errors = ("Enter your password again.",)

    def require_code(self) -> None:
        """Nobody knows yet that their address is theirs, so they have to show their invitation."""
        self.code.validators = [InputRequired(NEEDS_CODE), *self.code.validators]
        self.code.flags.required = True

    @property
    def person(self) -> Person:
        return Person(
            email=self.email.data or "",
            name=self.name.data or "",
            zone=self.chosen_zone,
            **self.profile_values(),
        )


class ConfirmForm(Form):
    """Who can read the mail and knows the password is the one who asked."""

    password = OwnPasswordField(
        "Your password", description="The one that you chose when you filled in the form."
    )
