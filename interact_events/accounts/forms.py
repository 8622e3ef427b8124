"""Forms about accounts, and fields that the registration of newcomers shares."""

from typing import Any, TypedDict

from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import BooleanField, Field, HiddenField, PasswordField, SelectField, widgets
from wtforms.validators import DataRequired, Email, InputRequired, Length, ValidationError

from interact_events.accounts.models import Level, Profile, User
from interact_events.accounts.queries import (
    common_passwords,
    countries_on_offer,
    programmes_on_offer,
    roles_on_offer,
)
from interact_events.accounts.rules import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    best_matches,
    password_fault,
)
from interact_events.core import clock
from interact_events.core.web.forms import Form, TextField, no_web_address, offers, strip
from interact_events.interreg.models import Country, Programme, StakeholderRole

DEFAULT_ZONE = "Europe/Brussels"  # of people whose browser does not tell


def lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


class AddressField(TextField):
    """An e-mail address, in lower case."""

    widget = widgets.EmailInput()

    def __init__(self, label: str = "E-mail address", validators: Any = None, **kw: Any) -> None:
        kw.setdefault("filters", [lower])
        kw.setdefault("render_kw", {"autocomplete": "email"})
        checks = address_checks() if validators is None else validators
        super().__init__(label, checks, most=254, **kw)


def address_checks(missing: str = "Write your e-mail address.") -> list[Any]:
    wrong = "Write an e-mail address like name@example.org."
    return [
        DataRequired(missing),
        Email(wrong, allow_smtputf8=False),
    ]


class NameField(TextField):
    """A person's name, as they write it."""

    def __init__(self, label: str = "Name", validators: Any = None, **kw: Any) -> None:
        kw.setdefault("render_kw", {"autocomplete": "name"})
        checks = [DataRequired("Write your name.")] if validators is None else validators
        super().__init__(label, [*checks, no_web_address], most=100, **kw)


class NewPasswordField(PasswordField):
    """A password to be set; its strength is checked where address and name are known."""

    def __init__(self, label: str = "Password", **kw: Any) -> None:
        kw = {
            "description": f"At least {SHORTEST_PASSWORD} characters. "
            "A few words that do not belong together are strong and easy to remember.",
            "render_kw": {"autocomplete": "new-password", "maxlength": LONGEST_PASSWORD},
        } | kw
        super().__init__(label, [InputRequired("Choose a password.")], **kw)


class OwnPasswordField(PasswordField):
    """The password that one has."""

    def __init__(self, label: str = "Password", **kw: Any) -> None:
        kw = {"render_kw": {"autocomplete": "current-password"}} | kw
        checks = [InputRequired("Write your password."), Length(max=1000)]
        super().__init__(label, checks, **kw)


class NewAccountFields(Form):
    """What a newcomer tells: address, name, password; `js/browser-zone.js` tells the zone."""

    email = AddressField()
    name = NameField()
    password = NewPasswordField()
    zone = HiddenField(render_kw={"data-zone": ""})

    def validate_password(self, field: Field) -> None:
        refuse_weak(field.data, email=self.email.data or "", name=self.name.data or "")

    @property
    def chosen_zone(self) -> str:
        return self.zone.data if self.zone.data in clock.zones() else DEFAULT_ZONE


def refuse_weak(password: str, *, email: str, name: str) -> None:
    """For a form that knows whose password it is."""
    fault = password_fault(password, email=email, name=name, common=common_passwords())
    if fault:
        raise ValidationError(fault)


class SignUpForm(NewAccountFields):
    pass


class SignInForm(Form):
    email = AddressField(
        validators=[DataRequired("Write your e-mail address.")],
        render_kw={"autocomplete": "username"},
    )
    password = OwnPasswordField()


class ForgotForm(Form):
    email = AddressField(render_kw={"autocomplete": "username"})


class ResetForm(Form):
    password = NewPasswordField("New password")


class ChangePasswordForm(Form):
    present_password = OwnPasswordField("Present password")
    password = NewPasswordField("New password")


class DeleteForm(Form):
    password = OwnPasswordField()


class SettingsForm(Form):
    name = NameField()
    certificate_name = NameField(
        "Name on certificates",
        validators=[],
        description="Leave empty to print the name above.",
        render_kw={},
    )
    zone = SelectField(
        "Time zone",
        [InputRequired("Choose your time zone.")],
        description="Times are shown in it beside the event's own.",
    )
    wants_news = BooleanField(
        "Send me new events for my roles and topics by e-mail, at most once a week"
    )

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.zone.choices = offers((zone, zone) for zone in clock.zones())

    @classmethod
    def of(cls, user: User) -> "SettingsForm":
        return cls(obj=user)


