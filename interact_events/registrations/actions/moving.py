"""The one way in which registrations move: state, counts, audit trail and mail together.

Whoever acts, registrant, staff, job or import, the order is always: lock the event, open its
book, decide, move.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.util import identity_key

from interact_events.core import audit, outbox
from interact_events.core.audit import HasId
from interact_events.core.db import count_up, db, lock
from interact_events.core.errors import DomainError
from interact_events.core.mail import Mail
from interact_events.core.outbox import Posting
from interact_events.events.models import Event
from interact_events.registrations import emails, policies, queries
from interact_events.registrations.models import (
    Needs,
    Promotion,
    Registration,
    SeatRules,
    SeatTally,
    SessionChoice,
    State,
)
from interact_events.registrations.rules import (
    SEATED,
    Applicant,
    Counted,
    EventRules,
    SeatsTaken,
    barred,
    full_sessions,
    promoted,
    shortages,
)


def lock_event(event: Event) -> SeatRules:
    """Take the event's lock; its row and its rules are as they are now, whoever read them before.

    The rules are read after the lock is ours: read together with it, they could be older.
    """
    lock(event)
    known = db.session.identity_map.get(identity_key(SeatRules, event.id))
    if known is not None:
        db.session.expire(known)
    return queries.seat_rules_of(event)


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
    left: dict[int, list[Registration]] = field(default_factory=lambda: defaultdict(list))

    def applicant(self, registration: Registration) -> Applicant:
        return queries.applicant_behind(registration, self.choices.get(registration.id, ()))


def open_book(event: Event, applicant: Applicant | None = None) -> Book:
    """The book of an event whose lock the caller holds; with all counts, or with those that
    concern one applicant."""
    settings = queries.seat_rules_of(event)
    has_choice = applicant is None or applicant.sessions
    capacities = queries.session_capacities(event) if has_choice else {}
    return Book(
        event=event,
        settings=settings,
        rules=queries.rules_of(event, settings),
        taken=queries.seats_taken(event, *([applicant] if applicant else [])),
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
    `notice`: the mail, where the usual one of this move does not fit; SILENT for none.
    """

    registration: Registration
    to: State
    reason: str = ""
    override: str = ""
    answer_by: datetime | None = None
    is_promise: bool = False
    is_granted: bool = False
    notice: str = ""


def transition(
    registration: Registration,
    to: State,
    *,
    actor: HasId | None,
    now: datetime,
    book: Book | None = None,
    **how: Any,
) -> None:
    """Move one registration; `how` are the further fields of a Move."""
    move = Move(registration=registration, to=to, **how)
    transition_all(book or book_for(registration), [move], actor=actor, now=now)


def transition_all(
    book: Book,
    moves: Sequence[Move],
    *,
    actor: HasId | None,
    now: datetime,
    tell_at: datetime | None = None,
) -> None:
    """Make all the moves of one event, or none.

    The one writer of states, counts, audit trail and mails; `actor` is empty for what the rules
    did by themselves. The number of statements does not depend on the number of moves. Mails wait
    until `tell_at` where it is given, and the moves stay the office's own until then; who moves
    again before it never hears of the first one.
    """
    befores = [move.registration.state for move in moves]
    known = [move.registration.state_shown(now) for move in moves]
    _silence([move.registration for move in moves if move.registration.is_untold(now)])
    last: list[tuple[Registration, int]] = []
    for move in moves:
        if _check(book, move, now):
            move.registration.override = move.override
        _apply(book, move, now, tell_at)
        if move.registration.moves == 1:  # a new one is at the end
            last.append((move.registration, book.event.waiting))
    _flush()
    places = {registration.id: place for registration, place in last}
    _write_counts(book)
    _write_left(book)
    audit.record_all(
        (_audited(move, before) for move, before in zip(moves, befores, strict=True)),
        actor=actor,
        now=now,
    )
    _forget_needs([m.registration.id for m in moves if m.to is State.CANCELLED])
    _announce(book, list(zip(moves, known, strict=True)), places, actor, now, tell_at)


def _flush() -> None:
    """The unique index is the last line against a second registration of the same person."""
    try:
        db.session.flush()
    except IntegrityError as error:
        if "one_each" in str(error.orig) or "registrations.user_id" in str(error.orig):
            raise DomainError("You are already registered for this event.") from None
        raise


