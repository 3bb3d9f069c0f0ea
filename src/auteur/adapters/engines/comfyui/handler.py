"""`TaskHandler` for the workflow templates of a studio; the work happens on its ComfyUI servers."""

from collections.abc import Collection, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from auteur.adapters.engines.comfyui.pool import Server, ServerPool
from auteur.adapters.engines.comfyui.running import WorkflowRun
from auteur.adapters.engines.comfyui.templates import Template
from auteur.adapters.engines.inputs import find_file
from auteur.adapters.engines.parameters import draw_seed
from auteur.domain.ports import ArtifactStore, EngineStatus, HandlerResult, TaskContext
from auteur.domain.task import Task, TaskType

_MOST_REASON = 1000
_ANSWER_S, _FIRST_ANSWER_S = 1.5, 10.0
"""How long servers are waited for when the state is asked. The first time, all that they can do is read."""


class ComfyHandler:
    """Makes what the templates say. ``problems``: of templates that cannot be used, a line each.

    Open it as a context manager before a task runs; its status may be asked before.
    """

    def __init__(
        self,
        pool: ServerPool,
        artifacts: ArtifactStore,
        templates: Sequence[Template],
        problems: Sequence[str] = (),
        *,
        ping_timeout_s: float = 60.0,
        previews: bool = True,
        most_bytes: int = 2 << 30,
    ) -> None:
        self._pool = pool
        self._artifacts = artifacts
        self._templates = {template.task_type.name: template for template in templates}
        self._problems = tuple(problems)
        self._ping_timeout_s = ping_timeout_s
        self._previews = previews
        self._most_bytes = most_bytes

    async def __aenter__(self) -> Self:
        await self._pool.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.__aexit__(kind, error, trace)

    @property
    def task_types(self) -> Sequence[TaskType]:
        return tuple(template.task_type for template in self._templates.values())

    def check(self, task_type: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._templates[task_type].model.read(params).given()

    async def prepare(
        self, task_type: str, project_id: str, params: Mapping[str, Any], origins: Mapping[str, str]
    ) -> Mapping[str, Any]:
        template = self._templates[task_type]
        effective = template.model.read(params).model_dump(exclude_none=True)
        for name, declared in template.declared.items():
            if declared.type == "seed":
                effective.setdefault(name, draw_seed())
        for wanted in template.task_type.inputs:
            if wanted.name in effective:
                effective[wanted.name] = await find_file(self._artifacts, project_id, wanted, effective[wanted.name])
        return effective

    def estimate_s(self, task_type: str, params: Mapping[str, Any]) -> float | None:
        return None  # what a workflow takes depends on the server, and on what it holds in memory

    async def run(self, task: Task, context: TaskContext) -> HandlerResult:
        run = WorkflowRun(
            self._pool,
            self._artifacts,
            self._templates[task.request.task_type],
            task,
            context,
            ping_timeout_s=self._ping_timeout_s,
            previews=self._previews,
            most_bytes=self._most_bytes,
        )
        return await run.run()

    async def status(self) -> EngineStatus:
        """Up where a server is, and has what one of the templates needs."""
        if not self._pool.is_open:
            async with self._pool:
                await self._pool.ask_all(_FIRST_ANSWER_S)
                return self._status()
        await self._pool.ask_all(_ANSWER_S)
        return self._status()

    def _status(self) -> EngineStatus:
        servers = [self._told(server) for server in self._pool.servers]
        details = {"servers": servers, "templates": list(self._templates), "problems": list(self._problems)}
        up = [server for server in self._pool.servers if server.up]
        if not up:
            reasons = ", ".join(f"{server.name}: {server.reason}" for server in self._pool.servers)
            return self._answer(False, [f"no ComfyUI server is up ({reasons})"], details)
        why, told = {}, []
        for name, made in self._templates.items():
            if lines := self._missing(made, up, made.parameter_of):
                why[name] = f"no ComfyUI server can make {name}: {lines[0]}"
            elif lines := self._missing(made, up, made.file_inputs):
                told.append(f"{name} as it is by default: {lines[0]}")
        return self._answer(len(why) < len(self._templates), [*why.values(), *told], details, why)

    def _answer(
        self, up: bool, told: Sequence[str], details: Mapping[str, Any], unavailable: Mapping[str, str] | None = None
    ) -> EngineStatus:
        """An engine that is up says, too, what of it cannot be used."""
        reason = "; ".join([*told, *self._problems])[:_MOST_REASON]
        return EngineStatus(up=up, reason=reason, details=details, unavailable=unavailable or {})

    @staticmethod
    def _missing(template: Template, up: Sequence[Server], filled_in: Collection[tuple[str, str]]) -> list[str]:
        """What the server that has most of what the template needs still lacks, whatever is filled in there."""
        return min((server.lacks(template.workflow, filled_in) for server in up), key=len)

    def _told(self, server: Server) -> dict[str, Any]:
        if not server.up:
            return {"server": server.name, "up": False, "reason": server.reason}
        missing = {
            name: lacks
            for name, template in self._templates.items()
            if (lacks := server.lacks(template.workflow, template.file_inputs))
        }
        return {
            "server": server.name,
            "up": True,
            "version": server.version,
            "devices": server.devices,
            "queue": server.queue,
            "running_here": server.busy,
            "missing": missing,
        }
