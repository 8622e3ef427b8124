from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, delete, select

from interact_events.accounts.actions import delete_account
from interact_events.accounts.models import Level, Membership
from interact_events.accounts.queries import personal_data
from interact_events.checklists import actions, queries
from interact_events.checklists.actions import ItemValues
from interact_events.checklists.models import ChecklistItem
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.actions import EventValues, create_event
from interact_events.events.models import Event, EventState, Kind, Mode
from interact_events.registrations.actions import cancel_event, duplicate_event
from tests import make
from tests.client import counted

pytestmark = pytest.mark.usefixtures("app")


def task(
    event: Event, text: str = "Book the venue", due_days: int = 10, **values: Any
) -> ChecklistItem:
    said = ItemValues(text=text, due_days=due_days, **values)
    item = actions.add_item(event, said, actor=make.member(), now=clock.now())
    db.session.commit()
    return item


def history(event: Event) -> list[str]:
    rows = db.session.scalars(
        select(AuditEntry.action)
        .where(AuditEntry.subject_type == "events", AuditEntry.subject_id == event.id)
        .order_by(AuditEntry.id)
    )
    return list(rows)


def test_a_task_is_added_changed_ticked_and_removed_and_all_of_it_noted() -> None:
    event, actor, now = make.event(), make.member(), clock.now()
    item = task(event, owner=actor)
    actions.tick(item, is_done=True, actor=actor, now=now)
    actions.tick(item, is_done=True, actor=actor, now=now)  # pressed twice
    assert (item.done_at, item.done_by) == (now, actor)
    actions.tick(item, is_done=False, actor=actor, now=now)
    assert (item.done_at, item.done_by) == (None, None)
    values = ItemValues(text="Book another venue", due_days=20)
    actions.change_item(item, values, actor=actor, now=now)
    actions.change_item(item, values, actor=actor, now=now)
    assert (item.text, item.due_days, item.owner) == ("Book another venue", 20, None)
    actions.remove_item(item, actor=actor, now=now)
    assert queries.checklist_of(event) == []
    assert history(event) == [
        *("task added", "task done", "task open again", "task changed", "task removed"),
    ]


def test_the_list_is_in_order_of_days_and_counts_on_the_events_clocks() -> None:
    starts_at = datetime(2027, 5, 11, 22, tzinfo=UTC)  # 12 May in Helsinki
    event = make.event(starts_at=starts_at)
    last, first = task(event, "Last", -1), task(event, "First", 30)
    assert queries.checklist_of(event) == [first, last]
    assert [first.due_on, last.due_on] == [date(2027, 4, 12), date(2027, 5, 13)]


def test_usual_tasks_are_added_once() -> None:
    event, actor = make.event(), make.member()
    task(event, "Venue booked", 100)
    assert actions.use_usual_tasks(event, actor=actor, now=clock.now()) == 5
    assert actions.use_usual_tasks(event, actor=actor, now=clock.now()) == 0
    assert len(queries.checklist_of(event)) == 6


def new_event(days: float, **values: Any) -> Event:
    office = make.office()
    starts = make.days(days).replace(tzinfo=None, hour=10)
    said: dict[str, Any] = {
        "title": "Lump sums",
        "kind": Kind.WORKSHOP,
        "mode": Mode.IN_PERSON,
        "period": make.period(),
        "zone": office.zone,
        "starts": starts,
        "ends": starts + timedelta(hours=6),
        "capacity": 20,
    }
    event = create_event(
        office, EventValues(**(said | values)), actor=make.member(), now=clock.now(), host="h"
    )
    db.session.commit()
    return event


def test_a_new_event_has_the_usual_tasks_from_the_start() -> None:
    items = queries.checklist_of(new_event(200))
    assert [item.text for item in items] == [
        *("Venue booked", "Speakers confirmed", "Interpreters booked", "Catering ordered"),
        *("Materials ready", "Evaluation sent"),
    ]
    assert {item.owner_id for item in items} == {None}


