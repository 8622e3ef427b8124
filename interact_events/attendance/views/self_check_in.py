"""People check themselves in by the code that a room's screen shows or that is read out."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_login import current_user

from interact_events.attendance import actions, queries
from interact_events.attendance.models import RoomCode
from interact_events.attendance.queries import SCAN_LASTS, Scan
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import public, settings
from interact_events.core.web.limits import limiter
from interact_events.registrations.models import Registration

blueprint = Blueprint("self_check_in", __name__, url_prefix="/check-in/room")

GUESSING_BY_ONE_PERSON = "10 per minute; 60 per hour"
# A cookie of its own: signing in empties the session, and the address would work for others too.
COOKIE = "room_scan"
NOT_NOW = "That code is not read out now, or not for an event where you have a seat. Ask again."


def _person() -> str:
    return f"person {getattr(current_user, 'id', '')}"


def _was_refused(response: Response) -> bool:
    return response.status_code != 303


@blueprint.route("", methods=["GET", "POST"])
@limiter.limit(GUESSING_BY_ONE_PERSON, key_func=_person, methods=["POST"], deduct_when=_was_refused)
def spoken() -> str | Response:
    """Typing the code is the check-in: nobody else's page can send it."""
    if request.method == "GET":
        return _form()
    typed, now = request.form.get("code", ""), clock.now()
    code = queries.room_code_spoken(current_user, _tidied(typed), now)
    if code is None:
        return _form(typed, NOT_NOW)
    scan = Scan(code.session, now)
    try:
        actions.arrive(_own(scan), code.session, arrived_at=now, actor=current_user, now=now)
    except DomainError as refusal:
        db.session.rollback()
        return _form(typed, refusal.message)
    db.session.commit()
    return _to_button(code)


def _tidied(typed: str) -> str:
    """As it may be written down: in groups, in small letters."""
    return "".join(c for c in typed[:40] if c.isalnum()).upper()


def _form(typed: str = "", problem: str = "") -> str:
    return render_template("attendance/self_check_in/spoken.html", typed=typed, problem=problem)


@blueprint.get("/<token>")
@public
def shown(token: str) -> Response:
    """From the screen. It is looked at once, here; then there is time to sign in."""
    code = queries.room_code_shown(token, clock.now())
    return _to_button(code) if code else _over()


def _to_button(code: RoomCode) -> Response:
    """The browser keeps when it had the code before it."""
    response = redirect(url_for(".here"), code=303)
    response.set_cookie(
        COOKIE,
        queries.sign_scan(code, clock.now(), key=settings().secret_key),
        max_age=SCAN_LASTS,
        path=url_for(".spoken"),
        secure=settings().is_https,
        httponly=True,
        samesite="Lax",
    )
    return response  # type: ignore[return-value]  # werkzeug's own class


def _over() -> Response:
    """One page, whatever is wrong with a code of a room."""
    return make_response(render_template("attendance/self_check_in/over.html"), 410)


@blueprint.get("/here")
def here() -> str | Response:
    """One button; or why there is none, or that it is done."""
    scan = _scan()
    if scan is None:
        return _over()
    registration = _own(scan)
    noted = queries.presence(registration, scan.session) if registration else None
    return render_template(
        "attendance/self_check_in/here.html",
        session=scan.session,
        event=scan.session.event,
        registration=registration,
        noted=noted,
        obstacle="" if noted else _obstacle(scan, registration),
    )


@blueprint.post("/here")
def arrive() -> Response:
    scan = _scan()
    if scan is None:
        return _over()
    actions.arrive(
        _own(scan), scan.session, arrived_at=scan.at, actor=current_user, now=clock.now()
    )
    db.session.commit()
    return redirect(url_for(".here"), code=303)  # type: ignore[return-value]  # werkzeug's own class


def _scan() -> Scan | None:
    kept = request.cookies.get(COOKIE, "")
    return queries.scan_of_token(kept, key=settings().secret_key, now=clock.now())


def _own(scan: Scan) -> Registration | None:
    return queries.latest_registration(current_user, scan.session.event)


def _obstacle(scan: Scan, registration: Registration | None) -> str:
    try:
        actions.check_arrival(registration, scan.session, scan.at, now=clock.now())
    except DomainError as refusal:
        return refusal.message
    return ""
