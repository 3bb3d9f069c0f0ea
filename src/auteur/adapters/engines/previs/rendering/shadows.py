"""Shadow maps: how far light from one direction gets."""

import copy

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.forms import FAR, INTERSECT, Array, Form, pieces


class ShadowMap:
    """How far light from one direction gets: an orthographic depth picture around ``centre``."""

    def __init__(self, to: NDArray[np.float64], centre: NDArray[np.float64], radius: float, size_px: int) -> None:
        self.to = to.astype(np.float32)
        helper = np.array([0.0, 1.0, 0.0]) if abs(to[1]) < 0.95 else np.array([1.0, 0.0, 0.0])
        self._u = np.cross(helper, to)
        self._u /= np.linalg.norm(self._u)
        self._v = np.cross(to, self._u)
        self._to = to
        self._centre = centre
        self._radius = radius
        self._size = size_px
        self._texel = 2 * radius / size_px
        self._depth = np.full((size_px, size_px), -FAR, np.float32)  # height along the light, highest wins

    def copy(self) -> "ShadowMap":
        """The same, to add to."""
        other = copy.copy(self)
        other._depth = self._depth.copy()
        return other

    def add(self, form: Form, inverse: NDArray[np.float64], corners: NDArray[np.float64]) -> None:
        """Has the form keep light from what lies behind it."""
        away = corners - self._centre
        u, v = away @ self._u + self._radius, away @ self._v + self._radius
        scale = self._size / (2 * self._radius)
        x0, x1 = int(max(u.min() * scale, 0)), int(min(u.max() * scale + 1, self._size))
        y0, y1 = int(max(v.min() * scale, 0)), int(min(v.max() * scale + 1, self._size))
        if x0 >= x1 or y0 >= y1:
            return
        start = float((away @ self._to).max()) + 1.0  # just before it: a single float tells small forms from near by
        us = (np.arange(x0, x1) + 0.5) / scale - self._radius
        vs = (np.arange(y0, y1) + 0.5) / scale - self._radius
        # in the form's own space a ray's origin is affine in the texel, and all rays have one direction
        base = inverse @ (self._centre + self._to * start - form.at)
        across, along = np.outer(inverse @ self._u, us), np.outer(inverse @ self._v, vs) + base[:, None]
        across, along = across.astype(np.float32), along.astype(np.float32)
        d = [np.float32(c) for c in inverse @ -self._to]
        for rows in pieces(y1 - y0, x1 - x0):
            o = [across[i][None, :] + along[i][rows, None] for i in range(3)]
            found, _ = INTERSECT[form.shape](form, o, d)
            tile = self._depth[y0 + rows.start : y0 + rows.stop, x0:x1]
            np.maximum(tile, np.where(found < FAR, np.float32(start) - found, -FAR), out=tile)

    def visible(self, p: list[Array], n: list[Array]) -> Array:
        """1 where the light reaches the point, 0 in shadow."""
        push = np.float32(self._texel * 1.2 + 0.004)
        q = [p[i] + n[i] * push - np.float32(self._centre[i]) for i in range(3)]
        scale = np.float32(self._size / (2 * self._radius))
        x = ((q[0] * self._u[0] + q[1] * self._u[1] + q[2] * self._u[2]) + self._radius) * scale
        y = ((q[0] * self._v[0] + q[1] * self._v[1] + q[2] * self._v[2]) + self._radius) * scale
        height = q[0] * self._to[0] + q[1] * self._to[1] + q[2] * self._to[2]
        inside = (x >= 0) & (y >= 0) & (x < self._size) & (y < self._size)
        xi = np.clip(x, 0, self._size - 1).astype(np.int32)
        yi = np.clip(y, 0, self._size - 1).astype(np.int32)
        lit = self._depth[yi, xi] <= height + np.float32(self._texel * 0.8)
        open_sky: Array = (lit | ~inside).astype(np.float32)
        return open_sky
