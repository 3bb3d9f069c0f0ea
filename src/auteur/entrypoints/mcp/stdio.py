"""The door over stdio: a child process of the assistant, and a client of a service that runs."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, cast

import anyio
import httpx
from mcp.server.stdio import stdio_server

from auteur.entrypoints.mcp.catalogue import CatalogueKeeper
from auteur.entrypoints.mcp.door import server
from auteur.entrypoints.mcp.room import Address, Room

_LONGEST_LINE_BYTES = 4 << 20
_PIECE_BYTES = 1 << 16


async def serve_stdio(where: Callable[[], Address], pictures: Path | None = None) -> None:
    """Serves whoever holds the other ends of stdin and stdout until stdin ends, or SIGINT or SIGTERM comes. Raises
    `RefusedError` where the service does not let it in. ``where``: as `Room` has it."""
    # shorter than a service keeps a connection that nothing is asked on
    async with httpx.AsyncClient(limits=httpx.Limits(keepalive_expiry=2)) as http:
        room = Room(http, where)
        keeper = CatalogueKeeper()
        await keeper.read(room)  # that nobody is let in is said now, to who starts it

        @asynccontextmanager
        async def same(ctx: object) -> AsyncIterator[Room]:
            yield room

        served = server(same, keeper, pictures)
        with suppress(NotImplementedError):  # Windows
            task = asyncio.current_task()
            assert task is not None
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        stdin = cast("anyio.AsyncFile[str]", Lines(sys.stdin.fileno()))
        async with stdio_server(stdin=stdin) as (reads, writes):
            await served.run(reads, writes, served.create_initialization_options())


class Lines:
    """The lines of a file descriptor, while others wait for none of them.

    A thread that nobody has to wait for reads: one in the middle of reading could not be stopped by Ctrl-C. A line that
    is too long is told as an empty one, which is no message.
    """

    def __init__(self, descriptor: int, longest_bytes: int = _LONGEST_LINE_BYTES) -> None:
        self._descriptor = descriptor
        self._longest_bytes = longest_bytes
        self._queue: asyncio.Queue[str | None] = asyncio.Queue(16)
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, name="stdin", daemon=True).start()

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        line = await self._queue.get()
        if line is None:
            raise StopAsyncIteration
        return line

    def _read(self) -> None:
        line, is_too_long = bytearray(), False
        with suppress(RuntimeError):  # the loop was closed
            while piece := self._piece():
                *whole, rest = piece.split(b"\n")
                for end in whole:
                    line += end
                    is_too_long = is_too_long or len(line) > self._longest_bytes
                    self._put("" if is_too_long else line.decode("utf-8", "replace"))
                    line, is_too_long = bytearray(), False
                if not is_too_long:
                    line += rest
                    if is_too_long := len(line) > self._longest_bytes:
                        line = bytearray()
            self._put(None)

    def _piece(self) -> bytes:
        try:
            return os.read(self._descriptor, _PIECE_BYTES)
        except OSError:
            return b""

    def _put(self, line: str | None) -> None:
        placing: Any = self._queue.put(line)
        try:
            asyncio.run_coroutine_threadsafe(placing, self._loop).result()
        except RuntimeError:
            placing.close()
            raise
