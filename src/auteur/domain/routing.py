"""Which engine makes a task: the one that was asked for, or the first of the order that is up."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from auteur.domain.availability import EngineAvailability
from auteur.domain.errors import (
    EngineDownError,
    EngineElsewhereError,
    InvalidParamsError,
    InvalidRequestError,
    UnknownEngineError,
    UnknownTaskTypeError,
)
from auteur.domain.ports import EngineStatus, TaskHandler, Worker
from auteur.domain.quality import ANY_TYPE, QualityMapper
from auteur.domain.task import Routing, Task, TaskRequest, TaskType

LAST_BY_DEFAULT = "previs"
"""The engine that always works takes what the others cannot."""

_NOT_HERE = "no worker at work has it"


@dataclass(frozen=True, slots=True)
class Route:
    """One way to make a task type."""

    task_type: TaskType
    handler: TaskHandler

    @property
    def engine(self) -> str:
        """The engine's name."""
        return self.task_type.engine

    def takes(self, parameter: str) -> bool:
        """Whether the engine's schema has the parameter."""
        properties = self.task_type.params_schema.get("properties")
        return properties is None or parameter in properties


@dataclass(frozen=True, slots=True)
class Choice:
    """Who makes a new task, and why. ``notice``: what the client should know."""

    route: Route
    routing: Routing
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who makes a task now. ``request``: with the parameters of this engine, which are other ones after a fallback."""

    route: Route
    request: TaskRequest
    routing: Routing


class EngineRouter:
    """Knows the engines of every task type, in order, and which are up.

    ``order``: engines by task type or ``*``; those that it does not name come after them in the order in which they
    were found, and `previs` last. ``falls_back``: whether a task that named no engine goes to the next one when its own
    is down; one that did waits always, at most ``wait_s``.
    """

    def __init__(
        self,
        handlers: Sequence[TaskHandler],
        mapper: QualityMapper,
        availability: EngineAvailability | None = None,
        order: Mapping[str, Sequence[str]] | None = None,
        *,
        falls_back: bool = True,
        wait_s: float = 3600.0,
    ) -> None:
        self._mapper = mapper
        self.availability = availability or EngineAvailability(handlers)
        self._falls_back = falls_back
        self.wait_s = wait_s
        found: dict[str, list[Route]] = {}
        for handler in handlers:
            for task_type in handler.task_types:
                found.setdefault(task_type.name, []).append(Route(task_type, handler))
        self._routes = {name: _ordered(routes, name, order or {}) for name, routes in found.items()}

    @property
    def task_types(self) -> tuple[str, ...]:
        """All that can be made, sorted."""
        return tuple(sorted(self._routes))

    def routes(self, task_type: str) -> tuple[Route, ...]:
        """The ways to make it, the preferred one first. Raises `UnknownTaskTypeError`."""
        if task_type not in self._routes:
            raise UnknownTaskTypeError(task_type, self.task_types)
        return self._routes[task_type]

    def find(self, task_type: str, engine: str) -> Route:
        """The way by this engine. Raises `UnknownTaskTypeError`, `UnknownEngineError`."""
        routes = self.routes(task_type)
        for route in routes:
            if route.engine == engine:
                return route
        raise UnknownEngineError(engine, task_type, [route.engine for route in routes])

    def all_routes(self) -> tuple[Route, ...]:
        """Every way to make anything: task types sorted, each in its order."""
        return tuple(route for name in self.task_types for route in self._routes[name])

    def status(self, route: Route) -> EngineStatus:
        """Whether the engine is up, as far as is known; asks nobody."""
        return self.availability.of(route.handler, route.task_type.name)

    def queue_engine(self, request: TaskRequest) -> str:
        """The engine in whose queue the task waits; a record of before there were several names none."""
        if request.engine is not None:
            return request.engine
        own = self._own(request)
        return own.engine if own is not None else ""

    def is_waiting(self, request: TaskRequest) -> bool:
        """Whether a task waits for an engine that is down, so that others may go before it."""
        own = self._own(request)
        return own is not None and not self.status(own).up and not self._may_fall_back(request)

    async def choose(self, task_type: str, engine: str | None, lane: str, workers: Sequence[Worker]) -> Choice:
        """Who makes a new task. ``engine``: the one asked for; ``workers``: who is at work.

        Raises `UnknownTaskTypeError`, `UnknownEngineError`.
        """
        routes = self.routes(task_type)
        if engine is not None or len(routes) == 1:
            route = routes[0] if engine is None else self.find(task_type, engine)
            routing = Routing(reason="only" if engine is None else "asked")
            await self.availability.known(route.handler, task_type)
            return Choice(route, routing, self._notice(route))
        served = [r for r in routes if any(worker.takes(lane, task_type, r.engine) for worker in workers)]
        passed: dict[str, str] = {}
        for route in routes:
            if served and route not in served:
                passed[route.engine] = _NOT_HERE
                continue
            status = await self.availability.known(route.handler, task_type)
            if status.up:
                return Choice(route, Routing(reason="next" if passed else "first", passed_over=passed))
            passed[route.engine] = status.reason
        first = (served or routes)[0]
        return Choice(first, Routing(reason="first"), self._notice(first))

    async def assign(self, task: Task, workers: Callable[[], Awaitable[Sequence[Worker]]], here: str) -> Assignment:
        """Who makes a task that is about to run here. ``here``: the name of this worker.

        Raises `EngineDownError` where it shall wait, `EngineElsewhereError` where another worker can make it,
        `UnknownTaskTypeError`, and what ``workers`` raises.
        """
        request = task.request
        routes = self.routes(request.task_type)
        own = self._own(request)
        passed: dict[str, str] = {}
        if own is not None:
            status = await self.availability.known(own.handler, request.task_type)
            if status.up:
                return Assignment(own, request, request.routing or Routing(reason="only"))
            passed[own.engine] = status.reason
        elif request.engine is not None:
            passed[request.engine] = "it is not installed here"
        if self._may_fall_back(request):
            for route in routes:
                if route is own:
                    continue
                status = await self.availability.known(route.handler, request.task_type)
                if not status.up:
                    passed[route.engine] = status.reason
                    continue
                try:
                    prepared, left_out = await self._prepared_for(route, task)
                except InvalidRequestError as error:
                    passed[route.engine] = f"it cannot take this task: {error.message}"
                    continue
                routing = Routing(reason="fallback", passed_over=passed, left_out=tuple(left_out))
                return Assignment(route, prepared, routing)
        engine = request.engine or (own or routes[0]).engine
        others = await self._elsewhere(request, own, workers, here)
        if others:
            raise EngineElsewhereError(others[0])
        down_for_s = self.availability.down_for_s(None if own is None else own.handler, request.task_type)
        raise EngineDownError(engine, passed.get(engine, ""), down_for_s=down_for_s)

    async def _elsewhere(
        self,
        request: TaskRequest,
        own: Route | None,
        workers: Callable[[], Awaitable[Sequence[Worker]]],
        here: str,
    ) -> list[str]:
        """Engines of other workers that may make the task. One that is not installed here is asked for where it is; for
        another one only who has the task's own hands on, so that no task goes round in circles."""
        present = [worker for worker in await workers() if worker.name != here]
        if own is None:
            wanted = [request.engine] if request.engine is not None and not self._may_fall_back(request) else []
        else:
            here_too = {route.engine for route in self.routes(request.task_type)}
            wanted = [
                engine
                for worker in present
                if self._may_fall_back(request)
                for engine in worker.engines(request.task_type)
                if engine not in here_too
            ]
        return [
            engine
            for engine in wanted
            if any(worker.makes and worker.takes(request.lane, request.task_type, engine) for worker in present)
        ]

    def _own(self, request: TaskRequest) -> Route | None:
        """The way by the task's own engine; of a record that names none, the first that takes its parameters."""
        for route in self._routes.get(request.task_type, ()):
            if request.engine is None and all(map(route.takes, request.params)):
                return route
            if route.engine == request.engine:
                return route
        return None

    def _may_fall_back(self, request: TaskRequest) -> bool:
        return self._falls_back and (request.routing is None or request.routing.reason != "asked")

    def _notice(self, route: Route) -> str | None:
        status = self.status(route)
        return None if status.up else f"The engine {route.engine} is down ({status.reason}); the task waits for it."

    async def _prepared_for(self, route: Route, task: Task) -> tuple[TaskRequest, list[str]]:
        """The request with parameters for another engine, and the names of the caller's own that it does not take.

        The seed is kept whoever drew it: every attempt shall make the same. Raises `InvalidRequestError`.
        """
        request, handler = task.request, route.handler
        own = {name: value for name, value in request.params.items() if request.origins.get(name) == "caller"}
        kept = {name: request.params[name] for name in (*own, "seed") if name in request.params and route.takes(name)}
        given = _checked(route, kept)
        resolved = self._mapper.resolve(route.task_type, request.quality, given)
        params = await handler.prepare(request.task_type, task.project_id, resolved.parameters, resolved.origins)
        prepared = replace(
            request,
            engine=route.engine,
            params=params,
            origins=origins_of(params, resolved.parameters, resolved.origins),
            estimate_s=handler.estimate_s(request.task_type, params),
        )
        return prepared, [name for name in own if name not in kept or name not in given]


