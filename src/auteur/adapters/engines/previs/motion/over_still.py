"""The job behind `image_to_video`: a camera move over a still, encoded as H.264. Runs in an engine process."""

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps
from PIL.Image import Resampling, Transform

from auteur.adapters.children.limits import memory_bounded
from auteur.adapters.engines.captions import caption
from auteur.adapters.engines.film import Film
from auteur.adapters.engines.previs.frame import ENGINE
from auteur.adapters.engines.previs.motion.easing import EASES
from auteur.adapters.engines.stills import save_jpeg, save_preview
from auteur.adapters.images import decode
from auteur.adapters.stills import PICTURE_MEMORY_BYTES
from auteur.domain.errors import HandlerError, UnreadableImageError
from auteur.domain.film import frame_rate, frames_in

# zoom, and the window's centre from -1 to 1 within the room that the zoom leaves: at the start, at the end
_PATHS: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "hold": ((1.0, 0, 0), (1.0, 0, 0)),
    "push_in": ((1.0, 0, 0), (1.28, 0, -0.06)),
    "pull_out": ((1.28, 0, -0.06), (1.0, 0, 0)),
    "pan_left": ((1.22, 1, 0), (1.22, -1, 0)),
    "pan_right": ((1.22, -1, 0), (1.22, 1, 0)),
    "tilt_up": ((1.22, 0, 1), (1.22, 0, -1)),
    "tilt_down": ((1.22, 0, -1), (1.22, 0, 1)),
    "drift": ((1.12, -0.35, 0.2), (1.15, 0.35, -0.2)),
}
MOVE_NAMES = tuple(_PATHS)
_SHUTTER = 0.5
"""Share of a frame's time that the shutter is open: 180 degrees."""


def shutter_samples(steps: int) -> int:
    """How many moments of the open shutter each frame blends: one for every ten steps, at least one, at most eight."""
    return min(max(steps // 10, 1), 8)


def render_move(arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    """Renders one shot.

    ``arguments``: ``params`` (effective parameters of `image_to_video`), ``source`` (the still's absolute path),
    ``audio`` (that of its sound, or None), ``directory``, ``draft`` and ``poster`` (file names in it). Returns
    ``metrics`` and ``notes``, what is to be said about it. Each frame is one report.
    """
    params = arguments["params"]
    directory = Path(arguments["directory"])
    width_px, height_px, rate = params["width_px"], params["height_px"], frame_rate(params["fps"])
    frames = frames_in(params["duration_s"], rate)
    samples = shutter_samples(params["steps"])
    started = time.perf_counter()
    report({"progress": 0.0, "stage": "preparing", "message": "Preparing the still"})
    still = _load(Path(arguments["source"]), width_px, height_px)
    titled = caption(params["caption"], width_px, height_px) if params.get("caption") else None
    sway = np.random.default_rng(params["seed"]).uniform(0, 2 * math.pi, 4)
    facts = {"engine": ENGINE, "task_type": "image_to_video", "params": params}
    title = params.get("caption") or params["move"].replace("_", " ")
    path = directory / arguments["draft"]
    sound = Path(arguments["audio"]) if arguments.get("audio") else None
    with Film(path, (width_px, height_px), rate, facts=facts, title=title, sound=sound, frames=frames) as film:
        poster: Image.Image | None = None
        for index in range(frames):
            picture = _frame(still, params, index, frames, samples, (width_px, height_px), sway)
            if titled is not None:
                picture.paste(titled.layer, (0, 0), titled.layer)
            film.add(picture)
            if index == 0 or params["move"] == "pull_out":
                poster = picture
            said = {
                "progress": (index + 1) / frames * 0.97,
                "stage": "rendering",
                "message": f"Frame {index + 1} of {frames}",
            }
            if (index + 1) % max(1, int(rate / 2)) == 0 and index + 1 < frames:
                said["preview"] = save_preview(picture, directory, f"preview-{index + 1:05}.jpg")
            report(said)
        report({"progress": 0.98, "stage": "writing", "message": "Writing the shot"})
    assert poster is not None
    save_jpeg(poster, directory / arguments["poster"])
    return {
        "metrics": {
            "frames": frames,
            "shutter_samples": samples,
            "render_s": round(time.perf_counter() - started, 3),
        },
        "notes": [titled.note] if titled is not None and titled.note else [],
    }


def _load(path: Path, width_px: int, height_px: int) -> Image.Image:
    """The still, turned upright and cropped to the frame's shape, no larger than the closest view needs."""
    try:
        with memory_bounded(PICTURE_MEMORY_BYTES):
            still = decode(path)
    except UnreadableImageError as error:
        raise HandlerError(f"The source image cannot be used: {error.message}") from error
    except OSError as error:
        raise HandlerError("The source image cannot be read now.", retryable=True) from error
    closest = 1.3
    return ImageOps.fit(still, (math.ceil(width_px * closest), math.ceil(height_px * closest)), Resampling.LANCZOS)


def _frame(
    still: Image.Image,
    params: Mapping[str, Any],
    index: int,
    frames: int,
    samples: int,
    size: tuple[int, int],
    sway: Any,
) -> Image.Image:
    if samples == 1 or params["move"] == "hold":
        return _view(still, params, index / max(frames - 1, 1), size, sway)
    total = np.zeros((size[1], size[0], 3), np.float32)
    for sample in range(samples):
        moment = index + _SHUTTER * ((sample + 0.5) / samples - 0.5)
        total += np.asarray(_view(still, params, moment / max(frames - 1, 1), size, sway), np.float32)
    return Image.fromarray((total / samples + 0.5).astype(np.uint8))


def _view(
    still: Image.Image, params: Mapping[str, Any], moment: float, size: tuple[int, int], sway: Any
) -> Image.Image:
    """What the camera sees at a moment, 0 to 1 of the shot: a window in the still, placed to a fraction of a pixel."""
    eased = EASES[params["ease"]](min(max(moment, 0.0), 1.0))
    (zoom0, x0, y0), (zoom1, x1, y1) = _PATHS[params["move"]]
    zoom = zoom0 * (zoom1 / zoom0) ** eased  # a steady push, not a slowing one
    x, y = x0 + (x1 - x0) * eased, y0 + (y1 - y0) * eased
    if params["move"] == "drift":
        x += 0.25 * math.sin(2.1 * math.pi * moment + sway[0]) * math.sin(math.pi * moment)
        y += 0.3 * math.sin(1.7 * math.pi * moment + sway[1]) * math.sin(math.pi * moment)
    scale = still.width / size[0] / zoom  # still pixels for one frame pixel
    room_x, room_y = (still.width - scale * size[0]) / 2, (still.height - scale * size[1]) / 2
    left, top = room_x * (1 + x), room_y * (1 + y)
    if scale > 1.001:  # smaller than the still: average what falls on one pixel, so that fine detail does not shimmer
        box = (left, top, left + scale * size[0], top + scale * size[1])
        return still.resize(size, Resampling.BICUBIC, box=_inside(box, still.size))
    return still.transform(size, Transform.AFFINE, (scale, 0, left, 0, scale, top), Resampling.BICUBIC)


def _inside(box: tuple[float, float, float, float], size: tuple[int, int]) -> tuple[float, float, float, float]:
    return max(box[0], 0.0), max(box[1], 0.0), min(box[2], float(size[0])), min(box[3], float(size[1]))
