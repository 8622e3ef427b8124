"""The addresses of calendars, and how an event becomes entries."""

import gzip
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select
from werkzeug.test import TestResponse

from interact_events.calendars.views import feeds
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.actions import (
    SessionValues,
    cancel_event,
    remove_session,
    save_session,
)
from interact_events.events.models import Event, EventState, Kind, Mode
from interact_events.interreg.models import Topic
from interact_events.registrations.actions import decide
from interact_events.registrations.emails import join_address
from interact_events.registrations.models import Registration, State
from tests import make
from tests.client import Client, counted

Read = Callable[[bytes], dict[str, Any]]


def feed_of(event: Event) -> str:
    return f"/events/{event.slug}/event.ics"


def invited(row: Registration) -> bytes:
    """What the mail that gives them a seat brings into their calendar."""
    decide(row.event, [row.id], State.CONFIRMED, actor=make.member(), now=clock.now())
    mine = select(OutboxMessage.calendar).where(OutboxMessage.person_id == row.user_id)
    calendar = db.session.scalars(mine).one()
    assert calendar
    return calendar


def unfolded(content: bytes) -> bytes:
    return content.replace(b"\r\n ", b"")


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


def test_a_point_on_the_map_is_for_those_who_go_there(client: Client, read: Read) -> None:
    event = make.event(mode=Mode.HYBRID, online_capacity=5, coordinates="60.4458, 22.2530")
    (found,) = read(client.get(feed_of(event)).data)["events"]
    assert found["geo"] == "60.4458,22.253"
    page = client.get(f"/events/{event.slug}").text
    assert '<a href="https://www.openstreetmap.org/?mlat=60.4458&amp;mlon=22.253#map=' in page
    rows = [make.registration(event, state=State.PENDING, is_online=is_on) for is_on in (0, 1)]
    on_site, online = (read(invited(row))["events"][0] for row in rows)
    assert (on_site["geo"], online["geo"]) == ("60.4458,22.253", None)


def test_a_way_to_join_is_the_persons_own_and_in_no_feed(client: Client, read: Read) -> None:
    event = make.event(mode=Mode.ONLINE, joining_url="https://join.example/secret")
    row = make.registration(event, state=State.PENDING)
    for address in (feed_of(event), "/events.ics"):
        feed = unfolded(client.get(address).data)
        assert (b"secret" in feed, b"/join/" in feed) == (False, False)
    content = invited(row)
    assert b"secret" not in unfolded(content)
    (found,) = read(content)["events"]
    assert found["conference"] == join_address(row)
    assert found["description"].split("\n")[0] == f"Join: {join_address(row)}"
    assert found["location"] == "Online"


def test_where_nobody_joins_online_there_is_no_way_to(app: Flask) -> None:
    event = make.event(mode=Mode.IN_PERSON, joining_url="https://join.example/old")
    assert b"/join/" not in unfolded(invited(make.registration(event, state=State.PENDING)))


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
    return client.get(address, headers={"If-None-Match": first.headers["ETag"]}, buffered=True)


@pytest.mark.parametrize("address", ["event.ics", "catalogue"])
def test_what_has_not_changed_is_not_sent_again(client: Client, address: str) -> None:
    event = make.event()
    url = feed_of(event) if address == "event.ics" else "/events.ics"
    first = client.get(url)
    again = ask_again(client, url, first)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert not first.headers["ETag"].startswith("W/")


def changes(event: Event) -> Iterator[tuple[str, Any]]:
    """Everything that a feed shows, one after the other, as (what, what it was set to)."""
    office, session, topic = event.office, event.sessions[0], event.topics[0]
    hour = timedelta(hours=1)
    said = ("title", "summary", "venue", "address", "city", "contact_name", "contact_email", "slug")
    for row, field, value in (
        *((event, field, f"other-{field}") for field in said),
        *((session, field, f"Other {field}") for field in ("title", "room", "speakers")),
        (office, "name", "Interact Office Åbo"),
        (office, "email", "abo@interact.example"),
        (topic, "name", "Another name"),
        (event, "topics", []),
        (event, "kind", Kind.SEMINAR),
        (event, "zone", "Europe/Vienna"),
        (event, "country_id", make.country("AT").id),
        (event, "office_id", make.office("vienna").id),
        (session, "starts_at", session.starts_at + hour),
        (session, "ends_at", session.ends_at + hour),
        (session, "sequence", 1),
        (session, "revised_at", session.revised_at + hour),
        (event, "revised_at", event.revised_at + 2 * hour),
        (session, "cancelled_at", clock.now()),
        (event, "mode", Mode.ONLINE),
        (event, "cancellation_reason", "The speaker is ill."),
        (event, "state", EventState.CANCELLED),
    ):
        if field == "cancellation_reason":  # shown of a cancelled event
            event.state = EventState.CANCELLED
            db.session.commit()
        setattr(row, field, value)
        if field != "state":
            yield field, value


