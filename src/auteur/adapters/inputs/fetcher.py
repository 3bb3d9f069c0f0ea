"""`InputFetcher`: a url's content, looked at and kept as an upload under a name that follows from it."""

import asyncio
import hashlib
import tempfile
import uuid
from collections.abc import AsyncIterator
from typing import BinaryIO

from auteur.adapters.causes import cause_of
from auteur.adapters.inputs.content import suffix_of
from auteur.adapters.inputs.data import read_data_url
from auteur.adapters.inputs.https import HttpsSource
from auteur.adapters.inputs.problems import UnusableInputError
from auteur.domain.errors import InvalidParamsError, workspace_error
from auteur.domain.ports import ArtifactStore

_IN_MEMORY_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 18
_FETCHED_AT_ONCE = 16


class UrlInputFetcher:
    """`InputFetcher`. ``source``: for https: urls; None: urls are refused altogether. ``max_bytes``: of one input."""

    def __init__(self, artifacts: ArtifactStore, source: HttpsSource | None, *, max_bytes: int) -> None:
        self._artifacts = artifacts
        self._source = source
        self._max_bytes = max_bytes
        self._fetching = asyncio.Semaphore(_FETCHED_AT_ONCE)
        self._under_way: dict[tuple[str, str, str], asyncio.Task[str]] = {}

    async def fetch(self, project_id: str, name: str, url: str, kind: str) -> str:
        try:
            return await asyncio.shield(self._once(project_id, url, kind))
        except UnusableInputError as error:
            raise InvalidParamsError([{"field": name, "message": str(error)}]) from None

    def _once(self, project_id: str, url: str, kind: str) -> "asyncio.Task[str]":
        """The fetching of the url: who asks for one that is under way, as all shots of a batch may, waits for that."""
        wanted = (project_id, url, kind)
        if wanted not in self._under_way:
            fetching = asyncio.create_task(self._fetch(*wanted), name="fetch an input")
            self._under_way[wanted] = fetching
            fetching.add_done_callback(lambda done: self._forget(wanted, done))
        return self._under_way[wanted]

    def _forget(self, wanted: tuple[str, str, str], done: "asyncio.Task[str]") -> None:
        del self._under_way[wanted]
        if not done.cancelled():
            done.exception()  # seen, though nobody may wait for it any more

    async def _fetch(self, project_id: str, url: str, kind: str) -> str:
        try:
            if self._source is None:
                raise UnusableInputError("must be an artifact or upload of this project: urls are not fetched here")
            with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as file:
                await self._read(self._source, url, kind, file)  # type: ignore[arg-type]
                return await self._keep(project_id, kind, file)  # type: ignore[arg-type]
        except OSError as error:  # of the temporary file: the workspace's own are told already
            failure = workspace_error(error)
            failure.cause = cause_of(error)
            raise failure from error

    async def _read(self, source: HttpsSource, url: str, kind: str, file: BinaryIO) -> None:
        if url[:5].lower() == "data:":
            await asyncio.to_thread(lambda: file.write(read_data_url(url, kind, self._max_bytes)))
            return
        async with self._fetching:
            await source.download(url, file)

    async def _keep(self, project_id: str, kind: str, file: BinaryIO) -> str:
        suffix = await suffix_of(file, kind)
        digest = await asyncio.to_thread(_digest, file)

        async def chunks() -> AsyncIterator[bytes]:
            file.seek(0)
            while chunk := await asyncio.to_thread(file.read, _CHUNK_BYTES):
                yield chunk

        name = str(uuid.UUID(bytes=digest[:16]))
        return await self._artifacts.receive(project_id, chunks(), suffix, name=name)


def _digest(file: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.digest()
