"""One WebSocket conversation: two loops, what the client says and what the bus says, and an outbox between them."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from auteur.adapters.live.feed import ProjectFeed
from auteur.domain.archive import ProjectArchive
from auteur.domain.commands import CancelTask, DeleteProject, DeleteTask, MarkTask
from auteur.domain.dispatcher import TaskDispatcher
from auteur.domain.errors import (
    AuteurError,
    InvalidMessageError,
    InvalidRequestError,
    LimitExceededError,
    ProjectDeletedError,
    TaskEndedError,
    UnavailableError,
)
from auteur.domain.events import Position
from auteur.domain.ports import Clock, NewId, StateStore
from auteur.domain.task import parse_project_id
from auteur.protocol.incoming import (
    CancelMessage,
    DeleteProjectMessage,
    DeleteTaskMessage,
    IncomingMessage,
    MarkMessage,
    PingMessage,
    StartGenerationMessage,
    message_id_of,
    parse,
)
from auteur.protocol.json import read_json
from auteur.protocol.outgoing import PongMessage, render
from auteur.protocol.translate import error_message

log = structlog.get_logger(__name__)

GOING_AWAY = 1012
"""The service stops or cannot serve now: come back with your position."""
TOO_SLOW = 4008
"""The client does not read: come back with your position."""
BAD_REQUEST = 4400
"""The request itself is wrong: do not come back by yourself. 4400 to 4499 all mean that."""


GONE = 4410
"""The project was deleted: do not come back."""


class MessageTooLargeError(InvalidMessageError):
    """A frame over the limit."""

    code = "MESSAGE_TOO_LARGE"


class RateLimitedError(LimitExceededError):
    """More messages a second than one socket may send."""

    code = "RATE_LIMITED"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """``outbox_messages`` and ``outbox_bytes``: what waits for a client at most. ``slow_after_s``: how long it may make
    the outbox wait. ``messages_per_s``: how fast it may talk. ``frame_bytes``: its largest message."""

    outbox_messages: int = 100
    outbox_bytes: int = 1 << 20
    slow_after_s: float = 8.0
    messages_per_s: int = 20
    frame_bytes: int = 64 << 10


class _TooSlow(Exception):
    """The client did not read in time."""


class _Outbox:
    """A bounded queue of texts. A text larger than the bound passes when nothing else waits."""

    def __init__(self, limits: SessionLimits) -> None:
        self._limits = limits
        self._texts: deque[str] = deque()
        self._bytes = 0
        self._changed = asyncio.Condition()

    async def put(self, text: str) -> None:
        """Waits for room; raises `_TooSlow` when none comes."""
        try:
            async with asyncio.timeout(self._limits.slow_after_s), self._changed:
                await self._changed.wait_for(lambda: self._has_room_for(text))
                self._texts.append(text)
                self._bytes += len(text)
                self._changed.notify_all()
        except TimeoutError:
            raise _TooSlow from None

    async def texts(self) -> AsyncIterator[str]:
        """What was put, in order; each counts until the next is asked for."""
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._texts))
                text = self._texts[0]
            yield text
            async with self._changed:
                self._texts.popleft()
                self._bytes -= len(text)
                self._changed.notify_all()

    async def emptied(self) -> None:
        """Returns when everything was sent."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._texts)

    def _has_room_for(self, text: str) -> bool:
        if not self._texts:
            return True
        return len(self._texts) < self._limits.outbox_messages and self._bytes + len(text) <= self._limits.outbox_bytes


