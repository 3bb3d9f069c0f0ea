"""Everything that can be wrong, as one tree.

    AuteurError
    ├── InvalidRequestError        the caller must change the request
    │   ├── InvalidMessageError, InvalidProjectIdError
    │   ├── UnknownTaskTypeError, UnknownEngineError, UnknownQualityError
    │   ├── InvalidParamsError, InvalidBatchError, UnreadableImageError, UnreadableScriptError
    │   └── InvalidGrantError
    ├── AccessError                who asks is nobody that may
    │   └── UnauthenticatedError, ForbiddenError
    ├── NotFoundError              TaskNotFoundError, ArtifactNotFoundError, ProjectHiddenError, TokenNotFoundError,
    │                              WebhookNotFoundError, DeadLetterNotFoundError, DocumentNotFoundError
    ├── ConflictError              the log already says otherwise
    │   ├── TaskExistsError, TaskEndedError, TaskOpenError, ProjectBusyError, StaleAttemptError
    │   ├── TaskBlockedError, TaskNotBlockedError, TaskNotMadeError
    │   ├── DeletedError           TaskDeletedError (TaskForgottenError), ProjectDeletedError
    │   ├── IdempotencyConflictError, TooManyWebhooksError
    │   └── DocumentChangedError, TooManyDocumentsError
    ├── LimitExceededError         QueueFullError
    ├── UnavailableError           BusUnavailableError, ShuttingDownError
    │   ├── EngineDownError        EngineElsewhereError
    │   └── WorkspaceUnavailableError  WorkspaceFullError, WorkspaceReadOnlyError
    ├── HistoryLostError           a bookmark the log cannot honour
    └── TaskFailure                how a task can end badly
        ├── HandlerError, TaskTimeoutError, TaskCancelledError, WorkerLostError, RecordLostError
        └── InputFailedError

Each class has a stable ``code`` for programs, a ``message`` for people that never shows internals, ``temporary``
(the same request may succeed later, unchanged) and ``details``, its typed fields as plain data.
"""

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


class AuteurError(Exception):
    """Root of all that auteur says is wrong."""

    code: ClassVar[str] = "INTERNAL_ERROR"
    temporary: ClassVar[bool] = False

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details: Mapping[str, Any] = {k: v for k, v in details.items() if v is not None}


_MOST_PROBLEMS, _MOST_OF_A_BATCH = 20, 100
_KINDS = {"cast": "cast member"}
_LONGEST_FIELD, _LONGEST_MESSAGE = 128, 500


def _short(problem: Mapping[str, Any]) -> dict[str, Any]:
    """The problem, however long the name or the value was that it tells of: no answer grows with what it refuses."""
    return {**problem, "field": problem["field"][:_LONGEST_FIELD], "message": problem["message"][:_LONGEST_MESSAGE]}


# --- the request is wrong ------------------------------------------------------------------------------------------


class InvalidRequestError(AuteurError):
    """The caller must change the request; repeating it changes nothing."""

    code = "VALIDATION_ERROR"


class InvalidMessageError(InvalidRequestError):
    """A frame or body that is no message of the protocol."""

    code = "INVALID_MESSAGE"


class InvalidProjectIdError(InvalidRequestError):
    """A project id outside ``[A-Za-z0-9][A-Za-z0-9._-]{0,127}``."""

    code = "INVALID_PROJECT_ID"


class UnknownTaskTypeError(InvalidRequestError):
    """No handler serves this task type."""

    code = "UNKNOWN_TASK_TYPE"

    def __init__(self, task_type: str, known: Sequence[str]) -> None:
        super().__init__(
            f"Unknown task type {task_type[:64]!r}; known: {', '.join(known)}.",
            task_type=task_type[:64],
            known=list(known),
        )


class UnknownEngineError(InvalidRequestError):
    """No engine of this name makes the task type."""

    code = "UNKNOWN_ENGINE"

    def __init__(self, engine: str, task_type: str, known: Sequence[str]) -> None:
        super().__init__(
            f"Unknown engine {engine[:64]!r} for {task_type}; there is: {', '.join(known)}.",
            engine=engine[:64],
            task_type=task_type,
            known=list(known),
        )


