"""What does not add up, event by event."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from interact_events.core import words
from interact_events.core.db import db
from interact_events.events.models import Event, Mode, Session
from interact_events.registrations.actions.settling import next_instant
from interact_events.registrations.checks.books import Books, Row, books_of, events_after
from interact_events.registrations.models import Registration, SeatInvitation, SessionChoice
from interact_events.registrations.rules import (
    SEATED,
    Cap,
    Counted,
    Dimension,
    Hold,
    SeatsTaken,
    State,
    Waiting,
    barred,
    excesses,
    held_but_given,
    holds_in_force,
    promoted,
)

NAMED = 10  # rows that one line names


OVER = (State.CANCELLED, State.DECLINED)
SET_LATER = "; the limit was set, or lowered, after they were given"


@dataclass(frozen=True)
class Finding:
    """Something of an event that does not add up, or (a note) a limit set after the seats were
    given, which is nobody's fault."""

    slug: str
    text: str
    rows: tuple[int, ...] = ()
    is_note: bool = False

    @property
    def line(self) -> str:
        """ "unit-costs: has no answer-by date (registrations 12 and 14)"."""
        note = " (a note)" if self.is_note else ""
        return f"{self.slug}{note}: {self.text}{_named(self.rows)}"


def _named(rows: Sequence[int]) -> str:
    if not rows:
        return ""
    shown = [str(number) for number in rows[:NAMED]]
    more = [f"{len(rows) - NAMED:,} more"] if len(rows) > NAMED else []
    return f" (registration{'s' if len(rows) > 1 else ''} {words.listed([*shown, *more])})"


def totals() -> tuple[int, int]:
    """How many events and registrations there are."""
    events = db.session.scalar(select(func.count(Event.id))) or 0
    return events, db.session.scalar(select(func.count(Registration.id))) or 0


def findings(now: datetime) -> Iterator[Finding]:
    """Everything that does not add up, event by event."""
    last = 0
    while events := events_after(last):
        yield from _overused_invitations(events)
        yield from _stray_choices(events)
        for books in books_of(events):
            for check in CHECKS:
                yield from check(books, now)
        last = max(events)


def _numbers(rows: Iterable[Row]) -> tuple[int, ...]:
    return tuple(row.number for row in rows)


def _event_counts(books: Books, _now: datetime) -> Iterator[Finding]:
    event = books.event
    for said, rows, what in (
        (event.seats_taken, books.seated, "seats taken"),
        (event.waiting, books.waiting, "people waiting"),
    ):
        if said != len(rows):
            text = f"its own count of {what} says {said:,}, its registrations say {len(rows):,}"
            yield Finding(event.slug, text, _numbers(rows))


def _tallies(books: Books, _now: datetime) -> Iterator[Finding]:
    for counted in sorted({*books.taken, *books.tallies}):
        right = books.taken[counted]
        said = books.tallies.get(counted)
        if (said or 0) == right and (said is not None or not right):
            continue
        says = "is missing" if said is None else f"says {said:,}"
        text = f"the count of seats for {_group(counted)} {says}, the registrations say {right:,}"
        yield Finding(books.event.slug, text, _numbers(_group_of(books, counted)))


def _group(counted: Counted) -> str:
    dimension, key = counted
    return f"{dimension.value} {key or '(none)'}"


def _group_of(books: Books, counted: Counted) -> list[Row]:
    return [row for row in books.seated if counted in row.applicant.counted]


def _seats_beyond_limits(books: Books, now: datetime) -> Iterator[Finding]:
    """Overrides say why they are beyond. The others are wrong if the last of them came under
    today's rules: when that seat was given all the others were given already."""
    for excess in excesses(books.rules, books.taken, now):
        plain = [row for row in _group_of(books, excess.counted) if not row.override]
        if len(plain) > excess.most:
            since = max((books.came_at(r) for r in plain if books.is_newer(r)), default=None)
            was_set_later = since is None or not _ever_beyond(excess.cap, len(plain), since, now)
            is_note = was_set_later and excess.cap is not None  # seats offered are never lowered so
            yield _beyond(books, excess.counted, len(plain), excess.most, plain, is_note=is_note)


