"""Workers, databases and mail servers that break in the middle: each mail arrives once.

Workers are processes of their own; what arrived is counted at the mail server.
"""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import delete, func, select, update

from interact_events.accounts.emails import PASSWORD_CHANGED
from interact_events.config import read_settings
from interact_events.core import clock, outbox
from interact_events.core.db import db
from interact_events.core.mail import compose
from interact_events.core.outbox import MailState, OutboxMessage, Posting, Recipient
from interact_events.core.outbox import server as conversation
from interact_events.factory import create_app
from tests.bench import servers
from tests.bench.pages import production
from tests.processes import Forked

pytestmark = pytest.mark.xdist_group("faults")  # one server for all of them

DATABASE = os.environ.get("TEST_DATABASE", "sqlite")
PATIENCE = 120  # seconds, however slow the machine


def sweep() -> None:
    """What a worker does about mails."""
    with create_app().app_context():
        outbox.recover_outbox()
        outbox.sweep_outbox()


@dataclass
class Counting:
    """A mail server that notes what it accepted, and breaks as it is told."""

    arrived: list[str] = field(default_factory=list)  # Message-IDs
    breaks: list[Callable[[SMTP], Any]] = field(default_factory=list)
    pause: float = 0.0
    conversations: set[Any] = field(default_factory=set)  # with whom they were
    most: int = 100  # conversations at a time
    greeted: int = 0  # that have not ended

    async def handle_EHLO(  # noqa: N802  # the server's names for them
        self, _server: SMTP, session: Any, _envelope: Envelope, hostname: str, answer: list[str]
    ) -> list[str]:
        if self.greeted >= self.most:
            return ["421 4.7.0 Too many conversations"]
        session.host_name, self.greeted = hostname, self.greeted + 1
        return answer

    async def handle_HELO(  # noqa: N802
        self, _server: SMTP, _session: Any, _envelope: Envelope, _hostname: str
    ) -> str:
        return "421 4.7.0 Too many conversations"

    async def handle_QUIT(  # noqa: N802
        self, _server: SMTP, _session: Any, _envelope: Envelope
    ) -> str:
        self.greeted -= 1
        return "221 Bye"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Any, envelope: Envelope
    ) -> str:
        self.conversations.add(session.peer)
        if self.breaks:
            answer = self.breaks.pop()(server)
            return str(await answer if asyncio.iscoroutine(answer) else answer)
        if self.pause:
            await asyncio.sleep(self.pause)
        self.arrived.append(message_from_bytes(envelope.original_content or b"")["Message-ID"])
        return "250 kept"


@dataclass
class Post:
    """An installation with a mail server; `app` looks at its database from here."""

    app: Flask
    environ: dict[str, str]
    folder: Path
    box: Counting

    def worker(self) -> Forked:
        return Forked(sweep, self.environ)

    def write(self, number: int) -> None:
        self.box.arrived.clear()
        self.box.conversations.clear()
        postings = [
            Posting(
                mail=compose(PASSWORD_CHANGED, **PASSWORD_CHANGED.samples),
                to=Recipient("", f"person{n}@example.org"),
                key=f"hello-{n}",
            )
            for n in range(number)
        ]
        with self.app.app_context():
            db.session.execute(delete(OutboxMessage))
            outbox.post_all(postings, now=clock.now())
            db.session.commit()

    def states(self) -> Counter[str]:
        with self.app.app_context():
            found = db.session.execute(
                select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)
            )
            return Counter({state.value: number for state, number in found})

    def let_time_pass(self) -> None:
        """What a dead worker had is long lost, and every wait is over."""
        long_ago = clock.now() - timedelta(minutes=6)
        row = OutboxMessage
        sending, waiting = row.state == MailState.SENDING, row.state == MailState.WAITING
        with self.app.app_context():
            for which, column in (
                (sending, row.claimed_at),
                (sending & row.handed_at.is_not(None), row.handed_at),
                (waiting, row.next_attempt_at),
            ):
                db.session.execute(update(row).where(which).values({column: long_ago}))
            db.session.commit()

    def finish(self) -> None:
        until = time.monotonic() + PATIENCE
        while {"waiting", "sending"} & set(self.states()):
            assert time.monotonic() < until, self.states()
            self.let_time_pass()
            self.worker().wait(PATIENCE)

    def assert_each_arrived_once(self, number: int, *, doubts: int = 0) -> None:
        """`doubts`: for how many nobody may be able to say whether they did."""
        with self.app.app_context():
            rows = db.session.scalars(select(OutboxMessage)).all()
            doubtful = {row.message_id for row in rows if row.is_doubtful}
            sent = {row.message_id for row in rows if row.state is MailState.SENT}
        times = Counter(self.box.arrived)
        assert len(rows) == number
        assert len(doubtful) <= doubts
        assert len(sent) + len(doubtful) == number
        assert {times[each] for each in sent} == {1}
        assert {times[each] for each in doubtful} <= {0, 1}


