"""Staff import who was in an online meeting: send a report, check it, note it, undo it."""

from collections.abc import Callable
from datetime import datetime

import structlog
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.attendance import actions, queries, rules
from interact_events.attendance.forms import ReadingForm, ReportForm, chosen_people
from interact_events.attendance.models import AttendanceImport
from interact_events.attendance.queries import Preview
from interact_events.attendance.rules import Report
from interact_events.core import clock, files, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.files import FileMissing, FilesAway, storage
from interact_events.core.web.access import settings, visible
from interact_events.core.web.forms import Form
from interact_events.core.web.uploads import receive, takes_files
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import staff_event

log = structlog.get_logger()

blueprint = Blueprint(
    "attendance_imports", __name__, url_prefix="/offices/<code>/events/<slug>/attendance/imports"
)

PAGE = 50  # lines of a report at once
# Whatever a browser makes of a file, it may neither run nor fetch anything on this site.
KEPT_APART = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Robots-Tag": "noindex"}


# -- sending -------------------------------------------------------------------------------------


@blueprint.route("", methods=["GET", "POST"])
@takes_files
def index(code: str, slug: str) -> str | Response:
    is_post = request.method == "POST"
    event = staff_event(code, slug, can_edit_event) if is_post else staff_event(code, slug)
    if is_post:
        receive(settings().max_file_mb)
    form = ReportForm()
    sent: list[AttendanceImport] = []
    if form.validate_on_submit() and _saved(form, lambda now: sent.append(_sent(event, form, now))):
        return _show(event, sent[0])
    return render_template(
        "attendance/imports/index.html",
        event=event,
        form=form,
        imports=queries.imports_of(event),
        closing=queries.closing_of(event),
        keep_days=settings().keep_reports_days,
    )


def _sent(event: Event, form: ReportForm, now: datetime) -> AttendanceImport:
    """Read it first: a file that is no report is never kept."""
    content = form.stream.read()
    report = rules.report_of(content)
    actions.check_report(event, report, now)
    db.session.rollback()
    with files.keeping(actions.REPORTS, [form.stream]) as (stored,):
        known = queries.same_file(event, stored.sha256)
        if known:
            flash("This file is here already.", "info")
            files.remove_later(stored.name)
            db.session.commit()
            return known
        row = actions.add_import(event, report, stored, form.name, actor=current_user, now=now)
        db.session.commit()
    return row


# -- checking and noting -------------------------------------------------------------------------


@blueprint.get("/<int:import_id>")
def show(code: str, slug: str, import_id: int) -> str:
    event = staff_event(code, slug)
    row = _import(event, import_id)
    report = None if row.applied_at else _report(row)
    if report is None:
        return render_template(
            "attendance/imports/done.html",
            event=event,
            row=row,
            closing=queries.closing_of(event),
        )
    preview = queries.preview(row, report, clock.now())
    return _page(row, preview, _form(preview, report))


@blueprint.post("/<int:import_id>")
def decide(code: str, slug: str, import_id: int) -> str | Response:
    """Keep the choices, and note the attendance if that is asked and nothing reads otherwise."""
    event = staff_event(code, slug, can_edit_event)
    row = _import(event, import_id)
    report = None if row.applied_at else _report(row)
    if report is None:
        return _show(event, row)
    preview = queries.preview(row, report, clock.now())
    form = _form(preview, report)
    if not form.validate():
        return _page(row, preview, form)
    reads_otherwise = form.is_other_than(preview)
    _keep(row, preview, form)
    if request.form.get("do") != "apply" or reads_otherwise:
        return _looked_at_again(event, row, reads_otherwise=reads_otherwise)
    if not _saved(form, lambda now: _apply(row, report, now)):
        return _page(row, queries.preview(row, report, clock.now()), form)
    return _show(event, row)


def _form(preview: Preview, report: Report) -> ReadingForm:
    return ReadingForm(preview, [report.stated_zone, preview.event.zone, current_user.zone])


