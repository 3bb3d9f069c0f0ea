"""The floor of a set: what stands on it where, and where there is room for another."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.forms import Form, Vector
from auteur.adapters.engines.previs.staging.stage import PropMark

_OVERHEAD_M, _UNDERFOOT_M = 1.95, 0.16
"""What begins above the one or ends below the other is in nobody's way."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """A rectangle on the floor: its middle, half its width and depth, and its heading."""

    x: float
    z: float
    half_x: float
    half_z: float
    heading: float = 0.0

    def corners(self) -> list[tuple[float, float]]:
        """Its four corners in turn."""
        c, s = math.cos(self.heading), math.sin(self.heading)
        return [
            (self.x + a * c + b * s, self.z + b * c - a * s)
            for a, b in (
                (-self.half_x, -self.half_z),
                (self.half_x, -self.half_z),
                (self.half_x, self.half_z),
                (-self.half_x, self.half_z),
            )
        ]

    def meets(self, other: "Footprint") -> bool:
        """Whether the two have floor in common: no side of either parts them."""
        a, b = self.corners(), other.corners()
        for heading in (self.heading, other.heading):
            for axis in ((math.cos(heading), -math.sin(heading)), (math.sin(heading), math.cos(heading))):
                along_a = [x * axis[0] + z * axis[1] for x, z in a]
                along_b = [x * axis[0] + z * axis[1] for x, z in b]
                if max(along_a) <= min(along_b) + 1e-6 or max(along_b) <= min(along_a) + 1e-6:
                    return False
        return True


def footprint(mark: PropMark, air_m: float = 0.0) -> Footprint:
    """Of a thing, with so much air around it."""
    half_x, half_z = mark.size_m[0] / 2 + air_m, mark.size_m[2] / 2 + air_m
    return Footprint(mark.at[0], mark.at[2], half_x, half_z, mark.heading_rad)


def reach(form: Form) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far a form goes along the axes of the set: the lowest and the highest corner. Exact, for every shape."""
    if form.shape == "box":
        half = np.abs(form.matrix).sum(axis=1)
        return form.at - half, form.at + half
    if form.shape == "ball":
        half = np.sqrt((form.matrix**2).sum(axis=1))
        return form.at - half, form.at + half
    round_ = np.sqrt(form.matrix[:, 0] ** 2 + form.matrix[:, 2] ** 2)
    head = form.at + form.matrix[:, 1]
    low = np.minimum(form.at - round_, head - round_ * form.taper)
    return low, np.maximum(form.at + round_, head + round_ * form.taper)


class Floor:
    """Where there is room. ``forms``: of the place, as it was built before anyone came in.

    The place's own forms count with the boxes around them; water beyond ``sea_z`` is no floor.
    """

    def __init__(self, forms: Sequence[Form], sea_z: float | None = None) -> None:
        boxes = [reach(form) for form in forms]
        in_the_way = [
            (low[0], low[2], high[0], high[2]) for low, high in boxes if low[1] < _OVERHEAD_M and high[1] > _UNDERFOOT_M
        ]
        self._boxes = np.array(in_the_way or np.zeros((0, 4)), float).reshape(-1, 4)
        self._taken: list[Footprint] = []
        self.sea_z = sea_z

    def take(self, place: Footprint) -> None:
        """From now on there is no room for another."""
        self._taken.append(place)

    def is_free(self, place: Footprint, home: tuple[float, float] | None = None, *, on_water: bool = False) -> bool:
        """Whether nothing stands there. ``home``: no wall may be between there and it; ``on_water``: it floats."""
        corners = np.array(place.corners())
        low, high = corners.min(axis=0), corners.max(axis=0)
        if self.sea_z is not None and not on_water and low[1] < self.sea_z + 0.3:
            return False
        b = self._boxes
        if ((b[:, 0] < high[0]) & (b[:, 2] > low[0]) & (b[:, 1] < high[1]) & (b[:, 3] > low[1])).any():
            return False
        if any(place.meets(other) for other in self._taken):
            return False
        return home is None or not self._is_walled_off(home, (place.x, place.z))

    def room_for(
        self,
        wanted: Iterable[tuple[float, float]],
        half: tuple[float, float],
        heading: float = 0.0,
        home: tuple[float, float] | None = (0.0, 0.0),
    ) -> tuple[Footprint, bool]:
        """The first of the wanted places that is free, or the free one nearest to the first of them; and whether
        there was one. ``half``: half the width and depth of what comes there."""
        places = list(wanted)
        for x, z in places:
            spot = Footprint(x, z, *half, heading)
            if self.is_free(spot, home):
                return spot, True
        for x, z in _around(places[0]):
            spot = Footprint(x, z, *half, heading)
            if self.is_free(spot, home):
                return spot, True
        for x, z in (*places, *_around(places[0])):  # rather in what the place has than in one another
            spot = Footprint(x, z, *half, heading)
            if not any(spot.meets(other) for other in self._taken):
                return spot, False
        return Footprint(*places[0], *half, heading), False

    def _is_walled_off(self, start: tuple[float, float], end: tuple[float, float]) -> bool:
        """Whether the way between crosses something long: a wall, a row of houses, a counter from wall to wall."""
        b = self._boxes
        long = b[np.maximum(b[:, 2] - b[:, 0], b[:, 3] - b[:, 1]) > 2.2]
        if not len(long):
            return False
        way = np.array(end) - np.array(start)
        safe = np.where(np.abs(way) < 1e-9, 1e-9, way)
        first, second = (long[:, :2] - start) / safe, (long[:, 2:] - start) / safe
        enter, leave = np.minimum(first, second).max(axis=1), np.maximum(first, second).min(axis=1)
        return bool(((enter < leave) & (enter < 1) & (leave > 0)).any())


def _around(middle: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """Places in growing rings, those across before those in depth."""
    for ring in range(1, 17):
        radius = 0.22 * ring
        count = 8 + 2 * ring
        for k in range(count):
            angle = math.tau * k / count
            yield middle[0] + radius * math.cos(angle), middle[1] - radius * math.sin(angle)


def across(one: Vector, other: Vector) -> float:
    """The heading of the side from which the line between two is looked at: that which the front of the set is on; of
    two behind each other the right one. The same whichever is named first."""
    turn = heading_to(one, other) - math.pi / 2
    ahead = math.cos(turn)
    if ahead < -1e-6 or (abs(ahead) <= 1e-6 and math.sin(turn) < 0):
        turn += math.pi
    return math.atan2(math.sin(turn), math.cos(turn))


def between(a: Vector, b: Vector, share: float = 0.5) -> Vector:
    """The point at a share of the way."""
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def heading_to(start: Vector, end: Vector) -> float:
    """The heading under which one sees the other: 0 towards +z, growing towards +x."""
    return math.atan2(end[0] - start[0], end[2] - start[2])
