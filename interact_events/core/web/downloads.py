"""Answers that are files from the storage, for views that know who may have them."""

from collections.abc import Iterator
from typing import Protocol
from urllib.parse import quote

import structlog
from anyascii import anyascii
from flask import Response, abort, request

from interact_events.core.files import FileMissing, FilesAway, storage

log = structlog.get_logger()

# Whatever a browser makes of a file, it may neither run nor fetch anything on this site.
KEPT_APART = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Robots-Tag": "noindex"}


class Kept(Protocol):
    """A row whose file the storage has."""

    @property
    def id(self) -> int: ...
    @property
    def stored_as(self) -> str | None: ...
    @property
    def file_name(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def sha256(self) -> str: ...


def stored_file(row: Kept) -> Response:
    """The whole file, or the bytes that were asked for, read as they are sent."""
    answer = Response(content_type=row.media_type, headers=_headers(row.file_name))
    answer.set_etag(row.sha256)
    answer.content_length = row.size
    answer.make_conditional(request, accept_ranges=True, complete_length=row.size)
    if request.method == "GET" and answer.status_code in (200, 206):
        first, stop = answer.content_range.start, answer.content_range.stop
        answer.response = _content(row, first or 0, row.size if stop is None else stop)
        answer.direct_passthrough = True
    return answer


def _headers(name: str) -> dict[str, str]:
    return {"Content-Disposition": attachment(name)} | KEPT_APART


def attachment(name: str) -> str:
    """Both spellings of the name: the second is what browsers take."""
    plain = "".join(c for c in anyascii(name) if c.isalnum() or c in " ._-()")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _content(row: Kept, start: int, stop: int) -> Iterator[bytes]:
    try:
        return storage().read(row.stored_as or "", start, stop)
    except FileMissing:
        log.exception("file_missing", **{f"{type(row).__name__.lower()}_id": row.id})
        abort(404)
    except FilesAway:
        log.exception("files_away")
        abort(503)
