"""A list that is too long for one request is made in the background.

The job lives beside its pages: what it writes is a page's table.
"""

from collections.abc import Iterable, Iterator

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import func
from werkzeug import Response

from interact_events.accounts.models import User
from interact_events.core import clock, jobs, words
from interact_events.core.db import db, one_moment
from interact_events.core.jobs import Job
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import staff_event
from interact_events.registrations import queries
from interact_events.registrations.views.export import as_csv, as_xlsx, table

blueprint = Blueprint("large_exports", __name__)

MOST_AT_ONCE = 2000  # lines within the request
STEP = 200  # lines between two signs of progress


def length(event: Event, filters: queries.ListFilters) -> int:
    """How many lines the list has."""
    found = queries.listed(event, filters).order_by(None).with_only_columns(func.count())
    return db.session.scalar(found) or 0


@blueprint.route(
    "/offices/<code>/events/<slug>/registrations/export/<any(csv, xlsx):kind>",
    methods=["GET", "POST"],
)
def prepare(code: str, slug: str, kind: str) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    filters = queries.ListFilters.from_args(request.args)
    lines = length(event, filters)
    if request.method == "GET":
        return render_template(
            "registrations/office/large_export.html", event=event, kind=kind, lines=lines
        )
    job = jobs.start(
        export_registrations,
        f"Registrations of {event.title}",
        actor=current_user,
        now=clock.now(),
        back_url=url_for("office_registrations.index", code=code, slug=slug),
        event_id=event.id,
        kind=kind,
        **filters.to_args,
    )
    db.session.commit()
    return redirect(url_for("jobs.show", job_id=job.id), code=303)


def _may_fetch(person: User, job: Job) -> bool:
    event = db.session.get(Event, job.arguments["event_id"])
    return event is not None and can_edit_event(person, event)


@jobs.task_with_file(_may_fetch)
def export_registrations(job: Job, event_id: int, kind: str, **filters: str) -> str:
    """The list as it is at one moment, while others go on writing."""
    with one_moment():
        event = db.session.get_one(Event, event_id)
        asked = queries.ListFilters.from_args(filters)
        total, name = length(event, asked), f"{event.slug}.{kind}"
        rows = db.session.scalars(queries.listed(event, asked))
        lines = _told(job, table(event, rows), total)
        body = as_csv(lines) if kind == "csv" else as_xlsx(lines)
        db.session.rollback()
    with jobs.result_file(job, name) as file:
        file.write(body)
    return f"{words.count(total, 'registration')} listed."


def _told(job: Job, lines: Iterable[list[str]], total: int) -> Iterator[list[str]]:
    for number, line in enumerate(lines):  # the head is no line of the list
        yield line
        if number and number % STEP == 0:
            jobs.tell(job, number, total)
