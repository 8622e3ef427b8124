"""When a web process looks for garbage: between requests, never in the midst of one.

It is faster so, for what is there from the start is never looked at again. And CPython 3.11 frees
memory twice where a collection falls into the making of an object's `__dict__` while another thread
makes the same one; under load that ended a process within seconds.
"""

import gc
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

YOUNG = 50_000  # objects made and not freed since the last look
MIDDLE, ALL = 10, 100  # every so many-th look is at older ones too


class CollectingBetween:
    """Stands before everything else, on servers with several threads alone."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app
        self._has_begun = False
        self._looks = 0

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        if environ.get("wsgi.multithread"):
            self._look()
        return self._app(environ, start)

    def _look(self) -> None:
        if not self._has_begun:
            self._has_begun = True
            gc.disable()
            gc.collect()
            gc.freeze()
        elif gc.get_count()[0] > YOUNG:
            self._looks += 1
            gc.collect(2 if self._looks % ALL == 0 else 1 if self._looks % MIDDLE == 0 else 0)


def init_app(app: Flask) -> None:
    before = CollectingBetween(app.wsgi_app)
    app.wsgi_app = before  # type: ignore[assignment, method-assign]  # the documented way
