"""Within a process, requests take turns.

Threads are there for clients that send or read slowly. Where several of them compute at once, each
waits for the interpreter after every answer of the database, and who holds the lock of an event
holds it the longer: at an opening a fourth of the registrations is lost to that. A form is read
before its turn, an answer is sent after it, and files have none.
"""

import time
from collections.abc import Iterable
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATIENCE = 0.5  # seconds: nobody waits longer for a page that takes its time
MOST_READ = 2**16  # bytes of a body that is read at once
CAME = "interact_events.came"  # when the request did, by the performance counter


class Turns:
    """Stands before the application, on servers with several threads."""

    def __init__(self, app: "WSGIApplication", patience: float = PATIENCE) -> None:
        self._app = app
        self._patience = patience
        self._turn = Lock()

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        if not environ.get("wsgi.multithread"):
            return self._app(environ, start)
        environ[CAME] = time.perf_counter()
        if not _is_read(environ):
            return self._app(environ, start)
        has_turn = self._turn.acquire(timeout=self._patience)
        try:
            return self._app(environ, start)
        finally:
            if has_turn:
                self._turn.release()


def _is_read(environ: "WSGIEnvironment") -> bool:
    """Whether all of the body is at hand, however slowly it came."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > MOST_READ or "HTTP_TRANSFER_ENCODING" in environ:
        return False
    if length:
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(length))
    return True


def init_app(app: Flask) -> None:
    turns = Turns(app.wsgi_app)
    app.wsgi_app = turns  # type: ignore[assignment, method-assign]  # the documented way
