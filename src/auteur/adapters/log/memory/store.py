"""`StateStore` of one process."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from auteur.adapters.log.memory.bus import MemoryHub, MemoryProject
from auteur.domain.errors import (
    InvalidRequestError,
    TaskDeletedError,
    TaskNotFoundError,
)
from auteur.domain.state import (
    OpenTask,
    ProjectCounts,
    ProjectPage,
    ProjectState,
    ProjectSummary,
    Shot,
    TaskPage,
    TaskQuery,
    TaskReading,
)
from auteur.domain.task import ENDED, Task, TaskStatus


class MemoryStateStore:
    """`StateStore` on a hub."""

    def __init__(self, hub: MemoryHub) -> None:
        self._hub = hub

    async def task(self, project_id: str, task_id: str) -> TaskReading:
        project = self._hub.project(project_id)
        if task_id in project.tombstones:
            raise TaskDeletedError(project_id, task_id)
        task = project.tasks.get(task_id)
        if task is None:
            raise TaskNotFoundError(project_id, task_id)
        place = self._queue_positions(project, [task]).get(task_id)
        return TaskReading(task=task, position=project.log[-1].position, queue_position=place)

    async def task_and_open(self, project_id: str, task_id: str) -> tuple[TaskReading | None, ProjectCounts]:
        counts = await self.counts(project_id)
        try:
            return await self.task(project_id, task_id), counts
        except TaskNotFoundError:
            return None, counts

    async def counts(self, project_id: str) -> ProjectCounts:
        return self._counts(self._hub.project(project_id))

    async def project(self, project_id: str, *, open_limit: int, ended_limit: int) -> ProjectState:
        project = self._hub.project(project_id)
        ended = await self.tasks(project_id, TaskQuery(statuses=frozenset(ENDED)), before_seq=None, limit=ended_limit)
        open_tasks = await self.open_tasks(project_id, limit=open_limit)
        return ProjectState(project_id=project_id, counts=self._counts(project), open=open_tasks, ended=ended)

    async def tasks(self, project_id: str, query: TaskQuery, *, before_seq: int | None, limit: int) -> TaskPage:
        project = self._hub.project(project_id)
        meant = (
            task
            for task in reversed(project.tasks.values())
            if (before_seq is None or task.queued_seq < before_seq) and query.matches(task)
        )
        return self._page(project, meant, limit)

    async def open_tasks(
        self, project_id: str, *, after_seq: int = 0, limit: int, status: TaskStatus | None = None
    ) -> TaskPage:
        project = self._hub.project(project_id)
        meant = sorted(
            (t for t in project.open.values() if t.queued_seq > after_seq and status in (None, t.status)),
            key=lambda task: task.queued_seq,
        )
        return self._page(project, meant, limit)

    async def dependants(self, project_id: str, task_id: str, *, after_seq: int = 0, limit: int) -> TaskPage:
        project = self._hub.project(project_id)
        waiting = (project.tasks[dependant] for dependant in project.dependants.get(task_id, ()))
        meant = sorted((t for t in waiting if t.queued_seq > after_seq), key=lambda task: task.queued_seq)
        return self._page(project, meant, limit)

    async def oldest_ended(
        self, project_id: str, limit: int, *, ended_before: datetime | None = None
    ) -> Sequence[Task]:
        project = self._hub.project(project_id)
        tasks = (task for task in project.tasks.values() if task.task_id not in project.dependants)
        meant = (t for t in tasks if t.ended_at and (ended_before is None or t.ended_at < ended_before) and _free(t))
        return list(islice(meant, limit))

    async def unfinished(self) -> Sequence[OpenTask]:
        return [
            OpenTask(
                project_id,
                t.task_id,
                t.attempt,
                t.worker,
                t.request.lane,
                t.request.task_type,
                t.queued_at,
                frozenset(t.needs if t.blocked else ()),
            )
            for project_id, project in self._hub.projects.items()
            for t in project.open.values()
        ]

    async def shots(self, project_id: str, *, after: str | None, limit: int) -> Sequence[Shot]:
        project = self._hub.project(project_id)
        names = sorted(project.takes)
        start = 0 if after is None else bisect_right(names, after)
        return [self._shot(project, name) for name in names[start : start + limit]]

    async def projects(self, *, after: str | None, limit: int) -> ProjectPage:
        known = sorted(
            ((project.active_at, name) for name, project in self._hub.projects.items() if not project.deleted),
            key=lambda known: (known[0] is not None, known),
            reverse=True,
        )
        names = [name for _, name in known]
        if after is not None and after not in names:
            raise InvalidRequestError("This is no place in the list of projects.")
        start = 0 if after is None else names.index(after) + 1
        page = [self._summary(name, self._hub.projects[name]) for name in names[start : start + limit]]
        return ProjectPage(projects=page, next=page[-1].project_id if len(names) > start + limit else None)

    async def overdue(self, ended_before: datetime, limit: int) -> Sequence[str]:
        quiet = {name: known.tasks.values() for name, known in self._hub.projects.items() if not known.deleted}
        found = [
            name
            for name, tasks in quiet.items()
            if any(task.ended_at and task.ended_at < ended_before and _free(task) for task in tasks)
        ]
        return found[:limit]

    async def purge(self, project_id: str, limit: int) -> bool:
        if project_id in await self.purging():
            self._hub.projects[project_id].tasks.clear()
        return True

    async def purging(self) -> Sequence[str]:
        return [name for name, project in self._hub.projects.items() if project.deleted and project.tasks]

    def _counts(self, project: MemoryProject) -> ProjectCounts:
        waiting = Counter(t.request.lane for t in project.open.values() if t.status is TaskStatus.QUEUED)
        running = Counter(t.request.lane for t in project.open.values() if t.status is TaskStatus.RUNNING)
        return ProjectCounts(
            position=project.log[-1].position if project.log else None,
            by_status={status: count for status, count in project.counts.items() if count},
            waiting=waiting,
            running=running,
            size_bytes=project.size_bytes,
        )

    def _page(self, project: MemoryProject, meant: Iterable[Task], limit: int) -> TaskPage:
        found = list(islice(meant, limit + 1))
        page = found[:limit]
        return TaskPage(
            tasks=page,
            next_seq=page[-1].queued_seq if len(found) > limit else None,
            queue_positions=self._queue_positions(project, page),
        )

    def _queue_positions(self, project: MemoryProject, tasks: Sequence[Task]) -> dict[str, int]:
        waiting = sorted(t.queued_seq for t in project.open.values() if t.status is TaskStatus.QUEUED)
        return {t.task_id: bisect_right(waiting, t.queued_seq) for t in tasks if t.status is TaskStatus.QUEUED}

    def _shot(self, project: MemoryProject, name: str) -> Shot:
        takes = [task for task in project.tasks.values() if task.request.shot == name]
        circled = project.tasks.get(project.circled.get(name, ""))
        made = [task for task in takes if task.poster]
        chosen = circled if circled is not None and circled.poster else made[-1] if made else None
        return Shot(
            name=name,
            takes=len(takes),
            last_take=project.takes[name],
            circled_task_id=circled.task_id if circled else None,
            circled_take=circled.take if circled else None,
            poster=chosen.poster if chosen else None,
        )

    def _summary(self, name: str, project: MemoryProject) -> ProjectSummary:
        made = next((task for task in reversed(project.tasks.values()) if task.poster), None)
        return ProjectSummary(
            project_id=name,
            by_status={status: count for status, count in project.counts.items() if count},
            size_bytes=project.size_bytes,
            active_at=project.active_at or project.log[-1].event.at,
            poster=made.poster if made else None,
        )


def _free(task: Task) -> bool:
    """Whether nobody marked it."""
    return not task.favourite and not task.circled
