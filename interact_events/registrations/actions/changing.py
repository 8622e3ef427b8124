"""Changes of the event that its registrants feel."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlalchemy import update

from interact_events.accounts.models import User
from interact_events.core import outbox, words
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.mail import Mail
from interact_events.events import actions as events
from interact_events.events.models import Event, Mode
from interact_events.registrations import emails, queries
from interact_events.registrations.actions.moving import (
    lock_event,
    posting,
    promote_waiting,
    recount,
    undo_untold,
)
from interact_events.registrations.actions.ruling import copy_seat_rules
from interact_events.registrations.actions.settling import plan_next
from interact_events.registrations.models import Registration


def change_event(
    event: Event, values: events.EventValues, *, actor: User, now: datetime
) -> tuple[int, int]:
    """Save the event, give new seats to those who wait, tell people of a new time or place.

    Says how many moved up and how many mails were queued.
    """
    lock_event(event)
    before, mode = _time_and_place(event), event.mode
    events.save_event(event, values, actor=actor, now=now)
    db.session.flush()
    if event.mode is not mode:
        _move_people(event, mode)
    changes = [
        (what, old, new)
        for (what, old), (_, new) in zip(before, _time_and_place(event), strict=True)
        if old != new
    ]
    if changes:
        _refuse_beside_selection(event, now)
    plan_next(event, now=now)
    concerned = queries.registrants_to_tell(event) if changes and event.is_published else []
    up = len(promote_waiting(event, now=now))
    told = _tell(concerned, "changed", lambda row: emails.event_changed(row, changes), event, now)
    return up, told


def _refuse_beside_selection(event: Event, now: datetime) -> None:
    """The mails of a selection that are about to leave say when and where."""
    untold = queries.untold_at(event, now)
    if untold and untold[0].told_at:
        at = words.moment(untold[0].told_at, event.zone)
        raise DomainError(
            f"A selection is decided, and people are told of it at {at}. Save a new time or "
            "place after that, or undo the selection first."
        )


def _move_people(event: Event, before: Mode) -> None:
    """Where an event is no longer hybrid everybody takes part in the way that is left.

    One that becomes hybrid keeps its people where they are, and offers half of its seats online
    until the office says otherwise.
    """
    if event.mode is Mode.HYBRID:
        half = event.capacity // 2
        if event.seats_taken > event.capacity - half or event.capacity < 2:
            raise DomainError(
                "Raise the number of seats first: a hybrid event needs some on site and some "
                "online, and those who are registered keep theirs.",
                "mode",
            )
        event.online_capacity = half if before is Mode.IN_PERSON else event.capacity - half
        return
    event.online_capacity = 0
    db.session.execute(
        update(Registration)
        .where(Registration.event_id == event.id)
        .values(is_online=event.mode is Mode.ONLINE)
    )
    recount(event)


def _time_and_place(event: Event) -> list[tuple[str, str]]:
    return [("When", emails.when(event)), ("Where", event.full_place)]


def cancel_event(event: Event, reason: str, *, actor: User, now: datetime) -> int:
    """Call the event off and tell everybody who is coming, waiting or hoping; says how many.

    Registrations stay as they are: the event's own state says that there is nothing to come to.
    Only a selection that nobody has been told of is undone, and its mails do not leave.
    """
    lock_event(event)
    events.cancel_event(event, reason, actor=actor, now=now)
    db.session.flush()
    undo_untold(event, queries.untold_at(event, now), actor=actor, now=now)
    concerned = queries.registrants_to_tell(event)
    return _tell(concerned, "event-cancelled", emails.event_cancelled, event, now)


def _tell(
    concerned: Sequence[Registration],
    what: str,
    mail: Callable[[Registration], Mail],
    event: Event,
    now: datetime,
) -> int:
    postings = [
        posting(mail(row), row, key=f"registration:{row.id}:{what}:{event.version}")
        for row in concerned
    ]
    outbox.post_all(postings, now=now)
    return len(postings)


def duplicate_event(
    event: Event, title: str, first_day: date, *, actor: User, now: datetime, host: str
) -> Event:
    """A new draft like `event` that starts on `first_day`, with its agenda and its rules."""
    copy = events.duplicate_event(event, title, first_day, actor=actor, now=now, host=host)
    db.session.flush()
    copy_seat_rules(event, copy, first_day - to_local(event.starts_at, event.zone).date())
    db.session.flush()
    plan_next(copy, now=now)
    return copy
