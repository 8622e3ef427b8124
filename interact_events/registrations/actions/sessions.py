"""A session that everybody could join gets seats of its own while people are registered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete

from interact_events.accounts.models import User
from interact_events.core.db import db
from interact_events.core.mail import Mail
from interact_events.events import actions as events
from interact_events.events.models import Event, Session
from interact_events.registrations import emails, queries
from interact_events.registrations.actions.book import lock_event
from interact_events.registrations.actions.changing import refuse_beside_selection
from interact_events.registrations.actions.inviting import Told, post_with_entries, posting
from interact_events.registrations.actions.moving import recount
from interact_events.registrations.models import Registration, SessionChoice


@dataclass(frozen=True)
class Seating:
    """Who of those registered has a seat in the session, who of those that have one at the event
    has none in it, and who has no seat at the event yet; empty where nothing changes for them.

    `told` people get a mail: not those whose address nobody has confirmed."""

    seated: list[str]
    without: list[str]
    waiting: int
    told: int
    over: int = 0  # how many keep a seat beyond those that it now has

    @property
    def concerns_anybody(self) -> bool:
        return bool(self.seated or self.without or self.waiting)


def save_session(
    session: Session, values: events.SessionValues, *, actor: User, now: datetime
) -> Seating:
    """Change an item of the agenda. Where it gets seats of its own, those who have a seat at the
    event are put in by order of arrival, and everybody registered is told where they stand. Who
    chose it before is told of a new time."""
    event, had_seats = session.event, session.capacity is not None
    lock_event(event)
    before = emails.session_when(session)
    events.save_session(session, values, actor=actor, now=now)
    db.session.flush()
    if not event.is_published or now >= session.starts_at:
        return Seating([], [], 0, 0)
    if had_seats or not session.capacity:
        return Seating([], [], 0, _tell_of_time(event, session, before, now))
    refuse_beside_selection(event, "seats for the session", now)
    return _give_seats(event, session, now)


def _give_seats(event: Event, session: Session, now: datetime) -> Seating:
    _forget_lost(session)
    people = queries.fresh(event, Registration.state.in_(queries.ACTIVE))
    holders = [row for row in people if row.holds_seat]
    seated = _seated(session, holders, queries.choices_of(event))
    recount(event)
    inside = {row.id for row in seated}
    told = _tell(event, session, inside, now)
    return Seating(
        seated=[row.name for row in seated],
        without=[row.name for row in holders if row.id not in inside],
        waiting=len(people) - len(holders),
        told=told,
        over=max(0, len(seated) - (session.capacity or 0)),
    )


def _forget_lost(session: Session) -> None:
    """Who had chosen it when it was full stands in line for its new seats like everybody."""
    db.session.execute(
        delete(SessionChoice)
        .where(SessionChoice.session_id == session.id, SessionChoice.left_at.is_not(None))
        .execution_options(synchronize_session=False)
    )


def _seated(
    session: Session, holders: Sequence[Registration], choices: Mapping[int, set[int]]
) -> list[Registration]:
    """Who chose it in earlier days stays in it; nobody is put in two sessions at once."""
    at_once = {other.id for other in _at_once(session)}
    inside = [row for row in holders if session.id in choices.get(row.id, ())]
    free = [
        row for row in holders if row not in inside and not at_once & choices.get(row.id, set())
    ]
    new = free[: max(0, (session.capacity or 0) - len(inside))]
    db.session.add_all([SessionChoice(registration=row, session=session) for row in new])
    return sorted([*inside, *new], key=lambda row: row.id)


def _at_once(session: Session) -> list[Session]:
    """The others that people choose for the same time."""
    return [
        other
        for other in session.event.chosen_sessions
        if other is not session
        and other.starts_at < session.ends_at
        and session.starts_at < other.ends_at
    ]


def _tell_of_time(event: Event, session: Session, before: str, now: datetime) -> int:
    after, choices = emails.session_when(session), queries.choices_of(event)
    chose = [
        row for row in queries.registrants_to_tell(event) if session.id in choices.get(row.id, ())
    ]
    if after == before or not chose:
        return 0
    refuse_beside_selection(event, "a new time for the session", now)
    change, at_once = (f"“{session.title}”", before, after), _at_once(session)

    def mail(row: Registration) -> Mail:
        return emails.event_changed(
            row, [change], [each for each in at_once if each.id in choices[row.id]]
        )

    what = f"session-moved:{session.id}"
    _post(event, chose, what, mail, choices, now)
    return len(chose)


def _post(
    event: Event,
    people: Sequence[Registration],
    what: str,
    mail: Callable[[Registration], Mail],
    choices: Mapping[int, set[int]],
    now: datetime,
) -> None:
    told = [
        Told(
            registration=row,
            posting=posting(mail(row), row, key=f"registration:{row.id}:{what}:{event.version}"),
            chosen=choices.get(row.id, ()),
        )
        for row in people
    ]
    post_with_entries(event, told, now=now)


def _tell(event: Event, session: Session, seated: set[int], now: datetime) -> int:
    people = queries.registrants_to_tell(event)

    def mail(row: Registration) -> Mail:
        return emails.session_seats(row, session, is_seated=row.id in seated)

    _post(event, people, f"session-seats:{session.id}", mail, queries.choices_of(event), now)
    return len(people)