def _ever_beyond(cap: Cap | None, number: int, since: datetime, now: datetime) -> bool:
    """Whether so many were too many all the time since then."""
    if cap is None:
        return True
    begun = [step.since for step in cap.steps if step.since and since < step.since <= now]
    figures = [cap.most(instant) for instant in (since, *begun, now)]
    return all(most is not None and number > most for most in figures)


def _held_for_others(books: Books, now: datetime) -> Iterator[Finding]:
    """As for limits: a seat is wrong only if it was given under today's rules. Holds only ever
    end, so what is held now has been since then."""
    for is_online in (False, True):
        holds = holds_in_force(books.rules, is_online, now)
        there = [row for row in books.seated if row.applicant.is_online is is_online and holds]
        plain = [row for row in there if not row.override]
        taken = SeatsTaken.of(row.applicant for row in plain)
        rows = [row for row in plain if _takes_from_others(row, holds, taken)]
        if given := min(len(rows), held_but_given(books.rules, taken, is_online, now)):
            yield _given_though_held(books, given, holds, rows)


def _takes_from_others(row: Row, holds: Iterable[Hold], taken: SeatsTaken) -> bool:
    """Whether they have no held seat: none is held for them, or more of them came."""
    who = row.applicant
    return not any(
        who.role in hold.roles and taken.of_roles(hold.roles, who.is_online) <= hold.seats
        for hold in holds
    )


def _given_though_held(
    books: Books, given: int, holds: Iterable[Hold], rows: Sequence[Row]
) -> Finding:
    is_note = not any(books.is_newer(row) for row in rows)
    roles = [str(role) for role in sorted({role for hold in holds for role in hold.roles})]
    are = "is" if given == 1 else "are"
    text = (
        f"{words.count(given, 'seat')} {rows[0].applicant.mode} that {are} held for "
        f"{'role' if len(roles) == 1 else 'roles'} {words.listed(roles)} {are} given to "
        f"others{SET_LATER if is_note else ''}"
    )
    return Finding(books.event.slug, text, _numbers(rows), is_note)


def _sessions_beyond_capacity(books: Books, _now: datetime) -> Iterator[Finding]:
    for session, most in books.capacities.items():
        counted = Dimension.SESSION, str(session)
        if books.taken[counted] > most:
            rows = _group_of(books, counted)
            is_note = not any(books.is_newer(row) for row in rows)
            yield _beyond(books, counted, len(rows), most, rows, is_note=is_note)


def _beyond(
    books: Books, counted: Counted, number: int, most: int, rows: Iterable[Row], *, is_note: bool
) -> Finding:
    later = SET_LATER if is_note else ""
    text = f"{words.count(number, 'seat')} for {_group(counted)}, but the limit is {most:,}{later}"
    return Finding(books.event.slug, text, _numbers(rows), is_note)


def _one_each(books: Books, _now: datetime) -> Iterator[Finding]:
    standing = [row for row in books.rows if row.state is not State.CANCELLED]
    people = Counter(row.user for row in standing)
    for user in sorted(user for user, times in people.items() if times > 1):
        rows = [row for row in standing if row.user == user]
        yield Finding(books.event.slug, f"person {user} is registered twice", _numbers(rows))


def _complete(books: Books, _now: datetime) -> Iterator[Finding]:
    """Each state has what belongs to it, and nothing else."""
    may_wait = (State.UNCONFIRMED, *SEATED)
    for text, is_wrong in (
        ("offered or unconfirmed without an instant to answer by", _lacks_answer_by),
        (
            "unconfirmed without what they get on confirming",
            lambda row: row.state is State.UNCONFIRMED and row.promise is None,
        ),
        (
            "promised something although they are not unconfirmed",
            lambda row: row.promise is not None and row.state is not State.UNCONFIRMED,
        ),
        (
            "asked to answer although there is nothing to answer",
            lambda row: row.answer_by is not None and row.state not in may_wait,
        ),
    ):
        rows = [row for row in books.rows if is_wrong(row)]
        if rows:
            yield Finding(books.event.slug, text, _numbers(rows))


def _lacks_answer_by(row: Row) -> bool:
    return row.answer_by is None and row.state in (State.UNCONFIRMED, State.OFFERED)


