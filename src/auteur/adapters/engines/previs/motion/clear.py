"""Where a camera can be: not in a wall, in a thing, in a person or in the ground."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from auteur.adapters.engines.previs.motion.rig import Point
from auteur.adapters.engines.previs.rendering.forms import Array
from auteur.adapters.engines.previs.staging.stage import Stage

_ROOM_M = 0.22
"""Between the lens and anything solid: a matte box and a hand's breadth."""
_GROUND_M = 0.1
_STEPS = 40


class Solid:
    """The set as what stands in the way."""

    def __init__(self, stage: Stage, *, without: frozenset[int] = frozenset()) -> None:
        """``without``: things that are left out, as those that move."""
        forms = [form for form in stage.world.forms if form.thing not in without]
        self._things = [form.thing for form in forms]
        self._at = np.array([form.at for form in forms]).reshape(-1, 3)
        self._matrix = np.array([form.matrix for form in forms]).reshape(-1, 3, 3)
        self._inverse = np.linalg.inv(self._matrix) if forms else self._matrix
        self._taper = np.array([form.taper for form in forms])
        self._shape = np.array([_KINDS[form.shape] for form in forms], int)
        self._walls = np.array(stage.walls, float).reshape(-1, 4)
        self._names = {index: thing.kind for index, thing in enumerate(stage.world.things)}

    def near(self, points: Array) -> tuple[Array, Array]:
        """How far each of the points, shape (n, 3), is from the nearest form, 0 inside; and which form that is."""
        if not len(self._at):
            return np.full(len(points), np.inf), np.full(len(points), -1)
        local = np.einsum("fij,nfj->nfi", self._inverse, points[:, None] - self._at)
        away = np.einsum("fij,nfj->nfi", self._matrix, local - self._inside(local))
        distance = np.linalg.norm(away, axis=2)
        return distance.min(axis=1), distance.argmin(axis=1)

    def free(self, points: Array, *, beside: frozenset[int] = frozenset(), room_m: float = _ROOM_M) -> tuple[bool, str]:
        """Whether a way along the points, shape (n, 3), leads through nothing; else the name of what it meets.
        ``beside``: forms that do not count."""
        if (points[:, 1] < _GROUND_M).any():
            return False, "the ground"
        for start, end, x0, z0, x1, z1 in ((a, b, *wall) for wall in self._walls for a, b in pairwise(points)):
            if _cross((start[0], start[2]), (end[0], end[2]), (x0, z0), (x1, z1)):
                return False, "a wall"
        distance, which = self.near(_dense(points, room_m))
        for index in which[distance < room_m]:
            if int(index) not in beside:
                return False, f"the {self._names.get(self._things[int(index)], 'set')}"
        return True, ""

    def touched(self, point: Point) -> frozenset[int]:
        """The forms within reach of the point: where a camera was put so near, it may be."""
        if not len(self._at):
            return frozenset()
        local = np.einsum("fij,fj->fi", self._inverse, point - self._at)[None]
        away = np.einsum("fij,nfj->nfi", self._matrix, local - self._inside(local))
        return frozenset(np.flatnonzero(np.linalg.norm(away, axis=2)[0] < _ROOM_M).tolist())

    def _inside(self, local: Array) -> Array:
        """The point of the form that is nearest in its own space; what is inside is its own."""
        box = np.clip(local, -1, 1)
        length = np.linalg.norm(local, axis=2, keepdims=True)
        ball = local / np.maximum(length, 1.0)
        y = np.clip(local[..., 1], 0, 1)
        radius = 1 + (self._taper - 1) * y
        across = np.hypot(local[..., 0], local[..., 2])
        share = np.minimum(radius / np.maximum(across, 1e-9), 1.0)
        cone = np.stack([local[..., 0] * share, y, local[..., 2] * share], axis=-1)
        shape = self._shape[None, :, None]
        return np.asarray(np.where(shape == 0, ball, np.where(shape == 1, box, cone)))


_KINDS = {"ball": 0, "box": 1, "cone": 2}


def reach(free_at: Callable[[float], tuple[bool, str]]) -> tuple[float, str]:
    """The largest share of its way, in even steps from 1 to 0, that can be gone, and what stands in the next longer.

    ``free_at``: whether the way of a share is free, and what is in it.
    """
    met = ""
    for index in range(_STEPS):
        share = 1 - index / _STEPS
        free, what = free_at(share)
        if free:
            return share, met
        met = what
    return 0.0, met


def _dense(points: Array, room_m: float) -> Array:
    """The way with no step longer than the room: nothing thin is stepped over."""
    parts = [points[:1]]
    for a, b in pairwise(points):
        count = min(max(int(np.ceil(np.linalg.norm(b - a) / room_m)), 1), 64)
        parts.append(a + (b - a) * (np.arange(1, count + 1) / count)[:, None])
    return np.concatenate(parts)


def _cross(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]) -> bool:
    """Whether two segments on the floor cross."""

    def side(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float]) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
