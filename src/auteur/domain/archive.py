"""What stays of what was made: marks, circled takes, deletion, retention, and knowing again what was lost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeVar

from auteur.domain.commands import DeleteProject, DeleteTask, MarkTask
from auteur.domain.errors import (
    ConflictError,
    DeletedError,
    InvalidRequestError,
    NotFoundError,
    ProjectDeletedError,
    TaskDeletedError,
    TaskExistsError,
    TaskForgottenError,
    TaskNotFoundError,
)
from auteur.domain.events import (
    DeletionReason,
    ProjectDeleted,
    TakeCircled,
    TaskDeleted,
    TaskImported,
    TaskMarked,
    TaskPromoted,
)
from auteur.domain.ports import ArtifactStore, Clock, Described, ProgressBus, StateStore, StoredFiles
from auteur.domain.state import TaskQuery, TaskReading
from auteur.domain.task import ENDED, Task, TaskStatus, parse_project_id

T = TypeVar("T")

_BATCH = 100
_PURGED_AT_A_TIME = 200
_READ_AT_A_TIME = 200
_GRACE = timedelta(days=1)
"""What was written since may belong to something that is being done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long ended tasks stay, None: for ever. ``tasks`` and ``size_bytes`` are per project.

    Favourites and circled takes stay whatever the rules say, and count.
    """

    age: timedelta | None = None
    tasks: int | None = None
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """Tasks that are known again, that were known already, that were deleted and stay so, and descriptions of which no
    record can be made."""

    imported: int = 0
    known: int = 0
    deleted: int = 0
    unusable: int = 0


OrphanReason = Literal[
    "attempt_lost", "task_deleted", "task_unknown", "project_deleted", "unfinished", "picture_gone", "upload_unused",
    "not_imported", "project_unknown", "task_forgotten",
]  # fmt: skip
"""Why no record names a file: the attempt did not win; its task or project was deleted, or its task is unknown; it is
a draft, or a thumbnail without its picture, or an upload that no task uses. The last three stay: `import_tasks` can
make a record of it; the whole project is unknown, as where the log is not the one that the files were made with; or a
release before this one did not keep the record."""

KEPT: frozenset[OrphanReason] = frozenset({"not_imported", "project_unknown", "task_forgotten"})
"""Reasons for which files are told of and not removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """Files that no record names. ``looked_at_seq``: of an upload, the newest record that was looked at for it."""

    files: StoredFiles
    reason: OrphanReason
    looked_at_seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """The task as it is then. ``recorded``: whether anything changed, so that everybody hears of it through the log."""

    reading: TaskReading
    recorded: bool


