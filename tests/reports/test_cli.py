"""Commands that set up, fill and serve."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from interact_events.accounts.models import User
from interact_events.accounts.rules import DEMO_ACCOUNTS, DEMO_PASSWORD
from interact_events.config import ROOT, Mode
from interact_events.core.db import db
from interact_events.factory import create_app
from interact_events.interreg.models import Programme
from interact_events.registrations.models import SeatTally
from tests import make
from tests.conftest import settings_for


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=list(words))
    return result.exit_code, result.output


def test_demo_is_refused_in_production(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(app.extensions["settings"], mode=Mode.PRODUCTION)
    monkeypatch.setitem(app.extensions, "settings", settings)
    assert run(app, "demo") == (
        1,
        "Error: Production has no demo data. Set MODE=demo to look around.\n",
    )
    assert db.session.scalar(select(func.count(User.id))) == 0


def test_demo_says_that_it_is_here_already(app: Flask) -> None:
    make.user(email=DEMO_ACCOUNTS[0][0])
    assert run(app, "demo", "--scale", "1000") == (
        0,
        "The demo is already here. For a new one set DATA_DIR to an empty folder.\n",
    )
    assert db.session.scalar(select(func.count(User.id))) == 1


def new_app(folder: Path, mode: Mode) -> Flask:
    """An application whose database does not exist yet."""
    settings = settings_for(folder, f"sqlite:///{folder / 'new.sqlite'}", mode=mode)
    return create_app(settings, queue_in_memory=True)


def test_prepare_makes_the_database_and_says_the_address(tmp_path: Path) -> None:
    app = new_app(tmp_path, Mode.DEVELOPMENT)
    for _ in range(2):
        assert run(app, "prepare") == (0, "\nInteract Events is at http://localhost\n\n")
    with app.app_context():
        assert db.session.scalar(select(func.count(Programme.id))) == 184
        db.engine.dispose()


def test_prepare_counts_the_seats_that_an_older_version_gave(tmp_path: Path) -> None:
    app = new_app(tmp_path, Mode.DEVELOPMENT)
    run(app, "prepare")
    with app.app_context():
        make.registration(make.event())
        make.event("Nobody has come yet")
        db.session.execute(delete(SeatTally))
        db.session.commit()
    assert run(app, "registrations", "audit")[0] == 1
    run(app, "prepare")
    assert run(app, "registrations", "audit") == (
        0,
        "2 events, 1 registration: everything adds up.\n",
    )
    with app.app_context():
        db.engine.dispose()


def test_prepare_lists_the_demo_accounts_that_are_here(tmp_path: Path) -> None:
    run(new_app(tmp_path, Mode.DEVELOPMENT), "prepare")
    app = new_app(tmp_path, Mode.DEMO)
    with app.app_context():
        make.user(email=DEMO_ACCOUNTS[0][0])
        make.user(email=DEMO_ACCOUNTS[1][0])
    shown = f"""
Interact Events is at http://localhost

Demo accounts, all with the password “{DEMO_PASSWORD}”:
  coordinator@demo.example  Coordinator of the secretariat
  lead.turku@demo.example   Lead in Turku

"""
    assert run(app, "prepare") == (0, shown)
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_worker_works_until_it_is_stopped(tmp_path: Path, stop: signal.Signals) -> None:
    app = new_app(tmp_path, Mode.DEVELOPMENT)
    run(app, "prepare")
    url = app.extensions["settings"].database_url
    environ = os.environ | {"MODE": "demo", "DATA_DIR": str(tmp_path), "DATABASE_URL": url}
    command = [sys.executable, "-m", "flask", "worker"]
    worker = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE)
    try:
        _wait_until_it_listens(worker.pid)
        worker.send_signal(stop)
        _, errors = worker.communicate(timeout=30)
    finally:
        worker.kill()
    assert (worker.returncode, b"Traceback" in errors) == (0, False)


def _wait_until_it_listens(pid: int) -> None:
    """The consumer's last step is to handle SIGHUP, which nothing else in Python does."""
    status = Path(f"/proc/{pid}/status")
    for _ in range(600):
        line = next(line for line in status.read_text().splitlines() if line[:6] == "SigCgt")
        if int(line.split()[1], 16) >> (signal.SIGHUP - 1) & 1:
            return
        time.sleep(0.05)
    raise AssertionError("the worker never began to listen")
