"""Results out, pictures, sounds and scripts in."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import PurePath
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Query, Request
from pydantic import ConfigDict, Field
from starlette.datastructures import UploadFile
from starlette.responses import Response

from auteur.adapters.audit import audit
from auteur.adapters.decoding import moving, pictures
from auteur.adapters.files.names import UPLOADS, media_type_of
from auteur.domain.errors import (
    ArtifactNotFoundError,
    DeletedError,
    InvalidMessageError,
    InvalidRequestError,
    ShuttingDownError,
    TaskNotFoundError,
    UnreadableImageError,
    UnreadableScriptError,
)
from auteur.domain.film import RATES
from auteur.domain.ports import ArtifactStore, StateStore
from auteur.domain.task import TaskStatus, parse_project_id
from auteur.domain.text import file_name_problem
from auteur.entrypoints.http.bodies import check_kind
from auteur.entrypoints.http.errors import UnsupportedMediaTypeError
from auteur.entrypoints.http.files import bytes_response, file_response, is_unchanged
from auteur.entrypoints.http.middleware import ASKED_METHOD
from auteur.entrypoints.http.parameters import DIGITS
from auteur.protocol.model import Model
from auteur.protocol.views import ErrorView, artifact_url

_SCRIPTS = {
    ".fountain": ".txt", ".spmd": ".txt", ".txt": ".txt", ".fdx": ".fdx",
    ".csv": ".csv", ".tsv": ".csv", ".tab": ".csv",
}  # fmt: skip
"""By the ending of a script's name, the one under which it is kept."""
_HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
}

Width = Annotated[
    Annotated[int, Field(ge=1, le=16_384), DIGITS] | None,
    Query(
        description="Pixels: the picture, or the video's poster, as a WebP of about this width: "
        "64, 128, 256, 512 or 1024, never wider than the picture.",
    ),
]


