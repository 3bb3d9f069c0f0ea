"""The forms of a set as triangles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SEGMENTS, _RINGS = 64, 32
"""Around and from pole to pole: the outline keeps 99.8 % of a round one's area."""


@dataclass(frozen=True, slots=True)
class Solid:
    """``points`` and unit ``normals``, shape (n, 3); ``triangles``, shape (m, 3), counter-clockwise from outside."""

    points: NDArray[np.float32]
    normals: NDArray[np.float32]
    triangles: NDArray[np.uint16]


def ball() -> Solid:
    """A ball of radius 1 around the origin."""
    rise = np.linspace(-np.pi / 2, np.pi / 2, _RINGS + 1)
    turn = np.linspace(0, 2 * np.pi, _SEGMENTS + 1)
    wide = np.cos(rise)[:, None]
    points = np.stack([wide * np.cos(turn), np.sin(rise)[:, None] + 0 * turn, wide * -np.sin(turn)], axis=2)
    points = points.reshape(-1, 3)
    return _solid(points, points, _grid(_RINGS, _SEGMENTS))


def box() -> Solid:
    """A box of side 2 around the origin."""
    square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)
    points: list[NDArray[np.float64]] = []
    normals: list[NDArray[np.float64]] = []
    triangles: list[list[int]] = []
    for axis in range(3):
        for side in (-1.0, 1.0):
            face = np.insert(square[:: int(side)], axis, side, axis=1)
            if axis == 1:  # leaving out the middle axis turns the other two about
                face = face[::-1]
            triangles += [[len(points) + k for k in corner] for corner in ((0, 1, 2), (0, 2, 3))]
            points += list(face)
            normals += [np.eye(3)[axis] * side] * 4
    return _solid(np.array(points), np.array(normals), np.array(triangles))


def cone(taper: float) -> Solid:
    """An upright frustum: height 0 to 1, foot radius 1, head radius ``taper``."""
    turn = np.linspace(0, 2 * np.pi, _SEGMENTS + 1)
    circle = np.stack([np.cos(turn), 0 * turn, -np.sin(turn)], axis=1)
    up = np.array([0.0, 1.0, 0.0])
    slant = (circle + up * (1 - taper)) / np.hypot(1, 1 - taper)
    points = [*circle, *(circle * taper + up)]
    normals = [*slant, *slant]
    triangles = [_grid(1, _SEGMENTS)]
    for level, radius, side in ((0.0, 1.0, -1.0), (1.0, taper, 1.0)):
        if radius > 0:
            first = len(points)
            points += [up * level, *(circle * radius + up * level)]
            normals += [up * side] * (_SEGMENTS + 2)
            rim = first + 1 + np.arange(_SEGMENTS)
            middle = np.full(_SEGMENTS, first)
            triangles.append(np.stack([middle, rim, rim + 1] if side > 0 else [middle, rim + 1, rim], axis=1))
    return _solid(np.array(points), np.array(normals), np.concatenate(triangles))


def floor(left: float, right: float, back: float, front: float) -> Solid:
    """A rectangle at height 0 that faces up; ``back`` is at the lesser z."""
    points = np.array([[left, 0, front], [right, 0, front], [right, 0, back], [left, 0, back]])
    return _solid(points, np.array([[0.0, 1.0, 0.0]] * 4), np.array([[0, 1, 2], [0, 2, 3]]))


def _grid(rows: int, columns: int) -> NDArray[np.int64]:
    """Two triangles for each field of a net of points, row by row from below; those without area are left out."""
    r, c = (part.ravel() for part in np.mgrid[0:rows, 0:columns])
    at = r * (columns + 1) + c
    lower = np.stack([at, at + 1, at + columns + 2], axis=1)
    upper = np.stack([at, at + columns + 2, at + columns + 1], axis=1)
    if rows == 1:
        return np.concatenate([lower, upper])
    return np.concatenate([lower[r > 0], upper[r < rows - 1]])  # the poles are single points


def _solid(points: NDArray[np.float64], normals: NDArray[np.float64], triangles: NDArray[np.int64]) -> Solid:
    return Solid(points.astype(np.float32), normals.astype(np.float32), triangles.astype(np.uint16))
