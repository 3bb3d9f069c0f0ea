"""`TaskHandler` of the configured models; the work happens in one warm child process for each device."""

import asyncio
import importlib.metadata
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import structlog

from auteur.adapters.engines.diffusers.offer import Offer
from auteur.adapters.engines.diffusers.settings import DiffusersSettings
from auteur.adapters.engines.inputs import find_picture, is_deferred, locate
from auteur.adapters.engines.tools import EngineTools
from auteur.domain.errors import HandlerError
from auteur.domain.ports import DRAFT_SUFFIX, Draft, EngineStatus, HandlerResult, TaskContext
from auteur.domain.task import Task, TaskType

log = structlog.get_logger(__name__)

JOB = "auteur.adapters.engines.diffusers.generate:generate"
_STOP_GRACE_S = 6.0
"""How long a step may take at which a task is cancelled, before the process is killed with its models: well within the
grace that a service gives its engines."""
_SOONER = 0.3
"""How much of a new measurement goes into the pace of which estimates are made."""


class DiffusersHandler:
    """Pipelines as an engine. ``job``: what is run in the child."""

    def __init__(
        self, offers: Sequence[Offer], tools: EngineTools, settings: DiffusersSettings, *, job: str = JOB
    ) -> None:
        self._offers = {offer.task_type.name: offer for offer in offers}
        self._artifacts = tools.artifacts
        self._settings = settings
        self._job = job
        devices = sorted({offer.model.device or "" for offer in offers})
        self._pools = {device: tools.processes.apart(at_most=1, stop_grace_s=_STOP_GRACE_S) for device in devices}
        self._threads = settings.threads or max(1, _usable_cores() // 2 // len(devices))
        self._pace: dict[str, float] = {}
        self._pixel_bytes: dict[str, float] = {}
        self._loaded: dict[str, Sequence[Mapping[str, Any]]] = {}

    @property
    def task_types(self) -> Sequence[TaskType]:
        return tuple(offer.task_type for offer in self._offers.values())

    def check(self, task_type: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._offers[task_type].parameters.read(params).given()

    async def prepare(
        self, task_type: str, project_id: str, params: Mapping[str, Any], origins: Mapping[str, str]
    ) -> Mapping[str, Any]:
        offer = self._offers[task_type]
        effective = offer.effective(params, origins)
        for given in offer.task_type.inputs:
            if given.name not in effective or is_deferred(effective[given.name]):
                continue
            effective[given.name], picture = await find_picture(
                self._artifacts, project_id, given.name, effective[given.name]
            )
            if given.name == "source_image":
                offer.check_source(picture)
                if "width_px" in effective:
                    effective |= offer.shape(effective, picture.width_px / picture.height_px, origins)
        return effective

    def estimate_s(self, task_type: str, params: Mapping[str, Any]) -> float | None:
        pace = self._pace.get(task_type)
        return None if pace is None else round(pace * _work(params), 1)

    async def status(self) -> EngineStatus:
        """Up where every model's directory is there. What is loaded is known as of the last task."""
        for name, offer in self._offers.items():
            if not await asyncio.to_thread(offer.is_there):
                return EngineStatus(up=False, reason=f"the model for {name} is no longer where it was")
        versions = {}
        for name in ("diffusers", "torch"):
            with suppress(importlib.metadata.PackageNotFoundError):  # of a source folder nobody knows the version
                versions[name] = importlib.metadata.version(name)
        models = {name: offer.name for name, offer in self._offers.items()}
        loaded = [dict(model) for kept in self._loaded.values() for model in kept]
        return EngineStatus(up=True, details={"versions": versions, "models": models, "loaded": loaded})

    async def run(self, task: Task, context: TaskContext) -> HandlerResult:
        params, offer = task.request.params, self._offers[task.request.task_type]
        controls = sorted(
            given.control for given in offer.task_type.inputs if given.control is not None and given.name in params
        )
        inputs = {
            given.name: str(await locate(self._artifacts, task.project_id, params[given.name], _words(given.name)))
            for given in offer.task_type.inputs
            if given.name in params
        }
        device = offer.model.device or ""
        pool = self._pools[device]
        if pool.is_full:
            context.report(0.0, stage="waiting", message="Waiting for the model to be free")
        log.info("generating", model=offer.name, steps=params.get("steps"), controls=controls)
        arguments = {
            "task_type": offer.task_type.name,
            "params": dict(params),
            "model": offer.model.model_dump(exclude_none=True),
            "name": offer.name,
            "pipeline": offer.controlled if controls else offer.pipeline,
            "controls": controls,
            "multiple_of": offer.multiple_of,
            "inputs": inputs,
            "directory": str(context.directory),
            "suffix": DRAFT_SUFFIX,
            "memory_bytes": self._settings.memory,
            "pixel_bytes": self._pixel_bytes.get(offer.task_type.name, 0.0),
            "threads": self._threads,
            "downloads": self._settings.downloads,
        }
        try:
            made = await pool.run(self._job, arguments, lambda said: context.report(**said))
        except HandlerError as error:
            log.warning("generating failed", reason=error.message, cause=str(error.__cause__ or ""))
            raise
        self._loaded[device] = made["loaded"]
        self._learn(offer.task_type.name, params, made["metrics"])
        log.info("generated", **made["metrics"])
        return HandlerResult(
            drafts=tuple(Draft(**draft) for draft in made["drafts"]),
            metrics=made["metrics"],
            understood=made["understood"],
        )

    def _learn(self, task_type: str, params: Mapping[str, Any], metrics: Mapping[str, Any]) -> None:
        pace = metrics["render_s"] / _work(params)
        self._pace[task_type] = self._pace.get(task_type, pace) * (1 - _SOONER) + pace * _SOONER
        if working := metrics.get("working_bytes"):
            each = working / _pixels(params)
            self._pixel_bytes[task_type] = max(self._pixel_bytes.get(task_type, 0.0), each)


def _work(params: Mapping[str, Any]) -> float:
    """What the time goes with: pixels by steps by frames."""
    return _pixels(params) * float(max(params.get("steps", 1) * params.get("strength", 1.0), 1.0))


def _pixels(params: Mapping[str, Any]) -> float:
    """Of all frames; what the memory goes with."""
    return float(params.get("width_px", 512) * params.get("height_px", 512) * params.get("frames", 1))


def _words(parameter: str) -> str:
    return parameter.replace("_", " ").removesuffix(" image") + (" image" if parameter.endswith("_image") else " pass")


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
