"""Calendars to look at: month, week and agenda."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection

from interact_events.events.models import EventState, Kind
from interact_events.registrations.models import State
from tests import make
from tests.client import Client, counted

NASTY = 'Ζωή "Žižka" <b>O\'Neil</b>'
LAYOUTS = ["", "/week", "/agenda"]


def at(day: int, hour: int = 9, month: int = 5) -> datetime:
    return datetime(2027, month, day, hour, tzinfo=UTC)


def days_with(page: str, title: str) -> list[str]:
    """The days on whose cell or list the title stands."""
    parts = re.split(r'<time datetime="|<h3 id="day-', page)[1:]
    return [part[:10] for part in parts if title in part]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_event_stands_on_its_days(client: Client, layout: str) -> None:
    make.event("Lump sums", starts_at=at(12), ends_at=at(14))
    make.event("A draft", starts_at=at(12), state=EventState.DRAFT)
    page = client.get(f"/calendar{layout}?on=2027-05-12").text
    assert days_with(page, "Lump sums") == ["2027-05-12", "2027-05-13", "2027-05-14"]
    assert "Day 2 of 3" in page
    assert "Turku" in page
    assert "A draft" not in page


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_zone_of_the_address_decides_the_day(client: Client, layout: str) -> None:
    make.event("Late one", starts_at=at(12, 21), ends_at=at(12, 22))  # 00:00 in Turku
    address = f"/calendar{layout}?on=2027-05-12"
    assert days_with(client.get(address).text, "Late one") == ["2027-05-13"]
    page = client.get(f"{address}&zone=Europe/Madrid").text
    assert days_with(page, "Late one") == ["2027-05-12"]
    assert "23:00" in page
    assert 'value="Europe/Madrid" selected' in page
    assert days_with(client.get(f"{address}&zone=Nowhere").text, "Late one") == ["2027-05-13"]


def test_a_signed_in_person_finds_their_own_zone_and_events(client: Client) -> None:
    person = make.user(zone="Asia/Tbilisi")
    states = {"Mine": State.CONFIRMED, "Hoped for": State.WAITLISTED, "Given up": State.CANCELLED}
    for title, state in states.items():
        make.registration(make.event(title, starts_at=at(12)), person, state)
    make.event("Not mine", starts_at=at(12))
    client.sign_in(person)
    for layout in LAYOUTS:
        page = client.get(f"/calendar{layout}?on=2027-05-12").text
        assert "Yours: Asia/Tbilisi" in page
        assert page.count("You have a seat") == 1
        assert page.count("On the waiting list") == 1


def test_filters_are_those_of_the_catalogue_and_stay(client: Client) -> None:
    make.event("Seminar", starts_at=at(12), kind=Kind.SEMINAR)
    make.event("Webinar", starts_at=at(12), kind=Kind.WEBINAR)
    page = client.get("/calendar?on=2027-05-12&kind=seminar&zone=UTC").text
    assert days_with(page, "Seminar") == ["2027-05-12"]
    assert days_with(page, "Webinar") == []
    assert "/calendar?on=2027-06-01&amp;kind=seminar&amp;zone=UTC" in page
    assert "/calendar/week?on=2027-05-01&amp;kind=seminar&amp;zone=UTC" in page
    assert "/events?kind=seminar" in page
    assert "/calendar?kind=seminar" in client.get("/events?kind=seminar").text


def test_an_empty_month_leads_to_the_next_event_or_to_the_last(client: Client) -> None:
    make.event(NASTY, starts_at=at(12), ends_at=at(12, 12))
    before = client.get("/calendar?on=2027-03-01").text
    assert "No events in March 2027" in before
    assert "The next one begins on 12 May 2027" in before
    assert "/calendar?on=2027-05-12" in before
    assert "<b>O" not in before
    assert "The latest one began on 12 May 2027" in client.get("/calendar?on=2027-07-01").text
    assert "No event matches in May 2027" in client.get("/calendar?on=2027-05-01&q=zzz").text


def test_past_and_cancelled_events_are_there(client: Client) -> None:
    make.event("Long over", starts_at=datetime(2020, 2, 29, 9, tzinfo=UTC))
    make.event("Called off", starts_at=at(12), state=EventState.CANCELLED)
    assert days_with(client.get("/calendar?on=2020-02-01&past=1").text, "Long over")
    assert "Cancelled" in client.get("/calendar?on=2027-05-01").text


def test_a_full_day_leads_to_its_agenda(client: Client) -> None:
    for number in range(9):
        make.event(f"Event {number}", starts_at=at(12), ends_at=at(12, 10))
    page = client.get("/calendar?on=2027-05-01&office=turku").text
    assert page.count("cal-item") == 4
    assert "and 5 more" in page
    link = re.search(r'cal-more"><a href="([^"]+)"', page)
    assert link
    assert link[1].replace("&amp;", "&") == (
        "/calendar/agenda?on=2027-05-12&office=turku#day-2027-05-12"
    )
    assert client.get("/calendar/agenda?on=2027-05-12&office=turku").text.count("cal-row") == 9


@pytest.mark.parametrize("on", ["nonsense", "1999-12-31", "2101-01-01", "9999-12-31"])
def test_other_days_are_as_if_not_there(client: Client, on: str) -> None:
    assert f"{date.today():%B %Y}" in client.get(f"/calendar?on={on}").text  # noqa: DTZ011


@pytest.mark.parametrize("on", ["2000-01-01", "2100-12-31"])
def test_first_and_last_page_lead_nowhere_beyond(client: Client, on: str) -> None:
    for layout in LAYOUTS:
        answer = client.get(f"/calendar{layout}?on={on}")
        assert answer.status_code == 200
        assert ('rel="prev' in answer.text, 'rel="next' in answer.text) == (
            (False, True) if on.startswith("2000") else (True, False)
        )


def test_a_page_costs_the_same_number_of_queries(client: Client, connection: Connection) -> None:
    client.sign_in(make.user())

    def costs() -> list[int]:
        found = []
        for layout in LAYOUTS:
            with counted(connection) as statements:
                client.get(f"/calendar{layout}?on=2027-05-10")
            found.append(len(statements))
        return found

    def add(number: int) -> None:
        for n in range(number):
            make.event(f"Event {n}", starts_at=at(10 + n % 7) + timedelta(minutes=n))

    add(1)
    one = costs()
    add(2)
    assert costs() == one
    add(97)
    assert costs() == one
