"""Ticks of several check-in desks over HTTP, and a large attendance report."""

import io
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import click
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import delete, func, insert, select, text

from interact_events.accounts.models import Level, SignIn, User
from interact_events.accounts.queries import token_hash
from interact_events.attendance import actions, queries, rules
from interact_events.attendance.actions import REPORTS
from interact_events.attendance.models import Presence
from interact_events.config import read_settings
from interact_events.core import clock, files
from interact_events.core.db import db
from interact_events.events.models import Event, Mode
from interact_events.factory import create_app
from interact_events.interreg.actions import load_reference_data
from interact_events.registrations.models import Registration, State
from tests import make
from tests.bench import servers
from tests.bench.frame import Figure
from tests.bench.load import AnswerError, requests_per_second
from tests.bench.pages import Reference, bare, production
from tests.bench.people import Browser, Visitor, run_errands, signed_in

DESKS = 4
PEOPLE = 1000
ROWS = 5000  # of the report
ROUNDS = 3
SECONDS = 1.5  # of load on the reference in a round
REFERENCE = "bare Flask answering with the same bytes"


def measured() -> Iterator[Figure]:
    """The figures, one by one."""
    with servers.folder() as folder, servers.postgresql(folder) as database_url:
        port = servers.free_port()
        environ = production(folder, database_url, port)
        app = create_app(read_settings(environ), queue_in_memory=True)
        with app.app_context():
            click.echo(f"Building {PEOPLE:,} people on PostgreSQL", err=True)
            upgrade()
            load_reference_data()
            db.session.commit()
            event = _event("Desks", PEOPLE)
            slug, session = event.slug, event.sessions[0].id
            numbers = _numbers(event)
            staff = [_member() for _ in range(DESKS)]
            visitors = [signed_in(app, number, 0) for number in staff]
        with servers.gunicorn("app:app", port, environ, folder / "app.log"):
            yield from _ticks(app, port, folder, slug, session, numbers, visitors)
        with app.app_context():
            yield _import(app)
            db.engine.dispose()


def _event(title: str, people: int) -> Event:
    """It began an hour ago; everybody has a seat."""
    event = make.event(
        title, starts_at=make.days(0) - timedelta(hours=1), mode=Mode.ONLINE, capacity=people
    )
    first = (db.session.scalar(select(func.max(User.id))) or 0) + 1
    users = range(first, first + people)
    db.session.execute(insert(User), [_user(number) for number in users])
    db.session.execute(insert(Registration), [_registration(event, number) for number in users])
    db.session.commit()
    return event


def _user(number: int) -> dict[str, object]:
    return {
        "id": number,
        "email": f"guest{number}@example.org",
        "name": f"Person No{number}",
        "password_hash": "-",
        "zone": "Europe/Helsinki",
        "created_at": clock.now(),
        "confirmed_at": clock.now(),
    }


def _registration(event: Event, user: int) -> dict[str, object]:
    return {
        "event_id": event.id,
        "user_id": user,
        "state": State.CONFIRMED,
        "submitted_at": clock.now(),
        "name": f"Person No{user}",
        "institution": f"Institution {user % 700}",
        "role_id": make.role().id,
        "role_label": "Controller",
        "country_id": make.country().id,
        "is_online": True,
        "search_text": f"person no{user}",
    }


def _numbers(event: Event) -> list[int]:
    rows = select(Registration.id).where(Registration.event_id == event.id)
    return list(db.session.scalars(rows.order_by(Registration.id)))


def _member() -> int:
    """Somebody of the office, signed in."""
    # Numbers were given by hand, so the next one has to be told.
    db.session.execute(text("SELECT setval('users_id_seq', (SELECT max(id) FROM users))"))
    person = make.member(level=Level.VIEWER)
    db.session.execute(
        insert(SignIn),
        {
            "user_id": person.id,
            "token_hash": token_hash(f"token-{person.id}"),
            "created_at": clock.now(),
            "expires_at": clock.now() + timedelta(days=1),
        },
    )
    db.session.commit()
    return person.id


# -- ticks ---------------------------------------------------------------------------------------


