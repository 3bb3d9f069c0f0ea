"""The law of the log: which event may follow, and what it makes of the record.

Every bus keeps one record per task, asks `admit` and writes `record_after`, inside the same atomic step that appends.
That makes "exactly one ending, whoever crashed" true.
"""

from collections.abc import Sequence
from typing import Protocol

from auteur.domain.errors import (
    StaleAttemptError,
    TaskBlockedError,
    TaskDeletedError,
    TaskEndedError,
    TaskExistsError,
    TaskNotBlockedError,
    TaskNotFoundError,
    TaskOpenError,
)
from auteur.domain.events import (
    Beginning,
    CancelRequested,
    Event,
    ProjectDeleted,
    TakeCircled,
    TaskCancelled,
    TaskDeleted,
    TaskFailed,
    TaskImported,
    TaskMarked,
    TaskPromoted,
    TaskStarted,
    TaskUnblocked,
)
from auteur.domain.task import Task


class Guarded(Protocol):
    """What `admit` must know of a record: the newest attempt begun, who holds the task, whether it waits for other
    tasks, whether it has its ending."""

    @property
    def attempt(self) -> int: ...

    @property
    def worker(self) -> str | None: ...

    @property
    def blocked(self) -> bool: ...

    @property
    def ended(self) -> bool: ...


def admit(record: Guarded | None, event: Event, *, deleted: bool = False) -> None:
    """Returns if the event may follow. ``deleted``: the task had a record, which was deleted.

    Raises `TaskExistsError` (a known task is not queued twice), `TaskEndedError` (one ending, nothing made after it),
    `StaleAttemptError` (an older or handed-back attempt is refused, and an attempt begins once),
    `TaskBlockedError` (a blocked task is not begun), `TaskNotBlockedError` (a task is unblocked once),
    `TaskNotFoundError` (an event of a task that was never queued), `TaskDeletedError` (nothing of a deleted task may
    follow, and its id is used), `TaskOpenError` (only what has ended is deleted). Whether the project was deleted, or
    may be, is known to the bus alone.
    """
    if isinstance(event, ProjectDeleted):
        return
    if deleted:
        raise TaskDeletedError(event.project_id, event.task_id)
    if isinstance(event, Beginning):
        if record is not None:
            raise TaskExistsError(event.task_id)
        return
    if record is None:
        raise TaskNotFoundError(event.project_id, event.task_id)
    if isinstance(event, TaskMarked | TakeCircled | TaskPromoted):
        return
    if isinstance(event, TaskDeleted):
        if not record.ended:
            raise TaskOpenError(event.task_id)
        return
    if record.ended:
        raise TaskEndedError(event.task_id)
    if isinstance(event, CancelRequested):
        return
    if isinstance(event, TaskUnblocked):
        if not record.blocked:
            raise TaskNotBlockedError(event.task_id)
        return
    if isinstance(event, TaskStarted):
        if record.blocked:
            raise TaskBlockedError(event.task_id)
        if event.attempt <= record.attempt:
            raise StaleAttemptError(event.task_id, event.attempt, record.attempt)
        return
    if event.attempt != record.attempt:
        raise StaleAttemptError(event.task_id, event.attempt, record.attempt)
    if record.worker is None and not isinstance(event, TaskCancelled | TaskFailed):
        raise StaleAttemptError(event.task_id, event.attempt, record.attempt)


def check_together(events: Sequence[Event]) -> None:
    """Returns if the events may be appended together: of one project, each of another task. Raises `ValueError`."""
    if len({event.project_id for event in events}) > 1:
        raise ValueError("events of several projects")
    if any(isinstance(event, ProjectDeleted) for event in events):
        raise ValueError("nothing is appended together with the end of its project")
    if len({getattr(event, "task_id", None) for event in events}) < len(events):
        raise ValueError("several events of one task")


def take_after(event: Beginning, last: int) -> int:
    """The number of the event's task among the takes of its shot, given the last number there or 0; an imported task
    keeps its own where that is still free. On Redis `publish.lua` says the same."""
    own = event.task.take if isinstance(event, TaskImported) else None
    return own if own is not None and own > last else last + 1


def record_after(record: Task | None, event: Event, seq: int) -> Task | None:
    """The record after an admitted event; None when there is none any more."""
    if isinstance(event, Beginning):
        return event.record(seq)
    if isinstance(event, TaskDeleted | ProjectDeleted):
        return None
    assert record is not None
    return record.after(event)
