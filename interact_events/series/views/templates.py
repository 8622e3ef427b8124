"""Templates of an office: what they are, what is made from them, what could follow them."""

from collections import defaultdict

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts.policies import can_edit_in_office, can_view_office
from interact_events.accounts.views.guard import staff_office
from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import permitted, settings
from interact_events.events.models import Event
from interact_events.events.policies import can_duplicate_event, can_edit_event, can_view_event
from interact_events.events.queries import LABELS
from interact_events.events.views.guard import staff_event
from interact_events.interreg.models import Office
from interact_events.series import actions, queries
from interact_events.series.forms import FromTemplateForm, TemplateForm
from interact_events.series.rules import AGENDA
from interact_events.series.views.guard import office_template

blueprint = Blueprint("event_templates", __name__)
blueprint.add_app_template_global(can_view_event)
blueprint.add_app_template_global(can_view_office)


@blueprint.get("/offices/<code>/templates/")
def index(code: str) -> str:
    office = staff_office(code)
    templates = queries.templates_for(office)
    return render_template(
        "series/templates/index.html",
        office=office,
        templates=templates,
        made=queries.number_made_from(templates),
    )


@blueprint.get("/offices/<code>/templates/<slug>")
def show(code: str, slug: str) -> str:
    office, template = office_template(code, slug)
    made = [e for e in queries.made_from(template, clock.now()) if can_view_event(current_user, e)]
    return render_template(
        "series/templates/show.html",
        office=office,
        event=template,
        agenda=queries.agenda_in_words(template).splitlines(),
        made=made,
        followers=queries.followers_of(template, made),
        label=_label,
    )


def _label(part: str) -> str:
    return LABELS.get(part) or words.capitalised(part.replace("_", " "))


@blueprint.post("/offices/<code>/templates/<slug>/follow")
def follow(code: str, slug: str) -> Response:
    """Events take over what is ticked."""
    office, template = office_template(code, slug, can_edit_in_office)
    _refuse_stale(template)
    chosen = _ticked(template)
    if not chosen:
        raise DomainError("Tick what the events take over.")
    for event, parts in chosen:
        permitted(can_edit_event(current_user, event))
        try:
            actions.take_over(template, event, parts, actor=current_user, now=clock.now())
        except DomainError as refusal:
            raise DomainError(f"“{event.title}”: {refusal.message} Nothing was changed.") from None
    db.session.commit()
    flash(f"Taken over by {words.count(len(chosen), 'event')}.", "success")
    return redirect(url_for(".show", code=office.code, slug=slug), code=303)


def _refuse_stale(template: Event) -> None:
    if request.form.get("version") != str(template.version):
        raise DomainError("The template has changed since you opened this page. Look once more.")


def _ticked(template: Event) -> list[tuple[Event, list[str]]]:
    """The events with their ticked parts, in the order in which events are locked."""
    parts: defaultdict[str, list[str]] = defaultdict(list)
    for text in request.form.getlist("part"):
        number, _, part = text.partition(":")
        parts[number].append(part)
    made = queries.made_from(template, clock.now())
    found = sorted(queries.followers_of(template, made), key=lambda each: each.event.id)
    return [
        (each.event, kept)
        for each in found
        if (kept := [part for part in parts[str(each.event.id)] if part in _offered(each)])
    ]


def _offered(follower: queries.Follower) -> set[str]:
    """What the page lets one tick: an agenda that is public is changed on its own page."""
    parts = {each.part for each in follower.differences}
    if not follower.event.is_draft:
        parts.discard(AGENDA)
    return parts | {what for what, _ in follower.elsewhere}


@blueprint.route("/offices/<code>/templates/<slug>/new-event", methods=["GET", "POST"])
def new_event(code: str, slug: str) -> str | Response:
    office, template = office_template(code, slug, can_edit_in_office)
    form = FromTemplateForm(title=template.title)
    if form.validate_on_submit():
        try:
            event = _made(template, office, form)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash("This is the new event, a draft. Check its dates and its texts.", "success")
            return redirect(url_for("office_events.show", code=code, slug=event.slug), code=303)
    return render_template(
        "series/templates/new_event.html", office=office, event=template, form=form
    )


def _made(template: Event, office: Office, form: FromTemplateForm) -> Event:
    title, first_day = form.values()
    new = actions.NewEvent(title=title, first_day=first_day, office=office)
    return actions.make_event(
        template, new, actor=current_user, now=clock.now(), host=settings().host
    )


@blueprint.route("/offices/<code>/events/<slug>/keep-as-template", methods=["GET", "POST"])
def save(code: str, slug: str) -> str | Response:
    event = staff_event(code, slug, can_duplicate_event)
    form = TemplateForm(title=event.title)
    if form.validate_on_submit():
        try:
            template = actions.save_as_template(
                event,
                form.title.data or "",
                actor=current_user,
                now=clock.now(),
                host=settings().host,
            )
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash("The template is kept. What you change in it stays in it.", "success")
            address = url_for(".show", code=code, slug=template.slug)
            return redirect(address, code=303)
    return render_template("series/templates/save.html", event=event, form=form)
