"""The addresses of calendars, and how an event becomes entries."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select
from werkzeug.test import TestResponse

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events.actions import (
    SessionValues,
    cancel_event,
    remove_session,
    save_session,
)
from interact_events.events.ics import event_calendar
from interact_events.events.models import Event, EventState, Mode
from interact_events.interreg.models import Topic
from tests import make
from tests.client import Client, counted

Read = Callable[[bytes], dict[str, Any]]


def feed_of(event: Event) -> str:
    return f"/events/{event.slug}/event.ics"


def two_day_event(**values: Any) -> Event:
    """Parallel sessions on the first day, one on the second."""
    start = make.days(40).replace(hour=9)
    return make.event(
        starts_at=start,
        ends_at=start + timedelta(hours=30),
        sessions=[
            ("Lump sums", start, start + timedelta(hours=3)),
            ("Unit costs", start, start + timedelta(hours=3)),
            ("Clinic", start + timedelta(hours=24), start + timedelta(hours=27)),
        ],
        **values,
    )


def later(event: Event, number: int, hours: int) -> SessionValues:
    """The session, so many hours later."""
    session = event.sessions[number]
    starts, ends = (
        clock.to_local(at, event.zone).replace(tzinfo=None) + timedelta(hours=hours)
        for at in (session.starts_at, session.ends_at)
    )
    return SessionValues(title=session.title, starts=starts, ends=ends)


def test_an_event_has_an_entry_for_each_session(client: Client, read: Read) -> None:
    event = two_day_event(title="Cost options")
    found = read(client.get(feed_of(event)).data)
    assert found["method"] == "PUBLISH"
    assert [(each["uid"], each["summary"], each["starts"]) for each in found["events"]] == [
        (session.uid, f"Cost options: {session.title}", session.starts_at.timestamp())
        for session in event.sessions
    ]


def test_an_event_of_one_session_goes_by_its_own_title(client: Client, read: Read) -> None:
    event = make.event("Cost options")
    (found,) = read(client.get(feed_of(event)).data)["events"]
    assert (found["summary"], found["uid"]) == ("Cost options", event.sessions[0].uid)


def test_an_event_without_an_agenda_is_one_entry(client: Client, read: Read) -> None:
    event = make.event("Cost options")
    db.session.delete(event.sessions[0])
    (found,) = read(client.get(feed_of(event)).data)["events"]
    assert (found["uid"], found["starts"], found["ends"]) == (
        event.uid,
        event.starts_at.timestamp(),
        event.ends_at.timestamp(),
    )


def test_an_entry_says_what_the_page_says(client: Client, read: Read) -> None:
    event = make.event(contact_name="Eeva Laine", contact_email="eeva@interact.example")
    event.topics = list(db.session.scalars(select(Topic).order_by(Topic.name).limit(2)))
    event.sessions[0].room, event.sessions[0].speakers = "Room 3", "Žofia Krátka"
    (found,) = read(client.get(feed_of(event)).data)["events"]
    assert found["location"] == "Room 3, Logomo, Turku, Finland"
    assert found["url"] == f"http://localhost/events/{event.slug}"
    assert found["organizer"] == "Interact Office Turku"
    assert found["categories"] == ["Workshop", *(topic.name for topic in event.topics)]
    assert found["description"].split("\n") == [
        "Speakers: Žofia Krátka",
        "Two days of cases.",
        f"Agenda and changes: http://localhost/events/{event.slug}",
        "Contact: Eeva Laine eeva@interact.example",
    ]


def test_the_joining_link_is_for_registrants_alone(client: Client, read: Read) -> None:
    event = make.event(mode=Mode.ONLINE, joining_url="https://join.example/secret?a=1,2;b")
    assert b"secret" not in client.get(feed_of(event)).data
    assert b"secret" not in client.get("/events.ics").data
    content = event_calendar(event, page_url="http://localhost/", for_registrant=True)
    (found,) = read(content)["events"]
    assert found["conference"] == "https://join.example/secret?a=1,2;b"
    assert found["description"].split("\n")[0] == "Join: https://join.example/secret?a=1,2;b"
    assert found["location"] == "Online"


def test_a_joining_link_left_from_before_is_not_sent_for_an_event_in_person(app: Flask) -> None:
    event = make.event(mode=Mode.IN_PERSON, joining_url="https://join.example/old")
    content = event_calendar(event, page_url="http://localhost/", for_registrant=True)
    assert b"join.example" not in content


@pytest.mark.parametrize("address", ["event.ics", "catalogue"])
def test_two_downloads_are_the_same_bytes(client: Client, address: str) -> None:
    event = two_day_event()
    url = feed_of(event) if address == "event.ics" else "/events.ics"
    assert client.get(url).data == client.get(url).data


def test_a_later_session_keeps_its_uid_and_raises_its_sequence(client: Client, read: Read) -> None:
    event = two_day_event()
    before = read(client.get(feed_of(event)).data)["events"]
    now = clock.now() + timedelta(minutes=5)
    save_session(event.sessions[2], later(event, 2, hours=1), actor=make.user(), now=now)
    after = read(client.get(feed_of(event)).data)["events"]
    assert [each["uid"] for each in after] == [each["uid"] for each in before]
    assert [each["sequence"] for each in after] == [0, 0, 1]
    assert after[2]["starts"] == before[2]["starts"] + 3600
    assert after[2]["revised"] == int(now.timestamp())


def test_a_removed_session_stays_as_cancelled(client: Client, read: Read) -> None:
    event = two_day_event()
    remove_session(event.sessions[1], actor=make.user(), now=clock.now())
    found = read(client.get(feed_of(event)).data)["events"]
    assert [(each["status"], each["sequence"]) for each in found] == [
        ("CONFIRMED", 0),
        ("CANCELLED", 1),
        ("CONFIRMED", 0),
    ]


def test_a_cancelled_event_stays_in_both_calendars(client: Client, read: Read) -> None:
    event = two_day_event()
    cancel_event(event, "The speaker is ill.", actor=make.user(), now=clock.now())
    for address in (feed_of(event), "/events.ics"):
        found = read(client.get(address).data)["events"]
        assert [(each["status"], each["sequence"]) for each in found] == [("CANCELLED", 1)] * 3
        assert found[0]["description"].split("\n")[0] == "Cancelled. The speaker is ill."


def test_a_draft_has_no_calendar(client: Client) -> None:
    event = make.event(state=EventState.DRAFT, published_at=None)
    assert client.get(feed_of(event)).status_code == 404
    assert event.uid.encode() not in client.get("/events.ics").data
    assert client.get("/events/there-is-none/event.ics").status_code == 404


def test_a_calendar_says_what_it_is(client: Client) -> None:
    event = make.event(revised_at=datetime(2027, 3, 1, 12, tzinfo=make.days(0).tzinfo))
    answer = client.get(feed_of(event))
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f"attachment; filename={event.slug}.ics"
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert answer.headers["Last-Modified"] == "Mon, 01 Mar 2027 12:00:00 GMT"
    assert "Set-Cookie" not in answer.headers


def ask_again(client: Client, address: str, first: TestResponse) -> TestResponse:
    return client.get(address, headers={"If-None-Match": first.headers["ETag"]})


@pytest.mark.parametrize("address", ["event.ics", "catalogue"])
def test_what_has_not_changed_is_not_sent_again(client: Client, address: str) -> None:
    event = make.event()
    url = feed_of(event) if address == "event.ics" else "/events.ics"
    first = client.get(url)
    again = ask_again(client, url, first)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert not first.headers["ETag"].startswith("W/")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Other"),
        ("venue", "Other"),
        ("summary", "Other"),
        ("contact_email", "a@b.example"),
    ],
)
def test_whatever_changes_is_sent_at_once(client: Client, field: str, value: str) -> None:
    """Even where the row's own time of change stays: only the content decides."""
    event = make.event()
    for address in (feed_of(event), "/events.ics"):
        first = client.get(address)
        setattr(event, field, f"{value} for {address}")
        again = ask_again(client, address, first)
        assert again.status_code == 200
        assert again.headers["ETag"] != first.headers["ETag"]


