"""Promotes a take: the same shot at another quality or by another engine, as a task of its own.

What makes the picture is carried over: words, seed, shape of the frame. What a quality decides comes from the new one,
what a caller once asked for stays. Control passes that the engine takes are wired to those that the take left, or to
those of the same set, made once more for the purpose.
"""

import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from auteur.domain.commands import PromoteTask, Promotion, StartGeneration
from auteur.domain.dispatcher import Submission, TaskDispatcher, task_id_of
from auteur.domain.errors import (
    InvalidParamsError,
    InvalidRequestError,
    TaskNotMadeError,
)
from auteur.domain.fetching import set_aside
from auteur.domain.ports import StateStore
from auteur.domain.quality import QualityMapper
from auteur.domain.routing import EngineRouter, Route
from auteur.domain.task import CONTROL_FILES, Artifact, Task, TaskInput, TaskStatus, TaskType, parse_project_id

_PRESET = frozenset({"steps", "width_px", "height_px"})
_SIDES = ("width_px", "height_px")
_SAME_SHAPE = 0.005
_CONTROL = "control"
_PASSES_IDS = uuid.UUID("0d0f7a52-0f5b-4b53-9d39-2a1b7c0e5f64")


class TakePromoter:
    """Composes what a promotion asks for, and asks for it at the dispatcher's door."""

    def __init__(
        self,
        store: StateStore,
        dispatcher: TaskDispatcher,
        mapper: QualityMapper,
        router: EngineRouter,
    ) -> None:
        self._store = store
        self._dispatcher = dispatcher
        self._mapper = mapper
        self._router = router

    async def promote(self, command: PromoteTask) -> Submission:
        """Accepts the task that is made of the take; a repeat is answered as of `TaskDispatcher.submit`, also when the
        take is gone.

        Raises `TaskNotFoundError`, `TaskDeletedError`, `TaskNotMadeError` where the take did not succeed,
        `InvalidRequestError` where there is no higher quality, `UnknownEngineError`, and what `TaskDispatcher.submit`
        raises.
        """
        parse_project_id(command.project_id)
        known = await self._dispatcher.repeated(_request(command))
        if known is not None:
            return known
        take = (await self._store.task(command.project_id, command.task_id)).task
        if take.status is not TaskStatus.SUCCEEDED or take.result is None:
            raise TaskNotMadeError(take.task_id, take.status.value)
        quality = self._quality(command, take)
        route = self._route(command.task_type or take.request.task_type, command.engine, take.result.engine)
        preset = self._mapper.resolve(route.task_type, quality, {}).parameters
        carried = carry_over(take, route.task_type, preset, command.params)
        asked = frozenset(name for name, value in command.params.items() if value is not None)
        filled = {*carried, *command.params}
        unfilled = [one for one in route.task_type.inputs if one.control and one.name not in filled]
        passes = self._passes(command, take, frozenset(one.control for one in unfilled if one.control))
        if passes is not None:
            carried = {**carried, **_outputs(passes, unfilled)}
        params, inherited = _accepted(route, carried, asked, take)
        return await self._dispatcher.submit(
            replace(
                _request(command, inherited, passes),
                task_type=route.task_type.name,
                engine=self._wish(route),
                quality=quality,
                params=params,
                shot=command.shot if command.shot is not None else take.request.shot,
            )
        )

    def _quality(self, command: PromoteTask, take: Task) -> str:
        own, known = take.request.quality, self._mapper.qualities
        if command.quality is not None:
            return command.quality
        if command.engine or command.task_type or command.params:
            return own if own in known else self._mapper.default
        higher = known[known.index(own) + 1 :] if own in known else known
        if not higher:
            raise InvalidRequestError(
                f"The take is of the highest quality already, {own}; say what shall differ: quality, engine,"
                " task_type or params.",
                task_id=take.task_id,
            )
        return higher[0]

    def _passes(self, command: PromoteTask, take: Task, wanted: frozenset[str]) -> StartGeneration | None:
        """What leaves the control passes that the take did not: the take again, as it was, and asked for them. None
        where its engine makes none of them."""
        assert take.result is not None
        try:
            own = self._router.find(take.request.task_type, take.result.engine)
        except InvalidRequestError:  # it is installed no longer
            return None
        controls = wanted & own.task_type.controls
        if not controls:
            return None
        return StartGeneration(
            project_id=command.project_id,
            task_type=take.request.task_type,
            params={**take.result.params, _CONTROL: sorted(controls)},
            message_id=str(uuid.uuid5(_PASSES_IDS, f"{command.project_id}/{command.message_id}")),
            quality=take.request.quality if take.request.quality in self._mapper.qualities else None,
            engine=self._wish(own),
            metadata=command.metadata,
            request_id=command.request_id,
        )

    def _route(self, task_type: str, wanted: str | None, own: str) -> Route:
        """The engine that was asked for; else the take's own, so that it is made alike; else the preferred one."""
        if wanted is not None:
            return self._router.find(task_type, wanted)
        routes = self._router.routes(task_type)
        return next((route for route in routes if route.engine == own), routes[0])

    def _wish(self, route: Route) -> str | None:
        """The engine by name, where there are several."""
        return route.engine if len(self._router.routes(route.task_type.name)) > 1 else None


