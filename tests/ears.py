"""A client's side of a feed, without a socket: what it was told, and how fast it takes that."""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

from auteur.adapters.background import end
from auteur.adapters.live.feed import ProjectFeed
from auteur.adapters.live.hub import Ear
from auteur.adapters.live.limits import SessionLimits
from auteur.adapters.live.line import Write
from auteur.adapters.live.outbox import Outbox
from auteur.domain.events import Position


class SlowLine:
    """`Line` to a client that takes what it is told to take, or all at once while it ``reads``."""

    def __init__(self, *, reads: bool = True) -> None:
        self.reads = reads
        self.taken: list[bytes] = []
        self._held: deque[bytes] = deque()
        self._changed = asyncio.Event()
        self._told: Callable[[Write | None], None] | None = None
        self._was_direct = True
        self._has_goal = False
        self.written_directly = self.written_amiss = 0

    def write(self, frame: bytes) -> None:
        self._held.extend(frame.splitlines(keepends=True))  # several come at once where a page of the log is told
        if self.reads:
            self.take()
        self._redirect()

    def _write_directly(self, frame: bytes) -> None:
        self.written_amiss += not self._is_direct
        self.written_directly += 1
        self.write(frame)

    def direct(self, told: Callable[[Write | None], None] | None) -> Write | None:
        self._told = told
        self._was_direct = self._is_direct
        return self._write_directly if self._is_direct else None

    @property
    def _is_direct(self) -> bool:
        return not self._held and not self._has_goal

    def _redirect(self) -> None:
        if self._is_direct != self._was_direct:
            self._was_direct = self._is_direct
            if self._told is not None:
                self._told(self._write_directly if self._is_direct else None)

    def waiting(self) -> int:
        return sum(map(len, self._held))

    def take(self, frames: int = 1 << 30) -> None:
        """The client reads some of what waits."""
        for _ in range(min(frames, len(self._held))):
            self.taken.append(self._held.popleft())
        self._changed.set()
        self._redirect()

    async def fallen_to(self, waiting_bytes: int) -> None:
        self._has_goal = True
        self._redirect()
        try:
            while self.waiting() > waiting_bytes:
                await self.until_changed()
        finally:
            self._has_goal = False
            self._redirect()

    async def until_changed(self) -> None:
        """Returns when something was taken."""
        self._changed.clear()
        await self._changed.wait()


class Hearer:
    """One who follows a project as a conversation does. ``why``: the error that ended it."""

    def __init__(self, feed: ProjectFeed, limits: SessionLimits | None = None, *, reads: bool = True) -> None:
        self.feed = feed
        self.line = SlowLine(reads=reads)
        self.why: Exception | None = None
        self.ended = asyncio.Event()
        self.followed = 0
        self._following: set[asyncio.Task[None]] = set()
        self.ear = Ear(
            outbox=Outbox(self.line, limits or SessionLimits()),
            frame=lambda text, position: f"{json.dumps([text, str(position or 0)])}\n".encode(),
            lagged=lambda position: self._follow(position, begins=False, resumes=True),
            lost=lambda: self._follow(None, begins=True, resumes=False),
            ended=self._end,
        )

    @contextlib.asynccontextmanager
    async def follow(self, project_id: str, bookmark: Position | None, *, resumes: bool) -> "AsyncIterator[Hearer]":
        """As long as it is entered."""
        self.project_id = project_id
        self._follow(bookmark, begins=True, resumes=resumes)
        try:
            yield self
        finally:
            self.ear.leave()
            await end(self._following)

    def _follow(self, position: Position | None, *, begins: bool, resumes: bool) -> None:
        self.followed += 1

        async def until_level() -> None:
            try:
                await self.feed.tell(self.project_id, self.ear, position, begins=begins, resumes=resumes)
            except Exception as error:
                self._end(error)

        task = asyncio.create_task(until_level())
        self._following.add(task)
        task.add_done_callback(self._following.discard)

    def _end(self, error: Exception) -> None:
        self.why = self.why or error
        self.ended.set()
        self.line._changed.set()

    @property
    def _frames(self) -> list[bytes]:
        return b"".join(self.line.taken).splitlines()

    @property
    def texts(self) -> list[str]:
        """What it has read, as it was written."""
        return [json.loads(frame)[0] for frame in self._frames]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The same, read."""
        return [json.loads(text) for text in self.texts]

    @property
    def positions(self) -> list[str]:
        """Where each left it."""
        return [json.loads(frame)[1] for frame in self._frames]

    @property
    def is_level(self) -> bool:
        """Whether its hub tells it, and nothing of its own runs."""
        return self.ear.hub is not None and not self._following

    async def until(self, condition: Any) -> None:
        """Returns when the condition holds, of what it has read or of the hub."""
        for _ in range(100):  # most of what happens happens at once
            if condition():
                return
            await asyncio.sleep(0)
        while not condition():
            await asyncio.sleep(0.005)
