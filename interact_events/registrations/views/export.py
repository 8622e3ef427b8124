"""A list of registrations as a file for a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator
from io import BytesIO, StringIO

import xlsxwriter

from interact_events.core import words
from interact_events.events.models import Event
from interact_events.registrations import queries
from interact_events.registrations.models import Registration

COLUMNS = (
    *("Number", "Submitted", "State", "Name", "E-mail", "Role", "Programme", "Country"),
    *("Institution", "Takes part", "Sessions", "In participants' list", "Photos allowed"),
    *("Reason", "Beyond the rules"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """A spreadsheet runs what begins like a formula; an apostrophe in front makes it text."""
    return f"'{text}" if text.startswith(FORMULA) else text


def table(event: Event, rows: Iterable[Registration]) -> Iterator[list[str]]:
    """The head and a line for each registration, all of it safe text."""
    yield list(COLUMNS)
    sessions, chosen = queries.sessions_to_choose(event), queries.choices_of(event)
    for row in rows:
        titles = [each.title for each in sessions if each.id in chosen.get(row.id, ())]
        yield [harmless(cell) for cell in _cells(event, row, "; ".join(titles))]


def _cells(event: Event, row: Registration, sessions: str) -> list[str]:
    return [
        str(row.id),
        words.moment(row.submitted_at, event.zone),
        row.state.label,
        row.name,
        "" if row.user.is_deleted else row.user.email,
        row.role_label,
        row.programme.name if row.programme else "",
        row.country.name,
        row.institution,
        "online" if row.is_online else "on site",
        sessions,
        "yes" if row.may_be_listed else "no",
        "yes" if row.may_be_photographed else "no",
        row.reason,
        row.override,
    ]


def as_csv(lines: Iterable[list[str]]) -> bytes:
    """UTF-8 with a mark at the start, without which Excel takes it for something else."""
    out = StringIO()
    csv.writer(out).writerows(lines)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(lines: Iterable[list[str]], title: str = "Registrations") -> bytes:
    """A workbook written row by row; nothing in it is a formula or a link."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet(title)
    bold = book.add_format({"bold": True})
    for number, line in enumerate(lines):
        for column, cell in enumerate(line):
            sheet.write_string(number, column, cell, bold if number == 0 else None)
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()
