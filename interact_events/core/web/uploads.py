"""Bodies larger than the usual limit, for views that take files from those who may send them."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from interact_events.core.db import db
from interact_events.core.errors import DomainError

View = TypeVar("View", bound=Callable[..., Any])

MB = 1024 * 1024
FIELDS = MB  # bytes for what is no file
MOST_READ_ON = 200 * MB  # of what is too large


def takes_files(view: View) -> View:
    """Mark a view that calls `receive` before it looks at the form.

    The token is checked there and not, as everywhere else, before the view: that would read all
    that is sent before anybody knows whether its sender may send it.
    """
    cast("Any", view).takes_files = True
    return view


def receive(most_mb: int) -> None:
    """Read what was sent, at most so much, and check the form's token.

    No transaction is open meanwhile: a slow line must not hold up everybody else.
    """
    db.session.rollback()
    request.max_content_length = most_mb * MB + FIELDS
    try:
        _ = request.files
    except RequestEntityTooLarge:
        _read_on(request.content_length or 0)
        raise DomainError(
            f"That was more than {most_mb} MB at once. Send fewer or smaller files."
        ) from None
    current_app.extensions["csrf"].protect()


def _read_on(most: int) -> None:
    """Let the browser finish: it shows no answer of a server that hangs up while it sends."""
    stream, left = request.environ["wsgi.input"], min(most, MOST_READ_ON)
    while left > 0 and (part := stream.read(min(left, MB))):
        left -= len(part)


def init_app(app: Flask) -> None:
    """After all views are there."""
    for view in app.view_functions.values():
        if getattr(view, "takes_files", False):
            app.extensions["csrf"].exempt(view)