class UnknownQualityError(InvalidRequestError):
    """No preset has this name."""

    code = "UNKNOWN_QUALITY"

    def __init__(self, quality: str, known: Sequence[str]) -> None:
        super().__init__(
            f"Unknown quality {quality[:64]!r}; known: {', '.join(known)}.",
            quality=quality[:64],
            known=list(known),
        )


class InvalidParamsError(InvalidRequestError):
    """The handler's model refuses the parameters. ``problems``: one ``{"field", "message"}`` each."""

    code = "INVALID_PARAMS"

    def __init__(self, problems: Sequence[Mapping[str, str]]) -> None:
        told = [_short(problem) for problem in problems[:_MOST_PROBLEMS]]
        said = "; ".join(f"{p['field']}: {p['message']}" for p in told[:3])
        super().__init__(f"The parameters cannot be used: {said}", problems=told)


class InvalidBatchError(InvalidRequestError):
    """Some requests of a batch cannot be used, and so none was accepted; ``problems`` has one entry each.

    An entry is ``{"index", "field", "message", "code"}``, with the ``name`` of the request if it has one; ``code`` as
    the request alone would have been told. The first 100 are told, and how many there are beside the first.
    """

    code = "INVALID_BATCH"

    def __init__(self, problems: Sequence[Mapping[str, Any]]) -> None:
        told = [_short(problem) for problem in problems[:_MOST_OF_A_BATCH]]
        first = told[0]
        said = f"request {first['index']}: {first['field']}: {first['message']}"
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"Nothing of the batch was accepted: {said}{more}", problems=told)


class UnreadableImageError(InvalidRequestError):
    """A file that is no picture, or one that cannot be read: damaged, cut short, too large, of an unknown kind."""

    code = "UNREADABLE_IMAGE"


class UnreadableScriptError(InvalidRequestError):
    """A file that is no script of a kind that is read, is damaged, or is larger than is read."""

    code = "UNREADABLE_SCRIPT"


class InvalidGrantError(InvalidRequestError):
    """A token's name, projects or permissions that cannot be."""

    code = "INVALID_GRANT"


# --- who asks ------------------------------------------------------------------------------------------------------


class AccessError(AuteurError):
    """Who asks may not have what was asked for."""

    code = "FORBIDDEN"


class UnauthenticatedError(AccessError):
    """Nobody has said who asks, or what was shown for it does not count: unknown, expired, revoked, used before.

    Which of these is not told.
    """

    code = "UNAUTHENTICATED"

    def __init__(self, message: str = "A token is needed: Authorization: Bearer …, or a session.") -> None:
        super().__init__(message)


class ForbiddenError(AccessError):
    """Who asks is known, and was not granted this."""

    code = "FORBIDDEN"

    def __init__(self, permission: str) -> None:
        super().__init__(f"This needs the permission to {permission} here, which was not granted.", needed=permission)


# --- it is not there -----------------------------------------------------------------------------------------------


class NotFoundError(AuteurError):
    """What was asked for is not there."""

    code = "RESOURCE_NOT_FOUND"


class TaskNotFoundError(NotFoundError):
    """The project has no such task."""

    code = "TASK_NOT_FOUND"

    def __init__(self, project_id: str, task_id: str) -> None:
        super().__init__(
            f"Project {project_id!r} has no task {task_id[:64]!r}.", project_id=project_id, task_id=task_id[:64]
        )


class ProjectHiddenError(NotFoundError):
    """There is no such project, or it is not for who asks to know."""

    code = "PROJECT_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such project, or none that you may see.")


class TokenNotFoundError(NotFoundError):
    """No token has this id, or it was revoked before."""

    code = "TOKEN_NOT_FOUND"


class WebhookNotFoundError(NotFoundError):
    """The project has no such webhook."""

    code = "WEBHOOK_NOT_FOUND"

    def __init__(self, project_id: str, webhook_id: str) -> None:
        super().__init__(
            f"Project {project_id!r} has no webhook {webhook_id[:64]!r}; GET …/webhooks lists those it has.",
            webhook_id=webhook_id[:64],
        )


