"""The service as one caller sees it: its HTTP routes, asked with what that caller has shown."""

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

import httpx

from auteur.domain.errors import InvalidProjectIdError
from auteur.domain.task import parse_project_id

JSON_LIMIT_BYTES = 8 << 20
"""What an answer may have: a page of tasks is far below."""
TOO_LARGE = "BODY_TOO_LARGE"
_EVENT_LIMIT_BYTES = 1 << 20
_TASK_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST_PATH = 1024
_CONNECT_S, _ANSWER_S = 5, 60
_SILENCE_S = 40
"""An event stream says something every 15 s."""


class RefusedError(Exception):
    """What the service said is wrong, in its one shape; or that it does not answer. ``temporary``: the same request may
    succeed later; ``retry_after_s``: when."""

    def __init__(
        self,
        code: str,
        message: str,
        details: Mapping[str, Any] | None = None,
        *,
        temporary: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = dict(details or {})
        self.temporary = temporary
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Address:
    """Where the service is, and what is shown to it."""

    url: str
    token: str | None = field(default=None, repr=False)


def away(message: str = "The service does not answer now; ask again in a few seconds.") -> RefusedError:
    """The service cannot be reached."""
    return RefusedError("SERVICE_UNAVAILABLE", message, temporary=True, retry_after_s=2)


class Room:
    """The service's routes. ``where``: asked before each request, for one that was restarted may be elsewhere.
    ``headers``: sent with each. ``comes_back``: whether it is worth waiting for a service that stops; in the service's
    own process it is not."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        where: Callable[[], Address],
        headers: Mapping[str, str] | None = None,
        *,
        comes_back: bool = True,
    ) -> None:
        self._http = http
        self._where = where
        self._headers = dict(headers or {})
        self.comes_back = comes_back

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The answer's JSON. ``path``: below ``/api/v1``; ``key``: that of idempotency. Raises `RefusedError`."""
        headers = {} if key is None else {"Idempotency-Key": key}
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = _written(body)
        async with self._asked(method, path, query=query, content=content, files=files, headers=headers) as answer:
            return _read(await _bounded(answer, JSON_LIMIT_BYTES))

    async def file(self, path: str, limit_bytes: int, width_px: int | None = None) -> tuple[bytes, str]:
        """A file of a project and its media type; the picture of that width, if one is given. Raises `RefusedError`,
        also where it is larger than the limit."""
        query = None if width_px is None else {"width": width_px}
        async with self._asked("GET", path, query=query) as answer:
            if answer.status_code != 307:
                return await _bounded(answer, limit_bytes), _media_type(answer)
            elsewhere = answer.headers["location"]
        async with (  # the store's own short-lived link: what the service was shown is not shown to it
            httpx.AsyncClient(timeout=httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)) as http,
            _spoken_to(http, http.build_request("GET", elsewhere)) as answer,
        ):
            return await _bounded(answer, limit_bytes), _media_type(answer)

    async def events(self, project_id: str, after: str | None) -> AsyncGenerator[dict[str, Any], None]:
        """The project's messages from the position on, until the stream ends; without one, from now. Raises
        `RefusedError`."""
        query = None if after is None else {"after": after}
        timeout = httpx.Timeout(_SILENCE_S, connect=_CONNECT_S)
        path = f"{project_path(project_id)}/events"
        async with self._asked("GET", path, query=query, timeout=timeout) as answer:
            buffer = b""
            try:
                async for chunk in answer.aiter_bytes():
                    buffer += chunk
                    if len(buffer) > _EVENT_LIMIT_BYTES:
                        raise away("The service said something that is too large to be an event.")
                    *lines, buffer = buffer.split(b"\n")
                    for line in lines:
                        if line.startswith(b"data: "):
                            yield _read(line[6:])
            except httpx.HTTPError:
                return

    @asynccontextmanager
    async def _asked(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        files: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: httpx.Timeout | None = None,
    ) -> AsyncIterator[httpx.Response]:
        """The answer, not read yet. Raises `RefusedError` where it is one of those that refuse."""
        where = self._where()
        shown = {} if where.token is None else {"Authorization": f"Bearer {where.token}"}
        try:
            request = self._http.build_request(
                method,
                f"{where.url.rstrip('/')}/api/v1{path}",
                params=query,
                content=content,
                files=files,
                headers={**self._headers, **shown, **(headers or {})},
                timeout=timeout or httpx.Timeout(_ANSWER_S, connect=_CONNECT_S),
            )
        except (httpx.InvalidURL, ValueError):  # a lone surrogate, say
            raise RefusedError("VALIDATION_ERROR", "This cannot be part of an address.") from None
        async with _spoken_to(self._http, request) as answer:
            if answer.status_code >= 400:
                raise _refusal(answer, await _bounded(answer, JSON_LIMIT_BYTES))
            yield answer


