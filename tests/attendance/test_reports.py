"""Reading reports: every shape alike, and what is none is refused in a sentence."""

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interact_events.attendance import rules
from interact_events.attendance.rules import Order, Reading, Report, ReportKind
from interact_events.core.errors import DomainError
from tests.attendance.reports import DATA, ZONE, at, stored

DAY = date(2026, 5, 12)


def reading_of(content: bytes, day: date = DAY, zone: str = ZONE) -> Reading:
    report = rules.report_of(content)
    order = report.likely_order(day, day)
    assert order
    return rules.read(report, order, rules.zone_of(report.stated_zone or zone))


def refusal(content: bytes) -> str:
    with pytest.raises(DomainError) as caught:
        reading_of(content)
    assert caught.value.field == "file"
    return caught.value.message


# -- the stored shapes ---------------------------------------------------------------------------

JOINS = {
    "anna": ((at(8, 55, 10), at(10, 30, 5)), (at(10, 58), at(12, 1, 30))),
    "søren": ((at(9, 20), at(12)),),
    "katarína": ((at(9), at(9, 45, 30)),),
}


@pytest.mark.parametrize("path", sorted(DATA.glob("*.csv")), ids=lambda path: path.stem)
def test_every_shape_says_the_same(path: object) -> None:
    reading = reading_of(stored(getattr(path, "name", "")))
    names = {"anna": "anna", "søren": "žižka", "katarína": "katarína"}
    found = {
        who: each.spans
        for who, part in names.items()
        for each in reading.attendees
        if part in each.name.lower()
    }
    assert found == JOINS
    assert len(reading.attendees) == 3


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("teams-summary-en", ReportKind.TEAMS),
        ("teams-summary-de", ReportKind.TEAMS),
        ("teams-joins-pl", ReportKind.TEAMS),
        ("teams-log-fi", ReportKind.TEAMS_LOG),
        ("zoom-participants", ReportKind.ZOOM),
        ("zoom-with-summary", ReportKind.ZOOM),
        ("zoom-fr", ReportKind.ZOOM),
        ("zoom-webinar", ReportKind.ZOOM),
        ("webex", ReportKind.WEBEX),
    ],
)
def test_the_kind_is_known_by_its_columns(name: str, kind: ReportKind) -> None:
    assert rules.report_of(stored(f"{name}.csv")).kind is kind


def test_who_registered_for_a_webinar_and_did_not_come_is_left_out() -> None:
    reading = reading_of(stored("zoom-webinar.csv"))
    assert reading.notes == [
        "1 line of people who had registered but did not come is left out.",
    ]


def test_a_zone_that_the_report_names_wins() -> None:
    assert rules.report_of(stored("zoom-with-summary.csv")).stated_zone == "UTC+02:00"
    assert rules.report_of(stored("zoom-fr.csv")).stated_zone == ""


def test_a_zone_that_does_not_exist_is_none() -> None:
    content = zoom(GOOD, heading="Name,Email,Join Time (UTC+15:00),Leave Time,Duration")
    assert rules.report_of(content).stated_zone == ""


@pytest.mark.parametrize(
    ("cells", "zone"),
    [
        ("Meeting title,Kick-off at 10:00 (UTC+2)", ""),
        ("Topic,Webinar GMT+1", ""),
        ("Time zone,(UTC+02:00)", "UTC+02:00"),
        ("Zeitzone: UTC+1,", "UTC+01:00"),
        ("Start,12/05/2026 09:00:00 (UTC+02:00)", "UTC+02:00"),
        ("Start Time (GMT),12/05/2026 09:00:00", "UTC"),
    ],
)
def test_a_meetings_title_names_no_zone(cells: str, zone: str) -> None:
    assert rules.report_of(f"{cells}\n\n".encode() + zoom(GOOD)).stated_zone == zone


