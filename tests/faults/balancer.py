"""A balancer before replicas, as small as one can be: a connection goes to a replica that is ready, in turn."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Self

import httpx

from tests.relay import Relay

_LOOK_S = 0.1


class Balancer(Relay):
    """``ports``: of the replicas, as they are now. ``ready``: those that said so when they were last asked; one that
    says no is given no new connection, and those it has are left to end."""

    def __init__(self, ports: Callable[[], Sequence[int]]) -> None:
        super().__init__(0)
        self._ports = ports
        self._turn = 0
        self._looking: asyncio.Task[None] | None = None
        self.ready: set[int] = set()
        self.taken: dict[int, int] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._looking = asyncio.create_task(self._look_on())
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._looking is not None
        self._looking.cancel()
        await asyncio.wait({self._looking})
        await super().__aexit__(*exc)

    async def until_ready(self, port: int) -> None:
        async with asyncio.timeout(120):
            while port not in self.ready:
                await asyncio.sleep(0.02)

    async def _look_on(self) -> None:
        async with httpx.AsyncClient(timeout=2) as http:
            while True:
                await asyncio.gather(*(self._look(http, port) for port in self._ports()))
                await asyncio.sleep(_LOOK_S)

    async def _look(self, http: httpx.AsyncClient, port: int) -> None:
        is_ready = False
        with contextlib.suppress(httpx.TransportError):
            is_ready = (await http.get(f"http://127.0.0.1:{port}/health/ready")).status_code == 200
        (self.ready.add if is_ready else self.ready.discard)(port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened = await self._open()
        if opened is None:
            writer.transport.abort()
            return
        inner_reader, inner = opened
        self._pipes |= {writer, inner}
        passing = [asyncio.create_task(_pass(reader, inner)), asyncio.create_task(_pass(inner_reader, writer))]
        try:
            await asyncio.wait(passing)
        finally:
            for one in passing:
                one.cancel()
            for end in (inner, writer):
                self._pipes.discard(end)
                end.close()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """A connection to one of the replicas: to a ready one if there is any, else to whoever takes it."""
        ports = list(self._ports())
        self._turn += 1
        ports = ports[self._turn % len(ports) :] + ports[: self._turn % len(ports)]
        for port in sorted(ports, key=lambda port: port not in self.ready):
            with contextlib.suppress(OSError):
                opened = await asyncio.open_connection("127.0.0.1", port)
                self.taken[port] = self.taken.get(port, 0) + 1
                return opened
        return None


async def _pass(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Passes on what comes, and that nothing more comes."""
    with contextlib.suppress(OSError):
        while data := await source.read(1 << 16):
            target.write(data)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()
