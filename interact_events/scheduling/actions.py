"""What the network keeps about dates, what leads say of warnings, and moving a draft."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from interact_events.accounts.models import User
from interact_events.core import audit, words
from interact_events.core.audit import HasId
from interact_events.core.clock import to_local, to_utc
from interact_events.core.db import Base, db, insert_once
from interact_events.core.errors import DomainError
from interact_events.events.actions import values_of
from interact_events.events.models import Event
from interact_events.interreg.actions import save
from interact_events.registrations.actions import Changed, change_event, lock_event
from interact_events.scheduling.models import DismissedWarning
from interact_events.scheduling.policies import heading_of
from interact_events.scheduling.rules import DateWarning

MOST_DAYS = 366  # of a closure: what is longer is no closure


def save_closure(row: Base, values: Mapping[str, Any], *, actor: HasId, now: datetime) -> None:
    """Days on which somebody is away, or works although it is a holiday."""
    first, last = values["first_on"], values["last_on"]
    if last < first:
        raise DomainError("The last day can’t come before the first day.", "last_on")
    if last - first >= timedelta(days=MOST_DAYS):
        raise DomainError("Choose at most a year.", "last_on")
    _refuse_odd_year(first)
    if values["is_working"] and values["programme_id"]:
        raise DomainError(
            "Public holidays belong to countries: choose a country, an office or everyone.", "scope"
        )
    save(row, values, actor=actor, now=now)


def _refuse_odd_year(day: date) -> None:
    if not 2000 <= day.year <= 2100:
        raise DomainError(f"Choose a year from 2000 to 2100, not {day.year}.", "first_on")


def dismiss_warning(
    event: Event, warning: DateWarning, reason: str, *, actor: User, now: datetime
) -> None:
    """Say why the dates stay. Of two at once the first one's reason holds."""
    if not reason.strip():
        raise DomainError("Say in a sentence why the dates stay.", "reason")
    is_news = insert_once(
        (DismissedWarning.event_id, DismissedWarning.key),
        event_id=event.id,
        key=warning.key,
        reason=reason.strip(),
        dismissed_by_id=actor.id,
        dismissed_at=now,
    )
    if is_news:
        about = heading_of(warning)
        audit.record("date warning dismissed", event, actor=actor, now=now, about=about)


def take_back(dismissed: DismissedWarning, *, actor: User, now: datetime) -> None:
    """The warning stands again."""
    audit.record("date warning stands again", dismissed.event, actor=actor, now=now)
    db.session.delete(dismissed)


class ChangedMeanwhile(DomainError):
    """The draft has changed since the mover saw it."""


def move_draft(
    event: Event,
    starts: datetime,
    ends: datetime,
    *,
    version: int | None,
    actor: User,
    now: datetime,
) -> Changed:
    """To other dates, on the wall clock of its zone, by the one way in which events change.
    Its agenda goes along, and the days on which registration opens and closes."""
    lock_event(event)
    if not event.is_draft:
        raise DomainError("This event is published: its dates change under Details.")
    if version is not None and version != event.version:
        raise ChangedMeanwhile(
            "This draft has changed since you opened this page. This press has moved nothing: see "
            "below on which days it is now, and decide again."
        )
    begins = to_utc(starts, event.zone, field="starts")
    if begins <= now:
        raise DomainError(f"{words.moment(begins, event.zone)} is over. Choose a later day.")
    values = values_of(event)
    shift = timedelta(days=(starts.date() - to_local(event.starts_at, event.zone).date()).days)
    moved = replace(
        values,
        starts=starts,
        ends=ends,
        registration_opens=values.registration_opens and values.registration_opens + shift,
        registration_closes=values.registration_closes and values.registration_closes + shift,
        takes_agenda=True,
        version=version,
    )
    return change_event(event, moved, actor=actor, now=now)