def test_an_address_is_taken_from_the_participants_above() -> None:
    reading = reading_of(stored("teams-summary-en.csv"))
    assert [each.email for each in reading.attendees] == [
        "anna.virtanen@example.org",
        "soren.zizka@example.org",
        "katarina@example.org",
    ]


def test_participants_without_a_joining_are_named_for_the_file_is_cut_off() -> None:
    text = stored("teams-summary-en.csv").decode("utf-16").rstrip().rpartition("\n")[0]
    reading = reading_of(text.encode("utf-16"))
    assert [each.name for each in reading.attendees] == [
        "Anna Virtanen",
        "Søren Žižka (External)",
    ]
    assert reading.notes == [
        (
            "Line 13: names a participant of whom no joining follows, so they are left out: the "
            "file seems truncated."
        )
    ]


def test_waiting_outside_is_not_being_there() -> None:
    reading = reading_of(stored("zoom-participants.csv"))
    assert reading.notes == ["1 line of the waiting room is left out."]


# -- every dialect, encoding and way to write a day ----------------------------------------------


@dataclass(frozen=True)
class Dialect:
    """How one program in one country writes its export."""

    delimiter: str
    encoding: str
    newline: str
    heading: tuple[str, str, str, str]
    write: Callable[[datetime], str]
    above: tuple[str, ...] = ()

    def of(self, rows: list[tuple[str, str, datetime, datetime]]) -> bytes:
        lines = [*self.above, self.delimiter.join(self.heading)]
        for name, email, came, went in rows:
            cells = [f'"{name}"', email, *(f'"{self.write(local(t))}"' for t in (came, went))]
            lines.append(self.delimiter.join(cells))
        return (self.newline.join(lines) + self.newline).encode(self.encoding)


def local(instant: datetime) -> datetime:
    return instant.astimezone(ZoneInfo(ZONE))


def _twelve(t: datetime, separator: str = "") -> str:
    half = "AM" if t.hour < 12 else "PM"
    return f"{t.hour % 12 or 12}:{t:%M:%S}{separator or ' '}{half}"


WRITERS: dict[str, Callable[[datetime], str]] = {
    "us": lambda t: f"{t.month}/{t.day}/{t:%y}, {_twelve(t)}",
    "us, narrow space": lambda t: f"{t.month}/{t.day}/{t.year}, {_twelve(t, chr(0x202F))}",
    "us, months": lambda t: f"{t:%b} {t.day}, {t.year} {_twelve(t)}",
    "british": lambda t: f"{t:%d/%m/%Y %H:%M:%S}",
    "british, months": lambda t: f"{t.day} {t:%B} {t.year} {t:%H:%M:%S}",
    "german": lambda t: f"{t:%d.%m.%y, %H:%M:%S}",
    "finnish": lambda t: f"{t.day}.{t.month}.{t.year} klo {t.hour}.{t:%M.%S}",
    "slovak": lambda t: f"{t.day}. {t.month}. {t.year} {t.hour}:{t:%M:%S}",
    "danish": lambda t: f"{t:%d-%m-%Y %H.%M.%S}",
    "spanish": lambda t: (
        f"{t.day}/{t.month}/{t.year}, {t.hour % 12 or 12}:{t:%M:%S} "
        f"{'a.' if t.hour < 12 else 'p.'} m."
    ),
    "swedish": lambda t: f"{t:%Y-%m-%d %H:%M:%S}",
    "iso": lambda t: t.isoformat(),
    "utc": lambda t: f"{t.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    "with offset": lambda t: f"{t:%d/%m/%Y %H:%M:%S} (UTC+03:00)",
}
HEADINGS = [
    ("Name", "Email", "Join Time", "Leave Time"),
    ("Name", "E-Mail", "Beitrittszeit", "Austrittszeit"),
    ("Nom complet", "Adresse e-mail", "Heure d’arrivée", "Heure de départ"),
    ("Nombre completo", "Correo electrónico", "Hora de unión", "Hora de salida"),
    ("Nome", "Indirizzo e-mail", "Ora di partecipazione", "Ora di uscita"),
    ("Nimi", "Sähköposti", "Liittymisaika", "Poistumisaika"),
    ("Navn", "E-mail", "Deltagelsestidspunkt", "Forladt tidspunkt"),
    ("Namn", "E-post", "Anslutningstid", "Tid för att lämna"),
    ("Meno", "E-mailová adresa", "Čas pripojenia", "Čas odchodu"),
    ("Imię i nazwisko", "Adres e-mail", "Godzina dołączenia", "Godzina opuszczenia"),
]
SUMMARY = ("1. Summary", "Meeting title;Costs", "Start time;x", "", "2. Participants")

