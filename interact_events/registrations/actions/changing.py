"""Changes of the event that its registrants feel."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import update

from interact_events.accounts.models import User
from interact_events.core import words
from interact_events.core.clock import to_local
from interact_events.core.db import db, write_changes
from interact_events.core.errors import DomainError
from interact_events.core.mail import Mail
from interact_events.events import actions as events
from interact_events.events.models import Event, Mode
from interact_events.registrations import emails, queries
from interact_events.registrations.actions.book import lock_event
from interact_events.registrations.actions.carrying import copy_seat_rules, move_seat_rules
from interact_events.registrations.actions.deciding import up_in_words
from interact_events.registrations.actions.inviting import Told, post_with_entries, posting
from interact_events.registrations.actions.moving import recount, undo_untold
from interact_events.registrations.actions.promoting import promote_waiting
from interact_events.registrations.actions.ruling_checks import refuse_fewer_in_mode
from interact_events.registrations.actions.settling import (
    Asked,
    asked_now,
    forget_answers,
    plan_next,
)
from interact_events.registrations.models import Registration, State, limits_of
from interact_events.registrations.rules import Hold


@dataclass(frozen=True)
class Changed:
    """What a change of the event did beside it.

    `up` says who moved up, `told` people get a mail. `has_moved`: it starts at another time; the
    times in its rules went along if `rules_moved`. `lapsed` people had been asked whether they
    still come, and are asked again; `asked`: who is asked at once. `switched` people take part in
    the other way from now on, the only one of an event that `was_hybrid`.
    """

    up: list[str]
    told: int
    has_moved: bool
    rules_moved: bool
    lapsed: int
    asked: list[Asked]
    switched: int = 0
    was_hybrid: bool = False


def change_event(
    event: Event, values: events.EventValues, *, actor: User, now: datetime
) -> Changed:
    """Save the event, give new seats to those who wait, tell people of a new time or place."""
    lock_event(event)
    before, mode = _shown_in_calendars(event), event.mode
    starts_at, zone = event.starts_at, event.zone
    _refuse_fewer(event, values)
    events.save_event(event, values, actor=actor, now=now)
    db.session.flush()
    has_moved = (event.starts_at, event.zone) != (starts_at, zone)
    rules_moved = has_moved and move_seat_rules(event, starts_at, zone, actor=actor, now=now)
    lapsed = _forget_outdated(event, _day(starts_at, zone), mode, now)
    deadlines = _end_deadlines_at_start(event) if has_moved else {}
    switched = _move_people(event, mode, now) if event.mode is not mode else {}
    changes = _changes_since(before, event)
    if changes:
        refuse_beside_selection(event, "a new title, time or place", now)
    plan_next(event, now=now)
    concerned = _concerned(event, changes)
    up = up_in_words(promote_waiting(event, now=now))

    def mail(row: Registration) -> Mail:
        own = [each for news in (switched, lapsed, deadlines) for each in news.get(row.id, [])]
        return emails.event_changed(row, [*changes, *own])

    told = _tell(concerned, "changed", mail, event, now)
    return Changed(
        up,
        told,
        has_moved,
        rules_moved,
        len(lapsed),
        asked_now(event, now=now),
        switched=len(switched),
        was_hybrid=mode is Mode.HYBRID and event.mode is not mode,
    )


def _refuse_fewer(event: Event, values: events.EventValues) -> None:
    stays_hybrid = event.mode is values.mode is Mode.HYBRID
    if stays_hybrid and values.capacity < event.capacity:
        refuse_fewer_in_mode(event, values.capacity, event.online_capacity, "capacity")


def _changes_since(before: list[tuple[str, str]], event: Event) -> list[tuple[str, str, str]]:
    pairs = zip(before, _shown_in_calendars(event), strict=True)
    return [(what, old, new) for (what, old), (_, new) in pairs if old != new]


def _concerned(event: Event, changes: Sequence[tuple[str, str, str]]) -> list[Registration]:
    """A new title alone is for those who have the old one in their calendar."""
    if not (changes and event.is_published):
        return []
    is_title_alone = [what for what, *_ in changes] == [TITLE]
    return [
        row
        for row in queries.registrants_to_tell(event)
        if row.state is State.CONFIRMED or not is_title_alone
    ]


def _forget_outdated(
    event: Event, day: date, mode: Mode, now: datetime
) -> dict[int, list[tuple[str, str, str]]]:
    """What people have said, or were asked, before the event changed no longer counts; as a change
    in words, by registration."""
    rows = _outdated(event, day, mode, now)
    changes = {row.id: [(ANSWER, _answer_in_words(row), LATER)] for row in rows}
    forget_answers(rows)
    return changes


def _outdated(event: Event, day: date, mode: Mode, now: datetime) -> list[Registration]:
    """Those who have said that they come, or were asked, before another day than it is now; where
    an event is no longer hybrid, those who were asked by the rule of the mode that is gone."""
    is_same_day = day == _day(event.starts_at, event.zone)
    has_lost_mode = mode is Mode.HYBRID and event.mode is not mode
    if now >= event.starts_at or (is_same_day and not has_lost_mode):
        return []
    rows = queries.asked_to_reconfirm(event)
    is_online = event.mode is Mode.ONLINE
    if is_same_day:
        return [row for row in rows if row.must_reconfirm and row.is_online is not is_online]
    return list(rows)


ANSWER, LATER = "Your answer whether you still come", "not needed until we ask you again"


def _answer_in_words(row: Registration) -> str:
    if row.answer_by:
        return f"asked for by {words.moment(row.answer_by, row.event.zone)}"
    return f"given on {words.day(row.reconfirmed_at, row.event.zone)}" if row.reconfirmed_at else ""


def _day(instant: datetime, zone: str) -> date:
    return to_local(instant, zone).date()


def _end_deadlines_at_start(event: Event) -> dict[int, list[tuple[str, str, str]]]:
    """Nobody can answer after the start; as a change in words, by registration."""
    changes = {}
    late = queries.fresh(event, Registration.answer_by > event.starts_at)
    for row in late:
        if row.answer_by:
            by, row.answer_by = row.answer_by, event.starts_at
            moments = [words.moment(instant, event.zone) for instant in (by, row.answer_by)]
            changes[row.id] = [("Answer by", moments[0], moments[1])]
    write_changes(late)
    return changes


def refuse_beside_selection(event: Event, what: str, now: datetime) -> None:
    """The mails of a selection that are about to leave say when and where."""
    untold = queries.untold_at(event, now)
    if untold and untold[0].told_at:
        at = words.moment(untold[0].told_at, event.zone)
        raise DomainError(
            f"A selection is decided, and people are told of it at {at}. Save {what} after that, "
            "or undo the selection first."
        )


def _move_people(
    event: Event, before: Mode, now: datetime
) -> dict[int, list[tuple[str, str, str]]]:
    """Where an event is no longer hybrid everybody takes part in the way that is left; as a change
    in words, by registration.

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
        where = "on site" if before is Mode.IN_PERSON else "online"
        _refuse_held_beyond(event, event.capacity - half, where, now)
        event.online_capacity = half if before is Mode.IN_PERSON else event.capacity - half
        return {}
    event.online_capacity = 0
    _move_rules(event)
    switched = _take_part_otherwise(event) if before is Mode.HYBRID else {}
    db.session.execute(
        update(Registration)
        .where(Registration.event_id == event.id)
        .values(is_online=event.mode is Mode.ONLINE)
    )
    recount(event)
    return switched


