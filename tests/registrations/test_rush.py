"""The last seat, asked for by several processes at once, through the real application."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from interact_events.accounts.models import Profile, User
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Event
from interact_events.factory import create_app
from interact_events.interreg.actions import load_reference_data
from interact_events.registrations.models import Registration, State
from tests import make
from tests.client import TOKEN, Client
from tests.conftest import new_postgresql, settings_for
from tests.processes import CONTEXT

PROCESSES = 4


@pytest.fixture
def address(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database of its own: what several processes share has to be committed."""
    if os.environ.get("TEST_DATABASE") == "postgresql":
        return new_postgresql(request.getfixturevalue("postgresql_folder"), "rush")
    return f"sqlite:///{tmp_path / 'rush.sqlite'}"


def app_on(address: str, folder: Path) -> Flask:
    app = create_app(settings_for(folder, address), queue_in_memory=True)
    app.test_client_class = Client
    return app


@pytest.fixture
def shared(address: str, tmp_path: Path) -> Iterator[Flask]:
    app = app_on(address, tmp_path)
    with app.app_context():
        upgrade()
        load_reference_data()
        db.session.commit()
        yield app
        db.session.remove()
        db.engine.dispose()


def press(
    address: str, folder: Path, barrier: Barrier, slug: str, user_id: int, profile_id: int
) -> None:
    """One person in one process: sign in, open the form, wait for the others, send it."""
    app = app_on(address, folder)
    with app.app_context():
        client = app.test_client()
        assert isinstance(client, Client)
        client.sign_in(db.session.get_one(User, user_id))
        page = f"/events/{slug}/register"
        token = client.get(page).get_data(as_text=True).split('name="csrf_token"')[1]
        fields = {"csrf_token": token.split('value="')[1].split('"')[0], "profile": profile_id}
        db.session.remove()
        barrier.wait(timeout=60)
        client.post(page, data=fields)
        db.session.remove()
        db.engine.dispose()


def send_as_newcomer(
    address: str, folder: Path, barrier: Barrier, slug: str, fields: dict[str, Any], now: datetime
) -> None:
    """One browser in one process; all have the same clock, for a link goes once in ten minutes."""
    app = app_on(address, folder)
    with app.app_context(), patch.object(clock, "now", return_value=now):
        client = app.test_client()
        page = f"/events/{slug}/register"
        token = TOKEN.findall(client.get(page).text)[-1]
        db.session.remove()
        barrier.wait(timeout=60)
        answer = client.post(page, data=fields | {"csrf_token": token})
        assert (answer.status_code, answer.location) == (303, "/check-mail")
        db.session.remove()
        db.engine.dispose()


def rush(
    address: str,
    folder: Path,
    slug: str,
    people: Sequence[tuple[Any, ...]],
    act: Callable[..., None] = press,
) -> None:
    """Everybody presses at the same moment; a child that fails fails the test."""
    db.session.remove()  # or this process would hold SQLite's one write lock meanwhile
    barrier = CONTEXT.Barrier(len(people))
    children = [
        CONTEXT.Process(target=act, args=(address, folder, barrier, slug, *person))
        for person in people
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(timeout=120)
    assert [child.exitcode for child in children] == [0] * len(people)


def event_again(slug: str) -> Event:
    return db.session.scalars(select(Event).where(Event.slug == slug)).one()


def assert_everything_adds_up(app: Flask) -> None:
    db.session.remove()
    result = app.test_cli_runner().invoke(args=["registrations", "audit"])
    assert (result.exit_code, result.output.endswith("everything adds up.\n")) == (0, True)


def test_the_last_seat_goes_to_one_of_them(shared: Flask, address: str, tmp_path: Path) -> None:
    event = make.event(capacity=3)
    make.registration(event)
    make.registration(event)
    people = [
        (profile.user_id, profile.id) for profile in (make.profile() for _ in range(PROCESSES))
    ]
    slug = event.slug
    rush(address, tmp_path, slug, people)
    event = event_again(slug)
    rows = db.session.scalars(select(Registration).order_by(Registration.id)).all()
    assert Counter(row.state for row in rows) == {
        State.CONFIRMED: 3,
        State.WAITLISTED: PROCESSES - 1,
    }
    assert (event.seats_taken, event.waiting) == (3, PROCESSES - 1)
    assert [row.state for row in rows[:3]] == [State.CONFIRMED] * 3  # the first to be written
    kinds = Counter(db.session.scalars(select(OutboxMessage.kind)))
    assert kinds == {"registrations.confirmed": 1, "registrations.waitlisted": PROCESSES - 1}
    assert_everything_adds_up(shared)


def test_one_person_pressing_everywhere_at_once_is_registered_once(
    shared: Flask, address: str, tmp_path: Path
) -> None:
    event, profile = make.event(), make.profile()
    slug = event.slug
    rush(address, tmp_path, slug, [(profile.user_id, profile.id)] * PROCESSES)
    event = event_again(slug)
    assert len(db.session.scalars(select(Registration)).all()) == 1
    assert event.seats_taken == 1
    assert db.session.scalars(select(OutboxMessage.kind)).all() == ["registrations.confirmed"]
    assert_everything_adds_up(shared)


def test_a_newcomers_form_that_comes_everywhere_at_once_registers_once(
    shared: Flask, address: str, tmp_path: Path
) -> None:
    """One account, one profile, one place, one mail."""
    event = make.event(capacity=1)
    slug = event.slug
    fields = {
        "email": "Zoe@New.example",
        "name": 'Ζωή "Žižka" <b>O\'Neil</b>',
        "password": "seven green bicycles sing",
        "institution": "Region of Crete",
        "role": make.role().id,
        "country": make.country("GR").id,
    }
    rush(address, tmp_path, slug, [(fields, clock.now())] * PROCESSES, send_as_newcomer)
    event = event_again(slug)
    row = db.session.scalars(select(Registration)).one()
    assert (row.state, row.upon_confirmation) == (State.UNCONFIRMED, State.CONFIRMED)
    assert (event.seats_taken, event.waiting) == (1, 0)
    assert [user.email for user in db.session.scalars(select(User))] == ["zoe@new.example"]
    assert len(db.session.scalars(select(Profile)).all()) == 1
    (mail,) = db.session.scalars(select(OutboxMessage))
    assert (mail.kind, mail.to_address) == ("registrations.please_confirm", "zoe@new.example")
    assert_everything_adds_up(shared)
