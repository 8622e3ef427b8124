"""What is printed for an event, and the scans of what was signed."""

from dataclasses import replace
from datetime import datetime

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response as BaseResponse

from interact_events.attendance import actions, queries
from interact_events.attendance.actions import EVIDENCE, Scan
from interact_events.attendance.forms import PAPERS, EvidenceForm
from interact_events.attendance.forms.evidence import MOST_FILES, MOST_MB
from interact_events.attendance.jobs.paper import Order, Paper, paper_of, start_paper
from interact_events.attendance.models import EvidenceFile
from interact_events.core import clock, files, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import visible
from interact_events.core.web.downloads import attachment, stored_file
from interact_events.core.web.forms import Form
from interact_events.core.web.uploads import receive, takes_files
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import staff_event

blueprint = Blueprint(
    "paper", __name__, url_prefix="/offices/<code>/events/<slug>/attendance/paper"
)

MOST_AT_ONCE = 60  # people within the request


@blueprint.get("")
def index(code: str, slug: str) -> str:
    return _page(staff_event(code, slug))


def _page(event: Event, tried: Form | None = None) -> str:
    """The page with its forms; the one that was `tried` keeps its answers."""
    roles = queries.roles_on_site(event)
    forms = [tried if isinstance(tried, form) else form(event, roles) for form in PAPERS.values()]
    return render_template(
        "attendance/paper.html",
        event=event,
        tried=tried,
        forms=forms,
        number=sum(number for _, _, number in roles),
        evidence_form=tried if isinstance(tried, EvidenceForm) else EvidenceForm(event),
        evidence=queries.evidence_of(event),
    )


@blueprint.post("/<any(lists, badges, signs):kind>")
def make(code: str, slug: str, kind: str) -> str | BaseResponse:
    event = staff_event(code, slug)
    form = PAPERS[kind](event, queries.roles_on_site(event))
    if not form.validate_on_submit():
        return _page(event, form)
    order = replace(Order(kind), **{f.name: f.data for f in form if hasattr(Order, f.name)})
    try:
        paper = paper_of(event, order)
    except DomainError as refusal:
        form.refuse(refusal)
        return _page(event, form)
    return _written(paper) if paper.number <= MOST_AT_ONCE else _later(event, order)


def _written(paper: Paper) -> Response:
    """Nobody waits for a transaction of ours while it is laid out."""
    db.session.rollback()
    answer = Response(paper.write(None), content_type="application/pdf")
    answer.headers["Content-Disposition"] = attachment(paper.name)
    return answer


def _later(event: Event, order: Order) -> BaseResponse:
    back_url = url_for(".index", code=event.office.code, slug=event.slug)
    job = start_paper(event, order, actor=current_user, now=clock.now(), back_url=back_url)
    db.session.commit()
    return redirect(url_for("jobs.show", job_id=job.id), code=303)


# -- evidence ------------------------------------------------------------------------------------


@blueprint.post("/evidence")
@takes_files
def keep(code: str, slug: str) -> str | BaseResponse:
    event = staff_event(code, slug, can_edit_event)
    receive(MOST_FILES * MOST_MB)
    form = EvidenceForm(event)
    if not form.validate_on_submit():
        return _page(event, form)
    try:
        number = _keep(event, form, clock.now())
    except DomainError as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _page(event, form)
    flash(f"{words.capitalised(words.count(number, 'file'))} kept.", "success")
    return _back(event)


def _keep(event: Event, form: EvidenceForm, now: datetime) -> int:
    """Nobody waits for a transaction of ours while the storage takes its time."""
    uploads = form.uploads
    db.session.rollback()
    with files.keeping(EVIDENCE, [each.content for each in uploads]) as stored:
        scans = [Scan(each, up.name) for each, up in zip(stored, uploads, strict=True)]
        actions.keep_evidence(
            event,
            scans,
            session_id=form.session_id,
            held_on=form.held_on,
            actor=current_user,
            now=now,
        )
        db.session.commit()
    return len(uploads)


@blueprint.get("/evidence/<int:file_id>")
def download(code: str, slug: str, file_id: int) -> Response:
    return stored_file(_file(staff_event(code, slug), file_id))


@blueprint.post("/evidence/<int:file_id>/remove")
def remove(code: str, slug: str, file_id: int) -> BaseResponse:
    event = staff_event(code, slug, can_edit_event)
    file = _file(event, file_id)
    actions.remove_evidence(file, actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"“{file.file_name}” is removed.", "success")
    return _back(event)


def _file(event: Event, file_id: int) -> EvidenceFile:
    file = queries.evidence_file(event, file_id)
    visible(file)
    assert file  # visible() has answered 404 otherwise
    return file


def _back(event: Event) -> BaseResponse:
    address = url_for(".index", code=event.office.code, slug=event.slug, _anchor="evidence")
    return redirect(address, code=303)
