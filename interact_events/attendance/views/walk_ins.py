"""Letting in somebody who is not on the list: added and ticked by one press."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.attendance import actions
from interact_events.attendance.views.check_in import address_of, chosen_session, may_add
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Event, Session
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import staff_event
from interact_events.registrations.actions import decide
from interact_events.registrations.forms import BeyondFields
from interact_events.registrations.models import Registration, State
from interact_events.registrations.rules import MOVES
from interact_events.registrations.views.adding import Adding, add_to, adding_to

blueprint = Blueprint("walk_ins", __name__, url_prefix="/offices/<code>/events/<slug>/check-in")


@blueprint.route("/add", methods=["GET", "POST"])
def add(code: str, slug: str) -> str | Response:
    event, now = staff_event(code, slug, can_edit_event), clock.now()
    session = chosen_session(event)
    refusal = actions.not_now(event, session, now) if session else "There is no session to tick."
    if session is None or refusal or not may_add(event, now):
        flash(refusal or "The event takes nobody any more.", "warning")
        return redirect(url_for("check_in.index", code=code, slug=slug), code=303)
    adding = adding_to(event)
    form = _form(event, adding)
    if form and form.validate_on_submit():
        try:
            added = _let_in(event, session, adding, form)
        except DomainError as refused:
            db.session.rollback()
            form.refuse(refused)
        else:
            db.session.commit()
            return redirect(address_of(event, session, added.id), code=303)
    values = {"event": event, "session": session} | vars(adding) | {"form": form}
    return render_template("attendance/add.html", **values)


def _form(event: Event, adding: Adding) -> BeyondFields | None:
    """Who is on the list without a seat needs no more than the seat."""
    listed = adding.listed
    if listed is None:
        return adding.form
    may_move = listed.state is not State.UNCONFIRMED and State.CONFIRMED in MOVES[listed.state]
    form = BeyondFields(event) if may_move else None
    if form and "mode" in form:
        del form.mode  # they have chosen
    return form


def _let_in(event: Event, session: Session, adding: Adding, form: BeyondFields) -> Registration:
    now, row = clock.now(), adding.listed
    if row is None:
        row = add_to(event, adding)
    else:
        to, beyond = State.CONFIRMED, form.reason_beyond
        decide(event, [row.id], to, actor=current_user, now=now, override=beyond)
    actions.let_in(row, session, actor=current_user, now=now)
    return row
