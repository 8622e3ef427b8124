"""A calendar as an answer: whole where it is short, else written while it is sent."""

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator

from flask import Response, request, stream_with_context

from interact_events.core import ics

EVERYBODYS = "public, max-age=0, must-revalidate"
ONES_OWN = "private, max-age=0, must-revalidate"


def calendar_answer(
    written: tuple[bytes, ics.Used],
    filename: str,
    *,
    name: str = "",
    cache: str = EVERYBODYS,
) -> Response:
    """With a `name` it is one to subscribe to. It may be kept and has to be asked about each time:
    304 while it is the same.

    Only the tag decides that, and it is made of the very bytes. A time of change could not: what a
    filter finds also changes when an event leaves it.
    """
    body, used = written
    head = ics.head(used, name=name, refresh=ics.REFRESH if name else None)
    response = Response(head + body + ics.END)
    _describe(response, filename, cache)
    if used.revised_at:
        response.last_modified = used.revised_at
    return response


def conditional(response: Response) -> Response:
    """The answer zipped for who takes that, or that it is still the same; what is kept for
    everybody has both done by `web.kept`."""
    is_zipped = _takes_gzip()
    digest = hashlib.sha256(response.get_data()).hexdigest()[:32]
    if is_zipped:
        response.set_data(b"".join(_zipped([response.get_data()])))
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(digest + "-gzip" * is_zipped)
    modified, response.last_modified = response.last_modified, None  # the tag alone decides
    response.make_conditional(request)
    response.last_modified = modified
    return response


def streamed_answer(
    parts: Callable[[], Iterator[bytes]], filename: str, *, tag: str | None
) -> Response:
    """A long one, whose first part leaves at once. `tag` names whatever decides what is in it,
    as its bytes are not known yet; without it, whoever asks gets it anew."""
    is_zipped = _takes_gzip()
    tagged = hashlib.sha256(tag.encode()).hexdigest()[:32] + "-gzip" * is_zipped if tag else None
    if tagged and tagged in request.if_none_match:
        response = Response(status=304)
    else:
        chunks = _zipped(parts()) if is_zipped else parts()
        response = Response(stream_with_context(chunks))
    _describe(response, filename, EVERYBODYS)
    if is_zipped:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    if tagged:
        response.set_etag(tagged)
    return response


def _describe(response: Response, filename: str, cache: str) -> None:
    response.content_type = "text/calendar; charset=utf-8"
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    response.headers["Cache-Control"] = cache


def _takes_gzip() -> bool:
    return request.accept_encodings["gzip"] > 0


def _zipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Always the same bytes: no name and no time in it."""
    zipper = zlib.compressobj(wbits=31)
    for chunk in chunks:
        if zipped := zipper.compress(chunk) + zipper.flush(zlib.Z_SYNC_FLUSH):
            yield zipped
    yield zipper.flush()