class DeadLetterNotFoundError(NotFoundError):
    """The project has no such dead letter: it was replayed, has expired, or never was."""

    code = "DEAD_LETTER_NOT_FOUND"

    def __init__(self, project_id: str, delivery_id: str) -> None:
        super().__init__(
            f"Project {project_id!r} has no dead letter {delivery_id[:128]!r}; GET …/dead-letters lists those it has.",
            delivery_id=delivery_id[:128],
        )


class DocumentNotFoundError(NotFoundError):
    """The project has no set, cast member or film of this name."""

    code = "DOCUMENT_NOT_FOUND"

    def __init__(self, project_id: str, kind: str, name: str) -> None:
        super().__init__(
            f"Project {project_id!r} has no {_KINDS.get(kind, kind)} {name[:64]!r}.", kind=kind, name=name[:64]
        )


class ArtifactNotFoundError(NotFoundError):
    """The project has no such file, or its attempt did not win."""

    code = "ARTIFACT_NOT_FOUND"


# --- the log says otherwise ----------------------------------------------------------------------------------------


class ConflictError(AuteurError):
    """The request contradicts what is already recorded."""

    code = "CONFLICT"


class TaskExistsError(ConflictError):
    """A task with this id was queued before."""

    code = "TASK_EXISTS"

    def __init__(self, task_id: str) -> None:
        super().__init__(f"Task {task_id} was queued before.", task_id=task_id)


class TaskEndedError(ConflictError):
    """The task has its ending; nothing of it may follow."""

    code = "TASK_ENDED"

    def __init__(self, task_id: str, status: str | None = None) -> None:
        super().__init__(
            f"Task {task_id} has already ended{f' ({status})' if status else ''}.", task_id=task_id, status=status
        )


class TaskOpenError(ConflictError):
    """The task waits or runs; only what has ended can be deleted."""

    code = "TASK_OPEN"

    def __init__(self, task_id: str) -> None:
        super().__init__(f"Task {task_id} waits or runs; cancel it, and delete it when it has ended.", task_id=task_id)


class TaskBlockedError(ConflictError):
    """The task waits for outputs of other tasks, and is not begun."""

    code = "TASK_BLOCKED"

    def __init__(self, task_id: str) -> None:
        super().__init__(f"Task {task_id} still waits for other tasks.", task_id=task_id)


class TaskNotMadeError(ConflictError):
    """The task has no result, or none yet; only what was made can be promoted."""

    code = "TASK_NOT_MADE"

    def __init__(self, task_id: str, status: str) -> None:
        super().__init__(
            f"Task {task_id} is {status}; only a take that succeeded can be promoted.", task_id=task_id, status=status
        )


class TaskNotBlockedError(ConflictError):
    """The task waits for no other, or no longer."""

    code = "TASK_NOT_BLOCKED"

    def __init__(self, task_id: str) -> None:
        super().__init__(f"Task {task_id} waits for no other task.", task_id=task_id)


class ProjectBusyError(ConflictError):
    """Tasks of the project wait or run; only a quiet project can be deleted."""

    code = "PROJECT_BUSY"

    def __init__(self, project_id: str, open_tasks: int) -> None:
        super().__init__(
            f"Project {project_id!r} has {open_tasks} tasks that wait or run; cancel them, and delete it then.",
            project_id=project_id,
            open_tasks=open_tasks,
        )


class DeletedError(ConflictError):
    """It was there, and was deleted for good."""

    code = "DELETED"


class TaskDeletedError(DeletedError):
    """The task was deleted; its id cannot be used again."""

    code = "TASK_DELETED"

    def __init__(self, project_id: str, task_id: str) -> None:
        super().__init__(
            f"Task {task_id[:64]} was deleted; its id cannot be used again.",
            project_id=project_id,
            task_id=task_id[:64],
        )


class TaskForgottenError(TaskDeletedError):
    """A release before this one did not keep the task's record: nothing is known of it but its id."""

    code = "TASK_FORGOTTEN"

    def __init__(self, project_id: str, task_id: str) -> None:
        super().__init__(project_id, task_id)
        self.message = (
            f"The record of task {task_id[:64]} was not kept by an earlier release; its files may still be there."
        )


