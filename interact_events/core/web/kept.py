"""Pages, kept as bytes while nothing that any page shows has changed.

A hit is answered before Flask is asked: one question to the database, whether the version is still
the one under which the page was made, and the bytes. The page of who is signed in is kept for the
very cookies it was made for, and the same question asks whether that sign-in still lasts. By the
clock a page holds until the end of its minute, for all instants on which pages depend lie on a
full one (`clock.to_utc`, `clock.full_minute`).
"""

import gzip
import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, wraps
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar, cast

import structlog
from flask import Flask, Response, current_app, g, request, session
from flask_login import current_user
from structlog.contextvars import clear_contextvars
from werkzeug.http import parse_accept_header

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.versions import Reader, watching

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

View = TypeVar("View", bound=Callable[..., Any])
Headers = list[tuple[str, str]]
log = structlog.get_logger()

MOST_BYTES = 64 * 1024 * 1024  # of all that a process keeps
LARGEST = 2 * 1024 * 1024  # bytes of an answer that is kept
BESIDES = 1000  # bytes that a page takes besides its body and its address
SESSION = "interact_events"  # the cookie
_FRESH = {"content-length", "content-encoding", "x-request-id", "etag", "vary"}
_STAMP = "interact_events.stamp"  # in a request's environment: its answer's, and the route


def kept(view: View) -> View:
    """Keep what the view answers to strangers, and to each person who is signed in. It is public,
    and depends on nothing but its address, who asks, the database and the minute."""

    @wraps(view)
    def stamped(*arguments: Any, **values: Any) -> Any:
        pages: KeptPages = current_app.extensions["kept_pages"]
        stamp = g.stamp = pages.stamp()  # before anything is read, also before who asks is
        reader = _whose()
        with watching() as watch:
            answer = view(*arguments, **values)
        is_whole = not (isinstance(answer, Response) and answer.is_streamed)
        if stamp and reader and is_whole and not watch.has_read_hidden:
            request.environ[_STAMP] = (
                replace(stamp, sign_in=reader.sign_in),
                str(request.url_rule),
            )
        return answer

    cast("Any", stamped).is_kept = True
    return cast("View", stamped)


@dataclass(frozen=True)
class _Reader:
    """Whose a page is that may be kept: nobody's, or of one sign-in."""

    sign_in: str | None


def _whose() -> _Reader | None:
    """Whether a session is there is asked of Flask too, which may read a header otherwise than
    `_cookies` does: what is made with one must never be kept for strangers."""
    if not _cookies(request.environ):
        return None if session else _Reader(None)
    is_known = current_user.is_authenticated and "_flashes" not in session
    return _Reader(g.sign_in) if is_known and g.get("sign_in") else None


def stamped_version() -> str | None:
    """The version under which this answer is made, read before anything else was."""
    stamp: Stamp | None = g.get("stamp")
    return stamp.version if stamp else None


def version_shown() -> str | None:
    """The version of all that pages show, for a tag of what is too long to be kept."""
    pages: KeptPages = current_app.extensions["kept_pages"]
    stamp = pages.stamp()
    return stamp.version if stamp else None


def _cookies(environ: "WSGIEnvironment") -> str:
    """The cookies, if a session may be among them: whatever comes before or after its name."""
    cookies: str = environ.get("HTTP_COOKIE", "")
    return cookies if SESSION in cookies else ""


@dataclass(frozen=True)
class Stamp:
    """What an answer holds under: read before anything else was."""

    version: str
    minute: int
    sign_in: str | None = None  # the hash of its token; nothing for strangers


@dataclass(frozen=True)
class Form:
    """An answer as it is sent."""

    headers: Headers
    body: bytes
    tag: str


class KeptPage:
    """An answer with what it holds under; it is zipped once somebody wants it so. One person's is
    sent as it is: zipped, its length could tell of the token in it, and no browser may keep it."""

    def __init__(self, stamp: Stamp, route: str, headers: Headers, body: bytes) -> None:
        self.stamp = stamp
        self.route = route
        self._headers = [pair for pair in headers if pair[0].lower() not in _FRESH]
        self.is_everybodys = stamp.sign_in is None
        varies = [value for name, value in headers if name.lower() == "vary"]
        by = ["Accept-Encoding", *varies] if self.is_everybodys else varies
        self._headers.append(("Vary", ", ".join(dict.fromkeys(by))))
        self._digest = hashlib.sha256(body).hexdigest()[:32]
        self.plain = self._form(body, "")
        self.size = len(body) * (2 if self.is_everybodys else 1) + BESIDES  # in each form

    @cached_property
    def zipped(self) -> Form:
        """Always the same bytes: no name and no time in it."""
        form = self._form(gzip.compress(self.plain.body, compresslevel=6, mtime=0), "-gzip")
        return replace(form, headers=[*form.headers, ("Content-Encoding", "gzip")])

    def _form(self, body: bytes, suffix: str) -> Form:
        """Each has a tag of its own."""
        tag = f'"{self._digest}{suffix}"'
        tagged = [("ETag", tag)] if self.is_everybodys else []
        about = [("Content-Length", str(len(body))), *tagged]
        return Form([*self._headers, *about], body, tag)

    def form(self, environ: "WSGIEnvironment") -> Form:
        """As whoever asks can read it."""
        is_zipped = self.is_everybodys and takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        return self.zipped if is_zipped else self.plain


@lru_cache(maxsize=256)
def takes_gzip(accepted: str) -> bool:
    return parse_accept_header(accepted)["gzip"] > 0


