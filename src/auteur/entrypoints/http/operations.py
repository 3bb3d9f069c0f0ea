"""What operators and their tools read."""

from contextlib import suppress

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from auteur.adapters.metrics import Metrics
from auteur.domain.errors import (
    UnavailableError,
)
from auteur.domain.pool import PoolMonitor


def operator_routes(metrics: Metrics, pool: PoolMonitor) -> APIRouter:
    """What operators and their tools read."""
    router = APIRouter(tags=["operations"])

    @router.get("/metrics", summary="Prometheus metrics", response_class=Response)
    async def read_metrics() -> Response:
        with suppress(UnavailableError):  # what was counted here is told all the same
            metrics.show(await pool.read())
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router
