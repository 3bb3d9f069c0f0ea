"""What can happen to a task. Past tense, one page; the order of a life is

queued -> started -> progressed* -> succeeded | failed | cancelled

with started again for every further attempt, requeued when a worker hands back, and a cancel request at any time. A
task that waits for outputs of other tasks is unblocked before it starts. An event changes exactly one task, and says
itself what it sets there (`changes`); what is made may be marked, circled and deleted afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Self

from auteur.domain.errors import InvalidRequestError
from auteur.domain.signing import TaskWebhook
from auteur.domain.task import Failure, Task, TaskRequest, TaskResult, TaskStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectEvent:
    """What all have in common. ``at`` is aware UTC; ``metadata`` is the caller's own, on every event of the task."""

    project_id: str
    at: datetime
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent(ProjectEvent):
    """What happens to one task."""

    task_id: str

    def changes(self) -> Mapping[str, Any]:
        """The fields of the record that it sets."""
        return {}

    def counts(self) -> str | None:
        """The field of the record that grows by one."""
        return None

    def adds(self) -> str | None:
        """The task that is added to those that were made of it."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskQueued(TaskEvent):
    """The task was accepted; blocked, where its request says what it waits for. ``take``: given by the log as it
    appends. ``webhook``: who shall hear of its ending; kept beside the log in the step that appends, and not in it:
    what is read from the log is without."""

    request: TaskRequest
    take: int | None = None
    webhook: TaskWebhook | None = None

    def record(self, seq: int) -> Task:
        """The record that begins with it."""
        return Task(
            task_id=self.task_id,
            project_id=self.project_id,
            request=self.request,
            metadata=self.metadata,
            status=TaskStatus.BLOCKED if self.request.waits_for else TaskStatus.QUEUED,
            queued_at=self.at,
            queued_seq=seq,
            take=self.take,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskUnblocked(TaskEvent):
    """The last output that a blocked task waited for is there: it waits for a worker now."""

    def changes(self) -> Mapping[str, Any]:
        return {"status": TaskStatus.QUEUED}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskImported(TaskEvent):
    """A task that was made elsewhere, or before the log was lost, is known again. ``task``: its record then."""

    task: Task
    take: int | None = None

    def record(self, seq: int) -> Task:
        """The record that begins with it: as it was, at its new place."""
        return replace(self.task, queued_seq=seq, take=self.take, circled=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStarted(TaskEvent):
    """A worker began an attempt. ``worker`` names the process; ``eta_s`` is the engine's first guess."""

    attempt: int
    worker: str
    eta_s: float | None = None

    def changes(self) -> Mapping[str, Any]:
        return {
            "status": TaskStatus.RUNNING,
            "attempt": self.attempt,
            "worker": self.worker,
            "started_at": self.at,
            "progress": 0.0,
            "stage": None,
            "message": None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskProgressed(TaskEvent):
    """The attempt got further. ``progress``: 0.0 to 1.0, ascending within an attempt; ``preview``: path in project."""

    attempt: int
    progress: float
    stage: str | None = None
    message: str | None = None
    preview: str | None = None
    eta_s: float | None = None

    def changes(self) -> Mapping[str, Any]:
        said = {"progress": self.progress, "stage": self.stage, "message": self.message}
        return {**said, "preview": self.preview} if self.preview else said


_NOT_AT_WORK: Mapping[str, None] = dict.fromkeys(("worker", "stage", "message", "preview"))
"""What a record no longer says when an attempt is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRequeued(TaskEvent):
    """The attempt was given up in good order and the task waits again.

    ``reason``: ``retry`` counts against the attempts; ``shutdown``, ``no_room``, a workspace that cannot be written,
    and ``engine_down`` do not.
    """

    attempt: int
    reason: Literal["shutdown", "retry", "no_room", "engine_down"]

    def changes(self) -> Mapping[str, Any]:
        return {"status": TaskStatus.QUEUED, "progress": 0.0, **_NOT_AT_WORK}

    def counts(self) -> str | None:
        return None if self.reason == "retry" else "handed_back"


def _ending(status: TaskStatus, at: datetime, **changes: Any) -> Mapping[str, Any]:
    return {"status": status, "ended_at": at, **_NOT_AT_WORK, **changes}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSucceeded(TaskEvent):
    """An ending: the attempt made its result. ``duration_s`` counts the winning attempt's running."""

    attempt: int
    result: TaskResult
    duration_s: float

    def changes(self) -> Mapping[str, Any]:
        return _ending(TaskStatus.SUCCEEDED, self.at, progress=1.0, result=self.result)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFailed(TaskEvent):
    """An ending: it could not be made."""

    attempt: int
    failure: Failure

    def changes(self) -> Mapping[str, Any]:
        return _ending(TaskStatus.FAILED, self.at, failure=self.failure)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequested(TaskEvent):
    """Somebody asked for the task to stop; its ending follows."""

    def changes(self) -> Mapping[str, Any]:
        return {"cancel_requested": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelled(TaskEvent):
    """An ending: it was stopped because somebody asked."""

    attempt: int

    def changes(self) -> Mapping[str, Any]:
        return _ending(TaskStatus.CANCELLED, self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskMarked(TaskEvent):
    """Somebody made it a favourite, or no favourite any more."""

    favourite: bool

    def changes(self) -> Mapping[str, Any]:
        return {"favourite": self.favourite}


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeCircled(TaskEvent):
    """Somebody chose this take of its shot, and so no other; or chose it no longer."""

    shot: str
    take: int | None
    circled: bool

    def changes(self) -> Mapping[str, Any]:
        return {"circled": self.circled}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPromoted(TaskEvent):
    """Another task was made of it: the same shot at another quality, or by another engine. ``promoted_to``: that one,
    whose request says ``promoted_from``."""

    promoted_to: str

    def adds(self) -> str | None:
        return self.promoted_to


DeletionReason = Literal["asked", "age", "count", "bytes"]
"""Why something goes: somebody asked, or a retention setting says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDeleted(TaskEvent):
    """The record and the files of an ended task go; its id stays used."""

    reason: DeletionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDeleted(ProjectEvent):
    """All of the project goes, and nothing of it may follow. The last event of its log."""

    reason: DeletionReason = "asked"


Beginning = TaskQueued | TaskImported
"""What makes a record."""
Ending = TaskSucceeded | TaskFailed | TaskCancelled
"""After it nothing more is made of the task; it may be marked, circled and deleted."""
Event = (
    TaskQueued
    | TaskUnblocked
    | TaskImported
    | TaskStarted
    | TaskProgressed
    | TaskRequeued
    | TaskSucceeded
    | TaskFailed
    | CancelRequested
    | TaskCancelled
    | TaskMarked
    | TakeCircled
    | TaskPromoted
    | TaskDeleted
    | ProjectDeleted
)


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
        if (
            not (dash and epoch.isalnum() and epoch.isascii() and seq.isdecimal() and seq.isascii())
            or len(text) > 64
            or len(seq) > 15
        ):
            raise InvalidRequestError("A position is what the service sent as `position`, or 0.", position=text[:64])
        return cls(epoch, int(seq))


class RecordedEvent:
    """An event with its place in the log; a value. Logs have their own kind, that decodes the event when it is asked
    for. ``waiting``, for who has just recorded an ending: how many tasks of the project wait then, for a worker or for
    others; None where the log did not say."""

    __slots__ = ("_event", "position", "waiting")

    def __init__(self, position: Position, event: Event | None, waiting: int | None = None) -> None:
        self.position = position
        self.waiting = waiting
        self._event = event

    @property
    def event(self) -> Event:
        """What happened."""
        assert self._event is not None
        return self._event

    @property
    def is_last(self) -> bool:
        """Whether nothing can follow: the project was deleted."""
        return isinstance(self.event, ProjectDeleted)

    @property
    def text(self) -> str | None:
        """As clients hear it, ``""`` if they do not; None where that was not kept with it."""
        return None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RecordedEvent):
            return NotImplemented
        return self.position == other.position and self.event == other.event

    def __hash__(self) -> int:
        return hash(self.position)

    def __repr__(self) -> str:
        return f"RecordedEvent(position={self.position!r}, event={self.event!r})"


@dataclass(frozen=True, slots=True)
class ToldPage:
    """Events that follow each other from ``first`` on, each as clients hear it where that was kept with it, ``""`` if
    they do not hear it; else the event itself. ``is_last``: nothing can follow."""

    first: Position
    told: Sequence[str | RecordedEvent]
    is_last: bool

    @property
    def position(self) -> Position:
        """Where it ends."""
        return Position(self.first.epoch, self.first.seq + len(self.told) - 1)
