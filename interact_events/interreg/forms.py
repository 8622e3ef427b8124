"""What the secretariat types about the network."""

from typing import Any, cast

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    IntegerField,
    RadioField,
    SelectField,
    TextAreaField,
)
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional, Regexp

from interact_events.core import clock
from interact_events.core.db import Base
from interact_events.core.web.forms import CheckboxesField, Form, TextField, offers, strip
from interact_events.interreg.models import (
    Country,
    Hue,
    Office,
    Programme,
    ProgrammeStatus,
    Publicity,
    StakeholderRole,
)
from interact_events.interreg.queries import countries, countries_numbered, periods, strands

KEPT = "It is part of addresses and files, so it cannot be changed later."
PUBLICITY = [
    (Publicity.ERDF.value, "European Union, European Regional Development Fund"),
    (Publicity.COFUNDED.value, "Co-funded by the European Union"),
]
Row = Base | None


def needed(sentence: str) -> InputRequired:
    return InputRequired(sentence)


def code_field(
    label: str = "Code", shape: str = "[A-Z0-9][A-Z0-9-]*", words: str = ""
) -> TextField:
    """The sign by which files and addresses know a row."""
    return TextField(
        label,
        [
            needed("Enter a code."),
            Regexp(f"^(?:{shape})$", message=words or "Use capital letters, digits and hyphens."),
        ],
        most=40,
        description=KEPT,
    )


def slug_field() -> TextField:
    return code_field(
        shape="[a-z0-9]+(?:-[a-z0-9]+)*", words="Use small letters, digits and single hyphens."
    )


def name_field(label: str = "Name") -> TextField:
    return TextField(label, [needed("Enter a name.")])


class RowForm(Form):
    """A form for one row. What identifies a row is typed once, when the row is added."""

    FIXED: tuple[str, ...] = ("code",)

    def __init__(self, row: Row) -> None:
        super().__init__(obj=row)
        self.offer(row)
        if row is not None:
            for name in self.FIXED:
                del self[name]

    def offer(self, row: Any) -> None:
        """Fill the lists to choose from; what `row` has stays on offer even if retired."""

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.data.items() if name != "csrf_token"}


class OfficeForm(RowForm):
    code = slug_field()
    name = name_field()
    city = TextField("City", [needed("Enter a city.")])
    country_id = SelectField("Country", [needed("Choose one.")], coerce=int)
    zone = SelectField(
        "Time zone",
        [needed("Choose one.")],
        choices=offers((zone, zone.replace("_", " ")) for zone in clock.zones()),
        default="Europe/Bratislava",
        description="New events of the office begin with it.",
    )
    subdivision = TextField(
        "Region for public holidays",
        description="The part after the hyphen of its ISO 3166-2 code, such as VC for Valencia.",
        filters=[lambda text: text or None],
        most=5,
    )
    hue = SelectField(
        "Colour",
        [needed("Choose one.")],
        choices=offers((hue.value, hue.value.capitalize()) for hue in Hue),
        description="A thin edge beside its events.",
    )
    email = TextField(
        "E-mail",
        [
            needed("Enter an e-mail address."),
            Email("Enter an address such as office@example.org.", allow_smtputf8=False),
        ],
    )
    phone = TextField("Telephone", most=40)
    address = TextAreaField("Postal address", [Length(max=400)], filters=[strip])
    signatory_name = TextField(
        "Who signs certificates", description="Printed below the line of the signature."
    )
    signatory_title = TextField("Their title")
    is_secretariat = BooleanField("This is the secretariat")

    def offer(self, row: Any) -> None:
        office = cast("Office | None", row)
        known = countries(keep=[office.country_id] if office else [])
        self.country_id.choices = offers((country.id, country.name) for country in known)

    def values(self) -> dict[str, Any]:
        return super().values() | {"hue": Hue(self.hue.data)}


class CountryForm(RowForm):
    code = code_field(
        "ISO code", "[A-Z]{2}", "Use the two capital letters of ISO 3166-1, such as FI."
    )
    name = name_field()
    is_participating = BooleanField("Takes part in the network's own programme")


