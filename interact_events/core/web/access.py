"""Who may open what: every route is private unless marked, and things hide from strangers."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import Flask, Response, abort, current_app, request, session
from flask_login import LoginManager, current_user
from werkzeug.exceptions import Unauthorized
from werkzeug.routing import IntegerConverter, Map

if TYPE_CHECKING:
    from interact_events.config import Settings

View = TypeVar("View", bound=Callable[..., Any])

login_manager = LoginManager()
login_manager.login_view = "accounts.sign_in"
login_manager.login_message = "Please sign in to open that page."
login_manager.login_message_category = "info"
login_manager.session_protection = None  # each sign-in is a row that can be ended instead


def public(view: View) -> View:
    """Mark a view that anybody may open without signing in."""
    cast("Any", view).is_public = True
    return view


def is_public(endpoint: str | None) -> bool:
    """Whether strangers may open the endpoint."""
    if endpoint and endpoint.rpartition(".")[2] == "static":
        return True
    return getattr(current_app.view_functions.get(endpoint or ""), "is_public", False)


def visible(allowed: object) -> None:
    """404 unless `allowed`: what a person may not see does not exist for them."""
    if not allowed:
        abort(404)


def working(link: object) -> None:
    """410 unless something stands behind a mailed link: one page, whatever is wrong with it."""
    if not link:
        abort(410)


def permitted(allowed: object) -> None:
    """403 unless `allowed`: seen, but not theirs to do."""
    if not allowed:
        abort(403)


def local_path(wanted: str | None) -> str | None:
    """`wanted` if it is a path of this site, so that no link of ours leads a person elsewhere.

    Browsers read a backslash as a slash and skip control characters; two slashes name a host.
    """
    if not wanted or not wanted.startswith("/") or wanted.startswith("//"):
        return None
    return None if any(c <= " " or c == "\\" for c in wanted) else wanted


def settings() -> "Settings":
    """The settings of the running application."""
    return cast("Settings", current_app.extensions["settings"])


class RowNumber(IntegerConverter):
    """A row's number in an address; what no column can hold is simply not found."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


def _readable() -> None:
    """PostgreSQL's texts hold no NUL, and no honest address does."""
    if "\0" in request.path or any("\0" in v for _, v in request.args.items(multi=True)):
        abort(404)


def _private_by_default() -> Any:
    if request.endpoint is None or is_public(request.endpoint):
        return None
    if current_user.is_authenticated:
        return None
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return login_manager.unauthorized()
    raise Unauthorized  # `stale` keeps what was typed, as far as it can


def _not_in_shared_caches(response: Response) -> Response:
    """A page made for one person must not be kept for the next, nor by the back button."""
    if "Cache-Control" not in response.headers:
        signed_in = "_user_id" in session  # asks no database, which may be what has failed
        response.headers["Cache-Control"] = "no-store" if signed_in else "no-cache, private"
    return response


def init_app(app: Flask) -> None:
    login_manager.init_app(app)
    app.before_request(_readable)
    app.before_request(_private_by_default)
    app.after_request(_not_in_shared_caches)
