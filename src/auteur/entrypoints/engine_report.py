"""What engines there are, which are up, and why one is not: for people at a terminal."""

import asyncio
from dataclasses import dataclass, field
from typing import Literal

from auteur.adapters.engines.discovery import EngineProblem, FoundEngine
from auteur.adapters.engines.installed import installed
from auteur.domain.routing import EngineRouter
from auteur.entrypoints.container import Container

EngineState = Literal["up", "down", "off", "left out", "not chosen"]


@dataclass(frozen=True, slots=True)
class EngineRow:
    """One entry point. ``engine``: the name that a request gives; ``places``: in the order of each of its task types,
    1 is the first; ``reason``: why it is not up."""

    name: str
    package: str
    version: str
    state: EngineState
    reason: str = ""
    engine: str | None = None
    places: dict[str, int] = field(default_factory=dict)

    @property
    def is_fault(self) -> bool:
        """Whether somebody should look at it."""
        return self.state in ("down", "left out")


async def engine_report(container: Container) -> list[EngineRow]:
    """Every engine that is installed; each is asked now, and waited for within its limit.

    Raises `WrongSettingError`.
    """
    found, router = container.engines(), container.router()
    await asyncio.gather(*(router.availability.asked(engine.handler) for engine in found.found))
    usable = {(engine.name, engine.package): engine for engine in found.found}
    wrong = {(problem.name, problem.package): problem for problem in found.problems}
    off = {(engine.name, engine.package): engine for engine in found.off}
    rows = []
    for point in installed():
        package, version = (point.dist.name, point.dist.version) if point.dist else ("an unknown package", "")
        key = (point.name, package)
        if key in usable:
            rows.append(_usable(usable[key], router))
        else:
            rows.append(_unusable(point.name, package, version, wrong.get(key), off.get(key)))
    return rows


def _usable(engine: FoundEngine, router: EngineRouter) -> EngineRow:
    status = router.availability.of(engine.handler)
    name = engine.task_types[0].engine
    places = {
        made.name: 1 + [route.engine for route in router.routes(made.name)].index(made.engine)
        for made in engine.task_types
    }
    state: EngineState = "up" if status.up else "down"
    return EngineRow(engine.name, engine.package, engine.version, state, status.reason, name, places)


def _unusable(
    name: str, package: str, version: str, wrong: EngineProblem | None, off: EngineProblem | None
) -> EngineRow:
    if wrong is not None:
        return EngineRow(name, package, version, "left out", wrong.reason)
    if off is not None:
        return EngineRow(name, package, version, "off", off.reason)
    return EngineRow(name, package, version, "not chosen", "it is not among BACKEND_ENGINES")
