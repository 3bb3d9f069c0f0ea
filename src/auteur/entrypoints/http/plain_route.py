"""A route that is asked without what the framework looks for in every request.

FastAPI finds out anew for each request what its endpoint takes, and whether there are bodies, forms, files and
dependencies: a tenth of what a submission costs the service.
"""

import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.responses import Response

_KEY = re.compile(rb"[ -~]{1,255}")
"""What `IdempotencyKey` says."""


class PlainRoute(APIRoute):
    """For an endpoint that takes the parameters of its path, ``request``, ``response`` and ``idempotency_key``, reads
    the body itself, and answers with one model. A request with anything else to look at, as a query, or a key that is
    not as it should be, is the framework's, dependencies and all; the answers do not differ by a byte."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request."""
        whole, endpoint, status_code = super().get_route_handler(), self.endpoint, self.status_code or 200

        async def handle(request: Request) -> Response:
            keys = [value for name, value in request.scope["headers"] if name == b"idempotency-key"]
            if request.scope["query_string"] or len(keys) > 1 or (keys and not _KEY.fullmatch(keys[0])):
                return await whole(request)
            told = Response()
            shown: BaseModel = await endpoint(
                **request.path_params,
                request=request,
                response=told,
                idempotency_key=keys[0].decode("ascii") if keys else None,
            )
            answer = Response(shown.model_dump_json(by_alias=True), status_code, media_type="application/json")
            answer.raw_headers += [header for header in told.raw_headers if header[0] != b"content-length"]
            return answer

        return handle