def _silence(untold: Sequence[Registration]) -> None:
    """Take back the mails of decisions that no longer stand."""
    if untold and not outbox.take_back([mail_key(row) for row in untold]):
        raise DomainError("People are being told of the selection just now. Try again in a minute.")


def _check(book: Book, move: Move, now: datetime) -> bool:
    """No move that makes no sense, no seat against the rules without a written reason.

    Says whether the seat goes beyond the rules.
    """
    registration, to = move.registration, move.to
    if not registration.may_become(to, now):
        raise DomainError(policies.impossible(registration, to))
    if to not in SEATED or registration.holds_seat or move.is_granted:
        return False
    applicant = book.applicant(registration)
    reasons = (
        *barred(book.rules, applicant),
        *shortages(book.rules, book.taken, applicant, now),
    )
    if reasons and not move.override:
        why = policies.why_no_seat(book.event, reasons, whose="Their")
        raise DomainError(f"{registration.name}: {why} Nothing was changed.")
    return bool(reasons)


def _apply(book: Book, move: Move, now: datetime, tell_at: datetime | None) -> None:
    registration, event, to = move.registration, book.event, move.to
    had_seat, had_waited = registration.holds_seat, registration.is_waiting
    before = book.applicant(registration)
    if move.is_promise:
        registration.upon_confirmation = to
        registration.answer_by = move.answer_by or registration.answer_by
    else:
        registration.state, registration.upon_confirmation = to, None
        registration.reason, registration.answer_by = move.reason, move.answer_by
        registration.decided_at = None if to is State.PENDING else tell_at or now
        registration.told_at = tell_at
        if to is State.PENDING:
            registration.override = ""  # an undone decision leaves no exception behind
    registration.moves += 1
    event.seats_taken += registration.holds_seat - had_seat
    event.waiting += registration.is_waiting - had_waited
    if had_seat and not registration.holds_seat:
        book.taken.take_back(before)
        book.changed.subtract(before.counted)
    elif registration.holds_seat and not had_seat:
        _leave_full_sessions(book, registration)
        applicant = book.applicant(registration)
        book.taken.give(applicant)
        book.changed.update(applicant.counted)


def _leave_full_sessions(book: Book, registration: Registration) -> None:
    """A seat at the event is theirs, but one at a session that filled up meanwhile is not."""
    chosen = book.choices.get(registration.id, set())
    for session in full_sessions(book.capacities, book.taken, chosen):
        chosen.discard(session)
        book.left[session].append(registration)


def _write_left(book: Book) -> None:
    """A statement for each session that is full, whoever wanted to come."""
    for session, people in book.left.items():
        db.session.execute(
            delete(SessionChoice).where(
                SessionChoice.registration_id.in_([person.id for person in people]),
                SessionChoice.session_id == session,
            )
        )
    book.left.clear()


def count_instead(book: Book, old: Applicant, new: Applicant) -> None:
    """A seat stays given, but counts for other sessions or another mode."""
    book.changed.subtract(old.counted)
    book.changed.update(new.counted)
    _write_counts(book)


def _write_counts(book: Book) -> None:
    rows = [
        {"event_id": book.event.id, "dimension": dimension, "key": key, "taken": number}
        for (dimension, key), number in sorted(book.changed.items())
        if number
    ]
    count_up(SeatTally.taken, rows)
    book.changed.clear()


def _audited(move: Move, before: State) -> tuple[str, Registration, dict[str, Any]]:
    changes = {"from": before.value, "to": move.to.value}
    if move.override and move.registration.override == move.override:
        changes["override"] = move.override
    action = "promised" if move.is_promise else move.to.value
    return action, move.registration, changes


def _forget_needs(numbers: Sequence[int]) -> None:
    if numbers:
        db.session.execute(delete(Needs).where(Needs.registration_id.in_(numbers)))


