"""How a previs frame is composed: where heads and horizon lie on it, and where the edges of its picture are.

Heads and horizon are projected from the set that the frame's parameters stage; edges are looked for in the picture
itself, without knowing anything of the set.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from auteur.adapters.engines.previs.rendering.tracing import View
from auteur.adapters.engines.previs.shooting import staged

Array = NDArray[np.float64]

_EDGES_PX = 128


@dataclass(frozen=True)
class Composition:
    """Shares of the frame: ``heads`` (n, 2), x of its width and y of its height from the top left; ``horizon`` (3,),
    its y at the left side, the middle and the right side."""

    heads: Array
    horizon: Array

    def off(self, other: "Composition") -> float:
        """How far the farthest point lies off, as a share of the frame."""
        assert self.heads.shape == other.heads.shape
        moved = [np.abs(self.horizon - other.horizon), *np.abs(self.heads - other.heads)]
        return float(max(part.max() for part in moved))


def composition(params: Mapping[str, Any]) -> Composition:
    """Of a frame with these effective parameters."""
    width_px, height_px = params["width_px"], params["height_px"]
    _, made = staged(params)
    camera = made.camera
    right, up, ahead = View(camera, width_px, height_px).axes
    tall = camera.focal * width_px / height_px
    ears = [[mark.joints[f"{own}_ear"] for own in ("left", "right")] for mark in made.people]
    away = np.array(ears, float).reshape(-1, 2, 3).mean(axis=1) - np.array(camera.at)
    depth = away @ ahead
    heads = np.stack([0.5 + away @ right / depth * camera.focal, 0.5 - away @ up / depth * tall], axis=1)
    across = np.array([-0.5, 0.0, 0.5]) / camera.focal  # a ray is ahead + x right + y up; level where its y is 0
    return Composition(heads, 0.5 + (ahead[1] + across * right[1]) / up[1] * tall)


def edges(picture: Path) -> Array:
    """How strongly the picture changes at each of about 128 x 128 places, whatever its size."""
    with Image.open(picture) as opened:
        small = np.asarray(opened.convert("L").resize((_EDGES_PX, _EDGES_PX), Image.Resampling.BOX), np.float64)
    down, across = np.gradient(small)
    return np.asarray(np.hypot(down, across))


def likeness(one: Array, other: Array) -> float:
    """Correlation of two fields of edges, -1 to 1."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def shift(one: Array, other: Array) -> float:
    """How far one must be moved to lie best on the other, as a share of the frame: phase correlation."""
    product = np.fft.fft2(one - one.mean()) * np.conj(np.fft.fft2(other - other.mean()))
    peak = np.unravel_index(np.argmax(np.fft.ifft2(product).real), one.shape)
    return float(max(min(at, _EDGES_PX - at) for at in peak)) / _EDGES_PX
