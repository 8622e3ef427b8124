"""Part `pages`: what strangers open, and how fast the whole starts."""

import http.client
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
from flask_migrate import upgrade
from sqlalchemy import select

from interact_events.config import Settings, read_settings
from interact_events.core.db import db
from interact_events.events.models import Event, Kind, Mode
from interact_events.factory import create_app
from interact_events.interreg.actions import load_reference_data
from interact_events.interreg.models import Office, Topic
from tests import make
from tests.bench import servers
from tests.bench.frame import Figure, alternated
from tests.bench.load import requests_per_second

EVENTS = 200
ROUNDS = 5
SECONDS = 1.5  # of load in a round, for each side
STARTS = 3
REFERENCE = "bare Flask"


def measured() -> Iterator[Figure]:
    """The figures of this part, one by one."""
    with servers.folder() as folder, servers.postgresql(folder) as database_url:
        port = servers.free_port()
        environ = production(folder, database_url, port)
        slug = _build(read_settings(environ))
        paths = {
            "event_page": f"/events/{slug}",
            "catalogue": "/events",
            "event_ics": f"/events/{slug}/event.ics",
        }
        with servers.gunicorn("app:app", port, environ, folder / "app.log"):
            reference = _keep(port, paths, folder / "pages")
            with _bare(reference, folder) as (bare_port, _):
                for name, path in paths.items():
                    yield _throughput(name, path, port, bare_port)
        yield _start(folder, reference)


def production(folder: Path, database_url: str, port: int) -> dict[str, str]:
    """An environment in which nothing is relaxed; no mail is ever sent from it."""
    return {
        "MODE": "production",
        "SECRET_KEY": "a key for measuring only",
        "DATABASE_URL": database_url,
        "BASE_URL": f"http://127.0.0.1:{port}",
        "MAIL_URL": "smtp://127.0.0.1:9",
        "DATA_DIR": str(folder / "data"),
        "PORT": str(port),
    }


# -- what is shown -------------------------------------------------------------------------------


def _build(settings: Settings) -> str:
    """Fill the database with a year of events; gives the slug of one."""
    click.echo(f"Building {EVENTS} events on PostgreSQL", err=True)
    app = create_app(settings, queue_in_memory=True)
    with app.app_context():
        upgrade()
        load_reference_data()
        db.session.commit()
        offices = list(db.session.scalars(select(Office).where(~Office.is_secretariat)))
        topics = list(db.session.scalars(select(Topic)))
        events = [_event(number, offices[number % len(offices)]) for number in range(EVENTS)]
        for number, event in enumerate(events):
            event.topics = [topics[number % len(topics)], topics[(number + 1) % len(topics)]]
        db.session.commit()
        slug = events[-1].slug
        db.engine.dispose()
    return slug


def _event(number: int, office: Office) -> Event:
    """Two days with an agenda of four, between tomorrow and a year from now."""
    start = make.days(1 + number * 360 / EVENTS).replace(hour=8)
    days = (start, start + timedelta(days=1))
    return make.event(
        f"Simplified cost options and how they are audited, part {number + 1}",
        office=office,
        kind=list(Kind)[number % len(Kind)],
        mode=list(Mode)[number % len(Mode)],
        starts_at=start,
        ends_at=days[1] + timedelta(hours=8),
        capacity=40,
        seats_taken=number % 41,
        description="## What you take home\n\n" + "Cases from practice, *worked through*.\n\n" * 8,
        sessions=[
            (
                f"Session {1 + half // 4}",
                day + timedelta(hours=half),
                day + timedelta(hours=half + 3),
            )
            for day in days
            for half in (0, 4)
        ],
    )


# -- the measuring -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reference:
    """A folder of answers for bare Flask to serve."""

    pages: Path

    @property
    def environ(self) -> Mapping[str, str]:
        return {"BENCH_PAGES": str(self.pages)}


def _keep(port: int, paths: Mapping[str, str], pages: Path) -> Reference:
    """Fetch each page once, so that the reference serves the very same bytes."""
    for name, path in paths.items():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise servers.StartError(f"{path} answered {answer.status}.")
        (pages / name).mkdir(parents=True)
        (pages / name / "path").write_text(path)
        (pages / name / "body").write_bytes(body)
        (pages / name / "content-type").write_text(answer.headers["Content-Type"])
        click.echo(f"{name}: {len(body):,} bytes", err=True)
        connection.close()
    return Reference(pages)


@contextmanager
def _bare(reference: Reference, folder: Path) -> Iterator[tuple[int, float]]:
    """Bare Flask on a port of its own; gives the port and the seconds of its start."""
    port = servers.free_port()
    log = folder / "bare.log"
    with servers.gunicorn("tests.bench.bare:app", port, reference.environ, log) as seconds:
        yield port, seconds


def _throughput(name: str, path: str, port: int, bare_port: int) -> Figure:
    click.echo(f"Measuring {name}", err=True)
    for each in (port, bare_port):
        requests_per_second(each, path, seconds=0.5)  # both warm
    return alternated(
        name,
        "requests/s",
        REFERENCE,
        ours=lambda: requests_per_second(port, path, seconds=SECONDS),
        theirs=lambda: requests_per_second(bare_port, path, seconds=SECONDS),
        rounds=ROUNDS,
    )


def _start(folder: Path, reference: Reference) -> Figure:
    """From `make run` to the first answer, everything installed and loaded before."""
    click.echo("Measuring the start; the first, which loads the demo, does not count", err=True)

    def theirs() -> float:
        with _bare(reference, folder) as (_, seconds):
            return seconds

    _seconds_of_make_run(folder)
    return alternated(
        "start_seconds",
        "seconds",
        REFERENCE,
        ours=lambda: _seconds_of_make_run(folder),
        theirs=theirs,
        rounds=STARTS,
        is_duration=True,
    )


def _seconds_of_make_run(folder: Path) -> float:
    port = servers.free_port()
    environ = {"MODE": "demo", "DATA_DIR": str(folder / "demo"), "PORT": str(port)}
    with servers.running(
        ["make", "run"], port, environ, folder / "make-run.log", within=900
    ) as seconds:
        return seconds
