"""All valid certificates of an event in one file, made in the background.

The jobs live beside their buttons. Certificates pass one by one, so memory does not grow with them.
"""

from collections.abc import Callable
from typing import BinaryIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from flask import Blueprint, current_app, redirect, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts.models import User
from interact_events.certificates import queries, rules
from interact_events.certificates.queries import OnFile
from interact_events.core import clock, jobs, links, pdf, words
from interact_events.core.db import db, one_moment
from interact_events.core.errors import DomainError
from interact_events.core.jobs import Job
from interact_events.core.joining import join
from interact_events.events.models import Event
from interact_events.events.policies import can_view_event
from interact_events.events.views.guard import staff_event

blueprint = Blueprint("certificate_files", __name__)

STEP = 20  # certificates between two signs of progress
MOST_JOINED = 2000  # so that one job takes at most half a GB of memory
Told = Callable[[int], None]


@blueprint.post("/offices/<code>/events/<slug>/certificates/files/<any(zip, pdf):kind>")
def prepare(code: str, slug: str, kind: str) -> Response:
    event = staff_event(code, slug)
    number = queries.number_valid(event)
    if not number:
        raise DomainError("No valid certificate has been issued yet.")
    if kind == "pdf" and number > MOST_JOINED:
        raise DomainError(
            f"More than {MOST_JOINED:,} certificates are too many for one PDF. Take the ZIP file."
        )
    job = jobs.start(
        zip_certificates if kind == "zip" else join_certificates,
        f"Certificates of {event.title} ({kind.upper()})",
        actor=current_user,
        now=clock.now(),
        back_url=url_for("office_certificates.index", code=code, slug=slug),
        event_id=event.id,
    )
    db.session.commit()
    return redirect(url_for("jobs.show", job_id=job.id), code=303)


def _may_fetch(person: User, job: Job) -> bool:
    event = db.session.get(Event, job.arguments["event_id"])
    return event is not None and can_view_event(person, event)


@jobs.task_with_file(_may_fetch)
def zip_certificates(job: Job, event_id: int) -> str:
    """Each as the file that was issued and signed."""
    return _written(job, event_id, "zip", write_zip)


@jobs.task_with_file(_may_fetch)
def join_certificates(job: Job, event_id: int) -> str:
    """Their pages one after the other, to be printed."""
    return _written(job, event_id, "pdf", write_joined)


def _written(
    job: Job, event_id: int, kind: str, write: Callable[[BinaryIO, list[OnFile], Told], None]
) -> str:
    """The certificates as they are at one moment, while others go on writing."""
    with one_moment():
        event = db.session.get_one(Event, event_id)
        slug, found = event.slug, queries.valid_of(event)
        db.session.rollback()
    with jobs.result_file(job, f"{slug}-certificates.{kind}") as file, one_moment():
        write(file, found, lambda done: _tell(job, done, len(found)))
        db.session.rollback()
    return f"{words.count(len(found), 'certificate')} in one file."


def _tell(job: Job, done: int, total: int) -> None:
    if done % STEP == 0 and done < total:
        jobs.tell(job, done, total)


def write_zip(file: BinaryIO, found: list[OnFile], told: Told) -> None:
    """Not compressed: PDFs are that already."""
    with ZipFile(file, "w", ZIP_STORED) as archive:
        for done, (each, content) in enumerate(queries.files_of(found), start=1):
            entry = ZipInfo(rules.file_name(each.name, each.code))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
            told(done)


def write_joined(file: BinaryIO, found: list[OnFile], told: Told) -> None:
    """The outline has the names; each page says that it is a copy, and so does the file."""
    address = links.url("certificates.verify").partition("://")[2]
    template = current_app.jinja_env.get_template("certificates/pdf/copy.html")
    note = pdf.write(pdf.lay_out(template.render(address=address), "css/pdf/copy.css"))
    contents = ((each.name, content) for each, content in queries.files_of(found))
    join(contents, file, note=note, told=told)
    file.write(rules.COPIES)
