"""A sign of life while something runs, however long its steps take."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import structlog
from sqlalchemy import ColumnElement, Connection, Engine, update
from sqlalchemy.exc import SQLAlchemyError

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs.rows import Job, TaskRun

log = structlog.get_logger()

EVERY = 10.0  # seconds; several may fail before anybody takes the work for lost


@contextmanager
def beating(table: type[Job | TaskRun], *ours: ColumnElement[bool]) -> Iterator[None]:
    """Until the end of the block write into the row, while it is `ours`, that somebody works."""
    over, engine = Event(), db.engine
    thread = Thread(target=_beat, args=(over, engine, table, ours), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(
    over: Event,
    engine: Engine,
    table: type[Job | TaskRun],
    ours: tuple[ColumnElement[bool], ...],
) -> None:
    """On a connection of its own: the work's may be in the middle of a long transaction."""
    while not over.wait(EVERY):
        try:
            with engine.begin() as connection:
                if not _write(connection, table, ours):
                    return
        except SQLAlchemyError:  # a database that is busy or away; the next beat may get through
            log.warning("heartbeat_missed", table=table.__tablename__)


def _write(
    connection: Connection, table: type[Job | TaskRun], ours: tuple[ColumnElement[bool], ...]
) -> bool:
    found = connection.execute(update(table).where(*ours).values(seen_at=clock.now()))
    return bool(found.rowcount)
