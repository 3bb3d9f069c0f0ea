"""What can be asked for."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request

from auteur.domain.authentication import Authenticator
from auteur.domain.errors import (
    UnavailableError,
)
from auteur.domain.ports import WorkerRegistry
from auteur.domain.quality import QualityMapper
from auteur.domain.routing import EngineRouter, Route
from auteur.entrypoints.http.session import access_of
from auteur.entrypoints.settings import Settings
from auteur.protocol.outgoing import PROTOCOL_VERSION
from auteur.protocol.service import InfoView, QualityListView, TaskTypeListView


def engine_status(router: EngineRouter) -> list[dict[str, Any]]:
    """Each engine with what it makes and whether it is up: one that comes in several parts, if all of them are."""
    found: dict[str, dict[str, Any]] = {}
    for route in router.all_routes():
        status = router.status(route)
        told = found.setdefault(route.engine, {"engine": route.engine, "task_types": [], "up": True, "reason": ""})
        told["task_types"].append(route.task_type.name)
        if not status.up:
            told |= {"up": False, "reason": status.reason}
    return [found[engine] for engine in sorted(found)]


def catalogue_routes(
    settings: Settings,
    engines: EngineRouter,
    mapper: QualityMapper,
    registry: WorkerRegistry,
    authenticator: Authenticator,
) -> APIRouter:
    """What can be asked for."""
    router = APIRouter(prefix="/api/v1", tags=["catalogue"])
    routes = {name: engines.routes(name) for name in engines.task_types}

    def presets(route: Route) -> dict[str, Any]:
        found = {}
        for quality in mapper.qualities:
            resolved = mapper.resolve(route.task_type, quality, {})
            found[quality] = {
                "parameters": dict(resolved.parameters),
                "lane": resolved.lane,
                "timeout_s": resolved.timeout_s,
            }
        return found

    def described(route: Route) -> dict[str, Any]:
        made = route.task_type
        return {
            "engine": made.engine,
            "summary": made.summary,
            "params_schema": dict(made.params_schema),
            "inputs": [asdict(taken) for taken in made.inputs],
            "controls": sorted(made.controls),
            "qualities": presets(route),
        }

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
            "unserved_task_types": sorted(routes.keys() - served),
        }

    @router.get(
        "/info",
        summary="Name, versions, limits",
        response_model=InfoView,
        response_model_exclude_unset=True,
    )
    async def read_info(request: Request) -> dict[str, Any]:
        """Who has not signed in where that is needed is told the first five and the links."""
        told = {
            "name": settings.app_name,
            "version": settings.version,
            "protocol_version": PROTOCOL_VERSION,
            "access": await access_of(authenticator),
            "links": {
                "documentation": f"{settings.service_path}/api/docs",
                "openapi": f"{settings.service_path}/api/openapi.json",
                "asyncapi": f"{settings.service_path}/api/asyncapi.json",
                "session": f"{settings.service_path}/api/v1/session",
            },
        }
        if request.state.principal is None:
            return told
        return {
            **told,
            "task_types": list(routes),
            "engines": sorted({route.engine for route in engines.all_routes()}),
            "engine_status": engine_status(engines),
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
        }

    @router.get(
        "/task-types", summary="Task types with the schema of their parameters", response_model=TaskTypeListView
    )
    async def list_task_types() -> dict[str, Any]:
        return {
            "task_types": [
                {
                    "name": name,
                    **described(ways[0]),
                    "engines": [
                        {**described(way), "up": engines.status(way).up, "reason": engines.status(way).reason}
                        for way in ways
                    ],
                }
                for name, ways in routes.items()
            ]
        }

    @router.get(
        "/quality",
        summary="Quality presets with what they mean for each task type",
        response_model=QualityListView,
    )
    async def list_qualities() -> dict[str, Any]:
        by_type = {name: presets(ways[0]) for name, ways in routes.items()}
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
