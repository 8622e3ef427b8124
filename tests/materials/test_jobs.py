"""The sweep, and the command that compares rows and files."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.files import FilesAway, Folder, Listed
from interact_events.materials.jobs import sweep_files
from interact_events.materials.models import Material
from tests import make
from tests.materials.samples import PDF, content_of, material, stored_file


def aged(folder: Path, name: str, age: timedelta) -> Path:
    path = folder / Path(name).name
    at = (clock.now() - age).timestamp()
    os.utime(path, (at, at))
    return path


def test_the_sweep_removes_old_files_without_a_row_and_nothing_else(
    app: Flask, folder: Path
) -> None:
    row = material(make.event())
    kept = aged(folder, row.stored_as or "", timedelta(days=400))
    fresh = aged(folder, stored_file().name, timedelta(hours=23))
    aged(folder, stored_file().name, timedelta(hours=25))
    (folder / ".draft").write_bytes(b"half of a fi")
    aged(folder, ".draft", timedelta(hours=25))
    db.session.commit()
    sweep_files()
    assert set(folder.iterdir()) == {kept, fresh}
    assert content_of(row) == PDF


def test_the_sweep_of_an_empty_storage_finds_nothing(app: Flask, folder: Path) -> None:
    sweep_files()
    assert not folder.exists()


def check(app: Flask) -> tuple[int, str]:
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["materials", "check"])
    return result.exit_code, result.output


def test_check_is_content_where_each_row_has_its_file(app: Flask) -> None:
    material(make.event())
    material(make.event(), url="https://keep.eu")
    assert check(app) == (0, "1 file: each is there.\n")


def test_check_names_what_is_missing_or_damaged(app: Flask, folder: Path) -> None:
    event = make.event()
    lost, cut = material(event, "Lost"), material(event, "Cut")
    stored_file()
    (folder / Path(lost.stored_as or "").name).unlink()
    (folder / Path(cut.stored_as or "").name).write_bytes(b"%PDF")
    code, said = check(app)
    assert code == 1
    assert said.splitlines() == [
        f"{event.slug}: “Lost” (material {lost.id}) has no file in the storage",
        f"{event.slug}: “Cut” (material {cut.id}) has 4 bytes instead of {len(PDF):,}",
        "1 file without a row (a note: it is removed after a day)",
        "2 files: 2 missing or damaged.",
    ]


def test_check_is_not_misled_by_what_happens_meanwhile(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A material is deleted, and another added, while the files are listed."""
    event = make.event()
    gone = material(event, "Gone")
    material_id, name = gone.id, gone.stored_as or ""
    listed = Folder.listed

    def slow(self: Folder, folder: str) -> Iterator[Listed]:
        found = list(listed(self, folder))
        db.session.execute(delete(Material).where(Material.id == material_id))
        self.remove(name)
        material(event, "Added")
        return iter(found)

    monkeypatch.setattr(Folder, "listed", slow)
    code, said = check(app)
    assert code == 0
    assert said.endswith("1 file: each is there.\n")


def test_a_storage_that_is_away_stops_the_check(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: Folder, name: str) -> Iterator[Listed]:
        raise FilesAway

    monkeypatch.setattr(Folder, "listed", away)
    code, said = check(app)
    assert code == 1
    assert "The storage does not answer." in said
