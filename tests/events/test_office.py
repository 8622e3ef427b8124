"""The offices' pages, as everybody who may or may not open them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from interact_events.accounts.models import Level, User
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events.models import Event, EventState, Mode
from tests import make
from tests.client import Client, counted

HOME = "/offices/turku/events"
NASTY = 'Ζωή "Žižka" <b>O\'Neil</b>'


def local(days: float, hour: int) -> str:
    """A wall clock as the form's field sends it."""
    day = clock.to_local(make.days(days), "Europe/Helsinki")
    return f"{day:%Y-%m-%d}T{hour:02}:00"


def answers(**changes: Any) -> dict[str, Any]:
    """What the form for a new event sends."""
    usual = {
        "title": "Unit costs",
        "summary": "A day of cases.",
        "kind": "workshop",
        "mode": "in-person",
        "language": "en",
        "zone": "Europe/Helsinki",
        "starts": local(30, 9),
        "ends": local(30, 16),
        "city": "Turku",
        "country": make.country().id,
        "admission": "first-come",
        "capacity": 20,
        "certificate_threshold": 80,
        "period": make.period().id,
        "objective": "",
        "roles": [make.role("CTRL").id, make.role("MA").id],
    }
    return usual | changes


def draft(**values: Any) -> Event:
    """A draft that lacks nothing."""
    usual = {
        "state": EventState.DRAFT,
        "published_at": None,
        "description": "Cases.",
        "contact_email": "turku@interact.example",
    }
    return make.event(**(usual | values))


def everybody() -> dict[str, User]:
    return {
        "viewer": make.member("turku", Level.VIEWER),
        "editor": make.member("turku", Level.EDITOR),
        "lead": make.member("turku", Level.LEAD),
        "helper": make.member("vienna", Level.EDITOR),
        "other": make.member("viborg", Level.LEAD),
        "stranger": make.user(),
    }


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", [200, 200, 200, 404, 404, 404]),
        ("/new", [403, 200, 200, 404, 404, 404]),
        ("/{slug}/", [200, 200, 200, 200, 404, 404]),
        ("/{slug}/preview", [200, 200, 200, 200, 404, 404]),
        ("/{slug}/agenda", [200, 200, 200, 200, 404, 404]),
        ("/{slug}/agenda/new", [403, 200, 200, 200, 404, 404]),
        ("/{slug}/agenda/{session}", [403, 200, 200, 200, 404, 404]),
        ("/{slug}/duplicate", [403, 200, 200, 403, 404, 404]),
    ],
)
def test_pages_open_for_those_who_may(client: Client, path: str, expected: list[int]) -> None:
    event = draft()
    event.co_organisers = [make.office("vienna")]
    address = HOME + path.format(slug=event.slug, session=event.sessions[0].id)
    seen = []
    for person in everybody().values():
        client.sign_in(person)
        seen.append(client.get(address).status_code)
    assert seen == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/{slug}/publish", [403, 403, 303, 403, 404, 404]),
        ("/{slug}/delete", [403, 303, 404, 404, 404, 404]),  # gone after the editor's press
        ("/{slug}/agenda/{session}/remove", [403, 303, 404, 404, 404, 404]),
    ],
)
def test_buttons_work_for_those_who_may(client: Client, path: str, expected: list[int]) -> None:
    event = draft()
    event.co_organisers = [make.office("vienna")]
    address = HOME + path.format(slug=event.slug, session=event.sessions[0].id)
    seen = []
    for person in everybody().values():
        client.sign_in(person)
        seen.append(client.press(address).status_code)
    assert seen == expected


def test_pages_ask_strangers_to_sign_in(client: Client) -> None:
    response = client.get(f"{HOME}/{draft().slug}/")
    assert (response.status_code, response.location.split("?")[0]) == (302, "/sign-in")


def test_an_event_answers_only_under_its_own_office(client: Client) -> None:
    client.sign_in(make.coordinator())
    assert client.get(f"/offices/vienna/events/{draft().slug}/").status_code == 404


def test_add_saves_a_draft_and_leads_to_its_agenda(client: Client) -> None:
    client.sign_in(make.member())
    response = client.press(f"{HOME}/new", **answers(title=NASTY))
    event = db.session.scalars(select(Event)).one()
    assert response.location == f"{HOME}/{event.slug}/agenda"
    assert (event.title, event.state, [role.code for role in event.roles]) == (
        NASTY,
        EventState.DRAFT,
        ["MA", "CTRL"],
    )