def _announce(
    book: Book,
    moves: Iterable[tuple[Move, State]],
    places: dict[int, int],
    actor: HasId | None,
    now: datetime,
    tell_at: datetime | None,
) -> None:
    """One mail for each move, with the state that the person knew before it; who is released from
    a cancelled event hears nothing more."""
    told = [
        (move, before)
        for move, before in moves
        if not move.is_promise
        and move.notice != SILENT
        and not move.registration.user.is_deleted
        and not (actor is None and book.event.is_cancelled)
        and move.to is not before  # an undone decision: to them nothing has changed
    ]
    waiting = [m.registration for m, _ in told if m.to is State.WAITLISTED]
    unplaced = [row for row in waiting if row.id not in places]
    places |= queries.places_in_line(unplaced)
    postings = [
        posting(
            emails.after_transition(
                move.registration,
                before=before,
                actor_id=actor.id if actor else None,
                place=places.get(move.registration.id, 0),
                notice=move.notice,
            ),
            move.registration,
            key=mail_key(move.registration),
        )
        for move, before in told
    ]
    outbox.post_all(postings, now=now, leave_at=tell_at)


def mail_key(registration: Registration) -> str:
    """Names the mail of the registration's latest move."""
    return f"registration:{registration.id}:{registration.state}:{registration.moves}"


def posting(mail: Mail, registration: Registration, *, key: str) -> Posting:
    """A mail to the registrant, whose answers go to the event's contact."""
    return Posting(
        mail=mail,
        to=emails.recipient(registration),
        key=key,
        reply_to=emails.reply_address(registration.event),
    )


def undo_untold(event: Event, rows: Sequence[Registration], *, actor: HasId, now: datetime) -> None:
    """Make pending again, without a word, those who have not been told of their decision."""
    moves = [Move(registration=row, to=State.PENDING, notice=SILENT) for row in rows]
    if moves:
        transition_all(open_book(event), moves, actor=actor, now=now)


# -- moving up -----------------------------------------------------------------------------------


def promote_waiting(event: Event, *, now: datetime) -> Sequence[Registration]:
    """Give free seats to those who wait, as the rules allow; says who moved up.

    The caller holds the event's lock, and calls this after whatever may have freed a seat. While
    a selection can be undone nobody moves up: they would be told of a seat that it gave away.
    """
    rows = moving_up(event, now=now)
    if rows:
        book = open_book(event)
        transition_all(book, [_up(book, row, now) for row in rows], actor=None, now=now)
    return rows


def moving_up(event: Event, *, now: datetime) -> Sequence[Registration]:
    """Those who wait to whom the rules give a seat now."""
    if not (event.waiting and event.is_published and now < event.starts_at):
        return []
    db.session.flush()
    settings = queries.seat_rules_of(event)
    if settings.is_selection_secret(now):
        return []
    rules, taken = queries.rules_of(event, settings), queries.seats_taken(event)
    numbers = promoted(rules, taken, queries.queue_of(event), now)
    return queries.registrations_by_number(event, numbers) if numbers else []


def _up(book: Book, registration: Registration, now: datetime) -> Move:
    """A seat, or the offer of one where the event asks first."""
    if registration.state is State.UNCONFIRMED:
        return Move(registration=registration, to=State.CONFIRMED, is_promise=True, is_granted=True)
    if book.settings.promotion is not Promotion.OFFER:
        return Move(registration=registration, to=State.CONFIRMED, is_granted=True)
    answer_by = min(now + timedelta(hours=book.settings.offer_hours), book.event.starts_at)
    return Move(registration=registration, to=State.OFFERED, is_granted=True, answer_by=answer_by)


# -- counting anew -------------------------------------------------------------------------------


def recount(event: Event) -> None:
    """Write the counts anew from the registrations themselves, under the event's lock."""
    db.session.flush()
    taken = SeatsTaken.of(each.applicant for each in queries.seated_at(event))
    db.session.execute(delete(SeatTally).where(SeatTally.event_id == event.id))
    db.session.add_all(
        [
            SeatTally(event_id=event.id, dimension=dimension, key=key, taken=number)
            for (dimension, key), number in sorted(taken.items())
        ]
    )


def recount_missing() -> int:
    """Count the seats of events that have none counted: an older version kept no such counts.

    Says for how many events.
    """
    events = queries.events_not_counted()
    for event in events:
        lock_event(event)
        recount(event)
    return len(events)
