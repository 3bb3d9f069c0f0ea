"""What a workflow has saved: fetched whole, looked through to the end, laid down as drafts."""

import asyncio
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from auteur.adapters.decoding import moving, pictures
from auteur.adapters.engines.comfyui.client import ComfyClient, FileGoneError
from auteur.adapters.engines.comfyui.states import StoredFile
from auteur.adapters.stills import MEDIA_TYPES
from auteur.domain.errors import HandlerError, UnavailableError, UnreadableImageError, workspace_error
from auteur.domain.ports import DRAFT_SUFFIX, Draft

_VIDEOS = {".mp4": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm", ".mkv": "video/x-matroska"}
_SOUNDS = {
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".m4a": "audio/mp4",
}
_NAMES = {"image": "frame", "video": "shot", "audio": "sound", "file": "file"}
_POSTER = "poster.jpg"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a file is, its content read to the end."""

    media_type: str
    width_px: int | None = None
    height_px: int | None = None
    duration_s: float | None = None
    fps: float | None = None


def chosen(files: Sequence[StoredFile], outputs: Mapping[str, str | None], order: Sequence[str]) -> list[StoredFile]:
    """The files that are the result: of the nodes that the template names, else of all, in the order of the workflow.
    What a node only shows (``temp``) counts where nothing was saved."""
    wanted = [file for file in files if not outputs or file.node in outputs]
    saved = [file for file in wanted if file.kind == "output"] or wanted
    ranks = {node: rank for rank, node in enumerate(outputs or order)}
    return sorted(saved, key=lambda file: ranks.get(file.node, len(ranks)))


async def collect(
    client: ComfyClient,
    files: Sequence[StoredFile],
    names: Mapping[str, str | None],
    directory: Path,
    most_bytes: int,
) -> tuple[Draft, ...]:
    """Fetches the files into the directory. ``names``: by node what its files are called.

    Raises `ServerAwayError`, `FileGoneError`, `HandlerError` for a file that cannot be used, and
    `WorkspaceUnavailableError`.
    """
    drafts: list[Draft] = []
    taken: set[str] = {_POSTER}
    for file in files:
        suffix = PurePosixPath(file.filename).suffix.lower()[:16]
        kind = _kind(suffix)
        name = _free(names.get(file.node) or _NAMES[kind], suffix, taken)
        path = directory / f"{name}{DRAFT_SUFFIX}"
        try:
            await client.fetch(file, path, most_bytes)
            seen = await _look(path, kind, suffix)
        except OSError as error:
            raise workspace_error(error) from error
        about = {field: getattr(seen, field) for field in ("width_px", "height_px", "duration_s", "fps")}
        drafts.append(Draft(name=name, kind=kind, media_type=seen.media_type, **about))
        if kind == "video" and not any(draft.name == _POSTER for draft in drafts):
            size = await _draw_poster(path, directory / f"{_POSTER}{DRAFT_SUFFIX}")
            poster = Draft(name=_POSTER, kind="image", media_type="image/jpeg", width_px=size[0], height_px=size[1])
            drafts.append(poster)
    return tuple(drafts)


def _kind(suffix: str) -> str:
    if suffix in MEDIA_TYPES:
        return "image"
    return "video" if suffix in _VIDEOS else "audio" if suffix in _SOUNDS else "file"


def _free(stem: str, suffix: str, taken: set[str]) -> str:
    name, number = f"{stem}{suffix}", 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}{suffix}"
    taken.add(name)
    return name


async def _look(path: Path, kind: str, suffix: str) -> _Seen:
    """Raises `FileGoneError` for a file that is broken: it may have been fetched while it was written."""
    try:
        if kind == "image":
            info = await pictures.verify(path)
            return _Seen(info.media_type, info.width_px, info.height_px)
        if kind in ("video", "audio"):
            film = await moving.whole(path, kind)
            media_type = (_VIDEOS if kind == "video" else _SOUNDS)[suffix]
            return _Seen(media_type, film.width_px, film.height_px, film.duration_s, film.fps)
    except UnreadableImageError as error:
        raise FileGoneError(f"a picture of the server cannot be used: {error.message}") from error
    except moving.UnusableFilmError as error:
        raise FileGoneError(f"the {kind} of the server is damaged, or only a part of one") from error
    except UnavailableError as error:
        raise HandlerError("What the server made cannot be looked at now.", retryable=True) from error
    return _Seen(mimetypes.guess_type(f"x{suffix}")[0] or "application/octet-stream")


async def _draw_poster(video: Path, path: Path) -> tuple[int, int]:
    """The first frame; returns its size in pixels."""
    try:
        data, width_px, height_px = await moving.poster(video)
    except (moving.UnusableFilmError, UnavailableError) as error:
        raise HandlerError("What the server made cannot be looked at now.", retryable=True) from error
    try:
        await asyncio.to_thread(path.write_bytes, data)
    except OSError as error:
        raise workspace_error(error) from error
    return width_px, height_px


def refuse_empty(files: Sequence[StoredFile]) -> None:
    """Raises `HandlerError` where a workflow has ended well and has saved nothing."""
    if not files:
        raise HandlerError("The workflow ended well and saved no file: it needs a node that saves, as SaveImage.")
