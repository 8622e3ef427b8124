"""A person's own QR code: shown by them, opened or scanned by who checks people in."""

from datetime import datetime

from flask import (
    Blueprint,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_login import current_user

from interact_events.attendance import actions, queries, rules
from interact_events.attendance.models import Presence
from interact_events.attendance.rules import Source
from interact_events.core import clock, qr
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.links import url
from interact_events.core.web.access import public, settings, visible
from interact_events.core.web.headers import NOT_INDEXED, WITH_CAMERA
from interact_events.core.web.limits import limiter
from interact_events.core.web.parts import part
from interact_events.events.models import Event, Session
from interact_events.events.policies import can_view_event
from interact_events.events.views.guard import staff_event
from interact_events.registrations.emails import check_in_address
from interact_events.registrations.models import Registration, State
from interact_events.registrations.queries import Purpose

blueprint = Blueprint("personal_codes", __name__)

FROM_ONE_ADDRESS = "120 per minute"  # a whole queue shows its codes through one venue's network
LONGEST = 80  # characters of a token, with room to spare


def _is_signed_in() -> bool:
    return bool(current_user.is_authenticated)


# -- the person ----------------------------------------------------------------------------------


@part("registration")
def on_own_page(event: Event, registration: Registration, now: datetime) -> str:
    """For those who come to the place; who joins online passes no desk."""
    has_seat = registration.state_shown(now) is State.CONFIRMED
    if not has_seat or registration.is_online or event.is_cancelled or event.ends_at <= now:
        return ""
    address = check_in_address(registration)
    return render_template(
        "attendance/personal_codes/_own.html", drawing=qr.inline(address, "Your check-in code")
    )


# -- whoever has the code ------------------------------------------------------------------------


@blueprint.get("/check-in/<token>")
@limiter.limit(FROM_ONE_ADDRESS, exempt_when=_is_signed_in)
@public
def show(token: str) -> Response:
    """For those who check people in at the event: who it is, and one button. For all others the
    code itself and nothing more, be it good or not."""
    visible(len(token) <= LONGEST)
    registration = _of_own_event(token)
    page = _desk_page(token, registration) if registration else _code_page(token)
    return make_response(page, NOT_INDEXED)


def _of_own_event(token: str) -> Registration | None:
    """Whose code it is, if the viewer may check in at that event."""
    if not _is_signed_in():
        return None
    key = settings().secret_key
    registration = queries.registration_of_code(Purpose.CHECK_IN, token, key=key)
    may = registration and can_view_event(current_user, registration.event)
    return registration if may else None


def _code_page(token: str) -> str:
    address = url("personal_codes.show", token=token)
    return render_template(
        "attendance/personal_codes/code.html", drawing=qr.inline(address, "Check-in code")
    )


def _desk_page(token: str, registration: Registration) -> str:
    event, now = registration.event, clock.now()
    session = _chosen_session(event, now)
    return render_template(
        "attendance/personal_codes/show.html",
        event=event,
        registration=registration,
        state=registration.state,
        session=session,
        noted=queries.presences_at(registration),
        is_closed=queries.closing_of(event) is not None,
        address=url_for(".tick", token=token),
    )


def _chosen_session(event: Event, now: datetime) -> Session | None:
    asked = request.args.get("session", type=int)
    chosen = queries.session_of(event, asked) if asked else None
    return chosen or rules.session_at(event.agenda, now)


@blueprint.post("/check-in/<token>")
def tick(token: str) -> Response:
    """As at the desk: `present` is 1 or 0, so that sending twice is harmless."""
    registration = _of_own_event(token)
    visible(registration)
    assert registration  # visible() has answered 404 otherwise
    number = request.form.get("session", type=int)
    session = queries.session_of(registration.event, number) if number else None
    visible(session)
    assert session
    present = request.form.get("present") == "1"
    try:
        is_news = _tick(registration, session, present=present)
    except DomainError as refusal:
        if not _is_from_script():
            raise
        return _refused(refusal)
    if _is_from_script():
        return _told(registration, session, is_news=is_news)
    address = url_for(".show", token=token, session=session.id)
    return redirect(address, code=303)  # type: ignore[return-value]  # werkzeug's own class


def _tick(registration: Registration, session: Session, *, present: bool) -> bool:
    is_news = actions.press(
        registration,
        session,
        present=present,
        actor=current_user,
        now=clock.now(),
        source=Source.QR,
    )
    db.session.commit()
    return is_news


def _is_from_script() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _refused(refusal: DomainError) -> Response:
    db.session.rollback()
    response = jsonify(message=refusal.message)
    response.status_code = 409
    return response


def _told(registration: Registration, session: Session, *, is_news: bool) -> Response:
    noted = queries.presence(registration, session)
    return jsonify(
        name=registration.name,
        said=_said(noted, is_news=is_news),
        is_present=noted is not None,
        may_undo=noted is not None and noted.source.can_be_unticked,
    )


def _said(noted: Presence | None, *, is_news: bool) -> str:
    if noted is None:
        return "is not checked in."
    return "is checked in." if is_news else f"was checked in before ({noted.source.label})."


# -- the scanner ---------------------------------------------------------------------------------


@blueprint.get("/offices/<code>/events/<slug>/check-in/scan")
def scan(code: str, slug: str) -> Response:
    """Reads one code after the other, where the browser can."""
    event = staff_event(code, slug)
    page = render_template(
        "attendance/personal_codes/scan.html",
        event=event,
        session=_chosen_session(event, clock.now()),
        is_closed=queries.closing_of(event) is not None,
    )
    return make_response(page, WITH_CAMERA)
