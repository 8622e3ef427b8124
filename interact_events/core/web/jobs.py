"""The progress of long work, for the one who started it."""

from flask import Blueprint, Response, jsonify, render_template
from flask_login import current_user

from interact_events.core.db import db
from interact_events.core.jobs import Job
from interact_events.core.web.access import visible

blueprint = Blueprint("jobs", __name__)


def _own_job(job_id: int) -> Job:
    job = db.session.get(Job, job_id)
    visible(job and (job.owner_id == current_user.id or current_user.is_coordinator))
    assert job  # visible() has answered 404 otherwise
    return job


@blueprint.get("/jobs/<int:job_id>")
def show(job_id: int) -> str:
    return render_template("jobs/show.html", job=_own_job(job_id))


@blueprint.get("/jobs/<int:job_id>/progress")
def progress(job_id: int) -> Response:
    job = _own_job(job_id)
    return jsonify(state=job.state, done=job.done, total=job.total, outcome=job.outcome)
