"""Lines where the set's surfaces end, meet or bend: of its geometry, not of its light."""

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.controls.primary import Primary
from auteur.adapters.engines.previs.rendering.forms import Array
from auteur.adapters.engines.previs.rendering.world import Set

Place = tuple[slice, slice]

_BEND = 0.77
"""Cosine of the angle from which a bend is a line, 40 degrees. In a person it is none: where its forms meet, a body has
no edge."""

_STEP_M, _BODY_STEP_M = 0.025, 0.06
"""How far one surface must stand before another of the same thing, and of the same cloth of a person."""

_FEATURE_M = 0.03
"""What is smaller is a part of its own, as a nose in a face."""

_LINE_SHARE = 1 / 340
"""A line's width as a share of the picture's shorter side."""


def picture(world: Set, seen: Primary, segments: NDArray[np.int16], focal_px: float) -> NDArray[np.uint8]:
    """White lines on black, shape (height, width). ``segments``: the thing of each pixel."""
    height_px, width_px = seen.depth.shape
    people = {figure.thing for figure in world.figures}
    part = np.array([*_parts(world), -2, -1], np.int16)[seen.form]
    soft = np.array([*(form.thing in people for form in world.forms), True, True])[seen.form]
    least = np.where(soft, np.float32(_BODY_STEP_M), np.float32(_STEP_M)) + 1.5 * seen.depth / np.float32(focal_px)
    planes = _Planes(seen, focal_px)
    line = np.zeros((height_px, width_px), bool)
    for axis in (0, 1):
        a: Place = (slice(None, -1), slice(None)) if axis == 0 else (slice(None), slice(None, -1))
        b: Place = (slice(1, None), slice(None)) if axis == 0 else (slice(None), slice(1, None))
        forms = (seen.form[a] >= 0) & (seen.form[b] >= 0)  # sky and ground have no steps
        step = np.minimum(planes.apart(a, b, forms), planes.apart(b, a, forms)) > np.maximum(least[a], least[b])
        bend = (sum(n[a] * n[b] for n in seen.normal) < _BEND) & ~soft[a] & ~soft[b]
        edge = (segments[a] != segments[b]) | (part[a] != part[b]) | (forms & (step | bend))
        nearer = seen.depth[a] <= seen.depth[b]
        line[a] |= edge & nearer  # the line is drawn on what is in front
        line[b] |= edge & ~nearer
    return _inked(line, max(1, round(min(height_px, width_px) * _LINE_SHARE)))


def _parts(world: Set) -> list[int]:
    """A number for each form; what is of one cloth in one thing has the same."""
    keys: list[tuple[object, ...]] = []
    for index, form in enumerate(world.forms):
        small = np.linalg.norm(form.matrix, axis=0).max() < _FEATURE_M
        keys.append((form.thing, form.material.color, index if small else None))
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return [numbers[key] for key in keys]


class _Planes:
    """The planes that touch the surfaces seen. On a plane 1 / depth is linear across the picture."""

    def __init__(self, seen: Primary, focal_px: float) -> None:
        height_px, width_px = seen.depth.shape
        x = (np.arange(width_px, dtype=np.float32) + 0.5 - width_px / 2)[None, :] / np.float32(focal_px)
        y = (height_px / 2 - np.arange(height_px, dtype=np.float32) - 0.5)[:, None] / np.float32(focal_px)
        self._x, self._y = np.broadcast_to(x, seen.depth.shape), np.broadcast_to(y, seen.depth.shape)
        self._seen = seen
        self._lean = self._facing((slice(None), slice(None)), (slice(None), slice(None)))

    def apart(self, a: Place, b: Place, where: NDArray[np.bool_]) -> Array:
        """How far the surfaces at b are from the planes of those at a, along the camera's axis, in metres; 0 where they
        are not asked for, very far where the plane is not met."""
        at_b = self._facing(a, b)
        met = where & (np.abs(at_b) > 1e-6)
        share = np.divide(self._lean[a], at_b, out=np.full(at_b.shape, np.float32(-1)), where=met)
        meant = np.where(where, self._seen.depth[a], 0) * share
        apart = np.abs(np.where(meant > 0, meant, np.float32(1e6)) - np.where(where, self._seen.depth[b], 0))
        return np.where(where, apart, np.float32(0))

    def _facing(self, a: Place, b: Place) -> Array:
        """The normals at a, seen along the rays at b."""
        x, y, z = self._seen.normal
        facing: Array = x[a] * self._x[b] + y[a] * self._y[b] - z[a]
        return facing


def _inked(line: NDArray[np.bool_], width_px: int) -> NDArray[np.uint8]:
    """The lines so wide, with soft edges."""
    for axis in (0, 1):
        wide = line.copy()
        for step in range(1, width_px):
            shift = (step + 1) // 2 * (1 if step % 2 else -1)
            wide |= _shifted(line, shift, axis)
        line = wide
    ink: Array = line.astype(np.float32)
    for axis in (0, 1):
        ink = ink * 0.5 + 0.25 * (_shifted(ink, 1, axis) + _shifted(ink, -1, axis))
    return np.asarray(np.maximum(line, np.minimum(ink * 1.5, 1)) * 255 + 0.5).astype(np.uint8)


def _shifted(values: Array, by: int, axis: int) -> Array:
    """The values some pixels further along an axis; what comes in from outside is 0."""
    shifted = np.zeros_like(values)
    to = [slice(None), slice(None)]
    of = [slice(None), slice(None)]
    to[axis], of[axis] = (slice(by, None), slice(None, -by)) if by > 0 else (slice(None, by), slice(-by, None))
    shifted[tuple(to)] = values[tuple(of)]
    return shifted