def test_add_shows_the_error_beside_its_field_and_keeps_the_answers(client: Client) -> None:
    client.sign_in(make.member())
    page = client.press(f"{HOME}/new", **answers(summary=NASTY, ends=local(30, 8))).text
    assert db.session.scalars(select(Event)).all() == []
    assert re.findall(r'id="([a-z_]+)-error"', page) == ["ends"]
    assert "Ζωή &#34;Žižka&#34; &lt;b&gt;O&#39;Neil&lt;/b&gt;</textarea>" in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 161}, "title"),
        ({"capacity": "0"}, "capacity"),
        ({"capacity": "many"}, "capacity"),
        ({"starts": ""}, "starts"),
        ({"kind": "party"}, "kind"),
        ({"country": "999999"}, "country"),
        ({"country": "x"}, "country"),
        ({"roles": ["999999"]}, "roles"),
        ({"contact_email": "nobody"}, "contact_email"),
        ({"contact_email": "ζωή@example.org"}, "contact_email"),
        ({"budgeted_cost": "-1"}, "budgeted_cost"),
        ({"actual_cost": "NaN"}, "actual_cost"),
        ({"joining_url": "javascript:alert(1)"}, "joining_url"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"period": ""}, "period"),
    ],
)
def test_add_refuses(client: Client, changes: dict[str, Any], field: str) -> None:
    client.sign_in(make.member())
    page = client.press(f"{HOME}/new", **answers(**changes))
    assert (page.status_code, re.findall(r'id="([a-z_]+)-error"', page.text)) == (200, [field])


def test_show_names_what_is_missing_instead_of_a_button(client: Client) -> None:
    event = draft(summary="")
    client.sign_in(make.member(level=Level.LEAD))
    page = client.get(f"{HOME}/{event.slug}/").text
    assert "Write a summary: it is what people read first." in page
    assert f"{HOME}/{event.slug}/publish" not in page


def test_publish_shows_the_event_to_everybody(client: Client) -> None:
    event = draft()
    client.sign_in(make.member(level=Level.LEAD))
    assert client.get(f"/events/{event.slug}").status_code == 404
    client.press(f"{HOME}/{event.slug}/publish")
    assert client.get(f"/events/{event.slug}").status_code == 200


def test_publish_of_an_incomplete_draft_says_why(client: Client) -> None:
    event = draft(summary="")
    client.sign_in(make.member(level=Level.LEAD))
    client.press(f"{HOME}/{event.slug}/publish")
    assert event.state is EventState.DRAFT
    assert "Write a summary: it is what people read first." in client.get("/").text


def test_what_is_missing_leads_to_where_it_is_mended(client: Client) -> None:
    event = draft(mode=Mode.HYBRID, online_capacity=0, summary="")
    for level, links in ((Level.EDITOR, ["edit", "seats"]), (Level.VIEWER, [])):
        client.sign_in(make.member(level=level))
        page = client.get(f"{HOME}/{event.slug}/").text
        found = re.findall(rf'<li><a href="{HOME}/{event.slug}/([a-z]+)">', page)
        assert found == links
        assert "There are no seats online" in page


def test_preview_is_marked_and_shows_no_public_link(client: Client) -> None:
    event = draft(joining_url="https://meet.example/secret", title=NASTY)
    client.sign_in(make.member(level=Level.VIEWER))
    page = client.get(f"{HOME}/{event.slug}/preview").text
    assert "<strong>Preview.</strong> Only staff can see this page." in page
    assert "<b>O" not in page
    assert "meet.example" not in page


def test_duplicate_makes_a_draft_on_the_new_day(client: Client) -> None:
    event = make.event()
    client.sign_in(make.member())
    day = make.days(90)
    response = client.press(
        f"{HOME}/{event.slug}/duplicate", title="Again", first_day=f"{day:%Y-%m-%d}"
    )
    copy = db.session.scalars(select(Event).where(Event.slug == "again")).one()
    assert response.location == f"{HOME}/again/"
    assert (copy.state, clock.to_local(copy.starts_at, copy.zone).date()) == (
        EventState.DRAFT,
        day.date(),
    )


def test_delete_of_a_published_event_is_refused(client: Client) -> None:
    event = make.event()
    client.sign_in(make.member())
    client.press(f"{HOME}/{event.slug}/delete")
    assert db.session.scalars(select(Event)).one() is event


def session_answers(event: Event, start: str, end: str) -> dict[str, str]:
    day = clock.to_local(event.starts_at, event.zone)
    return {"title": NASTY, "day": f"{day:%Y-%m-%d}", "starts": start, "ends": end}


