"""Calendars in files: ours byte by byte and as four readers find them, others' as we do."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

from interact_events.calendars.rules import read_file
from interact_events.calendars.rules.plans import Known, Plan
from interact_events.core import clock, ics
from interact_events.core.clock import to_local
from interact_events.core.words import folded
from tests.calendars.corpus import CORPUS, FOLDER, NASTY, OFFICES, OURS
from tests.calendars.test_plans import KNOWN

IN_VIENNA = replace(
    KNOWN, zone="Europe/Vienna", zones={folded(name): name for name in clock.zones()}
)
IN_TURKU = replace(IN_VIENNA, zone="Europe/Helsinki")

Read = Callable[[bytes], dict[str, Any]]
Calcurse = Callable[[bytes, str], list[str]]


def kept(name: str) -> bytes:
    return (OURS / f"{name}.ics").read_bytes()


def theirs(name: str, known: Known = IN_VIENNA) -> Plan:
    content = (FOLDER / f"{name}.ics").read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n")
    (plan,) = read_file(content, known).plans
    return plan


# -- ours


@pytest.mark.parametrize("name", CORPUS)
def test_what_we_write_is_what_we_wrote(name: str) -> None:
    """`python -m tests.calendars.corpus` writes the files anew; look at what differs."""
    assert CORPUS[name]() == kept(name)


def test_every_file_has_its_maker() -> None:
    assert {file.stem for file in OURS.iterdir()} == set(CORPUS)


@pytest.mark.parametrize("name", CORPUS)
def test_every_file_keeps_to_the_letter(name: str) -> None:
    content = kept(name)
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", content)
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()
    text = content.replace(b"\r\n ", b"").decode()
    zones = set(re.findall(r"\nTZID:(.+)\r", text))
    assert set(re.findall(r";TZID=([^:]+):", text)) == zones
    times = re.findall(r"\nDT(?:START|END)([^\r]*)", text.partition("BEGIN:VEVENT")[2])
    assert all(re.fullmatch(r";TZID=.+:\d{8}T\d{6}|:\d{8}T\d{6}Z", each) for each in times)
    assert len(times) == 2 * text.count("BEGIN:VEVENT")
    assert ("BEGIN:VALARM" in text) is (name == "own")
    assert re.findall(r"\nMETHOD:(.+)\r", text) == [ics.method_of(content)]


@pytest.mark.parametrize("name", CORPUS)
def test_three_readers_find_the_same(name: str, read: Read, read_too: Read) -> None:
    content = kept(name)
    found, also = read(content)["events"], read_too(content)["events"]
    third = icalendar.Calendar.from_ical(content).events
    for one, two, three in zip(found, also, third, strict=True):
        assert (one["uid"], one["summary"]) == (two["uid"], two["summary"])
        assert (one["starts"], one["ends"]) == (two["starts"], two["ends"])
        assert isinstance(three.start, datetime)
        assert isinstance(three.end, datetime)
        assert (three.start.timestamp(), three.end.timestamp()) == (one["starts"], one["ends"])
        assert str(three["SUMMARY"]) == one["summary"]


@pytest.mark.parametrize("office", OFFICES)
@pytest.mark.parametrize("night", ["spring", "autumn"])
def test_a_fourth_shows_every_hour_of_both_nights_by_the_offices_clocks(
    office: str, night: str, read: Read, calcurse: Calcurse
) -> None:
    """calcurse goes by the zones of the system, so it shows each entry as the office sees it."""
    content, zone = kept(f"{night}-in-{office}"), OFFICES[office]
    events = read(content)["events"]
    assert len(events) == 10
    assert calcurse(content, zone) == sorted(
        f"{_shown(each['starts'], zone)} – {_shown(each['ends'], zone)} {each['summary']}"
        for each in events
    )


def _shown(timestamp: float, zone: str) -> str:
    return f"{datetime.fromtimestamp(timestamp, ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def test_a_fourth_reads_an_invitation_and_its_update(calcurse: Calcurse) -> None:
    title = "Simplified cost options"
    assert calcurse(kept("invitation"), "Europe/Vienna") == [
        f"2027-05-12 09:00 – 2027-05-12 16:30 {title}"
    ]
    assert calcurse(kept("update"), "Europe/Helsinki") == [
        f"2027-05-12 11:00 – 2027-05-12 18:30 {title}"
    ]


def test_what_an_entry_says_of_itself(read: Read) -> None:
    (found,) = read(kept("position"))["events"]
    assert found["geo"] == "48.213,16.369"
    assert found["categories"] == ["Workshop", "Costs, audit"]
    assert found["url"] == "https://events.example.org/events/simplified-cost-options"
    assert (found["status"], found["transparency"], found["class"]) == (
        "CONFIRMED",
        "OPAQUE",
        "PUBLIC",
    )
    (gone,) = read(kept("cancellation"))["events"]
    assert (gone["status"], gone["transparency"], gone["class"]) == (
        "CANCELLED",
        "TRANSPARENT",
        "PRIVATE",
    )


def test_a_public_feed_holds_nothing_of_a_person() -> None:
    assert not re.search(rb"ATTENDEE|CONFERENCE|VALARM|/join/|PRIVATE", kept("feed"))


def test_nasty_text_stays_in_its_place(read: Read) -> None:
    (found,) = read(kept("nasty"))["events"]
    assert found["summary"] == found["location"] == ics.line(NASTY)
    assert found["categories"] == [ics.line(NASTY)]
    # In a parameter "\\n" is two letters (RFC 6868), which ical.js takes for a line break.
    names = {found["organizer"], found["attendees"][0]["name"]}
    assert {name.replace("\n", "\\n") for name in names} == {ics.line(NASTY)}
    assert found["attendees"][0]["address"] == "mailto:o'neil+a@xn--bcher-kva.example"


# -- theirs, as our import reads them


TIMES = {
    "request": ("2027-05-12T09:00", "2027-05-12T16:30"),
    "update": ("2027-05-12T10:00", "2027-05-12T17:30"),
}


@pytest.mark.parametrize("program", ["outlook", "google"])
@pytest.mark.parametrize("what", TIMES)
def test_an_invitation_and_its_update_are_one_plan(program: str, what: str) -> None:
    """The UID stays, so the second file changes the draft of the first."""
    plan = theirs(f"{program}/{what}", IN_VIENNA if program == "outlook" else IN_TURKU)
    assert (plan.values["starts"], plan.values["ends"]) == TIMES[what]
    assert plan.uid == theirs(f"{program}/request").uid
    assert plan.problems == ()


def test_outlooks_names_of_zones_are_understood() -> None:
    """They stand for many cities: for the office's own where its clocks are the same."""
    plan = theirs("outlook/request")
    assert (plan.values["zone"], plan.values["starts"]) == ("Europe/Vienna", "2027-05-12T09:00")
    assert plan.values["venue"] == "Haus der Europäischen Union, Wien"
    assert plan.uid.endswith("B7A3DB01000000000000000010000000E2C1B6F6A1C0C84F9D1D2B8C3E5F7A90")
    far = theirs("outlook/request", IN_TURKU)
    assert (far.values["zone"], far.values["starts"]) == ("Europe/Berlin", "2027-05-12T09:00")
    finnish = theirs("outlook/helsinki", IN_TURKU)
    assert (finnish.values["zone"], finnish.values["starts"]) == (
        "Europe/Helsinki",
        "2027-11-10T09:00",
    )


