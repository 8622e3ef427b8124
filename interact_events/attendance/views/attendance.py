"""The list from which staff tick who is there."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask_login import current_user

from interact_events.attendance import actions, queries, rules
from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import visible
from interact_events.events.models import Event, Session
from interact_events.events.views.guard import staff_event
from interact_events.registrations.models import Registration

blueprint = Blueprint("attendance", __name__, url_prefix="/offices/<code>/events/<slug>/attendance")


@blueprint.get("")
def index(code: str, slug: str) -> str:
    event = staff_event(code, slug)
    session = _chosen_session(event)
    sought = request.args.get("q", "")
    everybody = queries.expected(event)
    present = queries.present_in(session) if session else set()
    return render_template(
        "attendance/index.html",
        event=event,
        session=session,
        sought=sought,
        people=everybody,
        found=_found(everybody, sought),
        present=present,
        last=next((r for r in everybody if r.id == request.args.get("last", type=int)), None),
    )


def _chosen_session(event: Event) -> Session | None:
    asked = request.args.get("session", type=int)
    chosen = queries.session_of(event, asked) if asked else None
    return chosen or rules.session_at(event.agenda, clock.now())


def _found(people: list[Registration], sought: str) -> set[int]:
    """Everybody in whose text each of the words occurs; the others stay in the page, hidden."""
    parts = words.folded(sought).split()
    return {row.id for row in people if all(part in row.search_text for part in parts)}


@blueprint.post("/<int:session_id>/<int:registration_id>")
def tick(code: str, slug: str, session_id: int, registration_id: int) -> Response:
    """One tick: `present` is 1 or 0, never "the other one", so that sending twice is harmless."""
    event = staff_event(code, slug)
    session = queries.session_of(event, session_id)
    registration = queries.registration_of(event, registration_id)
    visible(session and registration)
    assert session
    assert registration
    present = request.form.get("present") == "1"
    try:
        actions.tick(registration, session, present=present, actor=current_user, now=clock.now())
    except DomainError as refusal:
        if not _is_from_script():
            raise
        return _refused(refusal)
    db.session.commit()
    if _is_from_script():
        return _counts(event, session)
    return _back_to_list(event, session, registration)


def _is_from_script() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _refused(refusal: DomainError) -> Response:
    db.session.rollback()
    response = jsonify(message=refusal.message)
    response.status_code = 409
    return response


def _counts(event: Event, session: Session) -> Response:
    return jsonify(present=queries.present_count(session), expected=queries.expected_count(event))


def _back_to_list(event: Event, session: Session, registration: Registration) -> Response:
    """The same list, with what was just done and its undo on top."""
    address = url_for(
        "attendance.index",
        code=event.office.code,
        slug=event.slug,
        session=session.id,
        q=request.form.get("q") or None,
        last=registration.id,
        _anchor="ticks",
    )
    return redirect(address, code=303)  # type: ignore[return-value]  # werkzeug's own class
