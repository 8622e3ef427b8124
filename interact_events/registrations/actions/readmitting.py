"""Those who apply or wait, once the office gives seats in another way."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from interact_events.events.models import Admission, Event
from interact_events.registrations import emails, queries
from interact_events.registrations.actions.book import Book, Move, open_book
from interact_events.registrations.actions.promoting import upward
from interact_events.registrations.models import Registration, State
from interact_events.registrations.rules import Waiting, admitted


def readmissions(event: Event, *, now: datetime) -> list[Move]:
    """What becomes of them by the event's new admission, in the order in which they came.

    Where it is first come they get the seats that are left, or a place in line; where the office
    selects, those who wait take part. The caller holds the event's lock.
    """
    waiting = queries.queue_of(event)
    if event.admission is Admission.SELECTION:
        return [_applying(row) for row in _rows(event, waiting)]
    applied = queries.applied_at(event)
    return _in_line(open_book(event), applied, waiting, now) if applied else []


def _rows(event: Event, people: Iterable[Waiting]) -> Sequence[Registration]:
    return queries.registrations_by_number(event, [each.number for each in people])


def _applying(registration: Registration) -> Move:
    is_promise = registration.state is State.UNCONFIRMED
    notice = emails.NOW_SELECTED.name
    return Move(registration=registration, to=State.PENDING, is_promise=is_promise, notice=notice)


def _in_line(
    book: Book, applied: Sequence[Waiting], waiting: Sequence[Waiting], now: datetime
) -> list[Move]:
    """Those who waited before and wait on do not move."""
    seated = set(admitted(book.rules, book.taken, applied, waiting, now))
    had_applied = {each.number for each in applied}
    moves = []
    for row in _rows(book.event, [*applied, *waiting]):
        if row.id in had_applied:
            moves.append(_decided(row, has_seat=row.id in seated))
        elif row.id in seated:
            moves.append(upward(book, row, now))
    return moves


def _decided(registration: Registration, *, has_seat: bool) -> Move:
    return Move(
        registration=registration,
        to=State.CONFIRMED if has_seat else State.WAITLISTED,
        is_promise=registration.state is State.UNCONFIRMED,
        is_granted=has_seat,
    )
