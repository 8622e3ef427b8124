"""Part `calendars`: pages and feeds for strangers and for who is signed in, and how they grow."""

import http.client
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import click
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Table, insert, select, text

from interact_events.accounts.models import SignIn
from interact_events.accounts.queries import token_hash
from interact_events.config import read_settings
from interact_events.core import clock
from interact_events.core.db import db, table_of
from interact_events.events.models import Event, Kind, Mode, Session, event_roles, event_topics
from interact_events.factory import create_app
from interact_events.interreg.actions import load_reference_data
from interact_events.interreg.models import Office, StakeholderRole, Topic
from tests import make
from tests.bench import servers
from tests.bench.frame import Figure, alternated
from tests.bench.load import requests_per_second
from tests.bench.pages import REFERENCE, bare, keep, production
from tests.bench.people import signed_in
from tests.conftest import new_postgresql

EVENTS = 200  # all of them to come
ROUNDS = 5
SECONDS = 1.0  # of load in a round, for each side
SMALL, LARGE = 1_000, 100_000  # half of them to come
FINNISH = 5  # every so many-th is in Finnish: 10,000 of the large ones to come
ASKED = 15  # times that each of growth is asked, in turn


@dataclass(frozen=True)
class Asked:
    """What is asked of the application; the reference answers the same bytes under the name."""

    name: str
    path: str  # "{n}" is another number each time, so that nothing is kept of it
    headers: Mapping[str, str] = field(default_factory=dict)


def measured() -> Iterator[Figure]:
    """The figures of this part, one by one."""
    with servers.folder() as folder, servers.postgresql(folder) as url:
        port = servers.free_port()
        environ = production(folder, url, port)
        app = create_app(read_settings(environ), queue_in_memory=True)
        with app.app_context():
            slug, cookie = _build(app)
            db.engine.dispose()
        with servers.gunicorn("app:app", port, environ, folder / "app.log"):
            yield from _throughputs(port, slug, cookie, folder)
        yield from _growth(folder, environ, app)


def _throughputs(port: int, slug: str, cookie: str, folder: Path) -> Iterator[Figure]:
    asked = _asked(port, slug, cookie)
    reference = keep(port, {each.name: (each.path, each.headers) for each in asked}, folder)
    with bare(reference, folder) as (bare_port, _):
        for each in asked:
            yield _throughput(each, port, bare_port)


def _asked(port: int, slug: str, cookie: str) -> list[Asked]:
    pages = {"event_page": f"/events/{slug}", "catalogue": "/events", "calendar_page": "/calendar"}
    tag = _tag(port, "/events.ics")
    return [
        *(Asked(name, path) for name, path in pages.items()),
        *(Asked(f"{name}_signed_in", path, {"Cookie": cookie}) for name, path in pages.items()),
        Asked("event_ics", f"/events/{slug}/event.ics"),
        Asked("feed_200_cold", "/events.ics?cold={n}"),
        Asked("feed_200_warm", "/events.ics"),
        Asked("feed_304", "/events.ics", {"If-None-Match": tag}),
    ]


def _throughput(asked: Asked, port: int, bare_port: int) -> Figure:
    click.echo(f"Measuring {asked.name}", err=True)

    def ours(seconds: float = SECONDS) -> float:
        return requests_per_second(port, asked.path, seconds=seconds, headers=asked.headers)

    def theirs(seconds: float = SECONDS) -> float:
        return requests_per_second(bare_port, f"/{asked.name}", seconds=seconds)

    ours(0.5)  # both warm
    theirs(0.5)
    return alternated(asked.name, "requests/s", REFERENCE, ours=ours, theirs=theirs, rounds=ROUNDS)


