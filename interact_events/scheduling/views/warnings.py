"""Warnings about dates: on an event's page, on its form while dates are chosen, and dismissed."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from markupsafe import escape
from werkzeug import Response

from interact_events.accounts.policies import can_edit_in_office
from interact_events.accounts.views.guard import staff_office
from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import visible
from interact_events.core.web.parts import part
from interact_events.events.forms import EventForm
from interact_events.events.models import Event, Mode
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import staff_event
from interact_events.interreg.models import Office
from interact_events.scheduling import actions, queries
from interact_events.scheduling.forms import DismissForm
from interact_events.scheduling.policies import can_dismiss_warnings, heading_of, said
from interact_events.scheduling.rules import DateWarning

blueprint = Blueprint("date_warnings", __name__, url_prefix="/offices/<code>")
blueprint.add_app_template_global(said, "date_warning_said")
blueprint.add_app_template_global(heading_of, "date_warning_heading")


@part("event-overview")
def overview(event: Event, now: datetime, **_more: object) -> str:
    """What there is to say about the dates; for leads with a way to answer."""
    looked = queries.looked_at([event], now=now)[event.id]
    may_find = event.is_draft and can_edit_in_office(current_user, event.office)
    if not (looked.open or looked.dismissed or may_find):
        return ""
    return render_template(
        "scheduling/warnings/_overview.html",
        event=event,
        looked=looked,
        may_find=may_find,
        may_dismiss=can_dismiss_warnings(current_user, event),
        zone=event.zone,
    )


@part("event-form")
def on_form(form: EventForm, office: Office, event: Event | None, **_more: object) -> str:
    """Room for warnings below the dates; a script keeps them true, a button does without it.

    The days of a template are nobody's yet.
    """
    if event and event.is_template:
        return ""
    if event:
        address = url_for("date_warnings.check_event", code=office.code, slug=event.slug)
    else:
        address = url_for("date_warnings.check_new", code=office.code)
    found, refusal = _looked_at(form, office, event)
    return render_template(
        "scheduling/warnings/_on_form.html", address=address, warnings=found, refusal=refusal
    )


@part("event-saved")
def saved(event: Event, now: datetime, **_more: object) -> str:
    """How many warnings there are, in a sentence."""
    number = len(queries.warnings_of([event], now=now)[event.id])
    if not number:
        return ""
    there = "There is" if number == 1 else "There are"
    sentence = f"{there} {words.count(number, 'warning')} about its dates: see Overview."
    return str(escape(sentence))


@blueprint.post("/check-dates")
def check_new(code: str) -> str:
    office = staff_office(code, can_edit_in_office)
    return _fragment(EventForm(office), office, None)


@blueprint.post("/events/<slug>/check-dates")
def check_event(code: str, slug: str) -> str:
    event = staff_event(code, slug, can_edit_event)
    return _fragment(EventForm(event.office, event), event.office, event)


def _fragment(form: EventForm, office: Office, event: Event | None) -> str:
    found, refusal = _looked_at(form, office, event)
    return render_template("scheduling/warnings/_list.html", warnings=found, refusal=refusal)


def _looked_at(
    form: EventForm, office: Office, event: Event | None
) -> tuple[list[DateWarning] | None, str]:
    """Nothing while there are no dates; a sentence where they make no sense."""
    try:
        typed = _typed(form, office, event)
    except DomainError as refusal:
        return None, refusal.message
    return (queries.warnings_of_typed(typed, now=clock.now()) if typed else None), ""


def _typed(form: EventForm, office: Office, event: Event | None) -> queries.TypedDates | None:
    zone, starts, ends = form.zone.data, form.starts.data, form.ends.data
    if not (starts and ends) or zone not in clock.zones():
        return None
    if starts >= ends:
        raise DomainError("The event must end after it starts.")
    return queries.TypedDates(
        office=office,
        event=event,
        zone=zone,
        starts_at=clock.to_utc(starts, zone),
        ends_at=clock.to_utc(ends, zone),
        mode=Mode(form.mode.data) if form.mode.data in list(Mode) else Mode.IN_PERSON,
        venue=form.venue.data or "",
        city=form.city.data or "",
        country_id=form.country.data,
        contact_name=form.contact_name.data or "",
        roles=frozenset(form.roles.data or ()) if "roles" in form else None,
        topics=frozenset(form.topics.data or ()),
    )


@blueprint.route("/events/<slug>/dates/dismiss", methods=["GET", "POST"])
def dismiss(code: str, slug: str) -> str | Response:
    """Say why the dates stay; a warning that is gone meanwhile needs no answer."""
    event = staff_event(code, slug, can_dismiss_warnings)
    warning = _warning(event, request.args.get("key", ""))
    if warning is None:
        flash("This warning no longer stands.", "info")
        return redirect(url_for("office_events.show", code=code, slug=slug), code=303)
    form = DismissForm()
    if form.validate_on_submit():
        try:
            actions.dismiss_warning(
                event, warning, form.reason.data or "", actor=current_user, now=clock.now()
            )
            db.session.commit()
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash("The warning is dismissed; your reason is kept with it.", "success")
            return redirect(url_for("office_events.show", code=code, slug=slug), code=303)
    return render_template(
        "scheduling/warnings/dismiss.html", event=event, warning=warning, form=form
    )


def _warning(event: Event, key: str) -> DateWarning | None:
    found = queries.warnings_of([event], now=clock.now())[event.id]
    return next((warning for warning in found if warning.key == key), None)


@blueprint.post("/events/<slug>/dates/<int:number>/take-back")
def take_back(code: str, slug: str, number: int) -> Response:
    event = staff_event(code, slug, can_dismiss_warnings)
    dismissed = queries.dismissed_in(event, number)
    visible(dismissed)
    assert dismissed  # visible() has answered 404 otherwise
    actions.take_back(dismissed, actor=current_user, now=clock.now())
    db.session.commit()
    flash("The warning stands again.", "success")
    return redirect(url_for("office_events.show", code=code, slug=slug), code=303)


@blueprint.app_template_global("address_of_other_event")
def address_of_other(warning: DateWarning) -> str:
    """Its public page, or the office's for who works there; another office's draft in the plan."""
    other = warning.other
    if other is None:
        return ""
    if not other.is_draft:
        return url_for("event_page.show", slug=other.slug)
    may_see = current_user.level_in(other.office) is not None
    if may_see:
        return url_for("office_events.show", code=other.office_code, slug=other.slug)
    return url_for("planning_event.show", slug=other.slug)
