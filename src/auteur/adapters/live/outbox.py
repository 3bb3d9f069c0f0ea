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
        self._changed = asyncio.Condition()

    async def put(self, text: str) -> None:
        """Waits for room; raises `TooSlowError` when none comes."""
        size = sys.getsizeof(text)  # one letter beyond Latin-1 doubles a text, a smiley makes four times as much of it
        try:
            async with asyncio.timeout(self._limits.slow_after_s), self._changed:
                await self._changed.wait_for(lambda: self._has_room_for(size))
                self._texts.append((text, size))
                self._bytes += size
                self._changed.notify_all()
        except TimeoutError:
            raise TooSlowError from None

    async def texts(self) -> AsyncIterator[str]:
        """What was put, in order; each counts until the next is asked for."""
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._texts))
            yield self._texts[0][0]
            async with self._changed:
                self._bytes -= self._texts.popleft()[1]
                self._changed.notify_all()

    async def emptied(self) -> None:
        """Returns when everything was sent."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._texts)

    def _has_room_for(self, size: int) -> bool:
        if not self._texts:
            return True
        return len(self._texts) < self._limits.outbox_messages and self._bytes + size <= self._limits.outbox_bytes
