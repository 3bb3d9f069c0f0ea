"""A set as the numbers that the shaders take. All is computed in double precision and handed over in single.

A ray is affine in the pixel: ``d_0 + d_x * x + d_y * y`` with x and y counted from the picture's middle, y downwards.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.forms import Array, Form, Material, Vector
from auteur.adapters.engines.previs.rendering.sampling import Samples
from auteur.adapters.engines.previs.rendering.tracing import camera_axes
from auteur.adapters.engines.previs.rendering.world import Camera, Set

SHAPES = ("ball", "box", "cone")
FORM_FLOATS = 46
PATTERNS = ("plain", "windows", "stripes", "planks", "tiles", "earth", "road")

CUBE = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)
"""The corners of a box of side 2."""
SIDES = np.array(
    [
        [0, 1, 3, 0, 3, 2], [4, 6, 7, 4, 7, 5], [0, 4, 5, 0, 5, 1],
        [2, 3, 7, 2, 7, 6], [0, 2, 6, 0, 6, 4], [1, 5, 7, 1, 7, 3],
    ],
    np.int32,
)  # fmt: skip
"""Its sides as triangles, counter-clockwise from outside."""


@dataclass(frozen=True, slots=True)
class Rays:
    """Origin, and direction by the pixel; and the matrix from the world, relative to the origin, to clip space."""

    origin: NDArray[np.float64]
    d_0: NDArray[np.float64]
    d_x: NDArray[np.float64]
    d_y: NDArray[np.float64]
    clip: NDArray[np.float64]

    @classmethod
    def of(cls, camera: Camera, width_px: int, height_px: int, samples: Samples) -> "Rays":
        """Those that `tracing.View.rays` makes for the same samples."""
        right, up, ahead = camera_axes(camera)
        spread = 1 / camera.focal / width_px
        radius = camera.aperture_m / 2 * samples.lens[0]
        shift = radius * np.cos(samples.lens[1]), radius * np.sin(samples.lens[1])
        offset = samples.pixel[0] - 0.5, samples.pixel[1] - 0.5
        x, y = offset[0] * spread - shift[0] / camera.focus_m, -offset[1] * spread - shift[1] / camera.focus_m
        scale = 2 * camera.focal, 2 * camera.focal * width_px / height_px
        clip = np.zeros((4, 4))
        clip[0, :3] = scale[0] * (right - x * ahead)
        clip[1, :3] = scale[1] * (y * ahead - up)
        clip[3, :3] = ahead
        return cls(
            np.array(camera.at) + right * shift[0] + up * shift[1],
            right * x + up * y + ahead,
            right * spread,
            -up * spread,
            clip,
        )


class UndrawableError(ValueError):
    """The set has what these shaders do not know."""


class Packed:
    """The forms of one set, by shape, ready to be drawn from anywhere."""

    def __init__(self, forms: tuple[Form, ...]) -> None:
        if not {form.shape for form in forms} <= set(SHAPES):
            raise UndrawableError("a form of a shape that GL does not know")
        self.order = sorted(range(len(forms)), key=lambda index: SHAPES.index(forms[index].shape))
        arranged = [forms[index] for index in self.order]
        self.shape = np.array([SHAPES.index(form.shape) for form in arranged], np.int8)
        self.at = np.array([form.at for form in arranged], float).reshape(-1, 3)
        matrix = np.array([form.matrix for form in arranged], float).reshape(-1, 3, 3)
        self.inverse = np.linalg.inv(matrix) if len(arranged) else matrix
        self.taper = np.array([form.taper for form in arranged], float)
        self.shades = np.array([form.shadow for form in arranged], bool)
        self.id = np.array(self.order, float) + 2
        wide = np.where(self.shape == 2, np.maximum(self.taper, 1), 1.0)
        # the proxy is a cube of side 2: a cone's is stretched and lifted in the shader
        mirrored = np.sign(np.linalg.det(matrix)) if len(arranged) else np.ones(0)
        self.matrix = matrix * np.stack([mirrored, np.ones_like(mirrored), np.ones_like(mirrored)], axis=-1)[:, None, :]
        low = np.where(self.shape == 2, 0.0, -1.0)
        corners = np.repeat(CUBE[None].astype(float), len(arranged), axis=0)
        corners[:, :, 0] *= wide[:, None]
        corners[:, :, 2] *= wide[:, None]
        corners[:, :, 1] = np.where(corners[:, :, 1] < 0, low[:, None], 1.0)
        self.corners = np.einsum("fij,fkj->fki", self.matrix, corners) + self.at[:, None]

    def seen(self, rays: Rays) -> tuple[Array, list[int]]:
        """What the camera may see of the forms: a row each, and how many of each shape."""
        away = self.at - rays.origin
        linear = np.einsum("ij,fjk->fik", rays.clip[:, :3], self.matrix)
        moved = away @ rays.clip[:, :3].T
        corners = (self.corners - rays.origin) @ rays.clip[:, :3].T
        x, y, w = corners[..., 0], corners[..., 1], corners[..., 3]
        out = (x > w).all(1) | (x < -w).all(1) | (y > w).all(1) | (y < -w).all(1) | (w <= 0).all(1)
        keep = np.flatnonzero(~out)
        rows = np.zeros((len(keep), FORM_FLOATS), np.float32)
        rows[:, :16] = _columns(linear[keep], moved[keep])
        inverse = self.inverse[keep]
        begun = np.maximum(w[keep].min(1) - 1, 0)
        o = np.einsum("fij,fj->fi", inverse, -away[keep])
        for index, d in enumerate((rays.d_0, rays.d_x, rays.d_y)):
            local = inverse @ d
            rows[:, 25 + 3 * index : 28 + 3 * index] = local
            rows[:, 16 + 3 * index : 19 + 3 * index] = local * begun[:, None] + (o if index == 0 else 0)
        rows[:, 34:43] = inverse.reshape(-1, 9)  # its rows are the columns of the transposed
        rows[:, 43], rows[:, 44], rows[:, 45] = self.id[keep], self.taper[keep], begun
        return rows, self._counts(keep)

    def lit(self, light: "Light", chosen: NDArray[np.bool_]) -> tuple[Array, list[int]]:
        """What keeps the light away, of the chosen forms."""
        u, v, to = light.axes
        across = (self.corners - light.centre) @ light.axes.T / light.radius
        x, y = across[..., 0], across[..., 1]
        out = (x > 1).all(1) | (x < -1).all(1) | (y > 1).all(1) | (y < -1).all(1) | ~self.shades | ~chosen
        keep = np.flatnonzero(~out)
        rows = np.zeros((len(keep), FORM_FLOATS), np.float32)
        away = self.at[keep] - light.centre
        clip = np.zeros((4, 3))
        clip[0], clip[1] = u / light.radius, v / light.radius
        linear = np.einsum("ij,fjk->fik", clip, self.matrix[keep])
        rows[:, :16] = _columns(linear, away @ clip.T)
        rows[:, 15] = 1
        inverse = self.inverse[keep]
        begun = light.start - 1 - ((self.corners[keep] - light.centre) @ to).max(1)
        rows[:, 16:19] = np.einsum("fij,fj->fi", inverse, to * (light.start - begun[:, None]) - away)
        texel = 2 * light.radius / light.size_px
        rows[:, 19:22], rows[:, 22:25] = inverse @ (u * texel), inverse @ (v * texel)
        rows[:, 25:28] = inverse @ -to
        rows[:, 44], rows[:, 45] = self.taper[keep], begun
        return rows, self._counts(keep)

    def _counts(self, keep: NDArray[Any]) -> list[int]:
        return [int(count) for count in np.bincount(self.shape[keep], minlength=len(SHAPES))]


@dataclass(frozen=True, slots=True)
class Light:
    """A shadow map's place, as `shadows.ShadowMap` has it."""

    axes: NDArray[np.float64]
    centre: NDArray[np.float64]
    radius: float
    size_px: int

    @property
    def start(self) -> float:
        """How far from the middle the light's rays begin."""
        return self.radius * 8

    @classmethod
    def of(cls, to: NDArray[np.float64], anchor: Vector, world: Set, size_px: int) -> "Light":
        """Light from that direction on what stands around the anchor."""
        centre = np.array(anchor, float)
        centre[1] = min(centre[1], world.stage_m * 0.5)
        helper = np.array([0.0, 1.0, 0.0]) if abs(to[1]) < 0.95 else np.array([1.0, 0.0, 0.0])
        u = np.cross(helper, to)
        u /= np.linalg.norm(u)
        return cls(np.stack([u, np.cross(to, u), to]), centre, world.stage_m, size_px)


def materials(world: Set) -> Array:
    """A row a material, the ground's first: colour and pattern, glow and scale. Shape (n, 2, 4)."""
    every = [world.ground or Material((0.5, 0.5, 0.5)), *(form.material for form in world.forms)]
    if not {material.pattern for material in every} <= set(PATTERNS):
        raise UndrawableError("a material of a pattern that GL does not know")
    rows = [(*m.color, PATTERNS.index(m.pattern), *m.glow, m.scale) for m in every]
    return np.array(rows, np.float32).reshape(-1, 2, 4)


def _columns(linear: Array, moved: Array) -> Array:
    """Matrices of four columns from their first three and the last, as GL reads them. Shape (n, 16)."""
    return np.concatenate([linear.transpose(0, 2, 1).reshape(-1, 12), moved], axis=1)
