"""What only reads opens no transaction on PostgreSQL; what writes does."""

import os

import pytest
from sqlalchemy import text

from interact_events.core.db import db, one_moment, reading
from interact_events.factory import create_app
from tests.conftest import settings_for

pytestmark = pytest.mark.skipif(
    os.environ.get("TEST_DATABASE") != "postgresql", reason="SQLite says BEGIN itself"
)


def is_in_transaction() -> bool:
    """Whether the second statement belongs to the transaction of the first."""
    db.session.execute(text("SELECT 1"))
    stands_still = db.session.scalar(text("SELECT now() < statement_timestamp()"))
    db.session.rollback()
    return bool(stands_still)


def test_only_what_writes_or_wants_one_moment_opens_a_transaction(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = create_app(settings_for(tmp_path_factory.mktemp("data"), database_url))
    with app.app_context():
        with reading():
            assert not is_in_transaction()
        with one_moment():
            assert is_in_transaction()
        assert is_in_transaction()
        db.session.remove()
        db.engine.dispose()
