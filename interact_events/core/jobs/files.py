"""The file that a job has made: kept under DATA_DIR for some days, for whoever asked for it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from flask import current_app
from sqlalchemy import select

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs.rows import Job

KEPT_FOR = timedelta(days=7)
ORPHANED_AFTER = timedelta(days=1)  # a job that has died in the middle leaves half a file


def _folder() -> Path:
    folder: Path = current_app.extensions["settings"].data_dir / "results"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextmanager
def result_file(job: Job, name: str) -> Iterator[BinaryIO]:
    """A file to write into, which becomes the result of `job` under `name` once the job is done."""
    path = _folder() / secrets.token_hex(16)  # asks the database nothing, see `tell`
    try:
        path.touch(mode=0o600, exist_ok=False)
        with path.open("wb") as file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    job.stored_as, job.file_name = path.name, name
    job.file_size, job.file_until = path.stat().st_size, clock.now() + KEPT_FOR


def path_of(job: Job, now: datetime) -> Path | None:
    """Where the result of `job` is; None where there is none, or none any more."""
    if not job.stored_as or job.file_until is None or job.file_until <= now:
        return None
    path = _folder() / job.stored_as
    return path if path.is_file() else None


def forget_files(now: datetime) -> None:
    """Delete files whose time is over, and what crashes have left."""
    for job in db.session.scalars(select(Job).where(Job.stored_as != "", Job.file_until <= now)):
        (_folder() / job.stored_as).unlink(missing_ok=True)
        job.stored_as = ""
    known = set(db.session.scalars(select(Job.stored_as).where(Job.stored_as != "")))
    old = (now - ORPHANED_AFTER).timestamp()
    for path in _folder().iterdir():
        if path.name not in known and path.stat().st_mtime < old:
            path.unlink(missing_ok=True)