dialects = st.builds(
    Dialect,
    st.sampled_from("\t,;"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(HEADINGS),
    st.sampled_from(list(WRITERS.values())),
    st.sampled_from([(), SUMMARY]),
)
NAMES = ["Anna Virtanen", "Søren Žižka", "Ζωή Παπαδοπούλου", "Łukasz, Ćwik; jr"]
names = st.sampled_from(NAMES)
seconds = st.integers(0, 10 * 3600).map(lambda s: at(5) + timedelta(seconds=s))


@st.composite
def rows(draw: st.DrawFn) -> list[tuple[str, str, datetime, datetime]]:
    """Joins on the event's day, each name with its address."""
    found = []
    for name in draw(st.lists(names, min_size=1, max_size=6)):
        came, went = sorted((draw(seconds), draw(seconds)))
        found.append((name, f"p{NAMES.index(name)}@example.org", came, went + timedelta(seconds=1)))
    return found


@settings(max_examples=150)
@given(dialects, rows())
def test_the_same_joins_in_every_dialect(
    dialect: Dialect, joins: list[tuple[str, str, datetime, datetime]]
) -> None:
    reading = reading_of(dialect.of(joins))
    expected = {
        email: rules.joined((came, went) for _, e, came, went in joins if e == email)
        for _, email, _, _ in joins
    }
    assert {each.email: each.spans for each in reading.attendees} == expected
    assert {each.name for each in reading.attendees} == {name for name, *_ in joins}


@dataclass(frozen=True)
class Item:
    """A session of an agenda."""

    starts_at: datetime
    ends_at: datetime
    id: int = 1
    title: str = "Costs"
    is_learning: bool = True


@settings(max_examples=100)
@given(rows())
def test_minutes_are_those_that_any_join_covers(
    joins: list[tuple[str, str, datetime, datetime]],
) -> None:
    dialect = Dialect(",", "utf-8", "\n", HEADINGS[0], WRITERS["swedish"])
    attendees = reading_of(dialect.of(joins)).attendees
    session = Item(at(8), at(9, 30))
    planned = rules.plan({1: attendees}, [session], {})
    covered = {
        second
        for _, _, came, went in joins
        for second in range(
            int(max(came, session.starts_at).timestamp()),
            int(min(went, session.ends_at).timestamp()),
        )
    }
    assert sum(each.minutes for each in planned) == len(covered) // 60


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59))
def test_durations_in_several_languages(h: int, m: int, s: int) -> None:
    expected = timedelta(hours=h, minutes=m, seconds=s)
    for text in (
        f"{h}h {m}m {s}s",
        f"{h} Std. {m} Min. {s} Sek.",
        f"{h} t {m} min {s} s",
        f"{h} godz. {m} min {s} sek.",
        f"{h}:{m:02}:{s:02}",
    ):
        assert rules.duration_of(text) == expected
    assert rules.duration_of("95 mins") == rules.duration_of("95") == timedelta(minutes=95)


