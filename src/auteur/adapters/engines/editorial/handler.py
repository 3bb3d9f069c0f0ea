"""The hand-over as task types: each takes the shots of a film with their takes, and leaves files that others open."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import structlog

from auteur.adapters.decoding import moving, pictures
from auteur.adapters.engines.editorial import ENGINE
from auteur.adapters.engines.editorial.parameters import (
    AnimaticParameters,
    BoardParameters,
    CameraParameters,
    ContactSheetParameters,
    ContinuityParameters,
    CutParameters,
    FilmParameters,
    KeyframeParameters,
    PlanParameters,
    ShotListParameters,
    without_empties,
)
from auteur.adapters.engines.editorial.timecode import frames_of
from auteur.adapters.engines.inputs import find_file, is_deferred, locate
from auteur.adapters.engines.parameters import SchemaOf
from auteur.adapters.engines.process import EngineProcesses
from auteur.domain.errors import ArtifactNotFoundError, InvalidParamsError, UnreadableImageError
from auteur.domain.film import RATES
from auteur.domain.ports import DRAFT_SUFFIX, ArtifactStore, Draft, HandlerResult, TaskContext
from auteur.domain.strict_json import loads
from auteur.domain.task import CONTROL_FILES, Task, TaskInput, TaskType

log = structlog.get_logger(__name__)

TRACK = "camera.json"
"""Lies beside a film and says where its camera was, frame by frame."""
_FILMS = frozenset({".mp4", ".mov", ".webm", ".mkv", ".avi"})
_TAKES = TaskInput("takes", kind="visual", many=True)
_SOUND = TaskInput("track", kind="audio")
_EXTRAS = (*CONTROL_FILES.values(), "control-depth16.png", "control-segmentation.json", "control-pose.json")
_SHOTS = TaskInput("shots_file", kind="data")
_SECONDS_PER_PIXEL = 2.2e-8
_MOST_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class _Offer:
    """A task type: its parameters, its summary, and seconds that a shot takes, about."""

    model: type[FilmParameters]
    summary: str
    shot_s: float
    has_track: bool = False
    needs_controls: bool = False


OFFERS: Mapping[str, _Offer] = {
    "film_board": _Offer(BoardParameters, "The board as PDF, one to nine shots a page.", 0.1),
    "film_contact_sheet": _Offer(ContactSheetParameters, "All shots small on one picture.", 0.05),
    "film_shot_list": _Offer(ShotListParameters, "The shot list and the camera report as CSV.", 0.01),
    "film_animatic": _Offer(AnimaticParameters, "All shots joined, exact to the frame.", 0.2, has_track=True),
    "film_cut": _Offer(CutParameters, "The cut as OpenTimelineIO, EDL, FCPXML and FCP 7 XML.", 0.01, has_track=True),
    "film_cameras": _Offer(CameraParameters, "Each shot's camera as animated USD and glTF.", 0.02),
    "film_keyframes": _Offer(KeyframeParameters, "An archive a shot for video models.", 0.3, needs_controls=True),
    "film_plans": _Offer(PlanParameters, "The floor plan of each shot as SVG and PNG.", 0.1),
    "film_continuity": _Offer(ContinuityParameters, "What geometry finds between the shots of a scene.", 0.01),
}  # fmt: skip


class EditorialHandler:
    """`TaskHandler` of the hand-over; the work happens in an engine process."""

    def __init__(self, processes: EngineProcesses, artifacts: ArtifactStore) -> None:
        self._processes = processes
        self._artifacts = artifacts

    @cached_property
    def task_types(self) -> Sequence[TaskType]:
        return tuple(
            TaskType(
                name=name,
                engine=ENGINE,
                summary=offer.summary,
                params_schema=SchemaOf(offer.model),
                preset_parameters=frozenset({"width_px", "height_px"} if name == "film_animatic" else ()),
                inputs=(_TAKES, _SHOTS, _SOUND) if offer.has_track else (_TAKES, _SHOTS),
            )
            for name, offer in OFFERS.items()
        )

    def check(self, task_type: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        read = OFFERS[task_type].model.read(params)
        if (start := getattr(read, "start", None)) is not None:
            try:
                frames_of(start, RATES[read.rate])
            except ValueError as error:
                raise InvalidParamsError([{"field": "start", "message": str(error)}]) from None
        return without_empties(read.given())

    async def prepare(
        self, task_type: str, project_id: str, params: Mapping[str, Any], origins: Mapping[str, str]
    ) -> Mapping[str, Any]:
        offer = OFFERS[task_type]
        effective = without_empties(offer.model.read(params).model_dump(exclude_none=True))
        if effective.get("shots_file") is not None:
            effective["shots_file"] = await self._found(project_id, "shots_file", "data", effective["shots_file"])
            if not is_deferred(effective["shots_file"]):
                await self._shots(project_id, effective)
        takes = params.get("takes")
        if takes is not None:
            effective["takes"] = [
                None if take is None else await self._found(project_id, f"takes.{place}", "visual", take)
                for place, take in enumerate(takes)
            ]
        if task_type == "film_animatic":
            effective |= await self._shape(project_id, effective, origins)
        if effective.get("track") is not None:
            effective["track"] = await self._found(project_id, "track", "audio", effective["track"])
        return effective

    async def _found(self, project_id: str, name: str, kind: str, reference: Any) -> Any:
        return await find_file(self._artifacts, project_id, TaskInput(name, kind=kind), reference)

    async def _shots(self, project_id: str, params: Mapping[str, Any]) -> Any:
        """The shots that the parameters give, or the file that they name. Raises `InvalidParamsError`."""
        if params.get("shots") is not None:
            return params["shots"]
        path = await locate(self._artifacts, project_id, params["shots_file"], "list of shots")
        try:
            text = await asyncio.to_thread(_small_text, path)
            listed = loads(text)
        except (OSError, ValueError):
            raise InvalidParamsError([{"field": "shots_file", "message": "is no JSON file of shots"}]) from None
        told = {name: params[name] for name in ("takes", "rate", "title") if name in params}
        return without_empties(FilmParameters.read({**told, "shots": listed}).model_dump(exclude_none=True))["shots"]

    async def _shape(self, project_id: str, params: Mapping[str, Any], origins: Mapping[str, str]) -> Mapping[str, int]:
        """The first take's shape within the preset's number of pixels, unless the caller gave a side."""
        if "caller" in (origins.get("width_px"), origins.get("height_px")):
            return {}
        first = next((take for take in params.get("takes", ()) if take is not None), None)
        if first is None or is_deferred(first):
            return {}
        path = await locate(self._artifacts, project_id, first, f"take {first}")
        try:
            found = await (moving.begin(path) if path.suffix in _FILMS else pictures.identify(path))
        except (moving.UnusableFilmError, UnreadableImageError, OSError):
            return {}  # the task will say what is wrong with it
        if not found.width_px or not found.height_px:
            return {}
        aspect = min(max(found.width_px / found.height_px, 1 / 4), 4.0)
        height = math.sqrt(params["width_px"] * params["height_px"] / aspect)
        return {
            name: min(max(2 * round(side / 2), 64), 4096)
            for name, side in (("width_px", height * aspect), ("height_px", height))
        }

    def estimate_s(self, task_type: str, params: Mapping[str, Any]) -> float | None:
        offer, shots = OFFERS[task_type], params.get("shots") or [{}] * len(params.get("takes") or ())
        seconds = 1.0 + offer.shot_s * len(shots)
        if task_type == "film_animatic":
            frames = sum(shot.get("frames") or 3 * math.ceil(RATES[params["rate"]]) for shot in shots)
            seconds += frames * params["width_px"] * params["height_px"] * _SECONDS_PER_PIXEL
        return round(seconds, 1)

    async def run(self, task: Task, context: TaskContext) -> HandlerResult:
        params, task_type = task.request.params, task.request.task_type
        wants_controls = OFFERS[task_type].needs_controls
        shots = await self._shots(task.project_id, params)
        references = params.get("takes") or [None] * len(shots)
        takes = [await self._take(task.project_id, reference, wants_controls) for reference in references]
        track = params.get("track")
        log.info("handing a film over", task_type=task_type, shots=len(takes))
        made = await self._processes.run(
            "auteur.adapters.engines.editorial.work:make",
            {
                "task_type": task_type,
                "params": {**params, "shots": shots},
                "takes": takes,
                "track": track and str(await locate(self._artifacts, task.project_id, track, "scratch track")),
                "directory": str(context.directory),
                "suffix": DRAFT_SUFFIX,
            },
            lambda said: context.report(**said),
        )
        log.info("handed a film over", **made["metrics"])
        drafts = tuple(Draft(**file) for file in made["files"])
        return HandlerResult(drafts=drafts, metrics=made["metrics"], understood=made["understood"])

    async def _take(self, project_id: str, reference: str | None, wants_controls: bool) -> dict[str, Any]:
        """Where a take's file lies, and what lies beside it that says more."""
        if reference is None:
            return {"path": None}
        path = PurePosixPath(reference)
        found: dict[str, Any] = {"reference": reference}
        found["path"] = str(await locate(self._artifacts, project_id, reference, f"take {reference}"))
        if path.suffix in _FILMS:
            found["track"] = await self._beside(project_id, path, TRACK)
        if wants_controls:
            beside = {name: await self._beside(project_id, path, name) for name in _EXTRAS}
            found["controls"] = {name: file for name, file in beside.items() if file is not None}
        return found

    async def _beside(self, project_id: str, path: PurePosixPath, name: str) -> str | None:
        try:
            file: Path = await self._artifacts.locate(project_id, str(path.with_name(name)))
        except ArtifactNotFoundError:
            return None
        return str(file)


def _small_text(path: Path) -> str:
    """The text of a file that is no larger than a list of shots may be. Raises `ValueError`, `OSError`."""
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError("too large")
    return path.read_text(encoding="utf-8")
