"""The arithmetic of benches; nothing here takes the time of anything."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

import pytest

from tests.bench.__main__ import main
from tests.bench.frame import Figure, alternated, as_json, as_table
from tests.bench.load import CONNECTIONS, AnswerError, answer_length, requests_per_second

PAGE = Figure("event_page", "requests/s", "bare Flask", [90, 10, 110], [400, 300, 200])
START = Figure("start_seconds", "seconds", "bare Flask", [4, 2, 3], [1, 1.5, 2], is_duration=True)


def test_a_value_is_the_median_of_its_rounds() -> None:
    assert (PAGE.value, PAGE.reference_value) == (90, 300)


def test_a_higher_ratio_is_better_for_speeds_and_for_durations() -> None:
    assert (PAGE.ratio, START.ratio) == (0.3, 0.5)


def test_the_json_names_each_figure() -> None:
    assert json.loads(as_json("pages", [PAGE, START])) == {
        "part": "pages",
        "figures": {
            "event_page": {
                "value": 90,
                "unit": "requests/s",
                "reference": "bare Flask",
                "ratio": 0.3,
            },
            "start_seconds": {
                "value": 3,
                "unit": "seconds",
                "reference": "bare Flask",
                "ratio": 0.5,
            },
        },
    }


def test_the_json_is_one_line_of_meaningful_digits() -> None:
    odd = Figure("odd", "requests/s", "bare Flask", [6543.21], [7000.0])
    line = as_json("pages", [odd])
    assert "\n" not in line
    assert json.loads(line)["figures"]["odd"] == {
        "value": 6543,
        "unit": "requests/s",
        "reference": "bare Flask",
        "ratio": 0.935,
    }


def test_the_table_shows_the_range() -> None:
    assert as_table([PAGE]).splitlines() == [
        "figure      median  lowest  highest  unit        reference   its median  ratio",
        "-" * 78,
        "event_page  90      10      110      requests/s  bare Flask  300         0.3",
    ]


def test_both_sides_take_turns_at_being_first() -> None:
    turns: list[str] = []

    def note(side: str, number: float) -> float:
        turns.append(side)
        return number

    figure = alternated(
        "x",
        "requests/s",
        "bare Flask",
        ours=lambda: note("ours", 1),
        theirs=lambda: note("theirs", 2),
        rounds=3,
    )
    assert turns == ["ours", "theirs", "theirs", "ours", "ours", "theirs"]
    assert (figure.ours, figure.theirs) == ([1, 1, 1], [2, 2, 2])


def test_an_answer_counts_when_it_is_whole() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello"
    assert [answer_length(answer[:size]) for size in range(len(answer))] == [0] * len(answer)
    assert answer_length(answer + b"HTTP/1.1 500") == len(answer)


def test_a_bad_answer_is_no_figure() -> None:
    with pytest.raises(AnswerError, match=r"http/1\.1 404"):
        answer_length(b"HTTP/1.1 404 NOT FOUND\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(AnswerError, match="no Content-Length"):
        answer_length(b"HTTP/1.1 200 OK\r\nServer: gunicorn\r\n\r\n")


class _Page(BaseHTTPRequestHandler):
    """Good under `/`, not found elsewhere; keeps connections, as gunicorn does."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_args: object) -> None:
        """Nobody reads it."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_args: object) -> None:
        """Clients that leave early are expected here."""


@pytest.fixture
def port() -> Iterator[int]:
    with _Server(("127.0.0.1", 0), _Page) as server:
        _Page.asked.clear()
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_each_connection_asks_at_least_once(port: int) -> None:
    assert requests_per_second(port, "/", seconds=0) > 0
    assert _Page.asked == ["/"] * CONNECTIONS


def test_load_on_a_missing_page_is_refused(port: int) -> None:
    with pytest.raises(AnswerError, match="404"):
        requests_per_second(port, "/nothing", seconds=0)


def test_an_unknown_part_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("speed") == 2
    assert (
        capsys.readouterr().err == "There is no part 'speed'. "
        "The parts are: attendance, calendars, certificates, messages, pages, scheduling, seats.\n"
    )