class UploadView(Model):
    """A picture, a sound or a script that was taken in, its bytes as they were sent. Give ``path`` or ``url`` as
    ``source_image``, as ``audio``, or as a film's ``script_file``. A sound or a script is 0 pixels wide and high."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "path": "film/uploads/2f6c.png",
                    "url": "/api/v1/projects/film/artifacts/uploads/2f6c.png",
                    "media_type": "image/png",
                    "width_px": 640,
                    "height_px": 360,
                    "size_bytes": 184320,
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                }
            ]
        }
    )

    path: str
    url: str
    media_type: str
    width_px: int
    height_px: int
    size_bytes: int
    sha256: str


def artifact_routes(artifacts: ArtifactStore, store: StateStore, closing: asyncio.Event) -> APIRouter:
    """Results out, pictures, sounds and scripts in."""
    router = APIRouter(prefix="/api/v1/projects/{project_id}", tags=["artifacts"])

    @router.get(
        "/artifacts/{path:path}",
        summary="A file of the project, with ETag and Range, or its thumbnail",
        response_class=Response,
        responses={
            307: {"description": "Where the store itself hands it out for a short while; where that is set."},
            304: {"description": "The caller has it already, by If-None-Match or If-Modified-Since."},
            416: {"model": ErrorView, "description": "The file has no such part."},
        },
    )
    async def read_artifact(request: Request, project_id: str, path: str, width: Width = None) -> Response:
        parse_project_id(project_id)
        owner, _, rest = path.partition("/")
        digest = None if owner == UPLOADS else await _digest_if_it_counts(project_id, owner, rest)
        if width is not None:
            data = await artifacts.thumbnail(project_id, path, width)
            etag = hashlib.sha256(data).hexdigest()
            return bytes_response(request, data, etag=etag, media_type="image/webp", headers=_HEADERS)
        found = await artifacts.find(project_id, path)
        etag = digest or found.tag
        link = await artifacts.link(project_id, path, request.scope.get(ASKED_METHOD, "GET"))
        if link is not None and not is_unchanged(request, f'"{etag}"', found.modified_at.timestamp()):
            return Response(status_code=307, headers={"Location": link, "Cache-Control": "no-store"})
        return file_response(request, found, etag=etag, media_type=media_type_of(path), headers=_HEADERS)

    async def _digest_if_it_counts(project_id: str, task_id: str, rest: str) -> str | None:
        """The digest of a file of the attempt that counts, None if none is recorded yet."""
        try:
            task = (await store.task(project_id, task_id)).task
        except (TaskNotFoundError, DeletedError):
            task = None
        served = task is not None and task.status in (TaskStatus.RUNNING, TaskStatus.SUCCEEDED)
        if not served or task is None or rest.partition("/")[0] != str(task.attempt):
            raise ArtifactNotFoundError(
                "There is no such file in this project; results are listed in the task.", project_id=project_id
            )
        recorded = task.result.artifacts if task.result else ()
        return next((made.sha256 for made in recorded if made.path == f"{project_id}/{task_id}/{rest}"), None)

    @router.post(
        "/uploads",
        status_code=201,
        summary="Bring a picture, a sound or a script: multipart/form-data with one `file`, by its content",
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
    async def upload_picture(project_id: str, request: Request, response: Response) -> UploadView:
        parse_project_id(project_id)
        if closing.is_set():
            raise ShuttingDownError("The service is stopping.")
        await store.counts(project_id)  # nothing is brought into a deleted project
        check_kind(request, "multipart/form-data", "Send the picture as multipart/form-data.")
        async with request.form(max_files=1, max_fields=4) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise InvalidMessageError("The form has no file named `file`.")
            if problem := file_name_problem(file.filename or ""):
                raise InvalidRequestError(
                    "The request cannot be used.", problems=[{"field": "file", "message": f"its name {problem}"}]
                )
            suffix, width_px, height_px = await look_at(file.file, file.filename or "")
            digest = hashlib.sha256()

            async def chunks() -> AsyncIterator[bytes]:
                await file.seek(0)
                while chunk := await file.read(1 << 18):
                    digest.update(chunk)
                    yield chunk

            path = await artifacts.receive(project_id, chunks(), suffix)
            kind = "picture" if width_px else "script" if suffix in _SCRIPTS.values() else "sound"
            audit(f"{kind} brought", project_id=project_id, path=path)
            response.headers["Location"] = artifact_url(project_id, path)
            return UploadView(
                path=f"{project_id}/{path}",
                url=artifact_url(project_id, path),
                media_type=media_type_of(path),
                width_px=width_px,
                height_px=height_px,
                size_bytes=file.size or 0,
                sha256=digest.hexdigest(),
            )

    return router


async def look_at(file: BinaryIO, name: str) -> tuple[str, int, int]:
    """Suffix, width and height of what is brought, by its content; a sound or a script is 0 by 0. ``name``: what it is
    called, since only a file that says that it is a script is read as one. Raises `UnsupportedMediaTypeError`."""
    try:
        still = await pictures.verify(file)
        return still.suffix, still.width_px, still.height_px
    except UnreadableImageError as error:
        unusable = error
    if sound := await moving.sound(file):
        return sound.suffix, 0, 0
    ending = PurePath(name).suffix.lower()
    if (suffix := _SCRIPTS.get(ending)) is None:
        raise await _unsupported(unusable)
    try:
        await asyncio.to_thread(_read, file, suffix, ending == ".txt")
    except UnreadableScriptError as error:
        raise await _unsupported(error) from None
    return suffix, 0, 0


async def _unsupported(error: UnreadableImageError | UnreadableScriptError) -> UnsupportedMediaTypeError:
    return UnsupportedMediaTypeError(error.message, supported=await pictures.read_here(), **error.details)


def _read(file: BinaryIO, suffix: str, is_plain: bool) -> None:
    """Reads the script, and lets it go. ``is_plain``: its name says text, not script: only one with a scene or a shot
    is taken. Raises `UnreadableScriptError`."""
    from auteur.adapters.scripts.reading import MOST_BYTES, read_script  # readers of scripts, which no start needs

    file.seek(0)
    script = read_script(file.read(MOST_BYTES + 1), suffix, RATES["24"])
    if is_plain and not script.scenes and not script.shots:
        raise UnreadableScriptError(
            "The text is no script: no line of it is the heading of a scene (INT. KITCHEN - NIGHT)."
            " Called .fountain, it is taken as it is."
        )
