"""Where a pass looks and is lit from: low-discrepancy numbers, and directions made of them."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.forms import Vector


def halton(index: int, base: int) -> float:
    """The index-th number of the Halton sequence, 0 to 1."""
    share, value = 1.0, 0.0
    while index:
        share /= base
        value += share * (index % base)
        index //= base
    return value


def hemisphere(u: float, v: float) -> NDArray[np.float64]:
    """A direction of the upper half, evenly spread, kept a little above the horizon."""
    y = 0.06 + 0.94 * u
    r = math.sqrt(max(1 - y * y, 0))
    return np.array([r * math.cos(2 * math.pi * v), y, r * math.sin(2 * math.pi * v)])


def jitter(direction: Vector, size: float, u: float, v: float) -> NDArray[np.float64]:
    """A direction within ``size`` radians of the given one, evenly spread over that disc."""
    to = np.array(direction, float)
    to /= np.linalg.norm(to)
    side = np.cross(to, [0.0, 1.0, 0.0] if abs(to[1]) < 0.95 else [1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    other = np.cross(to, side)
    r = size * math.sqrt(u)
    to = to + side * (r * math.cos(2 * math.pi * v)) + other * (r * math.sin(2 * math.pi * v))
    return np.asarray(to / np.linalg.norm(to))


@dataclass(frozen=True, slots=True)
class Samples:
    """What one pass is a sample of. ``pixel``: where in each pixel, 0 to 1; ``lens``: where on the lens, as share of
    its radius and angle; ``sun`` and ``above``: one direction to the sun's disc, and one to the sky, of unit length."""

    pixel: tuple[float, float]
    lens: tuple[float, float]
    sun: NDArray[np.float64]
    above: NDArray[np.float64]

    @classmethod
    def of(cls, index: int, sun: Vector, sun_size: float) -> Self:
        """The samples of the pass ``index``, from 0, under a sun of this angular radius in radians."""
        n = index + 1
        return cls(
            pixel=(halton(n, 2), halton(n, 3)),
            lens=(math.sqrt(halton(n, 5)), 2 * math.pi * halton(n, 11)),
            sun=jitter(sun, sun_size, halton(n, 5), halton(n, 7)),
            above=hemisphere((halton(n, 3) + 0.31) % 1.0, (halton(n, 2) + 0.17) % 1.0),
        )


def map_px(width_px: int, height_px: int) -> int:
    """The side of the shadow maps of a picture of that size, in pixels."""
    return int(min(1536, max(384, (width_px * height_px) ** 0.5)))