class JoinForm(Form):
    """A newcomer who was invited: the invitation tells the address."""

    name = NameField()
    password = NewPasswordField()


LEVELS = [
    (Level.VIEWER.value, "Viewer: sees everything, checks people in"),
    (Level.EDITOR.value, "Editor: also creates events, decides on registrations"),
    (Level.LEAD.value, "Lead: also publishes, cancels, issues certificates, invites staff"),
]


class InviteForm(Form):
    email = AddressField(render_kw={"autocomplete": "off"})
    level = SelectField(
        "Level",
        [InputRequired("Choose a level.")],
        choices=offers(LEVELS),
        default=Level.EDITOR.value,
    )

    @property
    def chosen_level(self) -> Level:
        return Level(self.level.data)


class InviteCoordinatorForm(Form):
    email = AddressField(render_kw={"autocomplete": "off"})


# Contact profiles


class ListedInput(widgets.TextInput):
    """A text input with suggestions below it, chosen by arrow keys; any text may be typed."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        kwargs.setdefault("autocomplete", "off")
        options = Markup("").join(
            Markup('<option value="{}"></option>').format(programme.label)
            for programme in field.programmes
        )
        list_id = f"{field.id}-list"
        box = super().__call__(field, list=list_id, **kwargs)
        return Markup('{}<datalist id="{}">{}</datalist>').format(box, list_id, options)


class ProgrammeField(Field):
    """One of the programmes, found by its name, part of it or its code; `data` is the row."""

    widget = ListedInput()
    data: Programme | None

    def __init__(self, label: str = "Programme", **kw: Any) -> None:
        super().__init__(label, **kw)
        self.programmes = programmes_on_offer()
        self.typed: str | None = None

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return self.data.label if self.data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Raises ValueError with a sentence where nothing or several programmes match."""
        self.typed, self.data = strip(valuelist[0] if valuelist else ""), None
        if not self.typed:
            return
        spellings = [(p.label, p.name, p.code or p.label) for p in self.programmes]
        found = [self.programmes[i] for i in best_matches(self.typed, spellings)]
        if not found:
            raise ValueError("No programme has that name or code. Choose one from the list.")
        if len(found) > 1:
            raise ValueError(_several(found))
        self.data = found[0]


def _several(found: list[Programme]) -> str:
    shown = "; ".join(programme.label for programme in found[:4])
    more = f" and {len(found) - 4} more" if len(found) > 4 else ""
    return f"Several programmes match: {shown}{more}. Choose one from the list."


class ProfileValues(TypedDict):
    """What `add_profile` and `edit_profile` take."""

    institution: str
    role: StakeholderRole
    programme: Programme | None
    country: Country


def _number(value: Any) -> int | None:
    return int(value) if value not in (None, "", "None") else None


class ProfileFields(FlaskForm):
    """In which capacity a person comes; a mixin, see `profile_values`."""

    institution = TextField(
        "Institution",
        [DataRequired("Write where you work."), no_web_address],
        render_kw={"autocomplete": "organization"},
    )
    role = SelectField("Role", [InputRequired("Choose your role.")], coerce=_number)
    programme = ProgrammeField(
        description="Type part of its name or code and choose. "
        "Leave empty if you do not work for one programme.",
    )
    country = SelectField(
        "Country",
        [InputRequired("Choose the country you work in.")],
        coerce=_number,
        description="Where your institution is.",
    )

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self._roles = {role.id: role for role in roles_on_offer()}
        self._countries = {country.id: country for country in countries_on_offer()}
        choose = ("", "Choose")
        roles = ((id_, role.label_in()) for id_, role in self._roles.items())
        countries = ((id_, country.name) for id_, country in self._countries.items())
        self.role.choices = offers([choose, *roles])
        self.country.choices = offers([choose, *countries])

    def profile_values(self) -> ProfileValues:
        """Only of a form that is valid."""
        return {
            "institution": self.institution.data or "",
            "role": self._roles[self.role.data],
            "programme": self.programme.data,
            "country": self._countries[self.country.data],
        }


class ProfileForm(ProfileFields, Form):
    @classmethod
    def of(cls, profile: Profile) -> "ProfileForm":
        """The form as it shows a profile that exists."""
        return cls(
            data={
                "institution": profile.institution,
                "role": profile.role_id,
                "programme": profile.programme,
                "country": profile.country_id,
            }
        )
