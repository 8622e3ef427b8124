"""The pages of templates and series: who may, what they say and do."""

import re
from dataclasses import replace
from datetime import date
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import Connection, select

from interact_events.accounts.models import Level
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events import actions as events
from interact_events.events.models import Event, EventState
from interact_events.registrations import actions as registrations
from interact_events.registrations.queries import seat_rules_of
from interact_events.series import actions, queries
from interact_events.series.models import Series
from tests import make
from tests.client import Client, counted

ZOI = 'Ζωή "Žižka" <b>O\'Neil</b>'
LONG = "Wirtschaftlichkeitsuntersuchungsverpflichtungen in grenzüberschreitenden Programmen"


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def a_template(title: str = "Audit basics", office: str = "turku") -> Event:
    event = make.event(title, office=make.office(office))
    template = actions.save_as_template(
        event, title, actor=make.member(office), now=clock.now(), host="localhost"
    )
    db.session.commit()
    return template


def an_event_of(template: Event, **values: object) -> Event:
    new = actions.NewEvent(title="In May", first_day=date(2028, 5, 9), office=make.office())
    event = actions.make_event(
        template, new, actor=make.member(), now=clock.now(), host="localhost"
    )
    for name, value in values.items():
        setattr(event, name, value)
    db.session.commit()
    return event


def edit(event: Event, **values: object) -> None:
    said = replace(events.values_of(event), **values)  # type: ignore[arg-type]
    registrations.change_event(event, said, actor=make.member(), now=clock.now())
    db.session.commit()


def a_series(*members: Event, is_ordered: bool = True) -> Series:
    actor, now = make.member(), clock.now()
    row = actions.add_series(make.office(), "Controls", is_ordered=is_ordered, actor=actor, now=now)
    for each in members:
        actions.put_into(row, each, actor=actor, now=now)
    db.session.commit()
    return row


def two_modules() -> tuple[Event, Event]:
    return (
        make.event("Module 1", starts_at=make.days(30), ends_at=make.days(31)),
        make.event("Module 2", starts_at=make.days(40), ends_at=make.days(41)),
    )


# -- templates -----------------------------------------------------------------------------------


def test_an_event_becomes_a_template_and_the_template_an_event(client: Client) -> None:
    event = make.event(LONG)
    client.sign_in(make.member())
    answer = client.press(f"/offices/turku/events/{event.slug}/keep-as-template", title=ZOI)
    template = db.session.scalars(select(Event).where(Event.is_template)).one()
    assert answer.location == f"/offices/turku/templates/{template.slug}"
    assert ZOI in text_of(client.get("/offices/turku/templates/").text)
    assert ZOI in text_of(client.get(answer.location).text)
    overview = text_of(client.get(f"/offices/turku/events/{template.slug}/").text)
    assert "This is a template" in overview
    assert "Registrations" not in overview
    fields = {"title": LONG, "first_day": "2028-05-09"}
    made = client.press(
        f"{answer.location}/new-event", page=f"{answer.location}/new-event", **fields
    )
    copy = db.session.scalars(select(Event).where(Event.made_from_id == template.id)).one()
    assert made.location == f"/offices/turku/events/{copy.slug}/"
    assert f"Made from the template {ZOI}" in text_of(client.get(made.location).text)


def test_what_is_wrong_is_said_beside_its_field(client: Client) -> None:
    template = a_template()
    client.sign_in(make.member())
    page = f"/offices/turku/templates/{template.slug}/new-event"
    answer = client.press(page, page=page, title="", first_day="soon").text
    assert "Give the event a title." in answer
    assert "Give a day, like 2027-05-12." in answer


def test_every_page_of_a_template_opens(client: Client) -> None:
    template = a_template()
    client.sign_in(make.member(level=Level.LEAD))
    base = f"/offices/turku/events/{template.slug}"
    pages = re.findall(rf'href="({base}[^"#]*)"', client.get(f"{base}/").text)
    assert f"{base}/checklist" in pages
    assert [page for page in pages if client.get(page).status_code != 200] == []


def test_viewers_read_templates_and_make_none(client: Client) -> None:
    template = a_template()
    event = make.event()
    pages = ["/offices/turku/templates/", f"/offices/turku/templates/{template.slug}"]
    presses = [f"{pages[1]}/new-event", f"{pages[1]}/follow"]
    presses += [f"/offices/turku/events/{event.slug}/keep-as-template"]
    client.sign_in(make.member(level=Level.VIEWER))
    assert [client.get(page).status_code for page in pages] == [200, 200]
    assert [client.press(each).status_code for each in presses] == [403] * 3
    client.sign_in(make.member("vienna"))
    assert [client.get(page).status_code for page in pages] == [404, 404]
    assert [client.press(each).status_code for each in presses] == [404] * 3
    elsewhere = f"/offices/vienna/templates/{template.slug}"
    assert client.get(elsewhere).status_code == 404


