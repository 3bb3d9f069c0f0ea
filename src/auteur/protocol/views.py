"""What is read over HTTP, and inside messages: the wire's view of domain values."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote

from pydantic import BaseModel, Field, SerializerFunctionWrapHandler, model_serializer

from auteur.domain.errors import TaskCancelledError
from auteur.domain.state import (
    ENDED_FROM_NEWEST,
    ProjectCounts,
    ProjectState,
    ProjectSummary,
    Shot,
    TaskPage,
    ended_cursor,
    open_cursor,
)
from auteur.domain.task import Artifact, Task, TaskResult

MAX_STATE_BYTES = 192 << 10
"""What the tasks of one `ProjectView` take at most: with all that is around them, a frame stays below 256 KiB."""

_CANCELLED = TaskCancelledError()
ProgressShare = Annotated[float, Field(ge=0, le=1)]
_root_path: ContextVar[str] = ContextVar("root_path", default="")


@contextmanager
def reached_under(root_path: str) -> Iterator[None]:
    """What is rendered inside, and in tasks begun inside, is for a client that reaches the service under this path."""
    token = _root_path.set(root_path)
    try:
        yield
    finally:
        _root_path.reset(token)


def artifact_url(project_id: str, path: str) -> str:
    """Where a client fetches a file of the project: an absolute path on the host that it speaks to."""
    return f"{_root_path.get()}/api/v1/projects/{quote(project_id)}/artifacts/{quote(path)}"


class ArtifactView(BaseModel):
    """A file that a task made. ``path`` is relative to the workspace, ``url`` to the host that was asked."""

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


class ResultView(BaseModel):
    """What a task made, one shape for every engine. ``params`` are effective: send them again, get it again."""

    engine: str
    artifacts: list[ArtifactView]
    params: dict[str, Any]
    seed: int | None
    metrics: dict[str, Any]
    understood: dict[str, Any]

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
        )


class FailureView(BaseModel):
    """Why a task ended badly."""

    code: str
    message: str
    details: dict[str, Any] = Field(default_factory=dict)


class TaskView(BaseModel):
    """A task, wherever it is read."""

    task_id: str
    project_id: str
    task_type: str
    quality: str
    status: Literal["queued", "running", "succeeded", "failed", "cancelled"]
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
            cancel_requested=task.cancel_requested,
            queued_at=task.queued_at,
            started_at=task.started_at,
            ended_at=task.ended_at,
            result=ResultView.of(task.project_id, task.result) if task.result else None,
            error=FailureView(code=failure.code, message=failure.message, details=dict(failure.details))
            if failure
            else FailureView(code=_CANCELLED.code, message=_CANCELLED.message)
            if task.status == "cancelled"
            else None,
        )


class TaskListView(BaseModel):
    """A page of tasks. ``next``: the cursor of the next page, null at the end. ``partial``: the search stopped before
    the page was full; go on with ``next``."""

    tasks: list[TaskView]
    next: str | None
    partial: bool = False

    @model_serializer(mode="wrap")
    def _say_partial_only_where_it_is(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = write(self)
        if not self.partial:
            written.pop("partial", None)
        return written

    @classmethod
    def of(cls, page: TaskPage, next_cursor: str | None) -> Self:
        """The wire's view of a page."""
        return cls(tasks=_views(page), next=next_cursor, partial=page.partial)


class CountsView(BaseModel):
    """How many tasks stand where. ``size_bytes``: what their files take."""

    queued: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    cancelled: int = 0
    size_bytes: int = 0

    @classmethod
    def of(cls, counts: ProjectCounts | ProjectSummary) -> Self:
        """The wire's view of counts."""
        return cls(size_bytes=counts.size_bytes, **{status.value: n for status, n in counts.by_status.items()})


class ProjectView(BaseModel):
    """A project at a position: its open tasks in the order of acceptance, then the newest ended ones, newest first; as
    many as there is room for. ``next``: the cursor for the rest, for `GET …/tasks`; null if this is all."""

    project_id: str
    position: str
    counts: CountsView
    tasks: list[TaskView]
    next: str | None

    @model_serializer(mode="wrap")
    def _always_say_next(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {**write(self), "next": self.next}  # also where what does not apply is left out

    @classmethod
    def of(cls, state: ProjectState, limit_bytes: int = MAX_STATE_BYTES) -> Self:
        """The wire's view of a state, its tasks within the limit."""
        tasks: list[TaskView] = []
        next_cursor: str | None = ENDED_FROM_NEWEST
        for page, cursor in ((state.open, open_cursor), (state.ended, ended_cursor)):
            for view, task in zip(_views(page), page.tasks, strict=True):
                limit_bytes -= len(view.model_dump_json())
                if limit_bytes < 0 and tasks:
                    break
                tasks.append(view)
                next_cursor = cursor(task.queued_seq)
            else:
                if page.next_seq is None:
                    next_cursor = ENDED_FROM_NEWEST if page is state.open else None
                    continue
            break
        return cls(
            project_id=state.project_id,
            position=str(state.position or 0),
            counts=CountsView.of(state.counts),
            tasks=tasks,
            next=next_cursor,
        )


class ShotView(BaseModel):
    """A shot. ``takes``: how many there are; ``last_take``: the highest number given."""

    shot: str
    takes: int
    last_take: int
    circled_task_id: str | None
    circled_take: int | None
    poster: ArtifactView | None

    @classmethod
    def of(cls, project_id: str, shot: Shot) -> Self:
        """The wire's view of a shot."""
        return cls(
            shot=shot.name,
            takes=shot.takes,
            last_take=shot.last_take,
            circled_task_id=shot.circled_task_id,
            circled_take=shot.circled_take,
            poster=ArtifactView.of(project_id, shot.poster) if shot.poster else None,
        )


class ShotListView(BaseModel):
    """A page of shots by name. ``next``: the cursor of the next page, null at the end."""

    shots: list[ShotView]
    next: str | None


class ProjectSummaryView(BaseModel):
    """A project in a list. ``active_at``: when a task was last accepted or ended."""

    project_id: str
    counts: CountsView
    active_at: datetime
    poster: ArtifactView | None

    @classmethod
    def of(cls, summary: ProjectSummary) -> Self:
        """The wire's view of a summary."""
        poster = summary.poster
        return cls(
            project_id=summary.project_id,
            counts=CountsView.of(summary),
            active_at=summary.active_at,
            poster=ArtifactView.of(summary.project_id, poster) if poster else None,
        )


class ProjectListView(BaseModel):
    """A page of projects, the one active last first. ``next``: the cursor of the next page, null at the end."""

    projects: list[ProjectSummaryView]
    next: str | None


class ErrorDetail(BaseModel):
    """What is wrong: a stable code for programs, a sentence for people."""

    code: str
    message: str
    details: dict[str, Any]


class ErrorView(BaseModel):
    """The shape of every HTTP error."""

    error: ErrorDetail
    request_id: str
    timestamp: datetime


def _views(page: TaskPage) -> list[TaskView]:
    return [TaskView.of(task, page.queue_positions.get(task.task_id)) for task in page.tasks]
