"""What waits for one client: bounded, so that whoever does not read costs no memory and is let go."""

import asyncio
import itertools
import math
from collections import deque
from collections.abc import Callable, Sequence

from auteur.adapters.live.limits import SessionLimits
from auteur.adapters.live.line import Line, Write

_READS_BYTES = 4096
"""Who takes less than this while all wait for it does not read."""


class TooSlowError(Exception):
    """The client did not read in time."""


class Outbox:
    """Puts frames on a line within bounds: what waits there is counted, and kept nowhere else. A frame larger than the
    bound passes when nothing else waits."""

    __slots__ = ("_limits", "_line", "_sizes", "_total", "_turn", "_waiting", "_write")

    def __init__(self, line: Line, limits: SessionLimits) -> None:
        self._line = line
        self._write = line.write
        self._waiting = line.waiting
        self._limits = limits
        self._sizes: deque[int] | None = None
        self._total = 0
        self._turn: asyncio.Lock | None = None

    def tell(self, frame: bytes) -> bool:
        """Writes the frame if there is room for it; whether it did. What is put meanwhile has its turn first."""
        if self._turn is not None and self._turn.locked():
            return False
        waiting = self._waiting()
        if waiting:
            if not self._has_room_for(len(frame), waiting):
                return False
            self._count(len(frame))
        self._write(frame)
        return True

    def direct(self, told: "Callable[[Write | None], None] | None", frames: int) -> Write | None:
        """As `Line.direct`: no bound is asked for, but that ``frames`` written at once may all wait; else None."""
        return self._line.direct(told) if told is None or frames <= self._limits.outbox_messages else None

    def offer(self, frame: bytes) -> bool:
        """Writes what need not be told, if half of the room is free; whether it did. For what is soon out of date."""
        return self._has_room_for(len(frame), self._waiting(), share=0.5) and self.tell(frame)

    @property
    def page(self) -> tuple[int, int]:
        """How many frames, of how many bytes, find room at once where nothing waits."""
        return self._limits.outbox_messages, self._limits.outbox_bytes

    async def put(self, *frames: bytes) -> None:
        """Waits for room for all of them; raises `TooSlowError` when the client takes next to nothing in the time that
        it has."""
        frame = b"".join(frames) if len(frames) > 1 else frames[0]
        if self.tell(frame) if len(frames) == 1 else self._tell_all(frame, frames):
            return
        if self._turn is None:
            self._turn = asyncio.Lock()
        async with self._turn:
            while waiting := self._waiting():
                if self._has_room_for(len(frame), waiting, messages=len(frames)):
                    break
                try:
                    async with asyncio.timeout(None if math.isinf(limit := self._limits.slow_after_s) else limit):
                        await self._line.fallen_to(self._goal(len(frame), waiting, len(frames)))
                except TimeoutError:
                    if waiting - self._waiting() < _READS_BYTES:
                        raise TooSlowError from None
            self._count(*map(len, frames))
            self._write(frame)

    def _tell_all(self, joined: bytes, frames: Sequence[bytes]) -> bool:
        """`tell` for several."""
        if self._turn is not None and self._turn.locked():
            return False
        if not self._has_room_for(len(joined), self._waiting(), messages=len(frames)):
            return False
        self._count(*map(len, frames))
        self._write(joined)
        return True

    def _has_room_for(self, size: int, waiting: int, *, messages: int = 1, share: float = 1.0) -> bool:
        if not waiting:
            self._sizes, self._total = None, 0  # who comes back to much would keep a size of each for good
            return True
        sizes = self._sizes
        if sizes:
            while self._total > waiting:
                self._total -= sizes.popleft()
            if len(sizes) + messages - 1 >= share * self._limits.outbox_messages:
                return False
        return waiting + size <= share * self._limits.outbox_bytes

    def _goal(self, size: int, waiting: int, messages: int) -> int:
        """What must wait at most, so that there is room."""
        goal = max(self._limits.outbox_bytes - size, 0)
        if self._sizes and (many := len(self._sizes) + messages - self._limits.outbox_messages) > 0:
            goal = min(goal, waiting - sum(itertools.islice(self._sizes, many)))
        return max(goal, 0)

    def _count(self, *sizes: int) -> None:
        if self._sizes is None:
            self._sizes = deque()
        self._sizes.extend(sizes)
        self._total += sum(sizes)
