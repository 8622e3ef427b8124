"""The offices' pages about their events."""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts.policies import can_edit_in_office, can_view_office
from interact_events.accounts.views.guard import staff_office
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import settings
from interact_events.core.web.forms import Form
from interact_events.core.web.pages import page_of
from interact_events.core.web.parts import say_parts
from interact_events.events import actions
from interact_events.events.forms import EventForm, SessionForm
from interact_events.events.models import Event, Session
from interact_events.events.policies import (
    can_delete_event,
    can_duplicate_event,
    can_edit_event,
    can_lead_event,
)
from interact_events.events.queries import (
    Shown,
    history,
    obstacles,
    office_events,
    warnings,
)
from interact_events.events.views.guard import as_it_is, staff_event, staff_session, told_soon

T = TypeVar("T")

blueprint = Blueprint("office_events", __name__, url_prefix="/offices/<code>/events")
for policy in (can_edit_event, can_lead_event, can_duplicate_event, can_delete_event):
    blueprint.add_app_template_global(policy)
for office_policy in (can_view_office, can_edit_in_office):
    blueprint.add_app_template_global(office_policy)


def _overview(event: Event) -> Response:
    return redirect(url_for(".show", code=event.office.code, slug=event.slug), 303)


def _agenda(event: Event) -> Response:
    return redirect(url_for("changes.agenda", code=event.office.code, slug=event.slug), 303)


def _accepted(form: Form, act: Callable[[], T]) -> T | None:
    """What `act` made of valid answers, saved; nothing when the form has to be shown (again)."""
    if not form.validate_on_submit():
        return None
    try:
        made = act()
        db.session.commit()
    except DomainError as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return None
    return made


@blueprint.get("/")
def index(code: str) -> str:
    office = staff_office(code)
    shown, search = Shown.from_text(request.args.get("show")), request.args.get("q", "")[:100]
    page = page_of(office_events(office, shown, search, clock.now()))
    return render_template(
        "events/office/index.html",
        office=office,
        page=page,
        shown=shown,
        choices=list(Shown),
        q=search,
        now=clock.now(),
    )


@blueprint.route("/new", methods=["GET", "POST"])
def add(code: str) -> str | Response:
    office = staff_office(code, can_edit_in_office)
    form = EventForm(office)
    form.suggest(request.args)
    event = None
    if "check" not in request.form:
        event = _accepted(
            form,
            lambda: actions.create_event(
                office, form.values(), actor=current_user, now=clock.now(), host=settings().host
            ),
        )
    if event:
        flash("The draft is saved. Next: its agenda.", "success")
        say_parts("event-saved", event=event, now=clock.now())
        return _agenda(event)
    return render_template(
        "events/office/form.html", form=form, event=None, office=office, heading="New event"
    )


@blueprint.get("/<slug>/")
def show(code: str, slug: str) -> str:
    event = staff_event(code, slug)
    return render_template(
        "events/office/show.html",
        event=event,
        obstacles=obstacles(event, clock.now()) if event.is_draft else [],
        warnings=warnings(event),
        history=history(event),
        now=clock.now(),
    )


@blueprint.post("/<slug>/publish")
def publish(code: str, slug: str) -> Response:
    event = staff_event(code, slug, can_lead_event)
    actions.publish_event(event, actor=current_user, now=clock.now())
    db.session.commit()
    flash("The event is published: everybody can see it now.", "success")
    return _overview(event)


@blueprint.post("/<slug>/delete")
def delete(code: str, slug: str) -> Response:
    event = staff_event(code, slug, can_delete_event)
    what = "template" if event.is_template else "draft"
    actions.delete_draft(event, actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"The {what} is deleted.", "success")
    return redirect(url_for(".index", code=code), 303)


@blueprint.route("/<slug>/agenda/new", methods=["GET", "POST"])
def session_add(code: str, slug: str) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    if kept := as_it_is(event, "changes.agenda"):
        return kept
    form = SessionForm()
    if not form.is_submitted():
        form.follow(event)
    session = _accepted(
        form,
        lambda: actions.add_session(event, form.values(), actor=current_user, now=clock.now()),
    )
    if session:
        flash(_added(session), "success")
        return _agenda(event)
    return render_template("events/office/session.html", form=form, event=event, session=None)


@blueprint.post("/<slug>/agenda/<int:session_id>/remove")
def session_remove(code: str, slug: str, session_id: int) -> Response:
    event = staff_event(code, slug, can_edit_event)
    actions.remove_session(staff_session(event, session_id), actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"The session is off the agenda. {told_soon(event)}".strip(), "success")
    return _agenda(event)


def _added(session: Session) -> str:
    sentence = f"“{session.title}” is on the agenda."
    if not session.capacity:
        return f"{sentence} {told_soon(session.event)}".strip()
    if session.event.seats_taken:
        sentence += " Nobody is in it yet: who is registered can choose it on their own page."
    return sentence
