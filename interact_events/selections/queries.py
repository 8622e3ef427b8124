"""Reading what a selection is decided by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from sqlalchemy import case, exists, func, or_, select
from sqlalchemy.orm import joinedload

from interact_events.accounts.models import User
from interact_events.attendance.models import NoShow
from interact_events.core import words
from interact_events.core.db import db
from interact_events.events.models import Event, EventState
from interact_events.interreg.models import Country, Period, Programme, Strand
from interact_events.registrations.models import Registration, SeatRules, State
from interact_events.registrations.queries import (
    Names,
    applicants_at,
    holds_seat,
    rules_and_taken,
    seat_rules_of,
)
from interact_events.registrations.rules import EventRules, SeatsTaken, Waiting
from interact_events.selections.models import Selection, SelectionWish

PAST = timedelta(days=365)  # how far back the board tells of past participation


# -- the decision --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wish:
    """What the office means to decide on somebody; by which press it did, once it has."""

    state: State
    is_by_hand: bool
    selection_id: int | None


@dataclass(frozen=True, kw_only=True)
class Desk:
    """An event's rules, the seats given, who is pending, and what is chosen for them so far."""

    event: Event
    settings: SeatRules
    rules: EventRules
    taken: SeatsTaken
    applicants: list[Waiting]
    wishes: dict[int, Wish]  # of everybody at the event

    @cached_property
    def choices(self) -> dict[int, State]:
        """What is chosen for those who are pending."""
        return {each.number: self.wishes[each.number].state for each in self._wished}

    @cached_property
    def by_hand(self) -> dict[int, State]:
        """The part of it that was chosen by hand."""
        return {
            each.number: self.wishes[each.number].state
            for each in self._wished
            if self.wishes[each.number].is_by_hand
        }

    @property
    def _wished(self) -> list[Waiting]:
        return [each for each in self.applicants if each.number in self.wishes]

    def with_choices(self, changes: Mapping[int, State | None]) -> "Desk":
        """As it would be with these saved; None is undecided."""
        kept = {number: wish for number, wish in self.wishes.items() if number not in changes}
        new = {number: Wish(state, True, None) for number, state in changes.items() if state}
        return replace(self, wishes=kept | new)


def desk_of(event: Event, settings: SeatRules | None = None) -> Desk:
    """By the same few queries for any number of applicants; `settings` where they are known."""
    settings = settings or seat_rules_of(event)
    rules, taken = rules_and_taken(event, settings)
    return Desk(
        event=event,
        settings=settings,
        rules=rules,
        taken=taken,
        applicants=applicants_at(event, Registration.state == State.PENDING),
        wishes=wishes_at(event),
    )


def wishes_at(event: Event) -> dict[int, Wish]:
    """By the registration's number."""
    row = SelectionWish
    rows = db.session.execute(
        select(row.registration_id, row.state, row.is_by_hand, row.selection_id)
        .join(Registration, Registration.id == row.registration_id)
        .where(Registration.event_id == event.id)
    )
    return {number: Wish(state, is_by_hand, by) for number, state, is_by_hand, by in rows}


def states_of(event: Event, numbers: Sequence[int]) -> Mapping[int, tuple[State, str]]:
    """State and name of those who registered for the event, by number."""
    rows = db.session.execute(
        select(Registration.id, Registration.state, Registration.name)
        .where(Registration.event_id == event.id, Registration.id.in_(numbers))
        .order_by(Registration.id)
    )
    return {number: (state, name) for number, state, name in rows}


# -- the board -----------------------------------------------------------------------------------


