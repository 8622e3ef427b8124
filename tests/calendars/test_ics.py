"""The bytes themselves: folding, escaping, zones; read back by three readers."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from interact_events.core import ics

OFFICE_ZONES = [
    "Europe/Helsinki",
    "Europe/Madrid",
    "Europe/Copenhagen",
    "Europe/Vienna",
    "Europe/Bratislava",
]
OTHER_ZONES = [
    "UTC",
    "Europe/London",
    "Europe/Dublin",
    "Atlantic/Reykjavik",
    "America/New_York",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
]
NINE = datetime(2027, 5, 12, 6, tzinfo=UTC)

Read = Callable[[bytes], dict[str, Any]]


def entry(**values: Any) -> ics.Entry:
    """A session in Turku, 09:00 to 10:30 EEST, unless said otherwise."""
    starts_at = values.pop("starts_at", NINE)
    defaults = {
        "uid": "session-1@events.example",
        "sequence": 2,
        "revised_at": datetime(2027, 3, 1, 12, tzinfo=UTC),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=90),
        "zone": "Europe/Helsinki",
        "summary": "Simplified cost options",
        "url": "https://events.example/events/sco",
        "organizer": "Interact Office Turku",
        "organizer_email": "turku@events.example",
    }
    return ics.Entry(**(defaults | values))


def lines(content: bytes) -> list[str]:
    """The lines as a reader sees them, folding undone."""
    return content.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def test_an_entry_is_written_to_the_letter() -> None:
    written = ics.calendar(
        [
            entry(
                description="Two days of cases.\nBring yours.",
                location="Logomo, Turku",
                categories=["Workshop", "Control, audit"],
            )
        ]
    )
    assert lines(written) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Interact Events//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Helsinki",
        "BEGIN:DAYLIGHT",
        "DTSTART:20260329T030000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "TZNAME:EEST",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0300",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:20261025T040000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "TZNAME:EET",
        "TZOFFSETFROM:+0300",
        "TZOFFSETTO:+0200",
        "END:STANDARD",
        "END:VTIMEZONE",
        "BEGIN:VEVENT",
        "SUMMARY:Simplified cost options",
        "DTSTART;TZID=Europe/Helsinki:20270512T090000",
        "DTEND;TZID=Europe/Helsinki:20270512T103000",
        "DTSTAMP:20270301T120000Z",
        "UID:session-1@events.example",
        "SEQUENCE:2",
        "CATEGORIES:Workshop,Control\\, audit",
        "CLASS:PUBLIC",
        "DESCRIPTION:Two days of cases.\\nBring yours.",
        "LAST-MODIFIED:20270301T120000Z",
        "LOCATION:Logomo\\, Turku",
        'ORGANIZER;CN="Interact Office Turku":mailto:turku@events.example',
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "URL:https://events.example/events/sco",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_a_feed_says_its_name_and_when_to_ask_again() -> None:
    written = ics.calendar([], name="Interact events", refresh=ics.REFRESH)
    assert lines(written)[5:-1] == [
        "NAME:Interact events",
        "X-WR-CALNAME:Interact events",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]


def test_the_same_entries_give_the_same_bytes() -> None:
    entries = [entry(categories=["b", "a"], zone=zone) for zone in OFFICE_ZONES]
    assert ics.calendar(entries) == ics.calendar(list(entries))


def test_a_cancelled_entry_stays_and_takes_no_time() -> None:
    written = lines(ics.calendar([entry(is_cancelled=True)]))
    assert [part for part in written if part.startswith(("STATUS", "TRANSP"))] == [
        "STATUS:CANCELLED",
        "TRANSP:TRANSPARENT",
    ]


def test_reminders_stand_in_their_entry(read: Read, read_too: Read) -> None:
    written = ics.calendar(
        [entry(reminders=[timedelta(days=1), timedelta(hours=1), timedelta(minutes=15)]), entry()]
    )
    assert [each["alarms"] for each in read(written)["events"]] == [["-P1D", "-PT1H", "-PT15M"], []]
    (found, _) = read_too(written)["events"]
    assert found["alarms"] == [-timedelta(days=1), -timedelta(hours=1), -timedelta(minutes=15)]
    start = lines(written).index("BEGIN:VALARM")
    assert lines(written)[start : start + 5] == [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Simplified cost options",
        "TRIGGER:-P1D",
        "END:VALARM",
    ]


def test_what_is_not_certain_and_what_is_ones_own_say_so(read: Read) -> None:
    (found,) = read(ics.calendar([entry(is_tentative=True, is_private=True)]))["events"]
    assert (found["status"], found["class"], found["transparency"]) == (
        "TENTATIVE",
        "PRIVATE",
        "OPAQUE",
    )


def test_each_batch_leaves_before_the_next_is_asked_for() -> None:
    """So any number of them takes the memory of one, and the first leaves at once."""
    asked = []

    def batches() -> Iterator[list[ics.Entry]]:
        for number in range(3):
            asked.append(number)
            yield [entry(uid=f"session-{number}@events.example")]

    pieces = ics.pieces(batches(), name="All", refresh=ics.REFRESH, years=(2027, 2027))
    seen = [(list(asked), piece) for piece in pieces]
    assert [before for before, _ in seen] == [[], [0], [0], [0, 1], [0, 1, 2], [0, 1, 2]]
    assert b"session-1@" in seen[3][1]


def test_lines_are_folded_by_octets_and_never_inside_a_letter() -> None:
    written = ics.calendar([entry(summary="Ζωή Þórsdóttir – Żaneta " * 20, location="🎓" * 90)])
    for part in written.split(b"\r\n"):
        assert len(part) <= 75
        part.decode()


def test_every_line_ends_with_both_characters() -> None:
    written = ics.calendar([entry(description="one\ntwo\rthree\r\nfour\u2028five\x85six")])
    assert re.findall(rb"(?<!\r)\n|\r(?!\n)", written) == []
    assert "DESCRIPTION:one\\ntwo\\nthree\\nfour\\nfive\\nsix" in lines(written)


NASTY = [
    "Costs, audit; and more: a\\b",
    "First\nSUMMARY:Second",
    "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:stolen@example.org",
    'Ζωή "Žižka" <b>O\'Neil</b> ^n ^^',
    "\\n is no line break, \\, no comma",
    "null\x00 bell\x07 escape\x1b delete\x7f",
    "",
]


@pytest.mark.parametrize("nasty", NASTY)
def test_no_text_breaks_out_of_its_property(read: Read, nasty: str) -> None:
    written = ics.calendar(
        [entry(summary=nasty, location=nasty, description=nasty, categories=[nasty, "b"])]
    )
    (found,) = read(written)["events"]
    assert found["uid"] == "session-1@events.example"
    assert found["summary"] == ics.line(nasty)
    assert found["location"] == (ics.line(nasty) or None)
    assert found["description"] == (ics.text(nasty) or None)
    assert found["categories"] == [ics.line(nasty), "b"]


def test_an_organizer_keeps_any_name(read: Read) -> None:
    name = 'Ζωή "Žižka" <b>O\'Neil</b>; office, of: ^n ^^'
    (found,) = read(ics.calendar([entry(organizer=name + "\r\nATTENDEE:mailto:x@y")]))["events"]
    assert found["organizer"] == name + " ATTENDEE:mailto:x@y"


def test_control_characters_are_left_out() -> None:
    assert ics.text("a\x00b\x07c\x1bd\x7fe\x9ff\tg\nh") == "abcdef\tg\nh"
    assert ics.line("a\tb\r\nc  d\u2029e") == "a b c d e"


def instants(zone: str, year: int) -> list[datetime]:
    """Every half an hour of the half days before and after the clocks change."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    return [
        at
        for at in (start + timedelta(minutes=30 * n) for n in range(2 * 24 * 366))
        if _offset(at - HALF_A_DAY, zone) != _offset(at + HALF_A_DAY, zone)
    ]


