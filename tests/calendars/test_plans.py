"""What files of planned events say, and what is wrong with them."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.calendars.rules import read_file
from interact_events.calendars.rules.plans import MOST, Known, Plan, Reading
from interact_events.calendars.rules.tables import COLUMNS, template
from interact_events.core.errors import DomainError

KNOWN = Known(
    zone="Europe/Helsinki",
    zones={"europe/helsinki": "Europe/Helsinki", "europe/vienna": "Europe/Vienna", "utc": "UTC"},
    countries={"fi": "FI", "finland": "FI"},
    languages={"en": "en", "de": "de", "german": "de"},
    kinds={"workshop": "workshop", "q&a": "q-and-a"},
    modes={"in person": "in-person", "online": "online"},
)
NASTY = 'Ζωή "Žižka" <b>O\'Neil</b>'


def read(content: str | bytes) -> Reading:
    return read_file(content.encode() if isinstance(content, str) else content, KNOWN)


def table(*lines: str, heading: str = "id;title;start;end") -> Reading:
    return read("\n".join([heading, *lines]))


def row(line: str, heading: str = "id;title;start;end") -> Plan:
    (plan,) = table(line, heading=heading).plans
    return plan


def calendar(*entries: str) -> str:
    events = "".join(f"BEGIN:VEVENT\r\n{entry}\r\nEND:VEVENT\r\n" for entry in entries)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n"


def entry(*lines: str, title: str = "Lump sums") -> Plan:
    (plan,) = read(calendar("\r\n".join([f"SUMMARY:{title}", *lines]))).plans
    return plan


# -- tables --------------------------------------------------------------------------------------


def test_the_template_reads_without_a_problem() -> None:
    (plan,) = read(template()).plans
    assert (plan.uid, plan.problems) == ("2027-014", ())
    assert plan.values["starts"] == "2027-05-12T09:00"
    assert plan.values["venue"] == "Logomo"


def test_every_column_is_known_by_its_own_name_alone() -> None:
    names = [name for column in COLUMNS for name in (column.code, *column.others)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_delimiters_and_encodings(delimiter: str, encoding: str) -> None:
    lines = [
        "Title,Start,End,City",
        f'"{NASTY.replace(chr(34), chr(34) * 2)}",2027-05-12 09:00,16:30,Turku',
    ]
    (plan,) = read("\r\n".join(lines).replace(",", delimiter).encode(encoding)).plans
    assert plan.values == {
        "title": NASTY,
        "city": "Turku",
        "starts": "2027-05-12T09:00",
        "ends": "2027-05-12T16:30",
    }
    assert plan.line == 2


@pytest.mark.parametrize(
    "written",
    [
        "2027-05-12 09:00",
        "12.05.2027 09:00",
        "12.5.2027 9.00",
        "12/05/2027 09:00:00",
        "2027-05-12T09:00",
        "2027-05-12T06:00Z",
        "12 May 2027 09:00",
        '"=""2027-05-12 09:00"""',
    ],
)
def test_days_and_times(written: str) -> None:
    plan = row(f"1;Lump sums;{written};2027-05-13 16:00")
    assert plan.problems == ()
    assert plan.values["starts"] == "2027-05-12T09:00"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("1;;2027-05-12 09:00;16:00", "There is no title."),
        ("1;A;;16:00", "There is no start: give a day and a time"),
        ("1;A;tomorrow;2027-05-12 16:00", "The start “tomorrow” is no day and time"),
        ("1;A;2027-05-12;2027-05-12 16:00", "The start “2027-05-12” is no day and time"),
        ("1;A;05/13/2027 09:00;2027-05-13 16:00", "The start “05/13/2027 09:00” is no day"),
        ("1;A;2027-05-12 09:00;", "There is no end"),
        ("1;A;2027-05-12 09:00;2027-05-12 08:00", "It ends at 08:00 on 12 May 2027, which is not"),
        ("1;A;1997-05-12 09:00;2027-05-12 10:00", "The start is in 1997"),
        (
            '1;"=HYPERLINK(""x"")";2027-05-12 09:00;16:00',
            'The title “=HYPERLINK("x")” is a formula',
        ),
        ("1;A;=NOW();2027-05-12 10:00", "The start “=NOW()” is a formula"),
        ("1;+cmd|' /C calc'!A0;2027-05-12 09:00;16:00", "is a formula"),
        ("1;A;2027-05-12 09:00;16:00;more", "This line has more cells than the heading"),
        (f"1;{'A' * 161};2027-05-12 09:00;16:00", "The title has 161 characters: at most 160 fit."),
    ],
)
def test_what_is_wrong_with_a_line(line: str, sentence: str) -> None:
    problems = row(line).problems
    assert sentence in problems[0]
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("zone", "Europe/Atlantis", "The zone “Europe/Atlantis” is not known"),
        ("country", "Narnia", "The country “Narnia” is not known"),
        ("language", "Klingon", "The language “Klingon” is not known"),
        ("kind", "Party", "The kind “Party” is not known: expected was workshop or q-and-a."),
        ("format", "Astral", "The format “Astral” is not known"),
        ("seats", "0", "Seats are a number from 1 to 100,000, not “0”."),
        ("seats", "a few", "Seats are a number"),
        ("contact", "ask us", "The contact is an address like name@example.org"),
    ],
)
def test_what_is_wrong_with_a_value(column: str, value: str, sentence: str) -> None:
    plan = row(f"A;2027-05-12 09:00;16:00;{value}", f"title;start;end;{column}")
    assert sentence in plan.problems[0]


