"""One WebSocket conversation: two loops, what the client says and what the bus says, and an outbox between them."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from auteur.adapters.audit import audit
from auteur.adapters.live.feed import ProjectFeed
from auteur.adapters.live.limits import Allowance, MessageTooLargeError, SessionLimits
from auteur.adapters.live.outbox import Outbox, TooSlowError
from auteur.domain.access import ANONYMOUS, Permission, Principal
from auteur.domain.archive import ProjectArchive
from auteur.domain.commands import CancelTask, DeleteProject, DeleteTask, MarkTask
from auteur.domain.dispatcher import Submission, TaskDispatcher
from auteur.domain.errors import (
    AuteurError,
    InvalidMessageError,
    InvalidRequestError,
    ProjectDeletedError,
    TaskEndedError,
    UnauthenticatedError,
    UnavailableError,
)
from auteur.domain.events import Position
from auteur.domain.ports import Clock, NewId, StateStore
from auteur.domain.promotion import TakePromoter
from auteur.domain.task import parse_project_id
from auteur.protocol.incoming import (
    CancelMessage,
    DeleteProjectMessage,
    DeleteTaskMessage,
    IncomingMessage,
    MarkMessage,
    PingMessage,
    PromoteMessage,
    StartBatchMessage,
    StartGenerationMessage,
    message_id_of,
    names_urls,
    parse,
)
from auteur.protocol.json import read_json
from auteur.protocol.outgoing import BatchStartedMessage, PongMessage, ServerMessage, TaskDeletedMessage, render
from auteur.protocol.translate import error_message, marked_message, to_message

log = structlog.get_logger(__name__)

GOING_AWAY = 1012
"""The service stops or cannot serve now: come back with your position."""
TOO_SLOW = 4008
"""The client does not read: come back with your position."""
BAD_REQUEST = 4400
"""The request itself is wrong: do not come back by yourself. 4400 to 4499 all mean that."""
SIGNED_OUT = 4401
"""What was shown no longer counts: revoked, expired, signed out. Do not come back before you sign in again."""
GONE = 4410
"""The project was deleted: do not come back."""
_MOST_FETCHING = 8
"""How many messages of one client may wait at a time for what has to be fetched."""


_NEEDED: Mapping[type[IncomingMessage], Permission] = {
    StartGenerationMessage: Permission.SUBMIT,
    StartBatchMessage: Permission.SUBMIT,
    PromoteMessage: Permission.SUBMIT,
    MarkMessage: Permission.SUBMIT,
    CancelMessage: Permission.CANCEL,
    DeleteTaskMessage: Permission.MANAGE,
    DeleteProjectMessage: Permission.MANAGE,
}
"""What a message needs beside the permission to read, which the socket itself needs."""


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
        promoter: TakePromoter,
        closing: asyncio.Event,
        clock: Clock,
        new_id: NewId,
        limits: SessionLimits,
        request_id: str,
        principal: Principal = ANONYMOUS,
        denied: Callable[[Principal], Awaitable[None]] | None = None,
        spend: Callable[[Principal], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._socket = socket
        self._project_id = project_id
        self._feed = feed
        self._store = store
        self._archive = archive
        self._dispatcher = dispatcher
        self._promoter = promoter
        self._closing = closing
        self._clock = clock
        self._new_id = new_id
        self._limits = limits
        self._request_id = request_id
        self._principal = principal
        self._denied = denied
        self._spend = spend
        self._outbox = Outbox(limits)
        self._fetching: set[asyncio.Task[None]] = set()
        self._allowance = Allowance(limits.messages_per_s, monotonic)

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
        if self._denied is not None:
            loops.append(asyncio.create_task(self._stay_known(self._denied), name="access"))
        try:
            done, _ = await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
            code = self._why(done)
            if code in (GOING_AWAY, GONE, SIGNED_OUT):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        await self._outbox.emptied()
        finally:
            for loop in loops:
                loop.cancel()
            for fetching in self._fetching:
                fetching.cancel()
            await asyncio.wait([*loops, *self._fetching])
        if code is not None:
            await self._close(code)

    def _why(self, done: set[asyncio.Task[Any]]) -> int | None:
        """The close code for what ended; None when the client is gone already."""
        for loop in done:
            error = loop.exception()
            if isinstance(error, WebSocketDisconnect):
                return None
            if isinstance(error, TooSlowError):
                log.info("client too slow")
                return TOO_SLOW
            if isinstance(error, ProjectDeletedError):
                return GONE
            if isinstance(error, UnauthenticatedError):
                log.info("client signed out")
                return SIGNED_OUT
            if isinstance(error, UnavailableError):
                log.warning("events cannot be read", reason=error.message)
            elif error is not None:
                log.error("socket session failed", exc_info=error)
        return GOING_AWAY

    async def _stay_known(self, denied: Callable[[Principal], Awaitable[None]]) -> None:
        await denied(self._principal)
        error = UnauthenticatedError("Sign in again: what was shown no longer counts.")
        await self._send_error(error, None)
        raise error

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
                    if self._spend is not None:
                        self._spend(self._principal)
                    self._allowance.spend()  # garbage counts, and a limit is answered by id where there is one
                said = parse(data, self._project_id)
                reply_to = str(said.id)
                if names_urls(said):
                    await self._answer_meanwhile(said, reply_to)
                else:
                    await self._answer(said, reply_to)
            except Exception as error:
                await self._explain(error, reply_to)

    async def _answer_meanwhile(self, said: IncomingMessage, message_id: str) -> None:
        """What has to be fetched first holds up nothing that the client says after it, unless it is much."""
        if len(self._fetching) >= _MOST_FETCHING:
            await asyncio.wait(self._fetching, return_when=asyncio.FIRST_COMPLETED)

        async def answer() -> None:
            try:
                await self._answer(said, message_id)
            except Exception as error:
                with contextlib.suppress(TooSlowError):  # who tells of events meets it, too
                    await self._explain(error, message_id)

        fetching = asyncio.create_task(answer(), name="fetch")
        self._fetching.add(fetching)
        fetching.add_done_callback(self._fetching.discard)

    async def _explain(self, error: Exception, reply_to: str | None) -> None:
        """Says what went wrong with a message."""
        if isinstance(error, TooSlowError):
            raise error
        if not isinstance(error, AuteurError):
            log.exception("message could not be handled", exc_info=error)
            error = AuteurError("Something went wrong here; the operator's log has it.")
        await self._send_error(error, reply_to)

    async def _answer(self, said: IncomingMessage, message_id: str) -> None:
        if (needed := _NEEDED.get(type(said))) is not None:
            self._principal.require(needed, self._project_id)
        match said:
            case StartGenerationMessage():
                command = said.command(self._project_id, message_id, self._request_id)
                await self._tell(await self._dispatcher.submit(command))
            case PromoteMessage():
                wish = said.promotion(self._project_id, said.task_id, message_id, self._request_id)
                await self._tell(await self._promoter.promote(wish))
            case StartBatchMessage():
                batch = said.batch(self._project_id, message_id, self._request_id)
                submissions = await self._dispatcher.submit_batch(batch)
                repeated = submissions[0].repeated
                audit("batch accepted", tasks=len(submissions), repeated=repeated)
                ids = [submission.task.task_id for submission in submissions]
                names = {name: task_id for name, task_id in zip(batch.names, ids, strict=True) if name is not None}
                await self._reply(
                    BatchStartedMessage(**self._common(message_id), task_ids=ids, names=names, repeated=repeated)
                )
            case CancelMessage():
                before = (await self._store.task(self._project_id, said.task_id)).task
                if before.ended:
                    raise TaskEndedError(before.task_id, before.status.value)
                await self._dispatcher.cancel(CancelTask(project_id=self._project_id, task_id=said.task_id))
                audit("cancel asked for", task_id=said.task_id)
            case MarkMessage():
                marks = MarkTask(
                    project_id=self._project_id, task_id=said.task_id, favourite=said.favourite, circled=said.circled
                )
                marking = await self._archive.mark(marks)
                audit("task marked", task_id=said.task_id, recorded=marking.recorded)
                if not marking.recorded:  # what was recorded is heard through the log, as by everybody
                    await self._reply(marked_message(**self._common(message_id), task=marking.reading.task))
            case DeleteTaskMessage():
                deletion = DeleteTask(project_id=self._project_id, task_id=said.task_id)
                if await self._archive.delete_task(deletion):
                    audit("task deleted", task_id=said.task_id)
                else:
                    gone = TaskDeletedMessage(
                        **self._common(message_id), task_id=said.task_id, reason="asked", metadata={}
                    )  # fmt: skip
                    await self._reply(gone)
            case DeleteProjectMessage():
                await self._archive.delete_project(DeleteProject(project_id=self._project_id))
                audit("project deleted")
            case PingMessage():
                await self._reply(PongMessage(**self._common(message_id)))

    async def _tell(self, submission: Submission) -> None:
        """The answer to who asked for a task."""
        task = submission.task
        task_type = task.request.task_type
        audit("task accepted", task_id=task.task_id, task_type=task_type, repeated=submission.repeated)
        if submission.repeated:  # a new one is heard through the log, as by everybody
            started = to_message(submission.accepted)
            assert started is not None
            await self._reply(started)

    def _common(self, reply_to: str) -> dict[str, Any]:
        """What every direct answer has."""
        now = self._clock()
        return {"id": self._new_id(), "project_id": self._project_id, "timestamp": now, "reply_to": reply_to}

    async def _reply(self, message: ServerMessage) -> None:
        await self._outbox.put(render(message))

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