def _modes(books: Books, _now: datetime) -> Iterator[Finding]:
    mode = books.event.mode
    if mode is Mode.HYBRID:
        return
    is_online = mode is Mode.ONLINE
    rows = [r for r in books.rows if r.state not in OVER and r.applicant.is_online is not is_online]
    if rows:
        takes_part = "on site" if is_online else "online"
        text = f"take part {takes_part} although the event is {mode.label.lower()}"
        yield Finding(books.event.slug, text, _numbers(rows))


def _let_in(books: Books, _now: datetime) -> Iterator[Finding]:
    """Who came before the rules changed last may be somebody whom they no longer invite."""
    rows = [
        row
        for row in books.rows
        if row.state not in OVER and barred(books.rules, row.applicant) and books.is_newer(row)
    ]
    if rows:
        yield Finding(books.event.slug, "came although the event is not for them", _numbers(rows))


def _nobody_left_undecided(books: Books, now: datetime) -> Iterator[Finding]:
    """An application waits for a selection, which only some events have."""
    pending = [row for row in books.rows if row.state is State.PENDING]
    if pending and not books.rules.by_selection and _is_ahead(books, now):
        text = "applied, but the event has no selection that decides"
        yield Finding(books.event.slug, text, _numbers(pending))


def _nobody_left_waiting(books: Books, now: datetime) -> Iterator[Finding]:
    """Where the office chooses, people may wait beside a free seat, and nothing says since when."""
    event, at = books.event, books.settings.settle_at
    is_secret = books.settings.is_selection_secret(now)
    if not books.waiting or not _is_ahead(books, now) or is_secret or (at and at <= now):
        return
    queue = [Waiting(row.number, row.applicant) for row in books.waiting]
    rows = promoted(books.rules, books.taken, queue, now)
    if rows:
        yield Finding(event.slug, "wait although the rules have a seat for them", tuple(rows))


def _planned(books: Books, now: datetime) -> Iterator[Finding]:
    """Where time changes something by itself, the job has to know when to look."""
    settings = books.settings
    due, at = next_instant(books.event, settings, books.rules, now), settings.settle_at
    if due and _is_ahead(books, now) and (at is None or at > due):
        zone = books.event.zone
        planned = words.moment(at, zone) if at else "never"
        text = f"time changes something at {words.moment(due, zone)}, but the job looks: {planned}"
        yield Finding(books.event.slug, text)


def _is_ahead(books: Books, now: datetime) -> bool:
    return books.event.is_published and now < books.event.starts_at


Check = Callable[[Books, datetime], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (
    _event_counts,
    _tallies,
    _seats_beyond_limits,
    _held_for_others,
    _sessions_beyond_capacity,
    _one_each,
    _complete,
    _modes,
    _let_in,
    _nobody_left_undecided,
    _nobody_left_waiting,
    _planned,
)


def _overused_invitations(events: Mapping[int, Event]) -> Iterator[Finding]:
    used = func.count()
    query = (
        select(SeatInvitation.event_id, SeatInvitation.id, SeatInvitation.most_uses, used)
        .join(Registration, Registration.invitation_id == SeatInvitation.id)
        .where(SeatInvitation.event_id.in_(list(events)), Registration.state != State.CANCELLED)
        .group_by(SeatInvitation.event_id, SeatInvitation.id, SeatInvitation.most_uses)
        .having(used > SeatInvitation.most_uses)
        .order_by(SeatInvitation.id)
    )
    for event, invitation, most, number in db.session.execute(query):
        text = f"invitation {invitation} is good for {most:,}, but let in {number:,}"
        yield Finding(events[event].slug, text)


def _stray_choices(events: Mapping[int, Event]) -> Iterator[Finding]:
    query = (
        select(Registration.event_id, Registration.id, SessionChoice.session_id)
        .join(SessionChoice, SessionChoice.registration_id == Registration.id)
        .join(Session, Session.id == SessionChoice.session_id)
        .where(Registration.event_id.in_(list(events)), Session.event_id != Registration.event_id)
        .order_by(Registration.id)
    )
    for event, registration, session in db.session.execute(query):
        text = f"chose session {session}, which is of another event"
        yield Finding(events[event].slug, text, (registration,))
