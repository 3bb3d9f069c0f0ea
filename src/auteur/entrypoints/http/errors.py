"""From what is wrong to what HTTP says: one shape for every error, 404 and 500 included."""

import difflib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from auteur.domain.errors import (
    AccessError,
    AuteurError,
    ConflictError,
    DeletedError,
    DocumentChangedError,
    HistoryLostError,
    InvalidMessageError,
    InvalidRequestError,
    LimitExceededError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
    WorkspaceFullError,
    workspace_error,
)
from auteur.protocol.json import field_of

log = structlog.get_logger(__name__)

_STATUS: tuple[tuple[type[AuteurError], int], ...] = (
    (InvalidMessageError, 400),
    (InvalidRequestError, 422),
    (UnauthenticatedError, 401),
    (AccessError, 403),
    (NotFoundError, 404),
    (DeletedError, 410),
    (DocumentChangedError, 412),
    (ConflictError, 409),
    (HistoryLostError, 410),
    (LimitExceededError, 429),
    (WorkspaceFullError, 507),
    (UnavailableError, 503),
)
_CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "RESOURCE_NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    413: "BODY_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    416: "RANGE_NOT_SATISFIABLE",
    421: "WRONG_HOST",
    422: "VALIDATION_ERROR",
    500: "INTERNAL_ERROR",
}

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_MOST_PROBLEMS = 20
_LONGEST_WORD, _LONGEST_DETAIL = 32, 200
"""In characters: no answer grows with what it refuses."""


ERRORS: Mapping[int, str] = {
    400: "Not JSON, or no message.",
    401: "Who asks has to show a token, or a session.",
    403: "A page of a foreign origin; or who asks was not granted that.",
    404: "Not there.",
    409: "It contradicts what is recorded.",
    410: "It was deleted.",
    412: "It is not as If-Match says.",
    413: "The body is too large.",
    415: "The body is of another kind.",
    422: "The request cannot be used.",
    429: "A limit is reached; Retry-After says when to come back.",
    500: "Something went wrong here.",
    503: "Not now; Retry-After says when to come back.",
    507: "No room is left for what was sent.",
}
"""What each status says of itself. No route is given them: FastAPI made a model of each for each route, a third of
what it makes at a start, of which the document of the interface alone knew."""


class UnsupportedMediaTypeError(AuteurError):
    """A body of a kind that the route does not take."""

    code = "UNSUPPORTED_MEDIA_TYPE"


def status_of(error: AuteurError) -> int:
    """The HTTP status that tells of the error."""
    if isinstance(error, UnsupportedMediaTypeError):
        return 415
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def error_response(
    status: int,
    code: str,
    message: str,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The one error shape. The request id is the one bound to the current request."""
    structlog.contextvars.bind_contextvars(error_code=code)
    body = {
        "error": {"code": code, "message": message, "details": details or {}},
        "request_id": structlog.contextvars.get_contextvars().get("request_id", ""),
        "timestamp": datetime.now(UTC),
    }
    return Response(to_json(body), status, headers, media_type="application/json")


def response_for(error: AuteurError, headers: Mapping[str, str] | None = None) -> Response:
    """The response that tells of one of our errors; temporary ones say when to come back."""
    headers = dict(headers or {})
    if error.temporary:
        headers["Retry-After"] = str(getattr(error, "retry_after_s", 2))
    return error_response(status_of(error), error.code, error.message, error.details, headers)


async def refuse(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    """Answers a request, or the handshake of a socket, which is not accepted then."""
    if scope["type"] == "http":
        await response(scope, receive, send)
    elif "websocket.http.response" in scope.get("extensions", {}):
        headers = [(key, value) for key, value in response.raw_headers]
        await send({"type": "websocket.http.response.start", "status": response.status_code, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": response.body})
    else:
        await send({"type": "websocket.close", "code": 1008})  # before accepting: a plain 403


def install_error_handlers(app: FastAPI) -> None:
    """Has the app answer in the one shape whatever goes wrong."""

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, AuteurError)
        return response_for(error)

    async def of_the_system(request: Request, error: Exception) -> Response:
        """A body that finds no room on its way, in the temporary directory, say. Anything else is a fault of ours."""
        assert isinstance(error, OSError)
        full = workspace_error(error)
        if not isinstance(full, WorkspaceFullError):
            raise error
        log.error("no room left", path=request.scope["path"], reason=error.strerror)
        return response_for(full)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        problems = [
            {"field": field_of(problem["loc"][1:]) or str(problem["loc"][0]), "message": problem["msg"]}
            for problem in error.errors()[:_MOST_PROBLEMS]
        ]
        return error_response(422, "VALIDATION_ERROR", "The request cannot be used.", {"problems": problems})

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        status, headers = error.status_code, error.headers
        if status == 404:
            return _not_found(app, request)
        if status == 405:
            allowed = sorted(_allowed_methods(app, request))
            return error_response(
                405,
                _CODES[405],
                f"{request.method[:_LONGEST_WORD]} is not possible here; use {' or '.join(allowed)}.",
                {"allowed": allowed},
                {"Allow": ", ".join(allowed)},
            )
        code = _CODES.get(status, "ERROR")
        return error_response(status, code, str(error.detail)[:_LONGEST_DETAIL], None, headers)

    app.add_exception_handler(AuteurError, ours)
    app.add_exception_handler(OSError, of_the_system)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)


def _not_found(app: FastAPI, request: Request) -> Response:
    path, root_path = request.scope["path"], request.scope.get("root_path", "")
    routes = iter_route_contexts(app.routes)  # the description has the same, and takes ten times as long to make
    known = sorted(
        {str(one.path_format) for one in routes if isinstance(one.original_route, APIRoute) and one.include_in_schema}
    )
    shape = {_shape(template): template for template in known}
    near = difflib.get_close_matches(_shape(path), shape, n=3, cutoff=0.5)
    meant = [root_path + shape[match] for match in near]
    hint = f" Did you mean {meant[0]}?" if meant else ""
    return error_response(
        404,
        _CODES[404],
        f"There is nothing at this path.{hint} See {root_path}/api/docs.",
        {"path": (root_path + path)[:256], "similar": meant, "documentation": f"{root_path}/api/docs"},
    )


def _shape(path: str) -> str:
    return path.rstrip("/").lower()


def _allowed_methods(app: FastAPI, request: Request) -> set[str]:
    """Those that a route answers at this path, as the router itself finds out."""
    allowed = {
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in app.routes)
    }
    return allowed | {"HEAD"} if "GET" in allowed else allowed
