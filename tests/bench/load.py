"""A small load client: some connections, each asking again as soon as it has its answer."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from itertools import count

CONNECTIONS = 8
PATIENCE = 60  # seconds


class AnswerError(Exception):
    """The server did not answer as it should; a figure of errors would mean nothing."""


def requests_per_second(
    port: int, path: str, *, seconds: float, headers: Mapping[str, str] | None = None
) -> float:
    """Whole, good answers a second to GET `path` within about `seconds`; a "{n}" in it is another
    number each time."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    return asyncio.run(_load(port, path, lines, seconds))


_numbers = count()


def _requests(port: int, path: str, lines: str) -> Iterator[bytes]:
    while True:
        shown = path.replace("{n}", str(next(_numbers)))
        head = f"GET {shown} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\n{lines}\r\n"
        yield head.encode()


async def _load(port: int, path: str, lines: str, seconds: float) -> float:
    """Nothing new is asked after `seconds`, but what is under way still counts."""
    loop = asyncio.get_running_loop()
    requests = _requests(port, path, lines)
    clients = [_Client(requests, loop.time() + seconds) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    try:
        for client in clients:
            await loop.create_connection(lambda each=client: each, "127.0.0.1", port)  # type: ignore[misc]
        async with asyncio.timeout(seconds + PATIENCE):
            await asyncio.gather(*(client.finished for client in clients))
    except TimeoutError:
        raise AnswerError(f"{path} was not answered within {PATIENCE} seconds") from None
    finally:
        for client in clients:
            client.close()
    return sum(client.answers for client in clients) / (time.perf_counter() - began)


class _Client(asyncio.Protocol):
    """One connection, kept alive, that asks until `deadline`."""

    def __init__(self, requests: Iterator[bytes], deadline: float) -> None:
        self.requests = requests
        self.deadline = deadline
        self.loop = asyncio.get_running_loop()
        self.finished: asyncio.Future[None] = self.loop.create_future()
        self.transport: asyncio.Transport | None = None
        self.answers = 0
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(next(self.requests))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        try:
            length = answer_length(self.buffer)
        except AnswerError as error:
            self._fail(error)
            return
        if length:
            self.buffer = self.buffer[length:]
            self.answers += 1
            self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(AnswerError(f"the server closed the connection: {exc or 'no reason given'}"))

    def close(self) -> None:
        self.finished.cancel()
        if self.transport:
            self.transport.abort()

    def _go_on(self) -> None:
        if self.loop.time() < self.deadline and self.transport:
            self.transport.write(next(self.requests))
        elif not self.finished.done():
            self.finished.set_result(None)

    def _fail(self, error: AnswerError) -> None:
        if not self.finished.done():
            self.finished.set_exception(error)


def answer_length(buffer: bytes) -> int:
    """How many bytes of `buffer` are the first whole answer; 0 while it is not all there."""
    if b"\r\n\r\n" not in buffer:
        return 0
    status = buffer.split(b"\r\n", 1)[0].lower()
    if status.split()[1:2] == [b"304"]:  # has no body
        return buffer.index(b"\r\n\r\n") + 4
    if status.split()[1:2] != [b"200"]:
        raise AnswerError(f"the server answered {status.decode(errors='replace')}")
    length = whole_length(buffer)
    return length if len(buffer) >= length else 0


def whole_length(buffer: bytes) -> int:
    """How many bytes the answer has whose head `buffer` begins with."""
    head = buffer.partition(b"\r\n\r\n")[0]
    for header in head.lower().split(b"\r\n"):
        if header.startswith(b"content-length:"):
            return len(head) + 4 + int(header[15:])
    raise AnswerError("the server gave no Content-Length")