def test_a_copy_begins_with_the_tasks_of_its_original_alone() -> None:
    event = make.event()
    task(event, "Count the chairs")
    copy = duplicate_event(
        event,
        "Again",
        make.days(200).date(),
        actor=make.member(),
        now=clock.now(),
        host="h",
    )
    assert [item.text for item in queries.checklist_of(copy)] == ["Count the chairs"]


def test_only_who_works_for_the_event_gets_a_task_and_who_left_may_keep_it() -> None:
    helper = make.office("viborg")
    event = make.event(co_organisers=[helper])
    stranger, colleague = make.member("vienna"), make.member("viborg")
    with pytest.raises(DomainError, match="Choose somebody who works for this event"):
        task(event, owner=stranger)
    item = task(event, owner=colleague)
    colleague.memberships[0].ended_at = clock.now()
    db.session.commit()
    values = ItemValues(text="The same", due_days=1, owner=colleague)
    actions.change_item(item, values, actor=make.member(), now=clock.now())
    assert item.owner is colleague


@pytest.mark.parametrize("days", [-91, 501])
def test_a_task_is_due_near_the_event(days: int) -> None:
    with pytest.raises(DomainError) as refusal:
        task(make.event(), due_days=days)
    assert refusal.value.field == "days"


def test_what_somebody_removed_meanwhile_is_said() -> None:
    item, actor = task(make.event()), make.member()
    db.session.refresh(item)
    db.session.execute(delete(ChecklistItem).execution_options(synchronize_session=False))
    with pytest.raises(DomainError, match="removed this task meanwhile"):
        actions.tick(item, is_done=True, actor=actor, now=clock.now())


def test_a_copy_has_the_tasks_still_to_be_done() -> None:
    event, actor = make.event(), make.member()
    item = task(event, owner=actor, note="Ask for the large hall")
    gone = make.member("vienna")
    item_of_gone = task(event, "Order food")
    item_of_gone.owner = gone
    actions.tick(item, is_done=True, actor=actor, now=clock.now())
    copy = duplicate_event(
        event, "Again", date(2028, 1, 10), actor=actor, now=clock.now(), host="localhost"
    )
    db.session.commit()
    rows = [
        (row.text, row.due_days, row.owner, row.note, row.is_done)
        for row in queries.checklist_of(copy)
    ]
    assert rows == [
        ("Book the venue", 10, actor, "Ask for the large hall", False),
        ("Order food", 10, None, "", False),
    ]


NOW = clock.now()  # one for all, whatever midnight passes


def due(event: Event, days: int) -> int:
    """As `due_days`, what is due so many days from today."""
    today = clock.to_local(NOW, event.zone).date()
    return (clock.to_local(event.starts_at, event.zone).date() - today).days - days


def test_reminders_are_ones_own_tasks_anywhere_and_what_is_late_in_the_office() -> None:
    me, other = make.member(), make.member()
    event, cancelled = make.event(), make.event()
    elsewhere = make.event(office=make.office("vienna"), co_organisers=[make.office()])
    late = task(event, "Late", due(event, -1), owner=me)
    soon = task(elsewhere, "Soon", due(elsewhere, 7), owner=me)
    task(event, "Later", due(event, 8), owner=me)
    theirs = task(event, "Theirs, late", due(event, -3), owner=other)
    nobodys = task(elsewhere, "Nobody's, late", due(elsewhere, -2))
    task(event, "Theirs, soon", due(event, 2), owner=other)
    free = task(event, "Nobody's, soon", due(event, 3))
    task(event, "Nobody's, later", due(event, 9))
    task(cancelled, "Never", due(cancelled, -1), owner=me)
    cancel_event(cancelled, "Snow", actor=other, now=clock.now())
    done = task(event, "Done", due(event, -1), owner=me)
    actions.tick(done, is_done=True, actor=me, now=clock.now())
    found = queries.reminders_for(me, make.office(), NOW)
    assert [each.item for each in found.mine] == [late, soon]
    assert [each.item for each in found.office] == [theirs, nobodys, free]


