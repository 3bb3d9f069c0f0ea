"""How far from still a camera is that a person carries: seeded, band-limited, and the same at every frame rate.

The amplitude of a hand's unrest falls with its frequency, and little of it is above some ten hertz; a camera shake
model joined from medicine and photography: F. Gavant, L. Alacoque, A. Dupret and D. David, "A physiological camera
shake model for image stabilization systems", IEEE Sensors 2011. The bands and sizes here are our own, tuned by eye to
the pictures. Each axis is a sum of sines whose phases are drawn, so that any moment can be asked for by itself.
"""

import math
from dataclasses import dataclass

import numpy as np

_PARTS = 14


@dataclass(frozen=True, slots=True)
class Band:
    """``low_hz`` to ``high_hz``; ``fall``: by which power of the frequency the amplitude falls; ``shift_m``: root mean
    square of each axis of the place; ``turn_rad``: of pan and tilt, roll has two thirds of it."""

    low_hz: float
    high_hz: float
    fall: float
    shift_m: float
    turn_rad: float


BANDS = {
    "handheld": Band(0.3, 7.0, 1.15, 0.011, math.radians(0.42)),
    "steadicam": Band(0.08, 0.6, 0.8, 0.018, math.radians(0.2)),
    "drift": Band(0.05, 0.3, 0.5, 0.05, math.radians(0.35)),
}


class Sway:
    """The unrest of one take. ``rate_hz``: frames a second; what is above half of it is left out, it would alias."""

    def __init__(self, band: Band, seed: int, rate_hz: float) -> None:
        high = min(band.high_hz, 0.45 * rate_hz)
        rng = np.random.default_rng([seed, round(band.low_hz * 1000)])
        edges = np.geomspace(band.low_hz, max(high, band.low_hz * 1.5), _PARTS + 1)
        self._hz = edges[:-1] * (edges[1:] / edges[:-1]) ** rng.uniform(0.15, 0.85, (6, _PARTS))
        self._phase = rng.uniform(0, math.tau, (6, _PARTS))
        weight = self._hz**-band.fall
        weight *= math.sqrt(2) / np.sqrt((weight**2).sum(axis=1, keepdims=True))
        size = np.array([band.shift_m] * 3 + [band.turn_rad] * 2 + [band.turn_rad * 0.66])
        self._weight = weight * size[:, None]

    def at(self, seconds: float) -> tuple[np.ndarray, np.ndarray]:
        """The shift to the right, up and ahead in metres, and the turn of pan, tilt and roll in radians."""
        values = (self._weight * np.sin(math.tau * self._hz * seconds + self._phase)).sum(axis=1)
        return values[:3], values[3:]
