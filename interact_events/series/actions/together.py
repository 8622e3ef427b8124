"""What happens to several events of a series at once: to all that are chosen, or to none."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from interact_events.accounts.models import User
from interact_events.core import words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.actions import EventValues, values_of
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event, can_lead_event
from interact_events.registrations import actions as registrations
from interact_events.series import queries
from interact_events.series.models import Series

MOST_DAYS = 400


@dataclass(frozen=True)
class Outcome:
    """What happens to one of the events, in words; `refusal` where nothing does."""

    title: str
    slug: str
    code: str  # of its office
    before: str
    after: str = ""
    told: int = 0  # people who get a mail
    notes: tuple[str, ...] = ()
    refusal: str = ""


def move_events(
    series: Series, numbers: Collection[int], days: int, *, actor: User, now: datetime
) -> list[Outcome]:
    """Each starts so many days later, by the same action as its form; where registration opens
    or closes still lies ahead it moves along. The caller saves this only without a refusal."""
    if not days:
        raise DomainError("Say by how many days.", "days")
    if abs(days) > MOST_DAYS:
        raise DomainError(f"Move them by at most {MOST_DAYS} days.", "days")

    def move(event: Event) -> dict[str, Any]:
        if not can_edit_event(actor, event):
            raise DomainError(f"Only editors of {event.office.name} can move it.")
        registrations.lock_event(event)  # what is said below of the event is so until then
        was_ahead = event.starts_at > now
        changed = registrations.change_event(event, _moved(event, days, now), actor=actor, now=now)
        if was_ahead and event.starts_at <= now:
            raise DomainError("It would start in the past.")
        notes = [*changed.up, *(["Its rules move along."] if changed.rules_moved else [])]
        asked = sum(each.number for each in changed.asked)
        if asked:
            notes.append(f"Asked at once whether they still come: {asked:,}.")
        return {"after": _days(event), "told": changed.told, "notes": tuple(notes)}

    return _each(series, numbers, move, now)


def _moved(event: Event, days: int, now: datetime) -> EventValues:
    as_it_is, later = values_of(event), values_of(event, timedelta(days=days))
    opens, closes = event.registration_opens_at, event.registration_closes_at
    kept: dict[str, Any] = {}
    if opens and opens <= now:
        kept["registration_opens"] = as_it_is.registration_opens
    if closes and closes <= now:
        kept["registration_closes"] = as_it_is.registration_closes
    return replace(later, **kept)


def cancel_events(
    series: Series, numbers: Collection[int], reason: str, *, actor: User, now: datetime
) -> list[Outcome]:
    """Call each off for the same reason, and tell everybody. The caller saves this only without a
    refusal."""
    if not reason.strip():
        raise DomainError("Say why, in a sentence for those who wanted to come.", "reason")

    def cancel(event: Event) -> dict[str, Any]:
        if not can_lead_event(actor, event):
            raise DomainError(f"Only leads of {event.office.name} can cancel it.")
        return {"told": registrations.cancel_event(event, reason, actor=actor, now=now)}

    return _each(series, numbers, cancel, now)


def _each(
    series: Series,
    numbers: Collection[int],
    act: Callable[[Event], dict[str, Any]],
    now: datetime,
) -> list[Outcome]:
    """One after the other in the order in which events are locked; told in that of the series."""
    members = [member.event for member in queries.members_of(series)]
    chosen = [event for event in members if event.id in numbers and is_ahead(event, now)]
    if not chosen:
        raise DomainError("Tick at least one event.")
    done = {event.id: _tried(event, act) for event in sorted(chosen, key=lambda e: e.id)}
    return [done[event.id] for event in chosen]


def _tried(event: Event, act: Callable[[Event], dict[str, Any]]) -> Outcome:
    outcome = Outcome(event.title, event.slug, event.office.code, before=_days(event))
    try:
        with db.session.begin_nested():
            return replace(outcome, **act(event))
    except DomainError as refusal:
        return replace(outcome, refusal=refusal.message)


def is_ahead(event: Event, now: datetime) -> bool:
    """Whether it can still be moved or called off."""
    return not event.is_cancelled and event.ends_at > now


def _days(event: Event) -> str:
    return words.day_span(event.starts_at, event.ends_at, event.zone)
