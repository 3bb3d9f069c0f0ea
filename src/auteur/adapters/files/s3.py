"""`ArtifactStore` in a bucket, for machines without a shared disk; keys are ``{project}/{task}/{attempt}/name``.

Attempts are worked on in a directory of this machine, and what they made is sent away when they commit; inputs come
into a cache of this machine. So a machine needs a disk, and loses nothing with it.
"""

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any, Literal, TypeVar

from auteur.adapters.files import descriptions
from auteur.adapters.files.bucket import Bucket
from auteur.adapters.files.cache import FileCache
from auteur.adapters.files.contents import files_of
from auteur.adapters.files.descriptions import TASK, Known
from auteur.adapters.files.disk import check_writable, create, in_workspace
from auteur.adapters.files.names import (
    DESCRIPTION,
    PRIVATE,
    UPLOADS,
    is_project,
    media_type_of,
    no_poster,
    no_such_file,
    parts_of,
    picture_of,
)
from auteur.adapters.files.objects import Digests, StoredObject, digests_of
from auteur.adapters.files.scratch import Scratch
from auteur.adapters.files.thumbnails import Thumbnails
from auteur.domain.errors import ArtifactNotFoundError, workspace_error
from auteur.domain.ports import DRAFT_SUFFIX, Described, Draft, FoundFile, StoredFiles
from auteur.domain.task import Artifact, Task

_JSON = "application/json"
_AT_ONCE = 16

T = TypeVar("T")


