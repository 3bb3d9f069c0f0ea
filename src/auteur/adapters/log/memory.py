"""The reference adapters. They keep nothing beyond the process and are the fake of every unit test."""

import uuid
from bisect import bisect_right
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from auteur.adapters.log.notifier import Notifier
from auteur.domain.errors import (
    HistoryLostError,
    InvalidRequestError,
    ProjectBusyError,
    ProjectDeletedError,
    TaskDeletedError,
    TaskNotFoundError,
)
from auteur.domain.events import Beginning, Event, Position, ProjectDeleted, RecordedEvent, TakeCircled, TaskEvent
from auteur.domain.guard import admit, record_after, take_after
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


@dataclass
class MemoryProject:
    """One project's log and records, the oldest first."""

    log: list[RecordedEvent] = field(default_factory=list)
    tasks: dict[str, Task] = field(default_factory=dict)
    open: dict[str, Task] = field(default_factory=dict)
    counts: Counter[TaskStatus] = field(default_factory=Counter)
    size_bytes: int = 0
    tombstones: set[str] = field(default_factory=set)
    takes: dict[str, int] = field(default_factory=dict)
    circled: dict[str, str] = field(default_factory=dict)
    deleted: bool = False
    active_at: datetime | None = None

    def keep(self, task_id: str, before: Task | None, after: Task | None) -> None:
        """Has the record and all counts of it be as after an event."""
        for task, by in ((before, -1), (after, 1)):
            if task is not None:
                self.counts[task.status] += by
                self.size_bytes += by * task.size_bytes
        still_open = None if after is None or after.ended else after
        for records, kept in ((self.tasks, after), (self.open, still_open)):
            if kept is None:
                records.pop(task_id, None)
            else:
                records[task_id] = kept

    def next_take(self, event: Beginning) -> int | None:
        """The number that the event's task gets among the takes of its shot."""
        shot = event.record(0).request.shot
        if shot is None:
            return None
        self.takes[shot] = take_after(event, self.takes.get(shot, 0))
        return self.takes[shot]


@dataclass
class MemoryHub:
    """What several buses and stores share, as two processes share a server. ``history_limit``: events per project."""

    history_limit: int = 10_000
    epoch: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    projects: dict[str, MemoryProject] = field(default_factory=dict)
    notifier: Notifier = field(default_factory=Notifier)

    def project(self, project_id: str) -> MemoryProject:
        """The project as it is, an empty one if it is unknown. Raises `ProjectDeletedError`."""
        project = self.projects.get(project_id, MemoryProject())
        if project.deleted:
            raise ProjectDeletedError(project_id)
        return project


class MemoryProgressBus:
    """`ProgressBus` on a hub."""

    def __init__(self, hub: MemoryHub) -> None:
        self._hub = hub

    async def publish(self, event: Event) -> RecordedEvent:
        hub, project_id = self._hub, event.project_id
        project = hub.project(project_id)
        if isinstance(event, ProjectDeleted) and project.open:
            raise ProjectBusyError(project_id, len(project.open))
        if isinstance(event, TaskEvent):
            deleted = event.task_id in project.tombstones
            admit(project.tasks.get(event.task_id), event, deleted=deleted)
        hub.projects[project_id] = project
        if isinstance(event, Beginning):
            event = replace(event, take=project.next_take(event))
        seq = project.log[-1].position.seq + 1 if project.log else 1
        recorded = RecordedEvent(Position(hub.epoch, seq), event)
        project.log.append(recorded)
        del project.log[: -hub.history_limit]
        if isinstance(event, ProjectDeleted):
            project.deleted = True
            del project.log[:-1]
        else:
            self._change(project, event, seq)
        hub.notifier.notify(project_id)
        return recorded

    def _change(self, project: MemoryProject, event: TaskEvent, seq: int) -> None:
        before = project.tasks.get(event.task_id)
        after = record_after(before, event, seq)  # type: ignore[arg-type]
        project.keep(event.task_id, before, after)
        if isinstance(event, TakeCircled):
            other = project.tasks.get(project.circled.get(event.shot, ""))
            if event.circled:
                if other is not None and other.task_id != event.task_id:
                    project.keep(other.task_id, other, replace(other, circled=False))
                project.circled[event.shot] = event.task_id
            elif project.circled.get(event.shot) == event.task_id:
                del project.circled[event.shot]
        if after is None:
            project.tombstones.add(event.task_id)
            project.circled = {shot: task_id for shot, task_id in project.circled.items() if task_id != event.task_id}
        if isinstance(event, Beginning) or (after is not None and after.ended):
            project.active_at = event.at

    def subscribe(self, project_id: str, after: Position | None) -> AsyncGenerator[RecordedEvent, None]:
        return self._hub.notifier.follow(project_id, after, self.history)

    async def history(self, project_id: str, after: Position | None, limit: int) -> Sequence[RecordedEvent]:
        project = self._hub.projects.get(project_id)
        log = project.log if project else []
        if after is None:
            return log[:limit]
        oldest, newest = (log[0].position.seq, log[-1].position.seq) if log else (1, 0)
        if after.epoch != self._hub.epoch or not oldest - 1 <= after.seq <= newest:
            raise HistoryLostError(project_id, str(after))
        start = after.seq - oldest + 1
        return log[start : start + limit]

    async def check(self) -> None:
        return


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

    async def oldest_ended(
        self, project_id: str, limit: int, *, ended_before: datetime | None = None
    ) -> Sequence[Task]:
        tasks = self._hub.project(project_id).tasks.values()
        meant = (t for t in tasks if t.ended_at and (ended_before is None or t.ended_at < ended_before) and _free(t))
        return list(islice(meant, limit))

    async def unfinished(self) -> Sequence[OpenTask]:
        return [
            OpenTask(project_id, t.task_id, t.attempt, t.worker, t.request.lane, t.request.task_type, t.queued_at)
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
