"""The progress of long work, for the one who started it; what runs by the clock."""

from datetime import timedelta

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, send_file, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug import Response as BaseResponse

from interact_events.core import clock, jobs
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.jobs import TASKS, Job, JobState
from interact_events.core.web.access import visible
from interact_events.core.web.pages import page_of

blueprint = Blueprint("jobs", __name__)

SILENT_AFTER = timedelta(minutes=5)  # some work is due every minute


def _own_job(job_id: int) -> Job:
    job = db.session.get(Job, job_id)
    visible(job and (job.owner_id == current_user.id or current_user.is_coordinator))
    assert job  # visible() has answered 404 otherwise
    return job


@blueprint.get("/jobs/")
def index() -> str:
    mine = select(Job).where(Job.owner_id == current_user.id).order_by(Job.id.desc())
    return render_template("jobs/index.html", page=page_of(mine), now=clock.now())


@blueprint.get("/jobs/<int:job_id>")
def show(job_id: int) -> str:
    job = _own_job(job_id)
    return render_template(
        "jobs/show.html",
        job=job,
        status=_status(job),
        count=_count(job),
        has_file=jobs.path_of(job, clock.now()) is not None,
        may_fetch=may_fetch(job),
    )


@blueprint.get("/jobs/<int:job_id>/progress")
def progress(job_id: int) -> Response:
    job = _own_job(job_id)
    return jsonify(
        state=job.state, done=job.done, total=job.total, status=_status(job), count=_count(job)
    )


@blueprint.post("/jobs/<int:job_id>/cancel")
def cancel(job_id: int) -> BaseResponse:
    job = _own_job(job_id)
    try:
        jobs.cancel(job, actor=current_user, now=clock.now())
        db.session.commit()
    except DomainError as refusal:
        db.session.rollback()
        flash(refusal.message, "info")
    return redirect(url_for(".show", job_id=job_id), code=303)


@blueprint.get("/jobs/<int:job_id>/file")
def fetch(job_id: int) -> BaseResponse:
    job = _own_job(job_id)
    visible(may_fetch(job))
    path = jobs.path_of(job, clock.now())
    if path is None:
        flash("The file has been deleted. Start the work again to get a new one.", "warning")
        return redirect(url_for(".show", job_id=job_id), code=303)
    answer = send_file(path, as_attachment=True, download_name=job.file_name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def may_fetch(job: Job) -> bool:
    """Whether the viewer may have what the job has made; rights may have ended since."""
    known = TASKS.get(job.task)
    if known is None:  # a task of an older version, whose policy nobody can ask
        return False
    is_theirs = known.may_fetch is None or known.may_fetch(current_user, job)
    return job.state is JobState.DONE and bool(job.file_name) and is_theirs


@blueprint.get("/admin/jobs")
def schedule() -> str:
    visible(current_user.is_coordinator)
    now, seen_at = clock.now(), jobs.last_sign_of_work()
    return render_template(
        "jobs/schedule.html",
        now=now,
        lines=jobs.timetable(now),
        seen_at=seen_at,
        is_silent=seen_at is None or seen_at < now - SILENT_AFTER,
        page=page_of(select(Job).order_by(Job.id.desc())),
    )


def _status(job: Job) -> str:
    """What is said of the job as a whole; it changes a few times only."""
    if job.is_over:
        return job.outcome
    if job.is_cancel_asked:
        return "It stops at its next step."
    if job.state is JobState.WAITING:
        return "Waiting for its turn. You may leave this page; the work goes on."
    return "At work. You may leave this page; the work goes on."


def _count(job: Job) -> str:
    return f"{job.done:,} of {job.total:,} done." if job.total and not job.is_over else ""
