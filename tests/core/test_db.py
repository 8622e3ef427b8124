from contextlib import nullcontext
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, delete, event, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError, NoResultFound, StatementError
from sqlalchemy.orm import undefer

from interact_events.accounts.models import User
from interact_events.core import clock
from interact_events.core import db as module
from interact_events.core.audit import AuditEntry
from interact_events.core.db import (
    count_up,
    db,
    insert_new,
    lock,
    one_moment,
    put_all,
    reading,
    table_of,
    write_changes,
)
from interact_events.events.models import Event, Session
from interact_events.interreg.models import Strand
from interact_events.registrations.models import SeatTally
from interact_events.registrations.rules import Dimension
from tests import make
from tests.at_once import at_once
from tests.client import counted

KNOWS_CHOICE = undefer(Event.has_choice)


def naive(text: str) -> datetime:
    """A wall clock without a zone."""
    return datetime.fromisoformat(text)


def entry(at: datetime) -> AuditEntry:
    return AuditEntry(at=at, action="x", subject_type="x", subject_id=1, changes={})


def test_naive_datetime_is_refused(app: Flask) -> None:
    db.session.add(entry(naive("2027-05-12T09:00")))
    with pytest.raises(StatementError, match="a naive datetime is no instant"):
        db.session.flush()


def test_naive_datetime_is_refused_in_a_question(app: Flask) -> None:
    with pytest.raises(StatementError, match="a naive datetime is no instant"):
        db.session.scalars(select(User).where(User.created_at < naive("2027-05-12T00:00"))).all()


def test_instant_comes_back_as_aware_utc(app: Flask) -> None:
    row = entry(datetime(2027, 5, 12, 9, 0, tzinfo=timezone(timedelta(hours=3))))
    db.session.add(row)
    db.session.commit()
    db.session.expire_all()
    assert (row.at, row.at.tzinfo) == (datetime(2027, 5, 12, 6, 0, tzinfo=UTC), UTC)


def test_instants_compare_across_zones_in_the_database(app: Flask) -> None:
    db.session.add(entry(datetime(2027, 5, 12, 6, 0, tzinfo=UTC)))
    db.session.flush()
    same = datetime(2027, 5, 12, 9, 0, tzinfo=timezone(timedelta(hours=3)))
    assert len(db.session.scalars(select(AuditEntry).where(AuditEntry.at == same)).all()) == 1


