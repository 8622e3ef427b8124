"""Files of a test lie in a folder of its own."""

from pathlib import Path

import pytest
from flask import Flask

from interact_events.core.files import Folder


@pytest.fixture(autouse=True)
def folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's files are."""
    monkeypatch.setitem(app.extensions, "files", Folder(tmp_path / "files"))
    return tmp_path / "files" / "materials"