def test_the_networks_templates_are_everybodys_to_use_and_not_to_edit(client: Client) -> None:
    template = a_template(office="bratislava")
    client.sign_in(make.member())
    page = f"/offices/turku/templates/{template.slug}"
    shown = client.get(page).text
    assert "Of the network" in client.get("/offices/turku/templates/").text
    assert "Open and edit" not in shown
    assert client.get(f"/offices/bratislava/events/{template.slug}/").status_code == 404
    client.press(f"{page}/new-event", title="Ours", first_day="2028-05-09")
    made = db.session.scalars(select(Event).where(Event.made_from_id == template.id)).one()
    assert (made.office.code, made.city) == ("turku", "Turku")


def test_what_could_follow_is_shown_and_taken_over_by_a_press(client: Client) -> None:
    template = a_template()
    draft, public = an_event_of(template), an_event_of(template, title="Public")
    public.state = EventState.PUBLISHED
    edit(template, summary=ZOI, description="Longer")
    edit(public, summary="Our own")
    client.sign_in(make.member())
    page = f"/offices/turku/templates/{template.slug}"
    shown = client.get(page).text
    assert ZOI in text_of(shown)
    assert f'value="{public.id}:summary" id="part-{public.id}-summary">' in shown
    assert f'value="{draft.id}:summary" id="part-{draft.id}-summary" checked>' in shown
    parts = [f"{draft.id}:summary", f"{public.id}:description", f"{public.id}:title", "9:x", "x"]
    client.press(f"{page}/follow", page=page, version=str(template.version), part=parts)
    assert (draft.summary, draft.description) == (ZOI, "")
    assert (public.summary, public.description, public.title) == ("Our own", "Longer", "Public")


def test_an_older_page_of_a_template_takes_over_nothing(client: Client) -> None:
    template = a_template()
    event = an_event_of(template)
    edit(template, summary="New")
    seen = str(template.version)
    edit(template, summary="Newer")
    client.sign_in(make.member())
    page = f"/offices/turku/templates/{template.slug}"
    client.press(f"{page}/follow", page=page, version=seen, part=f"{event.id}:summary")
    assert event.summary == "Two days of cases."
    assert "The template has changed since you opened this page" in client.get(page).text
    client.press(f"{page}/follow", page=page, version=str(template.version))
    assert "Tick what the events take over." in client.get(page).text


def test_a_deleted_template_is_gone(client: Client) -> None:
    template = a_template()
    client.sign_in(make.member())
    client.press(f"/offices/turku/events/{template.slug}/delete")
    assert "The template is deleted." in client.get("/offices/turku/templates/").text


def pages_of_an_office(app: Flask) -> list[str]:
    """Every address that needs no more than an office, those for everybody among them."""
    found = [
        str(rule).replace("<code>", "turku")
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.arguments <= {"code"}
    ]
    return [address for address in found if "sign-out" not in address]


def body_of(client: Client, address: str) -> str:
    with client.get(address) as answer:
        return answer.get_data().decode(errors="replace")


@pytest.mark.parametrize("who", ["coordinator", "lead", "stranger"])
def test_a_template_shows_nowhere_but_under_templates(app: Flask, client: Client, who: str) -> None:
    template = a_template("Quintessential audits")
    title = "Quintessential plans"
    template.title, template.search_text = title, title.lower()
    template.starts_at, template.ends_at = make.days(1), make.days(2)  # by its days neither
    db.session.commit()
    if who != "stranger":
        client.sign_in(
            make.coordinator() if who == "coordinator" else make.member(level=Level.LEAD)
        )
    addresses = pages_of_an_office(app)
    assert len(addresses) > 40
    found = {
        address
        for address in addresses
        for query in ("", "?q=quintessential", "?show=all", "?show=drafts")
        if title in body_of(client, address + query)
    }
    assert found == (set() if who == "stranger" else {"/offices/turku/templates/"})
    assert client.get(f"/events/{template.slug}").status_code == 404
    assert client.get(f"/events/{template.slug}/register").status_code == 404


