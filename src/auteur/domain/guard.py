"""The three refusals that make "exactly one ending, whoever crashed" true.

Every bus keeps one `TaskGuard` per task and asks `admit` inside the same atomic step that appends the event.
"""

from dataclasses import dataclass, replace

from auteur.domain.errors import StaleAttemptError, TaskEndedError, TaskExistsError, TaskNotFoundError
from auteur.domain.events import (
    CancelRequested,
    Event,
    TaskCancelled,
    TaskFailed,
    TaskQueued,
    TaskRequeued,
    TaskStarted,
    TaskSucceeded,
)


@dataclass(frozen=True, slots=True)
class TaskGuard:
    """What the log must remember of a task. ``attempt``: the newest begun; ``worker``: who holds the task, None while
    nobody does."""

    attempt: int = 0
    worker: str | None = None
    ended: bool = False


def admit(guard: TaskGuard | None, event: Event) -> TaskGuard:
    """The guard after the event.

    Raises `TaskExistsError` (a known task is not queued twice), `TaskEndedError` (one ending, nothing after it),
    `StaleAttemptError` (an older or handed-back attempt is refused, and an attempt begins once),
    `TaskNotFoundError` (an event of a task that was never queued).
    """
    if isinstance(event, TaskQueued):
        if guard is not None:
            raise TaskExistsError(event.task_id)
        return TaskGuard()
    if guard is None:
        raise TaskNotFoundError(event.project_id, event.task_id)
    if guard.ended:
        raise TaskEndedError(event.task_id)
    if isinstance(event, CancelRequested):
        return guard
    if isinstance(event, TaskStarted):
        if event.attempt <= guard.attempt:
            raise StaleAttemptError(event.task_id, event.attempt, guard.attempt)
        return TaskGuard(attempt=event.attempt, worker=event.worker)
    if event.attempt != guard.attempt:
        raise StaleAttemptError(event.task_id, event.attempt, guard.attempt)
    if isinstance(event, TaskCancelled | TaskFailed):
        return replace(guard, worker=None, ended=True)
    if guard.worker is None:
        raise StaleAttemptError(event.task_id, event.attempt, guard.attempt)
    if isinstance(event, TaskSucceeded):
        return replace(guard, worker=None, ended=True)
    if isinstance(event, TaskRequeued):
        return replace(guard, worker=None)
    return guard
