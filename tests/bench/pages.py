"""Part `pages`: how much strangers load with each public page, and how fast the whole starts."""

import gzip
import http.client
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

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

EVENTS = 200
STARTS = 3
REFERENCE = "bare Flask"
PAGES = {
    "home": "/",
    "catalogue": "/events",
    "event": "/events/{slug}",
    "registration": "/events/{slug}/register",
    "calendar_month": "/calendar",
    "calendar_week": "/calendar/week",
    "calendar_agenda": "/calendar/agenda",
    "subscribe": "/calendar/subscribe",
    "verify": "/certificates/verify",
    "sign_in": "/sign-in",
    "sign_up": "/sign-up",
    "contact": "/contact",
    "privacy": "/privacy",
    "accessibility": "/accessibility",
    "site_map": "/site-map",
}
# What a browser loads with a page: style sheets, icons, scripts with what they import, pictures.
LOADED = re.compile(
    r"""<link[^>]+rel="(?:stylesheet|icon|modulepreload)"[^>]*>|<(?:script|img)[^>]+src=[^>]*>"""
)
ADDRESS = re.compile(r'(?:href|src)="([^"]+)"')
IMPORTED = re.compile(r'from "\./([^"]+)"')


def measured() -> Iterator[Figure]:
    """The figures of this part, one by one."""
    with servers.folder() as folder, servers.postgresql(folder) as database_url:
        port = servers.free_port()
        environ = production(folder, database_url, port)
        slug = _build(read_settings(environ))
        with servers.gunicorn("app:app", port, environ, folder / "app.log"):
            for name, path in PAGES.items():
                yield from _weight(name, path.format(slug=slug), port)
            reference = keep(port, {"catalogue": ("/events", {})}, folder)
        yield _start(folder, reference)


def _weight(name: str, path: str, port: int) -> Iterator[Figure]:
    """The bytes of all bodies as they are sent, and how many there are."""
    sizes: dict[str, int] = {}
    waiting = [path]
    while waiting:
        address = waiting.pop()
        if address not in sizes:
            sizes[address], text = _fetched(port, address)
            waiting += _loaded(address, text)
    yield Figure(f"{name}_kb", "kB", "", [sum(sizes.values()) / 1000], [])
    yield Figure(f"{name}_requests", "requests", "", [len(sizes)], [])


def _fetched(port: int, address: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", address, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise servers.StartError(f"{address} answered {answer.status}.")
    is_zipped = answer.headers["Content-Encoding"] == "gzip"
    return len(body), (gzip.decompress(body) if is_zipped else body).decode(errors="replace")


def _loaded(address: str, text: str) -> list[str]:
    if address.endswith(".js"):
        return [urljoin(address, name) for name in IMPORTED.findall(text)]
    if "." in address:
        return []
    found = (ADDRESS.search(tag) for tag in LOADED.findall(text))
    return [unescape(each[1]) for each in found if each and not each[1].startswith("data:")]


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
        events = [event_of_year(number, offices[number % len(offices)]) for number in range(EVENTS)]
        for number, event in enumerate(events):
            event.topics = [topics[number % len(topics)], topics[(number + 1) % len(topics)]]
        db.session.commit()
        slug = events[-1].slug
        db.engine.dispose()
    return slug


def event_of_year(number: int, office: Office) -> Event:
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


def keep(port: int, asked: Mapping[str, tuple[str, Mapping[str, str]]], folder: Path) -> Reference:
    """Fetch each path with its headers once, so that the reference serves the very same bytes:
    under the name alone."""
    for name, (path, headers) in asked.items():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", path.replace("{n}", "0"), headers=dict(headers))
        answer = connection.getresponse()
        body = answer.read()
        if answer.status not in (200, 304):
            raise servers.StartError(f"{path} answered {answer.status}.")
        (folder / "pages" / name).mkdir(parents=True)
        (folder / "pages" / name / "status").write_text(str(answer.status))
        (folder / "pages" / name / "body").write_bytes(body)
        (folder / "pages" / name / "content-type").write_text(
            answer.headers["Content-Type"] or "text/plain"
        )
        click.echo(f"{name}: {len(body):,} bytes", err=True)
        connection.close()
    return Reference(folder / "pages")


@contextmanager
def bare(reference: Reference, folder: Path) -> Iterator[tuple[int, float]]:
    """Bare Flask on a port of its own; gives the port and the seconds of its start."""
    port = servers.free_port()
    log = folder / "bare.log"
    with servers.gunicorn("tests.bench.bare:app", port, reference.environ, log) as seconds:
        yield port, seconds


def _start(folder: Path, reference: Reference) -> Figure:
    """From `make run` to the first answer, everything installed and loaded before."""
    click.echo("Measuring the start; the first, which loads the demo, does not count", err=True)

    def theirs() -> float:
        with bare(reference, folder) as (_, seconds):
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
