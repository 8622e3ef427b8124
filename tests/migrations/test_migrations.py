"""Every migration goes up and down on both databases, and leaves exactly what the models say."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import inspect

from interact_events.core.db import db
from interact_events.factory import create_app
from tests.conftest import new_postgresql, settings_for


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on an empty database of each kind."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    else:
        address = new_postgresql(request.getfixturevalue("postgresql_folder"), "empty")
    app = create_app(settings_for(tmp_path, address), queue_in_memory=True)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_migrations_go_up_match_the_models_and_go_down(empty_app: Flask) -> None:
    upgrade()
    check()  # raises where models and tables differ
    assert set(inspect(db.engine).get_table_names()) == {*db.metadata.tables, "alembic_version"}
    downgrade(revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    upgrade()