def test_the_hour_that_comes_twice_ends_after_it_began() -> None:
    content = (
        b"Name,Join Time,Leave Time\nAnna Virtanen,2026-10-25 03:40:00,2026-10-25 03:20:00\n"
        b"Zo,2026-10-25 02:30:00,2026-10-25 05:30:00\n"
    )
    anna, zo = reading_of(content, date(2026, 10, 25)).attendees
    assert [b - a for a, b in anna.spans] == [timedelta(minutes=40)]
    assert [b - a for a, b in zo.spans] == [timedelta(hours=4)]


# -- which number is the day ---------------------------------------------------------------------


def of_days(*days: str) -> Report:
    lines = [f"Anna,{day} 09:00,{day} 10:00" for day in days]
    return rules.report_of("\n".join(["Name,Join Time,Leave Time", *lines]).encode())


@pytest.mark.parametrize(
    ("days", "first", "last", "order"),
    [
        (["05/06/2026"], date(2026, 6, 5), date(2026, 6, 5), Order.DAY_FIRST),
        (["05/06/2026"], date(2026, 5, 6), date(2026, 5, 6), Order.MONTH_FIRST),
        (["05/06/2026", "05/13/2026"], date(2026, 6, 5), date(2026, 6, 5), Order.MONTH_FIRST),
        (["06/06/2026"], date(2026, 6, 6), date(2026, 6, 6), Order.DAY_FIRST),
        (["05/06/2026"], date(2026, 5, 1), date(2026, 6, 30), None),
    ],
)
def test_the_order_is_the_one_that_falls_on_the_event(
    days: list[str], first: date, last: date, order: Order | None
) -> None:
    assert of_days(*days).likely_order(first, last) is order


# -- what people do, and what they leave out -----------------------------------------------------


def zoom(*lines: str, heading: str = "Name,Email,Join Time,Leave Time,Duration") -> bytes:
    return "\n".join([heading, *lines]).encode()


def test_rejoins_that_touch_or_overlap_are_one() -> None:
    reading = reading_of(
        zoom(
            "A,a@x.org,2026-05-12 09:00,2026-05-12 09:30,30",
            "A2,A@X.org,2026-05-12 09:30,2026-05-12 09:40,10",
            "A,a@x.org,2026-05-12 09:20,2026-05-12 09:35,15",
        )
    )
    (anna,) = reading.attendees
    assert (anna.spans, anna.joins) == (((at(9), at(9, 40)),), 3)


def test_the_same_line_twice_counts_once() -> None:
    line = "A,a@x.org,2026-05-12 09:00,2026-05-12 09:30,30"
    reading = reading_of(zoom(line, line))
    assert reading.notes == ["1 line is twice in the file and counted once."]
    assert reading.attendees[0].joins == 1


def test_spaces_behind_commas_belong_to_no_cell() -> None:
    content = (
        b'Name, Email, Join Time, Leave Time\nV, "a,b@x.org", 2026-05-12 09:00, "2026-05-12 10:00"'
    )
    assert [(e.name, e.email) for e in reading_of(content).attendees] == [("V", "a,b@x.org")]


@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_reports_below_each_other_are_all_read(between: str) -> None:
    content = between.encode().join([zoom(GOOD), zoom(GOOD.replace("A,a@", "B,b@"))])
    assert [each.name for each in reading_of(content).attendees] == ["A", "B"]


@pytest.mark.parametrize("empty", ["", ",,,,"])
@pytest.mark.parametrize("heading", ["Name,Email,Join Time,Leave Time,Duration", "A1,B2,C3,D4,E5"])
def test_nobody_is_lost_below_an_empty_line(empty: str, heading: str) -> None:
    reading = reading_of(zoom(GOOD, empty, GOOD.replace("A,a@", "B,b@"), empty, heading=heading))
    assert [each.name for each in reading.attendees] == ["A", "B"]


def test_what_else_stands_below_an_empty_line_is_nobody() -> None:
    reading = reading_of(zoom(GOOD, "", "Total,1", "Made by,Zoom,for,us,all"))
    assert [each.name for each in reading.attendees] == ["A"]


