"""What staff do with the checklist of an event."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from interact_events.accounts.actions import on_deletion
from interact_events.accounts.models import User
from interact_events.checklists import queries
from interact_events.checklists.models import ChecklistItem
from interact_events.checklists.rules import MOST_AFTER, MOST_BEFORE, usual_tasks
from interact_events.core import audit
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.events.actions import on_creation
from interact_events.events.models import Event
from interact_events.events.policies import can_view_event
from interact_events.registrations.actions import on_duplication

MOST = 100  # tasks of one event


@dataclass(frozen=True, kw_only=True)
class ItemValues:
    """A task as a person describes it."""

    text: str
    due_days: int
    owner: User | None = None
    note: str = ""


def add_item(event: Event, values: ItemValues, *, actor: User, now: datetime) -> ChecklistItem:
    lock(event)
    _check(event, values)
    if len(queries.checklist_of(event)) >= MOST:
        raise DomainError(f"A checklist can have {MOST} tasks.")
    item = ChecklistItem(event=event)
    _apply(item, values)
    db.session.add(item)
    audit.record("task added", event, actor=actor, now=now, about=item.text)
    return item


def use_usual_tasks(event: Event, *, actor: User, now: datetime) -> int:
    """Put on the list what events of this format usually need; what stands there already is not
    added twice. Says how many are new."""
    lock(event)
    there = {item.text for item in queries.checklist_of(event)}
    new = [item for item in _usual(event) if item.text not in there]
    db.session.add_all(new)
    if new:
        audit.record("usual tasks added", event, actor=actor, now=now, number=len(new))
    return len(new)


def _usual(event: Event) -> list[ChecklistItem]:
    usual = usual_tasks(has_place=event.mode.has_place, has_link=event.mode.has_link)
    return [
        ChecklistItem(event_id=event.id, text=each.text, due_days=each.due_days) for each in usual
    ]


def change_item(item: ChecklistItem, values: ItemValues, *, actor: User, now: datetime) -> None:
    event = item.event
    _hold(item)
    _check(event, values, kept=item.owner_id)
    before = (item.text, item.due_days, item.owner_id, item.note)
    _apply(item, values)
    db.session.flush()
    if (item.text, item.due_days, item.owner_id, item.note) != before:
        audit.record("task changed", event, actor=actor, now=now, about=item.text)


def remove_item(item: ChecklistItem, *, actor: User, now: datetime) -> None:
    event = item.event
    lock(event)
    audit.record("task removed", event, actor=actor, now=now, about=item.text)
    db.session.delete(item)


def tick(item: ChecklistItem, *, is_done: bool, actor: User, now: datetime) -> None:
    """Done, or to be done again; pressed twice it does the same."""
    event = item.event
    _hold(item)
    if event.is_template:
        raise DomainError("A template’s tasks are done at the events that are made from it.")
    if item.is_done is is_done:
        return
    item.done_at, item.done_by = (now, actor) if is_done else (None, None)
    did = "task done" if is_done else "task open again"
    audit.record(did, event, actor=actor, now=now, about=item.text)


def _hold(item: ChecklistItem) -> None:
    """Nobody else changes the list meanwhile; somebody may have while we waited."""
    lock(item.event)
    if db.session.get(ChecklistItem, item.id, populate_existing=True) is None:
        raise DomainError("Somebody has removed this task meanwhile.")


def _apply(item: ChecklistItem, values: ItemValues) -> None:
    item.text, item.due_days = values.text, values.due_days
    item.owner, item.note = values.owner, values.note


def _check(event: Event, values: ItemValues, *, kept: int | None = None) -> None:
    """Whoever has left the office stays the owner until somebody else is."""
    if not values.text:
        raise DomainError("Say what is to be done.", "text")
    if not -MOST_AFTER <= values.due_days <= MOST_BEFORE:
        raise DomainError(
            f"Give at most {MOST_BEFORE} days before the start, or {MOST_AFTER} after it.", "days"
        )
    if values.owner and values.owner.id not in _ids(queries.possible_owners(event)) | {kept}:
        raise DomainError("Choose somebody who works for this event.", "owner")


def _ids(people: Iterable[User]) -> set[int | None]:
    return {person.id for person in people}


# -- what follows from what others do ------------------------------------------------------------


@on_creation
def begin_checklist(event: Event, _now: datetime) -> None:
    """Every event has the usual tasks from the start; who needs fewer removes some."""
    db.session.add_all(_usual(event))


@on_duplication
def copy_checklist(event: Event, copy: Event) -> None:
    """The same tasks, all of them to be done; whoever does not work for the copy has no part."""
    db.session.add_all(
        [
            ChecklistItem(
                event_id=copy.id,
                text=item.text,
                due_days=item.due_days,
                note=item.note,
                owner=item.owner if item.owner and can_view_event(item.owner, copy) else None,
            )
            for item in queries.checklist_of(event)
        ]
    )


@on_deletion
def forget_owner(user: User, _gone: str, _now: datetime) -> None:
    """Their tasks are nobody's until somebody takes them over."""
    mine = ChecklistItem.owner_id == user.id
    db.session.execute(update(ChecklistItem).where(mine).values(owner_id=None))
