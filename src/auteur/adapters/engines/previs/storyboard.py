"""`text_to_image` as a previsualised storyboard frame. No model, no weights: it says so in ``engine``."""

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, Literal

import structlog
from pydantic import AliasChoices, BeforeValidator, Field, field_validator

from auteur.adapters.engines.parameters import MAX_SEED, Parameters, SchemaOf, draw_seed
from auteur.adapters.engines.previs.readers import READING, Reader
from auteur.adapters.engines.previs.reading.choices import (
    ANGLE_NAMES,
    OFFERED,
    PLACE_NAMES,
    SHOT_NAMES,
    TIME_NAMES,
    WEATHER_NAMES,
)
from auteur.adapters.engines.previs.resources import NamedCast, NamedSet
from auteur.adapters.engines.previs.settings import PrevisSettings
from auteur.adapters.engines.process import EngineProcesses
from auteur.domain.errors import InvalidParamsError
from auteur.domain.ports import DRAFT_SUFFIX, Draft, HandlerResult, TaskContext
from auteur.domain.task import CONTROL_FILES, Task, TaskType

log = structlog.get_logger(__name__)

ENGINE = "previs"
MIN_SIDE_PX, MAX_SIDE_PX = 64, 4096
_ASPECTS = {"1:1": 1.0, "4:3": 4 / 3, "16:9": 16 / 9, "1.85:1": 1.85, "2.39:1": 2.39, "9:16": 9 / 16}
# middling sets on one core of a 2026 server, `benchmarks/estimates.py`; a rich one takes twice as long, a bare one half
_SECONDS_PER_PIXEL_PASS = {"numpy": 5e-7, "gl": 8e-8}
_SECONDS_PER_PIXEL = 3.7e-7  # written as PNG, and from the card
_SECONDS_PER_PIXEL_CONTROL = 1.2e-7
_FIXED_S = 0.15
_CONTROLS = tuple(CONTROL_FILES)
RESOURCES: Mapping[str, Literal["set", "cast"]] = {"set": "set", "cast": "cast"}
"""The parameters that name what a project keeps."""

_DEFAULTS = PrevisSettings()

Side = Annotated[int, Field(ge=MIN_SIDE_PX, le=MAX_SIDE_PX)]


def _as_words(height: Any) -> Any:
    """Metres may be given as a number, too."""
    return f"{height:g}" if isinstance(height, int | float) and not isinstance(height, bool) else height


Height = Annotated[
    str,
    Field(pattern=r"^(ground|knee|hip|shoulder|eye|above|\d{1,3}(\.\d{1,3})?)$"),
    BeforeValidator(_as_words),
]


def _override(names: Sequence[str], what: str) -> Any:
    """A field for what the prompt may say, too."""
    described = f"{what}; overrides what the prompt says."
    return Field(None, title=what, pattern=f"^({'|'.join(names)})$", description=described)


class ShotParameters(Parameters):
    """What a shot in words takes, still or moving."""

    prompt: str = Field(
        min_length=1,
        max_length=1000,
        description="The shot in words, as on a call sheet.",
        json_schema_extra={"x-vocabulary": OFFERED},
    )
    negative_prompt: str | None = Field(None, max_length=1000, description="Things and people to leave out.")
    seed: int | None = Field(None, ge=0, le=MAX_SEED, description="Drawn and recorded when absent.")
    width_px: Side | None = Field(None, validation_alias=AliasChoices("width_px", "width"), description="Pixels.")
    height_px: Side | None = Field(None, validation_alias=AliasChoices("height_px", "height"), description="Pixels.")
    aspect: Literal["1:1", "4:3", "16:9", "1.85:1", "2.39:1", "9:16"] | None = Field(
        None, description="Shape of the frame, with the preset's number of pixels."
    )
    steps: int | None = Field(None, ge=1, le=200, description="Rendering passes.")
    style: Literal["previs", "board"] = Field("previs", description="Rendered, or as ink on paper.")
    shot: str | None = _override(SHOT_NAMES, "Shot size")
    angle: str | None = _override(ANGLE_NAMES, "Camera angle")
    lens_mm: float | None = Field(None, ge=8, le=400, description="Focal length of the lens itself, in millimetres.")
    sensor: Literal["super_35", "full_frame", "super_16", "65mm", "65mm_15_perf", "micro_four_thirds"] = Field(
        "super_35", description="What is behind the lens; the frame is the largest of its shape on it."
    )
    stop: float | None = Field(
        None, ge=0.7, le=64, title="Stop", description="f or T number; overrides what the prompt says."
    )
    camera_height: Height | None = Field(
        None,
        title="Camera height",
        description="Of the lens: ground, knee, hip, shoulder, eye, above, or metres; overrides what the prompt says.",
    )
    time_of_day: str | None = _override(TIME_NAMES, "Time of day")
    weather: str | None = _override(WEATHER_NAMES, "Weather")
    place: str | None = _override(PLACE_NAMES, "Place")
    set: NamedSet | None = Field(None, description="A set of the project: its place, layout, light and seed.")
    cast: list[NamedCast] | None = Field(None, max_length=8, description="Who of the project's cast is in the shot.")
    blocking: str | None = Field(
        None,
        max_length=1000,
        description="Who of the cast stands where in the scene, in the words of a shot: the same for all its shots. Of"
        " whom no more is said than the name, the first is on the left, the second on the right, then outwards."
        " What follows 'Since then:' moves those whom it names, and nobody else.",
    )


