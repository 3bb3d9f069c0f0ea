"""The documents of the interface, and the pages that show them to people."""

import asyncio
import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from auteur.entrypoints.addresses import in_url
from auteur.entrypoints.documentation.page import POLICY
from auteur.entrypoints.http.files import bytes_response
from auteur.entrypoints.settings import Settings

T = TypeVar("T")
Content = tuple[bytes, str, str]
"""What is sent, its tag, and what it is."""

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def base_url(settings: Settings) -> str:
    """Where a program finds the service, as far as the settings know."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = "localhost" if settings.host in ("0.0.0.0", "::") else in_url(settings.host)
    return f"http://{host}:{settings.port}{settings.service_path}"


def documentation_routes(
    settings: Settings, openapi: Callable[[], Mapping[str, Any]], asyncapi: Callable[[], Mapping[str, Any]]
) -> APIRouter:
    """`/api/docs` and `/api/redoc`, which are one page, `/api/async`, and the two documents. Each is made when it is
    first asked for, beside the event loop: it takes a quarter of a second."""
    router = APIRouter(include_in_schema=False)
    root = settings.service_path
    servers = {"servers": [{"url": root}]} if root else {}
    of_http, of_the_socket = _once(lambda: {**openapi(), **servers}), _once(asyncapi)

    def page_of_http() -> Content:
        from auteur.entrypoints.documentation.http_page import http_page

        return _html(http_page(of_http(), root=root, base_url=base_url(settings)))

    def page_of_the_socket() -> Content:
        from auteur.entrypoints.documentation.socket_page import socket_page

        return _html(socket_page(of_the_socket(), root=root))

    once_of_http = _once(page_of_http)
    shown = {
        "/api/openapi.json": _once(lambda: _json(of_http())),
        "/api/asyncapi.json": _once(lambda: _json(of_the_socket())),
        "/api/docs": once_of_http,
        "/api/redoc": once_of_http,
        "/api/async": _once(page_of_the_socket),
    }

    @router.get("/api")
    async def api() -> RedirectResponse:
        return RedirectResponse("/api/docs")

    @router.get("/api/docs")
    @router.get("/api/redoc")
    @router.get("/api/async")
    @router.get("/api/openapi.json")
    @router.get("/api/asyncapi.json")
    async def read_documentation(request: Request) -> Response:
        data, etag, media_type = await asyncio.to_thread(shown[request.scope["route"].path])
        return bytes_response(request, data, etag=etag, media_type=media_type, headers=_HEADERS)

    return router


def _once(make: Callable[[], T]) -> Callable[[], T]:
    """Makes it when it is first asked for, in one thread; whoever else asks meanwhile waits for it."""
    lock = threading.Lock()
    made: list[T] = []

    def get() -> T:
        with lock:
            if not made:
                made.append(make())
        return made[0]

    return get


def _html(page: str) -> Content:
    return _tagged(page, "text/html; charset=utf-8")


def _json(document: Mapping[str, Any]) -> Content:
    return _tagged(json.dumps(document, ensure_ascii=False, separators=(",", ":")), "application/json")


def _tagged(text: str, media_type: str) -> Content:
    data = text.encode()
    return data, hashlib.sha256(data).hexdigest(), media_type
