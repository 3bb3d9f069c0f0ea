"""One ComfyUI server over HTTP: what the two protocols of its versions have in common.

Newer servers answer for a job by its id (``/api/jobs``), older ones only through queue and history; which it is, is
found by asking. Neither `Origin` nor `Sec-Fetch-Site` is sent: the server keeps browsers out by them.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from auteur.adapters.engines.comfyui.states import Standing, State, StoredFile, of_job, of_queue, of_record

_CONNECT_S = 5.0
_GONE = {404, 405}


class ServerAwayError(Exception):
    """The server does not answer, or answers nothing that can be used. ``sent``: the request may have reached it;
    ``refused``: nobody listens there, so that what it held in memory is gone; ``answered``: it has said that it failed.
    """

    def __init__(self, message: str, *, sent: bool, refused: bool = False, answered: bool = False) -> None:
        super().__init__(message)
        self.sent = sent
        self.refused = refused
        self.answered = answered


class PromptRefusedError(Exception):
    """The server has looked at a workflow and does not run it, or not all of it. ``answer``: what it said."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__("refused")
        self.answer = answer


class FileGoneError(Exception):
    """A file that the server has named is not there, or does not come whole."""


class ComfyClient:
    """Talks to the server at ``url``; ``headers`` go with every request. Open it as a context manager.

    Every method raises `ServerAwayError`.
    """

    def __init__(self, url: str, headers: Mapping[str, str], timeout_s: float) -> None:
        self.url = url.rstrip("/")
        self.headers = dict(headers)
        self._timeout = httpx.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s))
        self._http: httpx.AsyncClient | None = None
        self._has_jobs: bool | None = None
        self._cancels_jobs: bool | None = None

    async def __aenter__(self) -> Self:
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=8)
        self._http = httpx.AsyncClient(headers=self.headers, timeout=self._timeout, limits=limits, trust_env=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    @property
    def is_open(self) -> bool:
        """Whether it can be asked now."""
        return self._http is not None

    def forget_version(self) -> None:
        """Finds out anew what the server can do: it may come back as another version."""
        self._has_jobs = self._cancels_jobs = None

    async def system(self) -> dict[str, Any]:
        """Version and devices."""
        return await self._get("/system_stats")

    async def object_info(self) -> dict[str, Any]:
        """All node classes with their inputs; a megabyte or two."""
        return await self._get("/object_info")

    async def queue_remaining(self) -> int:
        """How many prompts wait or run, of everybody."""
        answer = await self._get("/prompt")
        return int((answer.get("exec_info") or {}).get("queue_remaining", 0))

    async def state(self, prompt_id: str) -> State:
        """Where the prompt stands. Queue before history, so that one that ends in between is not missed."""
        if self._has_jobs is not False:
            response = await self._send("GET", f"/api/jobs/{prompt_id}")
            answer = _json(response)
            if response.status_code == 200 and "status" in answer:
                self._has_jobs = True
                return of_job(answer)
            if response.status_code == 404 and "error" in answer:
                self._has_jobs = True
                return Standing.UNKNOWN
            if response.status_code not in _GONE:
                raise _unusable(response)
            self._has_jobs = False
        standing = of_queue(await self._get("/queue"), prompt_id)
        if standing is not Standing.UNKNOWN:
            return standing
        record = (await self._get(f"/history/{prompt_id}")).get(prompt_id)
        return Standing.UNKNOWN if record is None else of_record(record)

    async def submit(
        self, workflow: Mapping[str, Any], *, prompt_id: str, client_id: str, extra: Mapping[str, Any]
    ) -> None:
        """Has the workflow run, whole or not at all. Sending it twice runs it twice.

        Raises `PromptRefusedError`; then nothing of it runs, or what did was told to stop.
        """
        body = {"prompt": workflow, "prompt_id": prompt_id, "client_id": client_id, "extra_data": extra}
        response = await self._send("POST", "/prompt", json=body)
        answer = _json(response)
        if response.status_code == 400 and answer:
            raise PromptRefusedError(answer)
        if response.status_code == 413:
            raise PromptRefusedError({"error": "it is too large"})
        if response.status_code in (401, 403):
            raise PromptRefusedError({"error": "it asks for another token"})
        if response.status_code != 200 or "prompt_id" not in answer:
            raise _unusable(response)
        if answer.get("node_errors"):  # some outputs were dropped, the others run
            await self.cancel(prompt_id)
            raise PromptRefusedError(answer)

    async def cancel(self, prompt_id: str) -> None:
        """Tells exactly this prompt to stop, waiting or running; whether it does shows in its `state` alone."""
        if self._cancels_jobs is not False:
            response = await self._send("POST", f"/api/jobs/{prompt_id}/cancel")
            if response.status_code == 200:
                self._cancels_jobs = True
                return
            if response.status_code not in _GONE:
                raise _unusable(response)
            self._cancels_jobs = False
        # in this order: one that starts in between is met by the second step. An interrupt is for who runs: a server
        # of long ago ignores the id and stops whatever that is
        await self._ok("POST", "/queue", json={"delete": [prompt_id]})
        if of_queue(await self._get("/queue"), prompt_id) is Standing.RUNNING:
            await self._ok("POST", "/interrupt", json={"prompt_id": prompt_id})

    async def upload(self, name: str, data: bytes) -> str:
        """Brings a file to where nodes load theirs from; returns the value for their input."""
        files = {"image": (name, data, "application/octet-stream")}
        response = await self._ok("POST", "/upload/image", files=files, data={"subfolder": "auteur", "type": "input"})
        stored = _json(response)
        if not isinstance(stored.get("name"), str):
            raise _unusable(response)
        folder = str(stored.get("subfolder") or "")
        return f"{folder}/{stored['name']}" if folder else str(stored["name"])

    async def fetch(self, file: StoredFile, path: Path, most_bytes: int) -> int:
        """Writes the file to ``path``, whole; returns its size in bytes. Raises `FileGoneError`, `OSError`."""
        params = {"filename": file.filename, "subfolder": file.subfolder, "type": file.kind}
        async with self._streamed("/view", params) as response:
            if response.status_code in (400, 404):
                raise FileGoneError(f"{file.filename} is not on the server")
            if response.status_code != 200:
                raise _unusable(response)
            size_bytes = 0
            with await asyncio.to_thread(path.open, "wb") as target:
                async for chunk in response.aiter_bytes(1 << 20):
                    size_bytes += len(chunk)
                    if size_bytes > most_bytes:
                        raise FileGoneError(f"{file.filename} has more than {most_bytes} bytes, the most allowed")
                    await asyncio.to_thread(target.write, chunk)
            told = response.headers.get("content-length")
            is_plain = "content-encoding" not in response.headers
            if size_bytes == 0 or (told is not None and is_plain and int(told) != size_bytes):
                raise FileGoneError(f"{file.filename} did not come whole")
            return size_bytes

    async def _get(self, path: str) -> dict[str, Any]:
        response = await self._ok("GET", path)
        return _json(response)

    async def _ok(self, method: str, path: str, **what: Any) -> httpx.Response:
        response = await self._send(method, path, **what)
        if response.status_code != 200:
            raise _unusable(response)
        return response

    async def _send(self, method: str, path: str, **what: Any) -> httpx.Response:
        assert self._http is not None, "open it first"
        try:
            return await self._http.request(method, f"{self.url}{path}", **what)
        except httpx.HTTPError as error:
            raise _away(error) from error

    @asynccontextmanager
    async def _streamed(self, path: str, params: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        assert self._http is not None, "open it first"
        try:
            async with self._http.stream("GET", f"{self.url}{path}", params=dict(params)) as response:
                yield response
        except httpx.HTTPError as error:
            raise _away(error) from error


def _away(error: httpx.HTTPError) -> ServerAwayError:
    unsent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    refused = isinstance(error, httpx.ConnectError)
    words = "nothing came in time" if isinstance(error, httpx.TimeoutException) else "the connection broke"
    return ServerAwayError(words, sent=not unsent, refused=refused)


def _unusable(response: httpx.Response) -> ServerAwayError:
    return ServerAwayError(f"HTTP {response.status_code}", sent=True, answered=True)


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
