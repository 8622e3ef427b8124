"""Whatever changes what a page shows gives the pages another version."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text, update

from interact_events.accounts.models import SignIn, User
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import Base, db, table_of, write
from interact_events.core.versions import PublicVersion, hidden, watching
from interact_events.events.models import Event
from interact_events.factory import HIDDEN
from tests import make


def version() -> str:
    """As whoever comes after the commit reads it."""
    db.session.commit()
    return db.session.scalars(select(PublicVersion.token)).one()


@pytest.mark.parametrize("name", sorted(Base.metadata.tables))
def test_a_table_is_hidden_by_name_or_another_version_of_the_pages(app: Flask, name: str) -> None:
    """Also one that nobody has thought of."""
    table = Base.metadata.tables[name]
    before = version()
    key = next(iter(table.primary_key))
    db.session.execute(update(table).values({key.name: key}))
    assert (version() == before) is (name in {*HIDDEN, "public_versions"})


def test_only_tables_that_are_there_are_hidden(app: Flask) -> None:
    assert set(HIDDEN) - set(Base.metadata.tables) == set()


def test_deleting_a_hidden_row_that_takes_shown_ones_along_is_a_change(app: Flask) -> None:
    """The database carries it on without a statement that would tell."""
    carried = {
        key.column.table.name
        for table in Base.metadata.tables.values()
        if table.name not in HIDDEN
        for key in table.foreign_keys
        if key.ondelete and key.column.table.name in HIDDEN
    }
    assert {name for name in carried if hidden.hides(name, is_delete=True)} == set()
    assert not hidden.hides("events", is_delete=True)


def test_each_way_of_writing_is_noted(app: Flask) -> None:
    event = make.event()
    seen = [version()]

    def note() -> None:
        seen.append(version())

    event.title = "By the object"
    note()
    db.session.execute(update(Event).values(title="By the class"))
    note()
    db.session.execute(update(table_of(Event)).values(title="By the table"))
    note()
    write(event, title="By the key")
    note()
    db.session.execute(text("UPDATE events SET title = 'By a text'"))
    note()
    db.session.connection().exec_driver_sql("UPDATE events SET title = 'By the driver'")
    note()
    assert len(set(seen)) == len(seen)


def test_what_is_rolled_back_and_what_is_read_is_no_change(app: Flask) -> None:
    event = make.event()
    before = version()
    event.title = "Another"
    db.session.flush()
    db.session.rollback()
    db.session.scalars(select(Event).with_for_update(of=Event)).all()
    db.session.execute(text("SELECT title FROM events"))
    now = clock.now()
    db.session.add(AuditEntry(at=now, action="x", subject_type="x", subject_id=1, changes={}))
    assert version() == before


def test_a_connection_that_broke_is_rolled_back_and_used_again(tmp_path: Path) -> None:
    """Else the true reason would be hidden behind another, for which nobody is asked to come
    back."""
    engine = create_engine(f"sqlite:///{tmp_path / 'broken.sqlite'}")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE shown (title TEXT)")
        connection.invalidate()
        connection.rollback()
        assert dict(connection.info) == {}
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    engine.dispose()


def test_who_reads_a_hidden_table_is_known(app: Flask) -> None:
    with watching() as shown:
        db.session.scalars(select(User)).all()
    with watching() as not_shown:
        db.session.scalars(select(SignIn)).all()
    assert (shown.has_read_hidden, not_shown.has_read_hidden) == (False, True)