# -- series --------------------------------------------------------------------------------------


def test_a_series_is_made_with_its_events_in_one_page(client: Client) -> None:
    source = make.event("Training")
    client.sign_in(make.member())
    answer = client.press("/offices/turku/series/new", name=ZOI, kind="dates")
    row = db.session.scalars(select(Series)).one()
    assert ZOI in text_of(client.get(answer.location).text)
    page = f"{answer.location}/new-events"
    fields = {
        "source": str(source.id),
        "rows-0-first_day": "2028-05-09",
        "rows-2-first_day": "2028-05-16",
        "rows-2-city": "Oulu",
        "rows-2-title": LONG,
    }
    client.press(page, page=page, more="rows", **fields)
    client.press(page, page=page, **fields)
    found = [(m.event.title, m.event.city) for m in queries.members_of(row)]
    assert found == [("Training", "Turku"), (LONG, "Oulu")]
    refused = client.press(page, page=page, **{"source": "", "rows-0-city": "Oulu"}).text
    assert "Choose the first day." in refused
    assert 'value="Oulu"' in refused


def test_module_two_comes_after_module_one_by_a_press(client: Client) -> None:
    one, two = two_modules()
    row = a_series(one)
    client.sign_in(make.member())
    page = f"/offices/turku/series/{row.id}"
    client.press(f"{page}/put-in", page=page, event=str(two.id))
    client.press(f"{page}/after/{two.id}", page=page, after=str(one.id))
    assert seat_rules_of(two).after_event_id == one.id
    make.registration(two)
    shown = text_of(client.get(page).text)
    assert "1 person on this list has no seat at “Module 1” (any more)." in shown
    client.press(f"{page}/order/{two.id}", page=page, to="up")
    assert [m.event for m in queries.members_of(row)] == [two, one]
    client.press(f"{page}/take-out/{one.id}", page=page)
    assert seat_rules_of(two).after_event_id is None
    client.press(f"{page}/edit", page=f"{page}/edit", name="Other", kind="dates")
    assert (row.name, row.is_ordered) == ("Other", False)
    client.press(f"{page}/delete", page=page)
    assert db.session.scalars(select(Series)).all() == []


def test_what_comes_first_stays_chosen_whatever_becomes_of_it(client: Client) -> None:
    one, two = two_modules()
    row = a_series(one, two)
    actions.put_after(row, two, one, actor=make.member(), now=clock.now())
    chosen = f'<option value="{one.id}" selected>'
    client.sign_in(make.member())
    page = f"/offices/turku/series/{row.id}"
    one.starts_at, one.ends_at = make.days(50), make.days(51)
    db.session.commit()
    assert chosen in client.get(page).text
    assert "has been moved and does not start before this" in client.get(page).text
    one.state, one.cancelled_at = EventState.CANCELLED, clock.now()
    db.session.commit()
    assert chosen in client.get(page).text
    actions.put_after(row, two, None, actor=make.member(), now=clock.now())
    one.starts_at = make.days(20)
    db.session.commit()
    assert f'<option value="{one.id}"' not in client.get(page).text


def test_staff_read_that_nobody_new_can_register_for_a_module(client: Client) -> None:
    one, two = two_modules()
    row = a_series(one, two)
    actions.put_after(row, two, one, actor=make.member(), now=clock.now())
    page = f"/offices/turku/events/{two.slug}/"
    client.sign_in(make.member())
    assert "nobody new can" not in client.get(page).text
    one.state = two.state = EventState.DRAFT
    db.session.commit()
    assert "Publish “Module 1” before this" in client.get(page).text
    one.state = two.state = EventState.PUBLISHED
    db.session.commit()
    registrations.cancel_event(one, "Snow", actor=make.member(), now=clock.now())
    db.session.commit()
    said = "Only people who have a seat at “Module 1” can register, and that event is cancelled"
    assert said in text_of(client.get(page).text)


def test_an_event_leads_to_its_template_and_series_where_one_may_see_them(client: Client) -> None:
    template = make.event("Kept", state=EventState.DRAFT, is_template=True)
    event = make.event(office=make.office("vienna"), made_from_id=template.id)
    row = a_series(event)
    page = f"/offices/vienna/events/{event.slug}/"
    client.sign_in(make.member("vienna"))
    shown = client.get(page).text
    assert f"/templates/{template.slug}" not in shown
    assert f"/offices/turku/series/{row.id}" not in shown
    assert "Kept of Interact Office Turku" in text_of(shown)
    client.sign_in(make.coordinator())
    shown = client.get(page).text
    for link in (f"/offices/turku/templates/{template.slug}", f"/offices/turku/series/{row.id}"):
        assert f'href="{link}"' in shown
        assert client.get(link).status_code == 200


