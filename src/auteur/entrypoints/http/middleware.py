"""What every request and socket passes before it reaches a route. Pure ASGI, so that sockets are covered too."""

import asyncio
import re
import time
import uuid
from collections.abc import Callable, Iterable
from functools import partial

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from auteur.adapters.background import end
from auteur.adapters.live.line import EXTENSION
from auteur.entrypoints.http.errors import error_response, refuse
from auteur.protocol.views import reached_under

log = structlog.get_logger(__name__)

REQUEST_ID_HEADER = "X-Request-ID"
_REQUEST_ID_NAME = REQUEST_ID_HEADER.lower().encode()
TOLD = "auteur.told"
"""Where a scope's state says that the log has this request's end already."""

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_LONGEST_LENGTH = 18
"""Digits of a Content-Length: what has more is over any limit."""
_LONGEST_PATH, _LONGEST_WORD = 512, 32
"""Characters of a path, and of a method, in the log."""
_PROBES = ("/health", "/metrics")


def request_id_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The caller's id if it is well formed, else a new one. ``headers``: as ASGI has them."""
    given = next((value for name, value in headers if name == _REQUEST_ID_NAME), b"")
    return given.decode() if _REQUEST_ID.fullmatch(given) else f"req_{uuid.uuid4().hex[:16]}"


def when_it_ends(scope: Scope, call: Callable[[], None]) -> None:
    """Has it called at the end of what this scope is of, by whoever has been returned to: of a request that is now; a
    socket is carried on by its server when all before it have returned."""
    line = scope.get("extensions", {}).get(EXTENSION)
    if line is None:
        call()
    else:
        line.at_end(call)


