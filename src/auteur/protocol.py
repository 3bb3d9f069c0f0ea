"""The wire: every message that a client may say or hear, and the one translation each way.

What a client says is strict: unknown fields are refused by name. What it hears may grow: a client must ignore fields it
does not know. Frames are JSON text; times are ISO 8601 in UTC; the socket, SSE and HTTP share these shapes.
"""

import math
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from pydantic_core import from_json, to_json

from auteur.domain.commands import StartGeneration
from auteur.domain.errors import AuteurError, InvalidMessageError, TaskCancelledError
from auteur.domain.events import (
    CancelRequested,
    RecordedEvent,
    TaskCancelled,
    TaskFailed,
    TaskProgressed,
    TaskQueued,
    TaskRequeued,
    TaskStarted,
    TaskSucceeded,
)
from auteur.domain.project import ProjectState
from auteur.domain.task import Artifact, Task, TaskResult

PROTOCOL_VERSION = 1
MAX_JSON_DEPTH = 32
MAX_METADATA_BYTES = 4096
MAX_PARAMS_BYTES = 48 * 1024

_CANCELLED = TaskCancelledError()
_MESSAGE_IDS = uuid.UUID("0f7c2b0e-8f0b-4a38-9d1c-0b3e2f6d7a55")

ProgressShare = Annotated[float, Field(ge=0, le=1)]
MetadataValue = str | int | float | bool | None


# --- said by clients -----------------------------------------------------------------------------------------------


class ClientMessage(BaseModel):
    """What all have in common. ``id`` is drawn by the service when absent."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)

    id: uuid.UUID = Field(default_factory=uuid.uuid4, strict=False)
    project_id: str | None = Field(None, description="If present, the project of the path.")
    timestamp: datetime | None = Field(None, strict=False)


class GenerationRequest(BaseModel):
    """The body of a request for a task, as HTTP takes it and as `StartGenerationMessage` carries it."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)

    task_type: str = Field(min_length=1, max_length=128, examples=["text_to_image"])
    params: dict[str, Any] = Field(examples=[{"prompt": "wide shot of a lighthouse at dusk"}])
    quality: str | None = Field(None, max_length=64, examples=["draft"])
    metadata: dict[str, MetadataValue] = Field(default_factory=dict, description="Flat; comes back on every event.")

    @field_validator("metadata")
    @classmethod
    def _metadata_is_small(cls, value: dict[str, MetadataValue]) -> dict[str, MetadataValue]:
        if len(to_json(value)) > MAX_METADATA_BYTES:
            raise ValueError(f"is larger than {MAX_METADATA_BYTES} bytes")
        return value

    @field_validator("params")
    @classmethod
    def _params_are_small(cls, value: dict[str, Any]) -> dict[str, Any]:
        if len(to_json(value)) > MAX_PARAMS_BYTES:
            raise ValueError(f"are larger than {MAX_PARAMS_BYTES} bytes")
        return value

    def command(self, project_id: str, message_id: str, request_id: str | None) -> StartGeneration:
        """The command that this request asks for."""
        return StartGeneration(
            project_id=project_id,
            task_type=self.task_type,
            params=self.params,
            quality=self.quality,
            metadata=self.metadata,
            message_id=message_id,
            request_id=request_id,
        )


class StartGenerationMessage(ClientMessage, GenerationRequest):
    """Asks for a task. ``id`` is the idempotency key: the same id and body again is the same task."""

    type: Literal["start_generation"]


class CancelMessage(ClientMessage):
    """Asks for a task to stop."""

    type: Literal["cancel"]
    task_id: str = Field(min_length=1, max_length=64)


class PingMessage(ClientMessage):
    """Asks for a `PongMessage`."""

    type: Literal["ping"]


AnyClientMessage = Annotated[StartGenerationMessage | CancelMessage | PingMessage, Field(discriminator="type")]
_CLIENT: TypeAdapter[StartGenerationMessage | CancelMessage | PingMessage] = TypeAdapter(AnyClientMessage)