def test_values_are_known_by_code_and_by_name() -> None:
    heading = "title;start;end;zone;country;language;kind;mode;seats"
    plan = row("A;2027-05-12 09:00;16:00;europe/vienna;Finland;German;Q&A;In person;40", heading)
    kept = ("zone", "country", "language", "kind", "mode", "capacity")
    assert [plan.values[name] for name in kept] == (
        ["Europe/Vienna", "FI", "de", "q-and-a", "in-person", "40"]
    )


def test_a_line_without_id_is_known_by_title_and_day() -> None:
    one, other = table(
        "A;2027-05-12 09:00;16:00", "a ;2027-05-12 13:00;16:00", heading="title;start;end"
    ).plans
    assert one.uid == other.uid == "2027-05-12 a"
    assert one.problems == ()
    assert "same title and day, as number 2" in other.problems[0]


def test_unknown_columns_are_named() -> None:
    reading = table("A;2027-05-12 09:00;16:00;x", heading="title;start;end;Budget")
    assert reading.notes == ("“Budget” is no column that is known, and is not read.",)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"title;start;end\n", "a heading and no event"),
        (b"Name,Email\nA,b@example.org\n", "No line names the columns"),
        (b"title|start|end\nA|b|c\n", "separated by vertical bars"),
        ("title;start;end\nMünchen;1;2\n".encode("cp1252"), "neither UTF-8 nor UTF-16"),
        (b"PK\x03\x04 xl/workbook.xml", "This is a spreadsheet (XLSX)"),
        (b'title;start;end\n"A;2027', "quotation mark"),
        (b"title;start;end\n" + b"A;2027-05-12 09:00;16:00\n" * 10_000, "at most 200"),
        (calendar(*["UID:1"] * 201).encode(), "201 events: at most 200"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\n", "empty or truncated"),
        (b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VALARM\r\n" * 30_000, "30,001 parts"),
        (b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\n", "empty or truncated"),
    ],
)
def test_files_that_are_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(DomainError, match=r".") as refusal:
        read(content)
    assert sentence in refusal.value.message
    assert refusal.value.field == "file"


LINES = st.lists(
    st.sampled_from(
        [
            *("BEGIN:VEVENT", "END:VEVENT", "BEGIN:VTIMEZONE", "END:VTIMEZONE", "TZID:X", "BEGIN:"),
            *("DTSTART;TZID=X:20270512T090000", "DTSTART:20271399T990000", "DTEND:20270513"),
            *("DTSTART;VALUE=DATE:20270512", "DURATION:-P1D", "DURATION:P9999999999D", "RRULE:X"),
            *("DTSTART;VALUE=PERIOD:20270512T090000Z/PT1H", "DTEND:99991231T235959Z", "DTSTART:"),
            *(
                "SUMMARY:",
                "SUMMARY;LANGUAGE=de:A",
                "CATEGORIES:A,B",
                "CATEGORIES:",
                "UID",
                ":",
                ";=",
            ),
            *("DTSTART:00010101T000000Z", "DTSTART;TZID=Europe/Vienna:00010101T000000", " folded"),
        ]
    )
    | st.text(max_size=20),
    max_size=12,
)


@given(
    st.binary(max_size=300)
    | LINES.map(lambda lines: calendar("\r\n".join(lines)).encode(errors="replace"))
    | st.text(max_size=200).map(lambda t: f"title;start;end\n{t}".encode())
)
def test_whatever_is_sent_is_read_or_refused(content: bytes) -> None:
    try:
        reading = read(content)
    except DomainError:
        return
    assert len(reading.plans) <= MOST
    for plan in reading.plans:
        assert plan.problems or {"title", "starts", "ends"} <= set(plan.values)
        assert Plan.from_json(plan.to_json) == plan


# -- calendars -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "starts", "ends", "zone"),
    [
        (
            [
                "DTSTART;TZID=Europe/Vienna:20270512T090000",
                "DTEND;TZID=Europe/Vienna:20270513T100000",
            ],
            "2027-05-12T09:00",
            "2027-05-13T10:00",
            "Europe/Vienna",
        ),
        (
            ["DTSTART:20270512T060000Z", "DURATION:PT1H30M"],
            "2027-05-12T09:00",
            "2027-05-12T10:30",
            "Europe/Helsinki",
        ),
        (
            ["DTSTART:20270512T090000", "DTEND:20270512T100000"],
            "2027-05-12T09:00",
            "2027-05-12T10:00",
            None,
        ),
        (
            ["DTSTART;VALUE=DATE:20270512", "DTEND;VALUE=DATE:20270514"],
            "2027-05-12T09:00",
            "2027-05-13T17:00",
            None,
        ),
        (["DTSTART;VALUE=DATE:20270512"], "2027-05-12T09:00", "2027-05-12T17:00", None),
        (
            ["DTSTART:20270328T003000Z", "DTEND:20270328T013000Z"],
            "2027-03-28T02:30",
            "2027-03-28T04:30",
            "Europe/Helsinki",
        ),
    ],
    ids=["zone", "UTC", "floating", "whole days", "one day", "the hour that is skipped"],
)
def test_times_of_an_entry(times: list[str], starts: str, ends: str, zone: str | None) -> None:
    plan = entry("UID:1@example.org", *times)
    assert plan.problems == ()
    assert (plan.values["starts"], plan.values["ends"]) == (starts, ends)
    assert plan.values.get("zone") == zone
    assert bool(plan.notes) == ("VALUE=DATE" in times[0])


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["DTSTART;TZID=Foo:20270512T090000", "DTEND;TZID=Foo:20270512T100000"], "zone “Foo”"),
        (["DTSTART:garbage", "DTEND:20270512T100000"], "no start that can be read"),
        (["DTSTART:20270512T090000"], "It has no end"),
        (["DTSTART:20270512T090000", "DTEND:20270512T080000"], "which is not after its start"),
        (["DTSTART:20270512T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY"], "It is repeated"),
        (["DTSTART:20270512T090000", "DURATION:PT1H", "STATUS:CANCELLED"], "It is cancelled"),
    ],
)
def test_what_is_wrong_with_an_entry(lines: list[str], sentence: str) -> None:
    (problem,) = entry("UID:1", *lines).problems
    assert sentence in problem


@pytest.mark.parametrize(
    ("location", "values"),
    [
        ("Logomo\\, Turku", {"mode": "in-person", "venue": "Logomo, Turku"}),
        ("Microsoft Teams Meeting", {"mode": "online"}),
        ("https://meet.example/1", {"mode": "online"}),
        ("", {}),
    ],
)
def test_place_text_and_kind_of_an_entry(location: str, values: dict[str, str]) -> None:
    plan = entry(
        "UID:1@example.org",
        "DTSTART:20270512T090000",
        "DURATION:PT1H",
        f"LOCATION:{location}",
        "DESCRIPTION:Bring\\nyour cases.",
        "CATEGORIES:Interreg,Workshop",
        title="Ζωή \\, <b>O'Neil</b>",
    )
    assert plan.values == values | {
        "title": "Ζωή , <b>O'Neil</b>",
        "description": "Bring\nyour cases.",
        "kind": "workshop",
        "starts": "2027-05-12T09:00",
        "ends": "2027-05-12T10:00",
    }
    assert datetime.fromisoformat(plan.values["starts"]).tzinfo is None
