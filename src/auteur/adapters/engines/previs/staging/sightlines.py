"""What stands between a camera and what it is to see."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.forms import Form, Vector
from auteur.adapters.engines.previs.rendering.world import Thing
from auteur.adapters.engines.previs.staging.floor import reach

FLAT_M = 0.3
"""What ends below this is walked on, and never in the way of a lens."""


class Sightlines:
    """Asks of many forms at once. ``forms`` and ``things`` as in a set."""

    def __init__(self, forms: Sequence[Form], things: Sequence[Thing]) -> None:
        self.things = things
        self._owner = np.array([form.thing for form in forms], int)
        self._at = np.array([form.at for form in forms], float).reshape(-1, 3)
        self._inverse: NDArray[Any] = (
            np.linalg.inv(np.array([form.matrix for form in forms])) if forms else np.zeros((0, 3, 3))
        )
        wide = np.array([max(1.0, form.taper) if form.shape == "cone" else 1.0 for form in forms])
        self._low = np.stack([-wide, np.array([0.0 if f.shape == "cone" else -1.0 for f in forms]), -wide], axis=1)
        self._high = np.stack([wide, np.ones(len(forms)), wide], axis=1)
        self._is_ball = np.array([form.shape == "ball" for form in forms], bool)
        ends = [reach(form) for form in forms]
        self._box_low = np.array([low for low, _ in ends], float).reshape(-1, 3)
        self._box_high = np.array([high for _, high in ends], float).reshape(-1, 3)

    def between(self, eye: Vector, ends: Sequence[Vector], short_m: float = 0.16) -> list[set[int]]:
        """The things in the way to each of the ends, each way ending so much before its end."""
        start = np.array(eye, float)
        local_start = np.einsum("nij,nj->ni", self._inverse, start - self._at)
        found = []
        for end in ends:
            way = np.array(end, float) - start
            length = float(np.linalg.norm(way))
            way *= max(1 - short_m / max(length, 1e-6), 0.0)
            d = self._inverse @ way
            safe = np.where(np.abs(d) < 1e-12, 1e-12, d)
            a, b = (self._low - local_start) / safe, (self._high - local_start) / safe
            enter, leave = np.minimum(a, b).max(axis=1), np.maximum(a, b).min(axis=1)
            hit = (enter < leave) & (leave > 0) & (enter < 1)
            closest = np.clip(-(local_start * d).sum(axis=1) / np.maximum((d * d).sum(axis=1), 1e-12), 0, 1)
            apart = ((local_start + d * closest[:, None]) ** 2).sum(axis=1)
            hit &= ~self._is_ball | (apart < 1)
            found.append(set(self._owner[hit].tolist()))
        return found

    def around(self, eye: Vector, radius_m: float) -> set[int]:
        """The things that a lens there would be in, or touch; but what is walked on."""
        point = np.array(eye, float)
        nearest = np.clip(point, self._box_low, self._box_high)
        near = ((nearest - point) ** 2).sum(axis=1) < radius_m * radius_m
        near &= self._box_high[:, 1] > FLAT_M
        return set(self._owner[near].tolist())

    def met_by(self, own: Collection[int], deep_m: float = 0.15) -> set[int]:
        """The things, other than what is walked on, into which the forms of those reach so deep, as their boxes say."""
        mine = np.isin(self._owner, list(own))
        met = set()
        for low, high in zip(self._box_low[mine], self._box_high[mine], strict=True):
            shared = np.minimum(high, self._box_high) - np.maximum(low, self._box_low)
            hit = (shared > deep_m).all(axis=1) & ~mine & (self._box_high[:, 1] > FLAT_M)
            met |= set(self._owner[hit].tolist())
        return met

    def floor_under(self, eye: Vector) -> float:
        """How high the floor is there, with what lies on it."""
        x, _, z = eye
        low, high = self._box_low, self._box_high
        under = (low[:, 0] < x) & (high[:, 0] > x) & (low[:, 2] < z) & (high[:, 2] > z) & (high[:, 1] < FLAT_M)
        return float(high[under, 1].max()) if under.any() else 0.0

    def kinds(self, found: Collection[int]) -> list[str]:
        """What they are, by name, in the order of the set."""
        return [self.things[index].name for index in sorted(found)]
