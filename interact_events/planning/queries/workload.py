"""Who of an office has to do with which events, week by week."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from interact_events.accounts.models import User
from interact_events.accounts.queries import staff_of
from interact_events.calendars.rules.days import span_of
from interact_events.checklists.queries import tasks_due
from interact_events.core.db import db
from interact_events.events.models import Event, EventState
from interact_events.interreg.models import Office
from interact_events.planning.rules import Range, Stand, Task, placed, shares, stands_in

Part = tuple[Stand[Event], tuple[Task, ...]]


@dataclass(frozen=True)
class Load:
    """What the office's people have to do: by person and first day of a week. `nobody` are the
    events that name no colleague."""

    staff: Sequence[User]
    parts: dict[tuple[int, date], list[Part]]
    nobody: list[Event]
    due: dict[int, dict[tuple[int, int], int]]  # tasks by person and ISO week

    def tasks_due(self, person: User, day: date) -> int:
        """How many are due in the week of that day."""
        year, week, _ = day.isocalendar()
        return self.due.get(person.id, {}).get((year, week), 0)

    def all_due(self, person: User) -> int:
        return sum(self.due.get(person.id, {}).values())

    def number_of(self, person: User) -> int:
        """Of how many events they have a part."""
        mine = [parts for (number, _), parts in self.parts.items() if number == person.id]
        return len({stand.event.id for parts in mine for stand, _ in parts})


def workload(office: Office, shown: Range) -> Load:
    """What the office's people have to do in the events that it leads or helps with."""
    staff = [membership.user for membership in staff_of(office)]
    events = _events(office, span_of([shown.first, shown.last]))
    found: defaultdict[tuple[int, date], list[Part]] = defaultdict(list)
    known = {event.id: shares(event, staff) for event in events}
    for (_, first), stands in placed(events, shown.slots).items():
        for stand in stands:
            for share in known[stand.event.id]:
                found[share.person_id, first].append((stand, share.tasks))
    nobody = [
        event
        for event in events
        if event.office_id == office.id
        and not known[event.id]
        and stands_in(event, shown.first, shown.last)
    ]
    due = tasks_due([person.id for person in staff], shown.first, shown.last)
    return Load(staff, found, nobody, due)


def _events(office: Office, span: tuple[datetime, datetime]) -> Sequence[Event]:
    helped = Event.co_organisers.any(Office.id == office.id)
    start, end = span
    return db.session.scalars(
        select(Event)
        .where(
            or_(Event.office_id == office.id, helped),
            Event.state != EventState.CANCELLED,
            ~Event.is_template,
            Event.ends_at > start,
            Event.starts_at < end,
        )
        .options(selectinload(Event.sessions), selectinload(Event.co_organisers))
        .order_by(Event.starts_at, Event.id)
    ).all()
