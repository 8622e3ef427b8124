"""Part `seats`: the opening rush, over HTTP, for fewer seats than people."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from statistics import median

import click
import psycopg
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, insert, select, text

from interact_events.accounts.models import Profile, SignIn, User
from interact_events.accounts.queries import token_hash
from interact_events.config import read_settings
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.web import kept
from interact_events.events.models import Event
from interact_events.factory import create_app
from interact_events.interreg.actions import load_reference_data
from interact_events.interreg.models import Country, Programme, StakeholderRole
from interact_events.registrations.actions import recount
from interact_events.registrations.models import Registration, State
from interact_events.registrations.queries import (
    applicants_at,
    rules_and_taken,
    rules_of,
    seat_rules_of,
)
from interact_events.registrations.rules import (
    Cap,
    Dimension,
    Hold,
    SeatsTaken,
    Step,
    decide,
    excesses,
)
from tests import make
from tests.bench import servers
from tests.bench.frame import Figure
from tests.bench.pages import production
from tests.bench.people import Browser, Visitor, run_errands, signed_in

PEOPLE = 2000
SEATS = 300
BARE_SECONDS = 3.0
BARE_CONNECTIONS = 4  # more of them make no more
FULL, EMPTY = 50_000, 50  # registrations of the events that growth compares
GROWTH_POSTS = 150
REFERENCE = "bare PostgreSQL transaction: lock a row, insert a row"
VIEW = "view by the same libraries: sign-in, form, lock a row, insert a row"


def measured() -> Iterator[Figure]:
    """The figures of this part, one by one."""
    with servers.folder() as folder, servers.postgresql(folder) as database_url:
        port = servers.free_port()
        environ = production(folder, database_url, port)
        app = create_app(read_settings(environ), queue_in_memory=True)
        with app.app_context():
            _prepare_database()
        with servers.gunicorn("app:app", port, environ, folder / "app.log"):
            yield from _rush(app, port, environ, folder)
            yield _growth(app, port)


def _prepare_database() -> None:
    click.echo(f"Building {PEOPLE:,} people on PostgreSQL", err=True)
    upgrade()
    load_reference_data()
    db.session.commit()


# -- the rush ------------------------------------------------------------------------------------


def _rush(app: Flask, port: int, environ: Mapping[str, str], folder: Path) -> Iterator[Figure]:
    """Form page, post and result page for each; then the same posts alone."""
    with app.app_context():
        slug, visitors = _opening("flow"), _visitors(app, PEOPLE)
    click.echo("Measuring the rush", err=True)
    seconds = run_errands(port, visitors, lambda b, v: _complete(b, v, f"/events/{slug}"))
    yield _plain("flow_rate", "registrations/s", [PEOPLE / seconds])
    with app.app_context():
        wrong = _oversold(slug), _order_violations(slug)
        again = _opening("post")
    yield from _posts(f"/events/{again}", port, visitors, environ, folder)
    with app.app_context():
        yield _plain("oversold", "seats", [wrong[0] + _oversold(again)])
        yield _plain("order_violations", "people", [wrong[1] + _order_violations(again)])
        db.engine.dispose()


def _posts(
    page: str, port: int, visitors: Sequence[Visitor], environ: Mapping[str, str], folder: Path
) -> Iterator[Figure]:
    """Posts alone, between two rounds of each reference."""
    click.echo("Measuring posts alone against two references", err=True)
    before = _references(visitors, environ, folder)
    for visitor in visitors:
        visitor.seconds.clear()
    rate = [PEOPLE / run_errands(port, visitors, lambda b, v: _post(b, v, page))]
    posts = sorted(1000 * visitor.seconds[0] for visitor in visitors)
    bare, view = zip(before, _references(visitors, environ, folder), strict=True)
    yield Figure("post_rate", "registrations/s", REFERENCE, rate, bare)
    yield Figure("post_rate_of_view", "registrations/s", VIEW, rate, view)
    yield _plain("post_p99_ms", "ms", [posts[int(len(posts) * 0.99)]])


async def _complete(browser: Browser, visitor: Visitor, page: str) -> None:
    await browser.get(f"{page}/register", visitor)
    result = await browser.post(f"{page}/register", visitor, profile=visitor.profile)
    await browser.get(result, visitor)


async def _post(browser: Browser, visitor: Visitor, page: str) -> None:
    await browser.post(f"{page}/register", visitor, profile=visitor.profile)


def _plain(name: str, unit: str, values: Sequence[float]) -> Figure:
    return Figure(name, unit, "", values, [])


def _opening(title: str) -> str:
    """An event with caps and held seats for which everybody registers at once."""
    event = make.event(f"Opening {title}", capacity=SEATS)
    event.roles = list(db.session.scalars(select(StakeholderRole)))
    controllers = frozenset({make.role("CTRL").id})
    make.seat_rules(
        event,
        caps=[
            Cap(Dimension.PROGRAMME, (Step(None, 2), Step(clock.now() + timedelta(days=5), 3))),
            Cap(Dimension.ROLE_IN_COUNTRY, (Step(None, 1),), make.role("NA").id),
        ],
        holds=[Hold(controllers, 20, clock.now() + timedelta(days=7))],
    )
    return event.slug


def _oversold(slug: str) -> int:
    """Seats beyond the capacity or a cap, by the rows themselves."""
    event = db.session.scalars(select(Event).where(Event.slug == slug)).one()
    seated = applicants_at(event, Registration.state == State.CONFIRMED)
    taken = SeatsTaken.of(each.applicant for each in seated)
    rules, counted = rules_and_taken(event, seat_rules_of(event))
    if taken != counted:
        raise servers.StartError("The counts of seats do not add up.")
    return sum(e.taken - e.most for e in excesses(rules, taken, clock.now()))


def _order_violations(slug: str) -> int:
    """People who did not get what the rules give them in the order of arrival."""
    event = db.session.scalars(select(Event).where(Event.slug == slug)).one()
    states = dict(iter(db.session.execute(select(Registration.id, Registration.state))))
    rules, taken, wrong = rules_of(event), SeatsTaken(), 0
    everybody = applicants_at(event, Registration.state.in_(list(State)))
    if len(everybody) != PEOPLE:
        raise servers.StartError(f"{len(everybody)} of {PEOPLE} people are registered.")
    for each in everybody:
        expected = decide(rules, taken, each.applicant, clock.now()).state
        wrong += states[each.number] is not expected
        if expected is State.CONFIRMED:
            taken.give(each.applicant)
    return wrong


# -- people --------------------------------------------------------------------------------------


def _visitors(app: Flask, number: int) -> list[Visitor]:
    """People of every role, programme and country, signed in; their cookies as a browser's."""
    first = (db.session.scalar(select(func.max(User.id))) or 0) + 1
    users = range(first, first + number)
    _insert_people(users)
    db.session.execute(
        insert(SignIn),
        [
            {
                "user_id": user,
                "token_hash": token_hash(f"token-{user}"),
                "created_at": clock.now(),
                "expires_at": clock.now() + timedelta(days=1),
            }
            for user in users
        ],
    )
    profiles = db.session.scalars(
        select(Profile.id).where(Profile.user_id.in_(users)).order_by(Profile.user_id)
    ).all()
    db.session.commit()
    return [signed_in(app, user, profile) for user, profile in zip(users, profiles, strict=True)]


