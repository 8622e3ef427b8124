"""An event’s book, which is read under its lock, and the moves that are made in it."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm.attributes import set_committed_value

from interact_events.core.db import lock
from interact_events.events.models import Event, Session
from interact_events.registrations import queries
from interact_events.registrations.models import Registration, SeatRules, State
from interact_events.registrations.rules import Applicant, Counted, EventRules, SeatsTaken


def lock_event(event: Event) -> SeatRules:
    """Take the event's lock; its row and its rules are as they are now, whoever read them before.

    The rules are read after the lock is ours: read together with it, they could be older.
    """
    lock(event)
    return queries.seat_rules_now(event)


@dataclass
class Book:
    """An event's rules and the seats given, read under its lock; each move is noted in it.

    `taken` holds at least the counts that concern those who move, `left` who leaves which session.
    """

    event: Event
    settings: SeatRules
    rules: EventRules
    taken: SeatsTaken
    capacities: dict[int, int]  # of sessions with seats of their own
    choices: dict[int, set[int]]  # of sessions, by registration; a new one has no number yet
    changed: Counter[Counted] = field(default_factory=Counter)
    has_moved: bool = False  # somebody in or out of the counts on the event's own row
    lacks_earlier: bool = False  # the one who comes in has no seat at the event that comes first
    left: dict[int, list[Registration]] = field(default_factory=lambda: defaultdict(list))

    def applicant(self, registration: Registration) -> Applicant:
        chosen = self.choices.get(registration.id, ())
        applicant = queries.applicant_behind(registration, chosen)
        comes_in = self.lacks_earlier and not registration.moves
        return replace(applicant, lacks_earlier=True) if comes_in else applicant

    def count(self, *, seats: int, waiting: int) -> None:
        """On the event's row, which `_write_counts` writes: a flush of a changed event looks into
        all that is related to it."""
        if seats or waiting:
            set_committed_value(self.event, "seats_taken", self.event.seats_taken + seats)
            set_committed_value(self.event, "waiting", self.event.waiting + waiting)
            self.has_moved = True

    def number(self, moves: Sequence["Move"]) -> None:
        """What a new one chose is theirs by the number that it has now."""
        no_number: Any = None
        if no_number in self.choices:
            self.choices[moves[0].registration.id] = self.choices.pop(no_number)

    def sessions(self, registration: Registration) -> list[Session]:
        """Those that they chose, by time."""
        chosen = self.choices.get(registration.id)
        return [s for s in self.event.chosen_sessions if s.id in chosen] if chosen else []


def open_book(event: Event, applicant: Applicant | None = None) -> Book:
    """The book of an event whose lock the caller holds; with all counts, or with those that
    concern one applicant."""
    settings = queries.seat_rules_of(event)
    rules, taken = queries.rules_and_taken(event, settings, *([applicant] if applicant else []))
    has_choice = applicant is None or applicant.sessions
    capacities = queries.session_capacities(event) if has_choice else {}
    return Book(
        event=event,
        settings=settings,
        rules=rules,
        taken=taken,
        capacities=capacities,
        # Those of sessions that nobody can choose any more too: their seats are counted as well.
        choices={} if applicant else queries.choices_of(event),
    )


def book_for(registration: Registration) -> Book:
    """What is needed to move one registration."""
    chosen = queries.choices_by(registration)
    book = open_book(registration.event, queries.applicant_behind(registration, chosen))
    book.choices = {registration.id: chosen}
    return book


SILENT = "-"


@dataclass(frozen=True, kw_only=True)
class Move:
    """Where a registration goes, and why.

    `is_granted`: the rules, or an agreement, have given the seat under this same lock.
    `override`: why staff give a seat that the rules don't.
    `is_promise`: they get it once they confirm; what it promises counts from now on.
    `keeps_sessions`: those that they chose are theirs already, however full.
    `notice`: the mail, where the usual one of this move does not fit; SILENT for none.
    """

    registration: Registration
    to: State
    reason: str = ""
    override: str = ""
    answer_by: datetime | None = None
    is_promise: bool = False
    is_granted: bool = False
    keeps_sessions: bool = False
    notice: str = ""
