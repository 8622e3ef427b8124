"""More readers of calendars, of other families, and a mail server that people read from."""

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import vobject
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from dateutil.tz import tzical, tzutc
from flask import Flask

from interact_events.core import jobs
from interact_events.core.db import db
from tests.browser.site import free_port
from tests.node import reading_with

Read = Callable[[bytes], dict[str, Any]]


@pytest.fixture(scope="session")
def read() -> Iterator[Read]:
    """What ical.js finds in a calendar."""
    with reading_with("ical.js", "calendars/reader.mjs") as ask:
        yield lambda calendar: ask(calendar.decode())


@pytest.fixture(scope="session")
def read_too() -> Read:
    """What vobject finds, which takes zones by their rules in the file alone."""
    zones = vars(vobject.icalendar)["__tzidMap"]

    def ask(calendar: bytes) -> dict[str, Any]:
        text = calendar.decode()
        described = tzical(StringIO(text))
        names = described.keys()
        zones.clear()  # those of an earlier file; it knows none by itself that is UTC in some years
        zones.update({name: described.get(name) for name in names} | {"UTC": tzutc()})
        entries = vobject.readOne(text).contents.get("vevent", [])
        return {"events": [_entry(each.contents) for each in entries]}

    return ask


def _entry(found: Any) -> dict[str, Any]:
    def value(name: str) -> Any:
        return found[name][0].value if name in found else None

    return {
        "uid": value("uid"),
        "summary": value("summary"),
        "description": value("description"),
        "starts": value("dtstart").timestamp(),
        "ends": value("dtend").timestamp(),
        "alarms": [alarm.trigger.value for alarm in found.get("valarm", [])],
    }


class Post:
    """A mail server in between: what our worker has handed over, by recipient, until it is read."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, EmailMessage]] = []

    async def handle_DATA(  # noqa: N802  # the server's name for it
        self, _server: Any, _session: Any, envelope: Envelope
    ) -> str:
        mail = message_from_bytes(envelope.original_content or b"", policy=default)
        assert isinstance(mail, EmailMessage)
        (recipient,) = envelope.rcpt_tos
        self.kept.append((recipient, mail))
        return "250 kept"

    def deliver(self, app: Flask) -> list[tuple[str, EmailMessage]]:
        """Let the worker send what is due, and hand out what has come."""
        db.session.commit()
        jobs.run_queued(app)
        db.session.expire_all()
        found, self.kept = self.kept, []
        return found

    def to(self, app: Flask, address: str) -> list[EmailMessage]:
        """The same for one address."""
        return [mail for recipient, mail in self.deliver(app) if recipient == address]


@pytest.fixture(scope="session")
def post_office() -> Iterator[tuple[Post, str]]:
    box = Post()
    server = Controller(box, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=True)
    server.start()
    yield box, f"smtp://127.0.0.1:{server.port}"
    server.stop()


@pytest.fixture
def post(app: Flask, post_office: tuple[Post, str], monkeypatch: pytest.MonkeyPatch) -> Post:
    """The application is set to send there."""
    box, address = post_office
    box.kept.clear()
    settings = replace(app.extensions["settings"], mail_url=address)
    monkeypatch.setitem(app.extensions, "settings", settings)
    return box


@pytest.fixture
def calcurse(tmp_path: Path) -> Callable[[bytes, str], list[str]]:
    """What Debian's calcurse, which is written in C, shows of a calendar in a zone: a line for
    each entry, "2027-05-12 09:00 – 2027-05-12 10:30 Costs"."""

    def ask(calendar: bytes, zone: str) -> list[str]:
        folder = tmp_path / zone.replace("/", "-")
        folder.mkdir(exist_ok=True)
        file = folder / "calendar.ics"
        file.write_bytes(calendar)
        begin = ["calcurse", "--quiet", "--datadir", str(folder), "--confdir", str(folder)]
        environment = os.environ | {"TZ": zone, "HOME": str(folder), "LC_ALL": "C.UTF-8"}
        run = {"env": environment, "check": True, "capture_output": True, "timeout": 60}
        (folder / "apts").unlink(missing_ok=True)
        subprocess.run([*begin, "--import", str(file)], **run)  # type: ignore[call-overload]
        line = "%(start:%Y-%m-%d %H:%M) – %(end:%Y-%m-%d %H:%M) %m\n"
        shown = subprocess.run(
            [*begin, "--grep", "--filter-type", "apt", f"--format-apt={line}"],
            **run,  # type: ignore[call-overload]
        )
        return sorted(shown.stdout.decode().splitlines())

    return ask