@pytest.mark.parametrize("by", ["session", "day"])
def test_whatever_changes_is_sent_at_once(client: Client, by: str) -> None:
    """Even where the row's own time of change stays: only the content decides."""
    event = two_day_event(contact_email="eeva@interact.example")
    event.topics = list(db.session.scalars(select(Topic).limit(1)))
    first: dict[str, TestResponse] = {}

    def feeds() -> dict[str, str]:
        query = f"?by={by}"
        return {"event": feed_of(event) + query, "catalogue": f"/events.ics{query}"}

    for feed, address in feeds().items():
        first[feed] = client.get(address)
    for field, value in changes(event):
        for feed, address in feeds().items():
            again = ask_again(client, address, first[feed])
            assert (field, value, again.status_code) == (field, value, 200)
            assert again.data != first[feed].data
            first[feed] = again


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


def test_a_feed_goes_by_what_it_shows(client: Client, read: Read) -> None:
    """So that several of them are told apart."""
    topic = db.session.scalars(select(Topic)).first()
    assert topic

    def name(query: str) -> str:
        return str(read(client.get(f"/events.ics?{query}").data)["name"])

    assert name("office=turku") == "Interact events: Turku"
    assert name("role=CTRL") == "Interact events: open to controllers"
    assert name(f"office=vienna&topic={topic.code}&mode=online") == (
        f"Interact events: Vienna · {topic.name} · Online"
    )
    assert name("office=nowhere&q=lump+sums&past=1") == "Interact events: “lump sums” · past"


def test_a_roles_feed_holds_what_is_open_to_it(client: Client, read: Read) -> None:
    for title, roles in (("All", []), ("Controllers", ["CTRL"]), ("Authorities", ["MA"])):
        make.event(title).roles = [make.role(code) for code in roles]
    found = read(client.get("/events.ics?role=CTRL").data)["events"]
    assert [each["summary"] for each in found] == ["All", "Controllers"]


# -- an entry a day


def in_turku(*sessions: tuple[str, str, str], **values: Any) -> Event:
    """An event whose sessions are given by Turku's own clocks: "2027-05-12 09:00"."""

    def instant(at: str) -> datetime:
        return clock.to_utc(datetime.fromisoformat(at), "Europe/Helsinki")

    times = [(title, instant(start), instant(end)) for title, start, end in sessions]
    starts_at, ends_at = min(t[1] for t in times), max(t[2] for t in times)
    return make.event(
        starts_at=starts_at, ends_at=ends_at, sessions=times, zone="Europe/Helsinki", **values
    )


THREE_DAYS = (
    ("Opening", "2027-05-12 13:00", "2027-05-12 14:30"),
    ("Costs", "2027-05-12 15:00", "2027-05-12 16:30"),
    ("Audit", "2027-05-12 15:00", "2027-05-12 17:00"),
    ("Cases", "2027-05-13 09:00", "2027-05-13 16:30"),
    ("Evening", "2027-05-13 20:00", "2027-05-14 01:00"),
    ("Closing", "2027-05-14 09:00", "2027-05-14 12:00"),
)


def test_an_entry_a_day_has_the_days_agenda(client: Client, read: Read) -> None:
    event = in_turku(*THREE_DAYS, title="Academy")
    found = read(client.get(feed_of(event) + "?by=day").data)["events"]
    assert [(each["summary"], each["startsByClock"]) for each in found] == [
        ("Academy (day 1 of 3)", "2027-05-12T13:00:00"),
        ("Academy (day 2 of 3)", "2027-05-13T09:00:00"),
        ("Academy (day 3 of 3)", "2027-05-14T09:00:00"),
    ]
    assert found[0]["description"].split("\n")[:3] == [
        "13:00–14:30 EEST Opening",
        "15:00–16:30 EEST Costs",
        "15:00–17:00 EEST Audit",
    ]
    local, _, host = event.uid.partition("@")
    further = [f"{local}.day-{n}@{host}" for n in (2, 3)]
    assert [each["uid"] for each in found] == [event.uid, *further]


def test_a_day_ends_when_its_last_session_does(client: Client, read: Read) -> None:
    """Not at "01:00", which is where an instant in UTC or a midnight would put it."""
    event = in_turku(*THREE_DAYS)
    by_day = read(client.get(feed_of(event) + "?by=day").data)["events"]
    assert [each["endsByClock"] for each in by_day] == [
        "2027-05-12T17:00:00",
        "2027-05-14T01:00:00",  # there is one that really does
        "2027-05-14T12:00:00",
    ]
    by_session = read(client.get(feed_of(event)).data)["events"]
    assert [each["endsByClock"][11:16] for each in by_session] == [
        end[11:] for _, _, end in THREE_DAYS
    ]


