"""What is read over HTTP, and inside messages: the wire's view of tasks, of what they made, and of errors."""

from contextlib import ExitStack
from contextvars import ContextVar
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote

from pydantic import Field

from auteur.domain.errors import TaskCancelledError
from auteur.domain.state import Lineage, TaskPage
from auteur.domain.task import Artifact, Routing, RoutingReason, Task, TaskResult
from auteur.protocol.model import ALWAYS_TOLD, Model

OF_LATE: Any = Field(None, exclude_if=lambda value: value is None)
"""What records of before do not know is left out of them, so that they are told as they always were."""
ProgressShare = Annotated[float, Field(ge=0, le=1)]
_root_path: ContextVar[str] = ContextVar("root_path", default="")
reached_at = _root_path.get
"""Under which path it is that whoever is rendered for reaches the service."""


def reached_under(root_path: str) -> ExitStack:
    """What is rendered from now on, and in tasks begun from now on, is for a client that reaches the service under this
    path; until what is returned is left, or, of a task that is one client's, to its end."""
    stack = ExitStack()
    stack.callback(_root_path.reset, _root_path.set(root_path))
    return stack


def artifact_url(project_id: str, path: str) -> str:
    """Where a client fetches a file of the project: an absolute path on the host that it speaks to."""
    return f"{_root_path.get()}/api/v1/projects/{quote(project_id)}/artifacts/{quote(path)}"


class ArtifactView(Model):
    """A file that a task made; the first of a result is the one that was asked for. ``kind``: ``image``, ``video``,
    ``audio``, ``control`` (a control pass), ``data`` or ``file``. ``path`` is relative to the workspace, ``url`` to the
    host that was asked."""

    model_config = ALWAYS_TOLD

    name: str
    kind: str
    url: str
    path: str
    media_type: str
    size_bytes: int
    sha256: str
    width_px: int | None = None
    height_px: int | None = None
    duration_s: float | None = None
    fps: float | None = None

    @classmethod
    def of(cls, project_id: str, artifact: Artifact) -> Self:
        """The wire's view of an artifact."""
        inside = artifact.path.removeprefix(f"{project_id}/")
        return cls(
            name=artifact.name,
            kind=artifact.kind,
            url=artifact_url(project_id, inside),
            path=artifact.path,
            media_type=artifact.media_type,
            size_bytes=artifact.size_bytes,
            sha256=artifact.sha256,
            width_px=artifact.width_px,
            height_px=artifact.height_px,
            duration_s=artifact.duration_s,
            fps=artifact.fps,
        )


class RoutingView(Model):
    """Why just this engine. ``passed_over``: engines that came before it, each with why it was not taken; ``left_out``:
    parameters of the caller's own that it does not take."""

    reason: RoutingReason
    message: str
    passed_over: dict[str, str]
    left_out: list[str]

    @classmethod
    def of(cls, routing: Routing) -> Self:
        """The wire's view of a choice."""
        return cls(
            reason=routing.reason,
            message=routing.words,
            passed_over=dict(routing.passed_over),
            left_out=list(routing.left_out),
        )


class ResultView(Model):
    """What a task made, one shape for every engine. ``params`` are effective: send them again, get it again.
    ``routing``: why this engine made it; null for what was made before there was a choice."""

    engine: str
    artifacts: list[ArtifactView]
    params: dict[str, Any]
    seed: int | None
    metrics: dict[str, Any]
    understood: dict[str, Any]
    routing: RoutingView | None = OF_LATE

    @classmethod
    def of(cls, project_id: str, result: TaskResult) -> Self:
        """The wire's view of a result."""
        return cls(
            engine=result.engine,
            artifacts=[ArtifactView.of(project_id, artifact) for artifact in result.artifacts],
            params=dict(result.params),
            seed=result.seed,
            metrics=dict(result.metrics),
            understood=dict(result.understood),
            routing=RoutingView.of(result.routing) if result.routing else None,
        )


class FailureView(Model):
    """Why a task ended badly."""

    model_config = ALWAYS_TOLD

    code: str
    message: str
    details: dict[str, Any] = Field(default_factory=dict)


