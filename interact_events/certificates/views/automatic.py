"""Whether an event's certificates are issued by themselves, and when."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.certificates import actions, queries
from interact_events.certificates.forms import AutomaticForm
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.events.policies import can_lead_event
from interact_events.events.views.guard import staff_event

blueprint = Blueprint(
    "automatic_certificates",
    __name__,
    url_prefix="/offices/<code>/events/<slug>/certificates/automatic",
)


@blueprint.route("", methods=["GET", "POST"])
def edit(code: str, slug: str) -> str | Response:
    event = staff_event(code, slug, can_lead_event)
    known = queries.automatic_of(event)
    form = AutomaticForm(data={"days": known.choice.days if known else None})
    if form.validate_on_submit():
        try:
            actions.choose_automatic(event, form.days.data, actor=current_user, now=clock.now())
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash("Saved. Below you read when certificates are issued.", "success")
            return _back(event)
    return render_template(
        "certificates/office/automatic.html", event=event, form=form, automatic=known
    )


@blueprint.post("/stop")
def stop(code: str, slug: str) -> Response:
    event = staff_event(code, slug, can_lead_event)
    actions.stop_automatic(event, actor=current_user, now=clock.now())
    db.session.commit()
    flash("Certificates of this event are issued only when a lead presses.", "success")
    return _back(event)


def _back(event: Event) -> Response:
    address = url_for("office_certificates.index", code=event.office.code, slug=event.slug)
    return redirect(address, code=303)
