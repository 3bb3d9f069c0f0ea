"""Files as HTTP tells of them: a strong ETag, 304 to who has it already, ranges, HEAD."""

import os
import re
from collections.abc import Mapping
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

from fastapi import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from auteur.entrypoints.http.errors import error_response

_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')
_RANGES = re.compile(r"bytes=(.+)", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))\s*")


def file_response(
    request: Request, path: Path, found: os.stat_result, *, etag: str, media_type: str, headers: Mapping[str, str]
) -> Response:
    """The file or the part of it that was asked for, 304 if the caller has it, 416 if there is no such part.

    ``found``: the file's status when it was looked for. ``etag``: without the quotes; another one if ever a byte is.
    """
    told = {**headers, "ETag": f'"{etag}"', "Last-Modified": formatdate(found.st_mtime, usegmt=True)}
    if _is_unchanged(request, told["ETag"], found.st_mtime):
        return Response(status_code=304, headers=told)
    asked = _ranges(request.headers.get("range", ""))
    if_range = request.headers.get("if-range")
    if not asked or if_range not in (None, told["ETag"], told["Last-Modified"]):
        return _File(path, None, media_type=media_type, headers=told, stat_result=found)
    there = [part for part in asked if _is_there(part, found.st_size)]
    if not there:
        return error_response(
            416,
            "RANGE_NOT_SATISFIABLE",
            f"The file has {found.st_size} bytes; nothing of what was asked for.",
            {"size_bytes": found.st_size},
            {"Content-Range": f"bytes */{found.st_size}"},
        )
    return _File(path, f"bytes={','.join(there)}", media_type=media_type, headers=told, stat_result=found)


def bytes_response(
    request: Request, data: bytes, *, etag: str, media_type: str, headers: Mapping[str, str]
) -> Response:
    """A small file from memory, whole, or 304 if the caller has it."""
    told = {**headers, "ETag": f'"{etag}"'}
    if _is_unchanged(request, told["ETag"], None):
        return Response(status_code=304, headers=told)
    return Response(data, headers=told, media_type=media_type)


class _File(FileResponse):
    """Starlette's, given only ranges that it can serve: to others it answers in plain text, not in our shape."""

    def __init__(
        self,
        path: Path,
        ranges: str | None,
        *,
        media_type: str,
        headers: Mapping[str, str],
        stat_result: os.stat_result,
    ) -> None:
        super().__init__(path, media_type=media_type, headers=headers, stat_result=stat_result)
        self._ranges = ranges

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name, value) for name, value in scope["headers"] if name not in (b"range", b"if-range")]
        if self._ranges is not None:
            headers.append((b"range", self._ranges.encode()))
        await super().__call__({**scope, "headers": headers}, receive, send)


def _is_unchanged(request: Request, etag: str, modified: float | None) -> bool:
    """By the tag where the caller gives one, else by the date, as RFC 9110, 13.2.2 has it."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return tags.strip() == "*" or etag in _ENTITY_TAG.findall(tags)
    since = request.headers.get("if-modified-since")
    if since is None or modified is None:
        return False
    try:
        return int(modified) <= parsedate_to_datetime(since).timestamp()
    except (ValueError, OverflowError):
        return False


def _ranges(header: str) -> list[str]:
    """The parts asked for; none if the header is no list of them, which is then as if it were not there."""
    match = _RANGES.fullmatch(header.strip())
    parts = [_RANGE.fullmatch(part) for part in match[1].split(",")] if match else []
    asked = [part for part in parts if part and (not part[2] or int(part[2]) >= int(part[1]))]
    return [part[0].strip() for part in asked] if len(asked) == len(parts) else []


def _is_there(part: str, size_bytes: int) -> bool:
    first, _, last = part.partition("-")
    return int(first) < size_bytes if first else int(last) > 0 and size_bytes > 0
