"""Tables that programs export as text: bytes as letters, and cells with the lines they stand in."""

import csv
import io
from dataclasses import dataclass

from interact_events.core import words
from interact_events.core.errors import DomainError

LONGEST = 500  # characters of a cell that anything is made of
DELIMITERS = {"\t": "tabs", ",": "commas", ";": "semicolons"}
OTHERS = {"|": "vertical bars", "^": "circumflexes"}  # known, so that they can be named


@dataclass(frozen=True)
class Row:
    """A line of the file, by its number there, from 1."""

    line: int
    cells: list[str]


def refused(sentence: str) -> DomainError:
    """Why the file is none of those expected."""
    return DomainError(sentence, "file")


# -- text ----------------------------------------------------------------------------------------

OPENINGS = (
    (b"\xd0\xcf\x11\xe0", "This is a spreadsheet (XLS)."),
    (b"%PDF", "This is a PDF."),
    (b"\x89PNG", "This is a picture."),
    (b"\xff\xd8\xff", "This is a picture."),
    (b"{", "This is JSON."),
    (b"<", "This is a web page or XML."),
)


def text_of(content: bytes, again: str) -> str:
    """The text, UTF-8 or UTF-16, with or without a byte order mark; else a refusal;
    `again` says how to export it as expected."""
    if not content.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise _empty(content, again)
    _refuse_other_kinds(content, again)
    encoding = _encoding(content)
    try:
        text = content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise refused(_not_text(content, error, again)) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise refused(f"Line {line:,} holds what is no text. {again}")
    if not text.strip():
        raise _empty(content, again)
    return text


def _empty(content: bytes, again: str) -> DomainError:
    return refused(f"The file is empty: {words.count(len(content), 'byte')}. {again}")


def _refuse_other_kinds(content: bytes, again: str) -> None:
    if content.startswith(b"PK"):
        raise refused(f"{_archive(content)} {again}")
    start = content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    for opening, sentence in OPENINGS:
        if start.startswith(opening):
            raise refused(f"{sentence} {again}")


def _archive(content: bytes) -> str:
    if b"xl/" in content:
        return "This is a spreadsheet (XLSX)."
    if b"opendocument.spreadsheet" in content[:200]:
        return "This is a spreadsheet (ODS)."
    return "This is a ZIP archive or an office document."


def _encoding(content: bytes) -> str:
    """By the mark, or by where the empty halves of Latin letters are."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    start = content[:400]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) < len(start) // 8:
        return "utf-8"
    return "utf-16-le" if odd > even else "utf-16-be"


def _not_text(content: bytes, error: UnicodeDecodeError, again: str) -> str:
    if error.encoding.startswith("utf-16"):
        return f"The file breaks off in the middle of a letter: it seems truncated. {again}"
    line = content.count(b"\n", 0, error.start) + 1
    return (
        f"Line {line:,} is neither UTF-8 nor UTF-16 (byte {content[error.start]:#04x}), so its "
        "letters can’t be told. Send the file as it was exported, or save it as “CSV UTF-8”."
    )


def plain(cell: str) -> str:
    """A cell as text: nothing in it is ever computed, also where it looks like a formula.

    Webex writes ="2027-05-12 09:00:00", so that spreadsheets leave it alone.
    """
    cell = cell.strip()
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 2:
        cell = cell[2:-1]
    return " ".join("".join(c if c.isprintable() else " " for c in cell[:LONGEST]).split())


def shortened(text: str) -> str:
    """A line as a sentence quotes it."""
    text = plain(text.replace("\t", ", "))
    return text if len(text) <= 80 else text[:79] + "…"


# -- cells ---------------------------------------------------------------------------------------


def rows_of(
    text: str, delimiter: str, *, most: int, above: int, fewer: str, again: str
) -> list[Row]:
    """Every line with its cells: at most so many, and some above them; else a refusal, with what
    to do about it."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    rows, line = [], 1
    try:
        for cells in reader:
            rows.append(Row(line, cells))
            line = reader.line_num + 1
            if len(rows) > most + above:
                found = text.count("\n")
                raise refused(f"The file has {found:,} lines: at most {most:,} are read. {fewer}")
    except csv.Error:
        raise refused(
            f"Line {line:,}: a quotation mark is opened and not closed as expected. The file seems "
            f"truncated or changed by hand. {again}"
        ) from None
    return rows
