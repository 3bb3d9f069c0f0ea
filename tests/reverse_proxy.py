"""A small reverse proxy of the tests' own: it serves one path of its host from a service, and nothing else."""

import asyncio
import contextlib
from typing import Self


class ReverseProxy:
    """``strips``: takes the prefix off on the way, as nginx does with a slash after ``proxy_pass`` and as Traefik does
    when told. ``strays``: what was asked for outside the prefix, which on a real host is somebody else's."""

    def __init__(self, port: int, prefix: str, *, strips: bool, host: str | None = None) -> None:
        """``host``: sent on as Host instead of the client's own."""
        self._port = port
        self._prefix = prefix
        self._strips = strips
        self._host = host
        self._listener: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self.origin = ""
        self.strays: list[str] = []

    @property
    def url(self) -> str:
        return self.origin + self._prefix

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.origin = f"http://127.0.0.1:{self._listener.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._listener is not None
        self._listener.close()
        for serving in self._serving:
            serving.cancel()
        if self._serving:
            await asyncio.wait(self._serving)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection; after its head bytes pass as they are, so that a socket passes too."""
        inner: asyncio.StreamWriter | None = None
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, *headers = head.removesuffix("\r\n\r\n").split("\r\n")
                method, path, version = line.split(" ")
                if not self._serves(path):
                    self.strays.append(path)
                    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    await writer.drain()
                    return
                if self._strips:
                    path = path.removeprefix(self._prefix)
                    path = path if path.startswith("/") else f"/{path}"
                if self._host is not None:
                    headers = [h for h in headers if not h.lower().startswith("host:")] + [f"Host: {self._host}"]
                if not any(h.lower().startswith("upgrade:") for h in headers):
                    headers = [h for h in headers if not h.lower().startswith("connection:")] + ["Connection: close"]
                inner_reader, inner = await asyncio.open_connection("127.0.0.1", self._port)
                inner.write("\r\n".join([f"{method} {path} {version}", *headers, "", ""]).encode("latin-1"))
                passing = [asyncio.create_task(_pass(reader, inner)), asyncio.create_task(_pass(inner_reader, writer))]
                try:
                    await passing[1]
                finally:
                    for one in passing:
                        one.cancel()
                    await asyncio.wait(passing)
        finally:
            for end in filter(None, (inner, writer)):
                end.close()

    def _serves(self, path: str) -> bool:
        return path == self._prefix or path.startswith((f"{self._prefix}/", f"{self._prefix}?"))


async def _pass(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(1 << 16):
            target.write(data)
            await target.drain()
