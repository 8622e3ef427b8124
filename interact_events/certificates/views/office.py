"""The office sees who gets a certificate, and why; issues them, stops that and goes on."""

from collections import Counter

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user

from interact_events.attendance.actions import close_attendance
from interact_events.certificates import policies, queries, rules
from interact_events.certificates.actions import check_issuable
from interact_events.certificates.jobs import latest_issuing, start_issuing
from interact_events.core import clock, jobs
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import visible
from interact_events.core.web.pages import page_within
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event, can_lead_event
from interact_events.events.views.guard import staff_event

blueprint = Blueprint(
    "office_certificates", __name__, url_prefix="/offices/<code>/events/<slug>/certificates"
)

ROWS = 25


@blueprint.get("")
def index(code: str, slug: str) -> str:
    event, sought = staff_event(code, slug), queries.Sought.from_args(request.args)
    standings, corrections = queries.standings(event), queries.open_corrections(event)
    return render_template(
        "certificates/office/index.html",
        event=event,
        now=clock.now(),
        obstacle=_obstacle(event),
        job=latest_issuing(event),
        automatic=queries.automatic_of(event),
        corrections=corrections,
        sought=sought,
        page=page_within(sought.among(standings, corrections.people), ROWS),
        groups=Counter(row.group for row in standings),
        reasons=Counter(row.why for row in standings if not row.certificate),
        first=next((row for row in standings if row.group is rules.Group.WAITING), None),
        number_valid=queries.number_valid(event),
        why_in_words=policies.why_in_words,
        rules=rules,
        may_issue=can_lead_event(current_user, event),
        may_edit=can_edit_event(current_user, event),
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
    """Start the work, or go on with what is left; pressed twice, it is the same work."""
    event = staff_event(code, slug, can_lead_event)
    now = clock.now()
    check_issuable(event, now=now)
    close_attendance(event, actor=current_user, now=now)
    job = start_issuing(event, actor=current_user, now=now)
    db.session.commit()
    if job.owner_id != current_user.id:  # its own page is theirs who started it
        return _back(event)
    address = url_for("jobs.show", job_id=job.id)
    return redirect(address, code=303)  # type: ignore[return-value]  # werkzeug's own class


@blueprint.post("/issue/stop")
def stop(code: str, slug: str) -> Response:
    """Any lead of the event may: not only who has started it."""
    event = staff_event(code, slug, can_lead_event)
    job = latest_issuing(event)
    visible(job)
    assert job  # visible() has answered 404 otherwise
    try:
        jobs.cancel(job, actor=current_user, now=clock.now())
        db.session.commit()
    except DomainError as refusal:
        db.session.rollback()
        flash(refusal.message, "info")
    return _back(event)


def _back(event: Event) -> Response:
    address = url_for(".index", code=event.office.code, slug=event.slug)
    return redirect(address, code=303)  # type: ignore[return-value]  # werkzeug's own class
