"""The dialect of the studio's existing frontend, on `/legacy/ws/{project_id}` (docs/dialects.md).

Every frame is an envelope: ``type``, ``payload``, ``timestamp``. It knows `heartbeat`, `task_progress`, `task_complete`
and `task_error`. Its client keeps no position, and comes back by itself unless it was closed with 1000: 1, 2, 4 …
seconds later, all of them at the same moment.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field, JsonValue, ValidationError

from auteur.domain.errors import InvalidMessageError
from auteur.protocol.incoming import IncomingMessage, PingMessage, message_id_of, parse
from auteur.protocol.json import problems_of
from auteur.protocol.model import Model
from auteur.protocol.outgoing import (
    CompleteMessage,
    ConnectedMessage,
    ErrorMessage,
    PongMessage,
    ProgressMessage,
    ProjectDeletedMessage,
    QueueMessage,
    ServerMessage,
    TaskImportedMessage,
    TaskStartedMessage,
)
from auteur.protocol.views import FailureView, ResultView, TaskView

REFERENCES = ("character_refs", "style_refs", "location_ref")
"""What requests of later stories name. Nothing is made of them yet: they are metadata, and come back as such."""
CLOSED_FOR_GOOD = 1000
"""The one code after which its client stays away."""
PLACES_TOLD = 20
"""Of how many waiting tasks it hears the place, one frame each."""
_ENDED_TOLD = 50
_NOT_PLAIN = ("[", "{", '"')


class Payload(Model):
    """What a frame says of a task. ``progress``: 0.0 to 1.0; what does not apply is left out."""

    task_id: str | None = None
    project_id: str
    progress: float | None = None
    message: str | None = None
    result: ResultView | None = None
    error: str | None = None
    error_code: str | None = None
    details: dict[str, Any] | None = None
    task_type: str | None = None
    stage: str | None = None
    eta_s: float | None = None
    preview_url: str | None = None
    duration: float | None = None
    reply_to: str | None = None
    metadata: dict[str, Any] | None = None
    references: dict[str, Any] = Field(default_factory=dict, exclude=True)


class Frame(Model):
    """The envelope, as it is told."""

    type: Literal["heartbeat", "task_progress", "task_complete", "task_error"]
    payload: Payload
    timestamp: datetime


class Said(Model):
    """The envelope, as it is said. Whatever its clock says is of no use here."""

    model_config = ConfigDict(extra="forbid", strict=True)

    type: str = Field(min_length=1, max_length=64)
    payload: dict[str, Any] | None = None
    timestamp: str | int | float | None = None


class LegacyDialect:
    """`Dialect` of the existing frontend."""

    is_kept = False
    resumes = False
    ended_told: int | None = _ENDED_TOLD

    def read(self, data: Any, project_id: str) -> IncomingMessage:
        if not isinstance(data, dict):
            raise InvalidMessageError("A message is a JSON object with `type`, `payload` and `timestamp`.")
        try:
            said = Said.model_validate(data)
        except ValidationError as error:
            problems = problems_of(error, root="message")
            raise InvalidMessageError("The message cannot be used.", problems=problems) from None
        if said.type == "heartbeat":
            return PingMessage(type="ping")
        payload = said.payload or {}
        if "type" in payload:
            raise _unusable([{"field": "payload.type", "message": "the type stands beside the payload"}])
        asked = _with_references(payload, "payload")
        if isinstance(requests := asked.get("requests"), list):
            asked["requests"] = [
                _with_references(one, f"payload.requests.{place}") if isinstance(one, dict) else one
                for place, one in enumerate(requests)
            ]
        try:
            return parse({**asked, "type": said.type}, project_id)
        except InvalidMessageError as error:
            raise _in_payload(error) from None

    def message_id_of(self, data: Any) -> str | None:
        return message_id_of(data.get("payload")) if isinstance(data, dict) else None

    def write(self, message: ServerMessage) -> Sequence[str]:
        return [_text(frame) for frame in _frames(message)]

    def close_code(self, code: int) -> int:
        return CLOSED_FOR_GOOD if 4400 <= code < 4500 else code


# --- what it hears ---------------------------------------------------------------------------------------------------


def _frames(message: ServerMessage) -> Iterator[Frame]:
    at, project_id = message.timestamp, message.project_id
    match message:
        case ConnectedMessage(state=state):
            tasks = state.tasks if state is not None else []
            ended = [task for task in tasks if task.ended_at is not None]
            for task in (*reversed(ended), *(task for task in tasks if task.ended_at is None)):
                yield _of_view(task, task.ended_at or at)
        case TaskStartedMessage():
            place = message.queue_position
            yield _progress(
                message,
                message="Waits for other tasks" if message.waits_for else _at_place(place, None),
                stage="blocked" if message.waits_for else "queued",
                task_type=message.task_type,
                reply_to=message.reply_to,
            )
        case ProgressMessage():
            yield _progress(
                message,
                progress=message.progress,
                message=message.message,
                stage=message.stage,
                eta_s=message.eta_s,
                preview_url=message.preview_url,
            )
        case QueueMessage():
            for told in message.tasks:
                if told.queue_position <= PLACES_TOLD:
                    said = _at_place(told.queue_position, told.starts_in_s)
                    payload = Payload(
                        task_id=told.task_id, project_id=project_id, progress=0.0, message=said, stage="queued"
                    )
                    yield Frame(type="task_progress", payload=payload, timestamp=at)
        case CompleteMessage():
            yield _complete(message.task_id, project_id, message.result, message.metadata, at, message.duration)
        case ErrorMessage():
            failure = FailureView(code=message.error_code, message=message.message, details=message.details or {})
            yield _error(message.task_id, project_id, failure, message.metadata, at, message.reply_to)
        case TaskImportedMessage(task=task):
            yield _of_view(task, task.ended_at or at)
        case ProjectDeletedMessage():
            failure = FailureView(code="PROJECT_DELETED", message="The project was deleted.")
            yield _error(None, project_id, failure, None, at, None)
        case PongMessage():
            yield Frame(type="heartbeat", payload=Payload(project_id=project_id), timestamp=at)


def _progress(told: TaskStartedMessage | ProgressMessage, *, progress: float = 0.0, **said: Any) -> Frame:
    about = _about(told.task_id, told.project_id, told.metadata)
    payload = Payload(**about, progress=progress, **said)
    return Frame(type="task_progress", payload=payload, timestamp=told.timestamp)


def _complete(
    task_id: str, project_id: str, result: ResultView, metadata: dict[str, Any], at: datetime, duration: float | None
) -> Frame:
    about = _about(task_id, project_id, metadata)
    payload = Payload(**about, progress=1.0, message="Completed", result=result, duration=duration)
    return Frame(type="task_complete", payload=payload, timestamp=at)


def _error(
    task_id: str | None,
    project_id: str,
    failure: FailureView,
    metadata: dict[str, Any] | None,
    at: datetime,
    reply_to: str | None,
) -> Frame:
    payload = Payload(
        **_about(task_id, project_id, metadata),
        message=failure.message,
        error=failure.message,
        error_code=failure.code,
        details=failure.details or None,
        reply_to=reply_to,
    )
    return Frame(type="task_error", payload=payload, timestamp=at)


def _of_view(task: TaskView, at: datetime) -> Frame:
    """A task as it stands, told as if it had just come so far."""
    if task.result is not None:
        return _complete(task.task_id, task.project_id, task.result, task.metadata, at, None)
    if task.error is not None:
        return _error(task.task_id, task.project_id, task.error, task.metadata, at, None)
    waits = {"blocked": "Waits for other tasks", "queued": _at_place(task.queue_position or 0, None)}
    payload = Payload(
        **_about(task.task_id, task.project_id, task.metadata),
        progress=task.progress,
        message=waits.get(task.status, task.message),
        stage=task.stage if task.status == "running" else task.status,
        task_type=task.task_type,
        preview_url=task.preview_url,
    )
    return Frame(type="task_progress", payload=payload, timestamp=at)


def _at_place(place: int, starts_in_s: float | None) -> str:
    said = f"Waits, place {place}" if place else "Waits"
    return said if starts_in_s is None else f"{said}, starts in about {starts_in_s:.0f} s"


def _about(task_id: str | None, project_id: str, metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    metadata = metadata or {}
    references = {name: _from_metadata(metadata[name]) for name in REFERENCES if name in metadata}
    return {
        "task_id": task_id,
        "project_id": project_id,
        "metadata": dict(metadata) or None,
        "references": references,
    }


def _text(frame: Frame) -> str:
    """The frame's JSON: what does not apply is left out, but null where its client has said null."""
    told = frame.model_dump(mode="json", exclude_none=True)
    if frame.payload.metadata is not None:
        told["payload"]["metadata"] = frame.payload.metadata
    told["payload"] |= frame.payload.references
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


