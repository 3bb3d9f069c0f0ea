"""The engine as auteur knows it: what it takes, what it makes, and how it says so. The drawing is in `drawing`."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from auteur.adapters.engines.inputs import FileInput, find_picture, is_deferred, locate
from auteur.adapters.engines.parameters import MAX_SEED, Parameters, draw_seed
from auteur.adapters.engines.tools import EngineTools
from auteur.domain.ports import DRAFT_SUFFIX, Draft, EngineStatus, HandlerResult, TaskContext, TaskHandler
from auteur.domain.task import Task, TaskInput, TaskType

_SECONDS_PER_PASS_AND_MEGAPIXEL = 0.15
_DRAWING = "drawing.png"


class ContourSettings(BaseModel):
    """What an operator may set: ``BACKEND_CONTOUR_MAX_SIDE_PX``."""

    max_side_px: int = Field(2048, ge=64, le=8192, description="Longest side of a drawing in pixels.")


class ContourParameters(Parameters):
    """What `line_drawing` takes."""

    source_image: FileInput = Field(
        description="An artifact's or upload's url or path in this project, or another task's output."
    )
    steps: int | None = Field(None, ge=1, le=200, description="Passes of smoothing: more give calmer lines.")
    detail: float = Field(0.5, ge=0, le=1, strict=False, description="Share of the weaker edges that become lines.")
    weight_px: float = Field(1.5, ge=0.5, le=12, strict=False, description="Width of a line in pixels.")
    grain: float = Field(0.15, ge=0, le=1, strict=False, description="Tooth of the paper; 0 is smooth.")
    seed: int | None = Field(None, ge=0, le=MAX_SEED, description="Of the paper. Drawn and recorded when absent.")


class ContourHandler:
    """`TaskHandler` for `line_drawing`; the work happens in an engine process, so that a stop is a real stop."""

    def __init__(self, tools: EngineTools) -> None:
        self._processes = tools.processes
        self._artifacts = tools.artifacts
        self._settings = tools.settings.read(ContourSettings)

    @property
    def task_types(self) -> Sequence[TaskType]:
        return (
            TaskType(
                name="line_drawing",
                engine="contour",
                summary="A line drawing of a picture, for boards and colouring.",
                params_schema=ContourParameters.model_json_schema(),
                preset_parameters=frozenset({"steps"}),
                inputs=(TaskInput("source_image"),),
            ),
        )

    async def status(self) -> EngineStatus:
        """It needs nothing but this machine. An engine of a server would ask that here."""
        return EngineStatus(up=True, details={"max_side_px": self._settings.max_side_px})

    def check(self, task_type: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return ContourParameters.read(params).given()

    async def prepare(
        self, task_type: str, project_id: str, params: Mapping[str, Any], origins: Mapping[str, str]
    ) -> Mapping[str, Any]:
        effective = ContourParameters.read(params).model_dump(exclude_none=True)
        effective.setdefault("steps", 20)
        effective.setdefault("seed", draw_seed())
        if not is_deferred(effective["source_image"]):  # what another task is to make comes later, by the same name
            path, _ = await find_picture(self._artifacts, project_id, "source_image", effective["source_image"])
            effective["source_image"] = path
        return effective

    def estimate_s(self, task_type: str, params: Mapping[str, Any]) -> float | None:
        megapixels = self._settings.max_side_px**2 / 1e6  # the picture may not be there yet: the most it can be
        passes: int = params["steps"]
        return passes * megapixels * _SECONDS_PER_PASS_AND_MEGAPIXEL

    async def run(self, task: Task, context: TaskContext) -> HandlerResult:
        params = task.request.params
        source = await locate(self._artifacts, task.project_id, params["source_image"])
        made = await self._processes.run(
            "auteur_contour.drawing:draw",
            {
                "params": dict(params),
                "source": str(source),
                "directory": str(context.directory),
                "draft": f"{_DRAWING}{DRAFT_SUFFIX}",
                "max_side_px": self._settings.max_side_px,
            },
            lambda said: context.report(**said),
        )
        draft = Draft(
            name=_DRAWING,
            kind="image",
            media_type="image/png",
            width_px=made["width_px"],
            height_px=made["height_px"],
        )
        return HandlerResult(drafts=(draft,), metrics={"ink_share": made["ink_share"]})


def make(tools: EngineTools) -> TaskHandler:
    """The entry point: called once a process, before anything is open.

    An engine that needs a server would read its address from its settings, and raise `EngineNotConfiguredError("set
    BACKEND_CONTOUR_SERVER")` where there is none.
    """
    return ContourHandler(tools)
