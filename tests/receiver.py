"""A real receiver of webhooks on loopback, that fails as its plan says.

It verifies every signature by the letter of the specification (https://www.standardwebhooks.com), with nothing of ours.
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import ssl
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.https_server import TLS
from tests.waiting import LONG_S, awaited

Behaviour = Literal["take", "500", "silent", "break", "410", "redirect", "huge head", "endless body", "drip"]


@dataclass
class Attempt:
    """One request as it came. ``began`` and ``ended``: by the monotonic clock."""

    id: str
    path: str
    body: bytes
    headers: dict[str, str]
    behaviour: Behaviour
    is_signed: bool
    began: float
    ended: float = 0.0
    message: dict[str, Any] = field(default_factory=dict)


def is_signed(secrets: Sequence[str], headers: dict[str, str], body: bytes, now: float) -> bool:
    """Whether one of the signatures is by one of the secrets, and the time is now."""
    name, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "0")
    if abs(now - int(at)) > 300:
        return False
    signed = f"{name}.{at}.".encode() + body
    given = headers.get("webhook-signature", "").split(" ")
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        wanted = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(wanted, one) for one in given):
            return True
    return False


class Receiver:
    """``plan``: what it does with an attempt, given its message and how many came before of the same id.
    ``secrets``: by which messages may be signed."""

    def __init__(self, plan: Callable[[dict[str, Any], int], Behaviour] | None = None, *, tls: bool = False) -> None:
        self.plan = plan or (lambda message, before: "take")
        self.tls = tls
        self.secrets: list[str] = []
        self.attempts: list[Attempt] = []
        self.port = 0
        self.connections = 0
        self._server: asyncio.Server | None = None
        self._more = asyncio.Condition()
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}/hook"

    @property
    def taken(self) -> list[Attempt]:
        """Those that were answered with 2xx, in the order of their answers."""
        return sorted((a for a in self.attempts if a.behaviour == "take" and a.ended), key=lambda a: a.ended)

    async def up(self) -> None:
        """Listens; always on the same port."""
        context = None
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(TLS / "server.pem")
        self._server = await asyncio.start_server(self._converse, "127.0.0.1", self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Nothing listens there any more, and conversations are cut off."""
        assert self._server is not None
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await self._server.wait_closed()

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator["Receiver"]:
        await self.up()
        try:
            yield self
        finally:
            await self.down()

    async def until(self, what: str, condition: Callable[[], bool], timeout_s: float = LONG_S) -> None:
        """Returns when that holds, asked again as each attempt begins and ends."""
        try:
            async with awaited(what, timeout_s), self._more:
                while not condition():
                    await self._more.wait()
        except AssertionError as error:
            heard = Counter(attempt.behaviour for attempt in self.attempts)
            raise AssertionError(f"{error}; it has heard {dict(heard)}") from None

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._hear(reader, writer)
        finally:
            self._open.discard(writer)
            writer.close()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        parts = (line.partition(": ") for line in head[1:] if line)
        headers = {name.lower(): value for name, _, value in parts}
        body = await reader.readexactly(int(headers["content-length"]))
        message = json.loads(body)
        before = sum(attempt.id == headers["webhook-id"] for attempt in self.attempts)
        behaviour = self.plan(message, before)
        attempt = Attempt(
            headers["webhook-id"], head[0].split(" ")[1], body, headers, behaviour,
            is_signed(self.secrets, headers, body, time.time()), time.monotonic(), message=message,
        )  # fmt: skip
        self.attempts.append(attempt)
        async with self._more:
            self._more.notify_all()
        try:
            await self._answer(behaviour, reader, writer)
        finally:
            attempt.ended = time.monotonic()
            async with self._more:
                self._more.notify_all()

    async def _answer(self, behaviour: Behaviour, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        match behaviour:
            case "take":
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            case "500":
                writer.write(b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops")
            case "410":
                writer.write(b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n")
            case "redirect":
                writer.write(f"HTTP/1.1 307 There\r\nLocation: {self.url}/moved\r\nContent-Length: 0\r\n\r\n".encode())
            case "break":
                writer.write(b"HTTP/1.1 20")
                await writer.drain()
                writer.transport.abort()
            case "silent":
                await reader.read(1)  # until the other side has had enough
            case "huge head":
                while not writer.is_closing():
                    writer.write(b"HTTP/1.1 200 OK\r\n" if not writer.transport.get_write_buffer_size() else b"")
                    writer.write(b"X-More: " + b"x" * 8000 + b"\r\n")
                    await writer.drain()
            case "endless body":
                writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                while not writer.is_closing():
                    writer.write(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
                    await writer.drain()
            case "drip":
                for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 100_000:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(0.05)
        await writer.drain()