@asynccontextmanager
async def _spoken_to(http: httpx.AsyncClient, request: httpx.Request) -> AsyncIterator[httpx.Response]:
    try:
        answer = await http.send(request, stream=True)
    except httpx.HTTPError:
        raise away() from None
    try:
        yield answer
    finally:
        await answer.aclose()


async def _bounded(answer: httpx.Response, limit_bytes: int) -> bytes:
    length = answer.headers.get("content-length", "0")
    data = bytearray()
    too_large = length.isdecimal() and int(length) > limit_bytes
    try:
        if not too_large:
            async for chunk in answer.aiter_bytes():
                data += chunk
                if too_large := len(data) > limit_bytes:
                    break
    except httpx.HTTPError:
        raise away() from None
    if too_large:
        raise RefusedError(
            TOO_LARGE, f"It has more than {limit_bytes} bytes, more than is handed out here.",
            {"limit_bytes": limit_bytes},
        )  # fmt: skip
    return bytes(data)


def _media_type(answer: httpx.Response) -> str:
    return str(answer.headers.get("content-type", "application/octet-stream")).partition(";")[0].strip()


def _written(body: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(body, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise RefusedError(
            "INVALID_MESSAGE", "The arguments hold what JSON has not: NaN, an infinity, or levels without end."
        ) from None


def _read(data: bytes) -> dict[str, Any]:
    try:
        read = json.loads(data)
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise RefusedError("SERVICE_UNAVAILABLE", "What answers there is no auteur.")
    return read


def _refusal(answer: httpx.Response, data: bytes) -> RefusedError:
    """From the one shape of errors; what came from something between is told by its status alone."""
    try:
        told = json.loads(data)["error"]
        code, message, details = str(told["code"]), str(told["message"]), dict(told["details"])
    except (ValueError, KeyError, TypeError):
        code, message, details = "SERVICE_UNAVAILABLE", f"What answers there said {answer.status_code}.", {}
    after = answer.headers.get("retry-after", "")
    return RefusedError(
        code, message, details, temporary=bool(after) or answer.status_code in (408, 429, 502, 503, 504),
        retry_after_s=float(after) if after.isdecimal() else None,
    )  # fmt: skip


def project_path(project_id: str) -> str:
    """Where a project is. Raises `RefusedError` for what is no id, as the service would."""
    try:
        return f"/projects/{parse_project_id(project_id)}"
    except InvalidProjectIdError as error:
        raise RefusedError(error.code, error.message, error.details) from None


def task_path(project_id: str, task_id: str) -> str:
    """Where a task is. Raises `RefusedError`."""
    if not _TASK_ID.fullmatch(task_id):
        raise RefusedError("TASK_NOT_FOUND", "The project has no such task.", {"project_id": project_id})
    return f"{project_path(project_id)}/tasks/{task_id}"


def artifact_path(project_id: str, path: str) -> str:
    """Where a file is. ``path``: as results have it, with the project or without. Raises `RefusedError`."""
    inside = path.removeprefix(f"{project_id}/")
    parts = inside.split("/")
    nothing = RefusedError("ARTIFACT_NOT_FOUND", "There is no such file in this project.", {"project_id": project_id})
    if len(inside) > _LONGEST_PATH or any(part in ("", ".", "..") for part in parts):
        raise nothing
    try:
        return f"{project_path(project_id)}/artifacts/{quote(inside)}"
    except UnicodeEncodeError:
        raise nothing from None


def path_in_url(url: str) -> str:
    """The path of a file in its project, from the url that the service told."""
    return unquote(url.partition("/artifacts/")[2])
