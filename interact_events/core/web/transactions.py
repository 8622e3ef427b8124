"""GET and HEAD only read, so that on SQLite they never wait for somebody's write."""

from contextlib import ExitStack

from flask import Flask, g, request

from interact_events.core.db import reading


def _begin() -> None:
    g.reading = ExitStack()
    if request.method in ("GET", "HEAD", "OPTIONS"):
        g.reading.enter_context(reading())


def _end(_error: BaseException | None) -> None:
    if "reading" in g:
        g.reading.close()


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.teardown_request(_end)
