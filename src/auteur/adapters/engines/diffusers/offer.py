"""A task type of a configured model: what it takes, and the effective parameters of a task."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auteur.adapters.engines.diffusers.parameters import ASPECTS, MAX_FRAMES, MAX_SIDE_PX, OPTIONS, parameters_model
from auteur.adapters.engines.diffusers.settings import ModelSettings
from auteur.adapters.engines.diffusers.signatures import ModelFiles, Signature, for_task, read_model, signature
from auteur.adapters.engines.parameters import Parameters, draw_seed
from auteur.adapters.stills import ImageInfo
from auteur.domain.errors import InvalidParamsError
from auteur.domain.task import TaskInput, TaskType

ENGINE = "diffusers"
_SIDES = ("width_px", "height_px")
_FRAMES = 16
_SUMMARIES = {
    "text_to_image": "A picture from a sentence, by a diffusion model.",
    "image_to_image": "A picture made anew from another and a sentence, by a diffusion model.",
    "image_to_video": "A film that begins with a picture, by a diffusion model.",
    "upscale": "A picture made larger, its detail invented, by a diffusion model.",
}
_COMMON = ("prompt", "negative_prompt", "image", "num_inference_steps", "strength", "num_frames", "ip_adapter_image")
_EVERYTHING = dict.fromkeys([*_COMMON, *(option.argument for option in OPTIONS.values())])
"""Offered where the model is still to be fetched, so that nobody knows its pipeline yet; its call is checked then."""


@dataclass(frozen=True, slots=True)
class Offer:
    """``pipeline``, ``controlled``: the classes to call, without and with control passes; None where the model is
    still to be downloaded."""

    task_type: TaskType
    model: ModelSettings
    parameters: type[Parameters]
    pipeline: str | None
    controlled: str | None
    multiple_of: int
    frames: int

    @property
    def name(self) -> str:
        """The hub's name, or the directory's own: where it lies is nobody's business."""
        path = Path(self.model.model).expanduser()
        return path.name if path.is_dir() else self.model.model

    def is_there(self) -> bool:
        """Whether a model that was in a directory still is."""
        path = Path(self.model.model).expanduser()
        return self.pipeline is None or not path.is_absolute() or (path / "model_index.json").is_file()

    def effective(self, params: Mapping[str, Any], origins: Mapping[str, str]) -> dict[str, Any]:
        """Defaults filled in, seed drawn, a preset's size made fit for the model. Raises `InvalidParamsError`."""
        fit = {name: self._side(params[name]) for name in _SIDES if origins.get(name) == "preset"}
        effective = self.parameters.read({**params, **fit}).model_dump(exclude_none=True)
        effective.setdefault("seed", draw_seed())
        if effective.keys() >= {"strength", "steps"} and int(effective["steps"] * effective["strength"]) < 1:
            problem = f"leaves nothing to do: with {effective['steps']} steps it must be 1/{effective['steps']} or more"
            raise InvalidParamsError([{"field": "strength", "message": problem}])
        if "aspect" in effective:
            effective |= self.shape(effective, ASPECTS[effective["aspect"]], origins)
        elif self.task_type.name == "text_to_image":
            effective |= self.shape(effective, effective["width_px"] / effective["height_px"], origins)
        if self.task_type.name == "image_to_video":
            effective |= self._length(effective)
        return effective

    def check_source(self, source: ImageInfo) -> None:
        """Raises `InvalidParamsError` where the picture is too large to be enlarged."""
        longest = self.model.max_source_px
        if self.task_type.name == "upscale" and max(source.width_px, source.height_px) > longest:
            problem = (
                f"is {source.width_px} x {source.height_px}; this model enlarges pictures of up to {longest} pixels"
            )
            raise InvalidParamsError([{"field": "source_image", "message": problem}])

    def shape(self, params: Mapping[str, Any], aspect: float, origins: Mapping[str, str]) -> dict[str, int]:
        """Sides of that shape within the preset's number of pixels and the model's, unless the caller gave both."""
        width_px, height_px = params["width_px"], params["height_px"]
        own = [origins.get(side) == "caller" for side in _SIDES]
        if all(own):
            return {}
        if own[0]:
            return {"height_px": self._side(width_px / aspect)}
        if own[1]:
            return {"width_px": self._side(height_px * aspect)}
        pixels = min(width_px * height_px, self.model.max_pixels or MAX_SIDE_PX**2)
        if pixels == width_px * height_px and self._side(height_px * aspect) == width_px:
            return {}  # it is of that shape already: given its own answer it answers the same
        height_px = self._side(math.sqrt(pixels / aspect))
        return {"width_px": self._side(height_px * aspect), "height_px": height_px}

    def _side(self, pixels: float) -> int:
        most = MAX_SIDE_PX // self.multiple_of
        return self.multiple_of * min(max(round(pixels / self.multiple_of), 1), most)

    def _length(self, params: Mapping[str, Any]) -> dict[str, Any]:
        if "frames" in params:
            return {"frames": params["frames"]}
        wanted = round(params["duration_s"] * params["fps"]) if "duration_s" in params else self.frames
        if not 1 <= wanted <= MAX_FRAMES:
            raise InvalidParamsError([{"field": "duration_s", "message": f"must come to 1 to {MAX_FRAMES} frames"}])
        return {"frames": wanted}