def test_a_move_is_shown_first_and_then_done(client: Client) -> None:
    one, two = two_modules()
    make.registration(one)
    row, before = a_series(one, two), one.starts_at
    client.sign_in(make.member())
    page = f"/offices/turku/series/{row.id}/move"
    fields = {"days": "7", "events": [str(one.id), str(two.id)]}
    shown = text_of(client.press(page, page=page, **fields).text)
    assert "This is what happens" in shown
    assert "1 person" in shown
    assert one.starts_at == before
    answer = client.press(page, page=page, save="yes", **fields)
    assert answer.location == f"/offices/turku/series/{row.id}"
    assert (one.starts_at - before).days in (6, 7)
    assert "2 events are moved. 1 person will get a mail." in client.get(answer.location).text


def test_what_is_refused_keeps_all_events_where_they_are(client: Client) -> None:
    one, theirs = make.event("Mine"), make.event("Theirs", office=make.office("vienna"))
    row, before = a_series(one, theirs), one.starts_at
    client.sign_in(make.member())
    page = f"/offices/turku/series/{row.id}/move"
    fields = {"days": "7", "events": [str(one.id), str(theirs.id)], "save": "yes"}
    shown = text_of(client.press(page, page=page, **fields).text)
    assert "Only editors of Interact Office Vienna can move it." in shown
    assert one.starts_at == before
    assert "Say by how many days." in client.press(page, page=page, days="", events="1").text


def test_some_are_cancelled_together(client: Client) -> None:
    one, two = two_modules()
    row = a_series(one, two)
    client.sign_in(make.member(level=Level.LEAD))
    page = f"/offices/turku/series/{row.id}/cancel"
    fields = {"reason": ZOI, "events": str(two.id)}
    assert ZOI in unescape(client.press(page, page=page, **fields).text)
    client.press(page, page=page, save="yes", **fields)
    assert [one.is_cancelled, two.is_cancelled] == [False, True]


def test_viewers_read_series_and_strangers_find_none(client: Client) -> None:
    one, two = two_modules()
    row = a_series(one, two)
    page = f"/offices/turku/series/{row.id}"
    presses = [f"{page}/{what}" for what in ("move", "cancel", "edit", "new-events", "put-in")]
    presses += [f"{page}/{what}/{one.id}" for what in ("take-out", "order", "after")]
    presses += [f"{page}/delete", "/offices/turku/series/new"]
    client.sign_in(make.member(level=Level.VIEWER))
    assert client.get(page).status_code == client.get("/offices/turku/series/").status_code == 200
    assert [client.press(each).status_code for each in presses] == [403] * 10
    client.sign_in(make.member("vienna"))
    assert client.get(page).status_code == 404
    assert [client.press(each).status_code for each in presses] == [404] * 10
    assert client.get(f"/offices/vienna/series/{row.id}").status_code == 404


def test_the_public_page_names_the_other_public_ones(client: Client) -> None:
    one, two = two_modules()
    draft = make.event("Hidden", state=EventState.DRAFT)
    a_series(one, two, draft)
    page = text_of(client.get(f"/events/{one.slug}").text)
    assert "Modules of Controls" in page
    assert "Module 2" in page
    assert "Hidden" not in page
    assert "Module 2" not in text_of(client.get(f"/events/{make.event().slug}").text)


@pytest.mark.parametrize("what", ["templates", "template", "series", "public"])
def test_pages_cost_the_same_for_one_row_and_for_three(
    client: Client, connection: Connection, what: str
) -> None:
    template, row = a_template(), a_series(make.event(), make.event())
    one = queries.members_of(row)[0].event
    client.sign_in(make.member())
    page = {
        "templates": "/offices/turku/templates/",
        "template": f"/offices/turku/templates/{template.slug}",
        "series": f"/offices/turku/series/{row.id}",
        "public": f"/events/{one.slug}",
    }[what]

    def cost() -> int:
        a_template()
        an_event_of(template)
        edit(template, summary=f"{template.version}")
        actions.put_into(row, make.event(), actor=make.member(), now=clock.now())
        db.session.commit()
        client.get(page)
        with counted(connection) as statements:
            client.get(page)
        return len(statements)

    assert cost() == cost() == cost()
