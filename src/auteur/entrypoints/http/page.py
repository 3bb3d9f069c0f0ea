"""The built-in page."""

import hashlib
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from auteur.domain.errors import (
    ArtifactNotFoundError,
)
from auteur.entrypoints.http.files import bytes_response

_POLICY = (
    "default-src 'self'; img-src 'self' data:{}; media-src 'self'{}; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_PARTS = {"studio.js": "text/javascript; charset=utf-8", "studio.css": "text/css; charset=utf-8"}


def page_routes(root_path: str, files_origin: str | None = None) -> APIRouter:
    """The built-in page. ``root_path``: where a browser finds the service; ``files_origin``: from where it gets files,
    if from elsewhere."""
    elsewhere = f" {files_origin}" if files_origin else ""
    policy = _POLICY.format(elsewhere, elsewhere)
    router = APIRouter(include_in_schema=False)
    studio = Path(__file__).parents[1] / "studio"
    parts = {name: _part(studio / name, media_type) for name, media_type in _PARTS.items()}
    # all that the page asks for is relative to this: a browser may show it with a slash at the end or without
    base = f'<base href="{root_path}/">'
    page = (studio / "index.html").read_text(encoding="utf-8").replace('<base href="/">', base)

    @router.get("/")
    async def studio_page() -> HTMLResponse:
        return HTMLResponse(page, headers={"Content-Security-Policy": policy, "Cache-Control": "no-cache"})

    @router.get("/assets/{name}")
    async def studio_file(request: Request, name: str) -> Response:
        if name not in parts:
            raise ArtifactNotFoundError("The page has no such part.")
        data, etag, media_type = parts[name]
        return bytes_response(
            request, data, etag=etag, media_type=media_type, headers={"Cache-Control": "no-cache"}
        )  # fmt: skip

    return router


def _part(path: Path, media_type: str) -> tuple[bytes, str, str]:
    """What a file holds, its tag, and what it is handed out as."""
    data = path.read_bytes()
    return data, hashlib.sha256(data).hexdigest(), media_type
