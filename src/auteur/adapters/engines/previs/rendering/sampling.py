"""Where a pass looks and is lit from: low-discrepancy numbers, and directions made of them."""

import math

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
