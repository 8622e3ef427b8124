import re
from html import unescape

import pytest
from sqlalchemy import Connection

from interact_events.accounts.models import Level
from interact_events.checklists import actions, queries
from interact_events.checklists.actions import ItemValues
from interact_events.checklists.models import ChecklistItem
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events.models import Event
from tests import make
from tests.client import Client, counted

ZOI = 'Ζωή "Žižka" <b>O\'Neil</b>'


def task(event: Event, text: str = "Book the venue", due_days: int = 40) -> ChecklistItem:
    said = ItemValues(text=text, due_days=due_days)
    item = actions.add_item(event, said, actor=make.member(), now=clock.now())
    db.session.commit()
    return item


def address(event: Event) -> str:
    return f"/offices/turku/events/{event.slug}/checklist"


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_an_editor_ticks_edits_adds_and_removes(client: Client) -> None:
    event = make.event()
    item = task(event)
    zoi = make.member(name=ZOI)
    client.sign_in(zoi)
    page = address(event)
    assert "1 of 1 task done" not in client.get(page).text
    client.press(f"{page}/{item.id}/tick", done="yes", page=page)
    assert "1 of 1 task done" in client.get(page).text
    client.press(f"{page}/{item.id}/tick", done="no", page=page)
    assert "0 of 1 task done" in client.get(page).text
    fields = {"text": "Order food", "days": "3", "side": "after", "owner": str(zoi.id)}
    client.press(page, **fields)
    added = queries.checklist_of(event)[1]
    assert (added.text, added.due_days, added.owner) == ("Order food", -3, zoi)
    assert ZOI in text_of(client.get(page).text)
    client.press(f"{page}/{added.id}", page=page, **(fields | {"side": "before", "owner": ""}))
    assert (added.due_days, added.owner) == (3, None)
    client.press(f"{page}/{added.id}/remove", page=page)
    assert queries.checklist_of(event) == [item]


def test_an_empty_list_offers_what_is_usual(client: Client) -> None:
    event = make.event()
    client.sign_in(make.member())
    assert "venue booked, speakers confirmed" in client.get(address(event)).text
    client.press(f"{address(event)}/usual", page=address(event))
    assert len(queries.checklist_of(event)) == 6


def test_what_makes_no_sense_is_said_beside_its_field(client: Client) -> None:
    event = make.event()
    client.sign_in(make.member())
    page = client.press(address(event), text="", days="many", side="before", owner="0").text
    for sentence in ("Say what is to be done.", "Give a whole number.", "Choose one of those"):
        assert sentence in page
    assert 'value="many"' in page


def test_a_viewer_reads_and_a_stranger_finds_nothing(client: Client) -> None:
    event = make.event()
    item = task(event)
    page = address(event)
    presses = [f"{page}/{item.id}/tick", f"{page}/{item.id}/remove", f"{page}/usual", page]
    client.sign_in(make.member(level=Level.VIEWER))
    shown = client.get(page)
    assert (shown.status_code, "Add a task" in shown.text) == (200, False)
    assert [client.press(each).status_code for each in presses] == [403] * 4
    assert client.get(f"{page}/{item.id}").status_code == 403
    client.sign_in(make.member("vienna"))
    assert client.get(page).status_code == client.get(f"{page}/{item.id}").status_code == 404
    assert [client.press(each).status_code for each in presses] == [404] * 4


def test_a_task_of_another_event_is_not_found(client: Client) -> None:
    event, item = make.event(), task(make.event())
    client.sign_in(make.member())
    assert client.get(f"{address(event)}/{item.id}").status_code == 404
    assert client.press(f"{address(event)}/{item.id}/tick", done="yes").status_code == 404


def test_the_dashboard_and_the_overview_remind(client: Client) -> None:
    event, me = make.event(), make.member()
    task(event, "Overdue one")
    mine = task(event, "My own one")
    client.sign_in(me)
    assert "My tasks" not in client.get("/offices/turku/").text
    mine.owner = me
    db.session.commit()
    page = text_of(client.get("/offices/turku/").text)
    assert re.search(r"My tasks: overdue and due within seven days My own one", page)
    assert re.search(r"due within seven days and nobody’s Overdue one", page)
    overview = text_of(client.get(f"/offices/turku/events/{event.slug}/").text)
    assert "0 of 2 tasks done, 2 overdue" in overview


def test_whoever_has_left_is_named_so(client: Client) -> None:
    event, me = make.event(), make.member()
    item = task(event)
    item.owner = make.member("vienna", name="Ina Fort")
    db.session.commit()
    client.sign_in(me)
    page = text_of(client.get(address(event)).text)
    assert "Ina Fort, who has left: choose somebody else" in page
    client.press(f"{address(event)}/{item.id}/tick", page=address(event), done="yes")
    assert "who has left" not in client.get(address(event)).text


@pytest.mark.parametrize("where", ["checklist", "dashboard"])
def test_more_tasks_cost_no_more_statements(
    client: Client, connection: Connection, where: str
) -> None:
    event, me = make.event(), make.member()
    client.sign_in(me)
    page = address(event) if where == "checklist" else "/offices/turku/"

    def cost() -> int:
        item = task(event)
        item.owner = make.member()
        actions.tick(task(event), is_done=True, actor=make.member(), now=clock.now())
        db.session.commit()
        with counted(connection) as statements:
            client.get(page)
        return len(statements)

    assert cost() == cost() == cost()
