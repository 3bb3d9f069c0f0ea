"""Results out, pictures in."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from PIL import Image
from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.responses import Response

from auteur.adapters.files.workspace import UPLOADS
from auteur.domain.errors import (
    ArtifactNotFoundError,
    DeletedError,
    InvalidMessageError,
    InvalidRequestError,
    ShuttingDownError,
    TaskNotFoundError,
)
from auteur.domain.ports import ArtifactStore, StateStore
from auteur.domain.task import TaskStatus, parse_project_id
from auteur.entrypoints.http.errors import ERRORS, UnsupportedMediaTypeError
from auteur.protocol.views import artifact_url

_IMAGE_SUFFIXES = {"PNG": ".png", "JPEG": ".jpg", "WEBP": ".webp"}
_MAX_IMAGE_PIXELS = 64_000_000


class UploadView(BaseModel):
    """A picture that was taken in. Give ``path`` or ``url`` as ``source_image``."""

    path: str
    url: str
    media_type: str
    width_px: int
    height_px: int
    size_bytes: int
    sha256: str


def artifact_routes(artifacts: ArtifactStore, store: StateStore, closing: asyncio.Event) -> APIRouter:
    """Results out, pictures in."""
    router = APIRouter(prefix="/api/v1/projects/{project_id}", tags=["artifacts"], responses=ERRORS)

    @router.head("/artifacts/{path:path}", include_in_schema=False)
    @router.get("/artifacts/{path:path}", summary="A file of the project, with Range", response_class=FileResponse)
    async def read_artifact(project_id: str, path: str) -> FileResponse:
        parse_project_id(project_id)
        owner, _, rest = path.partition("/")
        if owner != UPLOADS:
            await _only_of_the_attempt_that_counts(project_id, owner, rest)
        found = await artifacts.locate(project_id, path)
        return FileResponse(
            found,
            media_type=_media_type(found),
            headers={
                "Cache-Control": "private, max-age=31536000, immutable",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "sandbox; default-src 'none'",
            },
        )

    async def _only_of_the_attempt_that_counts(project_id: str, task_id: str, rest: str) -> None:
        try:
            task = (await store.task(project_id, task_id)).task
        except (TaskNotFoundError, DeletedError):
            task = None
        served = task is not None and task.status in (TaskStatus.RUNNING, TaskStatus.SUCCEEDED)
        if not served or task is None or rest.partition("/")[0] != str(task.attempt):
            raise ArtifactNotFoundError(
                "There is no such file in this project; results are listed in the task.", project_id=project_id
            )

    @router.post(
        "/uploads",
        status_code=201,
        summary="Bring a picture: multipart/form-data with one `file`, PNG, JPEG or WebP",
        response_model=UploadView,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "multipart/form-data": {
                        "schema": {
                            "type": "object",
                            "required": ["file"],
                            "properties": {"file": {"type": "string", "format": "binary"}},
                        }
                    }
                },
            }
        },
    )
    async def upload(project_id: str, request: Request, response: Response) -> UploadView:
        parse_project_id(project_id)
        if closing.is_set():
            raise ShuttingDownError("The service is stopping.")
        if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            raise UnsupportedMediaTypeError(
                "Send the picture as multipart/form-data.", supported=["multipart/form-data"]
            )
        async with request.form(max_files=1, max_fields=4) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise InvalidMessageError("The form has no file named `file`.")
            kind, size = await asyncio.to_thread(_sniff, file)
            digest = hashlib.sha256()

            async def chunks() -> AsyncIterator[bytes]:
                await file.seek(0)
                while chunk := await file.read(1 << 18):
                    digest.update(chunk)
                    yield chunk

            path = await artifacts.receive(project_id, chunks(), _IMAGE_SUFFIXES[kind])
            response.headers["Location"] = artifact_url(project_id, path)
            return UploadView(
                path=f"{project_id}/{path}",
                url=artifact_url(project_id, path),
                media_type=Image.MIME[kind],
                width_px=size[0],
                height_px=size[1],
                size_bytes=file.size or 0,
                sha256=digest.hexdigest(),
            )

    return router


def _sniff(file: UploadFile) -> tuple[str, tuple[int, int]]:
    """Kind and size of the picture by its content. Raises `UnsupportedMediaTypeError`, `InvalidRequestError`."""
    file.file.seek(0)
    try:
        with Image.open(file.file, formats=list(_IMAGE_SUFFIXES)) as picture:
            kind, size = picture.format or "", picture.size
            if size[0] * size[1] > _MAX_IMAGE_PIXELS:
                raise InvalidRequestError(
                    f"The picture has more than {_MAX_IMAGE_PIXELS} pixels.", max_pixels=_MAX_IMAGE_PIXELS
                )
            picture.verify()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise UnsupportedMediaTypeError(
            "The file is no picture that can be read.", supported=["image/png", "image/jpeg", "image/webp"]
        ) from None
    return kind, size


def _media_type(path: Path) -> str:
    return {
        ".png": "image/png",
        ".jpg": "image/jpeg",
        ".webp": "image/webp",
        ".mp4": "video/mp4",
    }.get(path.suffix, "application/octet-stream")
