"""Requests over HTTP: what is shown, what may be sent again, and what an answer means."""

import asyncio
import inspect
import json
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from enum import Enum
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from auteur.client.backoff import Backoff
from auteur.client.errors import AuteurError, NotAuteurError, UnreachableError, refusal

Token = str | Callable[[], str | Awaitable[str | None] | None] | None
_MOST_WAIT_S = 60.0
"""Longer than this nobody is kept waiting by a Retry-After: the error is told, and says how long it would be."""


class Repeat(Enum):
    """What may be sent again.

    ``HARMLESS``: asked twice it is as if asked once: readings, requests with an Idempotency-Key, and what sets or
    removes something by name. ``UNDONE``: only where it certainly was not carried out: it never left, or was refused.
    """

    HARMLESS = 1
    UNDONE = 2


class Http:
    """One service, reached over HTTP; connections are kept between requests. Belongs to the event loop that first asks.

    ``patience_s``: for how long a request is tried again, in all.
    """

    def __init__(
        self,
        url: str,
        token: Token,
        *,
        timeout_s: float,
        patience_s: float,
        headers: Mapping[str, str],
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("The address of a service is like http://127.0.0.1:8000 or https://films.example/studio.")
        if parts.username is not None or parts.password is not None:
            raise ValueError("The address of a service holds no secret: give a token.")
        self.url = url.rstrip("/")
        self.backoff = Backoff()
        self._token = token
        self._patience_s = patience_s
        self._headers = dict(headers)
        self._timeout_s = timeout_s
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._is_closed = False

    async def shown(self) -> dict[str, str]:
        """The headers of every request: who asks. A token is never part of an address. Raises `RuntimeError` once it
        was closed: what would be opened then, nobody would close."""
        self._must_be_open()
        token = self._token() if callable(self._token) else self._token
        if inspect.isawaitable(token):
            token = await token
        return self._headers if token is None else {**self._headers, "Authorization": f"Bearer {token}"}

    async def shows_something_else(self, shown: Mapping[str, str]) -> bool:
        """Whether something else is shown by now: then a refusal of what was shown says nothing. A token that is no
        function stays what it is."""
        return callable(self._token) and await self.shown() != shown

    def address_of(self, url: str) -> str:
        """Where a url that the service told is fetched. It begins with the proxy's prefix if the service knows of one;
        if not, the address that was given for the service has it."""
        prefix = urlsplit(self.url).path
        return self.url.removesuffix(prefix) + url if url.startswith(f"{prefix}/") else self.url + url

    async def ask(
        self,
        method: str,
        path: str,
        *,
        repeat: Repeat = Repeat.HARMLESS,
        key: str | None = None,
        json_body: Any = None,
        params: Mapping[str, Any] | None = None,
        files: Callable[[], Mapping[str, Any]] | None = None,
        accepts: frozenset[int] = frozenset(),
        if_match: str | None = None,
    ) -> Any:
        """The answer's JSON, None where it has no body. ``key``: an Idempotency-Key, the same over all tries.
        ``files``: makes the form anew for each try. ``accepts``: statuses of errors that are an answer all the same.
        ``if_match``: the ETag that what is changed must have.

        Raises `AuteurError`: what the service said, or why it cannot be heard, when no more tries are worth it.
        """
        content = None if json_body is None else json.dumps(json_body, allow_nan=False).encode()
        sent = {} if content is None else {"Content-Type": "application/json"}
        if key is not None:
            sent["Idempotency-Key"] = key
        if if_match is not None:
            sent["If-Match"] = if_match
        given = {name: value for name, value in (params or {}).items() if value is not None}
        ends_at, failures, was_renewed = time.monotonic() + self._patience_s, 0, False
        while True:
            shown = await self.shown()
            try:
                answer = await self._http().request(
                    method,
                    f"{self.url}{path}",
                    headers={**shown, **sent},
                    content=content,
                    params=given,
                    files=files() if files is not None else None,
                )
                if answer.is_success or answer.status_code in accepts:
                    return self._read(answer)
                error: AuteurError = self._refusal(answer)
                again = error.temporary and (repeat is Repeat.HARMLESS or _was_refused(error))
                if answer.status_code == 401 and not was_renewed:  # once: one that is always new may never count
                    was_renewed = again = await self.shows_something_else(shown)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as lost:
                error, again = _unreachable(self.url, lost), True
            except httpx.TransportError as lost:
                error, again = _unreachable(self.url, lost), repeat is Repeat.HARMLESS
            failures += 1
            wait_s = self.backoff.wait_s(failures, error.retry_after_s)
            if not again or wait_s > _MOST_WAIT_S or time.monotonic() + wait_s > ends_at:
                raise error
            await asyncio.sleep(wait_s)

    @asynccontextmanager
    async def stream(
        self, url: str, *, headers: Mapping[str, str] | None = None, timeout_s: float | None = None
    ) -> AsyncIterator[httpx.Response]:
        """The answer to a GET, to be read as it comes. A store that the service sends on to is not shown who asks.
        Raises `AuteurError`."""
        limits = httpx.Timeout(self._timeout_s if timeout_s is None else timeout_s)
        try:
            async with self._http().stream(
                "GET", url, headers={**await self.shown(), **(headers or {})}, timeout=limits, follow_redirects=True
            ) as answer:
                if not answer.is_success:
                    await answer.aread()
                    raise self._refusal(answer)
                yield answer
        except httpx.TransportError as lost:
            raise _unreachable(self.url, lost) from None

    async def chunks(self, url: str) -> AsyncGenerator[bytes, None]:
        """A file, as it comes, once. Raises `AuteurError`, also in the middle of it."""
        async with self.stream(url) as answer:
            async for chunk in answer.aiter_bytes(1 << 16):
                yield chunk

    async def close(self) -> None:
        """Ends the connections; nothing is asked any more."""
        self._is_closed = True
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _must_be_open(self) -> None:
        if self._is_closed:
            raise RuntimeError("The client is closed.")

    def _http(self) -> httpx.AsyncClient:
        self._must_be_open()
        if self._client is None:
            limits = httpx.Limits(max_connections=32, max_keepalive_connections=8)
            self._client = httpx.AsyncClient(timeout=self._timeout_s, limits=limits, transport=self._transport)
        return self._client

    def _refusal(self, answer: httpx.Response) -> AuteurError:
        told = answer.headers
        try:
            body = answer.json()
        except ValueError:
            body = None
        return refusal(answer.status_code, body, told.get("retry-after"), told.get("x-request-id"))

    def _read(self, answer: httpx.Response) -> Any:
        try:
            return answer.json() if answer.content else None
        except ValueError:
            raise NotAuteurError(f"What answers at {self.url} is no auteur.", status=answer.status_code) from None


def new_key() -> str:
    """An Idempotency-Key that nobody else has."""
    return str(uuid.uuid4())


def part(word: str) -> str:
    """A word as one part of a path: `..` too, which a client would take for the folder above."""
    return quote(word, safe="").replace(".", "%2E") if set(word) <= {"."} else quote(word, safe="")


def _was_refused(error: AuteurError) -> bool:
    """Whether the service itself said no, before anything was done; a proxy may have said so of what was."""
    return error.status in (429, 503) and error.code != NotAuteurError.code


def _unreachable(url: str, lost: Exception) -> UnreachableError:
    said = str(lost) or type(lost).__name__
    return UnreachableError(f"No service answers at {url}: {said}")
