"""The built-in page, and the documents of the interface."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from auteur.domain.errors import (
    ArtifactNotFoundError,
)


def page_routes(asyncapi: Callable[[], Mapping[str, Any]]) -> APIRouter:
    """The built-in page, and the socket's documentation."""
    router = APIRouter(include_in_schema=False)
    studio = Path(__file__).parents[1] / "studio"

    @router.get("/")
    async def studio_page() -> HTMLResponse:
        return HTMLResponse(
            (studio / "index.html").read_text(encoding="utf-8"),
            headers={
                "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
                "Cache-Control": "no-cache",
            },
        )

    @router.get("/studio/{name}")
    async def studio_file(name: str) -> FileResponse:
        if name not in ("studio.js", "studio.css"):
            raise ArtifactNotFoundError("The page has no such part.")
        return FileResponse(studio / name, headers={"Cache-Control": "no-cache"})

    @router.get("/api")
    async def api() -> RedirectResponse:
        return RedirectResponse("/api/docs")

    @router.get("/api/asyncapi.json")
    async def read_asyncapi() -> Mapping[str, Any]:
        return asyncapi()

    return router
