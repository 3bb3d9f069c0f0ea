"""What waits for one client: bounded, so that whoever does not read costs no memory and is let go."""

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterator

from auteur.adapters.live.limits import SessionLimits


class TooSlowError(Exception):
    """The client did not read in time."""


class Outbox:
    """A bounded queue of texts. A text larger than the bound passes when nothing else waits."""

    def __init__(self, limits: SessionLimits) -> None:
        self._limits = limits
        self._texts: deque[tuple[str, int]] = deque()  # with the bytes that each takes
        self._bytes = 0
        self._put = asyncio.Event()
        self._taken = asyncio.Event()

    async def put(self, text: str) -> None:
        """Waits for room; raises `TooSlowError` when none comes."""
        size = sys.getsizeof(text)  # one letter beyond Latin-1 doubles a text, a smiley makes four times as much of it
        if not self._has_room_for(size):
            try:
                async with asyncio.timeout(self._limits.slow_after_s):
                    while not self._has_room_for(size):
                        await self._until_taken()
            except TimeoutError:
                raise TooSlowError from None
        self._append(text, size)

    def offer(self, text: str) -> bool:
        """Puts what need not be told, if half of the room is free; whether it did. For what is soon out of date."""
        size = sys.getsizeof(text)
        limits = self._limits
        if self._texts and (
            len(self._texts) >= limits.outbox_messages / 2 or self._bytes + size > limits.outbox_bytes / 2
        ):
            return False
        self._append(text, size)
        return True

    async def texts(self) -> AsyncIterator[str]:
        """What was put, in order; each counts until the next is asked for."""
        while True:
            while not self._texts:
                self._put.clear()
                await self._put.wait()
            yield self._texts[0][0]
            self._bytes -= self._texts.popleft()[1]
            self._taken.set()

    async def emptied(self) -> None:
        """Returns when everything was sent."""
        while self._texts:
            await self._until_taken()

    async def _until_taken(self) -> None:
        self._taken.clear()
        await self._taken.wait()

    def _append(self, text: str, size: int) -> None:
        self._texts.append((text, size))
        self._bytes += size
        self._put.set()

    def _has_room_for(self, size: int) -> bool:
        if not self._texts:
            return True
        return len(self._texts) < self._limits.outbox_messages and self._bytes + size <= self._limits.outbox_bytes