def test_foreign_keys_are_enforced(app: Flask) -> None:
    db.session.add(Strand(period_id=999_999, code="X", name="Nowhere"))
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_sqlite_is_set_up_for_many_at_once(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("SQLite's own settings")
    pragmas = ("foreign_keys", "journal_mode", "busy_timeout")
    values = [db.session.scalar(text(f"PRAGMA {name}")) for name in pragmas]
    assert values == [1, "wal", 15000]


def test_enum_is_stored_by_its_value(app: Flask) -> None:
    make.event()
    assert db.session.scalar(text("SELECT kind FROM events")) == "workshop"


def test_lock_reads_the_row_afresh(app: Flask) -> None:
    event = make.event()
    db.session.execute(text("UPDATE events SET seats_taken = 7"))
    assert event.seats_taken == 0
    lock(event)
    assert event.seats_taken == 7


def test_lock_keeps_what_was_changed_before_it(app: Flask) -> None:
    held = make.event(title="Sampling")
    held.title = "Sampling for auditors"
    lock(held)
    assert held.title == "Sampling for auditors"


def test_lock_keeps_what_the_row_still_belongs_to(app: Flask) -> None:
    held = make.event()
    office, country = held.office, held.country
    with counted(db.session.connection()) as statements:
        lock(held)
        assert (held.office, held.country) == (office, country)
    assert len(statements) == 1


def counters(event: Event, taken: int) -> list[dict[str, Any]]:
    same = {"event_id": event.id, "dimension": Dimension.PROGRAMME, "taken": taken}
    return [same | {"key": key} for key in "123"]


def test_many_rows_are_written_by_one_statement(app: Flask) -> None:
    event = make.event()
    keys = (SeatTally.event_id, SeatTally.dimension, SeatTally.key)
    with counted(db.session.connection()) as statements:
        db.session.execute(insert(table_of(SeatTally)), counters(event, 1))
        put_all(SeatTally, counters(event, 2))
        insert_new(keys, counters(event, 3))
        count_up(SeatTally.taken, counters(event, 4))
    assert len(statements) == 4
    assert db.session.scalars(select(SeatTally.taken)).all() == [6, 6, 6]


def test_rows_that_changed_alike_are_written_by_one_statement(app: Flask) -> None:
    people = [make.user(name) for name in ("Anna", "Anna", "Anna", "Zoi")]
    for person in people:
        person.zone, person.name = "Europe/Athens", person.name
    people[0].name = "Eleni"
    with counted(db.session.connection()) as statements:
        write_changes(people)
        assert not any(inspect(person).attrs.zone.history.has_changes() for person in people)
        db.session.flush()
    assert len(statements) == 2
    db.session.expire_all()
    found = [(person.name, person.zone) for person in people]
    assert found == [(name, "Europe/Athens") for name in ("Eleni", "Anna", "Anna", "Zoi")]


def test_changes_that_are_written_together_are_undone_together(app: Flask) -> None:
    people = [make.user(), make.user()]
    with db.session.begin_nested() as attempt:
        for person in people:
            person.zone = "Europe/Athens"
        write_changes(people)
        attempt.rollback()
    assert [person.zone for person in people] == ["Europe/Helsinki"] * 2


def test_new_rows_and_one_alone_are_left_to_the_flush(app: Flask) -> None:
    person, new = make.user(), User(email="new@example.org", name="New", password_hash="")
    person.zone = new.zone = "Europe/Athens"
    new.created_at = clock.now()
    db.session.add(new)
    with counted(db.session.connection()) as statements:
        write_changes([new])
        write_changes([person])
    assert statements == []
    db.session.flush()
    assert [person.zone, new.zone] == ["Europe/Athens"] * 2


def test_lock_of_a_row_with_several_keys_holds_that_row(app: Flask) -> None:
    opening = make.event()
    counters = [
        SeatTally(event_id=opening.id, dimension=Dimension.PROGRAMME, key=key, taken=1)
        for key in "12"
    ]
    db.session.add_all(counters)
    db.session.flush()
    lock(counters[1])
    assert counters[1].key == "2"


def test_who_waited_for_a_lock_reads_all_that_was_changed_meanwhile(crowded: Flask) -> None:
    with crowded.app_context():
        number = make.event(country=make.country("AT")).id
        db.session.commit()

    def moves() -> None:
        held = db.session.get_one(Event, number, populate_existing=True)
        lock(held)
        held.country = make.country("SK")
        db.session.add(
            Session(
                event_id=number,
                uid="laboratory@localhost",
                title="Laboratory",
                starts_at=held.starts_at,
                ends_at=held.ends_at,
                capacity=5,
                revised_at=held.starts_at,
            )
        )
        db.session.flush()

    def waits() -> tuple[str, bool]:
        found = db.session.scalars(select(Event).filter_by(id=number).options(KNOWS_CHOICE)).one()
        assert (found.country and found.country.code, found.has_choice) == ("AT", False)
        lock(found)
        assert found.country
        return found.country.code, found.has_choice

    assert at_once(crowded, moves, waits) == (None, ("SK", True))


def test_lock_of_a_row_that_is_gone_fails(app: Flask) -> None:
    gone = make.event()
    db.session.execute(delete(table_of(Session)).where(Session.event_id == gone.id))
    db.session.execute(delete(table_of(Event)).where(Event.id == gone.id))
    with pytest.raises(NoResultFound):
        lock(gone)


def test_many_counters_are_added_to_by_one_statement(app: Flask) -> None:
    opening = make.event()
    rows = [
        {"event_id": opening.id, "dimension": Dimension.PROGRAMME, "key": str(n), "taken": 1}
        for n in range(5)
    ]
    with counted(db.session.connection()) as first:
        count_up(SeatTally.taken, rows)
    count_up(SeatTally.taken, rows[:1])
    assert len(first) == 1
    taken = select(SeatTally.taken).filter_by(event_id=opening.id).order_by(SeatTally.key)
    assert db.session.scalars(taken).all() == [2, 1, 1, 1, 1]


def test_columns_have_their_names_though_nobody_described_them(app: Flask) -> None:
    rows = db.session.execute(text("SELECT 1 AS one, 'x' AS \"Σύνολο\"")).mappings().all()
    assert [dict(row) for row in rows] == [{"one": 1, "Σύνολο": "x"}]
    nothing = db.session.execute(text("SELECT id AS number FROM users WHERE id < 0"))
    assert (list(nothing.keys()), nothing.all()) == (["number"], [])
    written = db.session.connection().execute(text("UPDATE users SET name = '' WHERE id < 0"))
    assert (written.returns_rows, written.rowcount) == (False, 0)


def test_failed_statement_does_not_tell_what_was_typed(app: Flask) -> None:
    person = make.user(email="zoi@example.org")
    with pytest.raises(IntegrityError) as failure:
        make.user(email=person.email, password_hash="secret")
    assert "secret" not in str(failure.value)


def test_one_moment_only_reads_and_ends_with_its_block(migrated_app: Flask) -> None:
    """Asked of PostgreSQL itself; SQLite sees one moment in every transaction."""
    questions = text("SHOW transaction_isolation"), text("SHOW transaction_read_only")
    with migrated_app.app_context():
        if db.engine.dialect.name != "postgresql":
            pytest.skip("SQLite has no such settings")
        answers = []
        for inside in (one_moment(), nullcontext()):
            with inside, db.engine.connect() as connection:
                answers += [connection.scalar(question) for question in questions]
    assert answers == ["repeatable read", "on", "read committed", "off"]


def test_reading_ends_with_its_block(migrated_app: Flask) -> None:
    statements: list[str] = []
    with migrated_app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("SQLite's one write lock")
        for block in (True, False):
            with db.engine.connect() as connection:
                raw = connection.connection.driver_connection
                raw.set_trace_callback(statements.append)  # type: ignore[union-attr]
                if block:
                    with reading():
                        connection.execute(text("SELECT 1"))
                else:
                    connection.execute(text("SELECT 1"))
                raw.set_trace_callback(None)  # type: ignore[union-attr]
    assert [s for s in statements if s.startswith("BEGIN")] == ["BEGIN", "BEGIN IMMEDIATE"]


# -- connections that rested ---------------------------------------------------------------------


@pytest.mark.parametrize(("rested", "asked"), [(0.0, ["SELECT 1"]), (60.0, [])])
def test_only_a_connection_that_rested_is_asked_whether_it_is_there(
    app: Flask, monkeypatch: pytest.MonkeyPatch, rested: float, asked: list[str]
) -> None:
    monkeypatch.setattr(module, "RESTED", rested)
    statements: list[str] = []
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        raw.set_trace_callback(statements.append)
    assert statements == []
    with engine.connect():
        assert statements == asked
    engine.dispose()


def test_connections_that_ended_while_they_rested_are_made_anew(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told of a database that was started again at night."""
    monkeypatch.setattr(module, "RESTED", 0.0)
    engine = create_engine(database_url)
    made: list[object] = []
    event.listen(engine, "connect", lambda connection, _record: made.append(connection))
    held = [engine.raw_connection() for _ in range(2)]
    ended: list[Any] = [each.dbapi_connection for each in held]
    for each in held:
        each.close()  # back into the pool
    for each in ended:
        each.close()
    for _ in range(2):
        held.append(engine.raw_connection())
        held[-1].cursor().execute("SELECT 1")
    for each in held[2:]:
        each.close()
    assert len(made) == 4
    engine.dispose()