def _tag(port: int, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.headers["ETag"]


# -- what is shown -------------------------------------------------------------------------------


def _build(app: Flask) -> tuple[str, str]:
    """A year of events; gives the slug of one, and the cookie of somebody who is signed in."""
    click.echo(f"Building {EVENTS} events on PostgreSQL", err=True)
    _prepare()
    slug = _model().slug
    add_events(EVENTS - 1, first_day=2, days=360)
    user = make.user()
    profile = make.profile(user)
    make.registration(db.session.scalars(select(Event).where(Event.slug == slug)).one(), user)
    now = clock.now()
    token = token_hash(f"token-{user.id}")
    db.session.add(
        SignIn(user_id=user.id, token_hash=token, created_at=now, expires_at=make.days(1))
    )
    db.session.commit()
    return slug, signed_in(app, user.id, profile.id).cookie


def _prepare() -> None:
    upgrade()
    load_reference_data()
    db.session.commit()


def _model() -> Event:
    """Two days with an agenda of four, which all others repeat."""
    start = make.days(1).replace(hour=8)
    days = (start, start + timedelta(days=1))
    event = make.event(
        "Simplified cost options and how they are audited",
        starts_at=start,
        ends_at=days[1] + timedelta(hours=8),
        capacity=40,
        seats_taken=12,
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
    event.topics = list(db.session.scalars(select(Topic).limit(2)))
    db.session.commit()
    return event


def add_events(number: int, *, first_day: float, days: float) -> None:
    """Copies of the first event, spread over so many days from `first_day` on, with other titles,
    offices, kinds, modes and languages; each has the sessions, roles and topics of the first."""
    model = db.session.scalars(select(Event).order_by(Event.id)).first()
    assert model
    sessions = list(model.sessions)
    offices = db.session.scalars(select(Office.id).where(~Office.is_secretariat)).all()
    roles = db.session.scalars(select(StakeholderRole.id)).all()
    topics = db.session.scalars(select(Topic.id)).all()
    first = (db.session.scalar(select(Event.id).order_by(Event.id.desc()).limit(1)) or 0) + 1
    facts = _columns(table_of(Event), model)
    for begin in range(0, number, 5_000):
        numbers = range(begin, min(begin + 5_000, number))
        shifts = {n: timedelta(days=round(first_day - 1 + n * days / number)) for n in numbers}
        _add(Event, [_event(facts, first + n, shifts[n], offices, n) for n in numbers])
        _add(
            Session,
            [
                _session(_columns(table_of(Session), each), first + n, shifts[n], at)
                for n in numbers
                for at, each in enumerate(sessions)
            ],
        )
        ids = [first + n for n in numbers]
        _add(event_roles, [{"event_id": n, "role_id": roles[n % len(roles)]} for n in ids])
        _add(event_topics, [{"event_id": n, "topic_id": topics[n % len(topics)]} for n in ids])
    for table in ("events", "sessions"):  # numbers were given by hand
        db.session.execute(text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))"))
    db.session.commit()


def _add(target: Any, rows: list[dict[str, Any]]) -> None:
    db.session.execute(insert(target if isinstance(target, Table) else table_of(target)), rows)


def _columns(table: Table, row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in table.columns}


def _event(
    facts: Mapping[str, Any], number: int, shift: timedelta, offices: Any, at: int
) -> dict[str, Any]:
    title = f"{facts['title']}, part {number}"
    return {
        **facts,
        "id": number,
        "uid": f"bench-{number}",
        "slug": f"bench-{number}",
        "title": title,
        "search_text": f"{title} {'rotterdam' if at % 50 == 0 else 'turku'}".lower(),
        "office_id": offices[at % len(offices)],
        "kind": list(Kind)[at % len(Kind)],
        "mode": list(Mode)[at % len(Mode)],
        "language": "fi" if at % FINNISH == 0 else "en",
        "starts_at": facts["starts_at"] + shift,
        "ends_at": facts["ends_at"] + shift,
        "seats_taken": at % 41,
    }


def _session(facts: Mapping[str, Any], event: int, shift: timedelta, at: int) -> dict[str, Any]:
    return {
        **{name: value for name, value in facts.items() if name != "id"},
        "event_id": event,
        "uid": f"bench-{event}-{at}",
        "starts_at": facts["starts_at"] + shift,
        "ends_at": facts["ends_at"] + shift,
    }


# -- growth --------------------------------------------------------------------------------------


def _growth(folder: Path, environ: Mapping[str, str], small: Flask) -> Iterator[Figure]:
    """What takes how long with a hundred times as many events, each answer made anew."""
    click.echo(f"Building {SMALL:,} and {LARGE:,} events", err=True)
    port = servers.free_port()
    url = new_postgresql(folder, "large")
    large = production(folder / "large", url, port)
    with small.app_context():
        _spread(SMALL - EVENTS, EVENTS)
    with create_app(read_settings(large), queue_in_memory=True).app_context():
        _prepare()
        _model()
        _spread(LARGE - 1, 1)
    ports = int(environ["PORT"]), port
    with (
        servers.gunicorn("app:app", ports[0], environ, folder / "app.log"),
        servers.gunicorn("app:app", ports[1], large, folder / "large.log"),
    ):
        yield _grown("growth_catalogue", "/events?cold={n}", ports)
        yield _grown("growth_search", "/events?q=rotterdam&cold={n}", ports)
        yield _grown("growth_feed", "/events.ics?cold={n}", ports)
        yield _whole_feed(port)


def _spread(number: int, coming: int) -> None:
    """Add events so that half of all are to come within two years, the others over."""
    past = (number + coming) // 2
    add_events(past, first_day=-3000, days=2995)
    add_events(number - past, first_day=2, days=720)
    db.session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
    db.session.execute(text("VACUUM ANALYZE"))
    db.session.remove()
    db.engine.dispose()


def _grown(name: str, path: str, ports: tuple[int, int]) -> Figure:
    """How many times as long until the first bytes, with many events as with few."""
    click.echo(f"Measuring {name}", err=True)
    seconds: tuple[list[float], list[float]] = ([], [])
    for number in range(ASKED + 2):
        for port, found in zip(ports, seconds, strict=True):
            found.append(first_bytes(port, path.format(n=f"{name}-{number}"))[0])
    few, many = (median(each[2:]) for each in seconds)  # the first two warm each up
    click.echo(f"{name}: {few * 1000:.1f} ms with few, {many * 1000:.1f} ms with many", err=True)
    return Figure(name, "times", "", [many / few], [])


def _whole_feed(port: int) -> Figure:
    seconds, length = [], 0
    for number in range(3):
        began = time.perf_counter()
        _, length = first_bytes(port, f"/events.ics?language=fi&cold={number}", whole=True)
        seconds.append(time.perf_counter() - began)
    click.echo(f"feed_10000_cold: {length:,} bytes", err=True)
    return Figure("feed_10000_cold", "seconds", "", seconds, [])


def first_bytes(port: int, path: str, *, whole: bool = False) -> tuple[float, int]:
    """The seconds until the first bytes of the body, and how many bytes were read."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.connect()
    began = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    if answer.status != 200:
        raise servers.StartError(f"{path} answered {answer.status}.")
    length = len(answer.read(1000))
    seconds = time.perf_counter() - began
    while whole and (chunk := answer.read(1 << 20)):
        length += len(chunk)
    connection.close()
    return seconds, length
