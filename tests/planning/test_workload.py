"""Who of an office has to do with which events, week by week."""

import re
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from interact_events.accounts.models import Level, User
from interact_events.checklists.models import ChecklistItem
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events.models import Event, EventState
from interact_events.planning.queries import workload
from interact_events.planning.rules import Task, Zoom, range_of
from tests import make
from tests.client import Client, counted
from tests.planning.days import NASTY, draft, event, monday


def page_of(client: Client, day: date | None = None, **asked: str) -> str:
    return client.get(
        "/planning/workload", query_string={"from": str(day or monday())} | asked
    ).text


def test_events_stand_with_their_people_in_their_weeks(client: Client) -> None:
    anna = make.member("turku", Level.LEAD, name="Anna Virtanen")
    zoi = make.member("turku", name=NASTY)
    talk = event("Talk", monday(1), contact_name="Interact Office Turku", created_by_id=zoi.id)
    talk.agenda[0].speakers = "Anna Virtanen, Helsinki"
    led = draft("Led", monday(1), contact_name="anna virtanen", created_by_id=zoi.id)
    event("Called off", monday(1), contact_name=anna.name, state=EventState.CANCELLED)
    lost = event("Nobody’s", monday(1), contact_name="Somebody else")
    helped = event("Helped", monday(1), contact_name=anna.name, office=make.office("vienna"))
    helped.co_organisers = [make.office()]
    client.sign_in(zoi)
    load = workload(make.office(), range_of(Zoom.QUARTER, monday(1)))
    found = {
        (person, stand.event.title): tasks
        for (person, first), parts in load.parts.items()
        for stand, tasks in parts
        if first == monday(1)
    }
    assert found == {
        (anna.id, "Led"): (Task.CONTACT,),
        (anna.id, "Talk"): (Task.SPEAKS,),
        (anna.id, "Helped"): (Task.CONTACT,),
        (zoi.id, "Talk"): (Task.CREATED,),
    }
    assert load.nobody == [lost]
    assert load.number_of(anna) == 3
    page = page_of(client, monday(1))
    assert "<b>O" not in page
    assert "With nobody of this office" in page
    assert f"/offices/turku/events/{led.slug}/" in page


def test_each_office_sees_its_own_people(client: Client) -> None:
    make.member("vienna", name="Florian Pichler")
    client.sign_in(make.member("turku", Level.VIEWER, name="Outi Niemelä"))
    page = page_of(client)
    assert "Outi Niemelä" in page
    assert "Florian Pichler" not in page
    assert client.get("/planning/workload?office=vienna").status_code == 404
    assert client.get("/planning/workload?office=nowhere").status_code == 404
    client.sign_in(make.coordinator())
    assert "Florian Pichler" in page_of(client, office="vienna")


def test_an_office_without_people_says_so(client: Client) -> None:
    client.sign_in(make.coordinator())
    assert "Nobody works here yet" in page_of(client, office="viborg")


def test_a_stakeholder_finds_nothing(client: Client) -> None:
    client.sign_in(make.user())
    assert client.get("/planning/workload").status_code == 404


def test_it_asks_the_same_number_of_queries(client: Client, connection: Connection) -> None:
    me = make.member("turku", name="Anna Virtanen")
    client.sign_in(me)

    def cost() -> int:
        with counted(connection) as statements:
            page_of(client)
        return len(statements)

    event("One", contact_name=me.name)
    one = cost()
    for number in range(3):
        make.member("turku", name=f"Colleague {number}")
        event(
            f"More {number}", monday() + timedelta(days=number), contact_name=f"Colleague {number}"
        )
    assert cost() == one


# -- tasks ---------------------------------------------------------------------------------------


def task(of: Event, owner: User | None, due_days: int, **values: Any) -> ChecklistItem:
    item = ChecklistItem(event=of, text="Book", due_days=due_days, owner_id=owner and owner.id)
    for name, value in values.items():
        setattr(item, name, value)
    db.session.add(item)
    db.session.commit()
    return item


def cells_of(page: str, name: str) -> list[str]:
    """What stands in the weeks of that person, where anything does; their name's cell first."""
    row = page.split(f'<th scope="row">{name}')[1].split("</tr>")[0]
    found = [re.sub(r"<[^>]+>", " ", each) for each in row.split("<td")]
    texts = [" ".join(each.split(">", 1)[-1].split()) for each in found]
    return [text for text in texts if text]


def test_tasks_stand_in_the_weeks_in_which_they_are_due(client: Client) -> None:
    anna, bo = make.member("turku", name="Anna Virtanen"), make.member("turku", name="Bo Ek")
    week = range_of(Zoom.QUARTER, monday()).slots[5]  # in the middle of a page
    thursday = week.first + timedelta(days=3)
    row = event("Talk", thursday, contact_name=anna.name)
    task(row, anna, 3)  # on the Monday
    task(row, anna, -3)  # on the Sunday
    task(row, bo, 4)  # on the Sunday before
    task(row, None, 3)
    task(row, bo, 3, done_at=clock.now(), done_by_id=bo.id)
    for other in (
        {"state": EventState.CANCELLED},
        {"is_template": True, "state": EventState.DRAFT, "published_at": None},
    ):
        task(event("Other", thursday, contact_name="Somebody", **other), bo, 3)
    client.sign_in(anna)
    page = page_of(client, thursday)
    assert cells_of(page, anna.name) == ["1 event, 2 tasks due", "Talk contact 2 tasks due"]
    assert cells_of(page, bo.name) == ["1 task due", "1 task due"]


def test_a_task_for_another_office_is_work_all_the_same(client: Client) -> None:
    anna = make.member("turku", name="Anna Virtanen")
    task(event("Theirs", office=make.office("vienna")), anna, 0)
    client.sign_in(anna)
    assert cells_of(page_of(client), anna.name) == ["1 task due", "1 task due"]


def test_tasks_cost_the_same_for_1_and_60(client: Client, connection: Connection) -> None:
    me = make.member("turku", name="Anna Virtanen")
    client.sign_in(me)
    rows = [event("One", contact_name=me.name), event("Two", contact_name=me.name)]

    def cost() -> int:
        with counted(connection) as statements:
            page_of(client)
        return len(statements)

    task(rows[0], me, 0)
    one = cost()
    others = [make.member("turku", name=f"Colleague {number}") for number in range(3)]
    for number in range(60):
        task(rows[number % 2], [me, *others][number % 4], 0)
    assert cost() == one


def test_what_begins_after_the_quarter_is_nobodys_of_another_page(client: Client) -> None:
    shown = range_of(Zoom.QUARTER, monday())
    assert shown.after
    event("Later", shown.after, contact_name="Somebody else")
    last = event("In it", shown.last, contact_name="Somebody else")
    assert workload(make.office(), shown).nobody == [last]
