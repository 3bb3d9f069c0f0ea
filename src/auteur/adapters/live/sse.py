"""A project's log as server-sent events."""

import asyncio
import functools
import math
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from auteur.adapters.background import end
from auteur.adapters.live.conversations import Conversations
from auteur.adapters.live.feed import ProjectFeed
from auteur.adapters.live.hub import Ear
from auteur.adapters.live.limits import SessionLimits
from auteur.adapters.live.line import Write
from auteur.adapters.live.outbox import Outbox
from auteur.domain.access import Principal
from auteur.domain.errors import ProjectDeletedError, UnauthenticatedError, UnavailableError
from auteur.domain.events import Position
from auteur.domain.waiting import PlacesTold

_STILL_HERE = b": still here\n\n"


class _Stream:
    """`Line` that a response is made of: what is written waits here until the server takes it."""

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._bytes = 0
        self._changed = asyncio.Event()
        self._taken = asyncio.Event()
        self._is_silent = False
        self._why: Exception | None = None
        self._has_ended = False

    def write(self, frame: bytes) -> None:
        self._is_silent = False
        self._chunks.append(frame)
        self._bytes += len(frame)
        self._changed.set()

    def waiting(self) -> int:
        return self._bytes

    async def fallen_to(self, waiting_bytes: int) -> None:
        while self._bytes > waiting_bytes and not self._has_ended:
            self._taken.clear()
            await self._taken.wait()

    def direct(self, told: Callable[[Write | None], None] | None) -> Write | None:
        return None  # a response has none: its server asks for what waits

    def beat(self) -> None:
        """Says something, where nothing was said since the last time."""
        if self._is_silent and not self._chunks:
            self.write(_STILL_HERE)
        self._is_silent = True

    def end(self, why: Exception) -> None:
        """The stream ends behind what waits."""
        if not self._has_ended:
            self._has_ended, self._why = True, why
            self._changed.set()
            self._taken.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """What is written, all that waits at once. Raises why it ended, unless that needs no word."""
        while True:
            if self._chunks:
                chunk = b"".join(self._chunks)
                self._chunks.clear()
                yield chunk
                self._bytes -= len(chunk)
                self._taken.set()
                del chunk
            elif self._has_ended:
                break
            else:
                self._changed.clear()
                await self._changed.wait()
        if not isinstance(self._why, UnavailableError | ProjectDeletedError | UnauthenticatedError | None):
            raise self._why


async def server_sent(
    feed: ProjectFeed,
    project_id: str,
    position: Position | None,
    *,
    resumes: bool,
    conversations: Conversations,
    principal: Principal,
    limits: SessionLimits,
) -> AsyncIterator[bytes]:
    """The stream, until the process stops, the project is gone, or the principal may read it no longer. The client
    comes back then with its position, and is told what keeps it out. What is no event of the log has no id: the
    client's bookmark stays where it is. Whoever reads slowly is waited for."""
    stream = _Stream()
    following: set[asyncio.Task[None]] = set()

    def follow(position: Position | None, *, begins: bool = False, resumes: bool = True) -> None:
        task = asyncio.create_task(until_level(position, begins, resumes), name="follow")
        following.add(task)
        task.add_done_callback(following.discard)

    async def until_level(position: Position | None, begins: bool, resumes: bool) -> None:
        try:
            await feed.tell(project_id, ear, position, begins=begins, resumes=resumes)
        except Exception as error:
            stream.end(error)

    def tell(told: PlacesTold) -> bool:
        return all(ear.outbox.offer(f"data: {text}\n\n".encode()) for text in feed.write_places(told))

    patient = replace(limits, slow_after_s=math.inf)
    ear = Ear(
        outbox=Outbox(stream, patient),
        frame=_event,
        lagged=follow,
        lost=functools.partial(follow, None, begins=True, resumes=False),
        ended=stream.end,
    )
    with (
        feed.attend(project_id, tell) as ear.listener,
        conversations.attend(principal, stream.end),
        conversations.beat(stream.beat),
    ):
        try:
            follow(position, begins=True, resumes=resumes)
            async for chunk in stream.chunks():
                yield chunk
        finally:
            ear.leave()
            await end(following)


def _event(text: str, position: Position | None) -> bytes:
    return f"id: {position or 0}\ndata: {text}\n\n".encode()