def test_a_zone_that_only_its_rules_describe_is_reckoned_by_them() -> None:
    """09:00 there is 09:00 in Vienna and 10:00 in Turku."""
    assert theirs("outlook/customized").values["starts"] == "2027-05-12T09:00"
    assert theirs("outlook/customized", IN_TURKU).values["starts"] == "2027-05-12T10:00"


@pytest.mark.parametrize("name", ["google/export", "google/export-floating"])
def test_google_names_the_zone_once_for_all_times(name: str) -> None:
    plan = theirs(name)
    assert (plan.values["starts"], plan.values["zone"]) == ("2027-05-12T09:00", "Europe/Helsinki")


@pytest.mark.parametrize("what", ["export", "update"])
def test_apples_own_lines_are_passed_over(what: str) -> None:
    plan = theirs(f"apple/{what}")
    times = TIMES["request" if what == "export" else "update"]
    assert (plan.values["starts"], plan.values["ends"]) == times
    assert plan.values["zone"] == "Europe/Vienna"
    assert plan.values["venue"] == "Haus der Europäischen Union Wipplingerstraße 35, 1010 Wien"
    assert plan.uid == theirs("apple/export").uid


@pytest.mark.parametrize("program", ["outlook", "google", "apple"])
def test_a_cancellation_makes_nothing(program: str) -> None:
    plan = theirs(f"{program}/cancel")
    assert plan.problems == ("It is cancelled in the calendar, so nothing is made of it.",)


# -- the field's known faults


def test_no_day_ends_at_one_in_the_morning(read: Read) -> None:
    """16:30 in Vienna, which a wrong zone made 01:00 of the next day."""
    for name in ("invitation", "update", "own", "feed"):
        for each in read(kept(name))["events"]:
            assert each["endsByClock"][:10] == "2027-05-12"
            assert each["endsByClock"][11:13] in ("16", "17")


def test_no_winter_time_in_may(read: Read) -> None:
    for each in read(kept("feed"))["events"]:
        at = datetime.fromtimestamp(each["starts"], ZoneInfo(each["zone"]))
        assert at.tzname() in ("CEST", "EEST")
        rules = kept("feed").decode().partition(f"TZID:{each['zone']}")[2].partition("END:VTIM")[0]
        assert "TZNAME:CEST" in rules or "TZNAME:EEST" in rules


def test_no_entry_is_an_hour_off(read: Read) -> None:
    """The same instant by each office's own clocks."""
    found = read(kept("feed"))["events"]
    assert {each["starts"] for each in found} == {datetime(2027, 5, 12, 7, tzinfo=UTC).timestamp()}
    for each in found:
        local = to_local(datetime.fromtimestamp(each["starts"], ZoneInfo("UTC")), each["zone"])
        assert each["startsByClock"] == f"{local:%Y-%m-%dT%H:%M:%S}"


def test_no_update_is_a_second_entry(read: Read) -> None:
    versions = [read(kept(name))["events"][0] for name in ("invitation", "update", "cancellation")]
    assert len({each["uid"] for each in versions}) == 1
    assert [each["sequence"] for each in versions] == [0, 1, 2]
    assert re.fullmatch(r"[^@\s]+@[a-z.]+", versions[0]["uid"])