class By(StrEnum):
    """By what the board groups people."""

    PROGRAMME = "programme"
    COUNTRY = "country"
    STRAND = "strand"
    ROLE = "role"

    @classmethod
    def from_text(cls, text: str | None) -> "By":
        return cls(text) if text in list(cls) else cls.PROGRAMME

    @property
    def nothing(self) -> str:
        """The heading of those who have none."""
        return f"Without a {self}"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Somebody on the board: who they are as they registered, and where they stand."""

    number: int
    user_id: int
    name: str
    institution: str
    role: str
    programme: str | None
    strand: str | None
    country: str
    state: State
    has_seat: bool
    is_online: bool
    told_at: datetime | None
    submitted_at: datetime

    def label(self, by: By) -> str:
        found: str | None = getattr(self, by.value)
        return found or by.nothing


def candidates_at(event: Event) -> list[Candidate]:
    """Everybody who has applied or has a seat and has not left, in order of arrival."""
    row = Registration
    standing = or_(row.state.not_in((State.CANCELLED, State.UNCONFIRMED)), holds_seat)
    rows = db.session.execute(
        select(
            row.id.label("number"),
            row.user_id,
            row.name,
            row.institution,
            row.role_label.label("role"),
            Programme.name.label("programme"),
            Strand.name.label("strand_name"),
            Period.code.label("period"),
            Country.name.label("country"),
            row.state,
            case((holds_seat, True), else_=False).label("has_seat"),
            row.is_online,
            row.told_at,
            row.submitted_at,
        )
        .join(Country, Country.id == row.country_id)
        .outerjoin(Programme, Programme.id == row.programme_id)
        .outerjoin(Strand, Strand.id == Programme.strand_id)
        .outerjoin(Period, Period.id == Strand.period_id)
        .where(row.event_id == event.id, standing)
        .order_by(row.id)
    )
    return [_candidate(dict(each)) for each in rows.mappings()]


def names_at(event: Event, people: Iterable[Candidate]) -> Names:
    """The names that words about choices among these people need."""
    return Names(event, institutions={words.folded(p.institution): p.institution for p in people})


def _candidate(values: dict[str, object]) -> Candidate:
    strand, period = values.pop("strand_name"), values.pop("period")
    label = f"{strand} ({str(period).replace('-', '–')})" if strand else None
    return Candidate(**values, strand=label)  # type: ignore[arg-type]  # the columns are its fields


@dataclass(frozen=True)
class Past:
    """At how many events of late somebody had a seat, and to how many they then did not come."""

    accepted: int = 0
    missed: int = 0


def past_of_applicants(event: Event, now: datetime) -> dict[int, Past]:
    """The past of those who are pending, by the user's number: seats at other events that have
    ended by now, and not before PAST.

    Only who was noted as a no-show counts as missing.
    """
    pending = select(Registration.user_id).where(
        Registration.event_id == event.id, Registration.state == State.PENDING
    )
    is_missing = exists().where(NoShow.registration_id == Registration.id)
    rows = db.session.execute(
        select(Registration.user_id, func.count(), func.sum(case((is_missing, 1), else_=0)))
        .join(Event, Event.id == Registration.event_id)
        .where(
            Registration.user_id.in_(pending),
            Registration.event_id != event.id,
            Registration.state == State.CONFIRMED,
            or_(Registration.told_at.is_(None), Registration.told_at <= now),
            Event.state == EventState.PUBLISHED,
            Event.ends_at > now - PAST,
            Event.ends_at <= now,
        )
        .group_by(Registration.user_id)
    )
    return {user: Past(accepted, missed) for user, accepted, missed in rows}


# -- presses -------------------------------------------------------------------------------------


def selection_of(event: Event, number: int) -> Selection | None:
    """One of the event's presses, by its number."""
    return db.session.scalar(
        select(Selection).where(Selection.id == number, Selection.event_id == event.id)
    )


def undoable(event: Event, now: datetime) -> Sequence[Selection]:
    """The presses of which nobody has been told, latest first."""
    return db.session.scalars(
        select(Selection)
        .where(
            Selection.event_id == event.id,
            Selection.undone_at.is_(None),
            Selection.tell_at > now,
        )
        .options(joinedload(Selection.decided_by).lazyload(User.memberships))
        .order_by(Selection.id.desc())
    ).all()


def numbers_untold(selection: Selection, now: datetime) -> Sequence[int]:
    """The registrations that stand as this press decided, and whose people do not know it."""
    return db.session.scalars(
        select(Registration.id)
        .join(SelectionWish, SelectionWish.registration_id == Registration.id)
        .where(SelectionWish.selection_id == selection.id, Registration.told_at > now)
        .order_by(Registration.id)
    ).all()


def last_told_at(event: Event) -> datetime | None:
    """When the people of the latest press that stands are told, or were."""
    return db.session.scalar(
        select(func.max(Selection.tell_at)).where(
            Selection.event_id == event.id, Selection.undone_at.is_(None)
        )
    )
