"""An event takes over what its template says now."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from interact_events.accounts.models import User
from interact_events.core import audit
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events import actions as events
from interact_events.events.models import Event
from interact_events.registrations.actions import change_event, lock_event
from interact_events.series import queries
from interact_events.series.rules import AGENDA, FOLLOWED


def take_over(
    template: Event, event: Event, parts: Collection[str], *, actor: User, now: datetime
) -> None:
    """Give the event these parts as the template has them now, whatever they were.

    Fields go through the same action as the form of the event, so that registrants are told as
    usual. An agenda follows as a whole, and only as long as nobody has seen it. What is neither
    has been looked at, no more.
    """
    lock_event(event)
    if event.made_from_id != template.id:
        raise DomainError(f"“{event.title}” was not made from this template.")
    if event.starts_at <= now:
        raise DomainError(f"“{event.title}” has begun already.")
    fields: dict[str, Any] = {
        part: getattr(events.values_of(template), part) for part in FOLLOWED if part in parts
    }
    if fields:
        change_event(event, replace(events.values_of(event), **fields), actor=actor, now=now)
    if AGENDA in parts:
        _replace_agenda(template, event, actor=actor, now=now)
    audit.record(queries.TAKEN_OVER, event, actor=actor, now=now, parts=sorted(parts))


def _replace_agenda(template: Event, event: Event, *, actor: User, now: datetime) -> None:
    if not event.is_draft:
        raise DomainError(
            f"The agenda of “{event.title}” is public. Change it there: people who chose a "
            "session are told."
        )
    for session in list(event.agenda):
        events.remove_session(session, actor=actor, now=now)
    db.session.flush()
    shift = timedelta(days=(_first_day(event) - _first_day(template)).days)
    for session in template.agenda:
        values = events.session_values(session, template.zone, shift)
        events.add_session(event, values, actor=actor, now=now)


def _first_day(event: Event) -> Any:
    return to_local(event.starts_at, event.zone).date()
