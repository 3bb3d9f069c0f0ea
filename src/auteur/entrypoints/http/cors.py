"""What a browser asks before it lets a page of another origin ask; refused in the one shape."""

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import Message, Send

from auteur.entrypoints.http.errors import error_response


class OneShapeCORSMiddleware(CORSMiddleware):
    """As Starlette's, which tells a refusal in plain text, and every origin that credentials are welcome."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """The answer to a preflight request."""
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        refused = bytes(answer.body).decode().removeprefix("Disallowed CORS ")  # of: origin, method, headers
        told = error_response(
            answer.status_code,
            "FORBIDDEN_ORIGIN" if "origin" in refused else "BAD_REQUEST",
            f"Pages may not ask that here; refused: {refused}. BACKEND_FRONTEND_URL lists the origins that may.",
        )
        is_ours = "origin" not in refused
        told.raw_headers += [
            (name, value)
            for name, value in answer.raw_headers
            if name == b"vary" or (is_ours and not name.startswith(b"content-"))
        ]
        return told

    async def send(self, message: Message, send: Send, request_headers: Headers) -> None:
        """An answer's headers: those of CORS only for who may read it."""
        if not self.is_allowed_origin(request_headers.get("origin", "")):
            request_headers = Headers()
        await super().send(message, send, request_headers)
