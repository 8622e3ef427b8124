"""Processes of their own that are there at once: forked from one that has imported the product."""

import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["interact_events.factory", "tests.client", "tests.make"])


class Forked:
    """A process that does `work`, a function of a module; what it says goes to the end of `log`."""

    def __init__(
        self, work: Callable[[], None], environ: Mapping[str, str], log: Path | None = None
    ) -> None:
        self._process = CONTEXT.Process(
            target=_begin, args=(work, dict(environ), str(log or os.devnull))
        )
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid
        return self._process.pid

    @property
    def is_over(self) -> bool:
        return self._process.exitcode is not None

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()

    def wait(self, seconds: float | None = None) -> int:
        """Its exit code; negative where a signal ended it."""
        self._process.join(seconds)
        assert self._process.exitcode is not None, "it is not over"
        return self._process.exitcode


def _begin(work: Callable[[], None], environ: dict[str, str], log: str) -> None:
    os.environ.update(environ)
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(file, stream.fileno())
    work()
