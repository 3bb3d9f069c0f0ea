"""One task in the child: the pipeline is called, watched step by step, and what comes out is checked and written."""

import inspect
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
import transformers
from PIL import Image, ImageOps

from auteur.adapters.children.limits import memory_bounded
from auteur.adapters.engines.child import Report
from auteur.adapters.engines.diffusers import faults
from auteur.adapters.engines.diffusers.memory import Working, free_memory, is_out_of_memory
from auteur.adapters.engines.diffusers.parameters import OPTIONS
from auteur.adapters.engines.diffusers.pipelines import (
    Kept,
    ModelStore,
    Wanted,
    device_and_dtype,
    preview_of,
    seconds_since,
)
from auteur.adapters.engines.film import Film
from auteur.adapters.engines.stills import save_jpeg, save_png, save_preview
from auteur.adapters.images import decode
from auteur.adapters.stills import PICTURE_MEMORY_BYTES
from auteur.domain.errors import HandlerError, UnreadableImageError

_PREVIEW_EVERY_S = 0.5
_SAMPLED, _WRITTEN = 0.92, 0.98
_ARGUMENTS = {
    "prompt": "prompt",
    "negative_prompt": "negative_prompt",
    "steps": "num_inference_steps",
    "strength": "strength",
    "frames": "num_frames",
    **{name: option.argument for name, option in OPTIONS.items()},
}
"""By parameter, what the pipelines call it."""

for library in (diffusers, transformers):  # what is wrong is raised; the rest is for who sits before them
    library.utils.logging.set_verbosity_error()
    library.utils.logging.disable_progress_bar()
_store = ModelStore()


