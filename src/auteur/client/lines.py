"""One connection that tells a project's messages: a WebSocket, or server-sent events. Each is read as fast as it is
asked, no faster: what is not asked for waits in the service, and no memory fills here."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, NoReturn, Protocol
from urllib.parse import quote, urlsplit

from auteur.client.errors import AuteurError, DeletedError, InvalidRequestError, UnauthenticatedError, refusal
from auteur.client.http import Http, part

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

GONE, SIGNED_OUT = 4410, 4401
_MOST_BYTES = 16 << 20
"""A greeting has 256 KiB at most; more than this no auteur says."""
_OPEN_S = 10.0


class LineEndedError(Exception):
    """The connection ended, or could not be made, and may be made again. ``retry_after_s``: not before."""

    def __init__(self, why: str, retry_after_s: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after_s = retry_after_s


class Line(Protocol):
    """A connection that is open."""

    async def receive(self) -> str:
        """The next message. Harmless to cancel. Raises `LineEndedError`, and `AuteurError` where coming back is of no
        use."""
        ...

    async def close(self) -> None:
        """Ends it; again is harmless."""
        ...


async def open_socket(http: Http, project_id: str, after: str | None, heartbeat_s: float) -> Line:
    """A WebSocket. ``heartbeat_s``: after so long a silence the service is asked for a sign, and has as long again to
    give it. Raises as `Line.receive`."""
    from websockets.asyncio.client import connect
    from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI

    class Straight(connect):
        """Goes where it was sent, and nowhere else: what is shown is for that service alone."""

        def process_redirect(self, exc: Exception) -> Exception | str:
            return exc

    parts = urlsplit(http.url)
    scheme = "wss" if parts.scheme == "https" else "ws"
    query = f"?after={quote(after, safe='')}" if after is not None else ""
    try:
        socket = await Straight(
            f"{scheme}://{parts.netloc}{parts.path}/ws/{part(project_id)}{query}",
            additional_headers=await http.shown(),
            open_timeout=_OPEN_S,
            close_timeout=1,
            ping_interval=None,  # a line that is not read must not be ended for it; see `SocketLine.receive`
            max_size=_MOST_BYTES,
            max_queue=16,
            compression=None,
        )
    except InvalidStatus as error:
        told = error.response
        try:
            body = json.loads(told.body or b"")
        except ValueError:
            body = None
        _refused(refusal(told.status_code, body, told.headers.get("retry-after"), told.headers.get("x-request-id")))
    except InvalidURI as error:
        raise InvalidRequestError(f"That is no address: {error}") from None
    except (InvalidHandshake, OSError, TimeoutError, EOFError) as error:
        raise LineEndedError(str(error) or type(error).__name__) from None
    return SocketLine(socket, heartbeat_s)


class SocketLine:
    """A WebSocket that is open."""

    def __init__(self, socket: "ClientConnection", heartbeat_s: float) -> None:
        self._socket = socket
        self._heartbeat_s = heartbeat_s

    async def receive(self) -> str:
        from websockets.exceptions import ConnectionClosed

        try:
            while True:
                try:
                    async with asyncio.timeout(self._heartbeat_s):
                        text = await self._socket.recv()
                except TimeoutError:  # only who waits asks for a sign: then nothing lies unread before the answer
                    pong = await self._socket.ping()
                    try:
                        async with asyncio.timeout(self._heartbeat_s):
                            await pong
                    except TimeoutError:
                        self._socket.transport.abort()
                        raise LineEndedError("nothing is heard of the service") from None
                    continue
                if isinstance(text, str):
                    return text
        except ConnectionClosed as closed:
            raise _why(closed.rcvd.code if closed.rcvd is not None else 1006) from None

    async def close(self) -> None:
        await self._socket.close()


def _why(code: int) -> Exception:
    """What a close code says. 4400 to 4499: do not come back. Everything else: do."""
    if code == GONE:
        return DeletedError("The project was deleted.", code="PROJECT_DELETED", status=410)
    if code == SIGNED_OUT:
        return UnauthenticatedError("What was shown no longer counts: it was revoked, or has expired.", status=401)
    if 4400 <= code < 4500:
        return InvalidRequestError(f"The service refused the conversation (close code {code}).")
    return LineEndedError(f"the connection was lost (close code {code})")


async def open_stream(http: Http, project_id: str, after: str | None, heartbeat_s: float) -> Line:
    """Server-sent events, for ways that carry no WebSocket. The service gives a sign every 15 s. Raises as
    `Line.receive`."""
    stack = AsyncExitStack()
    path = f"{http.url}/api/v1/projects/{part(project_id)}/events"
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after is not None else {})
    try:
        answer = await stack.enter_async_context(
            http.stream(path, headers=headers, timeout_s=max(heartbeat_s, 15.0) + _OPEN_S)
        )
    except AuteurError as error:
        _refused(error)
    return StreamLine(stack, answer.aiter_lines())


class StreamLine:
    """A stream of events that is open. It is read by a task of its own, a message ahead, so that waiting for one may be
    given up."""

    def __init__(self, stack: AsyncExitStack, lines: AsyncIterator[str]) -> None:
        self._stack = stack
        self._lines = lines
        self._coming: asyncio.Task[str] | None = None

    async def receive(self) -> str:
        self._coming = coming = self._coming or asyncio.create_task(self._next())
        await asyncio.wait({coming})
        self._coming = None
        if coming.cancelled():
            raise LineEndedError("it was closed here")
        return coming.result()

    async def _next(self) -> str:
        try:
            async for line in self._lines:
                if line.startswith("data: "):
                    return line[6:]
        except Exception as error:  # the library's own, of a connection that broke
            raise LineEndedError(str(error) or type(error).__name__) from None
        raise LineEndedError("the stream ended")

    async def close(self) -> None:
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.wait({self._coming})
            self._coming = None
        with suppress(Exception):
            await self._stack.aclose()


def _refused(error: AuteurError) -> NoReturn:
    """Raises it, or that the line ended where the service may be asked again."""
    if error.temporary:
        raise LineEndedError(error.message, error.retry_after_s) from None
    raise error from None
