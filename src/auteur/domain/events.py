"""What can happen to a task. Past tense, one page; the order of a life is

queued -> started -> progressed* -> succeeded | failed | cancelled

with started again for every further attempt, requeued when a worker hands back, and a cancel request at any time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self

from auteur.domain.errors import InvalidRequestError
from auteur.domain.task import Failure, TaskRequest, TaskResult


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent:
    """What all have in common. ``at`` is aware UTC; ``metadata`` is the caller's own, on every event of the task."""

    project_id: str
    task_id: str
    at: datetime
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskQueued(TaskEvent):
    """The task was accepted."""

    request: TaskRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStarted(TaskEvent):
    """A worker began an attempt. ``worker`` names the process; ``eta_s`` is the engine's first guess."""

    attempt: int
    worker: str
    eta_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskProgressed(TaskEvent):
    """The attempt got further. ``progress``: 0.0 to 1.0, ascending within an attempt; ``preview``: path in project."""

    attempt: int
    progress: float
    stage: str | None = None
    message: str | None = None
    preview: str | None = None
    eta_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRequeued(TaskEvent):
    """The attempt was given up in good order and the task waits again.

    ``reason``: ``shutdown`` does not count against the attempts, ``retry`` does.
    """

    attempt: int
    reason: Literal["shutdown", "retry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSucceeded(TaskEvent):
    """An ending: the attempt made its result. ``duration_s`` counts the winning attempt's running."""

    attempt: int
    result: TaskResult
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFailed(TaskEvent):
    """An ending: it could not be made."""

    attempt: int
    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequested(TaskEvent):
    """Somebody asked for the task to stop; its ending follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelled(TaskEvent):
    """An ending: it was stopped because somebody asked."""

    attempt: int


Event = (
    TaskQueued
    | TaskStarted
    | TaskProgressed
    | TaskRequeued
    | TaskSucceeded
    | TaskFailed
    | CancelRequested
    | TaskCancelled
)
Ending = TaskSucceeded | TaskFailed | TaskCancelled
"""What nothing may follow."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in one project's log: after the event ``seq`` of ``epoch``. Opaque to clients.

    ``epoch`` changes when the log was lost and began again; ``seq`` 0 stands before the first event.
    """

    epoch: str
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.seq}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Reads what `str` wrote; ``"0"`` is None, from the oldest event kept. Raises `InvalidRequestError`."""
        if text == "0":
            return None
        epoch, dash, seq = text.rpartition("-")
        if not (dash and epoch.isalnum() and epoch.isascii() and seq.isdecimal() and seq.isascii()) or len(text) > 64:
            raise InvalidRequestError("A position is what the service sent as `position`, or 0.", position=text[:64])
        return cls(epoch, int(seq))


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event with its place in the log."""

    position: Position
    event: Event
