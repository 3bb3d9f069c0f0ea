"""What a prediction gave back -> files of the task: each whole, and what it says it is, or none at all."""

import asyncio
import base64
import binascii
import json
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from auteur.adapters.decoding import moving, pictures
from auteur.adapters.engines.cog.client import AwayError, CogClient, TooLargeError, UnansweredError
from auteur.adapters.engines.cog.settings import ModelSetting
from auteur.domain.errors import HandlerError, UnavailableError, UnreadableImageError
from auteur.domain.ports import DRAFT_SUFFIX, Draft

_MAGIC = {
    b"glTF": ("model/gltf-binary", ".glb"),
    b"%PDF": ("application/pdf", ".pdf"),
    b"PK\x03\x04": ("application/zip", ".zip"),
}
_MAX_TEXT = 4096


class _Unusable(Exception):
    """The text says what is wrong with an output, to follow its name."""


@dataclass(frozen=True, slots=True)
class Made:
    """``drafts``: the files; ``text``: what was said instead of a file, or None."""

    drafts: tuple[Draft, ...]
    text: str | None


async def keep(
    output: Any,
    about: Mapping[str, Any],
    setting: ModelSetting,
    client: CogClient,
    directory: Path,
    wanted: int | None,
) -> Made:
    """Writes the output into the directory as drafts.

    ``about``: its schema; ``wanted``: how many files a list must have, None where any number will do. Raises
    `HandlerError` where it is not what it should be, `OSError` where it cannot be written.
    """
    files: list[str] = []
    rest = _sorted_out(output, about, files)
    if not files and rest in (None, "", [], {}):
        raise HandlerError("The model ended well and gave nothing back.", retryable=False)
    if wanted is not None and about.get("type") == "array" and files and len(files) != wanted:
        raise HandlerError(f"The model gave {len(files)} of {wanted} files back.", given=len(files), wanted=wanted)
    drafts = []
    for number, address in enumerate(files, 1):
        stem = "output" if len(files) == 1 else f"output-{number}"
        try:
            drafts.append(await _keep_one(address, stem, setting, client, directory))
        except _Unusable as error:
            which = "its output" if len(files) == 1 else f"output {number} of {len(files)}"
            raise HandlerError(f"The model ended well, but {which} {error}.") from None
    text = None
    if rest not in (None, "", [], {}):
        text = rest if isinstance(rest, str) else json.dumps(rest, ensure_ascii=False)
        if not drafts:
            suffix, media_type = (".txt", "text/plain") if isinstance(rest, str) else (".json", "application/json")
            path = directory / f".output{suffix}.part"
            await asyncio.to_thread(path.write_text, text, "utf-8")
            drafts.append(_finished(path, Draft(name=f"output{suffix}", kind="data", media_type=media_type)))
    return Made(tuple(drafts), None if text is None else text[:_MAX_TEXT])


def _sorted_out(output: Any, about: Mapping[str, Any], files: list[str]) -> Any:
    """Adds the addresses of files to the list, in order, and returns what else there is."""
    if isinstance(output, str):
        if about.get("format") == "uri" or output.startswith(("data:", "http://", "https://")):
            files.append(output)
            return None
        return output
    if isinstance(output, Sequence):
        rest = [_sorted_out(one, about.get("items") or {}, files) for one in output]
        rest = [one for one in rest if one is not None]
        joined = all(isinstance(one, str) for one in rest) and about.get("x-cog-array-display") == "concatenate"
        return ("".join(rest) if joined else rest) if rest else None
    if isinstance(output, Mapping):
        parts = about.get("properties") or {}
        found = {name: _sorted_out(one, parts.get(name) or {}, files) for name, one in output.items()}
        return {name: one for name, one in found.items() if one is not None} or None
    return output


async def _keep_one(address: str, stem: str, setting: ModelSetting, client: CogClient, directory: Path) -> Draft:
    path = directory / f".{stem}.part"
    declared = await _fetch(address, path, setting, client)
    draft = await _examined(path, stem, declared, setting.output)
    return _finished(path, draft)


