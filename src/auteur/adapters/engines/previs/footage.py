"""`text_to_video` as a previsualised shot: a camera that moves on a set, among people who walk."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any

import structlog
from pydantic import AliasChoices, Field, field_validator
from pydantic_core import PydanticCustomError

from auteur.adapters.engines.parameters import SchemaOf
from auteur.adapters.engines.previs.filming import SOUND, FilmParameters, film_drafts, length, sound_of, with_sound
from auteur.adapters.engines.previs.motion.naming import MOVE_NAMES
from auteur.adapters.engines.previs.readers import READING, Reader
from auteur.adapters.engines.previs.settings import PrevisSettings
from auteur.adapters.engines.previs.storyboard import RESOURCES, ShotParameters, seed_of, shaped
from auteur.adapters.engines.process import EngineProcesses
from auteur.domain.ports import DRAFT_SUFFIX, ArtifactStore, Draft, HandlerResult, TaskContext, TaskHandler
from auteur.domain.task import Task, TaskType

log = structlog.get_logger(__name__)

ENGINE = "previs"
_SECONDS_PER_PIXEL_PASS = {"numpy": 5e-7, "gl": 7e-8}  # a middling set on one core of a 2026 server
_SECONDS_PER_PIXEL_FRAME = 1.2e-7
_SECONDS_PER_FRAME = 0.006
_FIXED_S = 0.8
_DEFAULTS = PrevisSettings()
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "draft": {"steps": 2, "width_px": 512, "height_px": 288},
    "standard": {"steps": 4, "width_px": 768, "height_px": 432},
    "high": {"steps": 8, "width_px": 1280, "height_px": 720},
    "ultra": {"steps": 12, "width_px": 1920, "height_px": 1080},
}
"""A film has a hundred pictures where a board has one."""
_MOST_MOVES = 4

Side = Annotated[int, Field(ge=64, le=4096, multiple_of=2)]


class FootageParameters(ShotParameters, FilmParameters):
    """What `text_to_video` takes."""

    move: str | None = Field(
        None,
        max_length=100,
        description=f"The camera's move, or several joined by +; overrides the prompt's. {', '.join(MOVE_NAMES)}.",
    )
    degrees: float | None = Field(None, ge=1, le=720, description="How far an orbit, a pan or a tilt turns.")
    steps: int | None = Field(None, ge=1, le=64, description="Rendering passes of each frame.")
    width_px: Side | None = Field(None, validation_alias=AliasChoices("width_px", "width"), description="Even pixels.")
    height_px: Side | None = Field(
        None, validation_alias=AliasChoices("height_px", "height"), description="Even pixels."
    )

    @field_validator("move")
    @classmethod
    def _known(cls, said: str | None) -> str | None:
        """One form for one wish: no blanks, each move once."""
        if said is None:
            return None
        kinds = list(dict.fromkeys(part.strip() for part in said.split("+")))
        unknown = [kind for kind in kinds if kind not in MOVE_NAMES]
        if unknown:
            raise PydanticCustomError("move", f"names no known move; known are {', '.join(MOVE_NAMES)}")
        if len(kinds) > _MOST_MOVES:
            raise PydanticCustomError("move", f"joins more than {_MOST_MOVES} moves")
        return "+".join(kinds)


class FootageHandler:
    """`TaskHandler` for `text_to_video`; the work happens in an engine process."""

    def __init__(
        self,
        processes: EngineProcesses,
        artifacts: ArtifactStore,
        settings: PrevisSettings = _DEFAULTS,
        reader: Reader | None = None,
    ) -> None:
        self._reader = reader or Reader()
        self._processes = processes
        self._artifacts = artifacts
        self._settings = settings
        self._drawn_by = settings.drawn_by

    @cached_property
    def task_types(self) -> Sequence[TaskType]:
        return (
            TaskType(
                name="text_to_video",
                engine=ENGINE,
                summary="A previsualised shot from a sentence: a camera that moves on the set.",
                params_schema=SchemaOf(FootageParameters),
                preset_parameters=frozenset({"steps", "width_px", "height_px"}),
                inputs=(SOUND,),
                presets=PRESETS,
                resources=RESOURCES,
            ),
        )

    def check(self, task_type: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return FootageParameters.read(params).given()

    async def prepare(
        self, task_type: str, project_id: str, params: Mapping[str, Any], origins: Mapping[str, str]
    ) -> Mapping[str, Any]:
        effective = FootageParameters.read(params).model_dump(exclude_none=True)
        effective.setdefault("seed", seed_of(effective))
        if "aspect" in effective:
            effective |= shaped(effective, origins)
        return await with_sound(self._artifacts, project_id, effective)

    def estimate_s(self, task_type: str, params: Mapping[str, Any]) -> float | None:
        frames, _ = length(params)
        pixels: int = params["width_px"] * params["height_px"]
        pass_s = _SECONDS_PER_PIXEL_PASS[self._drawn_by]
        frame_s: float = pixels * (params["steps"] * pass_s + _SECONDS_PER_PIXEL_FRAME) + _SECONDS_PER_FRAME
        return round(_FIXED_S + frames * frame_s, 1)

    async def run(self, task: Task, context: TaskContext) -> HandlerResult:
        params = task.request.params
        log.info("filming a shot", duration_s=params["duration_s"], fps=params["fps"], steps=params["steps"])
        made = await self._processes.run(
            "auteur.adapters.engines.previs.motion.take:render_take",
            {
                "params": params,
                "audio": await sound_of(self._artifacts, task.project_id, params),
                "renderer": self._settings.renderer,
                READING: await self._reader.read(params["prompt"], context.report),
                "directory": str(context.directory),
                "draft": f"shot.mp4{DRAFT_SUFFIX}",
                "poster": f"poster.jpg{DRAFT_SUFFIX}",
                "camera": f"camera.json{DRAFT_SUFFIX}",
            },
            lambda said: context.report(**said),
        )
        log.info("filmed a shot", **made["metrics"])
        camera = Draft(name="camera.json", kind="control", media_type="application/json")
        return HandlerResult(
            drafts=(*film_drafts(params), camera), metrics=made["metrics"], understood=made["understood"]
        )


class FilmHandler:
    """The handlers of the task types that make films, as one engine."""

    def __init__(self, *handlers: TaskHandler) -> None:
        self._handlers = {made.name: handler for handler in handlers for made in handler.task_types}

    @cached_property
    def task_types(self) -> Sequence[TaskType]:
        return tuple(made for handler in self._handlers.values() for made in handler.task_types)

    def check(self, task_type: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._handlers[task_type].check(task_type, params)

    async def prepare(
        self, task_type: str, project_id: str, params: Mapping[str, Any], origins: Mapping[str, str]
    ) -> Mapping[str, Any]:
        return await self._handlers[task_type].prepare(task_type, project_id, params, origins)

    def estimate_s(self, task_type: str, params: Mapping[str, Any]) -> float | None:
        return self._handlers[task_type].estimate_s(task_type, params)

    async def run(self, task: Task, context: TaskContext) -> HandlerResult:
        return await self._handlers[task.request.task_type].run(task, context)
