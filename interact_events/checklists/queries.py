"""Reading checklists: of one event, of a person, of an office."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import contains_eager, joinedload, lazyload

from interact_events.accounts.models import Membership, User
from interact_events.accounts.queries import personal_part
from interact_events.checklists.models import ChecklistItem
from interact_events.checklists.rules import MOST_AFTER, MOST_BEFORE, Urgency, due_on, urgency
from interact_events.core.clock import midnight, to_local
from interact_events.core.db import db
from interact_events.events.models import Event, EventState, event_offices
from interact_events.interreg.models import Office

FORGOTTEN = timedelta(days=60)  # after an event, what was never ticked is no reminder any more


def checklist_of(event: Event) -> Sequence[ChecklistItem]:
    """The event's tasks, the earliest due first."""
    return db.session.scalars(
        select(ChecklistItem)
        .where(ChecklistItem.event_id == event.id)
        .options(_with(ChecklistItem.owner), _with(ChecklistItem.done_by))
        .order_by(ChecklistItem.due_days.desc(), ChecklistItem.id)
    ).all()


def _with(person: Any) -> Any:
    return joinedload(person).lazyload(User.memberships)


def item_of(event: Event, number: int) -> ChecklistItem | None:
    return db.session.scalar(
        select(ChecklistItem).where(ChecklistItem.id == number, ChecklistItem.event_id == event.id)
    )


def possible_owners(event: Event) -> Sequence[User]:
    """Who works in the lead office or in one that helps, by name."""
    offices = [event.office_id, *(office.id for office in event.co_organisers)]
    works = select(Membership.user_id).where(
        Membership.office_id.in_(offices), Membership.ended_at.is_(None)
    )
    return db.session.scalars(
        select(User)
        .where(User.id.in_(works))
        .options(lazyload(User.memberships))
        .order_by(User.name, User.id)
    ).all()


# -- what is due ---------------------------------------------------------------------------------


class Task(NamedTuple):
    """An open item and how urgent it is."""

    item: ChecklistItem
    urgency: Urgency

    @property
    def event(self) -> Event:
        return self.item.event


@dataclass(frozen=True)
class Reminders:
    """What the dashboard reminds somebody of, the most urgent first."""

    mine: list[Task] = field(default_factory=list)
    office: list[Task] = field(default_factory=list)  # of it, beyond these


def reminders_for(user: User, office: Office, now: datetime) -> Reminders:
    """The person's own tasks that are due in seven days, wherever they work; and of the office's
    events what is overdue, or due in seven days and nobody's. Two statements."""
    urgent = _urgent(user, office, now)
    if not urgent:
        return Reminders()
    query = select(ChecklistItem).join(ChecklistItem.event).where(ChecklistItem.id.in_(urgent))
    rows = db.session.scalars(query.options(*_OF_REMINDERS))
    tasks = sorted((_task(item, now) for item in rows), key=lambda task: urgent[task.item.id])
    mine = [task for task in tasks if urgent[task.item.id].is_mine]
    return Reminders(mine, [task for task in tasks if not urgent[task.item.id].is_mine])


class _Due(NamedTuple):
    """By what urgent tasks are ordered."""

    due_on: date
    starts_at: datetime
    number: int
    is_mine: bool