def test_who_left_before_joining_is_left_out_and_named() -> None:
    reading = reading_of(
        zoom(
            "A,a@x.org,2026-05-12 09:30,2026-05-12 09:00,30",
            "B,b@x.org,2026-05-12 09:00,2026-05-12 09:30,30",
        )
    )
    assert reading.notes == ["Line 2: left before they joined, so it is left out."]
    assert [each.name for each in reading.attendees] == ["B"]


def test_joined_before_the_start_and_left_after_midnight() -> None:
    reading = reading_of(zoom("A,a@x.org,2026-05-12 08:00,2026-05-13 00:20,980"))
    assert reading.attendees[0].spans == ((at(8), at(23, 50) + timedelta(minutes=30)),)


def test_without_a_leave_time_the_duration_counts_then_the_end_of_the_report() -> None:
    reading = reading_of(
        zoom(
            "A,a@x.org,2026-05-12 09:00,,30",
            "B,b@x.org,2026-05-12 09:00,,",
            "C,c@x.org,2026-05-12 09:00,2026-05-12 10:00,60",
        )
    )
    assert [each.spans[0][1] for each in reading.attendees] == [at(9, 30), at(10), at(10)]
    assert reading.notes == [
        "Line 3: does not say when they left: they count until the last time in the report."
    ]


def test_in_a_log_a_second_joining_changes_nothing_and_a_lone_leaving_is_named() -> None:
    log = zoom(
        "B,Left,2026-05-12 08:50",
        "A,Joined before,2026-05-12 09:00",
        "A,Joined,2026-05-12 09:10",
        "A,Left,2026-05-12 09:30",
        "B,Joined,2026-05-12 09:20",
        heading="Full Name,User Action,Timestamp",
    )
    reading = reading_of(log)
    assert {each.name: each.spans for each in reading.attendees} == {
        "A": ((at(9), at(9, 30)),),
        "B": ((at(9, 20), at(9, 30)),),
    }
    assert len(reading.notes) == 2


def test_a_formula_is_text() -> None:
    reading = reading_of(
        zoom('"=HYPERLINK(""http://x"",""Anna"")",a@x.org,2026-05-12 09:00,2026-05-12 09:30,30')
    )
    assert reading.attendees[0].name == '=HYPERLINK("http://x","Anna")'


def test_zoom_calls_names_those_of_users_as_well() -> None:
    line = "Anna V,a@x.org,05/13/2026 09:00 AM,05/13/2026 09:30 AM"
    heading = "User Name (Original Name),Email,Join Time,Leave Time"
    assert reading_of(zoom(line, heading=heading)).attendees[0].name == "Anna V"


def test_only_first_and_last_are_said_to_be_less_exact() -> None:
    content = zoom(
        "A,5/12/26 9:00:00 AM,5/12/26 9:30:00 AM,a@x.org",
        heading="Name,First Join,Last Leave,Participant ID (UPN)",
    )
    reading = reading_of(content)
    assert reading.attendees[0].email == "a@x.org"
    assert "only each person’s first joining" in reading.notes[0]


def test_columns_in_a_language_that_is_not_known_are_told_by_what_stands_in_them() -> None:
    content = (
        "1. Összegzés\nCím\tKöltségek\n\n2. Résztvevők\n"
        "Név\tElső csatlakozás\tUtolsó kilépés\tE-mail\n"
        "Anna\t2026.05.12. 9:00:00\t2026.05.12. 10:00:00\ta@x.org\n\n3. Tevékenységek\n"
        "Név\tCsatlakozás\tKilépés\tIdőtartam\tE-mail\n"
        "Anna\t2026.05.12. 9:00:00\t2026.05.12. 9:30:00\t30 p\ta@x.org\n"
        "Anna\t2026.05.12. 9:45:00\t2026.05.12. 10:00:00\t15 p\ta@x.org\n"
    )
    reading = reading_of(content.encode("utf-16"))
    (anna,) = reading.attendees
    assert (anna.name, anna.email) == ("Anna", "a@x.org")
    assert anna.spans == ((at(9), at(9, 30)), (at(9, 45), at(10)))
    (note,) = reading.notes
    assert note == (
        "The names of its columns are not known. By what stands in them, people joined at "
        "“Csatlakozás” and left at “Kilépés”: please check."
    )


