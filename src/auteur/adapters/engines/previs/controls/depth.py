"""How far away everything is: as depth models guess it, and in metres."""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.controls.primary import GROUND, Primary

NOTHING = 65535
"""The value of the sky, and of what is beyond `Scale.far_m`."""

_OPEN_REACH_M = 50.0


def inverse(seen: Primary) -> NDArray[np.uint8]:
    """The depth picture that depth ControlNets were trained on: inverse distance, nearest 255, farthest 0."""
    near, far = _ends(seen)
    if near == far:
        return np.where(np.isfinite(seen.depth), np.uint8(255), np.uint8(0))
    share = (1 / seen.depth - 1 / far) / (1 / near - 1 / far)
    return np.asarray(np.clip(share, 0, 1) * 255 + 0.5).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Scale:
    """How values of the 16-bit picture are metres: ``near_m + value * unit_m``, up to ``far_m``; `NOTHING` beyond."""

    near_m: float
    far_m: float
    unit_m: float

    def as_data(self) -> dict[str, Any]:
        """Plain data, for a text chunk and the result."""
        return {**asdict(self), "nothing": NOTHING, "metres": "near_m + value * unit_m"}


def scale_for(seen: Primary) -> Scale:
    """From the nearest that is seen to the farthest form. The open ground goes on to the horizon, where metres mean
    little: of it only what is nearer than the farthest form, or 50 m, is told, so that a face keeps its shape."""
    near, _ = _ends(seen)
    forms = seen.depth[seen.form >= 0]
    ground = seen.depth[seen.form == GROUND]
    far = max(
        float(forms.max()) if forms.size else 0.0,
        min(float(ground.max()), _OPEN_REACH_M) if ground.size else 0.0,
        near,
    )
    near_m, far_m = math.floor(near * 100) / 100, math.ceil(far * 100) / 100 + 0.01
    return Scale(near_m, far_m, (far_m - near_m) / (NOTHING - 1))


def linear(seen: Primary, scale: Scale) -> NDArray[np.uint16]:
    """Distance along the camera's axis, in steps of the scale's unit."""
    value = np.rint((seen.depth.astype(np.float64) - scale.near_m) / scale.unit_m)
    return np.where(value < NOTHING, np.maximum(value, 0), NOTHING).astype(np.uint16)


def _ends(seen: Primary) -> tuple[float, float]:
    """The nearest and the farthest distance that is seen; 1 m and infinity where there is only sky."""
    near = float(seen.depth.min())
    return (near if math.isfinite(near) else 1.0), float(seen.depth.max())
