"""What each route may answer instead: every code that it tells, by operation, with an example of each.

The document of the interface lists them, and the tests hold what is answered to the list.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from auteur.adapters.live.limits import RateLimitedError, TooManyConversationsError
from auteur.domain.errors import (
    ArtifactNotFoundError,
    AuteurError,
    BusUnavailableError,
    DeadLetterNotFoundError,
    DocumentChangedError,
    DocumentNotFoundError,
    EngineDownError,
    ForbiddenError,
    IdempotencyConflictError,
    InvalidBatchError,
    InvalidMessageError,
    InvalidParamsError,
    InvalidRequestError,
    NotFoundError,
    ProjectBusyError,
    ProjectDeletedError,
    ProjectHiddenError,
    QueueFullError,
    ShuttingDownError,
    TaskDeletedError,
    TaskForgottenError,
    TaskNotFoundError,
    TaskNotMadeError,
    TaskOpenError,
    TooManyDocumentsError,
    TooManyWebhooksError,
    UnauthenticatedError,
    UnknownEngineError,
    UnknownQualityError,
    UnknownTaskTypeError,
    UnreadableImageError,
    UnreadableScriptError,
    WebhookNotFoundError,
    WorkspaceFullError,
    WorkspaceReadOnlyError,
    WorkspaceUnavailableError,
)
from auteur.domain.task import parse_project_id
from auteur.entrypoints.http.access import Need
from auteur.entrypoints.http.errors import UnsupportedMediaTypeError, status_of
from auteur.protocol.examples import PROJECT, SECOND, TASK

Failure = tuple[int, str, str, Mapping[str, Any]]
"""Status, code, message, details."""

_TYPES = ["image_to_video", "text_to_image"]
_PROBLEM = {"field": "params.prompt", "message": "Field required"}


def _invalid_project_id() -> AuteurError:
    try:
        parse_project_id("-")
    except AuteurError as error:
        return error
    raise AssertionError("it is none")


_OURS: tuple[AuteurError, ...] = (
    InvalidMessageError("This is not JSON: expected value at line 1 column 1."),
    InvalidRequestError("The request cannot be used.", problems=[{"field": "task_type", "message": "Field required"}]),
    _invalid_project_id(),
    UnknownTaskTypeError("text_to_smell", _TYPES),
    UnknownEngineError("betacam", "text_to_image", ["storyboard"]),
    UnknownQualityError("best", ["draft", "standard", "high"]),
    InvalidParamsError([_PROBLEM]),
    InvalidBatchError([{**_PROBLEM, "index": 1, "code": "INVALID_PARAMS"}]),
    UnreadableImageError("The file is damaged."),
    UnsupportedMediaTypeError("Send the request as application/json.", supported=["application/json"]),
    UnauthenticatedError(),
    ForbiddenError("submit"),
    NotFoundError("There is no project 'film'.", project_id=PROJECT),
    TaskNotFoundError(PROJECT, TASK),
    ProjectHiddenError(),
    ArtifactNotFoundError("There is no such file in this project; results are listed in the task.", project_id=PROJECT),
    WebhookNotFoundError(PROJECT, SECOND),
    DeadLetterNotFoundError(PROJECT, SECOND),
    TooManyWebhooksError(20),
    DocumentNotFoundError(PROJECT, "set", "stone-hut"),
    DocumentChangedError("film", "pilot", 3),
    TooManyDocumentsError("cast", 1000),
    UnreadableScriptError("The script is not UTF-8 text: byte 12 is none. Save it as UTF-8."),
    TaskOpenError(TASK),
    TaskNotMadeError(TASK, "failed"),
    ProjectBusyError(PROJECT, 2),
    IdempotencyConflictError(SECOND),
    TaskDeletedError(PROJECT, TASK),
    TaskForgottenError(PROJECT, TASK),
    ProjectDeletedError(PROJECT),
    QueueFullError("The project has 1000 waiting tasks.", limit=1000, retry_after_s=10),
    RateLimitedError("At most 50 requests a second.", limit=50, retry_after_s=1),
    TooManyConversationsError("At most 20 sockets and event streams at a time.", limit=20, retry_after_s=5),
    BusUnavailableError("The log cannot be reached now."),
    ShuttingDownError("The service is stopping."),
    EngineDownError("comfyui", "no server answers"),
    WorkspaceUnavailableError(),
    WorkspaceReadOnlyError(),
    WorkspaceFullError(),
)
_OF_HTTP: tuple[Failure, ...] = (
    (400, "BAD_REQUEST", "The request cannot be read.", {}),
    (403, "FORBIDDEN_ORIGIN", "Pages of this origin may not ask that.", {"origin": "https://example.org"}),
    (413, "BODY_TOO_LARGE", "The body has more than 262144 bytes.", {"limit_bytes": 262_144}),
    (416, "RANGE_NOT_SATISFIABLE", "The file has 184320 bytes; nothing of what was asked for.", {"size_bytes": 184320}),
    (421, "WRONG_HOST", "The service does not answer for this host.", {"host": "example.org"}),
    (500, "INTERNAL_ERROR", "Something went wrong here; the operator's log has it.", {}),
)
FAILURES: Mapping[str, Failure] = {
    failure[1]: failure
    for failure in (*_OF_HTTP, *((status_of(one), one.code, one.message, one.details) for one in _OURS))
}
"""An example of each, by code."""

_BODY = ("INVALID_MESSAGE", "BODY_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE")
_PROJECT = ("INVALID_PROJECT_ID", "PROJECT_DELETED")
_TASK = (*_PROJECT, "TASK_NOT_FOUND", "TASK_DELETED", "TASK_FORGOTTEN")
_WEBHOOK = (*_PROJECT, "WEBHOOK_NOT_FOUND")
_DOCUMENT = (*_PROJECT, "DOCUMENT_NOT_FOUND")
_PUTTING = (*_PROJECT, *_BODY, "DOCUMENT_CHANGED", "TOO_MANY_DOCUMENTS", "VALIDATION_ERROR")
_KEEPING = ("WORKSPACE_UNAVAILABLE", "WORKSPACE_READ_ONLY", "WORKSPACE_FULL")
_QUEUEING = ("IDEMPOTENCY_CONFLICT", "QUEUE_FULL", "SHUTTING_DOWN", "ENGINE_DOWN", *_KEEPING)
_ASKING = (*_BODY, *_QUEUEING, "TASK_DELETED", "UNKNOWN_TASK_TYPE", "UNKNOWN_ENGINE", "UNKNOWN_QUALITY",
           "INVALID_PARAMS")  # fmt: skip
BY_OPERATION: Mapping[str, tuple[str, ...]] = {
    "read_health": (),
    "read_liveness": (),
    "read_readiness": (),
    "read_metrics": (),
    "read_info": ("VALIDATION_ERROR",),
    "list_task_types": ("VALIDATION_ERROR",),
    "list_qualities": ("VALIDATION_ERROR",),
    "read_session": (),
    "sign_in": (),
    "sign_out": (),
    "issue_ticket": (),
    "submit_task": (*_PROJECT, *_ASKING, "VALIDATION_ERROR"),
    "submit_batch": (*_PROJECT, *_ASKING, "INVALID_BATCH", "VALIDATION_ERROR"),
    "promote_task": (*_TASK, *_ASKING, "TASK_NOT_MADE", "VALIDATION_ERROR"),
    "list_tasks": (*_PROJECT, "VALIDATION_ERROR"),
    "read_task": (*_TASK, "VALIDATION_ERROR"),
    "read_lineage": (*_TASK, "VALIDATION_ERROR"),
    "cancel_task": (*_TASK, "VALIDATION_ERROR"),
    "mark_task": (*_TASK, *_BODY, "VALIDATION_ERROR"),
    "delete_task": (*_TASK, "TASK_OPEN", "VALIDATION_ERROR"),
    "list_projects": ("VALIDATION_ERROR",),
    "read_project": (*_PROJECT, "VALIDATION_ERROR"),
    "delete_project": (*_PROJECT, "PROJECT_BUSY", "VALIDATION_ERROR"),
    "list_shots": (*_PROJECT, "VALIDATION_ERROR"),
    "list_webhooks": (*_PROJECT, "VALIDATION_ERROR"),
    "create_webhook": (*_PROJECT, *_BODY, "TOO_MANY_WEBHOOKS", "VALIDATION_ERROR"),
    "read_webhook": (*_WEBHOOK, "VALIDATION_ERROR"),
    "change_webhook": (*_WEBHOOK, *_BODY, "VALIDATION_ERROR"),
    "rotate_secret": (*_WEBHOOK, "VALIDATION_ERROR"),
    "remove_webhook": (*_WEBHOOK, "VALIDATION_ERROR"),
    "list_dead_letters": (*_PROJECT, "VALIDATION_ERROR"),
    "replay_dead_letters": (*_PROJECT, "VALIDATION_ERROR"),
    "replay_dead_letter": (*_PROJECT, "DEAD_LETTER_NOT_FOUND", "VALIDATION_ERROR"),
    "make_film": (*_PUTTING, *_ASKING, "INVALID_BATCH", "UNREADABLE_SCRIPT"),
    "export_film": (*_DOCUMENT, *_ASKING, "INVALID_BATCH", "VALIDATION_ERROR"),
    "read_continuity": (*_DOCUMENT, "VALIDATION_ERROR"),
    "put_set": _PUTTING,
    "put_cast": _PUTTING,
    "put_film": _PUTTING,
    "read_set": (*_DOCUMENT, "VALIDATION_ERROR"),
    "read_cast": (*_DOCUMENT, "VALIDATION_ERROR"),
    "read_film": (*_DOCUMENT, "VALIDATION_ERROR"),
    "list_sets": (*_PROJECT, "VALIDATION_ERROR"),
    "list_cast": (*_PROJECT, "VALIDATION_ERROR"),
    "list_films": (*_PROJECT, "VALIDATION_ERROR"),
    "delete_set": (*_DOCUMENT, "DOCUMENT_CHANGED", "VALIDATION_ERROR"),
    "delete_cast": (*_DOCUMENT, "DOCUMENT_CHANGED", "VALIDATION_ERROR"),
    "delete_film": (*_DOCUMENT, "DOCUMENT_CHANGED", "VALIDATION_ERROR"),
    "follow_events": (*_PROJECT, "TOO_MANY_CONVERSATIONS", "SHUTTING_DOWN", "VALIDATION_ERROR"),
    "read_artifact": (*_PROJECT, "ARTIFACT_NOT_FOUND", "RANGE_NOT_SATISFIABLE", "UNREADABLE_IMAGE", *_KEEPING,
                      "VALIDATION_ERROR"),
    "upload_picture": (*_PROJECT, *_BODY, *_KEEPING, "SHUTTING_DOWN", "VALIDATION_ERROR"),
}  # fmt: skip
"""What the route itself may answer; what any may, and what who asks may be told, is beside it in `failures_of`."""


def failures_of(operation_id: str, need: Need, *, of_a_project: bool) -> Mapping[int, tuple[Failure, ...]] | None:
    """What the operation may answer instead, by status; None of one that is not known here."""
    codes = BY_OPERATION.get(operation_id)
    if codes is None:
        return None
    found: dict[int, tuple[Failure, ...]] = {}
    for failure in _told([*_anywhere(need, of_a_project=of_a_project), *codes]):
        found[failure[0]] = (*found.get(failure[0], ()), failure)
    return dict(sorted(found.items()))


def _anywhere(need: Need, *, of_a_project: bool) -> Iterator[str]:
    yield from ("BAD_REQUEST", "FORBIDDEN_ORIGIN", "WRONG_HOST", "INTERNAL_ERROR")
    if need.asks:
        yield from ("UNAUTHENTICATED", "RATE_LIMITED", "SERVICE_UNAVAILABLE")
    if need.permission is not None:
        yield "FORBIDDEN"
        if of_a_project:  # and what stands in the path may make another path of it
            yield from ("PROJECT_NOT_FOUND", "RESOURCE_NOT_FOUND")


def _told(codes: Iterable[str]) -> list[Failure]:
    return sorted((FAILURES[code] for code in dict.fromkeys(codes)), key=lambda failure: failure[:2])
