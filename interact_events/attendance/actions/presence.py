"""Noting presence, taking a tick back, and correcting what was noted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from interact_events.accounts.models import User
from interact_events.attendance import queries
from interact_events.attendance.models import Correction, NoShow, Presence
from interact_events.attendance.rules import Source, Spans, as_json, seen
from interact_events.core import audit, words
from interact_events.core.db import db, insert_new, insert_once, lock, table_of
from interact_events.core.errors import DomainError
from interact_events.events.actions import refuse_cancelled
from interact_events.events.models import Event, Session
from interact_events.registrations.models import Registration, State

AHEAD = timedelta(days=1)  # how long before a session somebody may be noted as there
LONGEST_REASON = 1000


# -- what has to hold ----------------------------------------------------------------------------


def check_open(event: Event) -> None:
    """Refuse once attendance is closed, and hold it open until the transaction ends."""
    refuse_cancelled(event)
    closed_at = queries.held_open(event)
    if closed_at:
        raise DomainError(closed_in_words(event, closed_at))


def closed_in_words(event: Event, closed_at: datetime) -> str:
    return (
        f"Attendance was closed on {words.moment(closed_at, event.zone)}, so it stays as it "
        f"is. A lead of {event.office.name} can open it again."
    )


def _check_pair(registration: Registration, session: Session) -> None:
    """Holds the event before the person, as whoever moves registrations does: what is noted of
    them, and whether they have a seat, is then read as it is now."""
    if registration.event_id != session.event_id:
        raise DomainError("That session belongs to another event.")
    check_open(session.event)
    lock(registration)


def _check_notable(registration: Registration, session: Session, now: datetime) -> None:
    _check_pair(registration, session)
    _check_expected(registration, session, now)


def _check_expected(registration: Registration, session: Session, now: datetime) -> None:
    if registration.state is not State.CONFIRMED:
        raise DomainError(
            f"{registration.name} has no confirmed seat ({registration.state.label.lower()})."
        )
    _check_begun(session, now)


def _check_begun(session: Session, now: datetime) -> None:
    if now < opens_at(session):
        raise DomainError(early_in_words(session))


def opens_at(session: Session) -> datetime:
    """From when on somebody may be noted as there."""
    return session.starts_at - AHEAD


def early_in_words(session: Session) -> str:
    moment = words.moment(opens_at(session), session.event.zone)
    return f"Check-in for “{session.title}” opens a day before it starts: {moment}."


# -- noting --------------------------------------------------------------------------------------


def tick(
    registration: Registration,
    session: Session,
    *,
    present: bool,
    pressed_at: datetime,
    source: Source,
    actor: User,
    now: datetime,
) -> bool:
    """Note that somebody is, or is not, at a session, as it was when that was pressed. Whether it
    was news. The caller has checked that attendance is open, and that both are of one event, and
    takes back that somebody present was a no-show."""
    _check_expected(registration, session, now)
    if present:
        return _note(registration, session, None, source, actor, now, pressed_at)
    return _untick(registration, session, actor, now)


def note(
    registration: Registration,
    session: Session,
    *,
    spans: Spans,
    source: Source,
    actor: User,
    now: datetime,
) -> bool:
    """Note when somebody was at a session, unless something is noted already."""
    _check_notable(registration, session, now)
    is_news = _note(registration, session, spans, source, actor, now)
    if is_news:
        forget_no_show(registration)
    return is_news


def forget_no_show(registration: Registration) -> None:
    """Also before the event's end: it may have moved since somebody was noted as a no-show."""
    db.session.execute(delete(NoShow).where(NoShow.registration_id == registration.id))


def _note(
    registration: Registration,
    session: Session,
    spans: Spans,
    source: Source,
    actor: User,
    now: datetime,
    seen_at: datetime | None = None,
) -> bool:
    if not _add(registration, session, spans, source, actor, seen_at or now):
        return False
    changes = {"session_id": session.id} | _unless_usual(source)
    audit.record_all([("ticked", registration, changes)], actor=actor, now=now)
    return True


def _unless_usual(source: Source) -> dict[str, str]:
    return {} if source is Source.DESK else {"source": source.value}


def _add(
    registration: Registration,
    session: Session,
    spans: Spans,
    source: Source,
    actor: User,
    seen_at: datetime,
) -> bool:
    """The unique constraint decides between two desks; the later one learns that it is done."""
    return insert_once(
        (Presence.registration_id, Presence.session_id),
        registration_id=registration.id,
        session_id=session.id,
        source=source,
        parts=as_json(spans),
        recorded_at=seen_at,
        recorded_by_id=actor.id,
    )


def _untick(registration: Registration, session: Session, actor: User, now: datetime) -> bool:
    noted = queries.presence(registration, session)
    if noted is None:
        return False
    if not noted.source.can_be_unticked:
        raise DomainError(
            f"{registration.name} was noted by “{noted.source.label.lower()}”. To take that back, "
            "correct it on the person's page and say why."
        )
    db.session.delete(noted)
    audit.record("unticked", registration, actor=actor, now=now, session_id=session.id)
    return True


@dataclass(frozen=True)
class Noted:
    """When somebody was at a session, by their numbers."""

    registration_id: int
    session_id: int
    spans: Spans


