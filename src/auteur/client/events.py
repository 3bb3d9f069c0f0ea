"""What is told of a project, as it happens: one class a message. ``data`` is the message itself, whole.

An event is of the project's log if it has a ``position``: each is told once, in order, over any number of connections.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from auteur.client.decoding import decode
from auteur.client.models import Failure, Json, Project, Result, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What all have in common, and what is made of a message that this client does not know yet."""

    type: str
    id: str
    project_id: str
    timestamp: datetime
    position: str | None = None
    task_id: str | None = None
    data: Json = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected(Event):
    """The first of a subscription. Where ``state`` is there it replaces all that was known: at the beginning, and
    again, with ``lost`` true, when the service could not honour the position, so that events were missed.

    Where the position was honoured ``recovered`` is true, and all that was missed follows.
    """

    recovered: bool = False
    state: Project | None = None
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStarted(Event):
    """The task was accepted and waits."""

    task_id: str = ""
    reply_to: str = ""
    task_type: str = ""
    quality: str = ""
    engine: str | None = None
    params: Json = field(default_factory=dict)
    origins: Json = field(default_factory=dict)
    queue_position: int = 0
    shot: str | None = None
    take: int | None = None
    notice: str | None = None
    waits_for: tuple[str, ...] = ()
    promoted_from: str | None = None
    metadata: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress(Event):
    """How far the task is. ``eta_s``: seconds that are left, as the engine thinks."""

    task_id: str = ""
    progress: float = 0.0
    attempt: int = 0
    message: str | None = None
    preview_url: str | None = None
    stage: str | None = None
    eta_s: float | None = None
    metadata: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete(Event):
    """An ending: the result is there. ``duration``: seconds of running."""

    task_id: str = ""
    result: Result
    duration: float = 0.0
    metadata: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Event):
    """The other ending (``error`` on the wire). ``error_code`` ``TASK_CANCELLED``: somebody asked for it."""

    task_id: str = ""
    error_code: str = ""
    message: str = ""
    details: Json = field(default_factory=dict)
    metadata: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskMarked(Event):
    """Somebody marked the task, or took a mark back; None stays as it was."""

    task_id: str = ""
    favourite: bool | None = None
    circled: bool | None = None
    shot: str | None = None
    take: int | None = None
    metadata: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPromoted(Event):
    """Another task, ``promoted_to``, was made of it."""

    task_id: str = ""
    promoted_to: str = ""
    metadata: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDeleted(Event):
    """The task is gone. ``reason``: ``asked``, or the rule: ``age``, ``count``, ``bytes``."""

    task_id: str = ""
    reason: str = ""
    metadata: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskImported(Event):
    """A task that was made before is known again."""

    task_id: str = ""
    task: Task
    metadata: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePlace:
    """Where a waiting task stands: ``queue_position`` 1 is next. ``starts_in_s``: in how many seconds from then it
    starts, about; None where nobody can say."""

    task_id: str
    queue_position: int
    starts_in_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue(Event):
    """Places in the queue that changed, of ``waiting`` tasks in all. It is no event of the log, and has no position."""

    waiting: int = 0
    tasks: tuple[QueuePlace, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDeleted(Event):
    """The project is gone; nothing of it follows."""


KINDS: Mapping[str, type[Event]] = {
    "connected": Connected,
    "task_started": TaskStarted,
    "progress": Progress,
    "complete": Complete,
    "error": Failed,
    "task_marked": TaskMarked,
    "task_promoted": TaskPromoted,
    "task_deleted": TaskDeleted,
    "task_imported": TaskImported,
    "project_deleted": ProjectDeleted,
    "queue": Queue,
}


def event_of(message: Mapping[str, Any], **more: Any) -> Event:
    """The message as an event; of a type that this client does not know, an `Event` alone. Raises `NotAuteurError`."""
    kind = KINDS.get(str(message.get("type")), Event)
    return decode(kind, {**message, "data": message, **more})


def is_ending(event: Event) -> bool:
    """Whether it ends its task."""
    return isinstance(event, Complete | Failed) and bool(event.task_id)


def ending_of(task: Task) -> Event | None:
    """What would have told of the task's ending, for who was not there; None while it is open. It has no position."""
    if task.is_open:
        return None
    common: dict[str, Any] = {
        "id": f"ending:{task.task_id}",
        "project_id": task.project_id,
        "timestamp": task.ended_at or task.queued_at,
        "task_id": task.task_id,
        "metadata": task.metadata,
    }
    if task.result is not None and task.status == "succeeded":
        began = task.started_at or task.queued_at
        took_s = ((task.ended_at or began) - began).total_seconds()
        return Complete(type="complete", result=task.result, duration=took_s, **common)
    failure = task.error or Failure(code="TASK_FAILED", message="The task failed.")
    return Failed(
        type="error", error_code=failure.code, message=failure.message, details=failure.details, **common
    )  # fmt: skip