HALF_A_DAY = timedelta(hours=12)


def _offset(at: datetime, zone: str) -> timedelta | None:
    return at.astimezone(ZoneInfo(zone)).utcoffset()


@pytest.mark.parametrize("zone", OFFICE_ZONES)
@pytest.mark.parametrize("year", [2026, 2027, 2031])
def test_both_nights_keep_every_instant(read: Read, read_too: Read, zone: str, year: int) -> None:
    """The hour that is skipped, the hour that comes twice, and all around them."""
    expected = instants(zone, year)
    assert len(expected) == 2 * 48
    written = ics.calendar([entry(starts_at=at, zone=zone) for at in expected])
    for found in (read(written)["events"], read_too(written)["events"]):
        assert [each["starts"] for each in found] == [at.timestamp() for at in expected]
        assert [each["ends"] - each["starts"] for each in found] == [90 * 60] * len(expected)


@pytest.mark.parametrize("zone", OFFICE_ZONES)
def test_nine_by_the_clock_is_nine_by_the_clock_in_summer_and_winter(read: Read, zone: str) -> None:
    mornings = [datetime(2027, month, 12, 9, tzinfo=ZoneInfo(zone)) for month in range(1, 13)]
    found = read(ics.calendar([entry(starts_at=at.astimezone(UTC), zone=zone) for at in mornings]))
    assert found["timezones"] == [zone]
    assert [each["startsByClock"] for each in found["events"]] == [
        f"2027-{month:02}-12T09:00:00" for month in range(1, 13)
    ]
    assert [each["starts"] for each in found["events"]] == [at.timestamp() for at in mornings]


@pytest.mark.parametrize("zone", OTHER_ZONES)
def test_zones_with_other_rules_keep_every_instant(read: Read, read_too: Read, zone: str) -> None:
    """Two changes at odd dates, none at all, half an hour, a rule given up."""
    expected = [datetime(2014, 1, 1, 6, tzinfo=UTC) + timedelta(hours=185 * n) for n in range(660)]
    written = ics.calendar([entry(starts_at=at, zone=zone) for at in expected])
    for found in (read(written)["events"], read_too(written)["events"]):
        assert [each["starts"] for each in found] == [at.timestamp() for at in expected]