async def _fetch(address: str, path: Path, setting: ModelSetting, client: CogClient) -> str:
    """Writes the file; returns the media type that it is said to have."""
    if address.startswith("data:"):
        return await asyncio.to_thread(_write_data, address, path)
    try:
        parts = urlsplit(address)
        origin = f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        raise _Unusable("has no usable address") from None
    if parts.scheme not in ("http", "https"):
        raise _Unusable("is a file on the model's own machine: it must be given back as data or be uploaded")
    allowed = [setting.url, *setting.files_from]
    if origin not in {"{0.scheme}://{0.netloc}".format(urlsplit(one)) for one in allowed}:
        raise _Unusable("lies where files_from does not allow to fetch it")
    try:
        if not await client.fetch(address, path):
            raise _Unusable("is empty")
    except TooLargeError:
        raise _Unusable("is larger than the most allowed") from None
    except (AwayError, UnansweredError):
        raise _Unusable("cannot be fetched whole") from None
    return mimetypes.guess_type(parts.path)[0] or ""


def _write_data(address: str, path: Path) -> str:
    head, comma, body = address.partition(",")
    if not comma or not head.endswith(";base64"):
        raise _Unusable("is no data that can be read")
    try:
        data = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise _Unusable("is cut short or damaged") from None
    if not data:
        raise _Unusable("is empty")
    path.write_bytes(data)
    return head.removeprefix("data:").partition(";")[0]


async def _examined(path: Path, stem: str, declared: str, expected: str | None) -> Draft:
    """What the file is, by what is in it."""
    head = await asyncio.to_thread(_head_of, path)
    try:
        found = await _as_picture(path, stem) or await _as_film(path, stem, declared)
    except UnavailableError as error:
        raise HandlerError("What the model made cannot be looked at now.", retryable=True) from error
    found = found or _as_other(head, stem, declared)
    if found is None or (expected is not None and expected != found.kind):
        meant = expected or declared.partition("/")[0] or "file"
        raise _Unusable(f"is no {meant} that can be read")
    return found


def _head_of(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(16)


async def _as_picture(path: Path, stem: str) -> Draft | None:
    try:
        await pictures.identify(path)
    except UnreadableImageError:
        return None
    try:
        info = await pictures.verify(path)
    except UnreadableImageError:  # FFmpeg would make something of half a picture
        raise _Unusable("is no image that can be read: it is cut short or damaged") from None
    return Draft(
        name=f"{stem}{info.suffix}",
        kind="image",
        media_type=info.media_type,
        width_px=info.width_px,
        height_px=info.height_px,
    )


async def _as_film(path: Path, stem: str, declared: str) -> Draft | None:
    try:
        film = await moving.begin(path)
    except moving.UnusableFilmError:
        return None
    is_said = declared.startswith(f"{film.kind}/")
    usual = "video/mp4" if film.kind == "video" else "audio/wav"
    suffix = mimetypes.guess_extension(declared) if is_said else None
    return Draft(
        name=f"{stem}{suffix or ('.mp4' if film.kind == 'video' else '.wav')}",
        kind="video" if film.kind == "video" else "audio",
        media_type=declared if is_said else usual,
        width_px=film.width_px,
        height_px=film.height_px,
        duration_s=film.duration_s,
        fps=film.fps,
    )


def _as_other(head: bytes, stem: str, declared: str) -> Draft | None:
    """A file of another kind: one whose beginning is known, or one that claims to be nothing that could be tried."""
    for magic, (media_type, suffix) in _MAGIC.items():
        if head.startswith(magic):
            return Draft(name=f"{stem}{suffix}", kind="file", media_type=media_type)
    if declared.partition("/")[0] in ("image", "video", "audio") or declared in dict(_MAGIC.values()):
        return None
    suffix = mimetypes.guess_extension(declared) or ".bin"
    return Draft(name=f"{stem}{suffix}", kind="file", media_type=declared or "application/octet-stream")


def _finished(path: Path, draft: Draft) -> Draft:
    path.rename(path.with_name(f"{draft.name}{DRAFT_SUFFIX}"))
    return draft
