"""Real workers on a real queue that are killed, suspended or ended; a Redis that loses everything.

Every step is done, and none twice: steps are rows that are saved together with their progress.
"""

import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from socket import create_connection

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from interact_events.config import read_settings
from interact_events.core import clock, jobs
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db, reading
from interact_events.core.jobs import Job, JobState, TaskRun, running
from interact_events.factory import create_app
from tests.bench import servers
from tests.bench.pages import production
from tests.core import worker
from tests.processes import Forked

pytestmark = pytest.mark.xdist_group("faults")

DATABASE = os.environ.get("TEST_DATABASE", "sqlite")
PATIENCE = 40  # seconds in which everything has come to its end, however slow the machine


# -- the site, its workers and its Redis ---------------------------------------------------------


@dataclass
class Redis:
    """A server that keeps nothing on disk: what it held is gone with it."""

    port: int
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        program = shutil.which("redis-server")
        assert program, "No redis-server. Install Debian's package redis-server."
        options = ("--port", str(self.port), "--save", "", "--appendonly", "no")
        self.process = subprocess.Popen(
            [program, *options, "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL
        )
        wait_until(self._answers)

    def _answers(self) -> bool:
        try:
            create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None


@dataclass
class Site:
    """The database, the queue, and workers; `app` looks at them from here."""

    app: Flask
    environ: dict[str, str]
    folder: Path
    redis: Redis | None
    workers: dict[int, Forked] = field(default_factory=dict)

    def have(self, number: int) -> list[int]:
        """So many workers that are ready."""
        self.workers = {pid: p for pid, p in self.workers.items() if not p.is_over}
        started = [self._start(n) for n in range(number - len(self.workers))]
        wait_until(lambda: all(mark.exists() for mark in started))
        return list(self.workers)

    def _start(self, number: int) -> Path:
        mark = self.folder / f"ready-{time.monotonic_ns()}-{number}"
        environ = self.environ | {"READY": str(mark)}
        process = Forked(worker.main, environ, self.folder / "worker.log")
        self.workers[process.pid] = process
        return mark

    def kill(self, pid: int) -> None:
        self.workers[pid].kill()
        self.workers.pop(pid).wait()

    def began(self) -> Counter[str]:
        path = Path(self.environ["BEGINNINGS"])
        return Counter(path.read_text().splitlines() if path.exists() else ())


def wait_until(is_so: Callable[[], object], meanwhile: Callable[[], object] = bool) -> None:
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until, "it took too long"
        meanwhile()
        time.sleep(0.05)


@contextmanager
def redis_for(queue: str) -> Iterator[Redis | None]:
    if queue != "redis":
        yield None
        return
    redis = Redis(servers.free_port())
    redis.start()
    try:
        yield redis
    finally:
        redis.kill()


@pytest.fixture(scope="module", params=["file", "redis"])
def running_site(request: pytest.FixtureRequest) -> Iterator[Site]:
    with (
        servers.folder() as folder,
        servers.database(folder) as url,
        redis_for(request.param) as redis,
    ):
        environ = production(folder, url, servers.free_port())
        environ |= {
            "REDIS_URL": f"redis://127.0.0.1:{redis.port}/0" if redis else "",
            "BEGINNINGS": str(folder / "beginnings"),
        }
        worker.learn()
        settings = read_settings(environ)
        app = create_app(replace(settings, redis_url=None))  # limits are one for all the tests
        jobs.init_app(app, settings)
        with app.app_context():
            upgrade()
        site = Site(app, environ, folder, redis)
        try:
            yield site
        finally:
            for pid in list(site.workers):
                site.kill(pid)
            worker.forget()
            if redis:
                app.extensions["huey"].storage.pool.disconnect()
            with app.app_context():
                db.engine.dispose()


@pytest.fixture
def site(running_site: Site) -> Iterator[Site]:
    """It, with two workers that are ready."""
    running_site.have(2)
    with running_site.app.app_context():
        yield running_site
        db.session.rollback()


@dataclass(frozen=True)
class Owner:
    id: int = 1


def started(work: Callable[..., str], **arguments: int) -> int:
    job = jobs.start(work, "Work", actor=Owner(), now=clock.now(), back_url="/", **arguments)
    number = job.id
    db.session.commit()
    return number


def start(upto: int, milliseconds: int) -> int:
    return started(worker.count, upto=upto, milliseconds=milliseconds)


@contextmanager
def looking() -> Iterator[None]:
    """At what is there now, without standing in anybody's way."""
    db.session.rollback()
    with reading():
        yield
        db.session.expunge_all()
        db.session.rollback()


def job(number: int) -> Job:
    with looking():
        return db.session.get_one(Job, number)


def steps(number: int) -> list[tuple[int, int]]:
    """The number of each step that was saved, and whose it was."""
    saved = (
        select(AuditEntry.changes)
        .where(AuditEntry.action == "step", AuditEntry.subject_id == number)
        .order_by(AuditEntry.id)
    )
    with looking():
        found = db.session.scalars(saved).all()
    return [(changes["number"], changes["pid"]) for changes in found]


def sweep() -> None:
    """What comes of itself within a minute."""
    jobs.queue(jobs.sweep_jobs)
    db.session.execute(select(1))
    db.session.commit()


def wait_for(*numbers: int, meanwhile: Callable[[], object] = bool) -> None:
    def are_over() -> bool:
        return all(job(number).is_over for number in numbers)

    wait_until(are_over, meanwhile)
    assert {job(number).outcome for number in numbers} <= {
        f"Counted to {len(steps(number))}." for number in numbers
    }


# -- workers -------------------------------------------------------------------------------------


def test_a_worker_killed_in_the_middle(site: Site) -> None:
    number = start(upto=15, milliseconds=80)
    wait_until(lambda: len(steps(number)) >= 3)
    victim = steps(number)[-1][1]
    site.kill(victim)
    kept = len(steps(number))
    sweep()
    time.sleep(0.3)
    assert job(number).state is JobState.RUNNING  # too early: it might live
    wait_for(number, meanwhile=sweep)
    done = steps(number)
    assert [step for step, _ in done] == list(range(1, 16))
    assert {pid for _, pid in done[:kept]} == {victim}
    assert victim not in {pid for _, pid in done[kept:]}
    assert job(number).losses == 1


def test_two_workers_never_run_one_job_twice(site: Site) -> None:
    numbers = [start(upto=3, milliseconds=20) for _ in range(20)]
    for _ in range(3):  # nudged again and again
        for number in numbers:
            jobs.queue(jobs.run_job, number)
        db.session.execute(select(1))
        db.session.commit()
    wait_for(*numbers, meanwhile=sweep)
    found = {number: steps(number) for number in numbers}
    assert all([step for step, _ in done] == [1, 2, 3] for done in found.values())
    began = site.began()
    assert {began[f"job {number}"] for number in numbers} == {1}
    assert len({pid for done in found.values() for _, pid in done}) == 2


def test_a_step_that_takes_longer_than_patience_is_left_to_who_does_it(site: Site) -> None:
    number = start(upto=2, milliseconds=2500)
    wait_for(number, meanwhile=sweep)
    assert len({pid for _, pid in steps(number)}) == 1
    assert (site.began()[f"job {number}"], job(number).losses) == (1, 0)


@pytest.mark.skipif(DATABASE == "sqlite", reason="a suspended writer holds its only lock")
def test_a_worker_that_was_only_suspended_saves_nothing_more(site: Site) -> None:
    number = start(upto=12, milliseconds=100)
    wait_until(lambda: len(steps(number)) >= 2)
    sleeper = steps(number)[-1][1]
    os.kill(sleeper, signal.SIGSTOP)
    wait_until(lambda: steps(number)[-1][1] != sleeper, meanwhile=sweep)
    os.kill(sleeper, signal.SIGCONT)
    wait_for(number, meanwhile=sweep)
    done = steps(number)
    assert [step for step, _ in done] == list(range(1, 13))
    assert {pid for _, pid in done} == set(site.workers)


def test_a_worker_that_is_told_to_end_hands_its_job_on_at_once(site: Site) -> None:
    number = start(upto=20, milliseconds=50)
    wait_until(lambda: len(steps(number)) >= 3)
    leaver = steps(number)[-1][1]
    site.workers[leaver].terminate()
    wait_for(number)  # no sweep was needed
    assert site.workers[leaver].wait(PATIENCE) == 0
    done = steps(number)
    assert [step for step, _ in done] == list(range(1, 21))
    assert len({pid for _, pid in done}) == 2
    assert job(number).losses == 0


def test_a_file_is_written_while_others_write_to_the_database(site: Site) -> None:
    """The transaction that reads sees one moment; the progress is told beside it."""
    number, seen = started(worker.write, lines=40), set()

    def look() -> None:
        seen.add(job(number).done)
        start(upto=1, milliseconds=1)  # it writes

    wait_until(lambda: job(number).is_over, look)
    found = job(number)
    assert (found.state, found.outcome, found.done) == (JobState.DONE, "Written.", 40)
    assert seen & set(range(1, 40))
    path = jobs.path_of(found, clock.now())
    assert path is not None
    assert path.read_text().split() == [str(n) for n in range(1, 41)]


def test_what_runs_by_the_clock_runs_once(site: Site) -> None:
    for _ in range(10):
        jobs.queue(jobs.tick)
        jobs.queue(jobs.run_scheduled, "tests.clock")
        db.session.execute(select(1))
        db.session.commit()

    def runs() -> list[TaskRun]:
        with looking():
            query = select(TaskRun).where(TaskRun.task == "tests.clock")
            return list(db.session.scalars(query))

    wait_until(lambda: runs() and all(run.finished_at for run in runs()))
    number = start(upto=1, milliseconds=1)  # the queue is in order: all those nudges are through
    wait_for(number)
    assert site.began()["clock"] == len({run.slot_at for run in runs()}) == len(runs())


# -- what they work with -------------------------------------------------------------------------


def test_redis_killed_and_started_again_in_the_middle(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    if site.redis is None:
        pytest.skip("the file is no process that could end")
    numbers = [start(upto=4, milliseconds=100) for _ in range(8)]
    wait_until(lambda: any(len(steps(number)) >= 2 for number in numbers))
    site.redis.kill()
    numbers += [start(upto=2, milliseconds=10) for _ in range(2)]  # noted though nobody is nudged
    time.sleep(0.5)
    site.redis.start()
    assert JobState.WAITING in {job(number).state for number in numbers}
    monkeypatch.setattr(running, "NUDGED_AFTER", worker.LOST_AFTER)
    wait_for(*numbers, meanwhile=jobs.sweep_jobs)
    assert [len(steps(number)) for number in numbers] == [4] * 8 + [2] * 2
    assert {site.began()[f"job {number}"] for number in numbers} == {1}


@pytest.mark.skipif(DATABASE != "postgresql", reason="SQLite is no process that could end")
def test_the_database_killed_and_started_again_in_the_middle(site: Site) -> None:
    number = start(upto=12, milliseconds=100)
    wait_until(lambda: len(steps(number)) >= 3)
    db.session.rollback()
    db.session.remove()
    servers.crash_postgresql(site.folder)
    db.engine.dispose()  # the connections of this process ended with it
    wait_for(number, meanwhile=sweep)
    assert [step for step, _ in steps(number)] == list(range(1, 13))
