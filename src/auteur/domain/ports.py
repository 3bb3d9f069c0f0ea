"""The doors of the hexagon. What is written on a port is law for every adapter behind it."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from auteur.domain.events import Event, Position, RecordedEvent
from auteur.domain.project import ProjectState
from auteur.domain.task import Artifact, Task, TaskType

Clock = Callable[[], datetime]
"""Now, as aware UTC."""

NewId = Callable[[], str]
"""A fresh UUID as text, never the same twice."""


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that the log knows without an ending. ``attempt``: the newest begun; ``worker``: who holds it."""

    project_id: str
    task_id: str
    attempt: int
    worker: str | None


class ProgressBus(Protocol):
    """One ordered log per project, and its live notice.

    Order: each project's events have seq 1, 2, 3 … without holes; every reader sees the same event at the same
    position. Projects are independent of each other.
    """

    async def publish(self, event: Event) -> RecordedEvent:
        """Appends the event with the next seq and shows it to all live subscribers, in every process, as one act.

        Once this returns, the event survives a kill of this process (adapters that keep nothing say so).
        Raises `TaskExistsError`, `TaskEndedError`, `StaleAttemptError`, `TaskNotFoundError` (see `guard.admit`);
        then nothing was appended. Raises `BusUnavailableError`; then it may or may not have been appended, and
        publishing it again is safe because of the guards.
        """
        ...

    def subscribe(self, project_id: str, after: Position | None) -> AsyncGenerator[RecordedEvent, None]:
        """Every event after the position, ascending, each once, across processes and reconnections; never ends.
        While the log cannot be reached it waits.

        ``after`` None: from the oldest event kept. A reader that is slow costs no memory and delays nobody: what it
        has not yet taken stays in the log. Close the iterator (``aclosing``) to unsubscribe.
        Raises `HistoryLostError` as soon as the next event cannot be had: trimmed, or the position is ahead of the
        log or of another epoch.
        """
        ...

    async def history(self, project_id: str, after: Position | None, limit: int) -> Sequence[RecordedEvent]:
        """Up to ``limit`` events after the position, ascending. Raises `HistoryLostError` as `subscribe`, and
        `BusUnavailableError`."""
        ...

    async def projects(self) -> Sequence[str]:
        """The ids of all projects that have a log, sorted. A project is listed as soon as its first event is."""
        ...

    async def unfinished(self) -> Sequence[OpenTask]:
        """All tasks without an ending, in every project. Raises `BusUnavailableError`."""
        ...

    async def check(self) -> None:
        """Returns if the log can be read now. Raises `BusUnavailableError`."""
        ...


class StateStore(Protocol):
    """Snapshots of the fold, so that nobody needs to read a log from its beginning. A cache: the log is the truth."""

    async def load(self, project_id: str) -> ProjectState | None:
        """The newest snapshot saved, None if there is none."""
        ...

    async def save(self, state: ProjectState) -> None:
        """Keeps the snapshot unless a newer one of the same epoch is kept already: newest seq wins, in any order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A process that is at work. ``slots``: how many tasks it runs at a time, 0 if it runs none."""

    name: str
    since: datetime
    lanes: tuple[str, ...] = ()
    task_types: tuple[str, ...] = ()
    slots: int = 0

    def takes(self, lane: str, task_type: str) -> bool:
        """Whether it runs such tasks."""
        return self.slots > 0 and lane in self.lanes and task_type in self.task_types


class WorkerRegistry(Protocol):
    """Who is at work."""

    async def workers(self) -> Sequence[Worker]:
        """Everybody who is present, sorted by name. Raises `BusUnavailableError`."""
        ...

    async def is_leader(self) -> bool:
        """Whether this process, as the one that has been here longest, does the chores for which one is enough.

        Sometimes two do, or nobody, for a while.
        Raises `BusUnavailableError`.
        """
        ...

    async def expired(self, workers: Collection[str]) -> Collection[str]:
        """Those of the workers that are gone for sure: dead, frozen or cut off for longer than their lease.

        A worker is named in doubt as present. Raises `BusUnavailableError`.
        """
        ...


