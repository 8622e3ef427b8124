"""Part `messages`: a mail to thousands, put into the outbox and given to a mail server."""

import asyncio
import os
import smtplib
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import delete, select

from interact_events.config import ROOT, read_settings
from interact_events.core import clock, outbox
from interact_events.core.db import db
from interact_events.core.mail import compose
from interact_events.core.outbox import OutboxMessage, Posting, Recipient
from interact_events.factory import create_app
from interact_events.registrations.emails import CONFIRMED
from tests.bench import servers
from tests.bench.frame import Figure
from tests.bench.pages import production

MAILS = 5000
ROUNDS = 3
REFERENCE = "bare smtplib loop, same bytes, one connection"
SWEEP = """
import resource
from app import app
from interact_events.core.outbox import sweep_outbox

with app.app_context():
    sweep_outbox()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def measured() -> Iterator[Figure]:
    """The figures of this part, one by one."""
    with (
        servers.folder() as folder,
        servers.postgresql(folder) as database_url,
        _mail_server(folder) as port,
    ):
        environ = production(folder, database_url, servers.free_port())
        environ["MAIL_URL"] = f"smtp://127.0.0.1:{port}"
        app = create_app(read_settings(environ), queue_in_memory=True)
        with app.app_context():
            upgrade()
        yield from _figures(app, environ, port, folder)
        with app.app_context():
            db.engine.dispose()


def _figures(app: Flask, environ: dict[str, str], port: int, folder: Path) -> Iterator[Figure]:
    enqueued: list[float] = []
    sent: dict[int, list[float]] = {1: [], 2: []}
    bare, peaks = [], []
    for number in range(ROUNDS):
        click.echo(f"Round {number + 1} of {ROUNDS}", err=True)
        for workers in (1, 2):
            enqueued.append(_enqueue(app))
            rate, peak = _send(environ, workers)
            sent[workers].append(rate)
            peaks.append(peak)
        bare.append(_bare(app, environ, port))
    yield Figure("enqueue_rate", "mails/s", "", enqueued, [])
    yield Figure("send_rate", "mails/s", REFERENCE, sent[1], bare)
    yield Figure("send_rate_2_workers", "mails/s", REFERENCE, sent[2], bare)
    yield Figure("duplicates", "mails", "", [_duplicates(folder)], [])
    yield Figure("peak_mb", "MB", "", peaks, [])


def _enqueue(app: Flask) -> float:
    """Mails a second that one action puts into the outbox."""
    with app.app_context():
        db.session.execute(delete(OutboxMessage))
        db.session.commit()
        began = time.perf_counter()
        outbox.post_all([_posting(n) for n in range(MAILS)], now=clock.now())
        db.session.commit()
        return MAILS / (time.perf_counter() - began)


def _posting(number: int) -> Posting:
    mail = compose(CONFIRMED, **CONFIRMED.samples | {"name": f"Person {number}"})
    to = Recipient(f"Person {number}", f"person{number}@example.org")
    reply_to = "turku@interact.example"
    return Posting(mail=mail, to=to, key=f"bench-{number}", reply_to=reply_to, event_id=1)


def _send(environ: dict[str, str], number: int) -> tuple[float, float]:
    """Mails a second through so many workers, without their start; the larger memory in MB."""
    began = time.perf_counter()
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", SWEEP],
            cwd=ROOT,
            env={**os.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(number)
    ]
    printed = [worker.communicate()[0] for worker in workers]
    whole = time.perf_counter() - began
    if any(worker.returncode for worker in workers):
        raise servers.StartError("A worker failed.")
    peak = max(int(out.split()[-1]) for out in printed) / 1024
    return MAILS / (whole - _start(environ)), peak


def _start(environ: dict[str, str]) -> float:
    """How long a worker takes that finds nothing to send."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", SWEEP],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        check=True,
    )
    return time.perf_counter() - began


def _bare(app: Flask, environ: dict[str, str], port: int) -> float:
    """The same bytes again, worded before, by the library alone."""
    with app.app_context():
        rows = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
        sender = read_settings(environ).mail_from
        whole = [(row.to_address, _bytes(row, sender)) for row in rows]
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        began = time.perf_counter()
        for address, content in whole:
            smtp.sendmail("events@interact.example", [address], content)
        return len(whole) / (time.perf_counter() - began)


def _bytes(row: OutboxMessage, sender: str) -> bytes:
    """Marked, so that nobody counts it as sent by us twice."""
    return b"X-Bare: yes\r\n" + outbox.as_email(row, row.words, sender).content


# -- the mail server -----------------------------------------------------------------------------


class _mail_server:  # noqa: N801  # used as a function
    """A mail server in a process of its own, which notes each Message-ID that it accepted."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, servers.free_port()

    def __enter__(self) -> int:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.messages", str(self.port), str(self.folder)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout
        self.process.stdout.readline()  # it says when it listens
        return self.port

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


def _duplicates(folder: Path) -> float:
    times = Counter((folder / "accepted").read_text().split())
    return sum(number - 1 for number in times.values())


class _Noting:
    def __init__(self, folder: Path) -> None:
        self.file = (folder / "accepted").open("a", buffering=1)

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:  # noqa: N802
        content: bytes = getattr(envelope, "original_content", b"")
        head = content.partition(b"\r\n\r\n")[0]
        if not head.startswith(b"X-Bare:"):
            lines = head.split(b"\r\nMessage-ID:", 1)
            self.file.write(lines[1].split()[0].decode() + "\n")
        return "250 kept"


async def _serve(port: int, folder: Path) -> None:
    from aiosmtpd.smtp import SMTP  # noqa: PLC0415  # the process that measures needs none

    handler = _Noting(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler), "127.0.0.1", port)
    click.echo("listening")
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))
