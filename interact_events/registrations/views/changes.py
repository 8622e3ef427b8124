"""Changes of an event that its registrants feel."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import settings
from interact_events.core.web.parts import say_parts
from interact_events.events.forms import CopyForm, EventForm, SessionForm
from interact_events.events.models import Event, Mode, Session
from interact_events.events.policies import can_duplicate_event, can_edit_event, can_lead_event
from interact_events.events.views.guard import as_it_is, staff_event, staff_session, told_soon
from interact_events.registrations import actions, queries
from interact_events.registrations.forms import CancelEventForm
from interact_events.registrations.views.place import asked_in_words

blueprint = Blueprint("changes", __name__)


@blueprint.route("/offices/<code>/events/<slug>/edit", methods=["GET", "POST"])
def edit(code: str, slug: str) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    if kept := as_it_is(event):
        return kept
    form = EventForm(event.office, event)
    if "check" not in request.form and form.validate_on_submit():
        try:
            changed = actions.change_event(
                event, form.values(), actor=current_user, now=clock.now()
            )
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash(saved_in_words(event, changed), "success")
            say_parts("event-saved", event=event, now=clock.now())
            return redirect(url_for("office_events.show", code=code, slug=slug), code=303)
    return render_template("events/office/form.html", event=event, form=form, heading="Details")


def saved_in_words(event: Event, changed: actions.Changed) -> str:
    """What saving the event did."""
    sentences = ["Saved."]
    if changed.rules_moved:
        sentences.append(
            "The days and hours in its rules moved along with the start, on the clocks of "
            f"{event.zone}."
        )
    if changed.has_moved and event.registration_closes_at:
        closes = words.moment(event.registration_closes_at, event.zone)
        sentences.append(f"Registration closes on {closes}; that changes under Seats only.")
    if changed.lapsed:
        asked = f"{_people(changed.lapsed)} had been asked already whether they still come."
        sentences.append(f"{asked} That no longer counts: they are asked anew, as its rules say.")
    if changed.was_hybrid:
        sentences.append(
            f"Everybody takes part {'online' if event.mode is Mode.ONLINE else 'on site'} now, and "
            "what the rules said of one way holds for all: look at them under Seats."
        )
    if changed.switched:
        reads = "reads" if changed.switched == 1 else "read"
        sentences.append(f"{_people(changed.switched)} had chosen otherwise and {reads} of it.")
    sentences += changed.up
    sentences += [asked_in_words(event, each) for each in changed.asked]
    if changed.told:
        sentences.append(f"{_people(changed.told)} will get a mail about what has changed.")
    return " ".join(sentences)


def _people(number: int) -> str:
    return words.count(number, "person", "people")


@blueprint.get("/offices/<code>/events/<slug>/agenda")
def agenda(code: str, slug: str) -> str:
    event = staff_event(code, slug)
    return render_template(
        "events/office/agenda.html", event=event, taken=queries.seats_taken_in_sessions(event)
    )


NAMED = 50  # people whom the preview names
BUTTONS = ("csrf_token", "save", "back")


@blueprint.route("/offices/<code>/events/<slug>/agenda/<int:session_id>", methods=["GET", "POST"])
def session(code: str, slug: str, session_id: int) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    found = staff_session(event, session_id)
    if kept := as_it_is(event, "changes.agenda"):
        return kept
    form = SessionForm()
    if not form.is_submitted():
        form.fill(found)
    if "back" in request.form or not form.validate_on_submit():
        return _session_form(found, form)
    try:
        seating = actions.save_session(found, form.values(), actor=current_user, now=clock.now())
    except DomainError as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _session_form(found, form)
    if seating.concerns_anybody and "save" not in request.form:
        db.session.rollback()
        return _session_preview(event, form, seating)
    db.session.commit()
    flash(_session_saved(event, seating), "success")
    return redirect(url_for("changes.agenda", code=code, slug=slug), code=303)


def _session_form(session: Session, form: SessionForm) -> str:
    return render_template(
        "events/office/session.html", form=form, event=session.event, session=session
    )


def _session_preview(event: Event, form: SessionForm, seating: actions.Seating) -> str:
    return render_template(
        "registrations/changes/session.html",
        event=event,
        title=form.title.data,
        capacity=form.capacity.data,
        seating=seating,
        most=NAMED,
        answers=[pair for pair in request.form.items(multi=True) if pair[0] not in BUTTONS],
    )


def _session_saved(event: Event, seating: actions.Seating) -> str:
    if seating.told and not seating.concerns_anybody:
        who = f"{_people(seating.told)} who chose it"
        return f"The session is saved. {who} will get a mail about its new time."
    if not seating.concerns_anybody:
        return f"The session is saved. {told_soon(event)}".strip()
    return (
        f"The session is saved. {_people(len(seating.seated))} got a seat in it and "
        f"{len(seating.without):,} none. {_people(seating.told)} will get a mail."
    )


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
    if kept := as_it_is(event):
        return kept
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