def _urgent(user: User, office: Office, now: datetime) -> dict[int, _Due]:
    """What to remind somebody of, by number: read in few columns, for most is due later."""
    helps = exists().where(
        event_offices.c.event_id == Event.id, event_offices.c.office_id == office.id
    )
    is_mine = ChecklistItem.owner_id == user.id
    of_office = or_(Event.office_id == office.id, helps)
    rows = db.session.execute(
        select(
            ChecklistItem.id,
            ChecklistItem.owner_id,
            ChecklistItem.due_days,
            Event.starts_at,
            Event.zone,
            _owner_works_for_it.label("is_owned"),
        )
        .join(ChecklistItem.event)
        .where(
            ChecklistItem.done_at.is_(None),
            Event.state != EventState.CANCELLED,
            ~Event.is_template,
            Event.ends_at > now - FORGOTTEN,
            or_(is_mine & _owner_works_for_it, of_office),
        )
    )
    found = {}
    for row in rows:
        day = due_on(to_local(row.starts_at, row.zone).date(), row.due_days)
        stands = urgency(day, to_local(now, row.zone).date(), is_done=False)
        own = row.is_owned and row.owner_id == user.id
        is_free = stands is Urgency.SOON and not row.is_owned
        if (own and stands is not Urgency.LATER) or stands is Urgency.OVERDUE or is_free:
            found[row.id] = _Due(day, row.starts_at, row.id, own)
    return found


# Who has left the office does none of its tasks any more, though they stay theirs by name.
_owner_works_for_it = exists().where(
    Membership.user_id == ChecklistItem.owner_id,
    Membership.ended_at.is_(None),
    or_(
        Membership.office_id == Event.office_id,
        exists().where(
            event_offices.c.event_id == Event.id,
            event_offices.c.office_id == Membership.office_id,
        ),
    ),
)
_OF_REMINDERS = (
    contains_eager(ChecklistItem.event).options(
        joinedload(Event.office, innerjoin=True).lazyload(Office.country),
        lazyload(Event.country),
        lazyload(Event.period),
    ),
    _with(ChecklistItem.owner),
)


def _task(item: ChecklistItem, now: datetime) -> Task:
    today = to_local(now, item.event.zone).date()
    return Task(item, urgency(item.due_on, today, is_done=item.is_done))


def urgencies(items: Sequence[ChecklistItem], now: datetime) -> dict[int, Urgency]:
    """How urgent each is, by its number."""
    return {item.id: _task(item, now).urgency for item in items}


Week = tuple[int, int]  # of ISO 8601: the year that the week belongs to, and its number


def tasks_due(user_ids: Collection[int], since: date, until: date) -> dict[int, dict[Week, int]]:
    """How many open tasks each of these people has in each week, of those due on the days from
    `since` to `until`; one statement."""
    rows = db.session.execute(
        select(ChecklistItem.owner_id, ChecklistItem.due_days, Event.starts_at, Event.zone)
        .join(ChecklistItem.event)
        .where(
            ChecklistItem.owner_id.in_(list(user_ids)),
            ChecklistItem.done_at.is_(None),
            Event.state != EventState.CANCELLED,
            ~Event.is_template,
            Event.starts_at > midnight(since - timedelta(days=MOST_AFTER + 1), "UTC"),
            Event.starts_at < midnight(until + timedelta(days=MOST_BEFORE + 2), "UTC"),
        )
    )
    found: dict[int, dict[Week, int]] = defaultdict(lambda: defaultdict(int))
    for owner, days, starts_at, zone in rows:
        due = due_on(to_local(starts_at, zone).date(), days)
        if owner is not None and since <= due <= until:
            year, week, _ = due.isocalendar()
            found[owner][year, week] += 1
    return {owner: dict(weeks) for owner, weeks in found.items()}


@personal_part("tasks")
def own_tasks(user: User, now: datetime) -> list[dict[str, Any]]:
    """What the person is to do, or has done, for events."""
    rows = db.session.scalars(
        select(ChecklistItem)
        .join(ChecklistItem.event)
        .where(or_(ChecklistItem.owner_id == user.id, ChecklistItem.done_by_id == user.id))
        .options(contains_eager(ChecklistItem.event))
        .order_by(ChecklistItem.id)
    )
    return [
        {
            "event": item.event.title,
            "task": item.text,
            "due_on": item.due_on.isoformat(),
            "is_yours": item.owner_id == user.id,
            "done_by_you_at": (
                item.done_at.isoformat() if item.done_at and item.done_by_id == user.id else None
            ),
        }
        for item in rows
    ]
