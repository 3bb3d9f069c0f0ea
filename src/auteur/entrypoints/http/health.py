"""Liveness, readiness, and the report for people."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from auteur.domain.errors import (
    AuteurError,
    UnavailableError,
)
from auteur.domain.ports import ArtifactStore, Clock, ProgressBus, WorkerRegistry
from auteur.entrypoints.deployment import LogPart
from auteur.entrypoints.settings import Settings

PROBE_LIMIT_S = 0.8


def health_routes(
    settings: Settings,
    bus: ProgressBus,
    artifacts: ArtifactStore,
    registry: WorkerRegistry,
    closing: asyncio.Event,
    clock: Clock,
    log_part: LogPart,
) -> APIRouter:
    """Liveness, readiness, and the report for people. ``log_part``: what the report calls the log."""
    router = APIRouter(tags=["health"])

    async def passes(check: Awaitable[None]) -> str:
        try:
            async with asyncio.timeout(PROBE_LIMIT_S):
                await check
        except (AuteurError, TimeoutError):
            return "unavailable"
        return "ok"

    async def somebody_works() -> None:
        if not any(worker.slots for worker in await registry.workers()):
            raise UnavailableError("Nobody runs tasks.")

    async def report() -> dict[str, Any]:
        log_state, workspace, workers = await asyncio.gather(
            passes(bus.check()), passes(artifacts.check()), passes(somebody_works())
        )
        checks = {
            "api": "stopping" if closing.is_set() else "ok",
            "database": "not_used",
            "redis": "not_used",
            log_part: log_state,
            "workspace": workspace,
        }
        healthy = set(checks.values()) <= {"ok", "not_used"}
        checks["workers"] = workers  # told, but no reason to send nobody here: tasks wait
        return {
            "status": "healthy" if healthy else "unhealthy",
            "timestamp": clock(),
            "service": settings.app_name,
            "version": settings.version,
            "checks": checks,
        }

    @router.get("/health", summary="What works and what does not")
    async def health(response: Response) -> dict[str, Any]:
        found = await report()
        response.status_code = 200 if found["status"] == "healthy" else 503
        return found

    @router.get("/health/live", summary="The process answers")
    async def live() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/health/ready", summary="New work can be taken")
    async def ready(response: Response) -> dict[str, str]:
        found = await report()
        response.status_code = 200 if found["status"] == "healthy" else 503
        return {"status": "ready" if found["status"] == "healthy" else "not_ready"}

    return router
