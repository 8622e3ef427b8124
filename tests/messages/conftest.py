"""A second reader of mails."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.node import reading_with

Read = Callable[[bytes], dict[str, Any]]


@pytest.fixture(scope="session")
def read() -> Iterator[Read]:
    """What postal-mime finds in a mail."""
    with reading_with("postal-mime", "messages/reader.mjs") as ask:
        yield lambda mail: ask(b64encode(mail).decode())
