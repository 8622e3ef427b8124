"""Changes of an event that its registrants feel."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import settings
from interact_events.events.forms import CopyForm, EventForm
from interact_events.events.policies import can_duplicate_event, can_edit_event, can_lead_event
from interact_events.events.views.guard import staff_event
from interact_events.registrations import actions
from interact_events.registrations.forms import CancelEventForm

blueprint = Blueprint("changes", __name__)


@blueprint.route("/offices/<code>/events/<slug>/edit", methods=["GET", "POST"])
def edit(code: str, slug: str) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    form = EventForm(event.office, event)
    if form.validate_on_submit():
        try:
            up, told = actions.change_event(
                event, form.values(), actor=current_user, now=clock.now()
            )
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash(_saved(up, told), "success")
            return redirect(url_for("office_events.show", code=code, slug=slug), code=303)
    return render_template("events/office/form.html", event=event, form=form, heading="Details")


def _saved(up: int, told: int) -> str:
    sentences = ["Saved."]
    if up:
        sentences.append(f"{_people(up)} moved up from the waiting list.")
    if told:
        sentences.append(f"{_people(told)} will get a mail about the new time or place.")
    return " ".join(sentences)


def _people(number: int) -> str:
    return words.count(number, "person", "people")


@blueprint.route("/offices/<code>/events/<slug>/duplicate", methods=["GET", "POST"])
def duplicate(code: str, slug: str) -> str | Response:
    event = staff_event(code, slug, can_duplicate_event)
    form = CopyForm(title=event.title)
    if form.validate_on_submit():
        try:
            copy = actions.duplicate_event(
                event, *form.values(), actor=current_user, now=clock.now(), host=settings().host
            )
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash("This is the copy, a draft. Check its dates and its texts.", "success")
            return redirect(url_for("office_events.show", code=code, slug=copy.slug), code=303)
    return render_template("registrations/changes/duplicate.html", event=event, form=form)


@blueprint.route("/offices/<code>/events/<slug>/cancel", methods=["GET", "POST"])
def cancel(code: str, slug: str) -> str | Response:
    event = staff_event(code, slug, can_lead_event)
    form = CancelEventForm()
    if form.validate_on_submit():
        try:
            told = actions.cancel_event(
                event, form.reason.data or "", actor=current_user, now=clock.now()
            )
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash(f"The event is cancelled. {_people(told)} will get a mail.", "success")
            return redirect(url_for("office_events.show", code=code, slug=slug), code=303)
    return render_template("registrations/changes/cancel.html", event=event, form=form)