def test_the_meetings_own_times_are_not_the_persons() -> None:
    content = zoom(
        "Costs,2026-05-12 08:00,2026-05-12 13:00,Anna,2026-05-12 09:00,2026-05-12 09:30",
        heading="A1,B2,C3,D4,E5,F6",
    )
    (anna,) = reading_of(content).attendees
    assert (anna.name, anna.spans) == ("Anna", ((at(9), at(9, 30)),))


# -- what is no report ---------------------------------------------------------------------------


def archive(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for name in names:
            file.writestr(name, "application/vnd.oasis.opendocument.spreadsheet")
    return target.getvalue()


AGAIN = "Export the attendance report as CSV."
GOOD = "A,a@x.org,2026-05-12 09:00,2026-05-12 09:30,30"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", f"The file is empty: 0 bytes. {AGAIN}"),
        (b"\xff\xfe", f"The file is empty: 2 bytes. {AGAIN}"),
        (b"\r\n \r\n", f"The file is empty: 5 bytes. {AGAIN}"),
        ("\u00a0\n".encode("utf-16"), f"The file is empty: 6 bytes. {AGAIN}"),
        (archive("xl/workbook.xml"), f"This is a spreadsheet (XLSX). {AGAIN}"),
        (archive("mimetype"), f"This is a spreadsheet (ODS). {AGAIN}"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", f"This is a spreadsheet (XLS). {AGAIN}"),
        (b"%PDF-1.7\n", f"This is a PDF. {AGAIN}"),
        (b"<!doctype html><p>Sign in</p>", f"This is a web page or XML. {AGAIN}"),
        (b"\x89PNG\r\n", f"This is a picture. {AGAIN}"),
        (
            "Name,Join Time\nJürgen,2026".encode("cp1252"),
            (
                "Line 2 is neither UTF-8 nor UTF-16 (byte 0xfc), so its letters can’t be told. "
                "Send the file as it was exported, or save it as “CSV UTF-8”."
            ),
        ),
        (
            "\ufeffName\tJoin".encode("utf-16-le")[:-1],
            f"The file breaks off in the middle of a letter: it seems truncated. {AGAIN}",
        ),
        (
            zoom(GOOD).replace(b",", b"|"),
            (
                "The columns are separated by vertical bars: commas, semicolons or tabs were "
                f"expected. {AGAIN}"
            ),
        ),
        (
            b"\nMy shopping list\nBread",
            (
                "No line names the columns of an attendance report. Expected were a name or an "
                "e-mail address, and the time of each joining, as in “Name, Email, Join time, "
                "Leave time”; "
                "found in line 2: “My shopping list”."
            ),
        ),
        (
            zoom(),
            (
                "Nobody follows the heading in line 1: at least one person was expected. The file "
                f"seems truncated. {AGAIN}"
            ),
        ),
        (
            zoom(GOOD, "B,b@x.org,2026-05"),
            (
                "Line 3 has 3 columns; at least 4 were expected, as in the heading in line 1. The "
                f"file seems truncated, or was changed by hand. {AGAIN}"
            ),
        ),
        (
            zoom(GOOD, GOOD.replace(",", ";")),
            (
                "Line 3 has 1 column; at least 4 were expected, as in the heading in line 1. The "
                f"file seems truncated, or was changed by hand. {AGAIN}"
            ),
        ),
        (
            zoom(GOOD, '"B,b@x.org'),
            (
                "Line 3: a quotation mark is opened and not closed as expected. The file seems "
                f"truncated or changed by hand. {AGAIN}"
            ),
        ),
        (
            zoom(GOOD, "B,b@x.org,yesterday,2026-05-12 09:30,1"),
            (
                "Line 3, “Join Time”: a day and a time, like 12.05.2027 09:00 was expected, "
                "“yesterday” was found."
            ),
        ),
        (
            zoom(GOOD, "B,b@x.org,,2026-05-12 09:30,1"),
            (
                "Line 3, “Join Time”: a day and a time, like 12.05.2027 09:00 was expected, "
                "nothing was found."
            ),
        ),
        (
            zoom(GOOD, ",,2026-05-12 09:00,2026-05-12 09:30,1"),
            "Line 3 names nobody: a name or an e-mail address was expected.",
        ),
        (
            zoom("A,Raised a hand,2026-05-12 09:00", heading="Full Name,User Action,Timestamp"),
            "Line 2: “Joined” or “Left” was expected as the action, “Raised a hand” was found.",
        ),
        (
            zoom("A,95", heading="Name (Original Name),Total Duration (Minutes)"),
            (
                "Line 1 has a column for how long people were there, but none for when they "
                "joined. Expected were a name or an e-mail address, and the time of each joining. "
                "In Zoom, leave “Show unique users” off."
            ),
        ),
        (
            zoom(GOOD, "B,b@x.org,13/05/2026 09:00,05/13/2026 10:00,60"),
            (
                "Line 3 writes the day before the month, line 3 the month before the day, so the "
                f"days can’t be told. {AGAIN}"
            ),
        ),
        (
            zoom("A,a@x.org,9999-12-31 23:59,9999-12-31 23:59,1"),
            (
                "Line 2, “Join Time”: a day and a time, like 12.05.2027 09:00 was expected, "
                "“9999-12-31 23:59” was found."
            ),
        ),
        (
            zoom("A\0B,a@x.org,2026-05-12 09:00,2026-05-12 09:30,1"),
            f"Line 2 holds what is no text. {AGAIN}",
        ),
    ],
)
def test_what_is_no_report_is_refused_in_a_sentence(content: bytes, sentence: str) -> None:
    assert refusal(content) == sentence


