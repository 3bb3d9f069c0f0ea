"""A real TLS server on loopback, that answers as badly as its paths say."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

TLS = Path(__file__).parent / "fixtures" / "tls"
AUTHORITY = TLS / "authority.pem"

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def body(data: bytes, *headers: str, status: str = "200 OK") -> Answer:
    """An answer with that body, and its true length unless the headers say another."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        told = (
            "" if any(h.lower().startswith("content-length") for h in headers) else f"Content-Length: {len(data)}\r\n"
        )
        head = f"HTTP/1.1 {status}\r\n{told}{''.join(f'{header}' + chr(13) + chr(10) for header in headers)}\r\n"
        writer.write(head.encode() + data)
        await writer.drain()

    return answer


def redirect(to: str, status: str = "302 Found") -> Answer:
    """Sends on to another url."""
    return body(b"", f"Location: {to}", status=status)


def endless(piece: bytes) -> Answer:
    """A body that never ends."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await writer.drain()

    return answer


def drip(interval_s: float) -> Answer:
    """One byte at a time."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(interval_s)

    return answer


async def silence(writer: asyncio.StreamWriter) -> None:
    """Says nothing until the client is gone."""
    await writer.wait_closed()


class HttpsServer:
    """``answers``: by path. ``heard``: the heads of all requests."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.heard: list[str] = []
        self.port = 0

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["HttpsServer"]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TLS / "server.pem")
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0, ssl=context)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heard.append(head)
            await self.answers[head.split(" ")[1]](writer)
        writer.close()
