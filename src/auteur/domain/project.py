"""A project's state: the fold of its log, nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from auteur.domain.events import (
    CancelRequested,
    Event,
    Position,
    RecordedEvent,
    TaskCancelled,
    TaskFailed,
    TaskProgressed,
    TaskQueued,
    TaskRequeued,
    TaskStarted,
    TaskSucceeded,
)
from auteur.domain.task import Task, TaskStatus

KEEP_ENDED = 1000
"""How many ended tasks the state remembers; older ones live on in the log and the workspace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectState:
    """What is known of a project at one position. ``tasks`` is in the order of acceptance."""

    project_id: str
    position: Position | None = None
    tasks: Mapping[str, Task] = field(default_factory=dict)

    def apply(self, recorded: RecordedEvent) -> Self:
        """The state after one more event. Raises `ValueError` if the event is not the next one."""
        seq = self.position.seq if self.position else 0
        if self.position and recorded.position.epoch != self.position.epoch:
            raise ValueError(f"project {self.project_id}: an event of another epoch")
        if self.position and recorded.position.seq != seq + 1:
            raise ValueError(f"project {self.project_id}: after {seq} comes {recorded.position.seq}")
        event = recorded.event
        tasks = dict(self.tasks)
        known = tasks.get(event.task_id)
        if isinstance(event, TaskQueued) or known is not None:
            tasks[event.task_id] = _after(known, event, recorded.position.seq)
        if tasks[event.task_id].ended if event.task_id in tasks else False:
            _forget_oldest_ended(tasks)
        return replace(self, position=recorded.position, tasks=tasks)

    def apply_all(self, events: Iterable[RecordedEvent]) -> Self:
        """The state after several events."""
        state = self
        for recorded in events:
            state = state.apply(recorded)
        return state

    @property
    def waiting(self) -> list[Task]:
        """The queued tasks, the next one first."""
        return [task for task in self.tasks.values() if task.status is TaskStatus.QUEUED]

    def queue_position(self, task_id: str) -> int | None:
        """The task's place among the project's waiting tasks, 1 is next; None if it does not wait."""
        return next((i for i, task in enumerate(self.waiting, 1) if task.task_id == task_id), None)


def _after(task: Task | None, event: Event, seq: int) -> Task:
    if isinstance(event, TaskQueued):
        return Task(
            task_id=event.task_id,
            project_id=event.project_id,
            request=event.request,
            metadata=event.metadata,
            status=TaskStatus.QUEUED,
            queued_at=event.at,
            queued_seq=seq,
        )
    assert task is not None
    match event:
        case TaskStarted():
            return task.become(
                TaskStatus.RUNNING,
                attempt=event.attempt,
                worker=event.worker,
                started_at=event.at,
                progress=0.0,
                stage=None,
                message=None,
            )
        case TaskProgressed():
            return task.become(
                TaskStatus.RUNNING,
                progress=event.progress,
                stage=event.stage,
                message=event.message,
                preview=event.preview or task.preview,
            )
        case TaskRequeued():
            return task.become(
                TaskStatus.QUEUED,
                worker=None,
                progress=0.0,
                stage=None,
                message=None,
                preview=None,
                handed_back=task.handed_back + (event.reason == "shutdown"),
            )
        case TaskSucceeded():
            return task.become(TaskStatus.SUCCEEDED, worker=None, progress=1.0, ended_at=event.at, result=event.result)
        case TaskFailed():
            return task.become(TaskStatus.FAILED, worker=None, ended_at=event.at, failure=event.failure)
        case TaskCancelled():
            return task.become(TaskStatus.CANCELLED, worker=None, ended_at=event.at)
        case CancelRequested():
            return replace(task, cancel_requested=True)


def _forget_oldest_ended(tasks: dict[str, Task]) -> None:
    ended = [task for task in tasks.values() if task.ended]
    if len(ended) > KEEP_ENDED:
        oldest = min(ended, key=lambda task: task.queued_seq)
        del tasks[oldest.task_id]