def test_more_than_a_hundred_thousand_rows_are_refused() -> None:
    line = "A,a@x.org,2026-05-12 09:00,2026-05-12 09:30,30"
    assert refusal(zoom(*[line] * 100_200)) == (
        "The file has 100,200 lines: at most 100,000 are read. Export one meeting at a time."
    )
    assert refusal(zoom(*[line] * 100_001)) == (
        "The report has 100,001 rows: at most 100,000 are read. Export one meeting at a time."
    )


def test_a_report_of_another_day_is_refused() -> None:
    reading = reading_of(zoom("A,a@x.org,2026-06-03 09:00,2026-06-03 10:00,60"))
    with pytest.raises(DomainError) as caught:
        rules.refuse_elsewhen(reading, at(9), at(12), ZONE)
    assert caught.value.message == (
        "The report is about 3 June 2026 (line 2 is of 3 June 2026), but the event takes place on "
        "12 May 2026. Choose the report of this event."
    )


@settings(max_examples=200)
@given(st.binary(max_size=300))
def test_no_bytes_break_it(content: bytes) -> None:
    _read_or_refuse(content)


@settings(max_examples=200)
@given(st.data())
def test_a_report_that_breaks_off_anywhere_is_read_or_refused(data: st.DataObject) -> None:
    content = stored(data.draw(st.sampled_from([path.name for path in DATA.glob("*.csv")])))
    _read_or_refuse(content[: data.draw(st.integers(0, len(content)))])


def _read_or_refuse(content: bytes) -> None:
    """Anything else than a refusal would fail the test by itself."""
    with suppress(DomainError):
        assert rules.report_of(content).entries
