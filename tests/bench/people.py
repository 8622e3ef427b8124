"""People at an opening: each with cookies of their own, on a few connections at once."""

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from tests.bench.load import AnswerError, whole_length

CONNECTIONS = 64
PATIENCE = 120  # seconds for the whole rush


@dataclass
class Visitor:
    """Somebody signed in; `token` goes with their forms, `profile` is what they register as."""

    cookie: str
    token: str
    profile: int
    seconds: list[float] = field(default_factory=list)  # of each of their posts


class Browser:
    """One connection, kept alive, on which visitors take turns."""

    def __init__(
        self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.port, self.reader, self.writer = port, reader, writer

    async def get(self, path: str, visitor: Visitor) -> str:
        """The body of a page that is there."""
        status, _, body = await self._ask(f"GET {path} HTTP/1.1", visitor, b"")
        if status != 200:
            raise AnswerError(f"GET {path} answered {status}")
        return body

    async def post(self, path: str, visitor: Visitor, **fields: object) -> str:
        """Where the answer to a form that was taken leads."""
        body = urlencode(fields | {"csrf_token": visitor.token}).encode()
        began = time.perf_counter()
        status, location, page = await self._ask(f"POST {path} HTTP/1.1", visitor, body)
        visitor.seconds.append(time.perf_counter() - began)
        if status != 303:
            raise AnswerError(f"POST {path} answered {status}: {page[:2000]}")
        return location

    async def send(self, path: str, visitor: Visitor, what: object) -> Any:
        """What a script is answered to JSON."""
        body = json.dumps(what).encode()
        began = time.perf_counter()
        kind = f"application/json\r\nX-CSRFToken: {visitor.token}"
        status, _, answer = await self._ask(f"POST {path} HTTP/1.1", visitor, body, kind)
        visitor.seconds.append(time.perf_counter() - began)
        if status != 200:
            raise AnswerError(f"POST {path} answered {status}: {answer[:2000]}")
        return json.loads(answer)

    async def _ask(
        self,
        line: str,
        visitor: Visitor,
        body: bytes,
        kind: str = "application/x-www-form-urlencoded",
    ) -> tuple[int, str, str]:
        head = (
            f"{line}\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {visitor.cookie}\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
            f"Referer: http://127.0.0.1:{self.port}/\r\n\r\n"
        )
        self.writer.write(head.encode() + body)
        top = await self.reader.readuntil(b"\r\n\r\n")
        length = whole_length(top) - len(top)
        rest = await self.reader.readexactly(length)
        headers = dict(
            each.split(": ", 1) for each in top.decode().split("\r\n")[1:] if ": " in each
        )
        return int(top.split()[1]), headers.get("Location", ""), rest.decode()


Errand = Callable[[Browser, Visitor], Awaitable[None]]


def run_errands(
    port: int, visitors: Iterable[Visitor], errand: Errand, *, connections: int = CONNECTIONS
) -> float:
    """Everybody does the errand, in their order, on so many at once; gives the seconds."""
    return asyncio.run(_run(port, visitors, errand, connections))


async def _run(port: int, visitors: Iterable[Visitor], errand: Errand, connections: int) -> float:
    waiting = iter(visitors)
    browsers = [
        Browser(port, *await asyncio.open_connection("127.0.0.1", port)) for _ in range(connections)
    ]

    async def serve(browser: Browser) -> None:
        for visitor in waiting:  # shared: each takes whoever is next
            await errand(browser, visitor)

    began = time.perf_counter()
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(serve(browser) for browser in browsers))
    seconds = time.perf_counter() - began
    for browser in browsers:
        browser.writer.close()
    return seconds


def signed_in(app: Flask, user: int, profile: int) -> Visitor:
    """The cookie that signing in would have set, and the token of a form with it."""
    raw = secrets.token_hex(20)
    token = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps(raw)
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer
    values = {"_user_id": f"token-{user}", "_fresh": True, "csrf_token": raw}
    return Visitor(f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps(values)}", token, profile)
