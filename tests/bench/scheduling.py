"""Part `scheduling`: finding a date in a year for thirty countries, and a year of warnings."""

import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from datetime import time as clock_time

import click
from flask_migrate import upgrade
from sqlalchemy import select

from interact_events.config import read_settings
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.factory import create_app
from interact_events.interreg.actions import load_reference_data
from interact_events.interreg.models import Office, StakeholderRole
from interact_events.scheduling import queries
from interact_events.scheduling.rules import find
from tests.bench import servers
from tests.bench.frame import Figure
from tests.bench.pages import EVENTS, event_of_year, production

ROUNDS = 5


def measured() -> Iterator[Figure]:
    """The figures of this part, one by one; the first round fetches all holidays."""
    with servers.folder() as folder, servers.postgresql(folder) as database_url:
        environ = production(folder, database_url, servers.free_port())
        app = create_app(read_settings(environ), queue_in_memory=True)
        with app.app_context():
            _build()
            office = db.session.scalars(select(Office).where(Office.code == "turku")).one()
            yield _figure("find_first_ms", [_timed(lambda: _find(office))])
            yield _figure("find_ms", [_timed(lambda: _find(office)) for _ in range(ROUNDS)])
            yield _figure("year_of_warnings_ms", [_timed(_warn) for _ in range(ROUNDS)])
            db.engine.dispose()


def _build() -> None:
    click.echo(f"Building {EVENTS} events on PostgreSQL", err=True)
    upgrade()
    load_reference_data()
    db.session.commit()
    offices = list(db.session.scalars(select(Office).where(~Office.is_secretariat)))
    roles = list(db.session.scalars(select(StakeholderRole)))
    events = [event_of_year(number, offices[number % len(offices)]) for number in range(EVENTS)]
    for number, event in enumerate(events):
        event.roles = [roles[number % len(roles)]]
    db.session.commit()


def _find(office: Office) -> None:
    """A year, thirty countries, two days for three roles."""
    today = clock.to_local(clock.now(), office.zone).date()
    wish, around = queries.wish_of(office, None, _wanted(today))
    found = find(wish, around, today)
    if len(found.proposals) != 10 or found.proposals[0].of_all != 30:
        raise servers.StartError("The finder did not find ten dates for thirty countries.")


def _wanted(today: date) -> queries.Wanted:
    return queries.Wanted(
        first=today,
        last=today + timedelta(days=365),
        days=2,
        weekdays=frozenset(range(5)),
        starts=clock_time(9),
        ends=clock_time(16),
        roles=frozenset(db.session.scalars(select(StakeholderRole.id).limit(3))),
    )


def _warn() -> None:
    queries.warnings_of(db.session.scalars(select(Event)).unique().all(), now=clock.now())


def _timed(work: Callable[[], None]) -> float:
    db.session.expire_all()
    begun = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begun)


def _figure(name: str, milliseconds: list[float]) -> Figure:
    click.echo(f"Measured {name}", err=True)
    return Figure(name, "ms", "", milliseconds, [])