class TaskView(Model):
    """A task, wherever it is read. ``notice``: as when it was accepted, that its engine was down or nobody had it."""

    task_id: str
    project_id: str
    task_type: str
    quality: str
    engine: str | None = OF_LATE
    status: Literal["blocked", "queued", "running", "succeeded", "failed", "cancelled"]
    progress: ProgressShare
    stage: str | None
    message: str | None
    preview_url: str | None
    params: dict[str, Any]
    origins: dict[str, str]
    metadata: dict[str, Any]
    shot: str | None
    take: int | None
    favourite: bool
    circled: bool
    attempt: int
    queue_position: int | None
    notice: str | None = OF_LATE
    waits_for: list[str] = Field(description="While it is blocked, the tasks whose outputs it waits for.")
    promoted_from: str | None = Field(description="The task that it was made of; it may be gone.")
    promoted_to: list[str] = Field(description="The newest tasks that were made of it.")
    cancel_requested: bool
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    result: ResultView | None
    error: FailureView | None

    @classmethod
    def of(cls, task: Task, queue_position: int | None = None) -> Self:
        """The wire's view of a task."""
        failure = task.failure
        return cls(
            task_id=task.task_id,
            project_id=task.project_id,
            task_type=task.request.task_type,
            quality=task.request.quality,
            engine=task.request.engine,
            status=task.status.value,
            progress=task.progress,
            stage=task.stage,
            message=task.message,
            preview_url=artifact_url(task.project_id, task.preview) if task.preview else None,
            params=dict(task.request.params),
            origins=dict(task.request.origins),
            metadata=dict(task.metadata),
            shot=task.request.shot,
            take=task.take,
            favourite=task.favourite,
            circled=task.circled,
            attempt=task.attempt,
            queue_position=queue_position,
            notice=task.request.notice,
            waits_for=list(task.waits_for),
            promoted_from=task.request.promoted_from,
            promoted_to=list(task.promoted_to),
            cancel_requested=task.cancel_requested,
            queued_at=task.queued_at,
            started_at=task.started_at,
            ended_at=task.ended_at,
            result=ResultView.of(task.project_id, task.result) if task.result else None,
            error=FailureView(code=failure.code, message=failure.message, details=dict(failure.details))
            if failure
            else FailureView(code=TaskCancelledError().code, message=TaskCancelledError().message)
            if task.status == "cancelled"
            else None,
        )


def task_views(page: TaskPage) -> list[TaskView]:
    """The wire's view of a page's tasks, in its order."""
    return [TaskView.of(task, page.queue_positions.get(task.task_id)) for task in page.tasks]


class TaskListView(Model):
    """A page of tasks. ``next``: the cursor of the next page, null at the end. ``partial``: the search stopped before
    the page was full; go on with ``next``."""

    tasks: list[TaskView]
    next: str | None
    partial: bool = Field(False, exclude_if=lambda partial: not partial)

    @classmethod
    def of(cls, page: TaskPage, next_cursor: str | None) -> Self:
        """The wire's view of a page."""
        return cls(tasks=task_views(page), next=next_cursor, partial=page.partial)


class BatchView(Model):
    """The tasks of a batch in the order of its requests, as they stand, and the ids of those that have a name by it."""

    tasks: list[TaskView]
    names: dict[str, str]


class RelativeView(Model):
    """A take in a lineage: enough to show it, and where the rest is read."""

    task_id: str
    task_type: str
    quality: str
    engine: str | None
    status: str
    shot: str | None
    take: int | None
    seed: int | None
    promoted_from: str | None
    promoted_to: list[str]
    queued_at: datetime
    poster: ArtifactView | None

    @classmethod
    def of(cls, task: Task) -> Self:
        """The wire's view of a take among others."""
        result = task.result
        return cls(
            task_id=task.task_id,
            task_type=task.request.task_type,
            quality=task.request.quality,
            engine=result.engine if result else None,
            status=task.status.value,
            shot=task.request.shot,
            take=task.take,
            seed=result.seed if result else None,
            promoted_from=task.request.promoted_from,
            promoted_to=list(task.promoted_to),
            queued_at=task.queued_at,
            poster=ArtifactView.of(task.project_id, task.poster) if task.poster else None,
        )


class LineageView(Model):
    """The takes that a task was made of, and those that were made of it: the first of all, then what was made of each.
    ``gone``: those that were deleted. ``partial``: there may be more."""

    task_id: str
    tasks: list[RelativeView]
    gone: list[str]
    partial: bool

    @classmethod
    def of(cls, task_id: str, lineage: Lineage) -> Self:
        """The wire's view of a lineage, read from that task."""
        tasks = [RelativeView.of(task) for task in lineage.tasks]
        return cls(task_id=task_id, tasks=tasks, gone=list(lineage.gone), partial=lineage.partial)


class ErrorDetail(Model):
    """What is wrong: a stable code for programs, a sentence for people."""

    code: str
    message: str
    details: dict[str, Any]


class ErrorView(Model):
    """The shape of every HTTP error."""

    error: ErrorDetail
    request_id: str
    timestamp: datetime
