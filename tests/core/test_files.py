"""Both kinds of storage: a folder, and a bucket on a real server that speaks S3."""

import io
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import SpooledTemporaryFile

import pytest

from interact_events.config import ROOT
from interact_events.core import clock
from interact_events.core.files import (
    Bucket,
    FileMissing,
    FilesAway,
    Folder,
    Storage,
)

S3RVER = ROOT / "tests" / "node_modules" / "s3rver" / "bin" / "s3rver.js"
CONTENT = os.urandom(6 * 1024 * 1024 + 17)  # more than one part of an upload in parts


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def s3_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server with the bucket "events"; its one account is called S3RVER."""
    assert S3RVER.exists(), f"No {S3RVER}. Run: npm ci --prefix tests"
    port = free_port()
    folder = tmp_path_factory.mktemp("s3")
    arguments = ["-d", str(folder), "-a", "127.0.0.1", "-p", str(port), "--no-vhost-buckets"]
    with subprocess.Popen(
        ["node", str(S3RVER), *arguments, "--configure-bucket", "events"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        _wait_for(port)
        yield port
        server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the S3 server does not start")


def address(port: int, key: str = "S3RVER") -> str:
    return f"s3+http://{key}:S3RVER@127.0.0.1:{port}/events?region=eu-north-1"


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return Folder(tmp_path)
    bucket = Bucket(address(request.getfixturevalue("s3_port")))
    for each in bucket.listed("things"):
        bucket.remove(each.name)
    return bucket


def read(storage: Storage, name: str, start: int = 0, stop: int = len(CONTENT)) -> bytes:
    return b"".join(storage.read(name, start, stop))


def test_what_is_written_is_read_whole_and_in_part(storage: Storage) -> None:
    storage.write("things/a", io.BytesIO(CONTENT))
    assert read(storage, "things/a") == CONTENT
    assert read(storage, "things/a", 7, 12) == CONTENT[7:12]
    assert read(storage, "things/a", len(CONTENT) - 3) == CONTENT[-3:]


def test_an_upload_is_written_from_where_it_was_spooled(storage: Storage) -> None:
    with SpooledTemporaryFile(max_size=1000) as spooled:
        spooled.write(CONTENT)
        spooled.seek(0)
        storage.write("things/a", spooled)  # type: ignore[arg-type]  # a binary file all the same
    assert read(storage, "things/a") == CONTENT


def test_it_is_read_piece_by_piece(storage: Storage) -> None:
    storage.write("things/a", io.BytesIO(CONTENT))
    pieces = [len(piece) for piece in storage.read("things/a", 0, len(CONTENT))]
    assert sum(pieces) == len(CONTENT)
    assert max(pieces) <= 1024 * 1024


def test_what_is_removed_is_missing_and_removing_twice_is_fine(storage: Storage) -> None:
    storage.write("things/a", io.BytesIO(b"x"))
    storage.remove("things/a")
    storage.remove("things/a")
    with pytest.raises(FileMissing):
        storage.read("things/a", 0, 1)


def test_a_folder_is_listed_by_itself(storage: Storage) -> None:
    assert list(storage.listed("things")) == []
    storage.write("things/a", io.BytesIO(b"12345"))
    storage.write("things/b", io.BytesIO(b"1"))
    storage.write("thingsother/c", io.BytesIO(b"1"))
    found = {each.name: each for each in storage.listed("things")}
    assert {name: each.size for name, each in found.items()} == {"things/a": 5, "things/b": 1}
    age = clock.now() - found["things/a"].written_at
    assert timedelta(minutes=-1) < age < timedelta(minutes=1)


# -- a folder ------------------------------------------------------------------------------------


class Breaks(io.BytesIO):
    """Ends in the middle, as a full disk or a killed process does."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError("No space left on device")
        return super().read(3)


def test_half_a_file_is_never_there_under_its_name(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with pytest.raises(FilesAway):
        folder.write("things/a", Breaks(b"123456"))
    with pytest.raises(FileMissing):
        folder.read("things/a", 0, 1)
    assert [each.name for each in folder.listed("things")] == ["things/.a"]  # for the sweep


def test_only_the_programs_own_user_may_look(tmp_path: Path) -> None:
    Folder(tmp_path / "files").write("things/a", io.BytesIO(b"x"))
    assert (tmp_path / "files" / "things").stat().st_mode & 0o077 == 0
    assert (tmp_path / "files" / "things" / "a").stat().st_mode & 0o077 == 0


def test_a_name_is_never_written_twice(tmp_path: Path) -> None:
    (tmp_path / "things").mkdir()
    (tmp_path / "things" / ".a").write_bytes(b"by somebody else")
    with pytest.raises(FilesAway):
        Folder(tmp_path).write("things/a", io.BytesIO(b"x"))


# -- a bucket ------------------------------------------------------------------------------------


def test_a_bucket_that_does_not_answer_is_away() -> None:
    bucket = Bucket(address(free_port()))
    for act in (
        lambda: bucket.write("things/a", io.BytesIO(b"x")),
        lambda: bucket.read("things/a", 0, 1),
        lambda: bucket.remove("things/a"),
        lambda: list(bucket.listed("things")),
    ):
        with pytest.raises(FilesAway):
            act()


def test_a_key_that_the_server_does_not_know_is_refused(s3_port: int) -> None:
    with pytest.raises(FilesAway):
        Bucket(address(s3_port, key="stranger")).write("things/a", io.BytesIO(b"x"))


def test_a_secret_may_contain_any_character() -> None:
    bucket = Bucket("s3://key:a%2Fb%2Bc%40d@host.example:9000/events")
    assert bucket.store.config["secret_access_key"] == "a/b+c@d"
    assert bucket.store.config["endpoint"] == "https://host.example:9000"
    assert bucket.store.config["region"] == "us-east-1"
