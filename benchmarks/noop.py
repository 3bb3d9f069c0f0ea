"""The service, or a worker, with an engine that does nothing: ``python benchmarks/noop.py serve|worker …``."""

from collections.abc import Mapping, Sequence
from typing import Any

from dependency_injector import providers

from auteur.adapters.engines.discovery import Engines, FoundEngine
from auteur.domain.ports import HandlerResult, TaskContext
from auteur.domain.task import Task, TaskType
from auteur.entrypoints import container
from auteur.entrypoints.cli import main


class NoopHandler:
    """Takes anything, makes nothing."""

    @property
    def task_types(self) -> Sequence[TaskType]:
        return (
            TaskType(
                name="noop",
                engine="none",
                summary="Nothing.",
                params_schema={},
                preset_parameters=frozenset(),
                makes_files=False,
            ),
        )

    def check(self, task_type: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return params

    async def prepare(
        self, task_type: str, project_id: str, params: Mapping[str, Any], origins: Mapping[str, str]
    ) -> Mapping[str, Any]:
        return params

    def estimate_s(self, task_type: str, params: Mapping[str, Any]) -> float | None:
        return None

    async def run(self, task: Task, context: TaskContext) -> HandlerResult:
        return HandlerResult(drafts=())


def engines() -> Engines:
    """What is found where nothing else is installed."""
    handler = NoopHandler()
    found = FoundEngine("none", "benchmarks", "", handler, tuple(handler.task_types))
    return Engines(found=(found,), problems=(), names=frozenset({found.name}))


if __name__ == "__main__":
    container.Container.engines.override(providers.Object(engines()))
    main()
