"""The screen by which people in a room check themselves in, which staff start and stop."""

from datetime import datetime

from flask import Blueprint, Response, jsonify, redirect, render_template, url_for
from flask_login import current_user

from interact_events.attendance import actions, queries
from interact_events.attendance.models import SHOWN_FOR, RoomCode, left_of_slot
from interact_events.attendance.rules import BEFORE_START
from interact_events.core import clock, qr
from interact_events.core.db import db
from interact_events.core.links import url
from interact_events.core.web.access import visible
from interact_events.events.models import Event, Session
from interact_events.events.views.guard import staff_event, staff_session

blueprint = Blueprint(
    "room_codes", __name__, url_prefix="/offices/<code>/events/<slug>/room-code/<int:session_id>"
)


def _loaded(code: str, slug: str, session_id: int) -> tuple[Event, Session]:
    """Of an event that the viewer may check people in at."""
    event = staff_event(code, slug)
    session = staff_session(event, session_id)
    visible(session.cancelled_at is None)
    return event, session


@blueprint.get("")
def show(code: str, slug: str, session_id: int) -> str:
    """The screen while the code is on; else how to start it."""
    event, session = _loaded(code, slug, session_id)
    room_code, now = queries.room_code(session), clock.now()
    if room_code and room_code.is_open:
        return _screen(event, session, room_code, now)
    return render_template(
        "attendance/room_codes/show.html",
        event=event,
        session=session,
        is_closed=queries.closing_of(event) is not None,
        opens_at=session.starts_at - BEFORE_START,
        is_over=now >= session.ends_at,
        stopped_at=room_code.closed_at if room_code else None,
    )


def _screen(event: Event, session: Session, room_code: RoomCode, now: datetime) -> str:
    return render_template(
        "attendance/room_codes/screen.html",
        event=event,
        session=session,
        now=now,
        opens_at=session.starts_at - BEFORE_START,
        typing_address=url("self_check_in.spoken").partition("://")[2],
        **_now(session, room_code, now),
    )


def _now(session: Session, room_code: RoomCode, now: datetime) -> dict[str, object]:
    """What the screen shows at that moment."""
    return {
        "present": queries.present_count(session),
        "spoken": room_code.spoken_at(now) if session.event.mode.has_link else "",
        "slot": int(now.timestamp() // SHOWN_FOR.total_seconds()),
        "seconds": left_of_slot(now, SHOWN_FOR),
    }


@blueprint.get("/now")
def now(code: str, slug: str, session_id: int) -> Response:
    """For the screen's script; an empty answer once the code is off."""
    _, session = _loaded(code, slug, session_id)
    room_code = queries.room_code(session)
    if room_code is None or not room_code.is_open:
        return jsonify(is_open=False)
    return jsonify(is_open=True, **_now(session, room_code, clock.now()))


@blueprint.get("/code.svg")
def drawing(code: str, slug: str, session_id: int) -> Response:
    """The QR code of this moment."""
    _, session = _loaded(code, slug, session_id)
    room_code = queries.room_code(session)
    visible(room_code and room_code.is_open)
    assert room_code  # visible() has answered 404 otherwise
    address = url("self_check_in.shown", token=room_code.token_at(clock.now()))
    headers = {"Cache-Control": "no-store"}
    return Response(qr.svg(address, quiet_zone=4), mimetype="image/svg+xml", headers=headers)


@blueprint.post("/start")
def start(code: str, slug: str, session_id: int) -> Response:
    _, session = _loaded(code, slug, session_id)
    actions.start_room_code(session, actor=current_user, now=clock.now())
    return _saved(code, slug, session_id)


@blueprint.post("/stop")
def stop(code: str, slug: str, session_id: int) -> Response:
    _, session = _loaded(code, slug, session_id)
    actions.stop_room_code(session, actor=current_user, now=clock.now())
    return _saved(code, slug, session_id)


def _saved(code: str, slug: str, session_id: int) -> Response:
    db.session.commit()
    address = url_for(".show", code=code, slug=slug, session_id=session_id)
    return redirect(address, code=303)  # type: ignore[return-value]  # werkzeug's own class