class RootPathMiddleware:
    """Serves everything under ``root_path`` too, behind a proxy that strips it and behind one that does not.

    Inside, every path is the service's own. On the way out the prefix is put before whatever leads back here: redirects
    and Location headers in this class, addresses of files where they are made, since those travel in messages too
    (`artifact_url`).
    No path of the service begins with ``root_path`` (`read_root_path`), so what begins with it was not stripped.
    """

    def __init__(self, app: ASGIApp, *, root_path: str) -> None:
        self._app = app
        self._root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._root_path or scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def send_with_prefix(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                location = headers.get("location", "")
                here = location.startswith("/") and not location.startswith("//")
                if here and self._without_prefix(location) == location:
                    headers["location"] = self._root_path + location
            await send(message)

        inside = {**scope, "root_path": self._root_path, "path": self._without_prefix(scope["path"])}
        if raw := scope.get("raw_path"):
            inside["raw_path"] = self._without_prefix(raw.decode("latin-1")).encode("latin-1")
        if scope["type"] == "websocket":  # which is carried on when this has returned
            reached_under(self._root_path)
            await self._app(inside, receive, send)
            return
        with reached_under(self._root_path):
            await self._app(inside, receive, send_with_prefix)

    def _without_prefix(self, path: str) -> str:
        rest = path.removeprefix(self._root_path)
        return rest or "/" if rest != path and rest[:1] in ("", "/") else path


ASKED_METHOD = "auteur.asked_method"
"""Where a scope says what a caller asked for, if the route hears otherwise."""


class HeadMiddleware:
    """Answers HEAD wherever GET is answered: with the same status and headers, and without the body.

    The route hears GET, and no more of it than the beginning of its answer is waited for: a stream that never ends has
    a HEAD too, and a large file is not read for one.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        answered = asyncio.Event()

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start" and not answered.is_set():
                await send(message)
                await send({"type": "http.response.body", "body": b""})
                answered.set()

        heard = {**scope, "method": "GET", ASKED_METHOD: "HEAD"}
        serving = asyncio.ensure_future(self._app(heard, receive, send_head))
        waiting = asyncio.create_task(answered.wait())
        try:
            await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not answered.is_set():
                await serving
        finally:
            await end([serving, waiting])
            if not serving.cancelled():
                serving.exception()  # seen: what went wrong after the headers is nobody's concern


class RequestContextMiddleware:
    """Gives every request and socket an id, one log line, and a 500 of the one shape when all else fails.

    The id is the caller's if it is well formed; it is returned, and bound to every log line until the answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request_id = request_id_of(scope["headers"])
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        status = 0
        gone = False

        async def receive_watched() -> Message:
            nonlocal gone
            message = await receive()
            gone = gone or (message["type"] == "http.disconnect" and not status)
            return message

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "websocket.close" and not status and _takes_answers(scope):
                # before accepting: only the router, which found no route, says so without an answer of its own
                await refuse(scope, receive, send_with_id, _nothing("There is no socket at this path."))
                return
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            elif message["type"] == "websocket.accept":
                status = 101
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        try:
            if _is_routed_as_another(scope):
                await refuse(scope, receive, send_with_id, _nothing("There is nothing at this path."))
            else:
                await self._app(scope, receive if scope["type"] == "websocket" else receive_watched, send_with_id)
        except (ClientDisconnect, WebSocketDisconnect):
            gone = True
        except Exception:
            log.exception("request failed", path=scope["path"][:_LONGEST_PATH])
            if scope["type"] == "websocket":
                pass  # the edge ends the conversation with a code
            elif not status:
                response = error_response(
                    500, "INTERNAL_ERROR", "Something went wrong here; the operator's log has it."
                )
                await response(scope, receive, send_with_id)
            else:
                raise  # the answer has begun: all that is left is to break the connection off
        finally:
            if not scope["state"].get(TOLD):
                is_quiet = gone or (scope["path"].startswith(_PROBES) and status < 500)
                what = "socket ended" if scope["type"] == "websocket" else "client went away" if gone else "request"
                method, path = scope.get("method", "WS")[:_LONGEST_WORD], scope["path"][:_LONGEST_PATH]
                when_it_ends(scope, partial(_tell, what, method, path, status, started, is_quiet=is_quiet))
                scope["state"][TOLD] = True


class _TooLarge(Exception):
    """A body over the limit."""


def _tell(what: str, method: str, path: str, status: int, started: float, *, is_quiet: bool) -> None:
    """The line in the log of what is over now."""
    duration_ms = round((time.perf_counter() - started) * 1000, 1)
    (log.debug if is_quiet else log.info)(what, method=method, path=path, status=status, duration_ms=duration_ms)


class BodyLimitMiddleware:
    """Refuses bodies over the limit with 413, by their header or while they arrive. ``limit_for``: bytes by path."""

    def __init__(self, app: ASGIApp, *, limit_for: Callable[[str], int]) -> None:
        self._app = app
        self._limit_for = limit_for

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_for(scope["path"])
        length = Headers(scope=scope).get("content-length", "0")
        received = 0
        answered = False

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise _TooLarge
            return message

        async def send_watched(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            if length.isdecimal() and (len(length) > _LONGEST_LENGTH or int(length) > limit):
                raise _TooLarge
            await self._app(scope, receive_limited, send_watched)
        except _TooLarge:
            if not answered:
                response = error_response(
                    413, "BODY_TOO_LARGE", f"The body has more than {limit} bytes.", {"limit_bytes": limit},
                    {"Connection": "close"},
                )  # fmt: skip
                await response(scope, receive, send)


def _takes_answers(scope: Scope) -> bool:
    """Whether the server can refuse a handshake with an answer of ours; else it has words of its own."""
    return "websocket.http.response" in scope.get("extensions", {})


def _is_routed_as_another(scope: Scope) -> bool:
    """Whether the router would read another path than the one that is judged before it: a route's expression matches
    what stands before a line break, and what begins with the prefix once more has it taken off once more."""
    path, root_path = scope["path"], scope.get("root_path", "")
    return path.endswith("\n") or bool(root_path and f"{path}/".startswith(f"{root_path}/"))


def _nothing(message: str) -> Response:
    return error_response(404, "RESOURCE_NOT_FOUND", message)
