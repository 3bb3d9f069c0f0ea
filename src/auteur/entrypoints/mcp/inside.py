"""The service's own routes, asked from within its process: a request of HTTP without a connection.

It passes all that a request from outside passes (Host, access, limits, audit, metrics), since it enters at the same
place. httpx's own transport for such applications reads an answer whole; events are told while they come.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import anyio
import httpx
from starlette.types import ASGIApp, Message, Scope

from auteur.adapters.background import end

_AHEAD = 8
"""How many pieces of an answer may lie ready unread."""
_TO_END_S = 2


class InsideTransport(httpx.AsyncBaseTransport):
    """Asks ``app``. ``outer``: the request on whose behalf; it lends scheme, client and server."""

    def __init__(self, app: ASGIApp, outer: Scope) -> None:
        self._app = app
        self._outer = outer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raw_path, _, query = request.url.raw_path.partition(b"?")
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": self._outer["scheme"],
            "path": request.url.path,
            "raw_path": raw_path,
            "query_string": query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "client": self._outer.get("client"),
            "server": self._outer.get("server"),
        }
        exchange = _Exchange(await request.aread())
        exchange.serving = asyncio.create_task(self._serve(scope, exchange), name="inside")
        try:
            status, headers = await exchange.head()
        except BaseException:
            await exchange.aclose()
            raise
        return httpx.Response(status, headers=headers, stream=exchange, request=request)

    async def _serve(self, scope: Scope, exchange: "_Exchange") -> None:
        try:
            await self._app(scope, exchange.receive, exchange.send)
        finally:
            exchange.served.set()


class _Exchange(httpx.AsyncByteStream):
    """One request and its answer."""

    serving: "asyncio.Task[None]"

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._gone = asyncio.Event()
        self._messages: asyncio.Queue[Message] = asyncio.Queue(_AHEAD)
        self.served = asyncio.Event()

    async def receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if not self._gone.is_set():  # who went away hears no more
            await self._messages.put(message)

    async def _next(self) -> Message | None:
        """What the application says next, None once it has ended."""
        if not self._messages.empty():
            return self._messages.get_nowait()
        coming, served = asyncio.create_task(self._messages.get()), asyncio.create_task(self.served.wait())
        try:
            await asyncio.wait({coming, served}, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                return coming.result()
            return self._messages.get_nowait() if not self._messages.empty() else None
        finally:
            await end([coming, served])

    async def head(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        """Status and headers. Raises `httpx.RemoteProtocolError` where there was no answer."""
        message = await self._next()
        if message is None or message["type"] != "http.response.start":
            raise httpx.RemoteProtocolError("no answer")
        return int(message["status"]), list(message.get("headers", ()))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (message := await self._next()) is not None:
            if message["type"] == "http.response.body":
                if body := message.get("body", b""):
                    yield body
                if not message.get("more_body", False):
                    return

    async def aclose(self) -> None:
        self._gone.set()
        while not self._messages.empty():
            self._messages.get_nowait()
        # what follows an answer, its line in the log, is the application's own affair; a stream hears that it ends
        with anyio.CancelScope(shield=True):  # who asked may have been cancelled, for good
            await asyncio.wait({self.serving}, timeout=_TO_END_S)
            await end([self.serving])
        if not self.serving.cancelled():
            self.serving.exception()  # seen: the application's own log has it
