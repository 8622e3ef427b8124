"""Part `certificates`: issuing them by the real job, one asked for alone, and verifying one.

The naive loop lays out the same template with the same pictures, a document a person, as
WeasyPrint's manual has it; it neither signs nor stores.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Thread

import click
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from markupsafe import Markup
from sqlalchemy import func, insert, select
from weasyprint import CSS, HTML
from weasyprint.urls import path2url

from interact_events.accounts.models import Level, User
from interact_events.attendance.actions import close_attendance
from interact_events.attendance.models import Presence
from interact_events.certificates.actions import draft_certificate, plan_certificate
from interact_events.certificates.jobs import start_issuing
from interact_events.certificates.models import Certificate
from interact_events.certificates.pdf import STYLE_SHEET, Sheet
from interact_events.config import ROOT, read_settings
from interact_events.core import clock, qr
from interact_events.core.db import db
from interact_events.core.jobs import Job, JobState, run_job
from interact_events.core.pdf import STATIC, VARIANT, OwnAssets
from interact_events.events.models import Event
from interact_events.factory import create_app
from interact_events.interreg.actions import load_reference_data
from interact_events.registrations.models import Registration
from tests import make
from tests.bench import servers
from tests.bench.frame import Figure, alternated
from tests.bench.pages import production

PEOPLE = 300
MANY = 5000  # for memory: were anything kept, it would show beside 300
ROUNDS = 3
NAIVE_PEOPLE = 20  # each costs the reference the same
PAGES = 100
ALONE = 10
VERIFICATIONS = 200
NAIVE = "naive WeasyPrint loop, a document a person, unsigned"
PAGE = "a page of one WeasyPrint document of them all, unsigned"
FIRST = ("Anna", "Jürgen", "Zoë", "Łucja", "Ζωή", "Борис", "Mária", "Søren", "Ģirts", "João")
LAST = ("Virtanen", "Müller", "Ångström", "Źdźbło", "Παπαδοπούλου", "Щербаков", "Žižka")


def measured() -> Iterator[Figure]:
    """The figures of this part, one by one."""
    with servers.folder() as folder:
        environ = production(folder, f"sqlite:///{folder / 'certificates.sqlite'}", 1)
        app = create_app(read_settings(environ), queue_in_memory=True)
        with app.app_context():
            _load()
            yield from _issuing(app)
            yield _alone(app)
            yield _verifying(app)
            peaks = {number: _job(number) for number in (PEOPLE, MANY)}
            db.session.remove()
        for number, job_id in peaks.items():
            yield _peak(number, job_id, environ)


def _load() -> None:
    click.echo("Building events on SQLite", err=True)
    upgrade()
    load_reference_data()
    db.session.commit()


# -- issuing -------------------------------------------------------------------------------------


def _issuing(app: Flask) -> Iterator[Figure]:
    """Wall clock, the start of the second process included."""
    click.echo(f"Measuring issue_ms: {PEOPLE} people, {ROUNDS} rounds", err=True)
    run_job(_job(10))  # both warm
    sheets = _sheets(_crowd(PEOPLE))
    _naive(app, sheets[:2])
    jobs = iter([_job(PEOPLE) for _ in range(ROUNDS)])
    pages: list[float] = []

    def references() -> float:
        pages.append(_milliseconds(lambda: _document(app, sheets[:PAGES]), PAGES))
        return _milliseconds(lambda: _naive(app, sheets[:NAIVE_PEOPLE]), NAIVE_PEOPLE)

    figure = alternated(
        "issue_ms",
        "ms",
        NAIVE,
        ours=lambda: _milliseconds(lambda: _finish(next(jobs)), PEOPLE),
        theirs=references,
        rounds=ROUNDS,
        is_duration=True,
    )
    yield figure
    yield Figure("issue_ms_by_page", "ms", PAGE, figure.ours, pages, is_duration=True)


def _milliseconds(work: Callable[[], object], times: int) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began) / times


def _finish(job_id: int) -> None:
    run_job(job_id)
    job = db.session.get_one(Job, job_id)
    db.session.refresh(job)
    if (job.state, job.done) != (JobState.DONE, PEOPLE):
        raise servers.StartError(f"{job.done} of {PEOPLE} issued: {job.outcome}")
    db.session.commit()


def _naive(app: Flask, sheets: Sequence[Sheet]) -> None:
    for sheet in sheets:
        _document(app, [sheet])


def _document(app: Flask, sheets: Sequence[Sheet]) -> None:
    article = app.jinja_env.get_template("certificates/pdf/_certificate.html")
    whole = app.jinja_env.get_template("certificates/pdf/certificates.html")
    articles = [
        Markup(article.render(sheet.values, number=number, page_size=0, list_size=0))
        for number, sheet in enumerate(sheets)
    ]
    codes = {sheet.qr: qr.png(sheet.verify_url) for sheet in sheets}
    page = HTML(
        string=whole.render(articles=articles),
        base_url=path2url(STATIC) + "/",
        url_fetcher=OwnAssets(codes),
    )
    page.write_pdf(stylesheets=[CSS(STATIC / STYLE_SHEET)], pdf_variant=VARIANT)


# -- one alone, and verifying --------------------------------------------------------------------


def _alone(app: Flask) -> Figure:
    click.echo("Measuring on_demand_ms", err=True)
    event = _crowd(ALONE)
    sheets, rows = _sheets(event), _registrations(event)
    now = clock.now()
    return alternated(
        "on_demand_ms",
        "ms",
        NAIVE,
        ours=lambda: _milliseconds(
            lambda: [draft_certificate(row, now=now) for row in rows], len(rows)
        ),
        theirs=lambda: _milliseconds(lambda: _naive(app, sheets), len(sheets)),
        rounds=ROUNDS,
        is_duration=True,
    )


def _verifying(app: Flask) -> Figure:
    click.echo("Measuring verify_ms", err=True)
    code = db.session.scalars(select(Certificate.code).limit(1)).one()
    client, bare = app.test_client(), _bare(b"x" * 6000).test_client()
    path = f"/certificates/verify/{code}"
    return alternated(
        "verify_ms",
        "ms",
        "bare Flask response",
        ours=lambda: _milliseconds(lambda: _ask(client, path), VERIFICATIONS),
        theirs=lambda: _milliseconds(lambda: _ask(bare, "/"), VERIFICATIONS),
        rounds=ROUNDS,
        is_duration=True,
    )


def _bare(body: bytes) -> Flask:
    app = Flask("bare", static_folder=None)
    app.add_url_rule("/", "page", lambda: body)
    return app


def _ask(client: FlaskClient, path: str) -> None:
    """From as many addresses, as from one there is a limit."""
    for number in range(VERIFICATIONS):
        answer = client.get(path, environ_base={"REMOTE_ADDR": f"10.0.0.{number % 250}"})
        assert answer.status_code == 200


# -- memory --------------------------------------------------------------------------------------


def _peak(number: int, job_id: int, environ: dict[str, str]) -> Figure:
    """Of the job's processes together, at the highest of ten samples a second."""
    click.echo(f"Measuring memory: a job of {number:,}", err=True)
    command = [sys.executable, "-m", "tests.bench.certificates", str(job_id)]
    told = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environ},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    name = "peak_mb" if number == MANY else f"peak_mb_at_{number}"
    return Figure(name, f"MB at {number:,}", "", [float(told.split()[-1])], [])


