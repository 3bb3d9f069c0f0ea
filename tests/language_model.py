"""A real HTTP server on loopback that speaks chat completions, and answers as its behaviour says. No model is in it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class SpeakingServer:
    """``behaviour``: "answer" (``content`` as the model's words), or a way to be of no use. ``asked``: each request."""

    content: str = "{}"
    behaviour: str = "answer"
    asked: list[Asked] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    open: dict[asyncio.StreamWriter, asyncio.Task[Any]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        task = asyncio.current_task()
        assert task is not None
        self.open[writer] = task
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            body = json.loads(await reader.readexactly(int(headers.get("content-length", 0))))
            self.asked.append(Asked(first.split(" ")[1], headers, body))
            self.came.set()
            await self.answer(reader, writer)
        with contextlib.suppress(ConnectionError):
            writer.close()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """As the behaviour says."""
        if self.behaviour == "silent":
            await reader.read()  # until the client is gone
            self.gone.set()
            return
        if self.behaviour == "breaks off":
            writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{"choices"')
            await writer.drain()
            return
        if self.behaviour == "endless":
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while not writer.is_closing():
                writer.write(b"10000\r\n" + b" " * 65536 + b"\r\n")
                await writer.drain()
            return
        if self.behaviour == "redirects":
            writer.write(f"HTTP/1.1 302 Found\r\nLocation: {self.url}/elsewhere\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
            return
        status = {"refuses": "401 Unauthorized", "is busy": "503 Service Unavailable"}.get(self.behaviour, "200 OK")
        finish = "length" if self.behaviour == "cut off" else "stop"
        content = None if self.behaviour == "declines" else self.content
        said: Any = {
            "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content}}]
        }
        if self.behaviour == "no completion":
            said = {"object": "error"}
        data = json.dumps(said).encode()
        writer.write(
            f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode()
            + data
        )
        await writer.drain()


@contextlib.asynccontextmanager
async def speaking(content: Any = None, behaviour: str = "answer") -> AsyncIterator[SpeakingServer]:
    """The server, listening. ``content``: what the model is made to say, as JSON."""
    server = SpeakingServer(content if isinstance(content, str) else json.dumps(content or {}), behaviour)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for _ in range(10):  # who was let in a moment ago is served within a few turns of the loop
            await asyncio.sleep(0)
        for writer in server.open:
            writer.transport.abort()
        await asyncio.gather(*server.open.values(), return_exceptions=True)
        for writer in server.open:
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
