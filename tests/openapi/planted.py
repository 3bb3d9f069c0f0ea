"""The service with an interface that is not as its document says: ``python -m tests.openapi.planted FAULT serve …``.

The suite must find each of them.
"""

import sys
from typing import Any

from auteur.entrypoints import server
from auteur.entrypoints.cli import main


def wrong_shape(path: str, message: dict[str, Any]) -> None:
    """An answer without what its schema requires."""
    if path == "/api/v1/projects" and message["type"] == "http.response.body":
        message["body"] = message["body"].replace(b'"projects"', b'"project5"')


def untold_status(path: str, message: dict[str, Any]) -> None:
    """A status of which the document says nothing."""
    if path == "/api/v1/projects" and message["type"] == "http.response.start":
        message["status"] = 206


def no_request_id(path: str, message: dict[str, Any]) -> None:
    """A header that is promised is missing."""
    if path == "/api/v1/projects" and message["type"] == "http.response.start":
        message["headers"] = [pair for pair in message["headers"] if pair[0].lower() != b"x-request-id"]


def untold_code(path: str, message: dict[str, Any]) -> None:
    """A code of which the document says nothing."""
    if path == "/api/v1/projects" and message["type"] == "http.response.body":
        message["body"] = message["body"].replace(b'"VALIDATION_ERROR"', b'"VALIDATION_ERR0R"')


FAULTS = {fault.__name__: fault for fault in (untold_code, wrong_shape, untold_status, no_request_id)}


def plant(name: str) -> None:
    """Puts the fault behind every route."""
    server_config = server.server_config

    def with_fault(app: Any, *args: Any, **kwargs: Any) -> Any:
        async def altered(scope: Any, receive: Any, send: Any) -> None:
            async def send_altered(message: Any) -> None:
                FAULTS[name](scope["path"], message)
                await send(message)

            await app(scope, receive, send_altered)

        return server_config(altered, *args, **kwargs)

    server.server_config = with_fault


if __name__ == "__main__":
    plant(sys.argv.pop(1))
    main()
