"""`ArtifactStore` on a directory: ``{project}/{task}/{attempt}/name``, and uploads beside the tasks."""

import asyncio
import errno
import hashlib
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO, TypeVar

from auteur.adapters.causes import cause_of
from auteur.adapters.files.inventory import (
    DESCRIPTION,
    TASK,
    UPLOADS,
    erase,
    files_of,
    find_descriptions,
    projects_in,
)
from auteur.adapters.files.thumbnails import Thumbnails
from auteur.domain.errors import ArtifactNotFoundError, UnreadableImageError, workspace_error
from auteur.domain.ports import DRAFT_SUFFIX, Described, Draft, StoredFiles
from auteur.domain.task import Artifact, Task

__all__ = ["UPLOADS", "WorkspaceArtifactStore"]

_PROBE_BYTES = 64 << 10
"""More than a file system keeps beside a file's name, so that a full one shows."""
_VIDEOS = frozenset({".mp4", ".mov", ".webm"})
_POSTER = "poster.jpg"
_LEAST_FREE_BYTES = 1 << 20
_AT_A_TIME = 200

T = TypeVar("T")


class WorkspaceArtifactStore:
    """Files under ``root``. Renames are atomic within one file system, which the whole workspace must be."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._thumbnails = Thumbnails()

    async def begin(self, project_id: str, task_id: str, attempt: int) -> Path:
        directory = self._directory(project_id, task_id, attempt)

        def make() -> Path:
            with suppress(FileNotFoundError):
                shutil.rmtree(directory)
            directory.mkdir(parents=True)
            return directory.resolve()

        return await _in_workspace(make)

    async def commit(
        self, project_id: str, task_id: str, attempt: int, drafts: Sequence[Draft]
    ) -> tuple[Artifact, ...]:
        directory = self._directory(project_id, task_id, attempt)

        def seal() -> tuple[Artifact, ...]:
            artifacts = tuple(self._seal(directory, draft) for draft in drafts)
            _sync(directory)
            return artifacts

        return await _in_workspace(seal)

    async def describe(self, task: Task) -> None:
        directory = self._directory(task.project_id, task.task_id, task.attempt)
        body = TASK.dump_json(task, indent=1)

        def write() -> None:
            draft = directory / f"{DESCRIPTION}{DRAFT_SUFFIX}"
            draft.write_bytes(body)
            _sync(draft)
            draft.rename(directory / DESCRIPTION)

        await _in_workspace(write)

    async def described(self) -> AsyncIterator[Described]:
        found = find_descriptions(self._root)
        while (described := await _in_workspace(lambda: next(found, None))) is not None:
            yield described

    async def stored(self) -> AsyncIterator[StoredFiles]:
        for project in await _in_workspace(lambda: projects_in(self._root)):
            found = files_of(project)
            while some := await _in_workspace(partial(_some, found)):
                for files in some:
                    yield files

    async def erase(self, files: StoredFiles) -> None:
        await _in_workspace(partial(erase, self._root, files.path))

    async def remove(self, project_id: str, task_id: str | None = None) -> None:
        home = self._root / project_id if task_id is None else self._root / project_id / task_id

        def remove() -> None:
            with suppress(FileNotFoundError):
                shutil.rmtree(home)
            if task_id is not None:
                with suppress(OSError):  # a project that holds nothing more
                    home.parent.rmdir()

        await _in_workspace(remove)

    async def discard(self, project_id: str, task_id: str, attempt: int) -> None:
        directory = self._directory(project_id, task_id, attempt)

        def remove() -> None:
            shutil.rmtree(directory, ignore_errors=True)
            with suppress(OSError):
                directory.parent.rmdir()

        await asyncio.to_thread(remove)

    async def locate(self, project_id: str, path: str) -> Path:
        parts = PurePosixPath(path).parts
        hidden = any(part.startswith(".") or part.endswith(DRAFT_SUFFIX) for part in parts)
        if not parts or hidden or "\\" in path or "\0" in path or path.startswith("/"):
            raise ArtifactNotFoundError("There is no such file in this project.", project_id=project_id)
        home = self._root / project_id

        def find() -> Path | None:
            found = home.joinpath(*parts).resolve()
            return found if found.is_relative_to(home.resolve()) and found.is_file() else None

        try:
            found = await asyncio.to_thread(find)
        except (OSError, ValueError):  # a name too long, or one the file system cannot hold
            found = None
        if found is None:
            raise ArtifactNotFoundError("There is no such file in this project.", project_id=project_id)
        return found

    async def thumbnail(self, project_id: str, path: str, width_px: int) -> bytes:
        picture = await self.locate(project_id, path)
        if picture.suffix in _VIDEOS:
            picture = picture.with_name(_POSTER)
            if not await asyncio.to_thread(picture.is_file):
                raise UnreadableImageError("This video has no thumbnail: there is no poster beside it.")
        try:
            return await self._thumbnails.read(picture, width_px)
        except FileNotFoundError:
            raise ArtifactNotFoundError("There is no such file in this project.", project_id=project_id) from None
        except OSError as error:
            raise workspace_error(error) from error

    async def receive(
        self, project_id: str, chunks: AsyncIterator[bytes], suffix: str, *, name: str | None = None
    ) -> str:
        home = self._root / project_id / UPLOADS
        if name is not None and await _in_workspace(partial(_refresh, home / f"{name}{suffix}")):
            return f"{UPLOADS}/{name}{suffix}"
        drawn = str(uuid.uuid4())
        name = f"{name or drawn}{suffix}"
        draft = home / f"{drawn}{suffix}{DRAFT_SUFFIX}"  # two may bring the same at a time

        def finish(file: IO[bytes]) -> None:
            with file:
                file.flush()
                os.fsync(file.fileno())
            draft.rename(home / name)
            _sync(home)

        def clean_up(file: IO[bytes] | None) -> None:
            with suppress(OSError):  # closing writes what is left, and may fail as the write before did
                if file is not None:
                    file.close()
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            for directory in (home, home.parent):
                with suppress(OSError):  # it holds something: then it stays
                    directory.rmdir()

        file: IO[bytes] | None = None
        try:
            file = await _in_workspace(lambda: _create(draft))
            async for chunk in chunks:
                await _in_workspace(partial(file.write, chunk))
            await _in_workspace(partial(finish, file))
        except BaseException:
            await asyncio.shield(asyncio.to_thread(clean_up, file))
            raise
        return f"{UPLOADS}/{name}"

    async def check(self) -> None:
        probe = self._root / ".auteur" / f"probe-{os.getpid()}"

        def write() -> None:
            probe.parent.mkdir(parents=True, exist_ok=True)
            try:
                probe.write_bytes(bytes(_PROBE_BYTES))
            finally:
                with suppress(OSError):
                    probe.unlink(missing_ok=True)  # two may look at a time
            if shutil.disk_usage(probe.parent).free < _LEAST_FREE_BYTES:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        await _in_workspace(write)

    def _directory(self, project_id: str, task_id: str, attempt: int) -> Path:
        return self._root / project_id / task_id / str(attempt)

    def _seal(self, directory: Path, draft: Draft) -> Artifact:
        path = directory / f"{draft.name}{DRAFT_SUFFIX}"
        _sync(path)
        with open(path, "rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        final = directory / draft.name
        path.rename(final)
        return Artifact(
            name=draft.name,
            kind=draft.kind,
            path=final.relative_to(self._root).as_posix(),
            media_type=draft.media_type,
            size_bytes=final.stat().st_size,
            sha256=sha256,
            width_px=draft.width_px,
            height_px=draft.height_px,
            duration_s=draft.duration_s,
            fps=draft.fps,
        )


async def _in_workspace(work: Callable[[], T]) -> T:
    """Runs it in a thread. Raises `WorkspaceUnavailableError` where the file system refuses."""
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        failure = workspace_error(error)
        failure.cause = cause_of(error)
        raise failure from error


def _some(found: Iterator[StoredFiles]) -> list[StoredFiles]:
    return list(islice(found, _AT_A_TIME))


def _refresh(path: Path) -> bool:
    """Whether the file is there; it is then as one that was written now, for those who remove what is old."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _create(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return open(path, "xb")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