def _ticks(
    app: Flask,
    port: int,
    folder: Path,
    slug: str,
    session: int,
    numbers: list[int],
    staff: list[Visitor],
) -> Iterator[Figure]:
    """Each tick is a request of its own, and committed before it is answered."""
    address = f"/offices/turku/events/{slug}/check-in"
    click.echo("Measuring the list", err=True)
    pages: list[str] = []
    run_errands(port, staff[:1], lambda b, v: _look(b, v, address, pages), connections=1)
    yield _plain("desk_list_kb", "kB", [len(pages[0].encode()) / 1000])
    answer = (
        '{"answers":[{"key":"00000000-0000-0000-0000-000000000000",'
        '"message":"","outcome":"taken"}]}\n'
    )
    reference = _answering(folder / "answer", answer)
    click.echo("Measuring ticks against bare Flask", err=True)
    ours, theirs, slowest = [], [], []
    with bare(reference, folder) as (bare_port, _):
        for _ in range(ROUNDS):
            with app.app_context():
                db.session.execute(delete(Presence))
                db.session.commit()
            shares = [_Share(numbers[at::DESKS], staff[at]) for at in range(DESKS)]
            seconds = _run(port, address, session, shares)
            with app.app_context():
                noted = db.session.scalar(select(func.count(Presence.id)))
            if noted != len(numbers):
                raise AnswerError(f"{noted} of {len(numbers)} ticks were noted")
            ours.append(len(numbers) / seconds)
            taken = sorted(s for share in shares for s in share.visitor.seconds)
            slowest.append(1000 * taken[int(len(taken) * 0.99)])
            theirs.append(requests_per_second(bare_port, "/answer", seconds=SECONDS))
    yield Figure("tick_rate", "ticks/s", REFERENCE, ours, theirs)
    yield _plain("tick_p99_ms", "ms", slowest)


class _Share:
    """The people whom one desk ticks."""

    def __init__(self, numbers: list[int], staff: Visitor) -> None:
        self.numbers = numbers
        self.visitor = Visitor(staff.cookie, staff.token, 0)
        self.desk = str(uuid4())


def _run(port: int, address: str, session: int, shares: list[_Share]) -> float:
    by_visitor = {id(share.visitor): share for share in shares}

    async def tick_all(browser: Browser, visitor: Visitor) -> None:
        share = by_visitor[id(visitor)]
        for number in share.numbers:
            await _tick(browser, visitor, f"{address}/ticks", share.desk, session, number)

    visitors = [share.visitor for share in shares]
    return run_errands(port, visitors, tick_all, connections=DESKS)


async def _look(browser: Browser, visitor: Visitor, address: str, pages: list[str]) -> None:
    pages.append(await browser.get(address, visitor))


async def _tick(
    browser: Browser, visitor: Visitor, address: str, desk: str, session: int, number: int
) -> None:
    now = clock.now().isoformat()
    tick = {
        "key": str(uuid4()),
        "registration": number,
        "session": session,
        "present": True,
        "pressed_at": now,
    }
    answer = await browser.send(address, visitor, {"desk": desk, "sent_at": now, "ticks": [tick]})
    if answer["answers"][0]["outcome"] != "taken":
        raise AnswerError(f"A tick was answered {answer}")


def _answering(folder: Path, body: str) -> Reference:
    """Bare Flask that answers as a tick is answered."""
    (folder / "answer").mkdir(parents=True)
    (folder / "answer" / "status").write_text("200")
    (folder / "answer" / "body").write_text(body)
    (folder / "answer" / "content-type").write_text("application/json")
    return Reference(folder)


def _plain(name: str, unit: str, values: list[float]) -> Figure:
    return Figure(name, unit, "", values, [])


# -- a report ------------------------------------------------------------------------------------


def _import(app: Flask) -> Figure:
    """From the file's bytes to what is noted, committed."""
    click.echo(f"Measuring a report of {ROWS:,} rows", err=True)
    rates = []
    with app.test_request_context():
        actor = db.session.get_one(User, _member())
        for number in range(ROUNDS):
            event = _event(f"Report {number}", ROWS)
            report = _zoom(event)
            began = time.perf_counter()
            _note(event, report, actor)
            rates.append(ROWS / (time.perf_counter() - began))
    return _plain("import_rows_rate", "rows/s", rates)


def _zoom(event: Event) -> bytes:
    """Everybody joined a minute after the start, for an hour."""
    joined = event.starts_at + timedelta(minutes=1)
    left = joined + timedelta(hours=1)
    head = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest\n"
    when = f"{joined:%Y-%m-%d %H:%M:%S},{left:%Y-%m-%d %H:%M:%S},60,Yes\n"
    people = db.session.execute(
        select(User.name, User.email)
        .join(Registration, Registration.user_id == User.id)
        .where(Registration.event_id == event.id)
    )
    return (head + "".join(f"{name},{email},{when}" for name, email in people)).encode()


def _note(event: Event, content: bytes, actor: User) -> None:
    now = clock.now()
    report = rules.report_of(content)
    with files.keeping(REPORTS, [io.BytesIO(content)]) as (kept,):
        row = actions.add_import(event, report, kept, "report.csv", actor=actor, now=now)
        db.session.commit()
    actions.choose(row, zone="UTC", order="day-first", without=[], people={})
    db.session.commit()
    seen = queries.preview(row, report, now).seen
    people = actions.apply_import(row, report, seen=seen, actor=actor, now=now)
    db.session.commit()
    if people != ROWS:
        raise AnswerError(f"{people} of {ROWS} people were noted")
