"""Lines where the set's surfaces end, meet or bend: of its geometry, not of its light."""

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.controls.primary import Primary
from auteur.adapters.engines.previs.rendering.forms import Array
from auteur.adapters.engines.previs.rendering.world import Set

_BEND = 0.77
"""Cosine of the angle from which a bend is a line, 40 degrees. In a person it is none: where its forms meet, a body has
no edge."""

_STEP_M = 0.025
"""How far one surface must stand before another of the same thing."""

_LINE_SHARE = 1 / 340
"""A line's width as a share of the picture's shorter side."""


def picture(world: Set, seen: Primary, segments: NDArray[np.int16], focal_px: float) -> NDArray[np.uint8]:
    """White lines on black, shape (height, width). ``segments``: the thing of each pixel."""
    height_px, width_px = seen.depth.shape
    cloths: dict[tuple[int, object], int] = {}
    parts = [cloths.setdefault((form.thing, form.material.color), len(cloths)) for form in world.forms]
    part = np.array([*parts, -2, -1], np.int16)[seen.form]
    people = {figure.thing for figure in world.figures}
    bends = np.array([*(form.thing not in people for form in world.forms), False, False])[seen.form]
    u = ((np.arange(width_px, dtype=np.float32) + 0.5) - width_px / 2)[None, :] / np.float32(focal_px)
    v = (height_px / 2 - (np.arange(height_px, dtype=np.float32) + 0.5))[:, None] / np.float32(focal_px)
    nx, ny, nz = seen.normal
    lean = nx * u + ny * v - nz  # of the plane that touches the surface: 1 / depth is in proportion to it
    line = np.zeros((height_px, width_px), bool)
    for axis in (0, 1):
        a: tuple[slice, ...] = (slice(None, -1), slice(None)) if axis == 0 else (slice(None), slice(None, -1))
        b: tuple[slice, ...] = (slice(1, None), slice(None)) if axis == 0 else (slice(None), slice(1, None))
        step = np.zeros_like(line[a])
        there = (seen.form[a] >= 0) & (seen.form[b] >= 0)  # sky and ground have no steps
        from_a = _apart(seen, lean, a, b, nx[a], ny[a], nz[a], u, v, there)
        from_b = _apart(seen, lean, b, a, nx[b], ny[b], nz[b], u, v, there)
        far = np.where(there, np.maximum(seen.depth[a], seen.depth[b]), 0)
        step = np.minimum(from_a, from_b) > _STEP_M + 1.5 * far / np.float32(focal_px)
        bend = (nx[a] * nx[b] + ny[a] * ny[b] + nz[a] * nz[b] < _BEND) & bends[a] & bends[b]
        edge = (segments[a] != segments[b]) | (part[a] != part[b]) | (there & (step | bend))
        nearer = seen.depth[a] <= seen.depth[b]
        line[a] |= edge & nearer  # the line is drawn on what is in front
        line[b] |= edge & ~nearer
    return _inked(line, max(1, round(min(height_px, width_px) * _LINE_SHARE)))


def _apart(
    seen: Primary,
    lean: Array,
    a: tuple[slice, ...],
    b: tuple[slice, ...],
    nx: Array,
    ny: Array,
    nz: Array,
    u: Array,
    v: Array,
    there: NDArray[np.bool_],
) -> Array:
    """How far the surface at b is from the plane that touches the surface at a, along the axis, in metres."""
    at_b = nx * np.broadcast_to(u, lean.shape)[b] + ny * np.broadcast_to(v, lean.shape)[b] - nz
    share = np.divide(lean[a], at_b, out=np.full(at_b.shape, np.float32(1e6)), where=there & (np.abs(at_b) > 1e-6))
    meant = np.where(there, seen.depth[a], 0) * share
    return np.where(there, np.abs(np.where(meant > 0, meant, np.float32(1e6)) - seen.depth[b]), np.float32(0))


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
