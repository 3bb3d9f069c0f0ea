"""The one translation from events and errors to messages."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

from auteur.domain.errors import AuteurError, TaskCancelledError
from auteur.domain.events import (
    CancelRequested,
    Event,
    ProjectDeleted,
    RecordedEvent,
    TakeCircled,
    TaskCancelled,
    TaskDeleted,
    TaskFailed,
    TaskImported,
    TaskMarked,
    TaskProgressed,
    TaskPromoted,
    TaskQueued,
    TaskRequeued,
    TaskStarted,
    TaskSucceeded,
    TaskUnblocked,
)
from auteur.domain.task import Task
from auteur.domain.waiting import PlacesTold
from auteur.protocol.incoming import IncomingMessage
from auteur.protocol.outgoing import (
    AnyServerMessage,
    CompleteMessage,
    ErrorMessage,
    ProgressMessage,
    ProjectDeletedMessage,
    QueueMessage,
    QueuePlace,
    TaskDeletedMessage,
    TaskImportedMessage,
    TaskMarkedMessage,
    TaskPromotedMessage,
    TaskStartedMessage,
)
from auteur.protocol.views import ResultView, TaskView, artifact_url

_CANCELLED = TaskCancelledError()
_WAITS = {"no_room": "until files can be kept again", "engine_down": "for an engine"}
_MESSAGE_IDS = uuid.UUID("0f7c2b0e-8f0b-4a38-9d1c-0b3e2f6d7a55").bytes
_VARIANTS = {digit: "89ab"[number % 4] for number, digit in enumerate("0123456789abcdef")}


def message_id(project_id: str, position: str) -> str:
    """The id of the message that tells of the event there: a UUID of its name (RFC 9562, 5.5), as `uuid.uuid5` makes
    it, in a fifth of the time."""
    digest = hashlib.sha1(_MESSAGE_IDS + f"{project_id}/{position}".encode(), usedforsecurity=False).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{_VARIANTS[digest[16]]}{digest[17:20]}-{digest[20:32]}"


def to_message(recorded: RecordedEvent) -> AnyServerMessage | None:
    """The message that tells of an event; the same for every listener, always. None for what clients need not hear."""
    position = str(recorded.position)
    return message_at(recorded.event, message_id(recorded.event.project_id, position), position, recorded.position.seq)


def message_at(event: Event, message_id: str, position: str, seq: int) -> AnyServerMessage | None:
    """The same, with a given id and position."""
    common: dict[str, Any] = {
        "id": message_id,
        "project_id": event.project_id,
        "timestamp": event.at,
        "position": position,
    }
    if isinstance(event, ProjectDeleted):
        return ProjectDeletedMessage(**common)
    common |= {"task_id": event.task_id, "metadata": dict(event.metadata)}
    match event:
        case TaskQueued(request=request):
            return TaskStartedMessage(
                **common,
                reply_to=request.message_id,
                task_type=request.task_type,
                quality=request.quality,
                engine=request.engine,
                params=dict(request.params),
                origins=dict(request.origins),
                queue_position=request.queue_position,
                shot=request.shot,
                take=event.take,
                notice=request.notice,
                waits_for=list(request.waits_for) or None,
                promoted_from=request.promoted_from,
            )
        case TaskUnblocked():
            return ProgressMessage(
                **common, progress=0.0, attempt=0, stage="queued", message="Its inputs are there; waits for a worker"
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
            why = _WAITS.get(event.reason, "to be taken up again")
            return ProgressMessage(
                **common, progress=0.0, attempt=event.attempt, stage="queued", message=f"Waits {why}"
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
        case TaskMarked():
            return TaskMarkedMessage(**common, favourite=event.favourite)
        case TakeCircled():
            return TaskMarkedMessage(**common, circled=event.circled, shot=event.shot, take=event.take)
        case TaskPromoted():
            return TaskPromotedMessage(**common, promoted_to=event.promoted_to)
        case TaskDeleted():
            return TaskDeletedMessage(**common, reason=event.reason)
        case TaskImported():
            return TaskImportedMessage(**common, task=TaskView.of(event.record(seq)))
        case TaskCancelled():
            return ErrorMessage(**common, error_code=_CANCELLED.code, message=_CANCELLED.message)


def marked_message(*, task: Task, **common: Any) -> TaskMarkedMessage:
    """How a task is marked, for who asked for what was so already."""
    shot = task.request.shot
    circled = None if shot is None else task.circled
    return TaskMarkedMessage(
        **common, task_id=task.task_id, favourite=task.favourite, circled=circled, shot=shot, take=task.take,
        metadata=dict(task.metadata),
    )  # fmt: skip


def queue_message(told: PlacesTold, message_id: str) -> QueueMessage:
    """The message that tells of places in the queue."""
    places = [
        QueuePlace(task_id=place.task_id, queue_position=place.queue_position, starts_in_s=place.starts_in_s)
        for place in told.places
    ]
    return QueueMessage(
        id=message_id, project_id=told.project_id, timestamp=told.at, waiting=told.waiting, tasks=places
    )


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


def message_schemas() -> Mapping[str, Any]:
    """JSON Schemas of all messages, by direction: what AsyncAPI and the generated page are made of."""
    incoming, outgoing = get_args(IncomingMessage), get_args(AnyServerMessage)
    return {
        "incoming": {model.__name__: model.model_json_schema() for model in incoming},
        "outgoing": {model.__name__: model.model_json_schema(mode="serialization") for model in outgoing},
    }