def make_offer(name: str, model: ModelSettings, *, downloads: bool) -> Offer:
    """What the model offers as this task type. Raises `ValueError`, with words for who set it up."""
    files = read_model(model.model)
    if files is None and not downloads:
        raise ValueError("is not on this machine; fetch it, or set BACKEND_DIFFUSERS_DOWNLOADS")
    own = model.pipeline or (files.pipeline if files else None)
    plain, controlled = _signatures(name, model, own)
    takes = dict(plain.takes if plain else _EVERYTHING)
    if model.ip_adapter is None:
        takes.pop("ip_adapter_image", None)
    elif "ip_adapter_image" not in takes:
        raise ValueError("has an ip_adapter, and a pipeline that takes none")
    multiple_of = model.multiple_of or (files or ModelFiles("", 16)).multiple_of
    frames = model.frames or takes.get("num_frames") or _FRAMES
    parameters = parameters_model(
        name, takes, multiple_of=multiple_of, controls=model.controlnet, frames=frames, fps=model.fps
    )
    task_type = TaskType(
        name=name,
        engine=ENGINE,
        summary=_SUMMARIES[name],
        params_schema=parameters.model_json_schema(),
        preset_parameters=frozenset({"steps", *_SIDES} & parameters.model_fields.keys()),
        inputs=_inputs(parameters),
        presets=_presets(model, parameters),
    )
    return Offer(
        task_type,
        model,
        parameters,
        plain.pipeline if plain else None,
        controlled.pipeline if controlled else None,
        multiple_of,
        frames,
    )


def _signatures(name: str, model: ModelSettings, own: str | None) -> tuple[Signature | None, Signature | None]:
    """The calls without and with control passes."""
    if own is None:
        return None, None
    plain = signature(own if model.pipeline else for_task(name, own, controlled=False))
    if plain is None:
        raise ValueError("has a pipeline that the installed diffusers does not have")
    if name != "text_to_image" and "image" not in plain.takes:
        raise ValueError("has a pipeline that takes no picture")
    if not model.controlnet:
        return plain, None
    controlled = signature(for_task(name, own, controlled=True))
    if controlled is None or "controlnet_conditioning_scale" not in controlled.takes:
        raise ValueError("has a controlnet, and no pipeline that takes one")
    return plain, controlled


def _presets(model: ModelSettings, parameters: type[Parameters]) -> dict[str, dict[str, Any]]:
    """By quality, what the caller need not say. Raises `ValueError` where the pipeline does not take it."""
    presets = {quality: preset.model_dump(exclude_none=True) for quality, preset in model.presets.items()}
    for quality, preset in presets.items():
        if foreign := sorted(preset.keys() - parameters.model_fields.keys()):
            raise ValueError(f"has a preset {quality} with {foreign[0]}, which its pipeline does not take")
    return presets


def _inputs(parameters: type[Parameters]) -> tuple[TaskInput, ...]:
    found = []
    for name in parameters.model_fields:
        if name in ("source_image", "ip_adapter_image"):
            found.append(TaskInput(name))
        elif name.startswith("control_") and name != "control_scale":
            found.append(TaskInput(name, control=name.removeprefix("control_")))
    return tuple(found)
