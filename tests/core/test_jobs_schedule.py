"""What runs by the clock: each slot once, in whichever worker; how it went is noted for a while."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from huey import Huey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from interact_events.core import clock, jobs
from interact_events.core.db import db
from interact_events.core.jobs import LOST_AFTER, RunState, Task, TaskRun
from interact_events.core.jobs.schedule import RUNS_KEPT, Scheduled, scheduled
from tests import make

ran: list[str] = []
MONDAY = datetime(2027, 5, 10, 9, 0, 20, tzinfo=UTC)


def each_minute() -> None:
    """A sentence about it
    in two lines.

    And more.
    """
    ran.append("each_minute")


def each_day() -> None:
    ran.append("each_day")


def failing() -> None:
    make.office().name = "Never kept"
    raise ValueError("zoi@example.org")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`at(instant)` moves the clock."""
    return lambda instant: monkeypatch.setattr(clock, "now", lambda: instant)


@pytest.fixture(autouse=True)
def tasks(app: Flask, monkeypatch: pytest.MonkeyPatch, at: Any) -> Iterator[None]:
    """The only three that there are."""
    ran.clear()
    at(MONDAY)
    known = {t.name: t for t in jobs.TASKS.values() if t.minutes}
    for name in known:
        monkeypatch.delitem(jobs.TASKS, name)
    for function, minutes in ((each_minute, 1), (each_day, 24 * 60), (failing, 5)):
        name = f"tests.{function.__name__}"
        monkeypatch.setitem(jobs.TASKS, name, Task(name, function, minutes))
    yield
    assert known  # the real ones


def tick(app: Flask, *, times: int = 1) -> list[str]:
    """The minute has come, in so many workers; what ran."""
    ran.clear()
    for _ in range(times):
        jobs.tick()
    jobs.run_queued(app)
    db.session.expire_all()
    return sorted(ran)


def runs(name: str) -> list[TaskRun]:
    query = select(TaskRun).where(TaskRun.task == f"tests.{name}").order_by(TaskRun.id)
    return list(db.session.scalars(query))


# -- slots ---------------------------------------------------------------------------------------

INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
MINUTES = st.integers(1, 60 * 24 * 7)


@given(INSTANTS, MINUTES)
def test_an_instant_lies_in_its_slot(now: datetime, minutes: int) -> None:
    slot = jobs.slot_of(now, minutes)
    assert slot <= now < slot + timedelta(minutes=minutes)


@given(INSTANTS, MINUTES, st.data())
def test_all_of_a_slot_is_one_slot_and_the_next_one_is_another(
    now: datetime, minutes: int, data: st.DataObject
) -> None:
    slot, length = jobs.slot_of(now, minutes), timedelta(minutes=minutes)
    later = data.draw(st.timedeltas(timedelta(), length - timedelta.resolution))
    assert jobs.slot_of(slot + later, minutes) == slot
    assert jobs.slot_of(slot + length, minutes) == slot + length


@given(INSTANTS, st.sampled_from([1, 5, 15, 60]))
def test_slots_begin_on_the_clock(now: datetime, minutes: int) -> None:
    slot = jobs.slot_of(now, minutes)
    assert (slot.minute % minutes, slot.second, slot.microsecond) == (0, 0, 0)


# -- running -------------------------------------------------------------------------------------


def test_what_is_due_runs_once_however_many_workers_ask(app: Flask, at: Any) -> None:
    assert tick(app, times=3) == ["each_day", "each_minute"]
    at(MONDAY + timedelta(seconds=30))
    assert tick(app) == []
    at(MONDAY + timedelta(minutes=1))
    assert tick(app, times=2) == ["each_minute"]
    at(MONDAY + timedelta(days=1))
    assert tick(app) == ["each_day", "each_minute"]


def test_what_was_missed_is_caught_up_once(app: Flask, at: Any) -> None:
    tick(app)
    at(MONDAY + timedelta(days=3, minutes=7))
    assert tick(app) == ["each_day", "each_minute"]
    assert tick(app) == []


def test_two_workers_with_the_same_nudge_run_it_once(app: Flask) -> None:
    for _ in range(2):
        jobs.run_scheduled("tests.each_day")
    assert ran == ["each_day"]
    assert [run.slot_at for run in runs("each_day")] == [MONDAY.replace(hour=0, second=0)]