def _insert_people(users: Sequence[int]) -> None:
    now = clock.now()
    db.session.execute(
        insert(User),
        [
            {
                "id": user,
                "email": f"visitor{user}@example.org",
                "name": f"Visitor {user}",
                "password_hash": "-",
                "zone": "Europe/Helsinki",
                "created_at": now,
                "confirmed_at": now,
            }
            for user in users
        ],
    )
    profiles = [facts | {"is_default": True} for facts in _capacities(users)]
    db.session.execute(insert(Profile), profiles)
    # Numbers were given by hand, so the next one has to be told.
    db.session.execute(text("SELECT setval('users_id_seq', (SELECT max(id) FROM users))"))


def _capacities(users: Sequence[int]) -> list[dict[str, object]]:
    roles = db.session.scalars(select(StakeholderRole.id).order_by(StakeholderRole.id)).all()
    programmes = db.session.scalars(select(Programme.id).order_by(Programme.id)).all()
    countries = db.session.scalars(select(Country.id).order_by(Country.id)).all()
    return [
        {
            "user_id": user,
            "institution": f"Institution {user % 700}",
            "role_id": roles[user % len(roles)],
            "programme_id": programmes[user * 7 % len(programmes)],
            "country_id": countries[user * 5 % len(countries)],
        }
        for user in users
    ]