def _print_peak(job_id: int) -> None:
    """As in a worker: the application and this one job."""
    samples: list[float] = []
    Thread(target=_sample, args=(samples,), daemon=True).start()
    with create_app(queue_in_memory=True).app_context():
        run_job(job_id)
    click.echo(max(samples))


def _sample(into: list[float]) -> None:
    """What the system counts, as a process inherits the highest value of the one it came from."""
    while True:
        into.append(_megabytes(Path("/proc/self")))
        time.sleep(0.1)


def _megabytes(process: Path) -> float:
    """Of the process and those it began; what several share counts for each its part."""
    mine = 0.0
    with suppress(OSError):  # it has just ended
        rows = (process / "smaps_rollup").read_text().splitlines()
        mine = sum(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1024
        for task in (process / "task").iterdir():
            children = (task / "children").read_text().split()
            mine += sum(_megabytes(Path("/proc") / each) for each in children)
    return mine


# -- people --------------------------------------------------------------------------------------


def _job(people: int) -> int:
    """A job that issues certificates to so many."""
    event, lead, now = _crowd(people), make.member(level=Level.LEAD), clock.now()
    close_attendance(event, actor=lead, now=now)  # as the press does
    job = start_issuing(event, actor=lead, now=now)
    db.session.commit()
    return job.id


def _crowd(people: int) -> Event:
    """An event ten days ago with two sessions, at which they all were: one row, and its like."""
    start = make.days(-10).replace(hour=9)
    middle, end = start + timedelta(hours=3), start + timedelta(hours=6)
    sessions = [("Flat rates", start, middle), ("What an auditor asks for", middle, end)]
    event = make.event(starts_at=start, ends_at=end, capacity=people, sessions=sessions)
    row = make.registration(event)
    first = (db.session.scalar(select(func.max(User.id))) or 0) + 1
    users = range(first, first + people - 1)
    _like(row.user, [_person(number) for number in users])
    _like(row, [{"user_id": each, "name": _name(each)} for each in users])
    everybody = _registrations(event)
    presences = [
        {
            "registration_id": each,
            "session_id": session.id,
            "recorded_at": clock.now(),
            "recorded_by_id": row.user_id,
        }
        for each in everybody
        for session in event.sessions
    ]
    db.session.execute(insert(Presence), presences)
    event.seats_taken = people
    db.session.commit()
    return event


def _like(row: User | Registration, differing: list[dict[str, object]]) -> None:
    """More rows, the same but for these values."""
    known = {column.key: getattr(row, column.key) for column in type(row).__table__.columns}
    del known["id"]
    db.session.execute(insert(type(row)), [known | values for values in differing])


def _person(number: int) -> dict[str, object]:
    return {"id": number, "email": f"visitor{number}@example.org", "name": _name(number)}


def _name(number: int) -> str:
    return f"{FIRST[number % len(FIRST)]} {LAST[number * 3 % len(LAST)]}"


def _registrations(event: Event) -> Sequence[int]:
    return db.session.scalars(select(Registration.id).filter_by(event_id=event.id)).all()


def _sheets(event: Event) -> list[Sheet]:
    now = clock.now()
    found = [plan_certificate(each, now=now) for each in _registrations(event)]
    return [sheet for sheet in found if sheet]


if __name__ == "__main__":
    _print_peak(int(sys.argv[1]))