def test_nothing_begins_while_the_run_before_goes_on(app: Flask, at: Any) -> None:
    tick(app)
    (run,) = runs("each_minute")
    run.state, run.finished_at = RunState.RUNNING, None
    later = MONDAY + timedelta(minutes=10)
    run.seen_at = later
    db.session.commit()
    at(later)
    assert "each_minute" not in tick(app)
    at(later + LOST_AFTER + timedelta(minutes=1))  # it is silent: its worker has died
    assert "each_minute" in tick(app)
    assert runs("each_minute")[0].is_lost(clock.now())


def test_a_failure_is_noted_without_what_it_says(app: Flask, at: Any) -> None:
    tick(app)
    at(MONDAY + timedelta(minutes=5))
    tick(app)  # it is tried again in its next slot
    noted = [(run.state, run.error, run.seconds) for run in runs("failing")]
    assert noted == [(RunState.FAILED, "ValueError", 0.0)] * 2
    assert make.office().name == "Interact Office Turku"


def test_the_queue_itself_only_asks_each_minute(app: Flask) -> None:
    huey: Huey = app.extensions["huey"]
    for minute in (0, 1, 59):
        due = huey.read_periodic(datetime(2027, 5, 12, 9, minute))  # noqa: DTZ001
        assert [task.name for task in due] == ["core.tick"]


# -- looking at it -------------------------------------------------------------------------------


def line(name: str) -> Scheduled:
    return next(each for each in jobs.timetable(clock.now()) if each.task.name == f"tests.{name}")


def test_the_schedule_says_last_and_next(app: Flask, at: Any) -> None:
    midnight = MONDAY.replace(hour=0, minute=0, second=0)
    assert (line("each_day").last, line("each_day").next_at) == (None, midnight)
    tick(app)
    last = line("each_day").last
    assert last is not None
    assert (last.state, last.started_at) == (RunState.DONE, MONDAY)
    assert line("each_day").next_at == midnight + timedelta(days=1)
    at(MONDAY + timedelta(days=2))  # nobody has been at work
    assert line("each_day").next_at == midnight + timedelta(days=2)
    assert line("each_minute").task.about == "A sentence about it in two lines."


def test_the_last_failure_stays_in_sight(
    app: Flask, monkeypatch: pytest.MonkeyPatch, at: Any
) -> None:
    tick(app)
    mended = Task("tests.failing", each_day, 5)
    monkeypatch.setitem(jobs.TASKS, "tests.failing", mended)
    at(MONDAY + timedelta(minutes=5))
    tick(app)
    found = line("failing")
    assert found.last
    assert found.failed
    assert (found.last.state, found.failed.started_at) == (RunState.DONE, MONDAY)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        *((1, "Minute"), (5, "5 minutes"), (60, "Hour"), (90, "90 minutes"), (120, "2 hours")),
        *((1440, "Day"), (7 * 1440, "7 days")),
    ],
)
def test_how_often_in_words(minutes: int, words: str) -> None:
    assert Scheduled(Task("x", each_day, minutes), None, None, MONDAY).every == words


def test_notes_of_runs_stay_few(app: Flask, at: Any) -> None:
    for number in range(RUNS_KEPT + 5):
        at(MONDAY + timedelta(minutes=number))
        tick(app)
    failures = len(runs("failing"))
    jobs.tidy_jobs()
    kept = runs("each_minute")
    assert (len(kept), len(runs("failing"))) == (RUNS_KEPT, failures)
    assert kept[-1].started_at == MONDAY + timedelta(minutes=RUNS_KEPT + 4)


def test_old_failures_are_forgotten_too(app: Flask, at: Any) -> None:
    for number in range(RUNS_KEPT + 5):
        at(MONDAY + timedelta(minutes=5 * number))
        tick(app)
    at(MONDAY + timedelta(days=15))
    jobs.tidy_jobs()
    assert len(runs("failing")) == RUNS_KEPT


DO = {
    *("Delete", "Empty", "End", "Find", "Forget", "Give", "Move", "Publish"),
    *("Read", "Remove", "Send", "Start", "Take", "Write"),
}


def test_every_real_task_says_what_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    silent = [t.name for t in scheduled() if t.about == t.name or not t.about.endswith(".")]
    assert silent == []
    assert {t.about.split()[0] for t in scheduled()} <= DO, "each begins with what it does"
    assert {"core.sweep_jobs", "core.sweep_outbox"} <= {t.name for t in scheduled()}
