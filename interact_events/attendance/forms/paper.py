"""What is to be printed; the forms share a page, so the ids of their fields differ."""

from collections.abc import Sequence

from wtforms import SelectField
from wtforms.validators import InputRequired

from interact_events.attendance import queries
from interact_events.attendance.pdf import BADGES
from interact_events.core import words
from interact_events.core.web.forms import Form, SelectChoice, offers
from interact_events.events.models import Event

Roles = Sequence[tuple[int, str, int]]  # number, words, how many have it


def days_and_sessions(event: Event) -> list[tuple[str, str]]:
    """What a list, or a scan of it, may be about."""
    days = [
        (f"day-{day.isoformat()}", f"{day:%A} {words.written(day)}")
        for day in queries.days_of(event)
    ]
    sessions = [
        (f"session-{each.id}", f"{words.day(each.starts_at, event.zone)}: {each.title}")
        for each in event.agenda
    ]
    return [*days, *sessions]


class ListsForm(Form):
    """For which session or day."""

    kind, title, button = "lists", "Attendance lists", "Make the lists"
    about = SelectField("List for", [InputRequired()], id="lists-about")

    def __init__(self, event: Event, _roles: Roles) -> None:
        super().__init__()
        every = [("sessions", "Each session, one list after the other")] if event.agenda else []
        self.about.choices = offers([*days_and_sessions(event), *every])


class BadgesForm(Form):
    """Which size, for whom."""

    kind, title, button = "badges", "Name badges", "Make the badges"
    size = SelectField(
        "Size",
        [InputRequired()],
        id="badges-size",
        choices=offers((name, badge.label) for name, badge in BADGES.items()),
    )
    role_id = SelectField("For", [InputRequired()], id="badges-role", coerce=int)

    def __init__(self, _event: Event, roles: Roles) -> None:
        super().__init__()
        self.role_id.choices = _whom(roles)


class SignsForm(Form):
    """For whom."""

    kind, title, button = "signs", "Table signs", "Make the table signs"
    role_id = SelectField("For", [InputRequired()], id="signs-role", coerce=int)

    def __init__(self, _event: Event, roles: Roles) -> None:
        super().__init__()
        self.role_id.choices = _whom(roles)


def _whom(roles: Roles) -> list[SelectChoice]:
    everybody = sum(number for _, _, number in roles)
    each = [(role_id, f"{label} ({number:,})") for role_id, label, number in roles]
    return offers([(0, f"Everybody on site ({everybody:,})"), *each])


PAPERS = {form.kind: form for form in (ListsForm, BadgesForm, SignsForm)}