class KeptPages:
    """Stands before the application: answers what it has kept, and keeps what it is told to."""

    def __init__(
        self,
        app: "WSGIApplication",
        version: Callable[[str | None], str | None],
        *,
        most: int = MOST_BYTES,
    ) -> None:
        self.version = version
        self._app = app
        self._most = most
        self._pages: OrderedDict[tuple[str, ...], KeptPage] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._app(environ, start)
        began, address = time.perf_counter(), _address(environ)
        page = self.present(address)
        if page:
            number = secrets.token_hex(8)
            status, body = _send(page, environ, start, number)
            _note(environ["REQUEST_METHOD"], page.route, status, began, number)
            return body
        return self._ask(address, environ, start)

    def stamp(self) -> Stamp | None:
        """What holds now; nothing where the database does not say, and then nothing is kept."""
        minute = _minute()
        try:
            version = self.version(None)
        except Exception:  # noqa: BLE001  # the view then says what is wrong
            return None
        return Stamp(version, minute) if version else None

    def forget(self) -> None:
        with self._lock:
            self._pages.clear()
            self._bytes = 0

    def _holds(self, page: KeptPage) -> bool:
        if page.stamp.minute != _minute():
            return False
        try:
            return page.stamp.version == self.version(page.stamp.sign_in)
        except Exception:  # noqa: BLE001  # the application then says what is wrong
            return False

    def present(self, address: tuple[str, ...]) -> KeptPage | None:
        """The page of that address, if it is as it would be made now."""
        page = self._pages.get(address)
        if not (page and self._holds(page)):
            return None
        self._touch(address)
        return page

    def _touch(self, address: tuple[str, ...]) -> None:
        with self._lock:
            if address in self._pages:
                self._pages.move_to_end(address)

    # -- keeping ---------------------------------------------------------------------------------

    def _ask(
        self, address: tuple[str, ...], environ: "WSGIEnvironment", start: "StartResponse"
    ) -> Iterable[bytes]:
        """The application's own answer, kept if its view has said so."""
        said: list[Any] = []

        def begin(status: str, headers: Headers, exc_info: Any = None) -> Any:
            said[:] = [status, headers]
            if _is_to_keep(environ, status, headers):
                return said.append
            return start(status, headers, exc_info) if exc_info else start(status, headers)

        answer = self._app(environ, begin)
        if not (said and _is_to_keep(environ, *said)):
            return answer
        try:
            body = b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()
        return self._first_answer(address, environ, start, said[1], body)

    def _first_answer(
        self,
        address: tuple[str, ...],
        environ: "WSGIEnvironment",
        start: "StartResponse",
        headers: Headers,
        body: bytes,
    ) -> Iterable[bytes]:
        stamp, route = environ[_STAMP]
        page = KeptPage(stamp, route, headers, body)
        self.keep(address, page)
        number = next(value for name, value in headers if name == "X-Request-Id")
        return _send(page, environ, start, number)[1]

    def keep(self, address: tuple[str, ...], page: KeptPage) -> None:
        if page.size > LARGEST:
            return
        with self._lock:
            self._drop(address)
            self._pages[address] = page
            self._bytes += _weight(address, page)
            while self._bytes > self._most:
                self._drop(next(iter(self._pages)))

    def _drop(self, address: tuple[str, ...]) -> None:
        page = self._pages.pop(address, None)
        self._bytes -= _weight(address, page) if page else 0


def _weight(address: tuple[str, ...], page: KeptPage) -> int:
    return page.size + sum(map(len, address))


def _minute() -> int:
    return int(clock.now().timestamp() // 60)


def _address(environ: "WSGIEnvironment") -> tuple[str, ...]:
    """All of a request that an answer depends on."""
    return (
        environ["wsgi.url_scheme"],
        environ.get("HTTP_HOST", ""),
        environ.get("SCRIPT_NAME", ""),
        environ.get("PATH_INFO", ""),
        environ.get("QUERY_STRING", ""),
        _cookies(environ),
    )


def _is_to_keep(environ: "WSGIEnvironment", status: str, headers: Headers) -> bool:
    return (
        _STAMP in environ
        and environ["REQUEST_METHOD"] == "GET"
        and status.startswith("200 ")
        and not any(name.lower() == "set-cookie" for name, _ in headers)
    )


def _send(
    page: KeptPage, environ: "WSGIEnvironment", start: "StartResponse", number: str
) -> tuple[int, Iterable[bytes]]:
    """The answer, or that it is the one which whoever asks has already."""
    form = page.form(environ)
    if page.is_everybodys and form.tag in environ.get("HTTP_IF_NONE_MATCH", ""):
        kept = [pair for pair in form.headers if not pair[0].startswith("Content-")]
        start("304 NOT MODIFIED", [*kept, ("X-Request-Id", number)])
        return 304, ()
    start("200 OK", [*form.headers, ("X-Request-Id", number)])
    return 200, () if environ["REQUEST_METHOD"] == "HEAD" else (form.body,)


def _note(method: str, route: str, status: int, began: float, number: str) -> None:
    """The same line as of any request."""
    clear_contextvars()
    log.info(
        "request",
        request_id=number,
        method=method,
        route=route,
        status=status,
        ms=round((time.perf_counter() - began) * 1000, 1),
    )


def init_app(app: Flask, still_signed_in: str) -> None:
    """Before whatever else stands before the application asks for the address. `still_signed_in`
    is a query that finds a row while the sign-in of the hash that follows it lasts."""
    with app.app_context():
        version = Reader(db.engine, still_signed_in)
    pages = KeptPages(app.wsgi_app, version)
    app.extensions["kept_pages"] = pages
    app.wsgi_app = pages  # type: ignore[assignment, method-assign]  # the documented way
