"""What the camera sees first through the middle of each pixel: the one pass that the control pictures are made of.

A pinhole at the lens's centre: no depth of field, no jitter, so that each pixel has one distance, one surface and one
thing. It is traced in double precision: through a long lens a single one cannot tell an eye from the face around it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.forms import FAR, Array
from auteur.adapters.engines.previs.rendering.tracing import Hits, View
from auteur.adapters.engines.previs.rendering.world import Camera, Set

SKY, GROUND = -1, -2
"""What is no form, among the forms' indices."""

_BAND_PIXELS = 1 << 17


@dataclass(frozen=True, slots=True)
class Primary:
    """All of shape (height, width). ``depth``: metres along the camera's axis, infinite where there is nothing;
    ``form``: index of the form, `GROUND` or `SKY`; ``normal``: in the camera's axes, x right, y up, z towards
    the camera, three such arrays, zero where there is nothing."""

    depth: NDArray[np.float32]
    form: NDArray[np.int16]
    normal: list[Array]


def trace(
    world: Set, camera: Camera, width_px: int, height_px: int, beat: Callable[[float], None] = lambda share: None
) -> Primary:
    """The set through the camera. ``beat`` is called with the share that is done.

    The ground goes on to the horizon, where the picture's ends in the haze: a horizon is where the camera says.
    """
    view = View(camera, width_px, height_px)
    inverse: list[Array] = [np.linalg.inv(form.matrix) for form in world.forms]
    corners = [form.corners for form in world.forms]
    whole = Hits.none((height_px, width_px))
    rows = max(1, _BAND_PIXELS // width_px)
    for top in range(0, height_px, rows):
        bottom = min(top + rows, height_px)
        origin, shift, d = view.rays(top, bottom, (0.5, 0.5), (0.0, 0.0), np.float64)
        hits = Hits.none((bottom - top, width_px))
        if world.ground is not None:
            hits.add_ground(origin, d, np.inf)
        o = tuple(origin)
        for index, form in enumerate(world.forms):
            tile = view.tile(corners[index], origin, top, bottom, shift)
            if tile is not None:
                hits.add(index + 1, form, inverse[index], o, [c[tile] for c in d], tile)
        away = sum(hits.normal[i] * d[i] for i in range(3)) > 0
        facing = [np.where(away, -c, c) for c in hits.normal]
        for axis, (x, y, z) in enumerate(view.axes * np.array([[1], [1], [-1]])):
            whole.normal[axis][top:bottom] = facing[0] * x + facing[1] * y + facing[2] * z
        whole.depth[top:bottom] = np.where(hits.depth < FAR, hits.depth, np.inf)
        whole.ids[top:bottom] = np.where(hits.ids > 0, hits.ids - 1, np.where(hits.ids == 0, GROUND, SKY))
        beat(bottom / height_px)
    return Primary(whole.depth, whole.ids, whole.normal)