YEAR = [datetime(2027, month, 12, 7, tzinfo=UTC) for month in range(1, 13)]


@pytest.mark.parametrize("zone", OFFICE_ZONES)
def test_outlook_needs_no_name_of_a_zone(read: Read, read_too: Read, zone: str) -> None:
    """It believes the rules in the file, two yearly ones, and knows no IANA names."""
    written = ics.calendar([entry(starts_at=at, zone=zone) for at in YEAR])
    (rules,) = re.findall(rb"BEGIN:VTIMEZONE.*?END:VTIMEZONE", written, re.DOTALL)
    assert (rules.count(b"RRULE:"), rules.count(b"DTSTART:"), rules.count(b"RDATE")) == (2, 2, 0)
    renamed = written.replace(zone.encode(), b"Customized Time Zone")
    for found in (read(renamed)["events"], read_too(renamed)["events"]):
        assert [each["starts"] for each in found] == [at.timestamp() for at in YEAR]


@pytest.mark.parametrize("zone", OFFICE_ZONES)
def test_google_needs_no_rules_of_a_zone(zone: str) -> None:
    """It believes the IANA name and passes over the rules in the file."""
    written = ics.calendar([entry(starts_at=at, zone=zone) for at in YEAR])
    times = re.findall(r"DTSTART;TZID=(.+):(\d{8}T\d{6})\r", written.decode())
    assert [datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(name)) for name, at in times] == YEAR


@pytest.mark.parametrize("zone", [*OFFICE_ZONES, "UTC", "Asia/Kathmandu"])
def test_every_time_names_its_zone(zone: str) -> None:
    """None floats, and none is a day alone, which clients would place on another day."""
    around = instants("Europe/Vienna", 2027)
    written = ics.calendar([entry(starts_at=at, zone=zone) for at in around])
    head, _, entries = written.partition(b"BEGIN:VEVENT")
    times = re.findall(rb"\r\n(DT(?:START|END)[^\r]*)", entries)
    assert len(times) == 2 * len(around)
    for each in times:
        assert re.fullmatch(rb"DT(START|END)(;TZID=[^:]+:\d{8}T\d{6}|:\d{8}T\d{6}Z)", each)
    named = set(re.findall(rb";TZID=([^:]+):", entries))
    assert named == set(re.findall(rb"TZID:(.+)\r", head))


def test_each_zone_is_described_once() -> None:
    zones = ["Europe/Vienna", "Europe/Helsinki", "UTC", "Europe/Vienna"]
    written = ics.calendar([entry(zone=zone) for zone in zones])
    described = [part for part in lines(written) if part.startswith("TZID:")]
    assert described == ["TZID:Europe/Helsinki", "TZID:Europe/Vienna"]


def test_the_hour_that_comes_twice_is_given_in_utc() -> None:
    first = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)  # 03:30 EEST; an hour later 03:30 EET
    starts = [
        part
        for hours in (-1, 0, 1, 2)
        for part in lines(ics.calendar([entry(starts_at=first + timedelta(hours=hours))]))
        if part.startswith("DTSTART") and "202710" in part
    ]
    assert starts == [
        "DTSTART:20271030T233000Z",  # its end, at 04:00, comes once; its 90 minutes end at 01:00Z
        "DTSTART:20271031T003000Z",
        "DTSTART:20271031T013000Z",
        "DTSTART;TZID=Europe/Helsinki:20271031T043000",
    ]


TEXTS = st.text(st.characters(codec="utf-8"), max_size=200)
INSTANTS = st.datetimes(
    min_value=datetime(2014, 1, 1),  # noqa: DTZ001  # the strategy adds the zone
    max_value=datetime(2036, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda at: at.replace(second=0, microsecond=0))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    title=TEXTS,
    description=TEXTS,
    starts_at=INSTANTS,
    minutes=st.integers(1, 3 * 24 * 60),
    zone=st.sampled_from(OFFICE_ZONES + OTHER_ZONES),
)
@example(title="a" * 74 + "é" * 80, description="\\;,\n", starts_at=NINE, minutes=1, zone="UTC")
def test_any_entry_comes_back_from_every_reader(
    read: Read,
    read_too: Read,
    title: str,
    description: str,
    starts_at: datetime,
    minutes: int,
    zone: str,
) -> None:
    ends_at = starts_at + timedelta(minutes=minutes)
    written = ics.calendar(
        [
            entry(
                summary=title,
                description=description,
                starts_at=starts_at,
                ends_at=ends_at,
                zone=zone,
            )
        ]
    )
    for reader in (read, read_too):
        (found,) = reader(written)["events"]
        assert found["summary"] == ics.line(title)
        assert found["description"] == (ics.text(description) or None)
        assert (found["starts"], found["ends"]) == (starts_at.timestamp(), ends_at.timestamp())
    (parsed,) = icalendar.Calendar.from_ical(written).events
    assert str(parsed["SUMMARY"]) == ics.line(title)
    assert str(parsed.get("DESCRIPTION", "")) == ics.text(description)
    assert (parsed.start, parsed.end) == (starts_at, ends_at)
