"""Liveness, readiness, and the report for people."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog
from fastapi import APIRouter
from starlette.responses import Response

from auteur.adapters.metrics import Metrics
from auteur.domain.authentication import Authenticator
from auteur.domain.errors import (
    AuteurError,
    BusUnavailableError,
    Cause,
    UnavailableError,
)
from auteur.domain.ports import ArtifactStore, Clock, ProgressBus, TaskQueue, WorkerRegistry
from auteur.domain.routing import EngineRouter
from auteur.entrypoints.deployment import Deployment
from auteur.entrypoints.http.catalogue import engine_status
from auteur.entrypoints.http.session import access_of
from auteur.entrypoints.settings import Settings
from auteur.protocol.service import Access, HealthView, LivenessView, ReadinessView

log = structlog.get_logger(__name__)

PROBE_LIMIT_S = 0.7
_ASIDE_S = 0.4
"""For what is asked of the log beside its own check: it gives up first, so that one trouble has one name."""

Failing = dict[str, Cause]
"""By part, why it cannot be used."""

_NO_ANSWER = Cause("no_answer", f"no answer within {PROBE_LIMIT_S:g} s")
_UNKNOWN = Cause("unknown", "it cannot be used")
_STOPPING = Cause("stopping", "stopping")
_QUEUE_FULL = Cause("queue_full", "as many tasks wait as may")
_NOT_SEEN = Cause("not_seen", "cannot be seen while the log is away")
_NO_WORKERS = Cause("no_workers", "nobody runs tasks; they wait")


def health_routes(
    settings: Settings,
    bus: ProgressBus,
    artifacts: ArtifactStore,
    registry: WorkerRegistry,
    queue: TaskQueue,
    closing: asyncio.Event,
    clock: Clock,
    deployment: Deployment,
    engine_router: EngineRouter,
    authenticator: Authenticator,
    metrics: Metrics,
) -> APIRouter:
    """Liveness, readiness, and the report for people."""
    router = APIRouter(tags=["health"])

    async def has_room() -> None:
        waiting = 0
        with suppress(BusUnavailableError, TimeoutError):  # then it is the log's trouble, and told there
            async with asyncio.timeout(_ASIDE_S):
                waiting = await queue.depth()
        if waiting >= settings.max_queued:
            raise UnavailableError("Too many tasks wait.", cause=_QUEUE_FULL)

    async def somebody_works() -> None:
        try:
            async with asyncio.timeout(_ASIDE_S):
                workers = await registry.workers()
        except (BusUnavailableError, TimeoutError):
            raise UnavailableError("Nobody can be seen.", cause=_NOT_SEEN) from None
        if not any(worker.slots for worker in workers):
            raise UnavailableError("Nobody runs tasks.", cause=_NO_WORKERS)

    log_part = deployment.log_part
    needed = [
        _Part(log_part, bus.check, logs=not deployment.is_shared),  # a shared log says it itself, for workers too
        _Part("workspace", artifacts.check),
        _Part("queue", has_room),
    ]
    wanted = _Part("workers", somebody_works)  # told, but no reason to send nobody here: tasks wait

    async def known_access() -> Access:
        try:
            async with asyncio.timeout(_ASIDE_S):
                return await access_of(authenticator)
        except TimeoutError:  # then it is the log's trouble, and told there
            return "unknown"

    async def look() -> tuple[Failing, Cause | None]:
        """What keeps a task from being accepted now, and what is wrong with the workers."""
        *found, workers = await asyncio.gather(*(part.look() for part in (*needed, wanted)))
        failing = {part.name: cause for part, cause in zip(needed, found, strict=True) if cause is not None}
        if closing.is_set():
            failing["api"] = _STOPPING
        metrics.show_failing(failing)
        return failing, workers

    async def look_for_metrics() -> None:
        await look()

    metrics.before_reading.append(look_for_metrics)

    @router.get("/health", summary="What works and what does not", response_model=HealthView)
    async def read_health(response: Response) -> dict[str, Any]:
        (failing, workers), access = await asyncio.gather(look(), known_access())
        engines = engine_status(engine_router)
        if access != "anonymous":  # anybody may ask this, and why an engine is down is not for anybody
            engines = [{**engine, "reason": ""} for engine in engines]
        response.status_code = 503 if failing else 200
        checks = {name: "unavailable" if name in failing else "ok" for name in (log_part, "workspace")}
        return {
            "status": "unhealthy" if failing else "healthy",
            "timestamp": clock(),
            "service": settings.app_name,
            "version": settings.version,
            "access": access,
            "checks": {
                "database": "not_used",
                "redis": "not_used",
                **checks,
                "api": "stopping" if "api" in failing else "ok",
                "workers": "unavailable" if workers else "ok",
            },
            "engines": engines,
            "failing": _told(failing),
            "notes": [
                *_told({"workers": workers} if workers else {}),
                *(
                    {
                        "part": "engines",
                        "code": "engine_down",
                        "cause": ": ".join(filter(None, (engine["engine"], engine["reason"]))),
                    }
                    for engine in engines
                    if not engine["up"]
                ),
            ],
        }

    @router.get("/health/live", summary="The process answers", response_model=LivenessView)
    async def read_liveness() -> LivenessView:
        return LivenessView()

    @router.get("/health/ready", summary="New work can be taken", response_model=ReadinessView)
    async def read_readiness(response: Response) -> dict[str, Any]:
        failing, _ = await look()
        response.status_code = 503 if failing else 200
        return {"status": "not_ready" if failing else "ready", "failing": _told(failing)}

    return router


def _told(failing: Failing) -> list[dict[str, str]]:
    return [{"part": part, "code": cause.code, "cause": cause.words} for part, cause in sorted(failing.items())]


class _Part:
    """Something that is needed. However many ask, and however long it hangs, it is tried once at a time.

    ``check`` raises `UnavailableError` with its cause. ``logs``: whether changes are told in the log here.
    """

    def __init__(self, name: str, check: Callable[[], Awaitable[None]], *, logs: bool = True) -> None:
        self.name = name
        self._check = check
        self._logs = logs
        self._trying: asyncio.Task[Cause | None] | None = None
        self._last: Cause | None = None
        self._logged: Cause | None = None

    async def look(self) -> Cause | None:
        """Why it cannot be used, within the limit of a probe; None if it can."""
        if self._trying is None or self._trying.done():
            self._trying = asyncio.create_task(self._try(), name=f"health-{self.name}")
        trying = self._trying
        await asyncio.wait({trying}, timeout=PROBE_LIMIT_S)
        cause = trying.result() if trying.done() else self._last or _NO_ANSWER
        self._log(cause)
        return cause

    async def _try(self) -> Cause | None:
        try:
            await self._check()
            self._last = None
        except AuteurError as error:
            self._last = getattr(error, "cause", None) or _UNKNOWN
        except Exception:
            log.exception("a check of health failed", part=self.name)
            self._last = _UNKNOWN
        return self._last

    def _log(self, cause: Cause | None) -> None:
        """Once per change, however often probes come."""
        if cause == self._logged or not self._logs:
            return
        self._logged = cause
        if cause is None:
            log.info("can be used again", part=self.name)
        else:
            log.warning("cannot be used", part=self.name, code=cause.code, cause=cause.words)