class S3ArtifactStore:
    """Files in the bucket; ``directory``: this machine's own, for work and copies. ``cache_bytes``: how much of copies
    is kept there. ``link_s``: how long a link is good for, None: no links are given."""

    def __init__(self, bucket: Bucket, directory: Path, *, cache_bytes: int, link_s: float | None) -> None:
        self._bucket = bucket
        self._directory = directory
        self._scratch = Scratch(directory / "scratch")
        self._cache = FileCache(directory / "cache", cache_bytes)
        self._thumbnails = Thumbnails()
        self._link_s = link_s
        self._fetching: dict[tuple[str, str], asyncio.Task[Path]] = {}

    # --- an attempt ------------------------------------------------------------------------------------------------

    async def begin(self, project_id: str, task_id: str, attempt: int) -> Path:
        return await in_workspace(lambda: self._scratch.begin(project_id, task_id, str(attempt)))

    async def show(self, project_id: str, task_id: str, attempt: int, name: str) -> None:
        picture = self._scratch.at(project_id, task_id, str(attempt)) / name

        def read() -> bytes | None:
            with suppress(FileNotFoundError):
                return picture.read_bytes()
            return None

        data = await in_workspace(read)
        if data is not None:
            await self._bucket.put(f"{project_id}/{task_id}/{attempt}/{name}", data, media_type_of(name))

    async def commit(
        self, project_id: str, task_id: str, attempt: int, drafts: Sequence[Draft]
    ) -> tuple[Artifact, ...]:
        directory = self._scratch.at(project_id, task_id, str(attempt))
        artifacts = []
        for draft in drafts:
            key = f"{project_id}/{task_id}/{attempt}/{draft.name}"
            made = await self._send(directory, draft, key)
            artifacts.append(
                Artifact(
                    name=draft.name,
                    kind=draft.kind,
                    path=key,
                    media_type=draft.media_type,
                    size_bytes=made.size_bytes,
                    sha256=made.sha256,
                    width_px=draft.width_px,
                    height_px=draft.height_px,
                    duration_s=draft.duration_s,
                    fps=draft.fps,
                )
            )
        await asyncio.to_thread(self._scratch.end, project_id, task_id, str(attempt))
        return tuple(artifacts)

    async def _send(self, directory: Path, draft: Draft, key: str) -> Digests:
        """Sends what is not kept yet; what is, has its final name here too."""
        path, kept = directory / f"{draft.name}{DRAFT_SUFFIX}", directory / draft.name
        if not await asyncio.to_thread(path.exists):
            return await in_workspace(partial(digests_of, kept))
        try:
            made = await self._bucket.put_file(key, path, draft.media_type, patiently=True)
        except OSError as error:
            raise workspace_error(error) from error
        await in_workspace(partial(path.rename, kept))
        return made

    async def describe(self, task: Task) -> None:
        key = f"{task.project_id}/{task.task_id}/{task.attempt}/{DESCRIPTION}"
        await self._bucket.put(key, TASK.dump_json(task, indent=1), _JSON)

    async def discard(self, project_id: str, task_id: str, attempt: int) -> None:
        await asyncio.to_thread(self._scratch.end, project_id, task_id, str(attempt))
        await self._bucket.delete_below(f"{project_id}/{task_id}/{attempt}")

    # --- reading ---------------------------------------------------------------------------------------------------

    async def find(self, project_id: str, path: str) -> FoundFile:
        return _InBucket(self._bucket, await self._look(project_id, path))

    async def link(self, project_id: str, path: str, method: Literal["GET", "HEAD"] = "GET") -> str | None:
        if self._link_s is None:
            return None
        key = "/".join((project_id, *parts_of(project_id, path)))
        return await self._bucket.link(key, method, timedelta(seconds=self._link_s))

    async def locate(self, project_id: str, path: str) -> Path:
        found = await self._look(project_id, path)
        if copy := await in_workspace(partial(self._cache.find, found.key, found.etag, found.size_bytes)):
            return copy
        wanted = (found.key, found.etag)
        fetching = self._fetching.get(wanted)
        if fetching is None:
            fetching = self._fetching[wanted] = asyncio.create_task(self._fetch(project_id, found))
            fetching.add_done_callback(lambda done: self._forget(wanted, done))
        return await asyncio.shield(fetching)  # one who leaves does not stop what others wait for

    async def _fetch(self, project_id: str, found: StoredObject) -> Path:
        draft = await in_workspace(self._cache.draft)
        try:
            await self._bucket.fetch(found, draft)
            return await in_workspace(partial(self._cache.keep, found.key, found.etag, draft))
        except FileNotFoundError:  # removed since we looked
            raise no_such_file(project_id) from None
        except OSError as error:
            raise workspace_error(error) from error
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    def _forget(self, wanted: tuple[str, str], done: "asyncio.Task[Path]") -> None:
        del self._fetching[wanted]
        if not done.cancelled():
            done.exception()  # seen, also where nobody waits for it any more

    async def _look(self, project_id: str, path: str) -> StoredObject:
        found = await self._bucket.look("/".join((project_id, *parts_of(project_id, path))))
        if found is None:
            raise no_such_file(project_id)
        return found

    async def thumbnail(self, project_id: str, path: str, width_px: int) -> bytes:
        picture = picture_of(path)
        if picture != path:
            await self._look(project_id, path)
        try:
            return await self._thumbnails.read(await self.locate(project_id, picture), width_px)
        except ArtifactNotFoundError:
            if picture != path:
                raise no_poster() from None
            raise
        except OSError as error:
            raise workspace_error(error) from error

    # --- uploads ---------------------------------------------------------------------------------------------------

    async def receive(
        self, project_id: str, chunks: AsyncIterator[bytes], suffix: str, *, name: str | None = None
    ) -> str:
        """Through a file here: its digest goes before it, and a part that does not get through is sent again. What is
        there under the name already is put there again: so it counts as written now."""
        drawn = str(uuid.uuid4())
        name = f"{name or drawn}{suffix}"
        draft = await in_workspace(lambda: self._scratch.at(f"{drawn}{suffix}{DRAFT_SUFFIX}"))
        file: IO[bytes] | None = None
        try:
            file = await in_workspace(lambda: create(draft))
            async for chunk in chunks:
                await in_workspace(partial(file.write, chunk))
            await in_workspace(file.close)
            await self._bucket.put_file(f"{project_id}/{UPLOADS}/{name}", draft, media_type_of(name), patiently=False)
            return f"{UPLOADS}/{name}"
        finally:
            with suppress(OSError):  # closing writes what is left, and may fail as the write before did
                if file is not None:
                    file.close()
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    # --- everything ------------------------------------------------------------------------------------------------

    async def described(self) -> AsyncIterator[Described]:
        found: list[Known] = []
        for project in await self._projects():
            async for page in self._bucket.pages(project):
                places = [one for one in page if one.key.endswith(f"/{DESCRIPTION}") and one.key.count("/") == 3]
                for described in await _all_of([self._description(one.key, one.size_bytes) for one in places]):
                    if described.task is None:
                        yield described
                    else:
                        found.append(Known.of(described.path, described.task))
        for known in descriptions.in_order(found):
            described = await self._description(known.path, 0)
            yield described if described.task is None else await self._with_files(described.path, described.task)

    async def _description(self, key: str, size_bytes: int) -> Described:
        if size_bytes > descriptions.LARGEST_BYTES:
            return descriptions.too_large(key)
        body = await self._bucket.read_small(key)
        return Described(path=key, problem="it is not there") if body is None else descriptions.read(key, body)

    async def _with_files(self, path: str, task: Task) -> Described:
        """What was read, if the files are there as they were: by the digests beside them, else by reading them."""
        artifacts = task.result.artifacts if task.result else ()
        objects = await _all_of([self._bucket.look(artifact.path) for artifact in artifacts])
        for artifact, found in zip(artifacts, objects, strict=True):
            if found is None:
                return Described(path=path, problem=f"{artifact.name} is not there")
            digest = found.sha256 or await self._bucket.digest(found)
            if (found.size_bytes, digest) != (artifact.size_bytes, artifact.sha256):
                return Described(path=path, problem=f"{artifact.name} is not as it was")
        return Described(path=path, task=task)

    async def stored(self) -> AsyncIterator[StoredFiles]:
        for project in await self._projects():
            async for files in files_of(project, self._bucket.pages(project)):
                yield files

    async def _projects(self) -> list[str]:
        return [name for name in await self._bucket.folders() if is_project(name)]

    async def erase(self, files: StoredFiles) -> None:
        if files.kind == "attempt":
            await self._bucket.delete_below(files.path)
        else:
            await self._bucket.delete([files.path])

    async def remove(self, project_id: str, task_id: str | None = None) -> None:
        names = (project_id,) if task_id is None else (project_id, task_id)
        await asyncio.to_thread(self._scratch.end, *names)
        await self._bucket.delete_below("/".join(names))

    async def check(self) -> None:
        await check_writable(self._directory)
        await self._bucket.probe(f"{PRIVATE}/probe")


@dataclass(frozen=True, slots=True)
class _InBucket:
    """`FoundFile` in a bucket."""

    _bucket: Bucket
    _found: StoredObject

    @property
    def size_bytes(self) -> int:
        return self._found.size_bytes

    @property
    def modified_at(self) -> datetime:
        return self._found.modified_at

    @property
    def tag(self) -> str:
        return self._found.sha256 or self._found.etag.strip('"')

    async def open(self, start: int, end: int) -> AsyncGenerator[bytes, None]:
        return await self._bucket.read(self._found.key, start, end, etag=self._found.etag)


async def _all_of(asked: "Sequence[Coroutine[Any, Any, T]]") -> list[T]:
    """The answers in the order of the questions, of which a few are under way at a time."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def ask(question: "Coroutine[Any, Any, T]") -> T:
        async with gate:
            return await question

    return await asyncio.gather(*map(ask, asked))
