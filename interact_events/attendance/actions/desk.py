"""Taking what check-in desks send: late, twice, in queues, and from several desks at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import CursorResult, delete, insert

from interact_events.accounts.models import User
from interact_events.attendance import queries
from interact_events.attendance.actions.presence import (
    check_open,
    closed_in_words,
    early_in_words,
    forget_no_show,
    opens_at,
    tick,
)
from interact_events.attendance.models import DeskTick
from interact_events.attendance.queries import Before, Pair
from interact_events.attendance.rules import LONGEST_WAIT, Source, has_waited_too_long
from interact_events.core.db import db, table_of
from interact_events.core.errors import DomainError
from interact_events.events.actions import CANCELLED
from interact_events.events.models import Event, Session
from interact_events.registrations.models import Registration, State

MOST = 200  # ticks at once
FORM = "form"  # the desk of a page where nothing waits: without script, or of one person's code


TOO_LATE = (
    f"The tick waited more than {LONGEST_WAIT.days} days for its connection. Correct attendance on "
    "the person's page instead."
)


@dataclass(frozen=True)
class Pressed:
    """What somebody pressed at a desk; its `key` names the press for good."""

    key: str
    registration_id: int
    session_id: int
    present: bool
    pressed_at: datetime


class Outcome(StrEnum):
    """What became of a press."""

    TAKEN = "taken"
    AGAIN = "again"  # it had been taken before
    OLDER = "older"  # what was noted elsewhere since then counts
    REFUSED = "refused"


@dataclass(frozen=True)
class Answer:
    """What the desk is told about one of its presses."""

    key: str
    outcome: Outcome
    message: str = ""
    is_news: bool = False


@dataclass(frozen=True)
class _By:
    """Who presses, where, and as what that is noted."""

    desk: str
    source: Source
    actor: User


@dataclass
class _Known:
    """What is noted of those whom the presses are about, kept up while they are taken."""

    shut: str  # why nothing can be noted now
    registrations: dict[int, Registration]
    before: Before

    def is_older(self, pair: Pair, pressed: Pressed, at: datetime) -> bool:
        """Whether another desk, a code or a correction has said otherwise since."""
        if pressed.present == (pair in self.before.noted):
            return False  # they agree
        source, noted_at = self.before.noted.get(pair, (Source.DESK, at))
        newest = self.before.newest.get(pair, at)
        return max(newest, noted_at if source is not Source.DESK else newest) > at


def not_now(event: Event, session: Session, now: datetime) -> str:
    """Why nobody can be ticked for the session, so that no page offers it; empty if they can."""
    if event.is_cancelled:
        return CANCELLED
    if closing := queries.closing_of(event):
        return closed_in_words(event, closing.closed_at)
    return early_in_words(session) if now < opens_at(session) else ""


def take(
    event: Event,
    presses: Sequence[Pressed],
    *,
    desk: str,
    actor: User,
    now: datetime,
    source: Source = Source.DESK,
) -> list[Answer]:
    """Do what was pressed at one desk, in its order; what became of each.

    A desk sends in order and is never older than itself; between desks the time decides.
    """
    known = _known(event, presses, desk, actor)
    sessions = {session.id: session for session in event.agenda}
    by = _By(desk, source, actor)
    return [_take(known, sessions, each, by, now) for each in presses]


def _known(event: Event, presses: Sequence[Pressed], desk: str, actor: User) -> _Known:
    shut = _shut(event)  # holds the event before the people, as whoever moves registrations does
    numbers = {each.registration_id for each in presses}
    registrations = queries.locked_registrations(event, numbers)
    return _Known(shut, registrations, queries.before(numbers, desk, actor))


def _shut(event: Event) -> str:
    try:
        check_open(event)
    except DomainError as refusal:
        return refusal.message
    return ""


def _take(
    known: _Known,
    sessions: dict[int, Session],
    each: Pressed,
    by: _By,
    now: datetime,
) -> Answer:
    if each.key in known.before.keys:
        return Answer(each.key, Outcome.AGAIN)
    registration = known.registrations.get(each.registration_id)
    session = sessions.get(each.session_id)
    if registration is None or session is None:
        gone = "The person" if registration is None else "The session"
        return Answer(each.key, Outcome.REFUSED, f"{gone} is not in this event any more.")
    if known.shut:
        return Answer(each.key, Outcome.REFUSED, known.shut)
    if has_waited_too_long(each.pressed_at, now):
        return Answer(each.key, Outcome.REFUSED, TOO_LATE)
    at = min(now, max(each.pressed_at, opens_at(session)))
    pair = (registration.id, session.id)
    if known.is_older(pair, each, at):
        return Answer(each.key, Outcome.OLDER, _older(each))
    try:
        is_news = tick(
            registration,
            session,
            present=each.present,
            pressed_at=at,
            source=by.source,
            actor=by.actor,
            now=now,
        )
    except DomainError as refusal:
        return Answer(each.key, Outcome.REFUSED, refusal.message)
    if is_news and each.present and registration.id in known.before.no_shows:
        forget_no_show(registration)
    _keep(known, each, at, by, now)
    return Answer(each.key, Outcome.TAKEN, is_news=is_news)


def _older(each: Pressed) -> str:
    now_is = "absent" if each.present else "present"
    return f"Marked as {now_is} elsewhere after you pressed, and that counts."


def _keep(known: _Known, each: Pressed, at: datetime, by: _By, now: datetime) -> None:
    known.before.keys.add(each.key)
    pair = (each.registration_id, each.session_id)
    if each.present:
        known.before.noted.setdefault(pair, (by.source, at))
    else:
        known.before.noted.pop(pair, None)
    db.session.execute(
        insert(table_of(DeskTick)).values(
            key=each.key,
            desk=by.desk,
            registration_id=each.registration_id,
            session_id=each.session_id,
            present=each.present,
            pressed_at=at,
            taken_at=now,
            taken_by_id=by.actor.id,
        )
    )


def press(
    registration: Registration,
    session: Session,
    *,
    present: bool,
    actor: User,
    now: datetime,
    source: Source = Source.DESK,
) -> bool:
    """One tick from a page that has a connection. Whether it was news: doing the same twice is
    harmless."""
    key = str(uuid4())
    pressed = Pressed(key, registration.id, session.id, present, now)
    [answer] = take(session.event, [pressed], desk=FORM, actor=actor, now=now, source=source)
    if answer.outcome is Outcome.REFUSED:
        raise DomainError(answer.message)
    return answer.is_news


def forget_ticks(now: datetime) -> int:
    """Delete presses that nothing can come too late for any more; how many. A day more than that,
    for a tick that is being taken at this moment."""
    old = now - LONGEST_WAIT - timedelta(days=1)
    done = db.session.execute(delete(DeskTick).where(DeskTick.pressed_at < old))
    return done.rowcount if isinstance(done, CursorResult) else 0


def let_in(registration: Registration, session: Session, *, actor: User, now: datetime) -> None:
    """Tick somebody whom staff have just added; without a seat they are not added either."""
    if registration.state is not State.CONFIRMED:
        raise DomainError(
            f"The rules leave no seat for {registration.name}, who would only wait in line. To let "
            "them in all the same, go beyond the rules and say why.",
            "beyond",
        )
    press(registration, session, present=True, actor=actor, now=now)