class ProjectArchive:
    """Changes what is kept. Every change is a recorded event; files go after it."""

    def __init__(
        self, bus: ProgressBus, store: StateStore, artifacts: ArtifactStore, clock: Clock, retention: Retention
    ) -> None:
        self._bus = bus
        self._store = store
        self._artifacts = artifacts
        self._clock = clock
        self._retention = retention
        self._running: set[asyncio.Task[Any]] = set()

    async def mark(self, command: MarkTask) -> Marking:
        """Marks the task as asked. What is as asked already is not recorded again.

        Raises `TaskNotFoundError`, `TaskDeletedError`, `ProjectDeletedError`, `InvalidRequestError` where the task is
        no take that was made, `BusUnavailableError`.
        """
        parse_project_id(command.project_id)
        task = (await self._store.task(command.project_id, command.task_id)).task
        about = task.about(self._clock())
        circled = command.circled
        if circled and (task.request.shot is None or task.status is not TaskStatus.SUCCEEDED):
            raise InvalidRequestError("Only a take of a shot that was made can be circled.", task_id=task.task_id)
        recorded = False
        if command.favourite is not None and command.favourite != task.favourite:
            await self._bus.publish(TaskMarked(**about, favourite=command.favourite))
            recorded = True
        if circled is not None and circled != task.circled and task.request.shot is not None:
            await self._bus.publish(
                TakeCircled(**about, shot=task.request.shot, take=task.take, circled=circled)
            )  # fmt: skip
            recorded = True
        reading = await self._store.task(command.project_id, command.task_id)
        return Marking(reading=reading, recorded=recorded)

    async def delete_task(self, command: DeleteTask, reason: DeletionReason = "asked") -> bool:
        """Removes an ended task, record and files; whether that was recorded now. Deleting what was deleted removes
        what is left of its files.

        Raises `TaskNotFoundError`, `TaskOpenError`, `ProjectDeletedError`, `BusUnavailableError`; `UnavailableError`
        where the record is gone and the files could not be removed: repeating it, or `orphans`, finds them.
        """
        parse_project_id(command.project_id)
        return await self._to_the_end(self._delete_task(command, reason))

    async def _delete_task(self, command: DeleteTask, reason: DeletionReason) -> bool:
        recorded = False
        with contextlib.suppress(TaskDeletedError):
            task = (await self._store.task(command.project_id, command.task_id)).task
            await self._bus.publish(TaskDeleted(**task.about(self._clock()), reason=reason))
            recorded = True
        await self._artifacts.remove(command.project_id, command.task_id)
        return recorded

    async def delete_project(self, command: DeleteProject) -> None:
        """Removes a project whose tasks have ended: records, files and history. Its id is not used again.

        Harmless to repeat. Raises `NotFoundError`, `ProjectBusyError`, `UnavailableError`.
        """
        await self._to_the_end(self._delete_project(parse_project_id(command.project_id)))

    async def _delete_project(self, project_id: str) -> None:
        with contextlib.suppress(DeletedError):
            if (await self._store.counts(project_id)).position is None:
                raise NotFoundError(f"There is no project {project_id!r}.", project_id=project_id)
            await self._bus.publish(ProjectDeleted(project_id=project_id, at=self._clock()))
        await self._purge(project_id)

    async def retain(self, project_id: str) -> int:
        """Deletes what the rules no longer keep of the project, the oldest first; returns how many tasks.

        Costs one look where nothing is to go. Raises `BusUnavailableError`.
        """
        rules, gone = self._retention, 0
        if rules == Retention():
            return 0
        with contextlib.suppress(DeletedError):
            if rules.age is not None:
                gone += await self._drop_old(project_id, rules.age)
            while rules.tasks is not None or rules.size_bytes is not None:
                counts = await self._store.counts(project_id)
                too_many = counts.of(*ENDED) - rules.tasks if rules.tasks is not None else 0
                too_large = counts.size_bytes - rules.size_bytes if rules.size_bytes is not None else 0
                went = 0
                for task in await self._store.oldest_ended(project_id, _BATCH) if max(too_many, too_large) > 0 else ():
                    if max(too_many, too_large) <= 0:
                        break
                    if not await self._drop(task, "count" if too_many > 0 else "bytes"):
                        continue
                    went, too_many, too_large = went + 1, too_many - 1, too_large - task.size_bytes
                gone += went
                if went < _BATCH:
                    break
        return gone

    async def _drop_old(self, project_id: str, age: timedelta) -> int:
        gone = 0
        while True:
            tasks = await self._store.oldest_ended(project_id, _BATCH, ended_before=self._clock() - age)
            went = sum([await self._drop(task, "age") for task in tasks])
            gone += went
            if went < _BATCH:
                return gone

    async def _drop(self, task: Task, reason: DeletionReason) -> bool:
        """Whether it went: what an open task may still use stays, and is looked at again when that has ended."""
        if (await self._store.dependants(task.project_id, task.task_id, limit=1)).tasks:
            return False
        with contextlib.suppress(ConflictError, NotFoundError):  # somebody else deleted it meanwhile
            await self.delete_task(DeleteTask(project_id=task.project_id, task_id=task.task_id), reason)
        return True

    async def maintain(self) -> int:
        """Deletes what is older than the rules keep, in all projects, and finishes deletions that were cut short.

        For a timer: costs nothing for projects in which nothing is due. Returns how many tasks were deleted. Raises
        `UnavailableError`.
        """
        for project_id in await self._store.purging():
            await self._purge(project_id)
        if self._retention.age is None:
            return 0
        gone = 0
        for project_id in await self._store.overdue(self._clock() - self._retention.age, _BATCH):
            gone += await self.retain(project_id)
        return gone

    async def import_tasks(self, on_unusable: Callable[[Described], None] = lambda described: None) -> ImportReport:
        """Makes records of the tasks that were described beside their files; nothing is imported twice.

        ``on_unusable``: told of each description of which no record can be made. Raises `UnavailableError`.
        """
        imported = known = deleted = unusable = 0
        async for described in self._artifacts.described():
            task = described.task
            if task is None:
                unusable += 1
                on_unusable(described)
                continue
            event = TaskImported(**task.about(self._clock()), task=task)
            try:
                await self._bus.publish(event)
                imported += 1
                await self._tell_origin(task)
            except TaskExistsError:
                known += 1
            except DeletedError:
                deleted += 1
        return ImportReport(imported=imported, known=known, deleted=deleted, unusable=unusable)

    async def _tell_origin(self, task: Task) -> None:
        """The record of the take that the task was made of says so again, if there is one."""
        origin_id = task.request.promoted_from
        with contextlib.suppress(NotFoundError, DeletedError):
            if origin_id is not None:
                origin = (await self._store.task(task.project_id, origin_id)).task
                await self._bus.publish(TaskPromoted(**origin.about(self._clock()), promoted_to=task.task_id))

    async def orphans(self) -> AsyncIterator[Orphan]:
        """The files that no record names, as they are found. Costs a look at every file, and where there are uploads
        older than a day at every record of their projects. Raises `UnavailableError`."""
        uploads: dict[str, dict[str, StoredFiles]] = {}
        whole: str | None = None  # the attempt that goes, and so all that lies in it
        async for files in self._artifacts.stored():
            if whole is not None and files.path.startswith(f"{whole}/"):
                continue
            reason = await self._why_orphan(files)
            if reason is None and files.kind == "upload" and self._is_old(files):
                uploads.setdefault(files.project_id, {})[_name(files.path)] = files
            if reason is not None:
                whole = files.path if files.kind == "attempt" else whole
                yield Orphan(files=files, reason=reason)
        for project_id, unnamed in uploads.items():
            if not await self._is_known(project_id):
                continue
            newest = await self._forget_named(project_id, unnamed, 0)
            for files in unnamed.values():
                yield Orphan(files=files, reason="upload_unused", looked_at_seq=newest)

    async def remove_orphan(self, orphan: Orphan) -> bool:
        """Removes the files if still no record names them; whether it did. Raises `UnavailableError`."""
        files = orphan.files
        if orphan.reason == "upload_unused":
            unnamed = {_name(files.path): files}
            await self._forget_named(files.project_id, unnamed, orphan.looked_at_seq)
            if not unnamed:
                return False
        elif orphan.reason in KEPT or await self._why_orphan(files) != orphan.reason:
            return False
        await self._artifacts.erase(files)
        return True

    async def _why_orphan(self, files: StoredFiles) -> OrphanReason | None:
        """Why nothing names the files; None where something does or may: an open task, or what came just now."""
        try:
            if files.task_id is not None:
                task = (await self._store.task(files.project_id, files.task_id)).task
                if not task.ended:
                    return None
                if files.kind == "attempt":
                    return None if _is_named(files, task) else "attempt_lost"
        except ProjectDeletedError:
            return "project_deleted"
        except TaskForgottenError:
            return "task_forgotten"
        except TaskDeletedError:
            return "task_deleted"
        except TaskNotFoundError:
            return await self._why_unknown(files)
        if files.kind == "upload":
            with contextlib.suppress(ProjectDeletedError):
                await self._store.counts(files.project_id)
                return None
            return "project_deleted"
        if not self._is_old(files):
            return None
        return "unfinished" if files.kind == "draft" else "picture_gone"

    async def _why_unknown(self, files: StoredFiles) -> OrphanReason | None:
        if files.kind != "attempt":
            return None  # said of the attempt that it lies in
        if files.is_described:
            return "not_imported"
        return "task_unknown" if await self._is_known(files.project_id) else "project_unknown"

    async def _is_known(self, project_id: str) -> bool:
        """Whether the project has a log; what lies in another may be anybody's."""
        with contextlib.suppress(ProjectDeletedError):
            return (await self._store.counts(project_id)).position is not None
        return False

    async def _forget_named(self, project_id: str, uploads: dict[str, StoredFiles], after_seq: int) -> int:
        """Takes those away that a record of the project names, of the records accepted after that one; returns the
        newest record's place, or that one where there is none."""
        newest = after_seq
        before_seq: int | None = None
        with contextlib.suppress(ProjectDeletedError):
            while True:
                page = await self._store.tasks(project_id, TaskQuery(), before_seq=before_seq, limit=_READ_AT_A_TIME)
                for task in page.tasks:
                    if task.queued_seq <= after_seq:
                        return newest
                    newest = max(newest, task.queued_seq)
                    for text in _texts(task.request.params):
                        uploads.pop(_name(text), None)
                before_seq = page.next_seq
                if before_seq is None or not uploads:
                    return newest
        return newest

    def _is_old(self, files: StoredFiles) -> bool:
        return files.changed_at < self._clock() - _GRACE

    async def _to_the_end(self, deletion: Coroutine[Any, Any, T]) -> T:
        """Runs it although whoever asked leaves meanwhile: a socket of a project is closed by the very event that says
        that the project is deleted, and the files must still go."""
        running = asyncio.create_task(deletion)
        self._running.add(running)
        running.add_done_callback(self._forget)
        return await asyncio.shield(running)

    def _forget(self, done: "asyncio.Task[Any]") -> None:
        self._running.discard(done)
        if not done.cancelled():
            done.exception()  # seen, also where nobody waits for it any more

    async def _purge(self, project_id: str) -> None:
        await self._artifacts.remove(project_id)
        while not await self._store.purge(project_id, _PURGED_AT_A_TIME):
            pass


def _is_named(files: StoredFiles, task: Task) -> bool:
    """Whether the attempt is the one whose files the ended task's record names."""
    artifacts = task.result.artifacts if task.result else ()
    won = task.status is TaskStatus.SUCCEEDED and files.attempt == task.attempt
    return won or any(artifact.path.startswith(f"{files.path}/") for artifact in artifacts)


def _name(path: str) -> str:
    """The last part of a path or url; that of an upload is its own and nothing else's."""
    return path.partition("?")[0].rpartition("/")[2]


def _texts(value: Any) -> Iterator[str]:
    """All texts in plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inside in value.values():
            yield from _texts(inside)
    elif isinstance(value, Sequence):
        for inside in value:
            yield from _texts(inside)
