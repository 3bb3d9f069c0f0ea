"""Which predictions are out, on disk: so that the next process can stop what a process that was killed had begun."""

import asyncio
import contextlib
import json
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import structlog
from filelock import FileLock, Timeout

from auteur.adapters.engines.cog.client import AwayError, CogClient, UnansweredError
from auteur.domain.errors import workspace_error

log = structlog.get_logger(__name__)

_TRIES = 50
_PAUSE_S = 0.2


class Journal:
    """A folder for each process, locked while it lives. Open with ``async with``; without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._own: Path | None = None
        self._lock: FileLock | None = None

    async def __aenter__(self) -> Self:
        if self._folder is not None:
            self._own = self._folder / uuid.uuid4().hex
            self._lock = await asyncio.to_thread(self._begin, self._own)
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._own is not None and self._lock is not None:
            await asyncio.to_thread(shutil.rmtree, self._own, ignore_errors=True)
            self._lock.release()

    @contextmanager
    def out(self, url: str, prediction_id: str) -> Iterator[None]:
        """The prediction is written down before it is asked for, and struck out after its end.

        Raises `WorkspaceUnavailableError`.
        """
        if self._own is None:
            yield
            return
        entry = self._own / prediction_id
        part = entry.with_suffix(".part")
        try:
            part.write_text(json.dumps({"url": url}))
            part.rename(entry)
        except OSError as error:
            raise workspace_error(error) from error
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                entry.unlink(missing_ok=True)

    async def stop_what_was_left(self, clients: Mapping[str, CogClient]) -> None:
        """Cancels what processes that are gone had begun. ``clients``: by url; other urls are nobody's any more."""
        if self._folder is None:
            return
        for folder in await asyncio.to_thread(lambda: sorted(self._folder.iterdir()) if self._folder else []):
            if folder == self._own or not folder.is_dir():
                continue
            lock = FileLock(folder / "lock", thread_local=False)
            try:
                lock.acquire(blocking=False)
            except (Timeout, OSError):
                continue  # its process lives
            try:
                for entry in sorted(folder.iterdir()):
                    if entry.name.isalnum() and entry.name != "lock":
                        await self._stop(entry, clients)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                lock.release()

    async def _stop(self, entry: Path, clients: Mapping[str, CogClient]) -> None:
        try:
            client = clients[json.loads(await asyncio.to_thread(entry.read_text))["url"]]
        except (OSError, ValueError, KeyError, TypeError):
            return
        log.info("stopping a prediction that was left", prediction=entry.name)
        for _ in range(_TRIES):
            try:
                if not await client.cancel(entry.name):
                    return
            except (AwayError, UnansweredError):
                return
            await asyncio.sleep(_PAUSE_S)

    @staticmethod
    def _begin(own: Path) -> FileLock:
        own.mkdir(parents=True)
        lock = FileLock(own / "lock", thread_local=False)
        lock.acquire(blocking=False)
        return lock
