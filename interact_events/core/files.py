"""Files that people upload: in a folder of DATA_DIR, or in S3-compatible storage by FILES_URL.

A file has a random name and never changes. It is written whole before the row that names it, and
removed after that row is gone: a crash in between leaves a file that nobody names, which a sweep
of the feature finds, and never a row without its file.
"""

import os
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import file_digest
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Protocol, cast
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
from flask import Flask, current_app
from obstore.exceptions import BaseError
from obstore.store import S3Store

from interact_events.config import Settings
from interact_events.core import words
from interact_events.core.db import db, reading
from interact_events.core.errors import DomainError
from interact_events.core.jobs import queue, task

CHUNK = 256 * 1024  # bytes held at once for each download
KEPT = timedelta(hours=24)  # a file may wait so long for its row


class FilesAway(Exception):
    """The storage does not answer, or has no room."""


class FileMissing(Exception):
    """A row names a file that the storage does not have."""


@dataclass(frozen=True)
class Stored:
    """What a row has to remember of its file."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Listed:
    """A file as the storage lists it."""

    name: str
    size: int
    written_at: datetime


class Storage(Protocol):
    """Both kinds of storage, alike."""

    def write(self, name: str, content: BinaryIO) -> None: ...
    def read(self, name: str, start: int, stop: int) -> Iterator[bytes]: ...
    def remove(self, name: str) -> None: ...
    def listed(self, folder: str) -> Iterator[Listed]: ...


# -- what features call --------------------------------------------------------------------------


def storage() -> Storage:
    """The storage of the running application."""
    return cast("Storage", current_app.extensions["files"])


@contextmanager
def keeping(folder: str, contents: Sequence[BinaryIO]) -> Iterator[list[Stored]]:
    """Store `contents` for the block, which makes the rows and commits them.

    Where it refuses, they are removed again. What any other failure leaves is left to the sweep:
    a commit may have succeeded although its answer was lost.
    """
    stored: list[Stored] = []
    try:
        stored.extend(_keep(folder, content) for content in contents)
        yield stored
    except DomainError:
        _forget(stored)
        raise
    except FilesAway:
        _forget(stored)
        raise DomainError(
            "The file could not be saved just now. Please try again in a minute."
        ) from None


def _keep(folder: str, content: BinaryIO) -> Stored:
    size = content.seek(0, os.SEEK_END)
    content.seek(0)
    digest = file_digest(content, "sha256")  # type: ignore[arg-type]  # any open file will do
    content.seek(0)
    name = f"{folder}/{secrets.token_hex(20)}"
    storage().write(name, content)
    return Stored(name, size, digest.hexdigest())


def _forget(stored: Sequence[Stored]) -> None:
    for each in stored:
        with suppress(FilesAway):
            storage().remove(each.name)


def remove_later(name: str) -> None:
    """Remove a file once the present transaction has committed."""
    queue(remove_file, name)


@task
def remove_file(name: str) -> None:
    """What fails here is found by the sweep of its feature."""
    storage().remove(name)


def sweep(folder: str, named: Callable[[], set[str]], now: datetime) -> None:
    """Remove what crashes, replaced files and deleted rows have left behind, if it is old enough.

    `named` reads the names that rows of the folder's feature hold.
    """
    with reading():
        old = [each.name for each in storage().listed(folder) if each.written_at < now - KEPT]
        unnamed = set(old) - named() if old else set()
        db.session.rollback()
    for name in unnamed:
        storage().remove(name)


@dataclass(frozen=True)
class Named:
    """A file that a row names; `what` says which row."""

    name: str
    size: int
    what: str


@dataclass(frozen=True)
class Compared:
    """What the storage and the rows say of each other."""

    number: int
    wrong: list[str]
    unnamed: int

    @property
    def lines(self) -> Iterator[str]:
        """For who runs a command."""
        yield from self.wrong
        if self.unnamed:
            does = "it is" if self.unnamed == 1 else "they are"
            spare = words.count(self.unnamed, "file")
            yield f"{spare} without a row (a note: {does} removed after a day)"
        end = f"{len(self.wrong):,} missing or damaged." if self.wrong else "each is there."
        yield f"{words.count(self.number, 'file')}: {end}"


def compare(folders: Iterable[str], named: Callable[[], Sequence[Named]]) -> Compared:
    """Whether each row has its file, and how many files nobody names. Only reads.

    The files are listed first, so a row that goes meanwhile is not missed; what belongs to one
    that comes meanwhile is looked up.
    """
    there = {each.name: each for folder in folders for each in storage().listed(folder)}
    rows = named()
    wrong = []
    for row in rows:
        file = there.pop(row.name, None)
        if file is None and not _is_there(row.name):
            wrong.append(f"{row.what} has no file in the storage")
        elif file and file.size != row.size:
            wrong.append(f"{row.what} has {file.size:,} bytes instead of {row.size:,}")
    return Compared(len(rows), wrong, len(there))


def _is_there(name: str) -> bool:
    try:
        deque(storage().read(name, 0, 1), maxlen=0)
    except FileMissing:
        return False
    return True


# -- a folder ------------------------------------------------------------------------------------


class Folder:
    """Files below one directory of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, content: BinaryIO) -> None:
        """Written beside its place and moved there, so that no half of it is ever there."""
        path = self.root / name
        draft = path.with_name(f".{path.name}")
        with _local():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_out(draft, content)
            draft.replace(path)
            _flush_folder(path.parent)

    def read(self, name: str, start: int, stop: int) -> Iterator[bytes]:
        with _local():
            source = (self.root / name).open("rb")
            source.seek(start)
        return _Part(source, stop - start)

    def remove(self, name: str) -> None:
        with _local():
            (self.root / name).unlink(missing_ok=True)

    def listed(self, folder: str) -> Iterator[Listed]:
        """Drafts that a crash has left among them: no row names those either."""
        with _local():
            found = list(os.scandir(self.root / folder)) if (self.root / folder).is_dir() else []
        for entry in found:
            with suppress(FileNotFoundError):  # removed meanwhile
                facts = entry.stat()
                at = datetime.fromtimestamp(facts.st_mtime, UTC)
                yield Listed(f"{folder}/{entry.name}", facts.st_size, at)


