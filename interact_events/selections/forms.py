"""What staff choose on the board."""

from collections.abc import Iterable, Iterator, Mapping

from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired

from interact_events.core.web.forms import Form
from interact_events.registrations.forms import BeyondForm
from interact_events.registrations.models import State
from interact_events.selections.rules import CHOICES

UNDECIDED = "undecided"


class ProposeForm(Form):
    keep = BooleanField("Keep what I chose by hand", default=True)


def shown_as_text(numbers: Mapping[int, State | None]) -> str:
    """What a board shows, for the form to send back: "12:confirmed 13:undecided"."""
    return " ".join(f"{number}:{state or UNDECIDED}" for number, state in numbers.items())


class ChoicesForm(Form):
    """A choice for each person, in fields "choice-12"; `shown` says what the page showed."""

    shown = HiddenField()

    def changes(self, sent: Mapping[str, str]) -> dict[int, State | None]:
        """What is other than the page showed: nobody overwrites what they did not touch."""
        shown = dict(_pairs(part.partition(":")[::2] for part in (self.shown.data or "").split()))
        chosen = dict(_pairs((name.removeprefix("choice-"), value) for name, value in sent.items()))
        return {n: state for n, state in chosen.items() if n in shown and shown[n] is not state}


def _pairs(texts: Iterable[tuple[str, str]]) -> Iterator[tuple[int, State | None]]:
    """Those that make sense."""
    for number, value in texts:
        is_number = number.isascii() and number.isdecimal() and len(number) < 10
        if is_number and value in (*CHOICES, UNDECIDED):
            yield int(number), None if value == UNDECIDED else State(value)


class DecideForm(BeyondForm):
    """The press that decides; against the rules only with a tick and a reason."""

    seen = HiddenField(validators=[InputRequired()])
    beyond = BooleanField("Go beyond the rules")
