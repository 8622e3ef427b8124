"""Second readers of what we write, which share no code with the libraries that write it."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
Read = Callable[[str], dict[str, Any]]


@contextmanager
def reading_with(package: str, script: str) -> Iterator[Read]:
    """What a script of Node, which uses this package, finds in a text; one answer a line."""
    if not (TESTS / "node_modules" / package).is_dir():
        pytest.fail(f"{package} is missing. Install it with: npm ci --prefix tests")
    with subprocess.Popen(
        ["node", TESTS / script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as node:
        assert node.stdin
        assert node.stdout
        source, answers = node.stdin, node.stdout

        def ask(text: str) -> dict[str, Any]:
            source.write(json.dumps(text) + "\n")
            source.flush()
            answer: dict[str, Any] = json.loads(answers.readline())
            return answer

        yield ask
        source.close()