class WebSocketSession:
    """Serves one accepted socket until it ends, and always ends it with a close code.

    ``closing``: set when the process stops. Several sessions of a project are equal; none knows of the others.
    """

    def __init__(
        self,
        socket: WebSocket,
        project_id: str,
        *,
        feed: ProjectFeed,
        store: StateStore,
        archive: ProjectArchive,
        dispatcher: TaskDispatcher,
        closing: asyncio.Event,
        clock: Clock,
        new_id: NewId,
        limits: SessionLimits,
        request_id: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._socket = socket
        self._project_id = project_id
        self._feed = feed
        self._store = store
        self._archive = archive
        self._dispatcher = dispatcher
        self._closing = closing
        self._clock = clock
        self._new_id = new_id
        self._limits = limits
        self._request_id = request_id
        self._monotonic = monotonic
        self._outbox = _Outbox(limits)
        self._allowance = float(limits.messages_per_s)
        self._talked_at = monotonic()

    async def run(self, after: str | None) -> None:
        """Greets, then listens and tells until one side ends. ``after``: the client's bookmark, as it sent it."""
        try:
            parse_project_id(self._project_id)
            bookmark = None if after is None else Position.parse(after)
        except InvalidRequestError as error:
            await self._refuse(error)
            return
        loops: list[asyncio.Task[Any]] = [
            asyncio.create_task(self._follow(bookmark, resumes=after is not None), name="follow"),
            asyncio.create_task(self._listen(), name="listen"),
            asyncio.create_task(self._send(), name="send"),
            asyncio.create_task(self._closing.wait(), name="closing"),
        ]
        try:
            done, _ = await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
            code = self._why(done)
            if code in (GOING_AWAY, GONE):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        await self._outbox.emptied()
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.wait(loops)
        if code is not None:
            await self._close(code)

    def _why(self, done: set[asyncio.Task[Any]]) -> int | None:
        """The close code for what ended; None when the client is gone already."""
        for loop in done:
            error = loop.exception()
            if isinstance(error, WebSocketDisconnect):
                return None
            if isinstance(error, _TooSlow):
                log.info("client too slow")
                return TOO_SLOW
            if isinstance(error, ProjectDeletedError):
                return GONE
            if isinstance(error, UnavailableError):
                log.warning("events cannot be read", reason=error.message)
            elif error is not None:
                log.error("socket session failed", exc_info=error)
        return GOING_AWAY

    async def _follow(self, bookmark: Position | None, *, resumes: bool) -> None:
        greeted = False
        try:
            async with contextlib.aclosing(self._feed.follow(self._project_id, bookmark, resumes=resumes)) as messages:
                async for text, _ in messages:
                    await self._outbox.put(text)
                    greeted = True
        except ProjectDeletedError as error:
            if not greeted:
                await self._send_error(error, None)
            raise

    async def _send(self) -> None:
        async for text in self._outbox.texts():
            try:
                await self._socket.send_text(text)
            except (RuntimeError, OSError):  # the transport is gone; the listener may not have heard yet
                raise WebSocketDisconnect from None

    async def _listen(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1005))
            text = message.get("text")
            structlog.contextvars.bind_contextvars(request_id=self._request_id)
            reply_to: str | None = None
            try:
                if text is None:
                    raise InvalidMessageError("Messages are text frames.")
                if len(text.encode("utf-8", "surrogatepass")) > self._limits.frame_bytes:
                    raise MessageTooLargeError(f"A message has at most {self._limits.frame_bytes} bytes.")
                try:
                    data = read_json(text)
                    reply_to = message_id_of(data)
                finally:
                    self._spend()  # garbage counts, and a limit is answered by id where there is one
                said = parse(data, self._project_id)
                reply_to = str(said.id)
                await self._answer(said, reply_to)
            except AuteurError as error:
                await self._send_error(error, reply_to)
            except _TooSlow:
                raise
            except Exception:
                log.exception("message could not be handled")
                await self._send_error(AuteurError("Something went wrong here; the operator's log has it."), reply_to)

    async def _answer(
        self,
        said: IncomingMessage,
        message_id: str,
    ) -> None:
        match said:
            case StartGenerationMessage():
                command = said.command(self._project_id, message_id, self._request_id)
                submission = await self._dispatcher.submit(command)
                log.info(
                    "task accepted",
                    task_id=submission.task.task_id,
                    task_type=said.task_type,
                    repeated=submission.repeated,
                )
                text = self._feed.render(submission.accepted)
                if submission.repeated and text is not None:  # a new one is heard through the log, as by everybody
                    await self._outbox.put(text)
            case CancelMessage():
                before = (await self._store.task(self._project_id, said.task_id)).task
                if before.ended:
                    raise TaskEndedError(before.task_id, before.status.value)
                await self._dispatcher.cancel(CancelTask(project_id=self._project_id, task_id=said.task_id))
                log.info("cancel asked for", task_id=said.task_id)
            case MarkMessage():
                marks = MarkTask(
                    project_id=self._project_id, task_id=said.task_id, favourite=said.favourite, circled=said.circled
                )
                await self._archive.mark(marks)
            case DeleteTaskMessage():
                await self._archive.delete_task(DeleteTask(project_id=self._project_id, task_id=said.task_id))
                log.info("task deleted", task_id=said.task_id)
            case DeleteProjectMessage():
                await self._archive.delete_project(DeleteProject(project_id=self._project_id))
                log.info("project deleted")
            case PingMessage():
                pong = PongMessage(
                    id=self._new_id(), project_id=self._project_id, timestamp=self._clock(), reply_to=message_id
                )
                await self._outbox.put(render(pong))

    def _spend(self) -> None:
        """A token bucket of one second's worth. Raises `RateLimitedError`."""
        now = self._monotonic()
        rate = self._limits.messages_per_s
        self._allowance = min(float(rate), self._allowance + (now - self._talked_at) * rate)
        self._talked_at = now
        if self._allowance < 1:
            raise RateLimitedError(f"At most {rate} messages a second.", limit=rate, retry_after_s=1)
        self._allowance -= 1

    async def _send_error(self, error: AuteurError, reply_to: str | None) -> None:
        message = error_message(self._project_id, self._new_id(), self._clock(), error, reply_to)
        await self._outbox.put(render(message))

    async def _refuse(self, error: AuteurError) -> None:
        message = error_message(self._project_id[:128], self._new_id(), self._clock(), error, None)
        with contextlib.suppress(Exception):
            await self._socket.send_text(render(message))
        await self._close(BAD_REQUEST)

    async def _close(self, code: int) -> None:
        with contextlib.suppress(Exception):  # a client that does not read cannot be told; the kernel drops it
            async with asyncio.timeout(1):
                await self._socket.close(code)
