"""A line to a store of objects that counts what is asked over it, breaks, and changes bytes on the way."""

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import Callable

from tests.relay import Relay

_ASKED = re.compile(rb"^(GET|HEAD|PUT|POST|DELETE) (\S+) HTTP/1.1\r\n", re.MULTILINE)
Change = Callable[[bytes], bytes]


class StoreLine(Relay):
    """``asked``: how many requests of each kind; ``up``, ``down``: bytes that passed. ``break_up`` and ``break_down``:
    after how many more bytes in that direction every connection is cut, once for each number, the last one first;
    ``change_up`` and ``change_down``: what becomes of each piece of data."""

    def __init__(self, server_port: int) -> None:
        super().__init__(server_port)
        self.asked: Counter[str] = Counter()
        self.up = self.down = self.breaks = 0
        self.is_away = False
        self.break_up: list[int] = []
        self.break_down: list[int] = []
        self.change_up: Change = bytes
        self.change_down: Change = bytes

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def go_away(self) -> None:
        """Breaks every connection, old and new, until `is_away` is false again."""
        self.is_away = True
        self.cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ours = [writer]
        self._pipes.add(writer)
        try:
            if not self.is_away:
                server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
                ours.append(server_writer)
                self._pipes.add(server_writer)
                await asyncio.gather(self._pass_up(reader, server_writer), self._pass_down(server_reader, writer))
        finally:
            self._pipes.difference_update(ours)
            for pipe in ours:
                pipe.transport.abort()

    async def _pass_up(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(1 << 16):
                for method, path in _ASKED.findall(data):
                    kind = "LIST" if method == b"GET" and b"list-type=2" in path else method.decode()
                    self.asked[kind] += 1
                self.up += len(data)
                target.write(self.change_up(data))
                await target.drain()
                self._break(self.break_up, len(data))
            target.close()

    async def _pass_down(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(1 << 16):
                self.down += len(data)
                target.write(self.change_down(data))
                await target.drain()
                self._break(self.break_down, len(data))
            target.close()

    def _break(self, left: list[int], passed: int) -> None:
        if left:
            left[-1] -= passed
            if left[-1] <= 0:
                left.pop()
                self.breaks += 1
                self.cut()
