"""What can be asked for."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from auteur.domain.errors import (
    UnavailableError,
)
from auteur.domain.ports import TaskHandler, WorkerRegistry
from auteur.domain.quality import QualityMapper
from auteur.entrypoints.settings import Settings
from auteur.protocol.outgoing import PROTOCOL_VERSION


def catalogue_routes(
    settings: Settings, handlers: Mapping[str, TaskHandler], mapper: QualityMapper, registry: WorkerRegistry
) -> APIRouter:
    """What can be asked for."""
    router = APIRouter(prefix="/api/v1", tags=["catalogue"])
    types = sorted((t for handler in set(handlers.values()) for t in handler.task_types), key=lambda t: t.name)

    def presets(task_type: str) -> dict[str, Any]:
        found = {}
        for quality in mapper.qualities:
            resolved = mapper.resolve(task_type, quality, {})
            found[quality] = {
                "parameters": dict(resolved.parameters),
                "lane": resolved.lane,
                "timeout_s": resolved.timeout_s,
            }
        return found

    async def workers() -> dict[str, Any] | None:
        """Who is at work, and for which task types nobody is; None while that cannot be known."""
        try:
            workers = [worker for worker in await registry.workers() if worker.slots]
        except UnavailableError:
            return None
        served = {task_type for worker in workers for task_type in worker.task_types}
        return {
            "present": len(workers),
            "slots": sum(worker.slots for worker in workers),
            "unserved_task_types": sorted({t.name for t in types} - served),
        }

    @router.get("/info", summary="Name, versions, limits")
    async def info() -> dict[str, Any]:
        return {
            "name": settings.app_name,
            "version": settings.version,
            "protocol_version": PROTOCOL_VERSION,
            "task_types": [t.name for t in types],
            "engines": sorted({t.engine for t in types}),
            "qualities": list(mapper.qualities),
            "default_quality": mapper.default,
            "workers": await workers(),
            "limits": {
                "max_concurrent_tasks": settings.max_concurrent_tasks,
                "max_queued_per_project": settings.max_queued_per_project,
                "max_queued": settings.max_queued,
                "max_body_bytes": settings.max_body_bytes,
                "max_upload_bytes": settings.max_upload_bytes,
                "ws_messages_per_second": settings.ws_messages_per_second,
                "history_events": settings.history_events,
            },
            "links": {
                "documentation": f"{settings.service_path}/api/docs",
                "openapi": f"{settings.service_path}/api/openapi.json",
                "asyncapi": f"{settings.service_path}/api/asyncapi.json",
            },
        }

    @router.get("/task-types", summary="Task types with the schema of their parameters")
    async def task_types() -> dict[str, Any]:
        return {
            "task_types": [
                {
                    "name": t.name,
                    "engine": t.engine,
                    "summary": t.summary,
                    "params_schema": t.params_schema,
                    "qualities": presets(t.name),
                }
                for t in types
            ]
        }

    @router.get("/quality", summary="Quality presets with what they mean for each task type")
    async def quality() -> dict[str, Any]:
        by_type = {t.name: presets(t.name) for t in types}
        return {
            "default": mapper.default,
            "qualities": {
                name: {
                    "preset": mapper.preset("", name).parameters(),
                    "task_types": {task_type: found[name] for task_type, found in by_type.items()},
                }
                for name in mapper.qualities
            },
        }

    return router
