"""Staff make drafts of planned events: send a file, look at what it would do, press."""

from datetime import datetime

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response as Answer

from interact_events.accounts.policies import can_edit_in_office
from interact_events.accounts.views.guard import staff_office
from interact_events.calendars import actions, queries
from interact_events.calendars.actions import Outcome
from interact_events.calendars.forms import ApplyForm, PlansForm
from interact_events.calendars.models import EventImport
from interact_events.calendars.rules import read_file
from interact_events.calendars.rules.plans import MOST
from interact_events.calendars.rules.tables import COLUMNS, template
from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import settings, visible
from interact_events.core.web.uploads import receive, takes_files
from interact_events.interreg.models import Office

blueprint = Blueprint("event_imports", __name__, url_prefix="/offices/<code>/event-imports")

MOST_MB = 2


@blueprint.route("", methods=["GET", "POST"])
@takes_files
def index(code: str) -> str | Answer:
    office = staff_office(code, can_edit_in_office)
    if request.method == "POST":
        try:
            receive(MOST_MB)
        except DomainError as refusal:
            form = PlansForm(formdata=None)  # what was sent is not read
            form.refuse(refusal)
            return _page(staff_office(code, can_edit_in_office), form)
        office = staff_office(code, can_edit_in_office)  # a role may have ended meanwhile
    form = PlansForm()
    row = _sent(office, form, clock.now()) if form.validate_on_submit() else None
    if row:
        return redirect(url_for(".show", code=code, import_id=row.id), 303)
    return _page(office, form)


def _page(office: Office, form: PlansForm) -> str:
    return render_template(
        "calendars/imports/index.html",
        office=office,
        form=form,
        waiting=queries.imports_of(office),
        columns=COLUMNS,
        most=MOST,
        most_mb=MOST_MB,
    )


def _sent(office: Office, form: PlansForm, now: datetime) -> EventImport | None:
    """What the file says, kept; nothing where it is none that can be read."""
    try:
        reading = read_file(form.stream.read(), queries.known_at(office))
    except DomainError as refusal:
        form.refuse(refusal)
        return None
    row = actions.add_import(office, reading, form.name, actor=current_user, now=now)
    db.session.commit()
    return row


@blueprint.get("/template.csv")
def columns(code: str) -> Response:
    """A table to fill in."""
    staff_office(code, can_edit_in_office)
    response = Response(template(), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename="planned-events.csv")
    return response


@blueprint.route("/<int:import_id>", methods=["GET", "POST"])
def show(code: str, import_id: int) -> str | Answer:
    """What a press would do; the press does just that, or shows what has changed."""
    office = staff_office(code, can_edit_in_office)
    row = _import(office, import_id)
    form = ApplyForm()
    if form.validate_on_submit():
        if _applied(row, form):
            return redirect(url_for("office_events.index", code=code, show="drafts"), 303)
        if not queries.is_waiting(import_id):
            flash(actions.GONE, "warning")
            return redirect(url_for(".index", code=code), 303)
    return render_template(
        "calendars/imports/show.html",
        office=office,
        row=row,
        form=form,
        preview=actions.preview(row),
        Outcome=Outcome,
    )


def _applied(row: EventImport, form: ApplyForm) -> bool:
    seen = request.form.get("seen", "")
    try:
        counts = actions.apply_import(
            row, seen=seen, actor=current_user, now=clock.now(), host=settings().host
        )
        db.session.commit()
    except DomainError as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return False
    flash(_done(counts), "success")
    return True


def _done(counts: dict[Outcome, int]) -> str:
    made = words.count(counts[Outcome.NEW], "draft is made", "drafts are made")
    changed = words.count(counts[Outcome.CHANGED], "is changed", "are changed")
    left_out = counts[Outcome.WRONG]
    more = f" {words.count(left_out, 'was', 'were')} left out." if left_out else ""
    return f"{made}, {changed}.{more}"


@blueprint.post("/<int:import_id>/discard")
def discard(code: str, import_id: int) -> Answer:
    office = staff_office(code, can_edit_in_office)
    actions.discard_import(_import(office, import_id), actor=current_user, now=clock.now())
    db.session.commit()
    flash("The file is thrown away. No event has changed.", "success")
    return redirect(url_for(".index", code=code), 303)


def _import(office: Office, number: int) -> EventImport:
    row = queries.import_of(office, number)
    visible(row)
    assert row  # visible() has answered 404 otherwise
    return row
