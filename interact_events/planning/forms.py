"""What staff fill in to move an event or to hand it over."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from wtforms import DateField, HiddenField, RadioField
from wtforms.validators import DataRequired, Email, InputRequired, Optional, ValidationError

from interact_events.core.web.forms import Form, TextField, offers
from interact_events.events.forms import IdField, LongTextField
from interact_events.interreg.models import Office
from interact_events.planning.models import OfferKind
from interact_events.planning.rules import Registration


def number_of(text: str | None) -> int | None:
    """What a hidden field holds, unless somebody has played with it."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


class MoveForm(Form):
    """To which day, and what becomes of the times of registration."""

    to = DateField("First day", [InputRequired("Choose the first day.")])
    registration = RadioField(
        "When registration opens and closes", default=Registration.MOVES.value, choices=[]
    )
    version = HiddenField()
    seen = HiddenField()

    def offer_times(self, said: Iterable[tuple[Registration, str]]) -> None:
        """Each choice in words; without any there is nothing to choose."""
        self.registration.choices = offers((choice.value, words) for choice, words in said)
        if not self.registration.choices:
            del self.registration

    @property
    def day(self) -> date | None:
        """The chosen one, if events may be then."""
        return self.to.data if self.to.data and 2000 <= self.to.data.year <= 2100 else None

    def validate_to(self, _field: DateField) -> None:
        if not self.day:
            raise ValidationError("Choose a day from 2000 to 2100.")

    @property
    def chosen(self) -> Registration:
        field = self._fields.get("registration")
        known = field is not None and field.data in list(Registration)
        return Registration(field.data) if known and field else Registration.MOVES


class SeenForm(Form):
    """A press, with the moment at which its page was made."""

    until = HiddenField()

    @property
    def moment(self) -> datetime | None:
        try:
            moment = datetime.fromisoformat(self.until.data or "")
        except ValueError:
            return None
        return moment if moment.tzinfo and 2000 <= moment.year <= 2100 else None


KINDS = (
    (OfferKind.HAND_OVER, "Take it over: it leads the event from then on, and we no longer do"),
    (OfferKind.CO_ORGANISE, "Co-organise it: we go on to lead it, its editors work on it as well"),
)


class OfferForm(Form):
    """Which office is asked for what."""

    kind = RadioField(
        "What you ask for",
        [InputRequired("Choose what you ask for.")],
        choices=offers((kind.value, words) for kind, words in KINDS),
    )
    office = IdField("Office", InputRequired("Choose an office."))
    message = LongTextField(
        "Message", most=1_000, rows=4, description="Why, and what the other office should know."
    )

    def __init__(self, others: Iterable[Office], **kw: Any):
        super().__init__(**kw)
        self.others = {office.id: office for office in others}
        pairs = [("", "Choose"), *((office.id, office.name) for office in self.others.values())]
        self.office.choices = offers(pairs)

    @property
    def chosen_office(self) -> Office:
        return self.others[self.office.data]

    @property
    def chosen_kind(self) -> OfferKind:
        return OfferKind(self.kind.data)


class AnswerForm(Form):
    """Yes or no to an offer; a hand-over asks who answers questions from then on."""

    contact_name = TextField(
        "Contact", most=120, description="Who answers questions from now on, if you accept."
    )
    contact_email = TextField(
        "Contact address",
        [
            DataRequired("Give an address for questions."),
            Email("Give an address like name@example.org.", allow_smtputf8=False),
        ],
        most=254,
        description="Shown on the public page; answers to mails go there.",
        render_kw={"type": "email", "autocomplete": "off"},
    )
    answer = LongTextField("Answer", most=1_000, rows=3, description="A few words, if you like.")

    def without_contact(self) -> None:
        """The lead office keeps its own."""
        del self.contact_name, self.contact_email

    def decline(self) -> None:
        """Who says no need not name anybody."""
        if "contact_email" in self:
            self.contact_email.validators = [Optional()]


def day_from(text: str | None) -> date | None:
    """A day of an address that events may have."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None
