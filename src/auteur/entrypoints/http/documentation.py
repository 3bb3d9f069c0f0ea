"""The documents of the interface, and the pages that show them to people."""

import asyncio
import functools
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from auteur.entrypoints.asyncapi import base_url
from auteur.entrypoints.documentation.http_page import http_page
from auteur.entrypoints.documentation.page import POLICY
from auteur.entrypoints.documentation.socket_page import socket_page
from auteur.entrypoints.http.files import bytes_response
from auteur.entrypoints.settings import Settings

_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def documentation_routes(
    settings: Settings, openapi: Callable[[], Mapping[str, Any]], asyncapi: Callable[[], Mapping[str, Any]]
) -> APIRouter:
    """`/api/docs` and `/api/redoc`, which are one page, `/api/async`, and the socket's document. Each page is made when
    it is first asked for, beside the event loop."""
    router = APIRouter(include_in_schema=False)
    root = settings.service_path

    @functools.cache
    def of_http() -> tuple[bytes, str]:
        return _whole(http_page(openapi(), root=root, base_url=base_url(settings)))

    @functools.cache
    def of_the_socket() -> tuple[bytes, str]:
        return _whole(socket_page(asyncapi(), root=root))

    @router.get("/api")
    async def api() -> RedirectResponse:
        return RedirectResponse("/api/docs")

    @router.get("/api/docs")
    @router.get("/api/redoc")
    async def read_documentation(request: Request) -> Response:
        return _shown(request, await asyncio.to_thread(of_http))

    @router.get("/api/async")
    async def read_documentation_of_the_socket(request: Request) -> Response:
        return _shown(request, await asyncio.to_thread(of_the_socket))

    @router.get("/api/asyncapi.json")
    async def read_asyncapi() -> Mapping[str, Any]:
        return asyncapi()

    return router


def _whole(page: str) -> tuple[bytes, str]:
    """The page, and its tag."""
    data = page.encode()
    return data, hashlib.sha256(data).hexdigest()


def _shown(request: Request, page: tuple[bytes, str]) -> Response:
    data, etag = page
    return bytes_response(request, data, etag=etag, media_type="text/html; charset=utf-8", headers=_HEADERS)