def _write_out(path: Path, content: BinaryIO) -> None:
    """On the disk before anybody commits a row that names it."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as target:
        while chunk := content.read(CHUNK):
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())


def _flush_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class _Part(Iterator[bytes]):
    """Some bytes of an open file; whoever is served closes it."""

    def __init__(self, source: BinaryIO, length: int) -> None:
        self.source, self.left = source, length

    def __next__(self) -> bytes:
        chunk = self.source.read(min(CHUNK, self.left))
        if not chunk:
            self.close()
            raise StopIteration
        self.left -= len(chunk)
        return chunk

    def close(self) -> None:
        self.source.close()


@contextmanager
def _local() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise FileMissing from error
    except OSError as error:
        raise FilesAway from error


# -- a bucket ------------------------------------------------------------------------------------


class Bucket:
    """Files in a bucket of S3-compatible storage, which several machines share."""

    def __init__(self, address: str) -> None:
        """`s3://key:secret@host/bucket?region=…`; `s3+http:` for a storage without TLS."""
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
        scheme = "http" if parts.scheme == "s3+http" else "https"
        self.store = S3Store(
            parts.path.strip("/"),
            endpoint=f"{scheme}://{host}",
            access_key_id=unquote(parts.username or ""),
            secret_access_key=unquote(parts.password or ""),
            region=parse_qs(parts.query).get("region", ["us-east-1"])[0],
            client_options={
                "allow_http": scheme == "http",
                "connect_timeout": "5s",
                "timeout": "60s",
            },
            retry_config={"max_retries": 2},
        )

    def write(self, name: str, content: BinaryIO) -> None:
        with _remote():
            obstore.put(self.store, name, content)

    def read(self, name: str, start: int, stop: int) -> Iterator[bytes]:
        """One request, begun at once: a file that is missing is known before the first byte."""
        with _remote():
            found = obstore.get(self.store, name, options={"range": (start, stop)})
        return (bytes(chunk) for chunk in found.stream(min_chunk_size=CHUNK))

    def remove(self, name: str) -> None:
        with suppress(FileMissing), _remote():
            obstore.delete(self.store, name)

    def listed(self, folder: str) -> Iterator[Listed]:
        with _remote():
            pages = list(obstore.list(self.store, f"{folder}/"))
        for each in chain.from_iterable(pages):
            yield Listed(each["path"], each["size"], each["last_modified"])


@contextmanager
def _remote() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise FileMissing from error
    except (BaseError, OSError) as error:
        raise FilesAway from error


def init_app(app: Flask, settings: Settings) -> None:
    folder = Folder(settings.data_dir / "files")
    app.extensions["files"] = Bucket(settings.files_url) if settings.files_url else folder
