"""Who would come as a file for a spreadsheet: answers without names."""

from collections.abc import Iterable, Sequence
from io import BytesIO

import xlsxwriter

from interact_events.ideas.models import IdeaSupport
from interact_events.ideas.rules import Demand
from interact_events.registrations.views.export import harmless

ANSWERS = ("Role", "Programme", "Country", "Language", "Months", "What it should answer")


def as_workbook(demand: Demand, supports: Iterable[IdeaSupport]) -> bytes:
    """One sheet of counts, one of answers; nothing in it is a formula or a link."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    _sheet(book, "Demand", ("Question", "Answer", "People"), _counts(demand))
    _sheet(book, "Answers", ANSWERS, map(_answers, supports))
    book.close()
    return out.getvalue()


def _sheet(
    book: xlsxwriter.Workbook,
    name: str,
    head: Sequence[str],
    lines: Iterable[Sequence[str | int]],
) -> None:
    sheet, bold = book.add_worksheet(name), book.add_format({"bold": True})
    for column, title in enumerate(head):
        sheet.write_string(0, column, title, bold)
    for number, line in enumerate(lines, start=1):
        for column, cell in enumerate(line):
            if isinstance(cell, int):
                sheet.write_number(number, column, cell)
            else:
                sheet.write_string(number, column, harmless(cell))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(head) - 1, 24)


def _counts(demand: Demand) -> list[tuple[str, str, int]]:
    return [(question, bar.label, bar.people) for question, bars in demand for bar in bars]


def _answers(row: IdeaSupport) -> list[str]:
    profile = row.profile
    return [
        profile.role.label_in(),
        profile.programme.label if profile.programme else "",
        profile.country.name,
        row.language_name,
        row.months_named,
        row.comment,
    ]
