"""One model's server, as HTTP requests; no request is repeated here."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

_ANSWERS_WITHIN_S = 10.0
_CONNECTS_WITHIN_S = 5.0
_MAX_SMALL_BYTES = 16 << 20
_DEAD = "channel closed"

OnStreamed = Callable[[str, Mapping[str, Any]], None]
"""Told of each event of a stream: its name and its data."""


class AwayError(Exception):
    """The server cannot be reached: nothing was asked of it. ``refused``: nobody listens there."""

    def __init__(self, *, refused: bool) -> None:
        super().__init__("the server cannot be reached")
        self.refused = refused


class UnansweredError(Exception):
    """The server was asked, and whether it did it is not known."""


class TooLargeError(Exception):
    """The server said more than is allowed."""


@dataclass(frozen=True, slots=True)
class Health:
    """What `/health-check` says. ``begun``: when the server began, which tells it from the one after it; ``problem``:
    why it is not healthy; ``release``: of coglet, None for servers before it."""

    status: str
    begun: str | None
    logs: str
    problem: str
    release: str | None

    @property
    def is_dead(self) -> bool:
        """Whether its worker is gone for good. Unhealthy for a reason of the predictor's own, it still works."""
        return self.status == "UNHEALTHY" and _DEAD in self.problem

    @property
    def is_up(self) -> bool:
        """Whether it takes predictions, now or after the one that it makes."""
        return self.status in ("READY", "BUSY", "UNHEALTHY") and not self.is_dead


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's status and body; a body that is no JSON object is an empty one."""

    status: int
    body: Mapping[str, Any]


class CogClient:
    """Speaks to one server. ``max_bytes``: the most that an answer may have."""

    def __init__(self, url: str, max_bytes: int) -> None:
        self.url = url
        self._max_bytes = max_bytes
        self._http = httpx.AsyncClient(
            base_url=url,
            timeout=httpx.Timeout(_ANSWERS_WITHIN_S, connect=_CONNECTS_WITHIN_S),
            limits=httpx.Limits(max_keepalive_connections=0),  # a kept connection of a server that ended breaks a PUT
            trust_env=False,
        )

    async def close(self) -> None:
        """Ends all that is being said."""
        await self._http.aclose()

    async def health(self, within_s: float = _ANSWERS_WITHIN_S) -> Health:
        """How the server is. Raises `AwayError`."""
        try:
            answer = await self._ask("GET", "/health-check", timeout=within_s)
        except UnansweredError:
            raise AwayError(refused=False) from None
        setup = answer.body.get("setup")
        setup = setup if isinstance(setup, Mapping) else {}
        version = answer.body.get("version")
        begun, release = setup.get("started_at"), version.get("coglet") if isinstance(version, Mapping) else None
        return Health(
            status=str(answer.body.get("status")),
            begun=None if begun is None else str(begun),
            logs=str(setup.get("logs") or ""),
            problem=str(answer.body.get("user_healthcheck_error") or ""),
            release=None if release is None else str(release),
        )

    async def document(self) -> Mapping[str, Any] | None:
        """The OpenAPI document, None while it has none. Raises `AwayError`."""
        try:
            answer = await self._ask("GET", "/openapi.json")
        except UnansweredError:
            raise AwayError(refused=False) from None
        return answer.body if answer.status == 200 and "components" in answer.body else None

    async def put(
        self, prediction_id: str, body: bytes, *, waits: bool = False, on_streamed: OnStreamed | None = None
    ) -> Answer:
        """Begins a prediction. ``waits``: the answer is its end; as a stream where ``on_streamed`` is given and the
        model can. Raises `AwayError`, `UnansweredError`, `TooLargeError`."""
        headers = {"Content-Type": "application/json"} | ({} if waits else {"Prefer": "respond-async"})
        if on_streamed is not None:
            headers["Accept"] = "text/event-stream"
        timeout = httpx.Timeout(None if waits else _ANSWERS_WITHIN_S * 3, connect=_CONNECTS_WITHIN_S)
        path = f"/predictions/{prediction_id}"
        return await self._ask(
            "PUT", path, content=body, headers=headers, timeout=timeout, on_streamed=on_streamed, most=self._max_bytes
        )

    async def peek(self, prediction_id: str) -> Answer:
        """Asks after a prediction by a request that is refused where it does not run: 202 or 422.

        Only where the model has a required input. Raises `AwayError`, `UnansweredError`.
        """
        headers = {"Content-Type": "application/json"}
        return await self._ask("PUT", f"/predictions/{prediction_id}", content=b'{"input": {}}', headers=headers)

    async def cancel(self, prediction_id: str) -> bool:
        """Tells it to stop; whether it still runs. Raises `AwayError`, `UnansweredError`."""
        return (await self._ask("POST", f"/predictions/{prediction_id}/cancel")).status == 200

    async def shut_down(self) -> None:
        """Tells the server to end. Raises `AwayError`, `UnansweredError`."""
        await self._ask("POST", "/shutdown")

    async def fetch(self, url: str, path: Path) -> int:
        """Writes what is at the url into the file; its size in bytes. Raises `AwayError`, `UnansweredError` where it
        is not there whole, `TooLargeError`, `OSError`."""
        size = 0
        with _Plainly():
            async with self._http.stream("GET", url, timeout=httpx.Timeout(60.0)) as response:
                if response.status_code != 200:
                    raise UnansweredError
                with await asyncio.to_thread(open, path, "wb") as file:
                    async for chunk in response.aiter_raw():
                        size += len(chunk)
                        if size > self._max_bytes:
                            raise TooLargeError
                        await asyncio.to_thread(file.write, chunk)
                if size != int(response.headers.get("content-length", size)):
                    raise UnansweredError
        return size

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        on_streamed: OnStreamed | None = None,
        most: int = _MAX_SMALL_BYTES,
        **options: Any,
    ) -> Answer:
        with _Plainly():
            async with self._http.stream(method, path, **options) as response:
                if response.headers.get("content-type", "").startswith("text/event-stream") and on_streamed:
                    return await _streamed(response, on_streamed, most)
                said = bytearray()
                async for chunk in response.aiter_bytes():
                    said += chunk
                    if len(said) > most:
                        raise TooLargeError
        return Answer(response.status_code, await read_json(bytes(said)))


