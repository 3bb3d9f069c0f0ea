"""The drawing itself, as a job of a child process: plain JSON in, plain JSON out, a file in between.

A picture is smoothed along its edges, never across them (P. Perona and J. Malik, Scale-Space and Edge Detection Using
Anisotropic Diffusion, 1990), so that texture goes and outlines stay; where the brightness then turns fastest is a line.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter, PngImagePlugin

from auteur.adapters.images import decode
from auteur.domain.errors import HandlerError, UnreadableImageError

Report = Callable[[Mapping[str, Any]], None]

_CONDUCTANCE, _RATE = 0.06, 0.2
_LEAST_SLOPE, _SLOPES_APART = 0.006, 12.0
_PREVIEW_EVERY = 8
_PAPER, _INK = 0.96, 0.10


def draw(arguments: Mapping[str, Any], report: Report) -> Mapping[str, Any]:
    """Draws the picture at ``source`` into ``directory`` as ``draft``. Raises `HandlerError`."""
    params, directory = arguments["params"], Path(arguments["directory"])
    report({"progress": 0.0, "stage": "reading", "message": "Looks at the picture"})
    shade = _brightness(Path(arguments["source"]), arguments["max_side_px"])
    for done in range(params["steps"]):
        shade = _smoothed(shade)
        said: dict[str, Any] = {"progress": 0.9 * (done + 1) / params["steps"], "stage": "smoothing"}
        if done % _PREVIEW_EVERY == _PREVIEW_EVERY - 1:
            said["preview"] = f"preview-{done + 1}.png"
            _picture(_lines(shade, params["detail"])).save(directory / said["preview"])
        report({**said, "message": f"Pass {done + 1} of {params['steps']}"})
    ink = _lines(shade, params["detail"])
    ink = _blurred(ink, params["weight_px"] / 2)
    drawing = _picture(ink, _paper(ink.shape, params["grain"], params["seed"]))
    text = PngImagePlugin.PngInfo()
    text.add_text("auteur-contour", ", ".join(f"{name}={params[name]}" for name in ("steps", "detail", "seed")))
    drawing.save(directory / arguments["draft"], "PNG", pnginfo=text)
    report({"progress": 1.0, "stage": "drawn"})
    return {"width_px": drawing.width, "height_px": drawing.height, "ink_share": round(float(ink.mean()), 4)}


def _brightness(source: Path, max_side_px: int) -> np.ndarray:
    """Height x width, 0.0 black to 1.0 white, no side longer than asked."""
    try:
        picture = decode(source, near=(max_side_px, max_side_px))
    except UnreadableImageError as error:
        raise HandlerError(f"The source image cannot be used: {error.message}") from error
    picture.thumbnail((max_side_px, max_side_px), Image.Resampling.LANCZOS)
    return np.asarray(picture.convert("L"), np.float32) / 255


def _smoothed(shade: np.ndarray) -> np.ndarray:
    """One step of diffusion that edges hold back."""
    flow = np.zeros_like(shade)
    for axis in (0, 1):
        step = np.diff(shade, axis=axis)
        step *= np.exp(-((step / _CONDUCTANCE) ** 2))
        before, after = [(0, 0), (0, 0)], [(0, 0), (0, 0)]
        before[axis], after[axis] = (0, 1), (1, 0)
        flow += np.pad(step, before) - np.pad(step, after)
    return shade + _RATE * flow


def _lines(shade: np.ndarray, detail: float) -> np.ndarray:
    """Height x width, 0.0 paper to 1.0 ink: the crests of the slope that are steep enough, one pixel wide."""
    down, right = np.gradient(shade)
    slope = np.hypot(down, right)
    across = np.abs(right) > np.abs(down)  # the way that the slope runs, and so across the line
    beside = [np.where(across, np.roll(slope, shift, 1), np.roll(slope, shift, 0)) for shift in (1, -1)]
    crest = (slope >= beside[0]) & (slope > beside[1])
    crest[[0, -1], :] = crest[:, [0, -1]] = False  # the frame is no line
    least = _LEAST_SLOPE * (_SLOPES_APART ** (1 - detail))
    return np.clip(slope / least - 1, 0, 1) * crest


def _blurred(ink: np.ndarray, radius_px: float) -> np.ndarray:
    """The line as wide as a pen of this radius makes it, and as black in its middle as before."""
    layer = Image.fromarray((ink * 255).astype(np.uint8))
    spread = np.asarray(layer.filter(ImageFilter.GaussianBlur(radius_px)), np.float32) / 255
    return np.clip(spread * (1 + 2.5 * radius_px), 0, 1)


def _paper(shape: tuple[int, ...], grain: float, seed: int) -> np.ndarray:
    """The paper's brightness: the same seed gives the same sheet."""
    tooth = np.random.default_rng(seed).standard_normal(shape, np.float32)
    return _PAPER + 0.03 * grain * tooth


def _picture(ink: np.ndarray, paper: np.ndarray | float = _PAPER) -> Image.Image:
    shade = paper * (1 - ink) + _INK * ink
    return Image.fromarray((np.clip(shade, 0, 1) * 255).round().astype(np.uint8))
