"""`ArtifactStore` on a directory: ``{project}/{task}/{attempt}/name``, and uploads beside the tasks."""

import asyncio
import hashlib
import os
import shutil
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, Literal

from auteur.adapters.files.descriptions import TASK
from auteur.adapters.files.disk import check_writable, create, in_workspace, open_regular, remove_tree, sync
from auteur.adapters.files.inventory import erase, files_of, find_descriptions, projects_in
from auteur.adapters.files.names import DESCRIPTION, PRIVATE, UPLOADS, no_poster, no_such_file, parts_of, picture_of
from auteur.adapters.files.thumbnails import Thumbnails
from auteur.domain.errors import ArtifactNotFoundError, workspace_error
from auteur.domain.ports import DRAFT_SUFFIX, Described, Draft, FoundFile, StoredFiles
from auteur.domain.task import Artifact, Task

_AT_A_TIME = 200
_CHUNK_BYTES = 256 << 10


class WorkspaceArtifactStore:
    """Files under ``root``. Renames are atomic within one file system, which the whole workspace must be."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._thumbnails = Thumbnails()

    async def begin(self, project_id: str, task_id: str, attempt: int) -> Path:
        directory = self._directory(project_id, task_id, attempt)

        def make() -> Path:
            remove_tree(directory)
            directory.mkdir(parents=True)
            return directory.resolve()

        return await in_workspace(make)

    async def commit(
        self, project_id: str, task_id: str, attempt: int, drafts: Sequence[Draft]
    ) -> tuple[Artifact, ...]:
        directory = self._directory(project_id, task_id, attempt)

        def seal() -> tuple[Artifact, ...]:
            artifacts = tuple(self._seal(directory, draft) for draft in drafts)
            sync(directory)
            return artifacts

        return await in_workspace(seal)

    async def describe(self, task: Task) -> None:
        directory = self._directory(task.project_id, task.task_id, task.attempt)
        body = TASK.dump_json(task, indent=1)

        def write() -> None:
            draft = directory / f"{DESCRIPTION}{DRAFT_SUFFIX}"
            draft.write_bytes(body)
            sync(draft)
            draft.rename(directory / DESCRIPTION)

        await in_workspace(write)

    async def described(self) -> AsyncIterator[Described]:
        found = find_descriptions(self._root)
        while (described := await in_workspace(lambda: next(found, None))) is not None:
            yield described

    async def stored(self) -> AsyncIterator[StoredFiles]:
        for project in await in_workspace(lambda: projects_in(self._root)):
            found = files_of(project)
            while some := await in_workspace(partial(_some, found)):
                for files in some:
                    yield files

    async def erase(self, files: StoredFiles) -> None:
        await in_workspace(partial(erase, self._root, files.path))

    async def remove(self, project_id: str, task_id: str | None = None) -> None:
        home = self._root / project_id if task_id is None else self._root / project_id / task_id

        def remove() -> None:
            remove_tree(home)
            if task_id is not None:
                with suppress(OSError):  # a project that holds nothing more
                    home.parent.rmdir()

        await in_workspace(remove)

    async def discard(self, project_id: str, task_id: str, attempt: int) -> None:
        directory = self._directory(project_id, task_id, attempt)

        def remove() -> None:
            shutil.rmtree(directory, ignore_errors=True)
            with suppress(OSError):
                directory.parent.rmdir()

        await asyncio.to_thread(remove)

    async def show(self, project_id: str, task_id: str, attempt: int, name: str) -> None:
        """It lies already where everybody looks."""

    async def locate(self, project_id: str, path: str) -> Path:
        parts = parts_of(project_id, path)

        def find() -> Path | None:
            # what a link leads to is of this project only if it lies in it: the project itself may be none
            home = self._root.resolve() / project_id
            found = home.joinpath(*parts).resolve()
            return found if found.is_relative_to(home) and found.is_file() else None

        try:
            found = await asyncio.to_thread(find)
        except (OSError, ValueError, RuntimeError):  # a name that the file system cannot hold, links in a circle
            found = None
        if found is None:
            raise no_such_file(project_id)
        return found

    async def find(self, project_id: str, path: str) -> FoundFile:
        found = await self.locate(project_id, path)
        try:
            status = await asyncio.to_thread(found.stat)
        except FileNotFoundError:
            raise no_such_file(project_id) from None
        return _OnDisk(
            path=found,
            size_bytes=status.st_size,
            modified_at=datetime.fromtimestamp(status.st_mtime, UTC),
            tag=f"{status.st_size:x}-{status.st_mtime_ns:x}",
        )

    async def link(self, project_id: str, path: str, method: Literal["GET", "HEAD"] = "GET") -> str | None:
        return None

    async def thumbnail(self, project_id: str, path: str, width_px: int) -> bytes:
        await self.locate(project_id, path)
        try:
            picture = await self.locate(project_id, picture_of(path))
            return await self._thumbnails.read(picture, width_px)
        except ArtifactNotFoundError:
            if picture_of(path) != path:
                raise no_poster() from None
            raise
        except FileNotFoundError:
            raise no_such_file(project_id) from None
        except OSError as error:
            raise workspace_error(error) from error

    async def receive(
        self, project_id: str, chunks: AsyncIterator[bytes], suffix: str, *, name: str | None = None
    ) -> str:
        home = self._root / project_id / UPLOADS
        if name is not None and await in_workspace(partial(_refresh, home / f"{name}{suffix}")):
            return f"{UPLOADS}/{name}{suffix}"
        drawn = str(uuid.uuid4())
        name = f"{name or drawn}{suffix}"
        draft = home / f"{drawn}{suffix}{DRAFT_SUFFIX}"  # two may bring the same at a time

        def finish(file: IO[bytes]) -> None:
            with file:
                file.flush()
                os.fsync(file.fileno())
            draft.rename(home / name)
            sync(home)

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
            file = await in_workspace(lambda: create(draft))
            async for chunk in chunks:
                await in_workspace(partial(file.write, chunk))
            await in_workspace(partial(finish, file))
        except BaseException:
            await asyncio.shield(asyncio.to_thread(clean_up, file))
            raise
        return f"{UPLOADS}/{name}"

    async def check(self) -> None:
        await check_writable(self._root / PRIVATE, self._root)  # the log may be on a disk of its own

    def _directory(self, project_id: str, task_id: str, attempt: int) -> Path:
        return self._root / project_id / task_id / str(attempt)

    def _seal(self, directory: Path, draft: Draft) -> Artifact:
        path = directory / f"{draft.name}{DRAFT_SUFFIX}"
        sync(path)
        with open_regular(path) as file:
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


def _some(found: Iterator[StoredFiles]) -> list[StoredFiles]:
    return list(islice(found, _AT_A_TIME))


@dataclass(frozen=True, slots=True, kw_only=True)
class _OnDisk:
    """`FoundFile` in a directory."""

    path: Path
    size_bytes: int
    modified_at: datetime
    tag: str

    async def open(self, start: int, end: int) -> AsyncGenerator[bytes, None]:
        file = await in_workspace(lambda: open_regular(self.path))
        return _read(file, start, end)


def _refresh(path: Path) -> bool:
    """Whether the file is there; it is then as one that was written now, for those who remove what is old."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


async def _read(file: IO[bytes], start: int, end: int) -> AsyncGenerator[bytes, None]:
    with file:
        await asyncio.to_thread(file.seek, start)
        while start < end and (chunk := await asyncio.to_thread(file.read, min(_CHUNK_BYTES, end - start))):
            start += len(chunk)
            yield chunk