def origins_of(params: Mapping[str, Any], given: Mapping[str, Any], origins: Mapping[str, str]) -> dict[str, str]:
    """Where each effective parameter is from: what the engine changed or added is the engine's."""
    return {name: origins[name] if name in origins and params[name] == given[name] else "engine" for name in params}


def _checked(route: Route, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the engine takes of the parameters: a value that it refuses is left out, once. Raises
    `InvalidParamsError`."""
    try:
        return route.handler.check(route.task_type.name, params)
    except InvalidParamsError as error:
        refused = {problem["field"].partition(".")[0] for problem in error.details["problems"]}
        left = {name: value for name, value in params.items() if name not in refused}
        if len(left) == len(params):
            raise
        return route.handler.check(route.task_type.name, left)


def _ordered(routes: Sequence[Route], task_type: str, order: Mapping[str, Sequence[str]]) -> tuple[Route, ...]:
    named = order.get(task_type, order.get(ANY_TYPE, ()))

    def place(route: Route) -> tuple[int, int]:
        if route.engine in named:
            return 0, list(named).index(route.engine)
        return (2, 0) if route.engine == LAST_BY_DEFAULT else (1, 0)

    return tuple(sorted(routes, key=place))


def unknown_in(order: Mapping[str, Sequence[str]], engines: Collection[str]) -> list[str]:
    """The engines that an order names and that there are none of."""
    return sorted({engine for named in order.values() for engine in named} - set(engines))
