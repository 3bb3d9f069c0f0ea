"""A TCP relay before a server of the tests': what all that stand on a line have in common."""

import asyncio
from typing import Self


class Relay:
    """Takes connections on a free port of loopback, for `_serve` to pass on; every writer it opens is in ``_pipes``."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener: asyncio.Server | None = None
        self._pipes: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._listener is not None
        self._listener.close()
        self.cut()
        if self._serving:
            await asyncio.wait(self._serving)

    def cut(self) -> int:
        """Breaks every connection; how many there were."""
        pipes, self._pipes = self._pipes, set()
        for pipe in pipes:
            pipe.transport.abort()
        return len(pipes) // 2

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(serving)
        serving.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carries one connection to its end."""
        raise NotImplementedError
