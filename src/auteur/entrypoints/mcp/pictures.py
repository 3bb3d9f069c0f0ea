"""Pictures: those that a model is shown, and those that it brings."""

import asyncio
import base64
from pathlib import Path

from auteur.entrypoints.mcp import answers, arguments
from auteur.entrypoints.mcp.answers import TaskTold
from auteur.entrypoints.mcp.calls import Call, Picture, Told
from auteur.entrypoints.mcp.room import (
    TOO_LARGE,
    RefusedError,
    Room,
    artifact_path,
    path_in_url,
    project_path,
    task_path,
)

_MOST_PICTURE_BYTES = 1 << 20
_NARROWER = (1024, 512, 256, 128, 64)
_LARGEST_UPLOAD_BYTES = 256 << 20


async def show(call: Call, asked: arguments.Show) -> Told:
    """Tells of a task, with a picture of what it made or makes. Raises `RefusedError`."""
    view = await call.room.ask("GET", task_path(asked.project_id, asked.task_id))
    task = TaskTold.of(view, fully=True)
    made = (view.get("result") or {}).get("artifacts", [])
    chosen = next((one for one in made if asked.artifact in (None, one["name"])), None)
    if asked.artifact is not None and chosen is None:
        raise RefusedError(
            "ARTIFACT_NOT_FOUND", "The task made no file of this name.", {"artifacts": [one["name"] for one in made]}
        )
    if not asked.picture:
        return Told(answers.Shown(task=task))
    if chosen is not None:
        name, path = str(chosen["name"]), str(chosen["path"])
        if not chosen["media_type"].startswith(("image/", "video/")):
            why = f"{chosen['media_type']} is no picture; read it as the resource that its uri names."
            return Told(answers.Shown(task=task, why_not=why))
    elif view.get("preview_url"):
        name, path = "preview", path_in_url(view["preview_url"])
    else:
        return Told(answers.Shown(task=task, why_not="There is no picture of it" + ("." if task.ended else " yet.")))
    try:
        picture = await _pictured(call.room, artifact_path(asked.project_id, path), asked.width_px)
    except RefusedError as error:
        if error.temporary:
            raise
        return Told(answers.Shown(task=task, why_not=error.message))
    return Told(answers.Shown(task=task, pictured=name), picture)


async def _pictured(room: Room, where: str, width_px: int) -> Picture:
    """The picture at the width, or narrower where it would be too large to be told."""
    for width in (width_px, *(narrower for narrower in _NARROWER if narrower < width_px)):
        try:
            data, media_type = await room.file(where, _MOST_PICTURE_BYTES, width)
        except RefusedError as error:
            if error.code != TOO_LARGE:
                raise
            continue
        return Picture(base64.b64encode(data).decode(), media_type)
    raise RefusedError(TOO_LARGE, "The picture is too large to be shown here.")


async def upload(call: Call, asked: arguments.Upload) -> Told:
    """Brings a picture of the opened folder. Raises `RefusedError`."""
    assert call.pictures is not None, "the tool is there only with a folder"
    data = await asyncio.to_thread(read_inside, call.pictures, asked.file)
    files = {"file": (Path(asked.file).name, data)}
    view = await call.room.ask("POST", f"{project_path(asked.project_id)}/uploads", files=files)
    return Told(answers.UploadTold(**{name: view[name] for name in answers.UploadTold.model_fields}))


def read_inside(folder: Path, name: str) -> bytes:
    """A file's bytes, if it lies in the folder, wherever links lead. Raises `RefusedError`, that tells nothing of what
    lies elsewhere."""
    nothing = RefusedError("RESOURCE_NOT_FOUND", "There is no such file in the folder that was opened for pictures.")
    try:
        root = folder.resolve(strict=True)
        path = (root / name).resolve(strict=True)
        if not path.is_relative_to(root) or not path.is_file():
            raise nothing
        if path.stat().st_size > _LARGEST_UPLOAD_BYTES:
            raise RefusedError(TOO_LARGE, "The file is too large for an upload.")
        return path.read_bytes()
    except (OSError, ValueError, RuntimeError):
        raise nothing from None