class Work:
    """``arguments`` and ``report`` as `generate` has them. ``device``: where it computes."""

    def __init__(self, arguments: Mapping[str, Any], report: Report) -> None:
        self._arguments = arguments
        self._params: Mapping[str, Any] = arguments["params"]
        self._directory = Path(arguments["directory"])
        self._report = report
        self.device, dtype = device_and_dtype(arguments["model"])
        self._dtype = str(dtype).removeprefix("torch.")
        self._share = 0.0
        self._done = 0
        self._working = Working(self.device)
        self._previewed_at = time.perf_counter()

    def make(self) -> dict[str, Any]:
        """See `generate`."""
        torch.set_num_threads(self._arguments["threads"])
        _store.allowed_bytes = self._arguments["memory_bytes"]
        wanted = Wanted(
            name=self._arguments["name"],
            model=self._arguments["model"],
            pipeline=self._arguments["pipeline"],
            controls=self._arguments["controls"],
            downloads=self._arguments["downloads"],
        )
        started = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pipe, kept = _store.pipeline(wanted, lambda words: self._say(0.0, "loading", words))
        load_s = seconds_since(started)
        started = time.perf_counter()
        output = self._output(pipe, kept)
        self._say(_SAMPLED, "writing", "Writing the result")
        made = self._written(output, type(pipe).__name__)
        made["metrics"] |= {
            "model": self._arguments["name"],
            "pipeline": type(pipe).__name__,
            "device": self.device,
            "dtype": self._dtype,
            "steps": self._done,
            "threads": torch.get_num_threads(),
            "model_bytes": kept.size_bytes,
            "load_s": load_s,
            "render_s": seconds_since(started),
        }
        made["metrics"] |= self._working.told()
        return {**made, "loaded": _store.loaded()}

    # --- the call ---------------------------------------------------------------------------------------------------

    def _output(self, pipe: Any, kept: Kept) -> Any:
        """What the pipeline returns. Out of memory, it has one more try with all of it."""
        try:
            return self._called(pipe, kept)
        except Exception as error:
            if not is_out_of_memory(error):
                raise faults.call_failed(type(pipe).__name__, error) from error
        # the error is gone by here, and with its traceback what the call had in its hands
        self._say(self._share, "loading", "Making room, and trying again")
        _store.let_go_of_others()
        free_memory(self.device)
        self._done = 0
        try:
            return self._called(pipe, kept)
        except Exception as error:
            if not is_out_of_memory(error):
                raise faults.call_failed(type(pipe).__name__, error) from error
            raise faults.not_enough_memory(
                error,
                self.device,
                model_bytes=kept.size_bytes,
                pixel_bytes=self._arguments["pixel_bytes"] * self._params.get("frames", 1),
                size=self._size(),
                multiple_of=self._arguments["multiple_of"],
            ) from error

    def _called(self, pipe: Any, kept: Kept) -> Any:
        takes = inspect.signature(type(pipe).__call__).parameters
        values = self._values(takes) | self._pictures(pipe, takes)
        if foreign := sorted(values.keys() - takes.keys()):
            raise HandlerError(f"{type(pipe).__name__} takes no {' and no '.join(foreign)}.", reason="refused")

        def step(latents: Any) -> None:
            self._done += 1
            self._told(pipe, kept, latents)

        def on_step_end(_: Any, index: int, timestep: Any, given: dict[str, Any]) -> dict[str, Any]:
            step(given.get("latents"))
            return given

        if "callback_on_step_end" in takes:
            values["callback_on_step_end"] = on_step_end
        elif "callback" in takes:
            values |= {"callback": lambda index, timestep, latents: step(latents), "callback_steps": 1}
        if "output_type" in takes:
            values["output_type"] = "np"  # so that what is no number is seen before it becomes black
        if "generator" in takes:  # a fresh one for each picture: one that was used gives another
            values["generator"] = torch.Generator("cpu").manual_seed(self._params["seed"])
        self._working.begin()
        self._say(self._share, "sampling", "Beginning")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pipe(**values)

    def _values(self, takes: Mapping[str, Any]) -> dict[str, Any]:
        values = {argument: self._params[name] for name, argument in _ARGUMENTS.items() if name in self._params}
        if "prompt" in takes:
            values.setdefault("prompt", "")
        if self._params.keys() >= {"width_px", "height_px"} and "height" in takes:
            values |= {"width": self._params["width_px"], "height": self._params["height_px"]}
        if "fps" in takes and "fps" in self._params:
            values["fps"] = self._params["fps"]
        if "frame_rate" in takes and "fps" in self._params:
            values["frame_rate"] = self._params["fps"]
        return values

    def _pictures(self, pipe: Any, takes: Mapping[str, Any]) -> dict[str, Any]:
        pictures: dict[str, Any] = {}
        inputs = self._arguments["inputs"]
        if "source_image" in inputs:
            pictures["image"] = self._picture("source_image")
        if controls := self._arguments["controls"]:
            name = "control_image" if "control_image" in takes else "image"
            passes = [self._picture(f"control_{control}") for control in controls]
            scale = self._params["control_scale"]
            one = len(passes) == 1
            pictures[name] = passes[0] if one else passes
            pictures["controlnet_conditioning_scale"] = scale if one else [scale] * len(passes)
        if "ip_adapter" in self._arguments["model"]:
            given = "ip_adapter_image" in inputs
            # once loaded it wants a picture each time: without one, a picture that counts for nothing
            pipe.set_ip_adapter_scale(self._params["ip_adapter_scale"] if given else 0.0)
            pictures["ip_adapter_image"] = self._whole("ip_adapter_image") if given else Image.new("RGB", (64, 64))
        return pictures

    def _picture(self, name: str) -> Image.Image:
        size = self._size()
        return self._whole(name) if size is None else ImageOps.fit(self._whole(name, size), size)

    def _whole(self, name: str, near: tuple[int, int] | None = None) -> Image.Image:
        words = name.replace("_", " ")
        try:
            with memory_bounded(PICTURE_MEMORY_BYTES):
                return decode(Path(self._arguments["inputs"][name]), near=near)
        except UnreadableImageError as error:
            raise HandlerError(f"The {words} cannot be used: {error.message}") from error
        except OSError as error:
            raise HandlerError(f"The {words} cannot be read now.", retryable=True) from error

    def _size(self) -> tuple[int, int] | None:
        if "width_px" not in self._params:
            return None
        return self._params["width_px"], self._params["height_px"]

    # --- what is told -----------------------------------------------------------------------------------------------

    def _say(self, share: float, stage: str, words: str, **more: Any) -> None:
        self._share = max(self._share, share)
        self._report({"progress": self._share, "stage": stage, "message": words, **more})

    def _told(self, pipe: Any, kept: Kept, latents: Any) -> None:
        total = getattr(pipe, "num_timesteps", None) or self._params.get("steps") or self._done
        total = max(int(total), self._done)
        more = {}
        now = time.perf_counter()
        if latents is not None and self._done < total and now >= self._previewed_at + _PREVIEW_EVERY_S:
            self._previewed_at = now
            preview = preview_of(kept, pipe)
            picture = preview.picture(latents) if preview else None
            if picture is not None:
                more["preview"] = save_preview(picture, self._directory, f"preview-{self._done:03}.jpg")
        self._say(self._done / total * _SAMPLED, "sampling", f"Step {self._done} of {total}", **more)

    # --- what is left -----------------------------------------------------------------------------------------------

    def _written(self, output: Any, pipeline: str) -> dict[str, Any]:
        withheld = getattr(output, "nsfw_content_detected", None)
        if withheld and any(withheld):
            raise HandlerError("The model's own safety checker withheld the picture.", reason="withheld")
        frames = output.frames if hasattr(output, "frames") else output.images
        pixels = _pixels(frames[0])
        if not np.isfinite(pixels).all() or not pixels.any():
            raise HandlerError(
                f"{pipeline} computed no picture, only black or what is no number; in half precision (this was "
                f"{self._dtype}) some models do: try dtype float32 or bfloat16.",
                reason="no_picture",
            )
        pictures = (pixels * 255).round().clip(0, 255).astype(np.uint8)
        facts = {
            "engine": "diffusers",
            "task_type": self._arguments["task_type"],
            "model": self._arguments["name"],
            "params": dict(self._params),
        }
        if pictures.ndim == 4:
            return self._film(pictures, facts)
        return self._still(Image.fromarray(pictures), facts)

    def _still(self, picture: Image.Image, facts: Mapping[str, Any]) -> dict[str, Any]:
        name = "frame.png"
        save_png(picture, self._path(name), facts=facts, description=self._params.get("prompt") or "")
        self._say(_WRITTEN, "writing", "Written")
        draft = {"name": name, "kind": "image", "media_type": "image/png"}
        size = {"width_px": picture.width, "height_px": picture.height}
        return {"drafts": [{**draft, **size}], "metrics": {}, "understood": {}}

    def _film(self, pictures: Any, facts: Mapping[str, Any]) -> dict[str, Any]:
        count, height, width, _ = pictures.shape
        pictures = pictures[:, : height // 2 * 2, : width // 2 * 2]
        count, height, width, _ = pictures.shape
        fps = self._params["fps"]
        title = self._params.get("prompt") or self._arguments["name"]
        with Film(self._path("shot.mp4"), (width, height), fps, facts=facts, title=title) as film:
            for index, picture in enumerate(pictures):
                film.add(Image.fromarray(picture))
                share = _SAMPLED + (index + 1) / count * (_WRITTEN - _SAMPLED)
                self._say(share, "writing", f"Frame {index + 1} of {count}")
        save_jpeg(Image.fromarray(pictures[0]), self._path("poster.jpg"))
        size = {"width_px": width, "height_px": height}
        length = {"duration_s": round(count / fps, 6), "fps": float(fps)}
        return {
            "drafts": [
                {"name": "shot.mp4", "kind": "video", "media_type": "video/mp4", **length, **size},
                {"name": "poster.jpg", "kind": "image", "media_type": "image/jpeg", **size},
            ],
            "metrics": {"frames": count},
            "understood": {"frames": count, "duration_s": length["duration_s"]},
        }

    def _path(self, name: str) -> Path:
        return self._directory / f"{name}{self._arguments['suffix']}"


def _pixels(made: Any) -> Any:
    """[height, width, 3] or [frames, height, width, 3] from 0 to 1, in whatever of the usual forms it came."""
    if isinstance(made, torch.Tensor):
        made = made.float().cpu().numpy()
    if isinstance(made, Image.Image):
        return np.asarray(made.convert("RGB"), np.float32) / 255
    if isinstance(made, list):
        return np.stack([_pixels(one) for one in made])
    return np.asarray(made, np.float32)