@pytest.fixture(scope="module")
def post() -> Iterator[Post]:
    box = Counting()
    smtp = Controller(box, hostname="127.0.0.1", port=servers.free_port())
    smtp.start()
    with servers.folder() as folder, servers.database(folder) as url:
        mail_url = f"smtp://127.0.0.1:{smtp.port}"
        environ = production(folder, url, servers.free_port()) | {"MAIL_URL": mail_url}
        app = create_app(read_settings(environ), queue_in_memory=True)
        with app.app_context():
            upgrade()
        yield Post(app, environ, folder, box)
        with app.app_context():
            db.engine.dispose()
    smtp.stop()


@pytest.fixture(autouse=True)
def whole(post: Post) -> Iterator[None]:
    """The mail server is as good as new for each test."""
    yield
    post.box.breaks.clear()
    post.box.pause, post.box.most, post.box.greeted = 0.0, 100, 0


def kill(workers: Sequence[Forked]) -> None:
    for worker in workers:
        worker.kill()
        worker.wait()


def test_workers_killed_at_ten_points(post: Post) -> None:
    """Two at a time, killed without a word; what they had is found and sent, or in doubt."""
    chance = random.Random(2026)
    post.write(1000)
    for round_ in range(5):
        workers = [post.worker(), post.worker()]
        reached = len(post.box.arrived) + chance.randint(1, 120)
        until = time.monotonic() + PATIENCE
        while len(post.box.arrived) < reached and not all(w.is_over for w in workers):
            assert time.monotonic() < until
            time.sleep(0.002)
        kill(workers)
        assert round_ or post.states()["waiting"] > 0  # they were in the middle
        post.let_time_pass()
    post.finish()
    post.assert_each_arrived_once(1000, doubts=5 * 2 * 2)  # one in each conversation


@pytest.mark.parametrize(("mails", "most", "held"), [(350, 100, 2), (350, 1, 1), (50, 100, 1)])
def test_much_goes_by_two_conversations_where_the_server_takes_them(
    post: Post, mails: int, most: int, held: int
) -> None:
    post.write(mails)
    post.box.most = most
    assert post.worker().wait(PATIENCE) == 0
    assert (len(post.box.conversations), post.states()) == (held, {"sent": mails})
    post.assert_each_arrived_once(mails)


def test_two_workers_share_the_work(post: Post) -> None:
    post.write(200)
    for worker in [post.worker(), post.worker()]:
        assert worker.wait(PATIENCE) == 0
    assert post.states() == {"sent": 200}
    post.assert_each_arrived_once(200)


@pytest.mark.skipif(DATABASE != "postgresql", reason="SQLite is no process that could end")
def test_database_killed_and_started_again_in_the_middle(post: Post) -> None:
    post.write(300)
    post.box.pause = 0.005
    worker = post.worker()
    while len(post.box.arrived) < 40:
        assert not worker.is_over
        time.sleep(0.005)
    servers.crash_postgresql(post.folder)
    worker.wait(PATIENCE)
    with post.app.app_context():
        db.engine.dispose()
    post.finish()
    post.assert_each_arrived_once(300, doubts=2)  # one in each conversation


def _drop(server: SMTP) -> str:
    """The line goes dead after the whole mail, without an answer."""
    assert server.transport
    server.transport.close()
    return "250 never heard"


async def _hang(_server: SMTP) -> str:
    await asyncio.sleep(3)
    return "451 too slow"


@pytest.mark.parametrize("fault", [_drop, _hang])
def test_mail_server_that_breaks_after_data(
    post: Post, fault: Callable[[SMTP], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answer is no receipt: the mail stays ours and is sent again."""
    monkeypatch.setattr(conversation, "END_TIMEOUT", 0.5)
    post.write(6)
    post.box.breaks += [fault, fault]
    with post.app.app_context():
        outbox.sweep_outbox()
    assert post.states() == {"sent": 4, "waiting": 2}
    post.finish()
    post.assert_each_arrived_once(6)


def test_clock_set_back_an_hour(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a machine's clock does, nothing is sent twice and nothing stays behind."""
    post.write(3)
    now, back = clock.now, timedelta(hours=1)
    with post.app.app_context():
        outbox.sweep_outbox()
        monkeypatch.setattr(clock, "now", lambda: now() - back)
        posting = Posting(
            mail=compose(PASSWORD_CHANGED, **PASSWORD_CHANGED.samples),
            to=Recipient("", "person0@example.org"),
            key="late",
        )
        outbox.post_all([posting], now=clock.now())
        db.session.commit()
        for _ in range(2):
            outbox.sweep_outbox()
        monkeypatch.undo()
        outbox.sweep_outbox()
    post.assert_each_arrived_once(4)
