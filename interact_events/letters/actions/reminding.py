"""Setting an event's reminders, and writing them when they are due."""

import secrets
from dataclasses import replace
from datetime import datetime

from interact_events.accounts.models import User
from interact_events.core import audit
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.events.actions import refuse_cancelled
from interact_events.events.models import Event
from interact_events.letters import emails, queries
from interact_events.letters.actions.posting import BATCH, post
from interact_events.letters.models import ReminderRule
from interact_events.letters.rules import Due, Reminder, repeats_seat_mail
from interact_events.registrations.actions import on_duplication

MOST = 20  # of one event


def new_key() -> str:
    """Names a reminder of an event's own."""
    return f"own-{secrets.token_hex(4)}"


def save_reminder(event: Event, reminder: Reminder, *, actor: User, now: datetime) -> None:
    """Say differently what is usual, or add one; a second press of the same adds no second one."""
    emails.check_words(reminder.subject, reminder.text)
    if not reminder.group.states:
        raise DomainError("Choose at least one state.", "states")
    lock(event)
    refuse_cancelled(event)
    row = queries.rule_of(event, reminder.key)
    if row is None and _is_there(event, reminder):
        return
    _keep(reminder, row or _new(event, reminder.key))
    audit.record(
        "reminder set",
        event,
        actor=actor,
        now=now,
        reminder=reminder.key,
        about=reminder.name,
        is_on=reminder.is_on,
    )


def _is_there(event: Event, reminder: Reminder) -> bool:
    """The same under another key: people would be told twice."""
    return any(replace(each, key=reminder.key) == reminder for each in queries.reminders_of(event))


def _new(event: Event, key: str) -> ReminderRule:
    if len(queries.reminders_of(event)) >= MOST:
        raise DomainError(f"An event can have {MOST} reminders.")
    row = ReminderRule(event_id=event.id, key=key)
    db.session.add(row)
    return row


def _keep(reminder: Reminder, row: ReminderRule) -> None:
    for name in ("name", "anchor", "days", "is_after", "subject", "text", "is_on"):
        setattr(row, name, getattr(reminder, name))
    row.at, row.group = f"{reminder.at:%H:%M}", reminder.group.as_json


@on_duplication
def copy_reminders(event: Event, copy: Event) -> None:
    """What the event says differently, about the copy's own sessions."""
    sessions = {one.id: its.id for one, its in zip(event.agenda, copy.agenda, strict=True)}
    for rule in queries.rules_of([event.id])[event.id]:
        group = rule.reminder.group
        theirs = replace(group, session=sessions.get(group.session or 0, group.session))
        row = ReminderRule(event_id=copy.id, key=rule.key)
        _keep(replace(rule.reminder, group=theirs), row)
        db.session.add(row)


def reset_reminder(event: Event, key: str, *, actor: User, now: datetime) -> None:
    """Back to what is usual; one of the event's own is gone. Pressed twice it does the same."""
    lock(event)
    refuse_cancelled(event)
    if row := queries.rule_of(event, key):
        db.session.delete(row)
        audit.record("reminder reset", event, actor=actor, now=now, reminder=key, about=row.name)


def remind(event: Event, key: str, *, now: datetime) -> bool:
    """Write to the next who have not been told, if it is due; says whether there are more.

    Who joins the group later is told once, as long as it is of use; who has just got a seat is not
    told the same again.
    """
    lock(event)
    reminder = queries.reminder_of(event, key)
    at = reminder and _due_now(event, reminder, now)
    if not reminder or not at:
        return False
    begin = queries.reminder_key(event, reminder, at)
    group = queries.recipients(event, reminder.group, now)
    if repeats_seat_mail(reminder):
        group = queries.decided_before(group, at.since)
    people = queries.without_mail(group, begin, BATCH)
    if not people:
        return False
    words = reminder.subject, reminder.text
    post(event, people, words, emails.reminder_mail, key=begin, now=now, expires_at=at.until)
    audit.record(
        "reminder sent",
        event,
        actor=None,
        now=now,
        reminder=key,
        about=reminder.name,
        people=len(people),
    )
    return len(people) == BATCH


def _due_now(event: Event, reminder: Reminder, now: datetime) -> Due | None:
    at = queries.due_of(event, reminder)
    is_meant = reminder.is_on and event.is_published
    return at if at and is_meant and at.is_now(now) else None