def parse(data: Any, project_id: str) -> StartGenerationMessage | CancelMessage | PingMessage:
    """The message that the JSON of a text frame says. Raises `InvalidMessageError` naming what is wrong, never
    repeating it."""
    if not isinstance(data, dict):
        raise InvalidMessageError("A message is a JSON object with a `type`.")
    try:
        message = _CLIENT.validate_python(data)
    except ValidationError as error:
        raise InvalidMessageError("The message cannot be used.", problems=problems_of(error)) from None
    if message.project_id is not None and message.project_id != project_id:
        raise InvalidMessageError("`project_id` is not the project of this connection.")
    return message


def message_id_of(data: Any) -> str | None:
    """The ``id`` of what may be no message, if it has one that can be answered."""
    try:
        return str(uuid.UUID(data["id"])) if isinstance(data, dict) else None
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def read_json(text: str | bytes) -> Any:
    """JSON without NaN, infinities, lone surrogates or more than `MAX_JSON_DEPTH` levels. Raises
    `InvalidMessageError`."""
    try:
        data = from_json(text, allow_inf_nan=False, cache_strings="none")
    except ValueError:
        raise InvalidMessageError("This is not JSON.") from None
    level: list[Any] = [data]
    for _ in range(MAX_JSON_DEPTH + 1):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
            elif isinstance(value, float) and not math.isfinite(value):
                raise InvalidMessageError("A number is too large.")
        if not below:
            return data
        level = below
    raise InvalidMessageError(f"The JSON is nested deeper than {MAX_JSON_DEPTH} levels.")


def problems_of(error: ValidationError) -> list[dict[str, str]]:
    """What a model refused, as ``{"field", "message"}`` each, without the caller's values."""
    tags = {"start_generation", "cancel", "ping"}
    return [
        {
            "field": ".".join(str(part) for part in problem["loc"] if part not in tags) or "type",
            "message": problem["msg"],
        }
        for problem in error.errors(include_url=False, include_context=False, include_input=False)
    ][:20]


# --- heard by clients ----------------------------------------------------------------------------------------------


class ArtifactView(BaseModel):
    """A file that a task made. ``path`` is relative to the workspace, ``url`` to this service."""

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
    attempt: int
    queue_position: int | None
    cancel_requested: bool
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    result: ResultView | None
    error: FailureView | None

    @classmethod
    def of(cls, task: Task, queue_position: int | None) -> Self:
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
    """A page of tasks, newest first. ``next``: the cursor of the next page, null at the end."""

    tasks: list[TaskView]
    next: str | None


class ProjectView(BaseModel):
    """A project's state at a position."""

    project_id: str
    position: str
    tasks: list[TaskView]

    @classmethod
    def of(cls, state: ProjectState) -> Self:
        """The wire's view of a state."""
        places = {task.task_id: place for place, task in enumerate(state.waiting, 1)}
        return cls(
            project_id=state.project_id,
            position=str(state.position or 0),
            tasks=[TaskView.of(task, places.get(task.task_id)) for task in state.tasks.values()],
        )


class ServerMessage(BaseModel):
    """What all have in common. ``position`` is there when the message comes from the project's log."""

    id: str
    project_id: str
    timestamp: datetime
    position: str | None = None


class ConnectedMessage(ServerMessage):
    """The first message, and again when history was lost: then ``state`` replaces all that the client knew.

    ``recovered``: everything after the client's position follows, and ``state`` is left out.
    """

    type: Literal["connected"] = "connected"
    recovered: bool
    protocol: int = PROTOCOL_VERSION
    state: ProjectView | None = None


class TaskStartedMessage(ServerMessage):
    """The task was accepted and waits. ``reply_to``: the id of the message that asked for it. ``notice``: that no
    worker for it was at work then."""

    type: Literal["task_started"] = "task_started"
    task_id: str
    reply_to: str
    task_type: str
    quality: str
    params: dict[str, Any]
    origins: dict[str, str]
    queue_position: int
    notice: str | None = None
    metadata: dict[str, Any]


class ProgressMessage(ServerMessage):
    """How far the task is. ``progress`` 0.0 says that a worker started it or, with stage ``queued``, that it waits
    again."""

    type: Literal["progress"] = "progress"
    task_id: str
    progress: ProgressShare
    attempt: int
    message: str | None = None
    preview_url: str | None = None
    stage: str | None = None
    eta_s: float | None = None
    metadata: dict[str, Any]