class PeriodForm(RowForm):
    code = code_field("Years", r"\d{4}-\d{4}", "Write two years with a hyphen: 2028-2034.")
    starts_on = DateField("First day", [needed("Enter the first day.")])
    ends_on = DateField("Last day", [needed("Enter the last day.")])
    publicity = RadioField(
        "What is printed beside the EU emblem",
        choices=offers(PUBLICITY),
        validators=[needed("Choose what the law of the period asks for.")],
    )
    cofinancing_rate = DecimalField(
        "Co-financing rate in percent",
        [
            needed("Enter the Union's share, such as 80."),
            NumberRange(0, 100, "Enter a number from 0 to 100."),
        ],
    )

    def values(self) -> dict[str, Any]:
        return super().values() | {"publicity": Publicity(self.publicity.data)}


class OfPeriodForm(RowForm):
    """A row that belongs to one period and has its code there."""

    FIXED = ("period_id", "code")

    period_id = SelectField("Period", [needed("Choose one.")], coerce=int)
    code = code_field()
    name = name_field()

    def offer(self, row: Any) -> None:
        self.period_id.choices = offers((period.id, period.name) for period in periods())


class TopicForm(RowForm):
    code = slug_field()
    name = name_field()


class ProgrammeForm(RowForm):
    FIXED = ()

    code = TextField(
        "CCI code",
        [Optional(), Regexp("^[0-9A-Z]+$", message="Use capital letters and digits only.")],
        most=40,
        description="Leave it empty while it is unknown.",
        filters=[lambda text: text or None],
    )
    name = name_field()
    strand_id = SelectField("Strand", [needed("Choose one.")], coerce=int)
    status = RadioField(
        "Status",
        choices=offers(
            [
                (ProgrammeStatus.ACTIVE.value, "Active"),
                (ProgrammeStatus.CLOSED.value, "Closed, but its people may still register"),
                (ProgrammeStatus.SUSPENDED.value, "Suspended: not on offer any more"),
            ]
        ),
        default=ProgrammeStatus.ACTIVE.value,
    )
    countries = CheckboxesField(
        "Countries",
        coerce=lambda country: country.id if isinstance(country, Country) else int(country),
        description="None ticked means unknown, not all.",
    )
    source = TextField("Source", description="Where these facts come from.", most=500)
    note = TextAreaField("Note", [Length(max=1000)], filters=[strip])

    def offer(self, row: Any) -> None:
        programme = cast("Programme | None", row)
        known = strands(keep=programme.strand_id if programme else None)
        self.strand_id.choices = offers((strand.id, strand.label) for strand in known)
        own = [country.id for country in programme.countries] if programme else []
        self.countries.choices = offers(
            (country.id, country.name) for country in countries(keep=own)
        )

    def values(self) -> dict[str, Any]:
        return super().values() | {
            "status": ProgrammeStatus(self.status.data),
            "countries": countries_numbered(self.countries.data or []),
        }


class RoleForm(RowForm):
    code = code_field()
    position = IntegerField(
        "Place in lists",
        [needed("Enter a whole number."), NumberRange(0, 999, "Enter a number from 0 to 999.")],
    )

    def values(self) -> dict[str, Any]:
        own = {name: value for name, value in super().values().items() if "_in_" not in name}
        labels = {
            int(name.removeprefix("label_in_")): (field.data, self[f"plural_in_{name[9:]}"].data)
            for name, field in self._fields.items()
            if name.startswith("label_in_")
        }
        return own | {"labels": labels}


def role_form(row: Row) -> RoleForm:
    """A role's form, with its label and plural in each period."""
    role = cast("StakeholderRole | None", row)
    called = {label.period_id: label for label in role.labels} if role else {}
    fields: dict[str, Any] = {}
    for period in periods():
        label = called.get(period.id)
        fields[f"label_in_{period.id}"] = TextField(
            f"One person's role in {period.name}",
            [needed("Enter what it is called.")],
            default=label.label if label else "",
        )
        fields[f"plural_in_{period.id}"] = TextField(
            f"Several of them in {period.name}",
            [needed("Enter the plural.")],
            default=label.plural if label else "",
        )
    with_labels = cast("type[RoleForm]", type("RoleForm", (RoleForm,), fields))
    return with_labels(row)


class PageForm(RowForm):
    title = TextField("Title", [needed("Enter a title.")])
    body = TextAreaField(
        "Text",
        [needed("Enter the text."), Length(max=50_000)],
        filters=[strip],
        description="Markdown: ## a heading, * a list, [words](address) a link. HTML is not used.",
        render_kw={"rows": 30},
    )
    FIXED = ()