class ProjectDeletedError(DeletedError):
    """The project was deleted; its id cannot be used again."""

    code = "PROJECT_DELETED"

    def __init__(self, project_id: str) -> None:
        super().__init__(f"Project {project_id!r} was deleted; use another id.", project_id=project_id)


class StaleAttemptError(ConflictError):
    """The event comes from an attempt that a newer one has replaced."""

    code = "STALE_ATTEMPT"

    def __init__(self, task_id: str, attempt: int, current: int) -> None:
        super().__init__(
            f"Attempt {attempt} of task {task_id} was replaced by attempt {current}.",
            task_id=task_id,
            attempt=attempt,
            current=current,
        )


class IdempotencyConflictError(ConflictError):
    """The same message id or Idempotency-Key came before with another body."""

    code = "IDEMPOTENCY_CONFLICT"

    def __init__(self, task_id: str, message: str | None = None) -> None:
        super().__init__(message or "This id was used before for a different request; use a new one.", task_id=task_id)


class TooManyWebhooksError(ConflictError):
    """The project has as many webhooks as it may have: one must go first."""

    code = "TOO_MANY_WEBHOOKS"

    def __init__(self, limit: int) -> None:
        super().__init__(f"A project may have {limit} webhooks; remove one first.", limit=limit)


class DocumentChangedError(ConflictError):
    """A set, cast member or film is not as the caller has it: somebody else has put or removed it since."""

    code = "DOCUMENT_CHANGED"

    def __init__(self, kind: str, name: str, version: int | None) -> None:
        state = "is not there" if version is None else f"is at version {version}"
        super().__init__(
            f"The {_KINDS.get(kind, kind)} {name[:64]!r} {state}; read it again.",
            kind=kind, name=name[:64], version=version,
        )  # fmt: skip


class TooManyDocumentsError(ConflictError):
    """The project has as many of the kind as it may have: one must go first."""

    code = "TOO_MANY_DOCUMENTS"

    def __init__(self, kind: str, limit: int) -> None:
        super().__init__(
            f"A project may have {limit} {_KINDS.get(kind, kind)}s; remove one first.", kind=kind, limit=limit
        )


# --- not now -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something cannot be used now: ``code`` for programs, stable; ``words`` for who keeps the service running.

    Neither holds an address, a name or a path.
    """

    code: str
    words: str


class LimitExceededError(AuteurError):
    """A limit is reached; ``retry_after_s`` says when to come back."""

    code = "LIMIT_EXCEEDED"
    temporary = True

    def __init__(self, message: str, *, limit: int, retry_after_s: int) -> None:
        super().__init__(message, limit=limit, retry_after_s=retry_after_s)
        self.retry_after_s = retry_after_s


class QueueFullError(LimitExceededError):
    """Too many tasks wait already."""

    code = "QUEUE_FULL"


class UnavailableError(AuteurError):
    """The service cannot do this now; its ``cause`` is what has to be mended, where it is known."""

    code = "SERVICE_UNAVAILABLE"
    temporary = True
    retry_after_s = 2

    def __init__(self, message: str, *, cause: Cause | None = None) -> None:
        super().__init__(message, cause=cause.code if cause else None)
        self.cause = cause


class BusUnavailableError(UnavailableError):
    """The event log cannot be reached or written."""


class ShuttingDownError(UnavailableError):
    """The process is stopping; another, or the next one, will take the request."""

    code = "SHUTTING_DOWN"


class EngineDownError(UnavailableError):
    """The engine cannot be reached, or cannot work now; a task goes to another, or waits and in the end fails so.

    ``engine``: its name; ``reason``: why, in one line fit for a user; ``down_for_s``: for how long, as far as is known.
    """

    code = "ENGINE_DOWN"

    def __init__(self, engine: str, reason: str = "", *, down_for_s: float = 0.0) -> None:
        super().__init__(f"The engine {engine} is down{f': {reason}' if reason else ''}.")
        self.engine = engine
        self.reason = reason
        self.down_for_s = down_for_s
        self.details = {"engine": engine}


class EngineElsewhereError(EngineDownError):
    """No engine here can make the task, but ``engine`` of another worker can."""

    def __init__(self, engine: str) -> None:
        super().__init__(engine, "it is at another worker")


class WorkspaceUnavailableError(UnavailableError):
    """The workspace cannot be written now."""

    code = "WORKSPACE_UNAVAILABLE"

    def __init__(self, message: str = "The workspace cannot be written now.") -> None:
        super().__init__(message)


class WorkspaceFullError(WorkspaceUnavailableError):
    """The workspace has no room left."""

    code = "WORKSPACE_FULL"
    retry_after_s = 30

    def __init__(self) -> None:
        super().__init__("The workspace has no room left.")


class WorkspaceReadOnlyError(WorkspaceUnavailableError):
    """The workspace can be read and not written."""

    code = "WORKSPACE_READ_ONLY"
    retry_after_s = 30

    def __init__(self) -> None:
        super().__init__("The workspace may be read and not written.")


class StoreUnavailableError(WorkspaceUnavailableError):
    """The store that machines without a shared disk keep their files in cannot be reached, or refuses.

    What was to be kept is still on this machine: keeping it may be tried again as it is.
    """

    def __init__(self, cause: Cause) -> None:
        super().__init__("The store of files cannot be used now.")
        self.cause = cause
        self.details = {"cause": cause.code}


def workspace_error(error: OSError) -> WorkspaceUnavailableError:
    """What a failed write in the workspace means for its user."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return WorkspaceFullError()
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return WorkspaceReadOnlyError()
    return WorkspaceUnavailableError()