async def read_json(said: bytes) -> Mapping[str, Any]:
    """The object that was said, an empty one if it was none. Large ones are read beside the event loop."""
    try:
        found = await asyncio.to_thread(json.loads, said) if len(said) > 1 << 16 else json.loads(said)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


async def _streamed(response: httpx.Response, on_streamed: OnStreamed, most: int) -> Answer:
    """Reads events to the last, which is the answer. Raises `UnansweredError` where that does not come."""
    name, data, size = "", [], 0
    async for line in _lines(response.aiter_text()):
        size += len(line)
        if size > most * 2:  # every output is told twice: by itself, and at the end
            raise TooLargeError
        if line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            data.append(line[5:].strip())
        elif not line and data:
            told = await read_json("\n".join(data).encode())
            if name == "completed":
                return Answer(200, told)
            on_streamed(name, told)
            name, data = "", []
    raise UnansweredError


async def _lines(texts: AsyncIterator[str]) -> AsyncIterator[str]:
    """Lines as they end, in time that grows with the text alone: httpx' own looks again at a line with every piece."""
    pieces: list[str] = []
    async for text in texts:
        *whole, rest = text.split("\n")
        for line in whole:
            yield "".join([*pieces, line]).rstrip("\r")
            pieces = []
        pieces.append(rest)


class _Plainly:
    """What httpx raises, as the two things that matter: nothing was asked, or nobody knows."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        match error:
            case httpx.ConnectError():
                raise AwayError(refused=True) from error
            case httpx.ConnectTimeout() | httpx.PoolTimeout():
                raise AwayError(refused=False) from error
            case httpx.HTTPError() | httpx.InvalidURL() | httpx.StreamError():
                raise UnansweredError from error