class FrameParameters(ShotParameters):
    """What `text_to_image` takes."""

    control: list[Literal["depth", "normals", "lineart", "segmentation", "pose", "set"]] | None = Field(
        None,
        max_length=len(_CONTROLS),
        json_schema_extra={"uniqueItems": True},
        description="Control passes to leave beside the picture, from the same set and camera; each once.",
    )

    @field_validator("control")
    @classmethod
    def _each_once(cls, names: list[str] | None) -> list[str] | None:
        """In the order of the passes, however they were asked for: the same wish has one form."""
        if names is not None and len(set(names)) < len(names):
            raise ValueError("names a control pass twice")
        return None if names is None else sorted(names, key=_CONTROLS.index)


class StoryboardHandler:
    """`TaskHandler` for `text_to_image`; the work happens in an engine process."""

    def __init__(
        self, processes: EngineProcesses, settings: PrevisSettings = _DEFAULTS, reader: Reader | None = None
    ) -> None:
        self._reader = reader or Reader()
        self._processes = processes
        self._settings = settings
        self._drawn_by = settings.drawn_by

    @cached_property
    def task_types(self) -> Sequence[TaskType]:
        return (
            TaskType(
                name="text_to_image",
                engine=ENGINE,
                summary="A previsualised storyboard frame from a sentence.",
                params_schema=SchemaOf(FrameParameters),
                preset_parameters=frozenset({"steps", "width_px", "height_px"}),
                controls=frozenset(CONTROL_FILES),
                resources=RESOURCES,
            ),
        )

    def check(self, task_type: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return FrameParameters.read(params).given()

    async def prepare(
        self, task_type: str, project_id: str, params: Mapping[str, Any], origins: Mapping[str, str]
    ) -> Mapping[str, Any]:
        effective = FrameParameters.read(params).model_dump(exclude_none=True)
        effective.setdefault("seed", seed_of(effective))
        if "aspect" in effective:
            effective |= shaped(effective, origins)
        return effective

    def estimate_s(self, task_type: str, params: Mapping[str, Any]) -> float | None:
        pixels: int = params["width_px"] * params["height_px"]
        steps: int = params["steps"]
        controls = pixels * _SECONDS_PER_PIXEL_CONTROL * (1 + len(params.get("control", ())))
        drawn = pixels * (_SECONDS_PER_PIXEL + steps * _SECONDS_PER_PIXEL_PASS[self._drawn_by])
        return round(_FIXED_S + drawn + controls * bool(params.get("control")), 1)

    async def run(self, task: Task, context: TaskContext) -> HandlerResult:
        params = task.request.params
        log.info("rendering a frame", steps=params["steps"], width_px=params["width_px"], height_px=params["height_px"])
        made = await self._processes.run(
            "auteur.adapters.engines.previs.frame:render_frame",
            {
                "params": params,
                "directory": str(context.directory),
                "draft": f"frame.png{DRAFT_SUFFIX}",
                "suffix": DRAFT_SUFFIX,
                "renderer": self._settings.renderer,
                READING: await self._reader.read(params["prompt"], context.report),
            },
            lambda said: context.report(**said),
        )
        log.info("rendered a frame", **made["metrics"])
        frame = Draft(
            name="frame.png",
            kind="image",
            media_type="image/png",
            width_px=params["width_px"],
            height_px=params["height_px"],
        )
        controls = (Draft(kind="control", **file) for file in made["controls"])
        return HandlerResult(drafts=(frame, *controls), metrics=made["metrics"], understood=made["understood"])


def seed_of(params: Mapping[str, Any]) -> int:
    """The seed of a shot that names none: its set's, so that another angle is the same room; else a new one."""
    of_set: int | None = params.get("set", {}).get("seed")
    return draw_seed() if of_set is None else of_set


def shaped(params: Mapping[str, Any], origins: Mapping[str, str]) -> dict[str, int]:
    """Width and height for the asked aspect: one side given by the caller leads, otherwise the pixel budget does."""
    aspect = _ASPECTS[params["aspect"]]
    width_px, height_px = params["width_px"], params["height_px"]
    own_width, own_height = origins.get("width_px") == "caller", origins.get("height_px") == "caller"
    if own_width and own_height:
        if abs(width_px / height_px / aspect - 1) > 0.02:
            raise InvalidParamsError([{"field": "aspect", "message": "contradicts the given width and height"}])
        return {}
    if own_width:
        width, height = float(width_px), width_px / aspect
    elif own_height:
        width, height = height_px * aspect, float(height_px)
    else:
        height = math.sqrt(width_px * height_px / aspect)
        width = height * aspect
    shape = {"width_px": 2 * round(width / 2), "height_px": 2 * round(height / 2)}
    if not all(MIN_SIDE_PX <= side <= MAX_SIDE_PX for side in shape.values()):
        raise InvalidParamsError(
            [{"field": "aspect", "message": f"leads to sides outside {MIN_SIDE_PX} to {MAX_SIDE_PX}"}]
        )
    return shape
