"""Requests of one process take turns, and nobody waits long for a slow one."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Barrier, BrokenBarrierError, Event
from typing import Any

import pytest
from werkzeug.test import create_environ

from interact_events.core.web.turns import MOST_READ, Turns

LONG = 60.0


def ask(turns: Turns, path: str = "/", *, is_threaded: bool = True, **how: Any) -> list[bytes]:
    environ = create_environ(path, multithread=is_threaded, **how)
    return list(turns(environ, lambda *_: lambda _: None))


def met(application: Any, patience: float, **how: Any) -> list[list[bytes]]:
    turns = Turns(application, patience)
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(ask, turns, **how) for _ in range(2)]
        return [each.result(LONG) for each in both]


def meeting(wait: float) -> Any:
    """An application that says whether two requests were in it at once."""
    barrier = Barrier(2)

    def application(_environ: Any, _start: Any) -> list[bytes]:
        try:
            barrier.wait(wait)
        except BrokenBarrierError:
            barrier.reset()
            return [b"alone"]
        return [b"together"]

    return application


def test_two_requests_are_never_computed_at_once() -> None:
    assert met(meeting(0.2), LONG) == [[b"alone"], [b"alone"]]


def test_nobody_waits_longer_than_patience_for_a_slow_page() -> None:
    assert met(meeting(LONG), 0.01) == [[b"together"], [b"together"]]


def test_a_server_without_threads_needs_no_turns() -> None:
    assert met(meeting(LONG), LONG, is_threaded=False) == [[b"together"], [b"together"]]


@pytest.mark.parametrize(
    "how",
    [
        {"method": "POST", "data": b"x" * (MOST_READ + 1)},
        {"method": "POST", "headers": {"Transfer-Encoding": "chunked"}},
    ],
)
def test_what_may_be_large_has_no_turn(how: dict[str, Any]) -> None:
    assert met(meeting(LONG), LONG, **how) == [[b"together"], [b"together"]]


class Slowly(BytesIO):
    """A form that a client is still sending."""

    def __init__(self, body: bytes, until: Event) -> None:
        super().__init__(body)
        self._until = until

    def read(self, size: int | None = -1) -> bytes:
        assert self._until.wait(LONG)
        return super().read(size)


def test_a_form_is_read_before_its_turn() -> None:
    other_is_done = Event()

    def application(environ: Any, _start: Any) -> list[bytes]:
        return [environ["wsgi.input"].read()]

    turns = Turns(application, LONG)
    with ThreadPoolExecutor(1) as pool:
        body = Slowly(b"name=Anna", other_is_done)
        slow = pool.submit(ask, turns, method="POST", input_stream=body, content_length=9)
        assert ask(turns) == [b""]
        other_is_done.set()
        assert slow.result(LONG) == [b"name=Anna"]


def test_an_answer_is_sent_after_its_turn() -> None:
    other_is_done = Event()

    def application(environ: Any, _start: Any) -> Iterable[bytes]:
        def slowly() -> Iterator[bytes]:
            assert other_is_done.wait(LONG)
            yield b"slow"

        return slowly() if environ["PATH_INFO"] == "/slow" else [b"fast"]

    turns = Turns(application, LONG)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(ask, turns, "/slow")
        assert ask(turns) == [b"fast"]
        other_is_done.set()
        assert slow.result(LONG) == [b"slow"]


def test_who_fails_gives_the_turn_back() -> None:
    def application(environ: Any, _start: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/broken":
            raise ValueError("broken")
        return [b"fine"]

    turns = Turns(application, LONG)
    with pytest.raises(ValueError, match="broken"):
        ask(turns, "/broken")
    assert ask(turns) == [b"fine"]
