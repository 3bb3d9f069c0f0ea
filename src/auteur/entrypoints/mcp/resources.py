"""Projects, tasks and files as resources: for programs that attach them to a conversation."""

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from auteur.entrypoints.mcp.room import RefusedError, Room, artifact_path, project_path, task_path

SCHEME = "auteur://"
MAX_FILE_BYTES = 4 << 20
_AS_TEXT = ("text/", "application/json", "model/gltf+json")
TEMPLATES = (
    (
        "auteur://{project_id}",
        "project",
        "A project: counts, open tasks and the newest ended ones.",
        "application/json",
    ),
    ("auteur://{project_id}/tasks/{task_id}", "task", "A task, as the service tells it.", "application/json"),
    (
        "auteur://{project_id}/artifacts/{+path}",
        "artifact",
        f"A file of a project, of {MAX_FILE_BYTES >> 20} MiB at most; show_task has pictures that are smaller.",
        None,
    ),
)
"""Template, name, description and media type."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a resource holds: a text, or bytes in base 64."""

    media_type: str
    text: str | None = None
    blob: str | None = None


async def listed(room: Room, cursor: str | None) -> dict[str, Any]:
    """A page of the projects, as the service tells it. Raises `RefusedError`."""
    query: dict[str, Any] = {"limit": 50} if cursor is None else {"limit": 50, "cursor": cursor}
    return await room.ask("GET", "/projects", query=query)


async def read(room: Room, uri: str) -> Content:
    """What the resource holds. Raises `RefusedError`."""
    if not uri.startswith(SCHEME) or "?" in uri or "#" in uri:
        raise _unknown()
    project_id, _, rest = uri.removeprefix(SCHEME).partition("/")
    kind, _, name = rest.partition("/")
    if not rest:
        return _json(await room.ask("GET", project_path(project_id)))
    if kind == "tasks" and name:
        return _json(await room.ask("GET", task_path(project_id, name)))
    if kind == "artifacts" and name:
        data, media_type = await room.file(artifact_path(project_id, unquote(name)), MAX_FILE_BYTES)
        if media_type.startswith(_AS_TEXT):
            return Content(media_type, text=data.decode("utf-8", "replace"))
        return Content(media_type, blob=base64.b64encode(data).decode())
    raise _unknown()


def _json(body: dict[str, Any]) -> Content:
    return Content("application/json", text=json.dumps(body, ensure_ascii=False))


def _unknown() -> RefusedError:
    return RefusedError("RESOURCE_NOT_FOUND", "There is no such resource; the templates name those that are.")