def test_a_time_of_change_alone_never_answers_unchanged(client: Client) -> None:
    """What leaves a feed does not make it newer."""
    make.event(), make.event()
    first = client.get("/events.ics")
    db.session.delete(db.session.scalars(select(Event)).first())
    again = client.get("/events.ics", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert again.status_code == 200


def test_the_catalogues_filters_choose(client: Client, read: Read) -> None:
    turku = make.event("Lump sums")
    vienna = make.event("Audit", office=make.office("vienna"))
    past = make.event("Old", starts_at=make.days(-9))

    def found(query: str) -> list[str]:
        events = read(client.get(f"/events.ics{query}").data)["events"]
        return [each["summary"] for each in events]

    assert found("") == [turku.title, vienna.title]
    assert found("?office=vienna") == [vienna.title]
    assert found("?q=lump") == [turku.title]
    assert found("?past=1") == [past.title]
    assert found("?office=nowhere&mode=flying") == []


def test_the_feed_has_a_name_and_leaves_time_free(client: Client, read: Read) -> None:
    event = make.event()
    content = client.get("/events.ics").data
    assert read(content)["name"] == "Interact events"
    assert content.count(b"TRANSP:TRANSPARENT") == 1
    assert client.get(feed_of(event)).data.count(b"TRANSP:OPAQUE") == 1


def test_an_empty_feed_is_a_calendar(client: Client, read: Read) -> None:
    answer = client.get("/events.ics?q=nothing-of-this-name")
    assert read(answer.data)["events"] == []
    assert "Last-Modified" not in answer.headers


@pytest.mark.parametrize("address", ["event.ics", "catalogue"])
def test_a_calendar_costs_a_fixed_number_of_queries(
    client: Client, connection: Connection, address: str
) -> None:
    event = two_day_event()
    event.topics = list(db.session.scalars(select(Topic)))
    url = feed_of(event) if address == "event.ics" else "/events.ics"
    db.session.commit()
    with counted(connection) as at_one:
        client.get(url)
    for _ in range(2):
        two_day_event(office=make.office("vienna")).topics = list(event.topics)
    db.session.commit()
    with counted(connection) as at_three:
        client.get(url)
    assert len(at_one) == len(at_three)
    assert len(at_one) <= 4
