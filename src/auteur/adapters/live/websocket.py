"""One WebSocket conversation: two loops, what the client says and what the bus says, and an outbox between them."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from auteur.adapters.live.answers import Answers
from auteur.adapters.live.close_codes import BAD_REQUEST, GOING_AWAY, GONE, SIGNED_OUT, TOO_SLOW
from auteur.adapters.live.feed import ProjectFeed
from auteur.adapters.live.limits import Allowance, MessageTooLargeError, SessionLimits
from auteur.adapters.live.outbox import Outbox, TooSlowError
from auteur.domain.access import ANONYMOUS, Principal
from auteur.domain.archive import ProjectArchive
from auteur.domain.dispatcher import TaskDispatcher
from auteur.domain.errors import (
    AuteurError,
    InvalidMessageError,
    InvalidRequestError,
    ProjectDeletedError,
    UnauthenticatedError,
    UnavailableError,
)
from auteur.domain.events import Position
from auteur.domain.ports import Clock, NewId, StateStore
from auteur.domain.promotion import TakePromoter
from auteur.domain.task import parse_project_id
from auteur.domain.waiting import PlacesTold
from auteur.protocol.incoming import IncomingMessage, names_urls
from auteur.protocol.json import read_json
from auteur.protocol.outgoing import ServerMessage
from auteur.protocol.translate import error_message

log = structlog.get_logger(__name__)

_MOST_FETCHING = 8
"""How many messages of one client may wait at a time for what has to be fetched."""


class WebSocketSession:
    """Serves one accepted socket until it ends, and always ends it with a close code.

    ``closing``: set when the process stops. Several sessions of a project are equal; none knows of the others. What is
    said and heard is written as the dialect of ``feed`` has it.
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
        self._dialect = feed.dialect
        self._answers = Answers(
            project_id, principal, dispatcher, promoter, store, archive, clock, new_id, request_id=request_id
        )
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
        if not self._dialect.resumes:
            after = None
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
            with self._feed.attend(self._project_id, self._tell_places) as heard:
                follow = self._feed.follow(self._project_id, bookmark, resumes=resumes, heard=heard)
                async with contextlib.aclosing(follow) as messages:
                    async for text, _ in messages:
                        await self._outbox.put(text)
                        del text  # a greeting may be large, and nothing more may follow for hours
                        greeted = True
        except ProjectDeletedError as error:
            if not greeted:
                await self._send_error(error, None)
            raise

    def _tell_places(self, told: PlacesTold) -> bool:
        return all(self._outbox.offer(text) for text in self._feed.write_places(told))

    async def _send(self) -> None:
        async for text in self._outbox.texts():
            try:
                await self._socket.send_text(text)
                del text
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
                    reply_to = self._dialect.message_id_of(data)
                finally:
                    if self._spend is not None:
                        self._spend(self._principal)
                    self._allowance.spend()  # garbage counts, and a limit is answered by id where there is one
                said = self._dialect.read(data, self._project_id)
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
        reply = await self._answers.answer(said, message_id)
        if reply is not None:
            await self._put(reply)

    async def _send_error(self, error: AuteurError, reply_to: str | None) -> None:
        await self._put(error_message(self._project_id, self._new_id(), self._clock(), error, reply_to))

    async def _put(self, message: ServerMessage) -> None:
        for text in self._dialect.write(message):
            await self._outbox.put(text)

    async def _refuse(self, error: AuteurError) -> None:
        message = error_message(self._project_id[:128], self._new_id(), self._clock(), error, None)
        with contextlib.suppress(Exception):
            for text in self._dialect.write(message):
                await self._socket.send_text(text)
        await self._close(BAD_REQUEST)

    async def _close(self, code: int) -> None:
        with contextlib.suppress(Exception):  # a client that does not read cannot be told; the kernel drops it
            async with asyncio.timeout(1):
                await self._socket.close(self._dialect.close_code(code))
