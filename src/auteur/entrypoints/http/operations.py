"""What operators and their tools read."""

import time
from contextlib import suppress

import structlog
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auteur.adapters.metrics import Metrics
from auteur.domain.authentication import Authenticator
from auteur.domain.errors import (
    UnavailableError,
)
from auteur.domain.pool import PoolMonitor
from auteur.entrypoints.http.session import access_of


def operator_routes(metrics: Metrics, pool: PoolMonitor, authenticator: Authenticator) -> APIRouter:
    """What operators and their tools read."""
    router = APIRouter(tags=["operations"])

    @router.get("/metrics", summary="Prometheus metrics", response_class=Response)
    async def read_metrics() -> Response:
        for bring_up_to_date in metrics.before_reading:
            await bring_up_to_date()
        metrics.show_access(await access_of(authenticator))
        with suppress(UnavailableError):  # what was counted here is told all the same
            metrics.show(await pool.read())
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


class MeteredRequestsMiddleware:
    """Counts answers by status, and refusals by the code of their error. Inside what binds the request's context."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def send_counted(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                code = structlog.contextvars.get_contextvars().get("error_code")
                taken_s = time.perf_counter() - began
                self._metrics.count_answer(scope.get("method", "GET"), message["status"], taken_s, code)
            await send(message)

        await self._app(scope, receive, send_counted)