def test_who_has_left_is_reminded_no_more_and_the_office_is_instead() -> None:
    me, colleague = make.member(), make.member()
    event = make.event()
    soon = task(event, "Soon", due(event, 3), owner=me)
    membership = db.session.scalars(select(Membership).where(Membership.user_id == me.id)).one()
    membership.ended_at = clock.now()
    db.session.commit()
    left = queries.reminders_for(me, make.office("vienna"), NOW)
    stays = queries.reminders_for(colleague, make.office(), NOW)
    assert (left.mine, left.office) == ([], [])
    assert [each.item for each in stays.office] == [soon]


def test_reminders_cost_two_statements(connection: Connection) -> None:
    me, office = make.member(), make.office()

    def cost() -> int:
        event = make.event(co_organisers=[make.office("viborg")])
        task(event, "Late", due(event, -1), owner=me)
        db.session.expire_all()
        db.session.refresh(me)
        db.session.refresh(office)
        with counted(connection) as statements:
            found = queries.reminders_for(me, office, NOW)
            assert [each.event.title + each.event.office.code for each in found.mine]
        return len(statements)

    assert [cost(), cost(), cost()] == [2, 2, 2]


def test_tasks_are_counted_by_iso_week() -> None:
    me, other = make.member(), make.member()
    event = make.event(starts_at=datetime(2027, 1, 6, 9, tzinfo=UTC))
    for text, days, owner in (
        ("A", 3, me),  # Sunday 3 January: still week 53 of 2026
        ("B", 2, me),
        ("C", 0, me),
        ("D", 2, other),
        ("E", 40, me),  # before the span
    ):
        task(event, text, days, owner=owner)
    draft = make.event(starts_at=datetime(2027, 1, 6, 9, tzinfo=UTC), state=EventState.DRAFT)
    task(draft, "F", 2, owner=me)
    template = make.event(
        starts_at=datetime(2027, 1, 6, 9, tzinfo=UTC), state=EventState.DRAFT, is_template=True
    )
    task(template, "G", 2, owner=me)
    found = queries.tasks_due([me.id, other.id], date(2026, 12, 28), date(2027, 1, 10))
    assert found == {me.id: {(2026, 53): 1, (2027, 1): 3}, other.id: {(2027, 1): 1}}
    assert queries.tasks_due([other.id], date(2026, 12, 28), date(2027, 1, 3)) == {}


def test_a_deleted_account_leaves_its_tasks_to_nobody(app: Flask) -> None:
    make.member(level=Level.LEAD)
    person = make.member()
    item = task(make.event(), owner=person)
    delete_account(person, now=clock.now())
    db.session.commit()
    db.session.expire_all()
    assert item.owner_id is None


def test_people_download_their_tasks() -> None:
    me = make.member()
    event = make.event(starts_at=datetime(2027, 5, 12, 9, tzinfo=UTC))
    item = task(event, owner=me)
    actions.tick(item, is_done=True, actor=me, now=datetime(2027, 5, 1, 9, tzinfo=UTC))
    db.session.commit()
    assert personal_data(me, clock.now())["tasks"] == [
        {
            "event": event.title,
            "task": "Book the venue",
            "due_on": "2027-05-02",
            "is_yours": True,
            "done_by_you_at": "2027-05-01T09:00:00+00:00",
        }
    ]


def test_a_template_has_tasks_that_nobody_ticks() -> None:
    template = make.event(state=EventState.DRAFT, is_template=True)
    item = task(template)
    with pytest.raises(DomainError, match="A template’s tasks are done at the events"):
        actions.tick(item, is_done=True, actor=make.member(), now=clock.now())


def test_a_move_of_the_event_takes_the_tasks_along() -> None:
    event = make.event()
    item = task(event)
    before = item.due_on
    event.starts_at += timedelta(days=3)
    event.ends_at += timedelta(days=3)
    assert item.due_on == before + timedelta(days=3)


def test_a_checklist_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST", 1)
    event = make.event()
    task(event)
    with pytest.raises(DomainError, match="A checklist can have 1 tasks"):
        task(event)
