"""How files are named, wherever they are kept: ``{project}/{task}/{attempt}/{name}``, and uploads beside the tasks."""

import re
from pathlib import PurePosixPath

from auteur.adapters.stills import MEDIA_TYPES
from auteur.domain.errors import ArtifactNotFoundError, InvalidProjectIdError, UnreadableImageError
from auteur.domain.ports import DRAFT_SUFFIX
from auteur.domain.task import parse_project_id
from auteur.domain.text import line_problem

UPLOADS = "uploads"
DESCRIPTION = "take.json"
PRIVATE = ".auteur"
"""Where the service keeps files of its own; no project is named so."""

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ATTEMPT = re.compile(r"[1-9]\d{0,8}")
UPLOAD = re.compile(rf"{ID.pattern}\.[a-z0-9]{{1,5}}")

_VIDEOS = frozenset({".mp4", ".mov", ".webm"})
_MEDIA_TYPES = {
    **MEDIA_TYPES,
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".json": "application/json",
    ".glb": "model/gltf-binary",
    ".usda": "model/vnd.usda",
    ".otio": "application/json",
    ".fcpxml": "application/xml",
    ".xml": "application/xml",
    ".edl": "text/plain; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".fdx": "application/xml",
    ".pdf": "application/pdf",
    ".svg": "image/svg+xml",
    ".zip": "application/zip",
}
_LONGEST_PATH, _LONGEST_NAME_BYTES = 1024, 255
_POSTER = "poster.jpg"


def is_project(name: str) -> bool:
    """Whether a folder of that name is a project's."""
    try:
        return bool(parse_project_id(name))
    except InvalidProjectIdError:
        return False


def media_type_of(path: str) -> str:
    """What a file is handed out as: by its name, which the service gave it after a look at the content."""
    return _MEDIA_TYPES.get(PurePosixPath(path).suffix, "application/octet-stream")


def no_such_file(project_id: str) -> ArtifactNotFoundError:
    """That there is nothing at the path that was given."""
    return ArtifactNotFoundError("There is no such file in this project.", project_id=project_id)


def parts_of(project_id: str, path: str) -> tuple[str, ...]:
    """The parts of a path in the project that may name a finished file: as the service itself writes it, and as every
    file system takes it. Raises `ArtifactNotFoundError` for whatever else a client says."""
    parts = tuple(path.split("/"))
    if len(path) > _LONGEST_PATH or line_problem(path) or "\\" in path or not all(map(_may_be_named, parts)):
        raise no_such_file(project_id)
    return parts


def _may_be_named(part: str) -> bool:
    hidden = part.startswith(".") or part.endswith(DRAFT_SUFFIX)
    return bool(part) and not hidden and len(part.encode()) <= _LONGEST_NAME_BYTES


def picture_of(path: str) -> str:
    """The path of the picture that shows what lies at the path: itself, or the poster beside a video."""
    whole = PurePosixPath(path)
    return str(whole.with_name(_POSTER)) if whole.suffix in _VIDEOS else path


def no_poster() -> UnreadableImageError:
    """That a video has no picture beside it."""
    return UnreadableImageError("This video has no thumbnail: there is no poster beside it.")