# --- what it says ----------------------------------------------------------------------------------------------------


def _with_references(asked: dict[str, Any], where: str) -> dict[str, Any]:
    """The request, its metadata with what later stories name. Raises `InvalidMessageError` where it has that itself."""
    given = {name: asked[name] for name in REFERENCES if name in asked}
    rest = {name: value for name, value in asked.items() if name not in given}
    metadata = rest.get("metadata", {})
    if not given or not isinstance(metadata, dict):  # what is no metadata is refused by who reads the request
        return rest
    if twice := [name for name in given if name in metadata]:
        raise _unusable([{"field": f"{where}.{name}", "message": "is in the metadata as well"} for name in twice])
    rest["metadata"] = {**metadata, **{name: _as_metadata(value) for name, value in given.items()}}
    return rest


def _as_metadata(value: JsonValue) -> str | int | float | bool | None:
    """A plain value as it is; a list or an object, and a text that looks like one, as JSON."""
    if isinstance(value, list | dict) or (isinstance(value, str) and value.startswith(_NOT_PLAIN)):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value


def _from_metadata(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_NOT_PLAIN):
        try:
            return json.loads(value)
        except ValueError:
            return value  # said at another door, where it is metadata and nothing else
    return value


def _unusable(problems: list[dict[str, str]]) -> InvalidMessageError:
    return InvalidMessageError("The message cannot be used.", problems=problems)


def _in_payload(error: InvalidMessageError) -> InvalidMessageError:
    """The same, its fields named as the client has written them."""
    problems = error.details.get("problems")
    if problems is None:
        return error
    named = [
        problem if problem["field"] == "type" else {**problem, "field": f"payload.{problem['field']}"}
        for problem in problems
    ]
    return InvalidMessageError(error.message, problems=named)
