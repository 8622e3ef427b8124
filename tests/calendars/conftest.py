"""A second reader of calendars, which shares no code with the library that writes them."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent.parent
Read = Callable[[bytes], dict[str, Any]]


@pytest.fixture(scope="session")
def read() -> Iterator[Read]:
    """What ical.js finds in a calendar."""
    if not (TESTS / "node_modules" / "ical.js").is_dir():
        pytest.fail("ical.js is missing. Install it with: npm ci --prefix tests")
    with subprocess.Popen(
        ["node", TESTS / "calendars" / "reader.mjs"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as node:
        assert node.stdin
        assert node.stdout
        source, answers = node.stdin, node.stdout

        def ask(calendar: bytes) -> dict[str, Any]:
            source.write(json.dumps(calendar.decode()) + "\n")
            source.flush()
            answer: dict[str, Any] = json.loads(answers.readline())
            return answer

        yield ask
        source.close()