def _take_part_otherwise(event: Event) -> dict[int, list[tuple[str, str, str]]]:
    is_online = event.mode is Mode.ONLINE
    old, new = ("on site", "online") if is_online else ("online", "on site")
    return {
        row.id: [("You take part", old, new)]
        for row in queries.registrants_to_tell(event)
        if row.is_online is not is_online
    }


def _refuse_held_beyond(event: Event, seats: int, where: str, now: datetime) -> None:
    """Seats stay held in the mode in which they were, where there are fewer from now on."""
    held = sum(h.seats for h in queries.seat_rules_of(event).holds if now < h.until)
    if held > seats:
        raise DomainError(
            f"{words.count(held, 'seat')} {'is' if held == 1 else 'are'} held, and a hybrid event "
            f"would have only {seats:,} {where}. Hold fewer first, under Seats.",
            "mode",
        )


def _move_rules(event: Event) -> None:
    """What the rules say of the mode that is gone holds for the one that is left: its held seats
    would be nobody's, and nobody would be asked to reconfirm."""
    settings = queries.seat_rules_of(event)
    if settings not in db.session:
        return
    is_online = event.mode is Mode.ONLINE
    holds = _joined([replace(hold, is_online=is_online) for hold in settings.holds])
    settings.limits = limits_of(settings.programmes, settings.countries, settings.caps, holds)
    asks = settings.reconfirmation_for(online=is_online) or settings.reconfirmation_for(
        online=not is_online
    )
    settings.reconfirmation = {"online" if is_online else "on-site": vars(asks)} if asks else {}


