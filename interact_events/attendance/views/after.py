"""After the event: noting who did not come, closing the list, opening it again."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.attendance import actions, queries
from interact_events.attendance.forms import ReopenForm
from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event, can_lead_event
from interact_events.events.views.guard import staff_event

blueprint = Blueprint(
    "after_attendance", __name__, url_prefix="/offices/<code>/events/<slug>/attendance"
)


def _back(event: Event) -> Response:
    address = url_for("attendance.index", code=event.office.code, slug=event.slug)
    return redirect(address, code=303)


@blueprint.get("/no-shows")
def no_shows(code: str, slug: str) -> str:
    """Whom one press will note, before it is pressed."""
    event = staff_event(code, slug, can_edit_event)
    return render_template(
        "attendance/no_shows.html",
        event=event,
        has_ended=event.ends_at <= clock.now(),
        has_presence=queries.has_presence(event),
        missing=queries.missing(event),
        noted=queries.no_shows_at(event),
        closing=queries.closing_of(event),
    )


@blueprint.post("/no-shows")
def note_no_shows(code: str, slug: str) -> Response:
    event = staff_event(code, slug, can_edit_event)
    number = actions.note_no_shows(event, actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"{words.count(number, 'no-show')} noted.", "success")
    return _back(event)


@blueprint.post("/no-shows/take-back")
def take_back_no_shows(code: str, slug: str) -> Response:
    event = staff_event(code, slug, can_edit_event)
    number = actions.take_back_no_shows(event, actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"{words.count(number, 'no-show')} taken back.", "success")
    return _back(event)


@blueprint.post("/close")
def close(code: str, slug: str) -> Response:
    event = staff_event(code, slug, can_lead_event)
    actions.close_attendance(event, actor=current_user, now=clock.now())
    db.session.commit()
    flash("Attendance is closed.", "success")
    return _back(event)


@blueprint.route("/reopen", methods=["GET", "POST"])
def reopen(code: str, slug: str) -> str | Response:
    event, form = staff_event(code, slug, can_lead_event), ReopenForm()
    if form.validate_on_submit():
        try:
            reason = form.reason.data or ""
            actions.reopen_attendance(event, reason=reason, actor=current_user, now=clock.now())
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash("Attendance is open again.", "success")
            return _back(event)
    return render_template(
        "attendance/reopen.html", event=event, form=form, closings=queries.closings_of(event)
    )
