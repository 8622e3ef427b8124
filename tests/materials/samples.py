"""Small files of every kind that may be shared, and materials as rows."""

import io
from datetime import datetime
from itertools import count
from typing import Any
from zipfile import ZipFile, ZipInfo

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.file_kinds import KINDS
from interact_events.core.files import Stored, storage
from interact_events.events.models import Event
from interact_events.materials.actions import FOLDER
from interact_events.materials.models import Material
from interact_events.materials.rules import Audience
from tests import make

_numbers = count(1)


def archive_of(members: dict[str, str]) -> bytes:
    """A ZIP archive, the same bytes at any time."""
    target = io.BytesIO()
    with ZipFile(target, "w") as file:
        for name, text in members.items():
            file.writestr(ZipInfo(name), text)
    return target.getvalue()


def office(main: str, *more: str) -> bytes:
    return archive_of(dict.fromkeys(("[Content_Types].xml", main, *more), "<xml/>"))


def open_document(kind: str, *more: str) -> bytes:
    first = {"mimetype": f"application/vnd.oasis.opendocument.{kind}"}
    return archive_of(first | dict.fromkeys(("content.xml", *more), "<xml/>"))


PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\0\n" + b"slides " * 4000

SAMPLES: dict[str, bytes] = {
    "pdf": PDF,
    "docx": office("word/document.xml"),
    "xlsx": office("xl/workbook.xml"),
    "pptx": office("ppt/presentation.xml"),
    "odt": open_document("text"),
    "ods": open_document("spreadsheet"),
    "odp": open_document("presentation"),
    "png": b"\x89PNG\r\n\x1a\n" + b"\0" * 9,
    "jpg": b"\xff\xd8\xff\xe0" + b"\0" * 9,
    "jpeg": b"\xff\xd8\xff\xe1" + b"\0" * 9,
    "gif": b"GIF89a" + b"\0" * 9,
    "webp": b"RIFF\x10\0\0\0WEBPVP8 ",
    "txt": 'Ζωή "Žižka"\n'.encode(),
    "csv": "Name;Seats\r\nŽižka;2\r\n".encode("cp1250"),
    "zip": archive_of({"slides/day 1.pptx": "x", "notes.txt": "y"}),
    "mp4": b"\0\0\0\x18ftypisom" + b"\0" * 9,
}
assert SAMPLES.keys() == KINDS.keys()


def material(
    of: Event,
    title: str = "Slides",
    audience: Audience = Audience.CONFIRMED,
    *,
    content: bytes = PDF,
    name: str = "slides.pdf",
    available_at: datetime | None = None,
    **values: Any,
) -> Material:
    """A material as the actions would have left it, its file stored; a link with `url`."""
    number = next(_numbers)
    row = Material(
        event_id=of.id,
        code=f"code-{number}",
        position=number,
        title=title,
        audience=audience,
        available_at=available_at,
        created_at=clock.now(),
        created_by_id=make.coordinator().id,
        **values,
    )
    if not row.url:
        row.url = ""
        stored = stored_file(content)
        row.stored_as, row.file_name = stored.name, name
        row.size, row.sha256 = stored.size, stored.sha256
    db.session.add(row)
    db.session.commit()
    return row


def stored_file(content: bytes = PDF) -> Stored:
    """A file in the storage that no row names yet."""
    stored = Stored(f"{FOLDER}/test-{next(_numbers)}", len(content), "0" * 64)
    storage().write(stored.name, io.BytesIO(content))
    return stored


def content_of(row: Material) -> bytes:
    return b"".join(storage().read(row.stored_as or "", 0, row.size))