class TaskQueue(Protocol):
    """Gives tasks to executors."""

    async def enqueue(self, task: Task) -> None:
        """Has the task run by `Executor.run`, at least once, by its lane, fair between projects.

        A task that has a worker is enqueued only by who knows that this worker is gone; it is then taken over from this
        worker and from no other. Enqueuing a task that already waits or runs here changes nothing.
        Raises `ShuttingDownError`, and `UnavailableError` where the queue is elsewhere.
        """
        ...

    async def ahead(self, lane: str) -> int | None:
        """How many tasks of one project and lane it wants to hold at a time, running ones included; None: all.

        A queue that serves in order of arrival is fair between projects only if none of them fills it.
        """
        ...

    async def depth(self) -> int:
        """How many tasks wait, over all projects and lanes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A file that a handler has written into its context's directory as ``name`` + `DRAFT_SUFFIX`.

    It gets its final name, size and digest when the attempt wins.
    """

    name: str
    kind: str
    media_type: str
    width_px: int | None = None
    height_px: int | None = None
    duration_s: float | None = None
    fps: float | None = None


DRAFT_SUFFIX = ".partial"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlerResult:
    """What a handler returns: its drafts, and what a person or a repeat needs to know."""

    drafts: tuple[Draft, ...]
    metrics: Mapping[str, Any] = field(default_factory=dict)
    understood: Mapping[str, Any] = field(default_factory=dict)


class TaskContext(Protocol):
    """What a handler may use while it runs one attempt."""

    @property
    def directory(self) -> Path:
        """An empty directory of this attempt's own, absolute."""
        ...

    def report(
        self,
        progress: float,
        *,
        stage: str | None = None,
        message: str | None = None,
        preview: str | None = None,
    ) -> None:
        """Says how far the work is, 0.0 to 1.0; returns at once, as often as the handler likes.

        Reports are thinned on their way; a smaller value than the last is raised to it. ``preview`` names a finished
        image in the context's directory.
        """
        ...


class TaskHandler(Protocol):
    """An engine: turns parameters into files. Stateless between tasks as far as a caller can tell.

    The same effective parameters give the same result.
    """

    @property
    def task_types(self) -> Sequence[TaskType]:
        """What this engine makes."""
        ...

    def check(self, task_type: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the caller gave, validated, under canonical names, nothing added. Raises `InvalidParamsError`."""
        ...

    async def prepare(
        self, task_type: str, project_id: str, params: Mapping[str, Any], origins: Mapping[str, str]
    ) -> Mapping[str, Any]:
        """The effective parameters: defaults filled in, seed drawn, inputs found; plain JSON data.

        ``params``: checked and joined with the preset; ``origins``: ``caller`` or ``preset`` for each. Given its own
        answer again, it answers the same. Raises `InvalidParamsError`.
        """
        ...

    def estimate_s(self, task_type: str, params: Mapping[str, Any]) -> float | None:
        """A guess of the running time in seconds for effective parameters, None where none can be made."""
        ...

    async def run(self, task: Task, context: TaskContext) -> HandlerResult:
        """Does the work of one attempt.

        Never blocks the event loop. On cancellation it stops the real work and raises CancelledError within the
        cancel grace. Raises `HandlerError` with words fit for the user.
        """
        ...


class ArtifactStore(Protocol):
    """Files by project, task and attempt. A file is there whole under its final name, or not at all."""

    async def begin(self, project_id: str, task_id: str, attempt: int) -> Path:
        """Makes the attempt's empty directory. Raises `UnavailableError` when the workspace cannot be written."""
        ...

    async def commit(
        self, project_id: str, task_id: str, attempt: int, drafts: Sequence[Draft]
    ) -> tuple[Artifact, ...]:
        """Syncs the drafts to disk, gives them their final names, measures them.

        Raises `UnavailableError` when the workspace cannot be written.
        """
        ...

    async def discard(self, project_id: str, task_id: str, attempt: int) -> None:
        """Removes all that the attempt left. Harmless when there is nothing."""
        ...

    async def locate(self, project_id: str, path: str) -> Path:
        """The absolute path of a finished file, given its path in the project; never outside the project.

        Raises `ArtifactNotFoundError`.
        """
        ...

    async def receive(self, project_id: str, chunks: AsyncIterator[bytes], suffix: str) -> str:
        """Keeps an uploaded file whole under a name of its own; returns its path in the project.

        ``suffix``: the file's extension with the dot. If the chunks break off with an error, nothing is kept.
        """
        ...

    async def check(self) -> None:
        """Returns if the workspace can be written. Raises `UnavailableError`."""
        ...
