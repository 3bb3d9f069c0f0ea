"""What every request and socket passes before it reaches a route. Pure ASGI, so that sockets are covered too."""

import re
import time
import uuid
from collections.abc import Callable, Collection, Iterable
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auteur.entrypoints.http.errors import error_response

log = structlog.get_logger(__name__)

REQUEST_ID_HEADER = "X-Request-ID"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_PROBES = ("/health", "/metrics")
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


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
        given = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
        request_id = given if _REQUEST_ID.fullmatch(given) else f"req_{uuid.uuid4().hex[:16]}"
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            elif message["type"] == "websocket.accept":
                status = 101
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:
            log.exception("request failed", path=scope["path"])
            if scope["type"] == "http" and not status:
                response = error_response(
                    500, "INTERNAL_ERROR", "Something went wrong here; the operator's log has it."
                )
                await response(scope, receive, send_with_id)
            elif scope["type"] == "http":
                raise  # the answer has begun: all that is left is to break the connection off
        finally:
            say = log.debug if scope["path"].startswith(_PROBES) and status < 500 else log.info
            say(
                "socket ended" if scope["type"] == "websocket" else "request",
                method=scope.get("method", "WS"),
                path=scope["path"],
                status=status,
                duration_ms=round((time.perf_counter() - started) * 1000, 1),
            )


class SameSiteMiddleware:
    """Keeps foreign web pages out: sockets and changes are for known origins, and, where ``hosts`` is given, all
    requests for known host names, so that a foreign name resolving to this machine reads nothing either.

    Programs that send no Origin are not browsers and pass. CORS alone covers neither sockets nor changes.
    """

    def __init__(self, app: ASGIApp, *, origins: Collection[str], hosts: Collection[str] | None) -> None:
        self._app = app
        self._origins = frozenset(origins)
        self._hosts = frozenset(hosts) if hosts is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        changes = scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
        if self._hosts is not None and _host_name(headers.get("host", "")) not in self._hosts:
            await _refuse(scope, receive, send, 421, "WRONG_HOST", "This service does not answer for that host name.")
        elif origin is not None and changes and not self._knows(origin, headers.get("host", "")):
            await _refuse(scope, receive, send, 403, "FORBIDDEN_ORIGIN", "Pages of this origin may not do that.")
        else:
            await self._app(scope, receive, send)

    def _knows(self, origin: str, host: str) -> bool:
        if origin in self._origins:
            return True
        # the service's own pages: the origin names the host that was asked, and that host is ours by name
        own = urlsplit(origin)
        return own.netloc == host and _host_name(host) in (self._hosts or LOOPBACK_HOSTS)


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

        class _TooLarge(Exception):
            pass

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
            if length.isdecimal() and int(length) > limit:
                raise _TooLarge
            await self._app(scope, receive_limited, send_watched)
        except _TooLarge:
            if not answered:
                response = error_response(
                    413, "BODY_TOO_LARGE", f"The body has more than {limit} bytes.", {"limit_bytes": limit},
                    {"Connection": "close"},
                )  # fmt: skip
                await response(scope, receive, send)


def own_origins(port: int, public_url: str | None) -> Iterable[str]:
    """The origins of the service's own pages."""
    for host in LOOPBACK_HOSTS:
        yield f"http://{host}:{port}"
    if public_url:
        parts = urlsplit(public_url)
        yield f"{parts.scheme}://{parts.netloc}"


def _host_name(host: str) -> str:
    """The name without the port."""
    return (host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host).lower()


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, code: str, message: str) -> None:
    response = error_response(status, code, message)
    if scope["type"] == "http":
        await response(scope, receive, send)
    elif "websocket.http.response" in scope.get("extensions", {}):
        headers = [(key, value) for key, value in response.raw_headers]
        await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": response.body})
    else:
        await send({"type": "websocket.close", "code": 1008})  # before accepting: a plain 403
