"""`image_to_video` as an animatic shot: a camera move over a still."""

import asyncio
import math
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, Literal, get_args

import structlog
from pydantic import AliasChoices, Field

from auteur.adapters.engines.inputs import FileInput, find_picture, is_deferred, locate
from auteur.adapters.engines.parameters import MAX_SEED, SchemaOf, draw_seed
from auteur.adapters.engines.previs.filming import SOUND, FilmParameters, film_drafts, length, sound_of, with_sound
from auteur.adapters.engines.process import EngineProcesses
from auteur.domain.errors import InvalidParamsError
from auteur.domain.ports import DRAFT_SUFFIX, ArtifactStore, HandlerResult, TaskContext
from auteur.domain.task import Task, TaskInput, TaskType

log = structlog.get_logger(__name__)

ENGINE = "previs"
_SECONDS_PER_PIXEL_SAMPLE = 4e-8
_SECONDS_PER_PIXEL_ENCODED = 3e-8
_FIXED_S = 0.5

Side = Annotated[int, Field(ge=64, le=4096, multiple_of=2)]
Move = Literal["hold", "push_in", "pull_out", "pan_left", "pan_right", "tilt_up", "tilt_down", "drift"]


_SAME = {
    "static": "hold", "zoom_in": "push_in", "zoom_out": "pull_out", "pan": "pan_right", "handheld": "drift",
    "steadicam": "drift",
}  # fmt: skip
"""Moves on a set that are one of these over a still."""
_DRIFTS = re.compile(r"\b(?:drift|float)(?:s|ing)?\b", re.IGNORECASE)


class MoveParameters(FilmParameters):
    """What `image_to_video` takes."""

    source_image: FileInput = Field(
        description="An artifact's or upload's url or path in this project, or another task's output."
    )
    move: Move | None = Field(None, description="The camera's move; else the prompt's, else push_in.")
    prompt: str | None = Field(None, max_length=1000, description="May name the move.")
    seed: int | None = Field(None, ge=0, le=MAX_SEED, description="Drawn and recorded when absent.")
    steps: int | None = Field(None, ge=1, le=200, description="Motion blur: one sample of the shutter for every ten.")
    width_px: Side | None = Field(None, validation_alias=AliasChoices("width_px", "width"), description="Even pixels.")
    height_px: Side | None = Field(
        None, validation_alias=AliasChoices("height_px", "height"), description="Even pixels."
    )


class AnimaticHandler:
    """`TaskHandler` for `image_to_video`; the work happens in an engine process."""

    def __init__(self, processes: EngineProcesses, artifacts: ArtifactStore) -> None:
        self._processes = processes
        self._artifacts = artifacts

    @cached_property
    def task_types(self) -> Sequence[TaskType]:
        return (
            TaskType(
                name="image_to_video",
                engine=ENGINE,
                summary="An animatic shot: a camera move over a still.",
                params_schema=SchemaOf(MoveParameters),
                preset_parameters=frozenset({"steps", "width_px", "height_px"}),
                inputs=(TaskInput("source_image"), SOUND),
            ),
        )

    def check(self, task_type: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return MoveParameters.read(params).given()

    async def prepare(
        self, task_type: str, project_id: str, params: Mapping[str, Any], origins: Mapping[str, str]
    ) -> Mapping[str, Any]:
        effective = MoveParameters.read(params).model_dump(exclude_none=True)
        effective.setdefault("seed", draw_seed())
        if "move" not in effective:
            # in a thread: the vocabulary is read from a file by whoever asks first
            effective["move"] = await asyncio.to_thread(_move_of, effective.get("prompt", ""))
        effective = await with_sound(self._artifacts, project_id, effective)
        if is_deferred(effective["source_image"]):
            return effective
        effective["source_image"], still = await find_picture(
            self._artifacts, project_id, "source_image", effective["source_image"]
        )
        own = {side for side in ("width_px", "height_px") if origins.get(side) == "caller"}
        return effective | _shape(effective, (still.width_px, still.height_px), own)

    def estimate_s(self, task_type: str, params: Mapping[str, Any]) -> float | None:
        pixels: float = params["width_px"] * params["height_px"] * length(params)[0]
        samples: int = min(max(params["steps"] // 10, 1), 8)
        return round(_FIXED_S + pixels * (samples * _SECONDS_PER_PIXEL_SAMPLE + _SECONDS_PER_PIXEL_ENCODED), 1)

    async def run(self, task: Task, context: TaskContext) -> HandlerResult:
        params = task.request.params
        source = await locate(self._artifacts, task.project_id, params["source_image"])
        log.info("rendering a shot", move=params["move"], duration_s=params["duration_s"], fps=params["fps"])
        made = await self._processes.run(
            "auteur.adapters.engines.previs.motion.over_still:render_move",
            {
                "params": params,
                "source": str(source),
                "audio": await sound_of(self._artifacts, task.project_id, params),
                "directory": str(context.directory),
                "draft": f"shot.mp4{DRAFT_SUFFIX}",
                "poster": f"poster.jpg{DRAFT_SUFFIX}",
            },
            lambda said: context.report(**said),
        )
        log.info("rendered a shot", **made["metrics"])
        understood = {"move": params["move"]} | ({"notes": made["notes"]} if made["notes"] else {})
        return HandlerResult(drafts=film_drafts(params), metrics=made["metrics"], understood=understood)


def _move_of(prompt: str) -> str:
    """The move that the prompt names; a push in where it names none. Raises `InvalidParamsError` for one that only a
    camera on a set can make."""
    if not prompt:
        return "push_in"
    from auteur.adapters.engines.previs.reading.sentences import read_shot

    named = [move.kind for move in read_shot(prompt).moves]
    if not named and _DRIFTS.search(prompt):
        return "drift"
    possible = [_SAME.get(kind, kind) for kind in named if _SAME.get(kind, kind) in get_args(Move)]
    if named and not possible:
        said = f"names {named[0]}, which cannot be made over a still; known are {', '.join(get_args(Move))}"
        raise InvalidParamsError([{"field": "prompt", "message": f"{said}; text_to_video moves on the set itself"}])
    return possible[0] if possible else "push_in"


def _shape(params: Mapping[str, Any], still: tuple[int, int], own: set[str]) -> dict[str, int]:
    """The still's own shape within the preset's number of pixels, unless the caller gave a side or both."""
    aspect = min(max(still[0] / still[1], 1 / 4), 4.0)
    if own == {"width_px", "height_px"}:
        return {}
    if own == {"width_px"}:
        width, height = float(params["width_px"]), params["width_px"] / aspect
    elif own == {"height_px"}:
        width, height = params["height_px"] * aspect, float(params["height_px"])
    else:
        height = math.sqrt(params["width_px"] * params["height_px"] / aspect)
        width = height * aspect
    scale = max(64 / min(width, height), 1.0)
    return {"width_px": min(2 * round(width * scale / 2), 4096), "height_px": min(2 * round(height * scale / 2), 4096)}
