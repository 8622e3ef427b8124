"""The office sees who gets a certificate, and issues them."""

from flask import Blueprint, Response, redirect, render_template, url_for
from flask_login import current_user

from interact_events.certificates import queries
from interact_events.certificates.actions import check_issuable
from interact_events.certificates.jobs import issue_certificates
from interact_events.core import clock, jobs
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.events.policies import can_lead_event
from interact_events.events.rules import learning_minutes
from interact_events.events.views.guard import staff_event

blueprint = Blueprint(
    "office_certificates", __name__, url_prefix="/offices/<code>/events/<slug>/certificates"
)


@blueprint.get("")
def index(code: str, slug: str) -> str:
    event = staff_event(code, slug)
    standings = queries.standings(event)
    return render_template(
        "certificates/office/index.html",
        event=event,
        obstacle=_obstacle(event),
        may_issue=can_lead_event(current_user, event),
        learning_minutes=learning_minutes(event.agenda),
        waiting=[row for row in standings if row.is_entitled and not row.certificate],
        issued=[row for row in standings if row.certificate],
        without=[row for row in standings if not row.is_entitled and not row.certificate],
    )


def _obstacle(event: Event) -> str:
    """Why nothing can be issued now, in words; empty if it can."""
    try:
        check_issuable(event, now=clock.now())
    except DomainError as refusal:
        return refusal.message
    return ""


@blueprint.post("/issue")
def issue(code: str, slug: str) -> Response:
    """Start the work and show its progress; pressed twice, it finds nothing left to do."""
    event = staff_event(code, slug, can_lead_event)
    now = clock.now()
    check_issuable(event, now=now)
    job = jobs.start(
        issue_certificates,
        f"Certificates for {event.title}",
        actor=current_user,
        now=now,
        back_url=url_for(".index", code=code, slug=slug),
        event_id=event.id,
    )
    db.session.commit()
    address = url_for("jobs.show", job_id=job.id)
    return redirect(address, code=303)  # type: ignore[return-value]  # werkzeug's own class
