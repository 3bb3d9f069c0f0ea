"""From the camera into the set: rays, and what they meet first."""

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.forms import FAR, INTERSECT, Array, Form, to_local
from auteur.adapters.engines.previs.rendering.world import Camera

GROUND = 0
"""Id of the ground among the hits; the forms follow in their order, the sky is -1."""


class View:
    """What the camera sees on a picture of so many pixels: rays, and where on the picture a form can be."""

    def __init__(self, camera: Camera, width_px: int, height_px: int) -> None:
        self.camera = camera
        self.width_px = width_px
        self.height_px = height_px
        self.axes = camera_axes(camera)
        """Right, up and ahead of the camera, of unit length."""

    def rays(
        self,
        top: int,
        bottom: int,
        jitter: tuple[float, float],
        lens: tuple[float, float],
        precision: type[np.floating[Any]] = np.float32,
    ) -> tuple[Array, tuple[float, float], list[Array]]:
        """One ray for each pixel of the rows from ``top`` to ``bottom``: origin, shift on the lens, directions.

        The directions have length 1 along the camera's axis. ``jitter``: where in a pixel, 0 to 1; ``lens``: where on
        the lens, as share of its radius and angle.
        """
        right, up, ahead = self.axes
        camera = self.camera
        spread = 1 / camera.focal
        x = ((np.arange(self.width_px, dtype=precision) + jitter[0]) / self.width_px - 0.5) * spread
        y = (0.5 * self.height_px - (np.arange(top, bottom, dtype=precision) + jitter[1])) * spread / self.width_px
        radius = camera.aperture_m / 2 * lens[0]
        shift_x, shift_y = radius * math.cos(lens[1]), radius * math.sin(lens[1])
        origin = np.array(camera.at) + right * shift_x + up * shift_y
        x = x - precision(shift_x / camera.focus_m)
        y = y - precision(shift_y / camera.focus_m)
        shape = (bottom - top, self.width_px)
        d = [
            np.ascontiguousarray(np.broadcast_to(x[None, :], shape) * precision(right[i]))
            + y[:, None] * precision(up[i])
            + precision(ahead[i])
            for i in range(3)
        ]
        return origin, (shift_x, shift_y), d

    def tile(
        self, corners: Array, origin: Array, top: int, bottom: int, shift: tuple[float, float]
    ) -> tuple[slice, slice] | None:
        """The part of the band in which the form can be seen."""
        right, up, ahead = self.axes
        away = corners - origin
        z = away @ ahead
        if z.max() <= 0:
            return None
        if z.min() <= 0.02:
            return slice(0, bottom - top), slice(0, self.width_px)
        scale = self.camera.focal * self.width_px
        # the lens is shifted, but what is in focus stays in its place
        x = self.width_px / 2 + (away @ right / z + shift[0] / self.camera.focus_m) * scale
        y = self.height_px / 2 - (away @ up / z + shift[1] / self.camera.focus_m) * scale
        x0, x1 = int(max(x.min() - 1, 0)), int(min(x.max() + 2, self.width_px))
        y0, y1 = int(max(y.min() - 1 - top, 0)), int(min(y.max() + 2 - top, bottom - top))
        return (slice(y0, y1), slice(x0, x1)) if x0 < x1 and y0 < y1 else None


@dataclass(slots=True)
class Hits:
    """What the rays of a band meet first: how far along the ray, which form, and its unit normal there."""

    depth: Array
    ids: NDArray[np.int16]
    normal: list[Array]

    @classmethod
    def none(cls, shape: tuple[int, int]) -> Self:
        """Nothing but sky."""
        return cls(
            np.full(shape, FAR, np.float32),
            np.full(shape, -1, np.int16),
            [np.zeros(shape, np.float32) for _ in range(3)],
        )

    def add_ground(self, origin: Array, d: list[Array], reach_m: float = 4000.0) -> None:
        """The ground is the plane y = 0, as far as it can be told from the horizon through haze."""
        t = np.float32(-origin[1]) / np.minimum(d[1], np.float32(-1e-6))
        hit = (d[1] < -1e-5) & (t > 0) & (t < reach_m)
        self.depth[hit] = t[hit]
        self.ids[hit] = GROUND
        self.normal[1][hit] = 1

    def add(
        self,
        index: int,
        form: Form,
        inverse: NDArray[np.float64],
        o: tuple[Any, ...],
        d: list[Array],
        tile: tuple[slice, slice],
    ) -> None:
        """The form ``index`` where it is nearer than what was met before; ``d``: the rays of the ``tile``."""
        t, normal_of = INTERSECT[form.shape](form, *to_local(form, inverse, o, d))
        near = t < self.depth[tile]
        if not near.any():
            return
        m = inverse.astype(d[0].dtype)
        local = normal_of(near)
        world = [m[0, i] * local[0] + m[1, i] * local[1] + m[2, i] * local[2] for i in range(3)]
        scale = 1 / np.sqrt(world[0] ** 2 + world[1] ** 2 + world[2] ** 2 + np.float32(1e-12))
        self.depth[tile][near] = t[near]
        self.ids[tile][near] = index
        for i in range(3):
            self.normal[i][tile][near] = world[i] * scale

    def last_row(self) -> Self:
        """What the last row of rays meets."""
        return type(self)(self.depth[-1:], self.ids[-1:], [c[-1:] for c in self.normal])

    def outline(self, above: "Hits | None" = None) -> Array:
        """Where one thing ends and another begins, 0 or 1 a pixel. ``above``: what the row before the first meets."""
        if above is not None:
            both = Hits(
                np.concatenate([above.depth, self.depth]),
                np.concatenate([above.ids, self.ids]),
                [np.concatenate([before, here]) for before, here in zip(above.normal, self.normal, strict=True)],
            )
            return both.outline()[1:]
        edge = np.zeros(self.depth.shape, bool)
        for axis in (0, 1):
            here = [slice(None), slice(None)]
            there = [slice(None), slice(None)]
            here[axis], there[axis] = slice(1, None), slice(None, -1)
            a, b = tuple(here), tuple(there)
            near = np.minimum(self.depth[a], self.depth[b])
            apart = (self.ids[a] != self.ids[b]) & (np.abs(self.depth[a] - self.depth[b]) > 0.004 * near + 0.01)
            crease = sum(self.normal[i][a] * self.normal[i][b] for i in range(3)) < 0.55
            edge[a] |= apart | (crease & (self.ids[a] > 0) & (self.ids[b] > 0))
        return edge.astype(np.float32)


def camera_axes(camera: Camera) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    ahead = np.array(camera.target, float) - np.array(camera.at, float)
    ahead /= np.linalg.norm(ahead)
    helper = np.array([0.0, 1.0, 0.0]) if abs(ahead[1]) < 0.995 else np.array([0.0, 0.0, -1.0])
    right = np.cross(ahead, helper)
    right /= np.linalg.norm(right)
    up = np.cross(right, ahead)
    c, s = math.cos(camera.roll), math.sin(camera.roll)
    return right * c + up * s, up * c - right * s, ahead
