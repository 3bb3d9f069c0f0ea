"""How an application is asked to converse on a socket, and what waits on one: kept small, for sockets stay long."""

import asyncio
from collections import deque
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from auteur.adapters.live.line import EXTENSION

if TYPE_CHECKING:
    from auteur.entrypoints.edge.sockets import SocketProtocol

log = structlog.get_logger(__name__)


class Inbox:
    """`asyncio.Queue` as uvicorn asks it, for one who waits: nothing is kept for what is not there, where a queue keeps
    3 KiB."""

    __slots__ = ("_messages", "_waiting")

    def __init__(self) -> None:
        self._messages: deque[MutableMapping[str, Any]] | None = None
        self._waiting: asyncio.Future[None] | None = None

    def put_nowait(self, message: MutableMapping[str, Any]) -> None:
        if self._messages is None:
            self._messages = deque()
        self._messages.append(message)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def empty(self) -> bool:
        return self._messages is None

    async def get(self) -> MutableMapping[str, Any]:
        while self._messages is None:
            self._waiting = asyncio.get_running_loop().create_future()
            try:
                await self._waiting
            finally:
                self._waiting = None
        message = self._messages.popleft()
        if not self._messages:
            self._messages = None
        return message


class Gate:
    """`asyncio.Event` that begins set, and is there only while it is not."""

    __slots__ = ("_shut",)

    def __init__(self) -> None:
        self._shut: asyncio.Event | None = None

    def is_set(self) -> bool:
        return self._shut is None

    def clear(self) -> None:
        if self._shut is None:
            self._shut = asyncio.Event()

    def set(self) -> None:
        if self._shut is not None:
            self._shut.set()
            self._shut = None

    async def wait(self) -> None:
        if self._shut is not None:
            await self._shut.wait()


async def converse(app: ASGIApp, protocol: "SocketProtocol", scope: Scope, receive: Receive, send: Send) -> None:
    """Ends every conversation in words of ours: uvicorn would log a traceback of its own, and answer in plain text."""
    scope["extensions"][EXTENSION] = protocol
    path = scope["path"]
    try:
        await app(scope, receive, send)
        if (conversation := protocol.carried_on()) is not None:
            del app, scope, receive, send
            await conversation()
    except asyncio.CancelledError:  # at the end of a stop, after its grace
        protocol.refuse(503, "SHUTTING_DOWN", "The service stops; come back later.")
        return
    except OSError:  # uvicorn's ClientDisconnected is one: nobody listens any more
        log.debug("socket ended while something was said to it")
    except Exception:
        log.exception("socket failed", path=path)
    finally:
        protocol.ended()
    if protocol.initial_response is None:  # whatever was not ended with a code has one now
        protocol.fail()
