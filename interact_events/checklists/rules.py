"""What is usual to do for an event, and when a task is due: plain data."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MOST_BEFORE = 500  # days before the start
MOST_AFTER = 90  # days after it
SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Usual:
    """A task that events of some formats usually have."""

    text: str
    due_days: int
    on_site: bool = True
    online: bool = True

    def fits(self, *, has_place: bool, has_link: bool) -> bool:
        return (self.on_site and has_place) or (self.online and has_link)


USUAL = (
    Usual("Speakers confirmed", 60),
    Usual("Venue booked", 90, online=False),
    Usual("Platform and joining link ready", 30, on_site=False),
    Usual("Catering ordered", 21, online=False),
    Usual("Interpreters booked", 45),
    Usual("Materials ready", 7),
    Usual("Technical rehearsal held", 3, on_site=False),
    Usual("Evaluation sent", -2),
)


def usual_tasks(*, has_place: bool, has_link: bool) -> list[Usual]:
    """The usual list of an event of that format, the earliest first."""
    fitting = (each for each in USUAL if each.fits(has_place=has_place, has_link=has_link))
    return sorted(fitting, key=lambda each: -each.due_days)


def due_on(first_day: date, due_days: int) -> date:
    """The day by which it has to be done, for an event that starts on `first_day`."""
    return first_day - timedelta(days=due_days)


class Urgency(StrEnum):
    """Where a task stands on a day."""

    DONE = "done"
    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"


def urgency(due: date, today: date, *, is_done: bool) -> Urgency:
    """What is due today is not overdue yet; seven days ahead are soon."""
    if is_done:
        return Urgency.DONE
    if due < today:
        return Urgency.OVERDUE
    return Urgency.SOON if due <= today + SOON else Urgency.LATER