class CompleteMessage(ServerMessage):
    """An ending: the result is there. ``duration``: seconds of running."""

    type: Literal["complete"] = "complete"
    task_id: str
    result: ResultView
    duration: float
    metadata: dict[str, Any]


class ErrorMessage(ServerMessage):
    """With ``task_id``: the other ending. Without: an answer to a message that could not be used."""

    type: Literal["error"] = "error"
    task_id: str | None = None
    reply_to: str | None = None
    error_code: str
    message: str
    details: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None


class PongMessage(ServerMessage):
    """The answer to `PingMessage`."""

    type: Literal["pong"] = "pong"
    reply_to: str


AnyServerMessage = (
    ConnectedMessage | TaskStartedMessage | ProgressMessage | CompleteMessage | ErrorMessage | PongMessage
)


def to_message(recorded: RecordedEvent) -> AnyServerMessage | None:
    """The message that tells of an event; the same for every listener, always. None for what clients need not hear."""
    event, position = recorded.event, str(recorded.position)
    common: dict[str, Any] = {
        "id": str(uuid.uuid5(_MESSAGE_IDS, f"{event.project_id}/{position}")),
        "project_id": event.project_id,
        "timestamp": event.at,
        "position": position,
        "task_id": event.task_id,
        "metadata": dict(event.metadata),
    }
    match event:
        case TaskQueued(request=request):
            return TaskStartedMessage(
                **common,
                reply_to=request.message_id,
                task_type=request.task_type,
                quality=request.quality,
                params=dict(request.params),
                origins=dict(request.origins),
                queue_position=request.queue_position,
                notice=request.notice,
            )
        case TaskStarted():
            return ProgressMessage(
                **common, progress=0.0, attempt=event.attempt, stage="started", message="Started", eta_s=event.eta_s
            )
        case TaskProgressed():
            return ProgressMessage(
                **common,
                progress=event.progress,
                attempt=event.attempt,
                message=event.message,
                stage=event.stage,
                eta_s=event.eta_s,
                preview_url=artifact_url(event.project_id, event.preview) if event.preview else None,
            )
        case TaskRequeued():
            return ProgressMessage(
                **common, progress=0.0, attempt=event.attempt, stage="queued", message="Waits to be taken up again"
            )
        case CancelRequested():
            return None  # its ending follows, and tells of it
        case TaskSucceeded():
            return CompleteMessage(
                **common, result=ResultView.of(event.project_id, event.result), duration=event.duration_s
            )
        case TaskFailed(failure=failure):
            return ErrorMessage(
                **common, error_code=failure.code, message=failure.message, details=dict(failure.details) or None
            )
        case TaskCancelled():
            return ErrorMessage(**common, error_code=_CANCELLED.code, message=_CANCELLED.message)


def error_message(
    project_id: str, message_id: str, at: datetime, error: AuteurError, reply_to: str | None
) -> ErrorMessage:
    """The answer to a message that could not be used."""
    return ErrorMessage(
        id=message_id,
        project_id=project_id,
        timestamp=at,
        reply_to=reply_to,
        error_code=error.code,
        message=error.message,
        details=dict(error.details) or None,
    )


def render(message: ServerMessage) -> str:
    """The message as a text frame; fields that do not apply are left out."""
    return message.model_dump_json(exclude_none=True)


def artifact_url(project_id: str, path: str) -> str:
    """Where a file of the project is served, relative to the service."""
    return f"/api/v1/projects/{quote(project_id)}/artifacts/{quote(path)}"


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


def message_schemas() -> Mapping[str, Any]:
    """JSON Schemas of all messages, by direction: what AsyncAPI and the generated page are made of."""
    said = (StartGenerationMessage, CancelMessage, PingMessage)
    heard = (ConnectedMessage, TaskStartedMessage, ProgressMessage, CompleteMessage, ErrorMessage, PongMessage)
    return {
        "said": {model.__name__: model.model_json_schema() for model in said},
        "heard": {model.__name__: model.model_json_schema(mode="serialization") for model in heard},
    }
