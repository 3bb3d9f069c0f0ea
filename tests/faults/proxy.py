"""A small TCP proxy before the server, one for each replica: it cuts connections, and loses the answers of writes."""

import asyncio
import contextlib
import re

from tests.relay import Relay

_WRITE = re.compile(rb"\r\n(Task[A-Z]\w+|CancelRequested)\r\n\$36\r\n([0-9a-f-]{36})\r\n\$\d+\r\n(\d+)\r\n")


class Proxy(Relay):
    """Passes everything on until told otherwise. ``lose_answers``: every write reaches the server, and its answer
    nobody; a write that is sent again under the same task and attempt is answered, progress never."""

    def __init__(self, server_port: int) -> None:
        super().__init__(server_port)
        self._seen: set[tuple[bytes, ...]] = set()
        self.lose_answers = False
        self.lost = 0

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ours = {writer}
        self._pipes.add(writer)
        with contextlib.suppress(OSError):
            try:
                server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
                ours.add(server_writer)
                self._pipes.add(server_writer)
                forget = asyncio.Event()
                passing = [
                    asyncio.create_task(self._pass(reader, server_writer, forget, asking=True)),
                    asyncio.create_task(self._pass(server_reader, writer, forget, asking=False)),
                ]
                await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
                for one in passing:
                    one.cancel()
                await asyncio.wait(passing)
            finally:
                for pipe in ours:
                    pipe.transport.abort()
                self._pipes -= ours

    async def _pass(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, forget: asyncio.Event, *, asking: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(1 << 16):
                if asking and self.lose_answers and self._is_new_write(data):
                    forget.set()
                elif not asking and forget.is_set():
                    self.lost += 1
                    return
                target.write(data)
                await target.drain()

    def _is_new_write(self, data: bytes) -> bool:
        found = _WRITE.search(data)
        if found is None:
            return False
        known = found.groups() in self._seen and found[1] != b"TaskProgressed"
        self._seen.add(found.groups())
        return not known
