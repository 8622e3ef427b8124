"""Tables of planned events: their columns, and what each line says."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from interact_events.calendars.rules.plans import (
    DEFAULT_SEATS,
    MOST,
    Known,
    Plan,
    Reading,
    plan_of,
    refuse_too_many,
    without_twins,
)
from interact_events.core import words
from interact_events.core.sheets import (
    DELIMITERS,
    OTHERS,
    Row,
    plain,
    refused,
    rows_of,
    shortened,
    text_of,
)
from interact_events.core.words import folded

AGAIN = "Save the table as “CSV UTF-8”, or start from the template."
ABOVE = 20  # lines at the top among which the heading has to be
TOO_WIDE = "This line has more cells than the heading: put texts into quotation marks."
FEWER = "Part it into files of fewer."


@dataclass(frozen=True)
class Column:
    """A column by its name, what it holds, and what stands there in the template."""

    code: str
    help: str
    example: str = ""
    others: tuple[str, ...] = ()  # names that mean the same
    is_needed: bool = False


COLUMNS = (
    Column(
        "id",
        "What the event is known by when the file is sent again: any text that stays the same. "
        "Empty: its title and first day.",
        "2027-014",
        ("uid", "number", "reference"),
    ),
    Column("title", "At most 160 characters.", "Simplified cost options", ("name",), True),
    Column(
        "start",
        "Day and time, like 2027-05-12 09:00; 12.05.2027 09:00 works too, the day first.",
        "2027-05-12 09:00",
        ("starts", "begin", "from"),
        True,
    ),
    Column(
        "end", "The same, or an hour of the same day.", "2027-05-13 15:30", ("ends", "to"), True
    ),
    Column("zone", "Like Europe/Helsinki. Empty: the office’s.", "", ("time zone", "timezone")),
    Column(
        "kind", "Workshop, seminar, training, webinar … Empty: workshop.", "Workshop", ("type",)
    ),
    Column(
        "format",
        "In person, online or hybrid. Empty: in person where there is a city or a "
        "venue, else online.",
        "In person",
        ("mode",),
    ),
    Column("city", "", "Turku", ("town",)),
    Column("country", "Its code or its English name.", "FI"),
    Column("venue", "The name of the house.", "Logomo", ("place", "location")),
    Column("address", "Street and number.", "Köydenpunojankatu 14"),
    Column("seats", f"A number. Empty: {DEFAULT_SEATS}.", "40", ("capacity", "places")),
    Column("language", "Its code or its English name. Empty: English.", "en"),
    Column("summary", "One or two sentences, at most 400 characters.", "Two days of cases."),
    Column("description", "Markdown works.", ""),
    Column("contact", "An e-mail address. Empty: the office’s.", "", ("contact address", "email")),
)
NAMES = {folded(name): column.code for column in COLUMNS for name in (column.code, *column.others)}
NEEDED = [column.code for column in COLUMNS if column.is_needed]


def template() -> bytes:
    """A table with every column and one line, as spreadsheets in Europe open it by a click."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=";")
    writer.writerow(column.code for column in COLUMNS)
    writer.writerow(column.example for column in COLUMNS)
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def read_table(content: bytes, known: Known) -> Reading:
    """The events that a CSV file lists; DomainError where it is no such file."""
    text = text_of(content, AGAIN)
    rows = rows_of(text, _delimiter(text), most=MOST, above=ABOVE, fewer=FEWER, again=AGAIN)
    place = next(n for n, row in enumerate(rows) if _is_heading(row.cells))
    below = [row for row in rows[place + 1 :] if any(cell.strip() for cell in row.cells)]
    refuse_too_many(len(below))
    if not below:
        raise refused("The table has a heading and no event below it.")
    heading = rows[place].cells
    return Reading(without_twins(_plan(row, heading, known) for row in below), _notes(heading))


def _delimiter(text: str) -> str:
    """The one by which a line at the top names the columns."""
    top = text.splitlines()[:ABOVE]
    for delimiter in (*DELIMITERS, *OTHERS):
        for line in top:
            if _is_heading(
                next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
            ):
                return _allowed(delimiter)
    found = next(line for line in top if line.strip())
    raise refused(
        f"No line names the columns. Expected were at least {words.listed(NEEDED)}; found "
        f"was “{shortened(found)}”. {AGAIN}"
    )


def _allowed(delimiter: str) -> str:
    if delimiter in OTHERS:
        raise refused(
            f"The columns are separated by {OTHERS[delimiter]}: commas, semicolons or tabs were "
            f"expected. {AGAIN}"
        )
    return delimiter


def _is_heading(cells: Sequence[str]) -> bool:
    return {_code(cell) for cell in cells} >= {*NEEDED}


def _code(cell: str) -> str | None:
    return NAMES.get(folded(plain(cell).replace("_", " ")))


def _notes(heading: Sequence[str]) -> tuple[str, ...]:
    unknown = [f"“{shortened(cell)}”" for cell in heading if cell.strip() and not _code(cell)]
    if not unknown:
        return ()
    verb = "is" if len(unknown) == 1 else "are"
    return (f"{words.listed(unknown)} {verb} no column that is known, and {verb} not read.",)


def _plan(row: Row, heading: Sequence[str], known: Known) -> Plan:
    said: dict[str, str] = {}
    for name, cell in zip(heading, row.cells, strict=False):
        code = _code(name)
        if code and code not in said:
            said[code] = _text(cell) if code == "description" else _line(cell)
    said["mode"] = said.pop("format", "")
    plan = plan_of(row.line, said.pop("id", "")[:200], said, known)
    extra = len([cell for cell in row.cells[len(heading) :] if cell.strip()])
    return replace(plan, problems=(TOO_WIDE,)) if extra else plan


def _line(cell: str) -> str:
    """A cell on one line, of any length: what is too long is said, not cut."""
    cell = cell.strip()
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 2:
        cell = cell[2:-1]
    return " ".join("".join(c if c.isprintable() else " " for c in cell).split())


def _text(cell: str) -> str:
    """A cell of several lines."""
    lines = re.split(r"\r\n|\r|\n", cell.strip())
    return "\n".join("".join(c for c in line if c.isprintable()).rstrip() for line in lines)
