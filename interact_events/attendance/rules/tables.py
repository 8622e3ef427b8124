"""The tables of a report: its delimiter, its headings, and what stands below each."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeAlias

from interact_events.attendance.rules.columns import Column, columns_of, is_header
from interact_events.attendance.rules.stamps import stamp_of
from interact_events.core.errors import DomainError
from interact_events.core.sheets import DELIMITERS, OTHERS, Row, plain, refused, rows_of, shortened

MOST_ROWS = 100_000
LOOKED_AT = 100  # lines at the top among which the first heading has to be
AGAIN = "Export the attendance report as CSV."
WANTED = "a name or an e-mail address, and the time of each joining"


@dataclass(frozen=True)
class Block:
    """A heading with the rows below it; what stood above it since the block before."""

    above: list[Row]
    heading: Row
    columns: dict[Column, int]
    rows: list[Row]
    is_guessed: bool = False  # known by what stands in the columns, not by their names

    def cell(self, row: Row, column: Column) -> str:
        place = self.columns.get(column)
        return plain(row.cells[place]) if place is not None and place < len(row.cells) else ""


def blocks_of(text: str) -> list[Block]:
    """Every heading with its rows, by the one delimiter that shows a heading."""
    for delimiter in DELIMITERS:
        if _has_heading(text, delimiter):
            return list(_blocks(_rows(text, delimiter), _by_names))
    for delimiter in DELIMITERS:
        blocks = list(_blocks(_rows(text, delimiter), _by_content))
        if blocks:
            return [replace(block, is_guessed=True) for block in blocks]
    raise _no_heading(text)


def _no_heading(text: str) -> DomainError:
    for delimiter, name in OTHERS.items():
        if _has_heading(text, delimiter):
            return refused(
                f"The columns are separated by {name}: commas, semicolons or tabs were expected. "
                f"{AGAIN}"
            )
    line, found = next((n, t) for n, t in enumerate(text.splitlines(), 1) if t.strip())
    return refused(
        f"No line names the columns of an attendance report. Expected were {WANTED}, as in “Name, "
        f"Email, Join time, Leave time”; found in line {line:,}: “{shortened(found)}”."
    )


def _has_heading(text: str, delimiter: str) -> bool:
    top = islice(io.StringIO(text, newline=""), LOOKED_AT)
    rows = csv.reader(top, delimiter=delimiter, skipinitialspace=True)
    try:
        return any(is_header(columns_of(cells)) for cells in rows)
    except csv.Error:
        return False


def _rows(text: str, delimiter: str) -> list[Row]:
    return rows_of(
        text,
        delimiter,
        most=MOST_ROWS,
        above=LOOKED_AT,
        fewer="Export one meeting at a time.",
        again=AGAIN,
    )


Finder: TypeAlias = Callable[[Sequence[Row], int], dict[Column, int]]


def _blocks(rows: Sequence[Row], find: Finder) -> Iterator[Block]:
    headings = list(_headings(rows, find))
    before = 0
    for number, (place, columns) in enumerate(headings):
        end = headings[number + 1][0] if number + 1 < len(headings) else len(rows)
        people, length = _people(rows[place + 1 : end], columns)
        yield Block(list(rows[before:place]), rows[place], columns, people)
        before = place + 1 + length


def _people(below: Sequence[Row], columns: Mapping[Column, int]) -> tuple[list[Row], int]:
    """The rows below a heading, and where they end: at a title, or at an empty line that nobody
    with their time follows, for spreadsheets leave empty lines among people."""
    people: list[Row] = []
    is_apart = False
    for number, row in enumerate(below):
        if _is_empty(row):
            is_apart = True
        elif _ends_block(row) or (is_apart and not _has_time(row, columns)):
            return people, number
        else:
            people.append(row)
            is_apart = False
    return people, len(below)


def _has_time(row: Row, columns: Mapping[Column, int]) -> bool:
    places = (columns.get(each) for each in (Column.JOIN, Column.FIRST_JOIN, Column.STAMP))
    return any(p is not None and p in _times(row) for p in places)


def _headings(rows: Sequence[Row], find: Finder) -> Iterator[tuple[int, dict[Column, int]]]:
    """Looked for at the top, and below empty lines and titles alone: names are many."""
    may_be = True
    for place, row in enumerate(rows):
        if may_be or place < LOOKED_AT:
            columns = find(rows, place)
            if columns:
                yield place, columns
        may_be = _ends_block(row)


def _by_names(rows: Sequence[Row], place: int) -> dict[Column, int]:
    columns = columns_of(rows[place].cells)
    return columns if is_header(columns) else {}


def _by_content(rows: Sequence[Row], place: int) -> dict[Column, int]:
    """In a language that is not known: a line without times above one with a name and two times.

    Where there are more than two, those of the meeting stand before those of the person.
    """
    if place + 1 >= len(rows) or _times(rows[place]) or _ends_block(rows[place]):
        return {}
    below = rows[place + 1]
    times = _times(below)
    texts = [n for n, cell in enumerate(below.cells) if n not in times and plain(cell)]
    emails = [n for n in texts if "@" in below.cells[n]]
    names = [n for n in texts if n not in emails and any(c.isalpha() for c in below.cells[n])]
    if len(times) < 2 or len(rows[place].cells) < len(times) + 1 or not (names or emails):
        return {}
    found = {Column.JOIN: times[-2], Column.LEAVE: times[-1]}
    before = [name for name in names if name < times[-2]]
    found |= {Column.NAME: (before[-1:] or names)[0]} if names else {}
    return found | ({Column.EMAIL: emails[0]} if emails else {})


def _times(row: Row) -> list[int]:
    return [place for place, cell in enumerate(row.cells) if stamp_of(plain(cell))]


# “3. In-Meeting Activities” of Teams, “Panelist Details” of a webinar of Zoom.
_TITLE = re.compile(r"\d+\. |(host|panelist|attendee)s? details$|other attended$", re.IGNORECASE)


def _ends_block(row: Row) -> bool:
    """An empty line, or a title."""
    filled = [cell for cell in row.cells if cell.strip()]
    return not filled or (len(filled) == 1 and _TITLE.match(plain(filled[0])) is not None)


def _is_empty(row: Row) -> bool:
    return not any(cell.strip() for cell in row.cells)