def _keep(row: AttendanceImport, preview: Preview, form: ReadingForm) -> None:
    """Committed on their own: the choices outlive whatever is refused next."""
    actions.choose(
        row,
        zone=form.zone.data,
        order=form.order.data or "",
        without=form.without(preview),
        people=chosen_people(preview),
    )
    db.session.commit()


def _looked_at_again(event: Event, row: AttendanceImport, *, reads_otherwise: bool) -> Response:
    asked = request.form.get("to", type=int)
    if reads_otherwise:
        flash("The report is read anew. Nothing is noted yet: look at it once more.", "info")
    elif not asked:
        flash("Your choices are kept. Nothing is noted yet.", "success")
    return _show(event, row, page=asked)


def _apply(row: AttendanceImport, report: Report, now: datetime) -> None:
    seen = request.form.get("seen", "")
    number = actions.apply_import(row, report, seen=seen, actor=current_user, now=now)
    db.session.commit()
    flash(f"Attendance of {words.count(number, 'person', 'people')} is noted.", "success")


def _page(row: AttendanceImport, preview: Preview, form: ReadingForm) -> str:
    last = max(1, -(-len(preview.matches) // PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), last)
    return render_template(
        "attendance/imports/show.html",
        event=preview.event,
        row=row,
        preview=preview,
        form=form,
        lines=preview.lines((page - 1) * PAGE, page * PAGE),
        page=page,
        pages=last,
        closing=queries.closing_of(preview.event),
    )


@blueprint.post("/<int:import_id>/undo")
def undo(code: str, slug: str, import_id: int) -> Response:
    event = staff_event(code, slug, can_edit_event)
    row = _import(event, import_id)
    stay = actions.undo_import(row, actor=current_user, now=clock.now())
    db.session.commit()
    if stay is not None:
        kept = f" {words.count(stay, 'entry', 'entries')} corrected since stay." if stay else ""
        flash(f"Undone: what was noted before holds again.{kept}", "success")
    return _show(event, row)


@blueprint.post("/<int:import_id>/delete")
def delete(code: str, slug: str, import_id: int) -> Response:
    event = staff_event(code, slug, can_edit_event)
    row = _import(event, import_id)
    actions.discard_import(row, actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"The file “{row.file_name}” is deleted.", "success")
    address = url_for(".index", code=event.office.code, slug=event.slug)
    return redirect(address, code=303)


@blueprint.get("/<int:import_id>/file")
def file(code: str, slug: str, import_id: int) -> Response:
    """The report as it was sent, for those who may import it."""
    event = staff_event(code, slug, can_edit_event)
    row = _import(event, import_id)
    content = _content(row)
    visible(content is not None)
    response = Response(content, content_type="application/octet-stream", headers=KEPT_APART)
    response.headers.set("Content-Disposition", "attachment", filename=f"report-{row.id}.csv")
    return response


# -- pieces --------------------------------------------------------------------------------------


def _import(event: Event, import_id: int) -> AttendanceImport:
    row = queries.import_of(event, import_id)
    visible(row)
    assert row  # visible() has answered 404 otherwise
    return row


def _content(row: AttendanceImport) -> bytes | None:
    """The file; nothing once it is deleted. No transaction that may write is open meanwhile."""
    stored_as, size = row.stored_as, row.size
    if stored_as is None:
        return None
    if request.method == "POST":
        db.session.rollback()
    try:
        return b"".join(storage().read(stored_as, 0, size))
    except FileMissing:
        log.exception("file_missing", import_id=row.id)
        return None
    except FilesAway:
        log.exception("files_away")
        abort(503)


def _report(row: AttendanceImport) -> Report | None:
    content = _content(row)
    return None if content is None else rules.report_of(content)


def _saved(form: Form, act: Callable[[datetime], None]) -> bool:
    """Whether `act`, which commits, was done; else its refusal is beside its field."""
    try:
        act(clock.now())
    except DomainError as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return False
    return True


def _show(event: Event, row: AttendanceImport, page: int | None = None) -> Response:
    code, slug = event.office.code, event.slug
    return redirect(url_for(".show", code=code, slug=slug, import_id=row.id, page=page), code=303)
