"""Error pages in the site's look, and refusals that reached the edge."""

from contextlib import suppress

import structlog
from flask import Flask, Response, current_app, flash, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError, TimeoutError
from werkzeug.exceptions import Gone, HTTPException, Unauthorized

from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web import stale

log = structlog.get_logger()

WORDS = {
    400: ("We could not read that request", "Go back, reload the page and try once more."),
    403: ("You may not do that", "Your account can see this, but may not change it."),
    404: ("We can't find that page", "It may have moved, or it is not yours to see."),
    405: ("That address can't be used this way", "Go back and use the buttons on the page."),
    413: ("That is too large", "Send a smaller file or a shorter text."),
    429: ("Too many tries", "Please wait a few minutes, then try again."),
    500: ("Something went wrong on our side", "It is noted. Please try again in a few minutes."),
    503: ("We can't answer right now", "Please try again in a minute."),
}

# The database is away, restarts, is held up by somebody else, or has more to do than it can.
AWAY = (OperationalError, InterfaceError, TimeoutError)

KEPT_HEADERS = ("Allow", "Retry-After")  # of the bare answer, for machines


def _page(code: int, advice: str | None = None) -> tuple[str, int]:
    title, usual_advice = WORDS[code]
    words = {"code": code, "title": title, "advice": advice or usual_advice}
    try:
        return render_template("errors/error.html", **words), code
    except Exception:  # the usual page asks for the person, and so for the database
        log.exception("error_page_failed")
        return current_app.jinja_env.get_template("errors/plain.html").render(words), code


def _http(error: HTTPException) -> tuple[str, int, dict[str, str]] | HTTPException:
    code = error.code or 500
    if code not in WORDS:
        return error
    kept = {name: value for name, value in error.get_headers() if name in KEPT_HEADERS}
    return *_page(code), kept


def link_over(advice: str = "", label: str = "", address: str = "") -> tuple[str, int]:
    """The one page for links from mails that do not work, with what helps."""
    page = render_template("errors/link_over.html", advice=advice, label=label, address=address)
    return page, 410


def _gone(_error: Gone) -> tuple[str, int]:
    return link_over()


def _csrf(error: CSRFError) -> Response | tuple[str, int]:
    """Scripts know by the status what to do; people get what they typed."""
    if "X-CSRFToken" in request.headers:
        return _page(400, "Reload the page and try once more.")
    return stale.refused(error)


def _refused(refusal: DomainError) -> Response:
    """A refusal that no form shows: say it on the page that the press came from."""
    db.session.rollback()
    flash(refusal.message, "danger")
    back = request.referrer if (request.referrer or "").startswith(request.host_url) else None
    return redirect(back or "/", code=303)  # type: ignore[return-value]  # werkzeug's own class


def _away(error: Exception) -> tuple[str, int, dict[str, str]]:
    _roll_back()
    log.error("database_away", exc_info=error)
    return *_page(503), {"Retry-After": "60"}


def _roll_back() -> None:
    """As far as there is a database that could."""
    with suppress(SQLAlchemyError):
        db.session.rollback()


def _bug(error: Exception) -> tuple[str, int]:
    _roll_back()
    log.error("bug", exc_info=getattr(error, "original_exception", None) or error)
    return _page(500)


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(Unauthorized, stale.signed_out)
    app.register_error_handler(Gone, _gone)
    app.register_error_handler(DomainError, _refused)
    for away in AWAY:
        app.register_error_handler(away, _away)
    app.register_error_handler(500, _bug)
    app.log_exception = lambda exc_info: None  # type: ignore[method-assign]  # _bug does, in JSON
