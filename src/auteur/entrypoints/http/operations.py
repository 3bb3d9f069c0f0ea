"""What operators and their tools read."""

from contextlib import suppress

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from auteur.adapters.metrics import Metrics
from auteur.domain.authentication import Authenticator
from auteur.domain.errors import (
    UnavailableError,
)
from auteur.domain.pool import PoolMonitor
from auteur.domain.routing import EngineRouter
from auteur.entrypoints.http.session import access_of


def operator_routes(
    metrics: Metrics, pool: PoolMonitor, engines: EngineRouter, authenticator: Authenticator
) -> APIRouter:
    """What operators and their tools read."""
    router = APIRouter(tags=["operations"])

    @router.get("/metrics", summary="Prometheus metrics", response_class=Response)
    async def read_metrics() -> Response:
        metrics.show_engines(
            {(route.engine, route.task_type.name): engines.status(route).up for route in engines.all_routes()}
        )
        metrics.show_access(await access_of(authenticator))
        with suppress(UnavailableError):  # what was counted here is told all the same
            metrics.show(await pool.read())
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router
