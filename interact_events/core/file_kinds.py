"""Which kinds of files people may send, known by their ending and by their content."""

import re
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import BinaryIO
from zipfile import ZipFile

from interact_events.core import words

# -- names ---------------------------------------------------------------------------------------

LONGEST = 120  # characters of a name; some systems take no more than 255 bytes


def cleaned_name(name: str) -> str:
    """The last part of a path, as every system can save it: "Übersicht 2027.pdf"."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name.replace("%22", '"')))[-1]
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C")  # nor turned backwards
    plain = re.sub(r'[<>:"|?*\s]+', " ", kept).strip(" .")
    stem, ending = _parted(plain)
    return (stem[: LONGEST - len(ending)].strip(" .") or "file") + ending


def title_of(name: str) -> str:
    """What a file is called until somebody says it better: "unit_costs.pdf" is "unit costs"."""
    return " ".join(_parted(name)[0].replace("_", " ").split())


def ending_of(name: str) -> str:
    """ "pdf"."""
    return _parted(name)[1].removeprefix(".").lower()


def _parted(name: str) -> tuple[str, str]:
    ending = PurePosixPath(name).suffix
    return (name.removesuffix(ending), ending) if 1 < len(ending) <= 6 else (name, "")


# -- kinds of files ------------------------------------------------------------------------------

Check = Callable[[BinaryIO], str]  # what is wrong with the content, or nothing


@dataclass(frozen=True)
class FileKind:
    """What a file of this kind is called, is sent as, and has to look like."""

    label: str
    media_type: str
    check: Check


def _begins(content: BinaryIO, *starts: bytes, at: int = 0) -> str:
    content.seek(at)
    head = content.read(max(map(len, starts)))
    return "" if head.startswith(starts) else UNLIKE


UNLIKE = "its content is of another kind than its name says"
LOCKED = "it is protected by a password, so that nobody can check it"
MACROS = "it contains macros; save it without them"


def _is_webp(content: BinaryIO) -> str:
    return _begins(content, b"RIFF") or _begins(content, b"WEBP", at=8)


def _is_text(content: BinaryIO) -> str:
    """Text for people: no bytes that no text has, and nothing that a program would run."""
    content.seek(0)
    first = content.read(64 * 1024)
    if re.match(rb"(\xef\xbb\xbf)?\s*(<[!?a-z]|#!)", first, re.IGNORECASE):
        return "it is a web page or a script"
    chunk = first
    while chunk:
        if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", chunk):
            return UNLIKE
        chunk = content.read(1024 * 1024)
    return ""


def _inside(content: BinaryIO, look: Callable[[ZipFile], str]) -> str:
    """What `look` finds in an archive, which Office files are as well."""
    if _begins(content, b"PK\x03\x04"):
        content.seek(0)
        old = content.read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        return "it is protected by a password or of the format before 2007" if old else UNLIKE
    try:
        with ZipFile(content) as archive:
            is_locked = any(each.flag_bits & 1 for each in archive.infolist())
            return LOCKED if is_locked else look(archive)
    except Exception:  # noqa: BLE001  # whatever a broken archive makes the library say
        return "it is damaged"


def _is_office(main: str, content: BinaryIO) -> str:
    """A file of Word, Excel or PowerPoint has its main part under a fixed name."""

    def look(archive: ZipFile) -> str:
        names = set(archive.namelist())
        if not {"[Content_Types].xml", main} <= names:
            return UNLIKE
        return MACROS if any(name.lower().endswith("vbaproject.bin") for name in names) else ""

    return _inside(content, look)


def _is_open_document(media_type: str, content: BinaryIO) -> str:
    """An OpenDocument file says what it is in its first member."""

    def look(archive: ZipFile) -> str:
        if "mimetype" not in archive.namelist():
            return UNLIKE
        with archive.open("mimetype") as member:
            if member.read(200).strip() != media_type.encode():
                return UNLIKE
        has_macros = any(n.startswith(("Basic/", "Scripts/")) for n in archive.namelist())
        return MACROS if has_macros else ""

    return _inside(content, look)


# What a double click would run or a browser would show as a page of ours, and archives, into
# which nobody looks.
BARRED = frozenset(
    (
        *("app", "bat", "bin", "cmd", "com", "cpl", "dll", "exe", "hta", "iso", "jar", "js", "jse"),
        *("lnk", "msi", "msp", "pif", "ps1", "psm1", "reg", "scr", "sh", "url", "vbe", "vbs"),
        *("wsf", "wsh", "apk", "dmg", "docm", "dotm", "pptm", "xlsm", "xlam", "htm", "html"),
        *("potm", "ppam", "ppsm", "sldm", "xlsb", "xltm", "xll", "vb", "chm", "msc", "scf", "wsc"),
        *("mhtml", "svg", "xhtml", "xml", "7z", "bz2", "gz", "rar", "tar", "tgz", "xz", "zip"),
    )
)


def _opened_as(name: str) -> str:
    """The ending that counts: Windows drops last dots and spaces, and what follows a colon."""
    return ending_of(name.partition(":")[0].rstrip(". "))


def _is_archive(content: BinaryIO) -> str:
    def look(archive: ZipFile) -> str:
        barred = [name for name in archive.namelist() if _opened_as(name) in BARRED]
        return f"it contains “{cleaned_name(barred[0])}”" if barred else ""

    return _inside(content, look)


def _office(label: str, kind: str, main: str) -> FileKind:
    media_type = f"application/vnd.openxmlformats-officedocument.{kind}"
    return FileKind(label, media_type, partial(_is_office, main))


def _open_document(label: str, kind: str) -> FileKind:
    media_type = f"application/vnd.oasis.opendocument.{kind}"
    return FileKind(label, media_type, partial(_is_open_document, media_type))


def _starting(label: str, media_type: str, *starts: bytes, at: int = 0) -> FileKind:
    return FileKind(label, media_type, lambda content: _begins(content, *starts, at=at))


_JPEG = _starting("Picture", "image/jpeg", b"\xff\xd8\xff")

KINDS: dict[str, FileKind] = {
    "pdf": _starting("PDF", "application/pdf", b"%PDF-"),
    "docx": _office("Word document", "wordprocessingml.document", "word/document.xml"),
    "xlsx": _office("Excel workbook", "spreadsheetml.sheet", "xl/workbook.xml"),
    "pptx": _office("PowerPoint slides", "presentationml.presentation", "ppt/presentation.xml"),
    "odt": _open_document("Text document", "text"),
    "ods": _open_document("Spreadsheet", "spreadsheet"),
    "odp": _open_document("Slides", "presentation"),
    "png": _starting("Picture", "image/png", b"\x89PNG\r\n\x1a\n"),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "gif": _starting("Picture", "image/gif", b"GIF87a", b"GIF89a"),
    "webp": FileKind("Picture", "image/webp", _is_webp),
    "txt": FileKind("Text", "text/plain", _is_text),
    "csv": FileKind("CSV table", "text/csv", _is_text),
    "zip": FileKind("ZIP archive", "application/zip", _is_archive),
    "mp4": _starting("Video", "video/mp4", b"ftyp", at=4),
}

ALLOWED = (
    "PDF, Word, Excel and PowerPoint (docx, xlsx, pptx), OpenDocument (odt, ods, odp), "
    "pictures (png, jpg, gif, webp), text, CSV, ZIP and MP4"
)


def problem_with(
    name: str,
    content: BinaryIO,
    *,
    most_mb: int,
    done: str = "shared",
    taken: Collection[str] = KINDS,
) -> str:
    """Why a file can't be shared, or `done` otherwise, in words; nothing if it can."""
    kind = KINDS.get(ending_of(name))
    if kind is None or ending_of(name) not in taken:
        return f"“{name}” can't be {done}: files of that type are not taken."
    size = content.seek(0, 2)
    if not size:
        return f"“{name}” is empty."
    if size > most_mb * 1024 * 1024:
        return f"“{name}” has {words.size(size)}; a file may have {most_mb} MB at most."
    wrong = kind.check(content)
    return f"“{name}” can't be {done}: {wrong}." if wrong else ""
