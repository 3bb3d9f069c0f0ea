"""What can go wrong, as one tree: `AuteurError` is all of it.

AuteurError
├── ServiceError            the service answered, and said no: ``code``, ``status``, ``details``, ``request_id``
│   ├── InvalidRequestError     400, 406, 413, 414, 415, 421, 422: change the request
│   ├── UnauthenticatedError    401: show a token that counts
│   ├── ForbiddenError          403: who asks was not granted this
│   ├── NotFoundError           404, or not for who asks to know
│   ├── DeletedError            410: it was there, and is gone for good
│   ├── ConflictError           409: it contradicts what is recorded
│   ├── LimitExceededError      429: later; ``retry_after_s``
│   ├── UnavailableError        503, 507 and what a proxy says for it: later; ``retry_after_s``
│   └── FaultError              any other 5xx: something went wrong there
├── TaskFailedError         the task came to a bad end; ``task`` has all of it
├── UnreachableError        nobody answered, or the answer was lost on its way
└── NotAuteurError          what answered does not speak as auteur does
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auteur.client.models import Task

__all__ = [
    "AuteurError",
    "ConflictError",
    "DeletedError",
    "FaultError",
    "ForbiddenError",
    "InvalidRequestError",
    "LimitExceededError",
    "NotAuteurError",
    "NotFoundError",
    "ServiceError",
    "TaskFailedError",
    "UnauthenticatedError",
    "UnavailableError",
    "UnreachableError",
    "refusal",
]


class AuteurError(Exception):
    """Root of all that this client raises. ``code``: stable, for programs; the text is a sentence for people.

    ``status``: of HTTP, None where there was none. ``details``: what the code's description promises. ``request_id``:
    by which the service's log knows the request. ``retry_after_s``: when to come back, where the service said so.
    """

    code = "ERROR"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        details: Mapping[str, Any] | None = None,
        request_id: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.status = status
        self.details = dict(details or {})
        self.request_id = request_id
        self.retry_after_s = retry_after_s
        if retry_after_s is None and isinstance(told := self.details.get("retry_after_s"), int | float):
            self.retry_after_s = float(told)

    @property
    def temporary(self) -> bool:
        """Whether the same request may succeed later."""
        return False


class ServiceError(AuteurError):
    """The service answered, and what it said is an error."""


class InvalidRequestError(ServiceError):
    """The request must be changed; repeating it changes nothing. ``details["problems"]``: by field, where given."""


class UnauthenticatedError(ServiceError):
    """What was shown does not count, or no longer: unknown, expired, revoked; or nothing was shown."""

    code = "UNAUTHENTICATED"


class ForbiddenError(ServiceError):
    """Who asks is known, and was not granted this."""

    code = "FORBIDDEN"


class NotFoundError(ServiceError):
    """It is not there, or not for who asks to know."""


class DeletedError(ServiceError):
    """It was there, and was deleted for good."""


class ConflictError(ServiceError):
    """The request contradicts what is recorded."""


class LimitExceededError(ServiceError):
    """A limit is reached; ``retry_after_s`` says when to come back."""

    @property
    def temporary(self) -> bool:
        return True


class UnavailableError(ServiceError):
    """The service cannot do this now."""

    @property
    def temporary(self) -> bool:
        return True


class FaultError(ServiceError):
    """Something went wrong in the service; its log has the ``request_id``."""


class TaskFailedError(AuteurError):
    """A task that was waited for came to a bad end: ``code`` and ``details`` are those of ``task``, as it is now."""

    def __init__(self, message: str, task: "Task", *, code: str, details: Mapping[str, Any]) -> None:
        super().__init__(message, code=code, details=details)
        self.task = task


class UnreachableError(AuteurError):
    """Nobody answered, or the answer was lost. What was asked for may have happened all the same."""

    code = "NETWORK"

    @property
    def temporary(self) -> bool:
        return True


class NotAuteurError(AuteurError):
    """What answered does not speak as auteur does: another server, or a proxy's page."""

    code = "NOT_AUTEUR"


_BY_STATUS: Mapping[int, type[ServiceError]] = {
    401: UnauthenticatedError,
    403: ForbiddenError,
    404: NotFoundError,
    408: UnavailableError,
    409: ConflictError,
    410: DeletedError,
    412: ConflictError,
    429: LimitExceededError,
    502: UnavailableError,
    503: UnavailableError,
    504: UnavailableError,
    507: UnavailableError,
}


def refusal(
    status: int, body: Any, retry_after: str | None = None, request_id: str | None = None
) -> ServiceError | NotAuteurError:
    """The error that an answer tells of. ``body``: its JSON, or None where it is none: a proxy's page keeps its status
    only where that says to come back later. ``retry_after``: the header, in seconds."""
    kind = _BY_STATUS.get(status, FaultError if status >= 500 else InvalidRequestError)
    try:
        wait_s = None if retry_after is None else max(float(retry_after), 0.0)
    except ValueError:  # a date: nobody here sends one
        wait_s = None
    try:
        told = body["error"]
        code, message, details = str(told["code"]), str(told["message"]), dict(told.get("details") or {})
        return kind(
            message, code=code, status=status, details=details,
            request_id=body.get("request_id") or request_id, retry_after_s=wait_s,
        )  # fmt: skip
    except (TypeError, KeyError, ValueError, AttributeError):
        if issubclass(kind, LimitExceededError | UnavailableError):
            return kind(
                f"The service cannot be reached through what stands before it (HTTP {status}).",
                code=NotAuteurError.code, status=status, retry_after_s=wait_s,
            )  # fmt: skip
        return NotAuteurError(f"What answers there is no auteur (HTTP {status}).", status=status)
