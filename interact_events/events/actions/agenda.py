"""The sessions of an event."""

from datetime import datetime
from uuid import uuid4

from interact_events.accounts.models import User
from interact_events.core import audit
from interact_events.core.clock import to_local, to_utc
from interact_events.core.db import lock
from interact_events.core.errors import DomainError
from interact_events.events.actions.history import changes_between, described_session
from interact_events.events.actions.refusals import Checked, check_session, refuse_cancelled
from interact_events.events.actions.values import SessionValues, session_values
from interact_events.events.models import Event, Session


def add_session(event: Event, values: SessionValues, *, actor: User, now: datetime) -> Session:
    """Put one more item on the agenda."""
    lock(event)
    refuse_cancelled(event)
    check_session(event, values)
    session = new_session(event, values, now=now)
    event.sessions.append(session)
    _agenda_changed(event, now=now)
    audit.record("session added", event, actor=actor, now=now, session=session.title)
    return session


def save_session(session: Session, values: SessionValues, *, actor: User, now: datetime) -> bool:
    """Change an item of the agenda; says whether its entry in calendars has to change."""
    event = session.event
    lock(event)
    refuse_cancelled(event)
    if session.cancelled_at:
        raise DomainError("This session has been removed from the agenda.")
    check_session(event, values)
    before = described_session(session)
    _apply_session(session, values)
    changes = changes_between(before, described_session(session))
    if not changes:
        return False
    shown = {"title", "starts_at", "ends_at", "room", "speakers"} & set(changes)
    event.version += 1
    if shown and event.is_published:
        revise(event, session, now=now)
    audit.record(
        "session edited", event, actor=actor, now=now, session=session.title, fields=changes
    )
    return bool(shown) and event.is_published


def remove_session(session: Session, *, actor: User, now: datetime) -> None:
    """Take an item off the agenda; calendars keep a published one as cancelled."""
    event = session.event
    lock(event)
    refuse_cancelled(event)
    if session.cancelled_at:
        return
    if event.is_draft:
        event.sessions.remove(session)
    else:
        session.cancelled_at = session.revised_at = now
        session.sequence += 1
    _agenda_changed(event, now=now)
    audit.record("session removed", event, actor=actor, now=now, session=session.title)


def moves_of(event: Event, checked: Checked) -> list[tuple[Session, SessionValues]]:
    """The agenda as it has to become, empty where it can stay; wall clocks are compared."""
    values, agenda = checked.values, event.agenda
    fits = all(checked.starts_at <= s.starts_at and s.ends_at <= checked.ends_at for s in agenda)
    if fits and values.zone == event.zone and not values.takes_agenda:
        return []
    shift = values.starts - to_local(event.starts_at, event.zone).replace(tzinfo=None)
    return [(session, session_values(session, event.zone, shift)) for session in agenda]


def move_agenda(event: Event, moves: list[tuple[Session, SessionValues]]) -> int:
    for session, values in moves:
        try:
            _apply_session(session, values)
        except DomainError as refusal:
            raise DomainError(f"Session “{session.title}”: {refusal.message}", "starts") from None
        if session.starts_at < event.starts_at or session.ends_at > event.ends_at:
            raise DomainError(
                f"Session “{session.title}” would lie outside the event. Change the agenda first.",
                "ends",
            )
    return len(moves)


def revise(event: Event, *sessions: Session, now: datetime) -> None:
    """Tell calendars that they hold an old version of the event and of these sessions."""
    rows: list[Event | Session] = [event, *sessions]
    for row in rows:
        row.sequence += 1
        row.revised_at = now


def _agenda_changed(event: Event, *, now: datetime) -> None:
    event.version += 1
    if event.is_published:
        revise(event, now=now)


def new_session(event: Event, values: SessionValues, *, now: datetime) -> Session:
    session = Session(uid=new_uid(event.uid.rpartition("@")[2]), revised_at=now, sequence=0)
    session.starts_at = to_utc(values.starts, event.zone, field="starts")
    session.ends_at = to_utc(values.ends, event.zone, field="ends")
    _apply_session_texts(session, values)
    return session


def _apply_session(session: Session, values: SessionValues) -> None:
    zone = session.event.zone
    session.starts_at = to_utc(values.starts, zone, field="starts")
    session.ends_at = to_utc(values.ends, zone, field="ends")
    _apply_session_texts(session, values)


def _apply_session_texts(session: Session, values: SessionValues) -> None:
    session.title, session.room = values.title, values.room
    session.speakers, session.is_learning = values.speakers, values.is_learning
    session.capacity = values.capacity


def new_uid(host: str) -> str:
    return f"{uuid4()}@{host}"
