"""Whom a letter is for, when a reminder is due, and what comes too late. No clock here."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from interact_events.registrations.rules import State

# -- whom ----------------------------------------------------------------------------------------

WRITABLE = (
    State.PENDING,
    State.CONFIRMED,
    State.OFFERED,
    State.WAITLISTED,
    State.DECLINED,
    State.CANCELLED,
)


class Answered(StrEnum):
    YES = "yes"
    NO = "no"

    @property
    def label(self) -> str:
        return "have reconfirmed" if self is Answered.YES else "are asked and have not answered"


class Came(StrEnum):
    YES = "yes"
    NO = "no"

    @property
    def label(self) -> str:
        return "came" if self is Came.YES else "did not come"


@dataclass(frozen=True, kw_only=True)
class Group:
    """Who is meant, by what they know of themselves; without a state it is nobody."""

    states: tuple[State, ...] = ()
    role: int | None = None
    programme: int | None = None
    country: int | None = None
    session: int | None = None
    answered: Answered | None = None
    came: Came | None = None

    @property
    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Group":
        answered, came = kept.get("answered"), kept.get("came")
        return cls(
            states=tuple(State(state) for state in kept.get("states", ())),
            role=kept.get("role"),
            programme=kept.get("programme"),
            country=kept.get("country"),
            session=kept.get("session"),
            answered=Answered(answered) if answered else None,
            came=Came(came) if came else None,
        )


CONFIRMED = Group(states=(State.CONFIRMED,))

# -- when ----------------------------------------------------------------------------------------

MOST_DAYS = 60  # before or after
LATE_FOR = timedelta(days=3)  # what was planned is of use so long after its instant


def is_too_late(planned: datetime, now: datetime) -> bool:
    """Nobody expects any more what could not leave for days."""
    return now >= planned + LATE_FOR


class Anchor(StrEnum):
    OPENING = "opening"
    DEADLINE = "deadline"
    START = "start"
    END = "end"

    @property
    def label(self) -> str:
        return {
            "opening": "registration opens",
            "deadline": "registration closes",
            "start": "the event starts",
            "end": "the event ends",
        }[self.value]


@dataclass(frozen=True, kw_only=True)
class Reminder:
    """A text that goes out `days` before or after an instant, at `at` on the event's own clock."""

    key: str
    name: str
    anchor: Anchor
    days: int
    is_after: bool
    at: time
    group: Group
    subject: str
    text: str
    is_on: bool


@dataclass(frozen=True)
class Due:
    """From when a reminder goes out, until when it is of use, and the day it is about.

    The day names the occurrence: an event that moves to another day reminds people anew, one that
    moves by an hour does not.
    """

    since: datetime
    until: datetime
    day: date

    def is_now(self, now: datetime) -> bool:
        return self.since <= now < self.until


def due(reminder: Reminder, anchor: datetime | None, zone: str) -> Due | None:
    """None where there is no such instant, or the clock time would come on its wrong side.

    A time that clocks skip in spring is the same time later; of two in autumn it is the first.
    """
    if anchor is None:
        return None
    day = anchor.astimezone(ZoneInfo(zone)).date()
    shift = timedelta(days=reminder.days if reminder.is_after else -reminder.days)
    wall = datetime.combine(day + shift, reminder.at, ZoneInfo(zone))
    since = wall.replace(fold=0).astimezone(UTC)
    if reminder.is_after:
        since = max(since, anchor)
        return Due(since, since + LATE_FOR, day)
    return Due(since, anchor, day) if since < anchor else None


# -- what every event has, unless it says otherwise ----------------------------------------------

_GREETING = "Kind regards\\\n{{ contact }}, {{ office }}"
USUAL = (
    Reminder(
        key="before-start",
        name="Before the event",
        anchor=Anchor.START,
        days=3,
        is_after=False,
        at=time(9),
        group=CONFIRMED,
        subject="Soon: {{ subject_facts }}",
        text=(
            "Dear {{ name }},\n\nwe look forward to seeing you at **{{ event }}**.\n\n"
            "- When: {{ when }}\n{% if own_time %}- In your time zone: {{ own_time }}\n{% endif %}"
            "- Where: {{ where }}\n"
            "{% if joining_link %}- Join here: {{ joining_link }}\n{% endif %}"
            "{% if check_in_link %}- At the desk: [your code]({{ check_in_link }})\n{% endif %}\n\n"
            "If you can’t come, please say so on [your registration]({{ link }}), so that "
            f"somebody else gets the seat.\n\n{_GREETING}"
        ),
        is_on=True,
    ),
    Reminder(
        key="still-waiting",
        name="Still on the waiting list",
        anchor=Anchor.DEADLINE,
        days=1,
        is_after=True,
        at=time(9),
        group=Group(states=(State.WAITLISTED,)),
        subject="You are on the waiting list: {{ subject_facts }}",
        text=(
            "Dear {{ name }},\n\nregistration for **{{ event }}** is over, and you are still on "
            "the waiting list. If a seat becomes free, we write to you.\n\n"
            "If you can’t come any more, please say so on [your registration]({{ link }}).\n\n"
            f"{_GREETING}"
        ),
        is_on=False,
    ),
    Reminder(
        key="thanks",
        name="Thank you",
        anchor=Anchor.END,
        days=1,
        is_after=True,
        at=time(9),
        group=replace(CONFIRMED, came=Came.YES),
        subject="Thank you for coming: {{ event }}",
        text=(
            "Dear {{ name }},\n\nthank you for taking part in **{{ event }}**.\n\n"
            f"You find everything about it on [your registration]({{{{ link }}}}).\n\n{_GREETING}"
        ),
        is_on=False,
    ),
)


def repeats_seat_mail(reminder: Reminder) -> bool:
    """In these words it says what everybody reads when they get their seat."""
    return (reminder.subject, reminder.text) == (USUAL[0].subject, USUAL[0].text)


def is_usual(key: str) -> bool:
    return any(reminder.key == key for reminder in USUAL)


# -- files ---------------------------------------------------------------------------------------

MOST_MB = 5  # all files of a letter; many mail servers take no more than 10
MOST_SENT_MB = 25  # of one press: read, so that the form can say what is too large
MOST_FILES = 10
NOT_MAILED = ("zip", "mp4")  # though they may be shared: mail servers refuse them