def morning() -> Event:
    """A draft from 09:00 to 16:00 in Helsinki, without a session."""
    day = clock.to_local(make.days(30), "Europe/Helsinki").replace(hour=9)
    return draft(starts_at=day, ends_at=day + timedelta(hours=7), sessions=[])


def test_session_add_puts_it_on_the_agenda(client: Client) -> None:
    event = morning()
    db.session.delete(event.sessions[0])
    client.sign_in(make.member())
    response = client.press(
        f"{HOME}/{event.slug}/agenda/new", **session_answers(event, "09:30", "11:00")
    )
    (session,) = event.agenda
    assert response.location == f"{HOME}/{event.slug}/agenda"
    assert (session.title, session.minutes, session.is_learning) == (NASTY, 90, False)
    assert "<b>O" not in client.get(f"{HOME}/{event.slug}/agenda").text


def test_session_add_shows_a_refusal_beside_its_field(client: Client) -> None:
    event = morning()
    client.sign_in(make.member())
    page = client.press(
        f"{HOME}/{event.slug}/agenda/new", **session_answers(event, "08:00", "11:00")
    ).text
    assert re.findall(r'id="([a-z_]+)-error"', page) == ["starts"]


@pytest.mark.parametrize("days", [-1, 1])
def test_a_session_on_a_day_outside_the_event_is_flagged_at_its_day(
    client: Client, days: int
) -> None:
    event = morning()
    client.sign_in(make.member())
    day = clock.to_local(event.starts_at + timedelta(days=days), event.zone)
    answers = session_answers(event, "09:30", "11:00") | {"day": f"{day:%Y-%m-%d}"}
    page = client.press(f"{HOME}/{event.slug}/agenda/new", **answers).text
    assert re.findall(r'id="([a-z_]+)-error"', page) == ["day"]


def test_session_edit_shows_and_saves_it(client: Client) -> None:
    event = morning()
    session = event.agenda[0]
    client.sign_in(make.member())
    address = f"{HOME}/{event.slug}/agenda/{session.id}"
    assert re.findall(r'type="time" value="([\d:]+)"', client.get(address).text) == [
        "09:00",
        "16:00",
    ]
    client.press(address, **session_answers(event, "10:00", "11:00"))
    assert (session.title, session.minutes) == (NASTY, 60)


def test_session_of_another_event_is_not_found(client: Client) -> None:
    event, other = draft(), draft()
    client.sign_in(make.member())
    assert client.get(f"{HOME}/{event.slug}/agenda/{other.agenda[0].id}").status_code == 404


def test_removed_session_of_a_published_event_stays_to_be_seen(client: Client) -> None:
    event = make.event()
    client.sign_in(make.member())
    client.press(f"{HOME}/{event.slug}/agenda/{event.agenda[0].id}/remove")
    assert event.agenda == []
    assert "Removed after publication" in client.get(f"{HOME}/{event.slug}/agenda").text


def test_viewer_sees_no_button_that_is_not_theirs(client: Client) -> None:
    event = draft()
    client.sign_in(make.member(level=Level.VIEWER))
    pages = [client.get(f"{HOME}/{event.slug}/{part}").text for part in ("", "agenda")]
    pages.append(client.get(f"{HOME}/").text)
    offered = re.findall(rf'(?:href|action)="{HOME}/([^"]*)"', "".join(pages))
    acting = [
        o for o in offered if re.search(r"new|edit|publish|delete|duplicate|remove|cancel", o)
    ]
    assert acting == []


@pytest.mark.parametrize("path", ["/", "/?show=all&q=costs"])
def test_index_costs_the_same_for_one_and_three_events(
    client: Client, connection: Connection, path: str
) -> None:
    client.sign_in(make.member())
    draft()
    client.get(HOME + path)
    with counted(connection) as one:
        client.get(HOME + path)
    draft()
    draft()
    with counted(connection) as three:
        client.get(HOME + path)
    assert len(one) == len(three)


def test_agenda_costs_the_same_for_one_and_three_sessions(
    client: Client, connection: Connection
) -> None:
    event = draft()
    client.sign_in(make.member())
    address = f"{HOME}/{event.slug}/agenda"
    client.get(address)
    with counted(connection) as one:
        client.get(address)
    make.session(event, "B", event.starts_at, event.ends_at)
    make.session(event, "C", event.starts_at, event.ends_at)
    with counted(connection) as three:
        client.get(address)
    assert len(one) == len(three)
