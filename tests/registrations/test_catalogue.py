"""The home page, the catalogue, and events as other machines read them."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection

from interact_events.core.db import db
from interact_events.events.models import Admission, Event, EventState, Mode
from interact_events.registrations.views import catalogue
from tests import make
from tests.client import Client, counted

NASTY = 'Ζωή "Žižka" <b>O\'Neil</b></script>'


def rich(title: str) -> Event:
    """An event with everything that a row shows."""
    event = make.event(title, joining_url="https://meet.example/secret")
    event.roles = [make.role("CTRL"), make.role("MA")]
    make.session(event, "B", event.starts_at, event.ends_at)
    return event


def titles(page: str) -> list[str]:
    return re.findall(r'class="event-title"[^>]*><a[^>]*>([^<]*)</a>', page)


def standing(page: str) -> list[str]:
    return re.findall(r'class="seats">\s*<strong[^>]*>([^<]*)</strong>', page)


@pytest.mark.parametrize("path", ["/", "/events", "/events?past=1", "/events?q=costs&role=CTRL"])
def test_lists_cost_the_same_for_one_and_three_events(
    client: Client, connection: Connection, path: str
) -> None:
    past: dict[str, Any] = {"starts_at": make.days(-9), "ends_at": make.days(-8)}
    rich("Simplified costs")
    make.event("Past costs", **past)
    client.get(path)
    with counted(connection) as one:
        assert client.get(path).status_code == 200
    for number in (2, 3):
        rich(f"Simplified costs {number}")
        make.event(f"Past costs {number}", office=make.office("vienna"), **past)
    with counted(connection) as three:
        client.get(path)
    assert len(one) == len(three)


def test_home_shows_the_next_four(client: Client) -> None:
    for number in (5, 4, 3, 2, 1):
        make.event(f"Event {number}", starts_at=make.days(number))
    assert titles(client.get("/").text) == ["Event 1", "Event 2", "Event 3", "Event 4"]


def test_home_without_events_says_so(client: Client) -> None:
    assert "Nothing is scheduled just now" in client.get("/").text


def test_catalogue_groups_by_month_of_the_events_zone(client: Client) -> None:
    # 23:00 UTC on the last of May is the first of June in Helsinki
    year = make.days(400).year + 1
    make.event("In June", starts_at=datetime(year, 5, 31, 23, tzinfo=UTC))
    make.event("In May", starts_at=datetime(year, 5, 3, 9, tzinfo=UTC))
    page = client.get("/events").text
    assert re.findall(r'<h2 id="month-\d">([^<]*)</h2>', page) == [f"May {year}", f"June {year}"]


def test_catalogue_keeps_filters_in_its_address(client: Client) -> None:
    make.event("One")
    make.event("Two", office=make.office("vienna"), mode=Mode.ONLINE)
    page = client.get("/events?office=vienna&mode=online&seats=1").text
    assert titles(page) == ["Two"]
    assert re.findall(r'<option value="([^"]+)" selected', page) == ["vienna", "online"]
    assert 'href="/calendar/subscribe?office=vienna&amp;mode=online&amp;seats=1"' in page


def test_catalogue_without_a_match_offers_to_clear_the_filters(client: Client) -> None:
    make.event()
    page = client.get("/events?q=nothing+like+this").text
    assert "No event matches" in page
    assert '<a class="btn btn-primary" href="/events">Clear the filters</a>' in page


def test_catalogue_has_pages_that_keep_the_filters(client: Client) -> None:
    for number in range(21):
        make.event(f"Event {number:02}", starts_at=make.days(30 + number))
    first, second = client.get("/events?office=turku"), client.get("/events?office=turku&page=2")
    assert (len(titles(first.text)), titles(second.text)) == (20, ["Event 20"])
    assert 'rel="next" href="/events?office=turku&amp;page=2"' in first.text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"seats_taken": 6}, "14 seats left"),
        ({"seats_taken": 19}, "1 seat left"),
        ({"seats_taken": 20, "waiting": 4}, "Waiting list open"),
        ({"state": EventState.CANCELLED}, "Cancelled"),
    ],
)
def test_row_says_whether_there_is_a_seat(
    client: Client, values: dict[str, Any], words: str
) -> None:
    make.event(**values)
    assert standing(client.get("/events").text) == [words]


def test_row_says_when_registration_opens_closed_and_by_when_to_apply(client: Client) -> None:
    when: dict[str, Any] = {
        "starts_at": datetime(2200, 5, 12, 6, tzinfo=UTC),
        "zone": "Europe/Helsinki",
    }
    make.event(registration_opens_at=datetime(2200, 4, 1, 7, tzinfo=UTC), **when)
    make.event(registration_closes_at=make.days(-1), **when)
    make.event(
        admission=Admission.SELECTION,
        registration_closes_at=datetime(2200, 4, 28, 15, tzinfo=UTC),
        **when,
    )
    page = client.get("/events").text
    assert standing(page) == [
        "Opens 1 April 2200",
        "Registration closed",
        "Application by 28 April 2200",
    ]
    assert "<span>at 10:00 EEST, 20 seats</span>" in page
    assert "<span>18:00 EEST, 20 seats by selection</span>" in page


def test_row_of_several_days_has_an_unbroken_date(client: Client) -> None:
    start = datetime(2200, 5, 12, 6, tzinfo=UTC)
    make.event(starts_at=start, ends_at=start + timedelta(days=1))
    page = client.get("/events").text
    assert re.findall(r'class="(?:day|mon)"[^>]*>([^<]*)<', page) == ["12–13", "May"]
    assert "<span>2 days from 09:00 EEST</span>" in page


def test_row_shows_the_viewers_time_only_where_it_differs(client: Client) -> None:
    start = datetime(2200, 5, 12, 6, tzinfo=UTC)
    make.event(starts_at=start, ends_at=start + timedelta(hours=2))
    seen = {}
    for zone in ("Europe/Vienna", "Europe/Tallinn", "Pacific/Honolulu"):
        client.sign_in(make.user(zone=zone))
        page = client.get("/events").text
        seen[zone] = re.findall(r"<span>([^<]*) in your zone</span>", page)
    assert seen == {
        "Europe/Vienna": ["08:00–10:00 CEST"],
        "Europe/Tallinn": [],
        "Pacific/Honolulu": ["Sunday, 20:00–22:00 HST"],
    }


@pytest.mark.parametrize("path", ["/", "/events", "/events/{slug}"])
def test_public_pages_hold_no_staff_link_and_no_joining_link(client: Client, path: str) -> None:
    page = client.get(path.format(slug=rich("Simplified costs").slug)).text
    assert "Simplified costs" in page
    assert re.findall(r'href="(/offices[^"]*|/admin[^"]*)"|meet\.example', page) == []


def test_public_pages_escape_what_people_typed(client: Client) -> None:
    event = make.event(NASTY, summary=NASTY, description=NASTY, state=EventState.PUBLISHED)
    for path in ("/", "/events", f"/events/{event.slug}"):
        page = client.get(path).text
        assert page.count("<b>") == 0
        assert "O&#39;Neil" in page


def _schema(page: str) -> dict[str, object]:
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    found: dict[str, object] = json.loads(block)
    return found


def test_schema_org_tells_name_time_and_place(client: Client) -> None:
    start = datetime(2200, 5, 12, 6, tzinfo=UTC)
    event = make.event(
        NASTY,
        starts_at=start,
        ends_at=start + timedelta(hours=7),
        mode=Mode.HYBRID,
        joining_url="https://meet.example/secret",
    )
    schema = _schema(client.get(f"/events/{event.slug}").text)
    address = f"http://localhost/events/{event.slug}"
    assert {key: schema[key] for key in ("name", "startDate", "endDate", "url")} == {
        "name": NASTY,
        "startDate": "2200-05-12T09:00:00+03:00",
        "endDate": "2200-05-12T16:00:00+03:00",
        "url": address,
    }
    assert schema["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    assert schema["location"] == [
        {
            "@type": "Place",
            "name": "Logomo",
            "address": {
                "@type": "PostalAddress",
                "streetAddress": "",
                "addressLocality": "Turku",
                "addressCountry": "FI",
            },
        },
        {"@type": "VirtualLocation", "url": address},
    ]


def test_schema_org_tells_a_cancellation(client: Client) -> None:
    event = make.event(state=EventState.CANCELLED, cancellation_reason="Ill.")
    schema = _schema(client.get(f"/events/{event.slug}").text)
    assert schema["eventStatus"] == "https://schema.org/EventCancelled"


def test_event_page_groups_the_agenda_by_day_of_its_zone(app: Flask, client: Client) -> None:
    start = datetime(2200, 5, 12, 6, tzinfo=UTC)
    late = start + timedelta(hours=16)  # 01:00 on the next day in Helsinki
    event = make.event(
        starts_at=start,
        ends_at=start + timedelta(days=1),
        sessions=[("A", start, start + timedelta(hours=1)), ("B", late, late + timedelta(hours=1))],
    )
    db.session.commit()
    page = client.get(f"/events/{event.slug}").text
    assert re.findall(r'agenda-day">([^<]*)<', page) == [
        "Monday 12 May 2200",
        "Tuesday 13 May 2200",
    ]


def test_the_catalogue_says_that_it_lists_only_the_first(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "MOST", 2)
    make.event(), make.event()
    assert "More than" not in client.get("/events").text
    make.event("The third")
    page = client.get("/events").text
    assert "More than 2 coming events" in page
    assert "These are the first 2 events. Choose filters to see the others." in page