class HistoryLostError(AuteurError):
    """A position that the log cannot honour: trimmed away, ahead of the log, or of another epoch."""

    code = "HISTORY_LOST"

    def __init__(self, project_id: str, position: str) -> None:
        super().__init__(
            "The log no longer reaches back to this position; start from the state snapshot.",
            project_id=project_id,
            position=position,
        )


# --- a task ends badly ---------------------------------------------------------------------------------------------


class TaskFailure(AuteurError):
    """A reason for which a task ends in ``error``."""

    code = "HANDLER_ERROR"


class HandlerError(TaskFailure):
    """The engine could not make it and says why, in words fit for the user.

    ``retryable``: the same task may work on another attempt; the executor then tries again.
    """

    def __init__(self, message: str, *, retryable: bool = False, **details: Any) -> None:
        super().__init__(message, **details)
        self.retryable = retryable


class TaskTimeoutError(TaskFailure):
    """The task ran longer than its limit."""

    code = "TASK_TIMEOUT"

    def __init__(self, timeout_s: float) -> None:
        super().__init__(f"The task ran longer than its limit of {timeout_s:g} s.", timeout_s=timeout_s)


class TaskCancelledError(TaskFailure):
    """Somebody asked for the task to stop."""

    code = "TASK_CANCELLED"

    def __init__(self) -> None:
        super().__init__("The task was cancelled.")


class WorkerLostError(TaskFailure):
    """Every allowed attempt lost its worker."""

    code = "WORKER_LOST"

    def __init__(self, attempts: int) -> None:
        super().__init__(f"The task lost its worker {attempts} times and is not tried again.", attempts=attempts)


class RecordLostError(TaskFailure):
    """The log remembers that the task was accepted, but what it was is gone: somebody deleted it."""

    code = "RECORD_LOST"

    def __init__(self) -> None:
        super().__init__("The record of this task was lost; ask for it again under a new id.")


_TOLD_OF_AN_INPUT = 1000


class InputFailedError(TaskFailure):
    """Another task, whose output this one needs, did not make it, or it is there no longer.

    ``details``: ``from_task``, that task; ``code`` and ``message``, how it ended; ``first``, the same three of the task
    where the misfortune began, if that is another one.
    """

    code = "INPUT_FAILED"

    def __init__(self, from_task: str, *, code: str, message: str, first: Mapping[str, Any] | None = None) -> None:
        why = str((first or {}).get("message") or message)[:_TOLD_OF_AN_INPUT]  # not one in the other: chains are long
        super().__init__(f"The output of task {from_task} cannot be had: {why}")
        told = {"from_task": from_task, "code": code, "message": message[:_TOLD_OF_AN_INPUT]}
        self.details = told | ({"first": dict(first)} if first else {})