def note_all(
    rows: Sequence[Noted], *, source: Source, actor: User, now: datetime, **values: Any
) -> None:
    """Write presences that are known to be new, by a few statements; the caller has checked that
    attendance is open and says in the audit trail what this was. `values` go into each row."""
    if not rows:
        return
    common = {"source": source, "recorded_at": now, "recorded_by_id": actor.id} | values
    table = table_of(Presence)
    db.session.execute(
        insert(table),
        [
            {
                "registration_id": row.registration_id,
                "session_id": row.session_id,
                "parts": as_json(row.spans),
                **common,
            }
            for row in rows
        ],
    )
    people = sorted({row.registration_id for row in rows})
    for at in range(0, len(people), 1000):
        chunk = people[at : at + 1000]
        db.session.execute(delete(NoShow).where(NoShow.registration_id.in_(chunk)))


def change_all(rows: Sequence[tuple[int, Spans]]) -> None:
    """Give presences that reports noted other spans: (presence, spans). What a person has said
    since stays."""
    if not rows:
        return
    table = table_of(Presence)
    changed = (
        update(table)
        .where(table.c.id == bindparam("number"), table.c.source == Source.IMPORT)
        .values(parts=bindparam("spans", type_=table.c.parts.type))
    )
    values = [{"number": number, "spans": as_json(spans)} for number, spans in rows]
    db.session.execute(changed, values)


Join = list[Any]  # as JSON holds it: registration, session, spans, when it was noted, by whom


def give_way(numbers: Sequence[int]) -> list[Join]:
    """Delete what joining links have noted, for something better; what `put_back` needs."""
    table = table_of(Presence)
    found: list[Any] = []
    for at in range(0, len(numbers), 1000):
        chunk = numbers[at : at + 1000]
        gone = delete(table).where(table.c.id.in_(chunk), table.c.source == Source.JOIN_LINK)
        found += db.session.execute(gone.returning(*(table.c[name] for name in _OF_JOIN))).all()
    return [[*pair, parts, at.isoformat(), by] for *pair, parts, at, by in found]


_OF_JOIN = ("registration_id", "session_id", "parts", "recorded_at", "recorded_by_id")


def put_back(joins: Sequence[Join]) -> None:
    """What gave way, unless something else is noted meanwhile."""
    rows = [
        dict(zip(_OF_JOIN, (*pair, parts, datetime.fromisoformat(at), by), strict=True))
        for *pair, parts, at, by in joins
    ]
    if rows:
        keys = (Presence.registration_id, Presence.session_id)
        insert_new(keys, [row | {"source": Source.JOIN_LINK} for row in rows])


def take_back_import(import_id: int) -> int:
    """Delete what a report has noted; how many of its presences stay, for they were corrected."""
    mine = Presence.import_id == import_id
    db.session.execute(delete(Presence).where(mine, Presence.source == Source.IMPORT))
    return db.session.scalar(select(func.count()).select_from(Presence).where(mine)) or 0


# -- correcting ----------------------------------------------------------------------------------


def correct(
    registration: Registration,
    session: Session,
    *,
    present: bool,
    spans: Spans = None,
    reason: str,
    shown: str | None = None,
    actor: User,
    now: datetime,
) -> bool:
    """Say otherwise than was noted, and why; what it was is kept. Whether that is news.

    Who has lost their seat can still be said not to have been there. `shown` is the version of
    what the page showed, empty for nothing: what has come meanwhile is not overwritten unseen.
    """
    if present:
        _check_notable(registration, session, now)
    else:
        _check_pair(registration, session)
    why = reason_in(reason, "Say why: the reason stays with the correction.")
    if present and not seen(session, spans).minutes:
        raise DomainError("That is outside the session's time.", "arrived")
    noted = queries.presence(registration, session)
    if shown is not None and shown != (noted.version if noted else ""):
        raise DomainError(
            "Meanwhile somebody has noted something else, as you see above. Look at it again."
        )
    before = _as_noted(noted)
    if (before is not None) == present and (not noted or noted.spans == spans):
        return False
    after = _replace(noted, registration, session, spans, actor, now) if present else None
    if noted and not present:
        db.session.delete(noted)
    changes = {"session_id": session.id, "before": before, "after": after}
    kept = {"reason": why, "corrected_at": now, "corrected_by_id": actor.id}
    db.session.add(Correction(registration_id=registration.id, **changes, **kept))
    audit.record("attendance corrected", registration, actor=actor, now=now, **changes)
    return True


def reason_in(text: str, ask: str) -> str:
    """The reason that staff gave; without one they are asked for it."""
    reason = text.strip()
    if not reason:
        raise DomainError(ask, "reason")
    if len(reason) > LONGEST_REASON:
        raise DomainError(f"Use at most {LONGEST_REASON:,} characters.", "reason")
    return reason


def _as_noted(noted: Presence | None) -> dict[str, Any] | None:
    if noted is None:
        return None
    return {"source": noted.source.value, "parts": noted.parts, "by": noted.recorded_by_id}


def _replace(
    noted: Presence | None,
    registration: Registration,
    session: Session,
    spans: Spans,
    actor: User,
    now: datetime,
) -> dict[str, Any] | None:
    noted = noted or Presence(registration_id=registration.id, session_id=session.id)
    noted.source, noted.spans = Source.CORRECTION, spans
    noted.recorded_at, noted.recorded_by_id = now, actor.id
    db.session.add(noted)
    forget_no_show(registration)
    return _as_noted(noted)
