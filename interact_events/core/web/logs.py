"""One line of JSON for each request, with an id and without personal data."""

import logging
import secrets
import sys
import time

import structlog
from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from interact_events.core.web.turns import CAME

log = structlog.get_logger()


def _begin() -> None:
    clear_contextvars()
    g.began = request.environ.get(CAME) or time.perf_counter()
    g.request_id = secrets.token_hex(8)
    bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    """The route's pattern is logged, not the address: that may name a person or hold a secret."""
    if request.endpoint != "static":
        log.info(
            "request",
            method=request.method,
            route=str(request.url_rule) if request.url_rule else None,
            status=response.status_code,
            ms=round((time.perf_counter() - g.began) * 1000, 1),
        )
    response.headers["X-Request-Id"] = g.request_id
    return response


def init_app(app: Flask) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    app.before_request(_begin)
    app.after_request(_end)
