"""The mails that say where people stand now."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from interact_events.core import outbox
from interact_events.core.audit import HasId
from interact_events.core.mail import Mail
from interact_events.events.models import Event, Session
from interact_events.registrations import emails, policies, queries
from interact_events.registrations.actions.book import SILENT, Book, Move
from interact_events.registrations.actions.inviting import (
    Told,
    keys_of_untold,
    post_with_entries,
    posting,
)
from interact_events.registrations.models import Registration, State
from interact_events.registrations.rules import SEATED


def announce(
    book: Book,
    moves: Iterable[tuple[Move, State]],
    places: dict[int, int],
    actor: HasId | None,
    now: datetime,
    tell_at: datetime | None,
) -> None:
    """One mail for each move, with the state that the person knew before it; who is released from
    a cancelled event hears nothing more."""
    is_released = actor is None and book.event.is_cancelled
    told = [] if is_released else _to_tell(book.event, moves, tell_at or now)
    waiting = [m.registration for m, _ in told if m.to is State.WAITLISTED]
    unplaced = [row for row in waiting if row.id not in places]
    places |= queries.places_in_line(unplaced, tell_at or now)
    vacancy = policies.vacancy(book.event, book.settings, now, is_told=tell_at is not None)
    decision_by = policies.decision_by(book.event, book.settings, now)
    had_chosen = [m.registration for m, _ in told if m.to in SEATED and m.registration.moves > 1]
    lost = queries.sessions_lost_by(had_chosen, tell_at or now)
    mails = []
    for move, before in told:
        row, sessions = move.registration, book.sessions(move.registration)
        mail = emails.after_transition(
            row,
            before=before,
            actor_id=actor.id if actor else None,
            place=places.get(row.id, 0),
            notice=move.notice,
            sessions=sessions,
            lost=lost.get(row.id, ()),
            vacancy=vacancy,
            decision_by=decision_by,
        )
        mails.append(
            Told(
                registration=row,
                posting=posting(mail, row, key=mail_key(row)),
                chosen=[session.id for session in sessions],
                gives_seat=row.state is State.CONFIRMED,
            )
        )
    post_with_entries(book.event, mails, now=now, tell_at=tell_at)


def _to_tell(
    event: Event, moves: Iterable[tuple[Move, State]], at: datetime
) -> list[tuple[Move, State]]:
    """Whoever comes to wait once it has begun is told that the list is closed instead."""
    has_begun = at >= event.starts_at
    return [
        (move, before)
        for move, before in moves
        if _is_news(move, before) and not (has_begun and move.to is State.WAITLISTED)
    ]


def _is_news(move: Move, before: State) -> bool:
    """Not where a decision is undone: to them nothing has changed."""
    is_said = not move.is_promise and move.notice != SILENT
    return is_said and not move.registration.user.is_deleted and move.to is not before


def mail_key(registration: Registration) -> str:
    """Names the mail of the registration's latest move."""
    return f"registration:{registration.id}:{registration.state}:{registration.moves}"


def tell(
    registration: Registration, what: str, mail: Mail, chosen: Sequence[Session], now: datetime
) -> None:
    """Each change of the place is a cause of its own."""
    key = f"registration:{registration.id}:{what}:{now:%Y%m%dT%H%M%S.%f}"
    told = Told(
        registration=registration,
        posting=posting(mail, registration, key=key),
        chosen=[session.id for session in chosen],
    )
    post_with_entries(registration.event, [told], now=now)


def announce_anew(book: Book, registration: Registration, *, now: datetime) -> None:
    """The mail of a decision that nobody has been told of yet says their place as it is now."""
    if not registration.is_untold(now):
        return
    keys = keys_of_untold(book.event, [registration], mail_key, now)
    if outbox.take_back(keys):
        move = Move(registration=registration, to=registration.state)
        announce(book, [(move, State.PENDING)], {}, None, now, registration.told_at)
