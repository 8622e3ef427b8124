"""The one way in which registrations move: state, counts, audit trail and mail together.

Whoever acts, registrant, staff, job or import, the order is always: lock the event, open its
book, decide, move.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, update
from sqlalchemy.exc import IntegrityError

from interact_events.core import audit, outbox
from interact_events.core.audit import HasId
from interact_events.core.db import count_up, db, write, write_changes
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.registrations import policies, queries
from interact_events.registrations.actions.announcing import announce, mail_key
from interact_events.registrations.actions.book import (
    SILENT,
    Book,
    Move,
    book_for,
    lock_event,
    open_book,
)
from interact_events.registrations.actions.inviting import forget_untold, keys_of_untold
from interact_events.registrations.models import (
    Needs,
    Registration,
    SeatRules,
    SeatTally,
    SessionChoice,
    State,
)
from interact_events.registrations.rules import (
    SEATED,
    Applicant,
    EventRules,
    OthersWait,
    SeatsTaken,
    Shortage,
    barred,
    full_sessions,
    next_change,
    overtakes,
    shortages,
)


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
    did by themselves. A thousand moves are as many statements as three. Mails wait until `tell_at`
    where it is given, and the moves stay the office's own until then; who moves again before it
    never hears of the first one.
    """
    befores = [move.registration.state for move in moves]
    known = [move.registration.state_shown(now) for move in moves]
    untold = [move.registration for move in moves if move.registration.is_untold(now)]
    _take_back(book.event, untold, now)
    last: list[tuple[Registration, int]] = []
    is_secret = book.settings.is_selection_secret(now)
    for move in moves:
        if _check(book, move, now):
            move.registration.override = move.override
        _apply(book, move, now, tell_at)
        if move.registration.moves == 1 and not is_secret:  # a new one is at the end
            last.append((move.registration, book.event.waiting))
    _flush([move.registration for move in moves])
    book.number(moves)
    places = {registration.id: place for registration, place in last}
    _write_counts(book)
    _write_left(book, tell_at or now)
    audit.record_all(
        (_audited(*each) for each in zip(moves, befores, known, strict=True)),
        actor=actor,
        now=now,
    )
    _forget_needs([m.registration.id for m in moves if m.to is State.CANCELLED])
    announce(book, list(zip(moves, known, strict=True)), places, actor, now, tell_at)
    look_again(book.event, book.settings, book.rules, now)


def look_again(event: Event, settings: SeatRules, rules: EventRules, now: datetime) -> None:
    """A request that waited for the lock may be older than what the job looked at last: where
    time has changed the rules in between, or a selection was told, the job looks once more."""
    told_at = settings.selected_at if settings.is_selection_secret(now) else None
    instants = [at for at in (next_change(rules, now), told_at) if at]
    change = min(instants, default=None)
    is_missed = settings.settle_at is None or (change and change < settings.settle_at)
    if event.waiting and change and is_missed and settings in db.session:
        settings.settle_at = change


def _flush(rows: Sequence[Registration]) -> None:
    """The unique index is the last line against a second registration of the same person."""
    try:
        write_changes(rows)
        db.session.flush()
    except IntegrityError as error:
        if "one_each" in str(error.orig) or "registrations.user_id" in str(error.orig):
            raise DomainError("You are already registered for this event.") from None
        raise


def _take_back(event: Event, untold: Sequence[Registration], now: datetime) -> None:
    """Decisions that no longer stand: their mails, and the sessions that people would leave."""
    if not untold:
        return
    if not outbox.take_back(keys_of_untold(event, untold, mail_key, now)):
        raise DomainError("People are being told of the selection just now. Try again in a minute.")
    forget_untold(event, untold, now)
    db.session.execute(
        update(SessionChoice)
        .where(
            SessionChoice.registration_id.in_([row.id for row in untold]),
            SessionChoice.left_at.is_not(None),
        )
        .values(left_at=None)
    )


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
        raise DomainError(f"{registration.name}: {why} Nothing was changed.", "beyond")
    return bool(reasons)


def _apply(book: Book, move: Move, now: datetime, tell_at: datetime | None) -> None:
    registration, to = move.registration, move.to
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
    book.count(
        seats=registration.holds_seat - had_seat, waiting=registration.is_waiting - had_waited
    )
    if had_seat and not registration.holds_seat:
        book.taken.take_back(before)
        book.changed.subtract(before.counted)
    elif registration.holds_seat and not had_seat:
        if not move.keeps_sessions:
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


def _write_left(book: Book, at: datetime) -> None:
    """A statement for each session that is full, whoever wanted to come; who is told later leaves
    later, and counts for it no more."""
    for session, people in book.left.items():
        is_theirs = and_(
            SessionChoice.registration_id.in_([person.id for person in people]),
            SessionChoice.session_id == session,
        )
        db.session.execute(update(SessionChoice).where(is_theirs).values(left_at=at))
    book.left.clear()


def count_instead(book: Book, old: Applicant, new: Applicant) -> None:
    """A seat stays given, but counts for other sessions or another mode."""
    book.changed.subtract(old.counted)
    book.changed.update(new.counted)
    _write_counts(book)


def missing_for(
    book: Book, old: Applicant, new: Applicant, now: datetime
) -> tuple[Shortage | OthersWait, ...]:
    """What keeps somebody with a seat from having it as `new` instead; the book takes it back.

    Where the office promotes, a seat that who waits could have is for them.
    """
    before = SeatsTaken(book.taken)
    book.taken.take_back(old)
    lacking = shortages(book.rules, book.taken, new, now)
    if lacking or book.rules.is_promoting:
        return lacking
    line = queries.line_at(book.event, book.rules)
    is_passing = overtakes(book.rules, before, book.taken.with_(new), line, now)
    return (OthersWait(),) if is_passing else ()


def _write_counts(book: Book) -> None:
    if book.has_moved:
        event = book.event
        write(event, seats_taken=event.seats_taken, waiting=event.waiting)
        book.has_moved = False
    rows = [
        {"event_id": book.event.id, "dimension": dimension, "key": key, "taken": number}
        for (dimension, key), number in sorted(book.changed.items())
        if number
    ]
    count_up(SeatTally.taken, rows)
    book.changed.clear()


def _audited(move: Move, before: State, known: State) -> tuple[str, Registration, dict[str, Any]]:
    changes = {"from": before.value, "to": move.to.value}
    if known is not before:  # of a selection that they were not told of
        changes["known"] = known.value
    if move.override and move.registration.override == move.override:
        changes["override"] = move.override
    action = "promised" if move.is_promise else move.to.value
    return action, move.registration, changes


def _forget_needs(numbers: Sequence[int]) -> None:
    if numbers:
        db.session.execute(delete(Needs).where(Needs.registration_id.in_(numbers)))


def undo_untold(event: Event, rows: Sequence[Registration], *, actor: HasId, now: datetime) -> None:
    """Make pending again, without a word, those who have not been told of their decision."""
    moves = [Move(registration=row, to=State.PENDING, notice=SILENT) for row in rows]
    if moves:
        transition_all(open_book(event), moves, actor=actor, now=now)


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
