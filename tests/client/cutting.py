"""A line before the service that breaks: within a frame, before an answer, or with an old question said again."""

import asyncio
import contextlib
import random
import re

from tests.relay import Relay

_AFTER = re.compile(rb"after=([^ &]*)|(?<=[Ll]ast-[Ee]vent-[Ii][Dd]: )([^\r]*)")


class Cutter(Relay):
    """Passes everything on until told otherwise.

    ``cuts_left``: so many connections more are cut, each after a random number of bytes of the service's. ``lose``: the
    answers to so many requests more are not passed on: they reached the service, and their connection breaks.
    ``repeat_old``: the share of resumed conversations for which the service is asked from an older position, as a cache
    on the way might; what the client said then is in ``old``. ``heads``: the first bytes of every connection.
    """

    def __init__(self, server_port: int, seed: int = 1) -> None:
        super().__init__(server_port)
        self.random = random.Random(seed)
        self.cuts_left = 0
        self.cut_after = (200, 6000)
        self.lose = 0
        self.repeat_old = 0.0
        self.repeated = 0
        self.cuts = 0
        self.heads: list[bytes] = []
        self.old: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def lead_to(self, server_port: int) -> None:
        """Connections from now on go there."""
        self._server_port = server_port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ours = {writer}
        self._pipes.add(writer)
        with contextlib.suppress(OSError):
            try:
                head = self._as_if_old(await reader.read(1 << 16))
                self.heads.append(head)
                server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
                ours.add(server_writer)
                self._pipes.add(server_writer)
                server_writer.write(head)
                passing = [
                    asyncio.create_task(self._pass(reader, server_writer)),
                    asyncio.create_task(self._tell(server_reader, writer, is_line=_AFTER.search(head) is not None)),
                ]
                await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
                for one in passing:
                    one.cancel()
                await asyncio.wait(passing)
            finally:
                for pipe in ours:
                    pipe.transport.abort()
                self._pipes -= ours

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(1 << 16):
                target.write(data)
                await target.drain()

    async def _tell(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, is_line: bool) -> None:
        left: int | None = None
        if is_line and self.cuts_left > 0:
            self.cuts_left -= 1
            left = self.random.randint(*self.cut_after)
        with contextlib.suppress(OSError):
            while data := await source.read(1 << 16):
                if self.lose > 0:
                    self.lose -= 1
                    return
                if left is not None and len(data) >= left:
                    target.write(data[:left])
                    with contextlib.suppress(OSError):
                        await target.drain()
                    self.cuts += 1
                    return
                left = None if left is None else left - len(data)
                target.write(data)
                await target.drain()

    def _as_if_old(self, head: bytes) -> bytes:
        found = _AFTER.search(head)
        if found is None:
            return head
        said = found[1] if found[1] is not None else found[2]
        older = self.random.choice(self.old[-20:]) if self.old else said
        self.old.append(said)
        if older == said or self.random.random() >= self.repeat_old:
            return head
        self.repeated += 1
        start, end = found.span(1 if found[1] is not None else 2)
        return head[:start] + older + head[end:]
