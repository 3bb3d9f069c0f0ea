"""What the edge says itself: the one error shape, whichever layer below the routes refuses."""

from email.utils import formatdate
from http import HTTPStatus

import structlog
from starlette.responses import Response
from websockets.datastructures import Headers as SocketHeaders
from websockets.http11 import Response as SocketResponse

from auteur.entrypoints.edge.framing import RefusedError
from auteur.entrypoints.http.errors import error_response
from auteur.entrypoints.http.middleware import REQUEST_ID_HEADER, request_id_of

_CODES = {400: "BAD_REQUEST", 403: "FORBIDDEN", 404: "RESOURCE_NOT_FOUND", 426: "UPGRADE_REQUIRED"}


def refusal(refused: RefusedError, request_id: str) -> Response:
    """The answer to what was refused, after which the connection ends."""
    headers = {**refused.headers, REQUEST_ID_HEADER: request_id, "Connection": "close", "Date": formatdate(usegmt=True)}
    with structlog.contextvars.bound_contextvars(request_id=request_id):
        return error_response(refused.status, refused.code, refused.message, headers=headers)


def written(response: Response) -> bytes:
    """A response as it goes over a connection."""
    phrase = HTTPStatus(response.status_code).phrase
    lines = [f"HTTP/1.1 {response.status_code} {phrase}".encode()]
    lines += [name + b": " + value for name, value in response.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(response.body)])


def socket_refusal(status: int, _: str, code: str | None = None, message: str | None = None) -> SocketResponse:
    """For websockets' `ServerProtocol.reject`, whose own words are plain text: the refusal of a handshake."""
    said = message or (
        "Something went wrong here; the operator's log has it." if status == 500 else "The handshake cannot be used."
    )
    code = code or ("INTERNAL_ERROR" if status == 500 else _CODES.get(status, "BAD_REQUEST"))
    response = refusal(RefusedError(status, code, said), request_id_of(()))
    headers = SocketHeaders([(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers])
    return SocketResponse(status, HTTPStatus(status).phrase, headers, bytes(response.body))