def _joined(holds: Iterable[Hold]) -> tuple[Hold, ...]:
    """One hold a role: what was held for it on site and online is held together, and longest."""
    joined: list[Hold] = []
    for hold in holds:
        same = [each for each in joined if each.roles & hold.roles]
        joined = [each for each in joined if each not in same]
        joined.append(
            replace(
                hold,
                roles=hold.roles.union(*(each.roles for each in same)),
                seats=hold.seats + sum(each.seats for each in same),
                until=max(hold.until, *(each.until for each in same)) if same else hold.until,
            )
        )
    return tuple(joined)


TITLE = "Title"


def _shown_in_calendars(event: Event) -> list[tuple[str, str]]:
    return [
        ("When", emails.when(event)),
        ("Where", emails.where(event)),
        (TITLE, event.title),
    ]


Following = Callable[[Event, datetime], object]
Copying = Callable[[Event, Event], object]
_following: list[Following] = []
_copying: list[Copying] = []


def on_cancellation(follow: Following) -> Following:
    """For features on top: what they have planned for an event ends in the same transaction."""
    _following.append(follow)
    return follow


def cancel_event(event: Event, reason: str, *, actor: User, now: datetime) -> int:
    """Call the event off and tell everybody who is coming, waiting or hoping; says how many.

    Registrations stay as they are: the event's own state says that there is nothing to come to.
    Only a selection that nobody has been told of is undone, and its mails do not leave.
    """
    lock_event(event)
    events.cancel_event(event, reason, actor=actor, now=now)
    db.session.flush()
    undo_untold(event, queries.untold_at(event, now), actor=actor, now=now)
    for follow in _following:
        follow(event, now)
    concerned = queries.registrants_to_tell(event)
    return _tell(concerned, "event-cancelled", emails.event_cancelled, event, now)


def _tell(
    concerned: Sequence[Registration],
    what: str,
    mail: Callable[[Registration], Mail],
    event: Event,
    now: datetime,
) -> int:
    has_choice = concerned and any(session.capacity for session in event.sessions)
    choices = queries.choices_of(event) if has_choice else {}
    told = [
        Told(
            registration=row,
            posting=posting(mail(row), row, key=f"registration:{row.id}:{what}:{event.version}"),
            chosen=choices.get(row.id, ()),
        )
        for row in concerned
    ]
    post_with_entries(event, told, now=now)
    return len(told)


def on_duplication(also: Copying) -> Copying:
    """For features on top: what they keep of an event its copy gets as well."""
    _copying.append(also)
    return also


def duplicate_event(
    event: Event,
    title: str,
    first_day: date,
    *,
    actor: User,
    now: datetime,
    host: str,
    **how: Any,
) -> Event:
    """A new draft like `event` that starts on `first_day`, with its agenda, its rules and what
    other features keep of it; `how` are the further arguments of `events.duplicate_event`.

    Which event comes first belongs to the series of the event, not to its copy.
    """
    copy = events.duplicate_event(event, title, first_day, actor=actor, now=now, host=host, **how)
    db.session.flush()
    copy_seat_rules(event, copy, first_day - to_local(event.starts_at, event.zone).date())
    db.session.flush()
    plan_next(copy, now=now)
    for also in _copying:
        also(event, copy)
    return copy
