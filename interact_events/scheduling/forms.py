"""What the secretariat, leads and editors type about dates."""

from datetime import date, time, timedelta
from typing import Any, cast

from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    SelectField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, NumberRange

from interact_events.core.clock import to_local
from interact_events.core.errors import DomainError
from interact_events.core.web.forms import CheckboxesField, Form, offers, strip
from interact_events.events.forms import LocalTimeField
from interact_events.events.models import Event
from interact_events.events.queries import on_offer
from interact_events.interreg.forms import RowForm, name_field, needed
from interact_events.interreg.models import Country, Office, StakeholderRole, Topic
from interact_events.interreg.models import Programme as ProgrammeRow
from interact_events.interreg.queries import countries
from interact_events.scheduling.models import Closure
from interact_events.scheduling.queries import Wanted
from interact_events.scheduling.rules import WEEKEND

CONCERNED: dict[str, type[Any]] = {
    "office": Office,
    "country": Country,
    "programme": ProgrammeRow,
}
LONGEST = timedelta(days=366)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class ClosureForm(RowForm):
    FIXED = ()

    name = name_field()
    first_on = DateField("First day", [needed("Enter the first day.")])
    last_on = DateField("Last day", [needed("Enter the last day.")])
    scope = SelectField(
        "Whom it concerns",
        [needed("Choose one.")],
        description="A country’s closure counts as a public holiday there.",
    )
    is_working = BooleanField(
        "People work on these days",
        description="Tick it where a public holiday is no day off here.",
    )

    def offer(self, row: Any) -> None:
        closure = cast("Closure | None", row)
        self.scope.choices = [SelectChoice("everyone", "Everyone")]
        for kind, model in CONCERNED.items():
            chosen = getattr(closure, kind) if closure else None
            self.scope.choices += [
                SelectChoice(f"{kind}:{each.id}", _called(each), optgroup=f"One {kind}")
                for each in on_offer(model, [chosen] if chosen else [])
            ]

    def values(self) -> dict[str, Any]:
        own = super().values()
        kind, _, number = str(own.pop("scope")).partition(":")
        ids = {f"{name}_id": int(number) if name == kind else None for name in CONCERNED}
        return own | ids


def _called(row: Any) -> str:
    return str(row.label if isinstance(row, ProgrammeRow) else row.name)


class DateRulesForm(RowForm):
    FIXED = ()

    near_days = IntegerField(
        "Days between similar events",
        [needed("Enter a whole number."), NumberRange(0, 60, "Enter a number from 0 to 60.")],
        description="Two offices’ events for the same role or on the same topic that are nearer "
        "than that are warned about.",
    )
    lead_weeks = IntegerField(
        "Weeks from publication to start",
        [needed("Enter a whole number."), NumberRange(0, 52, "Enter a number from 0 to 52.")],
        description="The date finder proposes nothing earlier.",
    )


class DismissForm(Form):
    reason = TextAreaField(
        "Why the dates stay",
        [InputRequired("Say in a sentence why the dates stay."), Length(max=500)],
        filters=[strip],
        description="Staff of the offices read it beside the warning.",
        render_kw={"rows": 3},
    )


class MoveForm(Form):
    """The dates that somebody has chosen, as the address brought them."""

    version = HiddenField()
    starts = LocalTimeField("Start", InputRequired("Say when the event starts."))
    ends = LocalTimeField("End", InputRequired("Say when the event ends."))


class FinderForm(Form):
    """What somebody looks for; its answers stand in the address, so that it can be passed on."""

    class Meta(Form.Meta):
        csrf = False  # it changes nothing

    event = HiddenField()
    first = DateField("From", [InputRequired("Say from which day.")])
    last = DateField("Until", [InputRequired("Say until which day.")])
    days = IntegerField(
        "Number of days",
        [
            InputRequired("Say how many days it takes."),
            NumberRange(1, 31, "Give a number from 1 to 31."),
        ],
    )
    starts = TimeField("Start on the first day", [InputRequired("Say when it starts.")])
    ends = TimeField("End on the last day", [InputRequired("Say when it ends.")])
    weekdays = CheckboxesField(
        "Days of the week",
        [InputRequired("Tick at least one day of the week.")],
        coerce=int,
        choices=offers(enumerate(WEEKDAYS)),
    )
    roles = CheckboxesField(
        "Target roles", coerce=int, description="Other offices’ events for them are kept away from."
    )
    topics = CheckboxesField("Topics", coerce=int)
    countries = CheckboxesField(
        "Countries", coerce=int, description="None ticked means all that take part in the network."
    )

    def __init__(self, **kw: Any):
        super().__init__(**kw)
        roles, topics = on_offer(StakeholderRole), on_offer(Topic)
        self.roles.choices = offers((role.id, role.plural_in()) for role in roles)
        self.topics.choices = offers((topic.id, topic.name) for topic in topics)
        self.countries.choices = offers((land.id, land.name) for land in countries())

    def start(self, first: date) -> None:
        """What is usual."""
        self.first.data, self.last.data = first, first + timedelta(days=180)
        self.days.data, self.starts.data, self.ends.data = 1, time(9), time(16)
        self.weekdays.data = [day for day in range(7) if day not in WEEKEND]

    def follow(self, event: Event, named: list[int]) -> None:
        """Like a draft that is to be moved; `named` are the countries that its rules name."""
        starts, ends = (to_local(at, event.zone) for at in (event.starts_at, event.ends_at))
        self.event.data = event.slug
        self.starts.data, self.ends.data = starts.time(), ends.time()
        self.days.data = (ends.date() - starts.date()).days + 1
        if self.days.data > 7 - len(WEEKEND):  # it goes on over a weekend
            self.weekdays.data = list(range(7))
        self.roles.data = [role.id for role in event.roles]
        self.topics.data = [topic.id for topic in event.topics]
        self.countries.data = named

    def wanted(self) -> Wanted:
        """The answers of a valid form."""
        answers: dict[str, Any] = {
            name: self[name].data for name in ("first", "last", "days", "starts", "ends")
        }
        for name in ("weekdays", "roles", "topics", "countries"):
            answers[name] = frozenset(self[name].data or ())
        return Wanted(**answers)

    def validate(self, *args: Any, **kw: Any) -> bool:
        if not super().validate(*args, **kw):
            return False
        refusal = _odd(self.wanted())
        if refusal:
            self.refuse(refusal)
        return refusal is None


def _odd(wanted: Wanted) -> DomainError | None:
    if wanted.last < wanted.first:
        return DomainError("The last day can’t come before the first day.", "last")
    if wanted.last - wanted.first > LONGEST:
        return DomainError("Choose at most a year.", "last")
    if not 2000 <= wanted.first.year <= 2099:
        return DomainError("Choose a year from 2000 to 2099.", "first")
    if wanted.days == 1 and wanted.ends <= wanted.starts:
        return DomainError("It must end after it starts.", "ends")
    return None
