"""Files as HTTP tells of them: a strong ETag, 304 to who has it already, ranges, HEAD."""

import re
import uuid
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from email.utils import formatdate, parsedate_to_datetime

from fastapi import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from auteur.domain.ports import FoundFile
from auteur.entrypoints.http.errors import error_response
from auteur.entrypoints.http.middleware import ASKED_METHOD

_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')
_RANGES = re.compile(r"bytes=(.+)", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))\s*")


Part = tuple[int, int]
"""From the first byte up to, not including, the last."""


def file_response(
    request: Request, found: FoundFile, *, etag: str, media_type: str, headers: Mapping[str, str]
) -> Response:
    """The file or the parts of it that were asked for, 304 if the caller has it, 416 if there is no such part.

    ``etag``: without the quotes; another one if ever a byte is.
    """
    modified = found.modified_at.timestamp()
    told = {**headers, "ETag": f'"{etag}"', "Last-Modified": formatdate(modified, usegmt=True)}
    if is_unchanged(request, told["ETag"], modified):
        return Response(status_code=304, headers=told)
    told["Accept-Ranges"] = "bytes"
    asked = _ranges(request.headers.get("range", ""))
    if_range = request.headers.get("if-range")
    if not asked or if_range not in (None, told["ETag"], told["Last-Modified"]):
        return _File(found, None, media_type, told)
    parts = _joined([part for part in (_part(wish, found.size_bytes) for wish in asked) if part is not None])
    if not parts:
        return error_response(
            416,
            "RANGE_NOT_SATISFIABLE",
            f"The file has {found.size_bytes} bytes; nothing of what was asked for.",
            {"size_bytes": found.size_bytes},
            {"Content-Range": f"bytes */{found.size_bytes}"},
        )
    return _File(found, parts, media_type, told)


def bytes_response(
    request: Request, data: bytes, *, etag: str, media_type: str, headers: Mapping[str, str]
) -> Response:
    """A small file from memory, whole, or 304 if the caller has it."""
    told = {**headers, "ETag": f'"{etag}"'}
    if is_unchanged(request, told["ETag"], None):
        return Response(status_code=304, headers=told)
    return Response(data, headers=told, media_type=media_type)


class _File(Response):
    """Sends the parts, or the whole file, as it is read: however large the file and slow the caller, a chunk or two of
    it is held. What cannot be read is answered as an error as long as nothing was sent; later, by breaking off."""

    def __init__(
        self, found: FoundFile, parts: Sequence[Part] | None, media_type: str, headers: Mapping[str, str]
    ) -> None:
        self._found = found
        self._pieces: list[tuple[bytes, Part]] = [(b"", (0, found.size_bytes))]
        self._end = b""
        if parts is None:
            status_code = 200
        else:
            status_code = 206
            ranges = [f"bytes {start}-{end - 1}/{found.size_bytes}" for start, end in parts]
            self._pieces = [(b"", parts[0])]
            if len(parts) == 1:
                headers = {**headers, "Content-Range": ranges[0]}
            else:
                boundary = uuid.uuid4().hex
                heads = [
                    f"--{boundary}\r\nContent-Type: {media_type}\r\nContent-Range: {told}\r\n\r\n" for told in ranges
                ]
                between = ["", *["\r\n"] * (len(parts) - 1)]
                self._pieces = [
                    ((before + head).encode(), part) for before, head, part in zip(between, heads, parts, strict=True)
                ]
                self._end = f"\r\n--{boundary}--\r\n".encode()
                media_type = f"multipart/byteranges; boundary={boundary}"
        size_bytes = sum(len(head) + end - start for head, (start, end) in self._pieces) + len(self._end)
        super().__init__(
            status_code=status_code, media_type=media_type, headers={**headers, "Content-Length": str(size_bytes)}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begin = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        if scope.get(ASKED_METHOD, scope["method"]) == "HEAD":
            await send(begin)
            await send({"type": "http.response.body", "body": b""})
            return
        begun = False
        for head, (start, end) in self._pieces:
            async with aclosing(await self._found.open(start, end)) as chunks:
                if not begun:
                    await send(begin)
                    begun = True
                if head:
                    await send({"type": "http.response.body", "body": head, "more_body": True})
                async for chunk in chunks:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": self._end})


def is_unchanged(request: Request, etag: str, modified: float | None) -> bool:
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


def _part(wish: str, size_bytes: int) -> Part | None:
    """What of the file is meant; None where it has no such part."""
    first, _, last = wish.partition("-")
    if not first:
        start, end = max(size_bytes - int(last), 0), size_bytes
    else:
        start, end = int(first), min(int(last) + 1 if last else size_bytes, size_bytes)
    return (start, end) if start < end else None


def _joined(parts: Sequence[Part]) -> list[Part]:
    """The parts in the order of the file, those that touch as one: so a caller gets no byte twice."""
    joined: list[Part] = []
    for start, end in sorted(parts):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
