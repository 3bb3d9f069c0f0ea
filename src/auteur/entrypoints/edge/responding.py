"""How a request is answered, whatever becomes of it: in the one shape, and so that the answer can be read."""

import asyncio
from collections.abc import Callable

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from auteur.entrypoints.edge.answers import refusal
from auteur.entrypoints.edge.connections import TooManyError
from auteur.entrypoints.edge.framing import RefusedError
from auteur.entrypoints.http.middleware import TOLD, request_id_of

log = structlog.get_logger(__name__)


class Lingering:
    """The transport of a request with a body. It is closed by ``linger``: where the body is still coming, the answer
    could be lost else."""

    def __init__(self, transport: asyncio.Transport, linger: Callable[[], None]) -> None:
        self.write = transport.write
        self.is_closing = transport.is_closing
        self.abort = transport.abort
        self.close = linger


def too_many(error: TooManyError) -> RefusedError:
    """What whoever has no place is told."""
    if error.of_one_address:
        message = "There are too many connections from this address; close some, or come back later."
        return RefusedError(429, "TOO_MANY_CONNECTIONS", message, {"Retry-After": "2"})
    message = "This service has as many connections as it can hold; come back later."
    return RefusedError(503, "TOO_MANY_CONNECTIONS", message, {"Retry-After": "2"})


async def respond(app: ASGIApp, cycle: RequestResponseCycle, scope: Scope, receive: Receive, send: Send) -> None:
    """Has every request answered in the one shape: uvicorn's own words would be plain text, and a second traceback."""
    error = RefusedError(500, "INTERNAL_ERROR", "Something went wrong here; the operator's log has it.")
    try:
        await app(scope, receive, send)
    except asyncio.CancelledError:  # at the end of a stop, after its grace
        error = RefusedError(503, "SHUTTING_DOWN", "The service stops; come back later.", {"Retry-After": "2"})
    except Exception:
        if not scope["state"].get(TOLD):
            log.exception("request failed", path=scope["path"])
    if cycle.disconnected or cycle.response_complete:
        return
    if cycle.response_started:
        cycle.disconnected = True
        cycle.transport.abort()
        return
    response = refusal(error, scope["state"].get("request_id") or request_id_of(scope["headers"]))
    await response(scope, receive, send)
