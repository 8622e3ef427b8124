"""The product as `make run` serves it: demo data, web and worker; a port and folder of its own."""

import os
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from types import TracebackType

from interact_events.config import ROOT

BIN = ROOT / ".venv" / "bin"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Site:
    """A running site; a context that stops all it has started."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.environment = os.environ | {
            "MODE": "demo",
            "PORT": str(self.port),
            "BASE_URL": self.url,
            "DATA_DIR": str(folder),
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "MAIL_URL": "",
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Site":
        self.run("flask", "prepare")
        self._start("gunicorn", "--bind", f"127.0.0.1:{self.port}", "--workers", "1")
        self._start("flask", "worker")
        self._wait_until_ready()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(timeout=60)

    def run(self, program: str, *arguments: str) -> None:
        """Run one of the project's commands against this site."""
        subprocess.run(
            [BIN / program, *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def _start(self, program: str, *arguments: str) -> None:
        extra = (
            ("--threads", "4", "--no-control-socket", "app:app") if program == "gunicorn" else ()
        )
        log = (self.folder / f"{program}.log").open("wb")
        self.processes.append(
            subprocess.Popen(
                [BIN / program, *arguments, *extra],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        )
        log.close()

    def _wait_until_ready(self) -> None:
        for _ in range(450):
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=10):
                    return
            except OSError:  # not there yet, or still starting
                time.sleep(0.2)
        raise AssertionError((self.folder / "gunicorn.log").read_text())
