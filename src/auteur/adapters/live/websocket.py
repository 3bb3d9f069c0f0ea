"""One WebSocket conversation: what the client says is answered here; what the log says, its project's hub tells.

One task a socket: it listens. A second is there while the client is behind the log, or while something is fetched.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

import structlog
from starlette.types import Receive
from starlette.websockets import WebSocketDisconnect

from auteur.adapters.background import end
from auteur.adapters.live.answers import Answers
from auteur.adapters.live.close_codes import BAD_REQUEST, GOING_AWAY, GONE, SIGNED_OUT, TOO_SLOW
from auteur.adapters.live.conversations import Conversations
from auteur.adapters.live.feed import ProjectFeed
from auteur.adapters.live.hub import Ear
from auteur.adapters.live.limits import Allowance, MessageTooLargeError, SessionLimits
from auteur.adapters.live.line import SocketLine, text_frame
from auteur.adapters.live.outbox import Outbox, TooSlowError
from auteur.domain.access import ANONYMOUS, Principal
from auteur.domain.archive import ProjectArchive
from auteur.domain.dispatcher import TaskDispatcher
from auteur.domain.errors import (
    AuteurError,
    InvalidMessageError,
    InvalidRequestError,
    ProjectDeletedError,
    ShuttingDownError,
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

    Several sessions of a project are equal; none knows of the others. What is said and heard is written as the dialect
    of ``feed`` has it. ``receive``: what comes in, as ASGI has it; ``line``: the way out.
    """

    def __init__(
        self,
        receive: Receive,
        line: SocketLine,
        project_id: str,
        *,
        feed: ProjectFeed,
        conversations: Conversations,
        store: StateStore,
        archive: ProjectArchive,
        dispatcher: TaskDispatcher,
        promoter: TakePromoter,
        clock: Clock,
        new_id: NewId,
        limits: SessionLimits,
        request_id: str,
        principal: Principal = ANONYMOUS,
        spend: Callable[[Principal], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._receive = receive
        self._project_id = project_id
        self._feed = feed
        self._dialect = feed.dialect
        self._conversations = conversations
        self._answers = Answers(
            project_id, principal, dispatcher, promoter, store, archive, clock, new_id, request_id=request_id
        )
        self._clock = clock
        self._new_id = new_id
        self._limits = limits
        self._request_id = request_id
        self._principal = principal
        self._spend = spend
        self._line = line
        self._ear = Ear(
            outbox=Outbox(line, limits), frame=_frame_of, lagged=self._catch_up, lost=self._greet_anew, ended=self._end
        )
        self._following: asyncio.Task[None] | None = None
        self._fetching: set[asyncio.Task[None]] = set()
        self._allowance = Allowance(limits.messages_per_s, monotonic)
        self._listening: asyncio.Task[Any] | None = None
        self._why: Exception | None = None

    async def run(self, after: str | None) -> None:
        """Greets, then listens and tells until one side ends. ``after``: the client's bookmark, as it sent it."""
        if not self._dialect.resumes:
            after = None
        try:
            parse_project_id(self._project_id)
            bookmark = None if after is None else Position.parse(after)
        except InvalidRequestError as error:
            self._refuse(error)
            return
        code: int | None = GOING_AWAY
        with (
            self._feed.attend(self._project_id, self._tell_places) as self._ear.listener,
            self._conversations.attend(self._principal, self._end),
        ):
            try:
                self._follow(bookmark, begins=True, resumes=after is not None)
                code = await self._until_ended()
            finally:
                self._listening = None
                self._ear.leave()
                await end([*self._fetching, *([self._following] if self._following else [])])
        if code is not None:
            self._line.hang_up(self._dialect.close_code(code))

    async def _until_ended(self) -> int | None:
        """Listens; the close code for what ended it, None when the client is gone already."""
        self._listening = asyncio.current_task()
        assert self._listening is not None
        try:
            if self._why is None:
                await self._listen()
        except asyncio.CancelledError:
            if self._why is None:
                raise
            self._listening.uncancel()  # it was ended, and goes on to say so
        except Exception as error:
            self._why = self._why or error
        return await self._code_for(self._why)

    def _end(self, error: Exception) -> None:
        """Ends the conversation from beside, the first time that it is called."""
        if self._why is None:
            self._why = error
            self._ear.leave()
            if self._listening is not None:
                self._listening.cancel()

    async def _code_for(self, error: Exception | None) -> int | None:
        if isinstance(error, WebSocketDisconnect):
            return None
        if isinstance(error, TooSlowError):
            log.info("client too slow")
            return TOO_SLOW
        if isinstance(error, ProjectDeletedError):
            return GONE
        if isinstance(error, UnauthenticatedError):
            self._say_last(error)
            log.info("client signed out")
            return SIGNED_OUT
        if isinstance(error, UnavailableError):
            if not isinstance(error, ShuttingDownError):
                log.warning("events cannot be read", reason=error.message)
        elif error is not None:
            log.error("socket session failed", exc_info=error)
        return GOING_AWAY

    def _catch_up(self, position: Position | None) -> None:
        """It was left behind here."""
        if self._why is None:
            self._follow(position, begins=False, resumes=True)

    def _greet_anew(self) -> None:
        """What follows where it was cannot be had."""
        if self._why is None:
            self._follow(None, begins=True, resumes=False)

    def _follow(self, bookmark: Position | None, *, begins: bool, resumes: bool) -> None:
        self._following = asyncio.create_task(
            self._until_level(bookmark, begins=begins, resumes=resumes), name="follow"
        )

    async def _until_level(self, bookmark: Position | None, *, begins: bool, resumes: bool) -> None:
        try:
            await self._feed.tell(self._project_id, self._ear, bookmark, begins=begins, resumes=resumes)
        except Exception as error:
            if isinstance(error, ProjectDeletedError) and not self._ear.greeted:
                self._say_last(error)
            self._end(error)
        self._following = None  # what it was is not kept as long as the socket is

    def _tell_places(self, told: PlacesTold) -> bool:
        return all(self._ear.outbox.offer(text_frame(text)) for text in self._feed.write_places(told))

    async def _listen(self) -> None:
        while True:
            message = await self._receive()
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
            await self._ear.outbox.put(text_frame(text))

    def _say_last(self, error: AuteurError) -> None:
        """An error to somebody who hears nothing after it; not at all, if there is no room."""
        for text in self._dialect.write(error_message(self._project_id, self._new_id(), self._clock(), error, None)):
            self._ear.outbox.tell(text_frame(text))

    def _refuse(self, error: AuteurError) -> None:
        message = error_message(self._project_id[:128], self._new_id(), self._clock(), error, None)
        for text in self._dialect.write(message):
            self._line.write(text_frame(text))
        self._line.hang_up(self._dialect.close_code(BAD_REQUEST))


def _frame_of(text: str, position: Position | None) -> bytes:
    return text_frame(text)
