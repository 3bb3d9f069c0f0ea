"""What stays of what was made: marks, circled takes, deletion, retention, and knowing again what was lost."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from auteur.domain.commands import DeleteProject, DeleteTask, MarkTask
from auteur.domain.errors import (
    ConflictError,
    DeletedError,
    InvalidRequestError,
    NotFoundError,
    TaskDeletedError,
    TaskExistsError,
)
from auteur.domain.events import DeletionReason, ProjectDeleted, TakeCircled, TaskDeleted, TaskImported, TaskMarked
from auteur.domain.ports import ArtifactStore, Clock, ProgressBus, StateStore
from auteur.domain.state import TaskReading
from auteur.domain.task import ENDED, Task, TaskStatus, parse_project_id

_BATCH = 100
_PURGED_AT_A_TIME = 200


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
    """Tasks that are known again, that were known already, and that were deleted and stay so."""

    imported: int = 0
    known: int = 0
    deleted: int = 0


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

    async def mark(self, command: MarkTask) -> TaskReading:
        """Marks the task as asked; returns it as it is then. What is as asked already is not recorded again.

        Raises `TaskNotFoundError`, `TaskDeletedError`, `ProjectDeletedError`, `InvalidRequestError` where the task is
        no take that was made, `BusUnavailableError`.
        """
        parse_project_id(command.project_id)
        task = (await self._store.task(command.project_id, command.task_id)).task
        about = self._about(task)
        circled = command.circled
        if circled and (task.request.shot is None or task.status is not TaskStatus.SUCCEEDED):
            raise InvalidRequestError("Only a take of a shot that was made can be circled.", task_id=task.task_id)
        if command.favourite is not None and command.favourite != task.favourite:
            await self._bus.publish(TaskMarked(**about, favourite=command.favourite))
        if circled is not None and circled != task.circled and task.request.shot is not None:
            await self._bus.publish(
                TakeCircled(**about, shot=task.request.shot, take=task.take, circled=circled)
            )  # fmt: skip
        return await self._store.task(command.project_id, command.task_id)

    async def delete_task(self, command: DeleteTask, reason: DeletionReason = "asked") -> None:
        """Removes an ended task, record and files. Deleting what was deleted removes what is left of its files.

        Raises `TaskNotFoundError`, `TaskOpenError`, `ProjectDeletedError`, `BusUnavailableError`; `UnavailableError`
        where the record is gone and the files could not be removed: repeating it, or `orphans`, finds them.
        """
        parse_project_id(command.project_id)
        with contextlib.suppress(TaskDeletedError):
            task = (await self._store.task(command.project_id, command.task_id)).task
            await self._bus.publish(TaskDeleted(**self._about(task), reason=reason))
        await self._artifacts.remove(command.project_id, command.task_id)

    async def delete_project(self, command: DeleteProject) -> None:
        """Removes a project whose tasks have ended: records, files and history. Its id is not used again.

        Harmless to repeat. Raises `NotFoundError`, `ProjectBusyError`, `UnavailableError`.
        """
        project_id = parse_project_id(command.project_id)
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
            while True:
                counts = await self._store.counts(project_id)
                too_many = counts.of(*ENDED) - rules.tasks if rules.tasks is not None else 0
                too_large = counts.size_bytes - rules.size_bytes if rules.size_bytes is not None else 0
                went = 0
                for task in await self._store.oldest_ended(project_id, _BATCH):
                    reason = self._reason(task, too_many, too_large)
                    if reason is None:
                        continue
                    with contextlib.suppress(ConflictError, NotFoundError):  # somebody else deleted it meanwhile
                        await self.delete_task(DeleteTask(project_id=project_id, task_id=task.task_id), reason)
                    went, too_many, too_large = went + 1, too_many - 1, too_large - task.size_bytes
                gone += went
                if went < _BATCH:
                    return gone
        return gone

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

    async def import_tasks(self, described: AsyncIterator[Task]) -> ImportReport:
        """Makes records of the tasks that `ArtifactStore.describe` left; nothing is imported twice.

        Raises `BusUnavailableError`.
        """
        imported = known = deleted = 0
        async for task in described:
            event = TaskImported(
                project_id=task.project_id, task_id=task.task_id, at=self._clock(), metadata=task.metadata, task=task
            )
            try:
                await self._bus.publish(event)
                imported += 1
            except TaskExistsError:
                known += 1
            except DeletedError:
                deleted += 1
        return ImportReport(imported=imported, known=known, deleted=deleted)

    def _reason(self, task: Task, too_many: int, too_large: int) -> DeletionReason | None:
        age = self._retention.age
        if age is not None and task.ended_at is not None and task.ended_at < self._clock() - age:
            return "age"
        return "count" if too_many > 0 else "bytes" if too_large > 0 else None

    async def _purge(self, project_id: str) -> None:
        await self._artifacts.remove(project_id)
        while not await self._store.purge(project_id, _PURGED_AT_A_TIME):
            pass

    def _about(self, task: Task) -> dict[str, Any]:
        return {
            "project_id": task.project_id,
            "task_id": task.task_id,
            "at": self._clock(),
            "metadata": task.metadata,
        }