def carry_over(
    take: Task, task_type: TaskType, preset: Mapping[str, Any], changes: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What the task type is to be asked for, to make of a take that succeeded the same shot again.

    ``preset``: what the new quality gives. ``changes``: what shall differ, None for what shall be left out. What the
    take had from its preset comes from the new one; the frame keeps its shape. Inputs that nobody has filled are given
    the take's files: control passes by their name, and where a picture is required, its picture.
    """
    assert take.result is not None
    schema, had = task_type.params_schema, take.result.params
    fields = schema.get("properties")
    params = {
        name: value
        for name, value in had.items()
        if (fields is None or name in fields) and (_is_asked(take, name) or not _is_preset(take, name))
    }
    if _lists_passes(had.get(_CONTROL)) and _CONTROL in params:
        params[_CONTROL] = [wanted for wanted in had[_CONTROL] if wanted in task_type.controls]
    params |= changes
    if all(params.get(name) is None for name in ("aspect", *_SIDES)) and preset.keys() >= set(_SIDES):
        params |= _shape(had, preset, fields or {})
    for known in task_type.inputs:
        if known.name in params:
            continue
        if known.control is not None:
            found = _named(take.result.artifacts, CONTROL_FILES.get(known.control, ""))
        elif known.name in schema.get("required", ()):
            found = next((one for one in take.result.artifacts if one.kind == known.kind), None)
        else:
            found = None
        if found is not None:
            params[known.name] = [found.path] if known.many else found.path
    return {name: value for name, value in params.items() if value is not None and value != []}


def _outputs(passes: StartGeneration, inputs: Sequence[TaskInput]) -> Mapping[str, Any]:
    """The inputs of which the passes are made first, filled with those."""
    task_id, filled = task_id_of(passes.project_id, passes.message_id), {}
    for known in inputs:
        if known.control is not None and known.control in passes.params[_CONTROL]:
            output = {"from_task": task_id, "artifact": CONTROL_FILES[known.control]}
            filled[known.name] = [output] if known.many else output
    return filled


def _is_asked(take: Task, name: str) -> bool:
    return take.request.origins.get(name) == "caller"


def _is_preset(take: Task, name: str) -> bool:
    """Also what the engine has made of it, as sides in the shape of an aspect."""
    return name in _PRESET or take.request.origins.get(name) == "preset"


def _lists_passes(value: Any) -> bool:
    """Whether a parameter asks for control passes: a model may call something else `control`."""
    return isinstance(value, list | tuple) and all(isinstance(one, str) and one in CONTROL_FILES for one in value)


def _named(artifacts: Sequence[Artifact], name: str) -> Artifact | None:
    return next((one for one in artifacts if one.name == name and one.kind == _CONTROL), None)


def _shape(had: Mapping[str, Any], preset: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, int]:
    """The sides of the take's frame within the preset's number of pixels; none where the preset's own shape is so."""
    width_px, height_px = (had.get(side) for side in _SIDES)
    if not isinstance(width_px, int) or not isinstance(height_px, int) or min(width_px, height_px) <= 0:
        return {}
    aspect = width_px / height_px
    if abs(aspect * preset["height_px"] / preset["width_px"] - 1) <= _SAME_SHAPE:
        return {}
    height = math.sqrt(preset["width_px"] * preset["height_px"] / aspect)
    wanted = (height * aspect, height)
    rules = [_rules(fields.get(side, {})) for side in _SIDES]
    scale = min(1.0, *(rule.get("maximum", math.inf) / side for rule, side in zip(rules, wanted, strict=True)))
    steps = [int(rule.get("multipleOf", 2)) or 1 for rule in rules]
    return {
        name: max(step, step * round(side * scale / step))
        for name, side, step in zip(_SIDES, wanted, steps, strict=True)
    }


def _rules(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the schema says of a number, also where there may be none."""
    return {name: value for part in (field, *field.get("anyOf", ())) for name, value in part.items()}


def _accepted(
    route: Route, params: Mapping[str, Any], asked: frozenset[str], take: Task
) -> tuple[Mapping[str, Any], frozenset[str]]:
    """The parameters as the engine takes them, and which of them no caller asked for. What only the other engine had
    so, and this one does not take, is left out; the seed never is. Raises `InvalidParamsError`."""
    inherited = frozenset(name for name in params if name not in asked and not _is_asked(take, name))
    while True:
        try:
            route.handler.check(route.task_type.name, set_aside(route.task_type.inputs, params).params)
        except InvalidParamsError as error:
            refused = {str(problem["field"]).partition(".")[0] for problem in error.details["problems"]}
            dispensable = refused & inherited - {"seed"}
            if not dispensable:
                raise
            params = {name: value for name, value in params.items() if name not in dispensable}
            inherited -= dispensable
        else:
            return params, inherited


def _request(
    command: PromoteTask, inherited: frozenset[str] = frozenset(), passes: StartGeneration | None = None
) -> StartGeneration:
    """What tells a repeat: the rest follows from the take."""
    said = [command.task_id, command.quality, command.engine, command.task_type, command.params, command.shot]
    return StartGeneration(
        project_id=command.project_id,
        task_type="",
        params={},
        message_id=command.message_id,
        metadata=command.metadata,
        request_id=command.request_id,
        promotion=Promotion(
            task_id=command.task_id, inherited=inherited, body=["promote", *said, command.metadata], passes=passes
        ),
    )