@pytest.mark.parametrize(
    ("day", "zone", "name"),
    [
        ("2027-05-12", "Europe/Vienna", "CEST"),
        ("2027-11-10", "Europe/Vienna", "CET"),
        ("2027-05-12", "Europe/Helsinki", "EEST"),
        ("2027-11-10", "Europe/Helsinki", "EET"),
    ],
)
def test_summer_time_goes_by_its_own_name(client: Client, day: str, zone: str, name: str) -> None:
    """No "CET" in May."""
    at = clock.to_utc(datetime.fromisoformat(f"{day} 09:00"), zone)
    event = make.event(starts_at=at, zone=zone, contact_name="")
    content = unfolded(client.get(feed_of(event) + "?by=day").data).decode()
    assert re.findall(r"09:00–16:00 (\w+) ", content) == [name]


@pytest.mark.parametrize("by", ["session", "day"])
def test_apple_finds_the_entry_that_it_has(client: Client, read: Read, by: str) -> None:
    """It goes by the UID, and takes what has a higher SEQUENCE or is cancelled."""
    event, held = two_day_event(), dict[str, Any]()

    def refresh() -> list[Any]:
        entries = read(client.get(f"{feed_of(event)}?by={by}").data)["events"]
        for each in entries:
            assert each["sequence"] >= held.get(each["uid"], each)["sequence"]
        changed = [each["uid"] for each in entries if each != held.get(each["uid"])]
        held.update({each["uid"]: each for each in entries})
        return changed

    number = len(refresh())
    assert refresh() == []
    now = clock.now() + timedelta(minutes=5)
    save_session(event.sessions[2], later(event, 2, hours=1), actor=make.user(), now=now)
    assert refresh()
    cancel_event(event, "The speaker is ill.", actor=make.user(), now=now)
    assert len(refresh()) == number == len(held)
    assert {each["status"] for each in held.values()} == {"CANCELLED"}


# -- how it is sent


def test_it_is_compressed_for_who_takes_that(client: Client) -> None:
    make.event()
    plain = client.get("/events.ics")
    packed = client.get("/events.ics", headers={"Accept-Encoding": "gzip, deflate, br"})
    assert (packed.headers["Content-Encoding"], gzip.decompress(packed.data)) == (
        "gzip",
        plain.data,
    )
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert plain.content_length == len(plain.data)
    assert plain.headers["ETag"] != packed.headers["ETag"]
    both = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    assert client.get("/events.ics", headers=both).status_code == 304
    assert client.get("/events.ics", headers=both | {"Accept-Encoding": ""}).status_code == 200


def test_a_long_one_is_sent_piece_by_piece(
    client: Client, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose pieces say the same, each zone before it is needed."""
    make.event(), make.event(zone="Europe/Vienna"), make.event()
    whole = client.get("/events.ics").data
    monkeypatch.setattr(feeds, "AT_ONCE", 1)
    answer = client.get("/events.ics?long=1", headers={"Accept-Encoding": "gzip"}, buffered=True)
    assert "Content-Length" not in answer.headers
    content = gzip.decompress(answer.data)
    assert read(content) == read(whole)
    for zone in (b"Europe/Vienna", b"Europe/Helsinki"):
        assert 0 < content.index(b"\nTZID:" + zone) < content.index(b";TZID=" + zone)


def test_a_long_one_is_not_sent_again_until_something_may_differ(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, _, _ = make.event(), make.event(), make.event(starts_at=make.days(-2))
    monkeypatch.setattr(feeds, "AT_ONCE", 1)
    first = client.get("/events.ics", buffered=True)
    assert ask_again(client, "/events.ics", first).status_code == 304
    event.title = "Another title"
    again = ask_again(client, "/events.ics", first)
    assert (again.status_code, b"Another title" in again.data) == (200, True)
    monkeypatch.setattr(clock, "now", lambda: event.ends_at)
    assert ask_again(client, "/events.ics", again).status_code == 200


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


def test_a_feed_reads_only_events_that_no_other_feed_has_written(
    client: Client, connection: Connection, read: Read
) -> None:
    costs = make.event("Simplified costs")
    make.event("Audits")
    whole = client.get("/events.ics").data
    with counted(connection) as again:
        found = client.get("/events.ics?q=costs").data
    assert [each for each in again if "FROM sessions" in each] == []
    assert [each["summary"] for each in read(found)["events"]] == ["Simplified costs"]
    costs.title = "Other costs"
    assert b"SUMMARY:Other costs" in client.get("/events.ics?q=costs&again").data
    assert client.get("/events.ics").data != whole