# -- the references ------------------------------------------------------------------------------


def _references(
    visitors: Sequence[Visitor], environ: Mapping[str, str], folder: Path
) -> tuple[float, float]:
    """Both rates: of bare transactions, and of posts to a view that does only that."""
    return _bare_rate(environ["DATABASE_URL"]), _view_rate(visitors, environ, folder)


def _view_rate(visitors: Sequence[Visitor], environ: Mapping[str, str], folder: Path) -> float:
    port, environ = servers.free_port(), {**environ, "SESSION_COOKIE_NAME": kept.SESSION}
    with servers.gunicorn("tests.bench.view:app", port, environ, folder / "view.log"):
        run_errands(port, visitors[:200], lambda b, v: _post(b, v, ""))  # warms it up
        return len(visitors) / run_errands(port, visitors, lambda b, v: _post(b, v, ""))


def _bare_rate(database_url: str) -> float:
    """Transactions a second that lock one row and insert one, on as many connections."""
    address = database_url.replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS bare_rows (id serial PRIMARY KEY, n int)")
        connection.execute("CREATE TABLE IF NOT EXISTS bare_locks (id int PRIMARY KEY, n int)")
        connection.execute("INSERT INTO bare_locks VALUES (1, 0) ON CONFLICT DO NOTHING")
    stop = threading.Event()
    with ThreadPoolExecutor(BARE_CONNECTIONS) as pool:
        began = time.perf_counter()
        counts = [pool.submit(_bare_loop, address, stop) for _ in range(BARE_CONNECTIONS)]
        time.sleep(BARE_SECONDS)
        stop.set()
        done = sum(count.result() for count in counts)
    return done / (time.perf_counter() - began)


def _bare_loop(address: str, stop: threading.Event) -> int:
    done = 0
    with psycopg.connect(address) as connection:
        while not stop.is_set():
            connection.execute("SELECT n FROM bare_locks WHERE id = 1 FOR UPDATE")
            connection.execute("INSERT INTO bare_rows (n) VALUES (%s)", (done,))
            connection.commit()
            done += 1
    return done


# -- growth --------------------------------------------------------------------------------------


def _growth(app: Flask, port: int) -> Figure:
    """What one registration takes where 50,000 came before, against where 50 did."""
    click.echo(f"Building an event with {FULL:,} registrations", err=True)
    with app.app_context():
        slugs = [_crowded(FULL), _crowded(EMPTY)]
        visitors = _visitors(app, 2 * GROWTH_POSTS)
        db.engine.dispose()
    click.echo("Measuring growth", err=True)
    errands = {id(v): slugs[at % 2] for at, v in enumerate(visitors)}
    run_errands(
        port,
        visitors,
        lambda browser, v: _post(browser, v, f"/events/{errands[id(v)]}"),
        connections=1,
    )
    groups = (visitors[20::2], visitors[21::2])  # the first ones warm both up
    milliseconds = [median(1000 * v.seconds[0] for v in group) for group in groups]
    return _plain("growth", "times", [milliseconds[0] / milliseconds[1]])


def _crowded(number: int) -> str:
    """A full event with so many registrations, two in five of them waiting."""
    seats = number * 3 // 5
    event = make.event(f"Crowded {number}", capacity=seats)
    make.seat_rules(event, caps=[Cap(Dimension.PROGRAMME, (Step(None, number),))])
    first = (db.session.scalar(select(func.max(User.id))) or 0) + 1
    users = range(first, first + number)
    _insert_people(users)
    profiles = db.session.scalars(
        select(Profile.id).where(Profile.user_id.in_(users)).order_by(Profile.user_id)
    ).all()
    rows = [
        facts
        | {
            "event_id": event.id,
            "profile_id": profile,
            "state": State.CONFIRMED if at < seats else State.WAITLISTED,
            "submitted_at": clock.now(),
            "name": f"Visitor {facts['user_id']}",
            "role_label": "Controller",
        }
        for at, (facts, profile) in enumerate(zip(_capacities(users), profiles, strict=True))
    ]
    db.session.execute(insert(Registration), rows)
    event.seats_taken, event.waiting = seats, number - seats
    recount(event)
    db.session.commit()
    return event.slug
