"""A small renderer by accumulated passes, numpy only.

Each pass shoots one ray per pixel through a jittered lens point, finds what it hits among analytic forms, and lights it
by one sample of the sun's disc and one of the sky, each with a shadow map of its own. The mean of the passes has smooth
edges, soft shadows, ambient occlusion and depth of field; more passes are closer to it.
Source of the idea: Haeberli and Akeley, The Accumulation Buffer, SIGGRAPH 1990.

Units: metres, linear light. Axes: x right, y up, z towards the default camera.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.forms import FAR, INTERSECT, Array, Form, Material, Vector, to_local
from auteur.adapters.engines.previs.rendering.patterns import PATTERNS, fractal_noise, sample

_BAND_PIXELS = 1 << 16
GROUND = 0
"""Id of the ground in the id buffer; the forms follow in their order, the sky is -1."""


@dataclass(frozen=True, slots=True)
class PointLight:
    """A practical: a lamp in the picture. ``power``: linear RGB at one metre."""

    at: Vector
    power: Vector


@dataclass(frozen=True, slots=True)
class Sky:
    """What is behind everything, and how it lights. Colours are linear RGB.

    ``sun`` points towards the light; ``sun_size`` is its angular radius in radians; ``ridges`` are distant silhouettes,
    nearest last: height (tangent), roughness (0 smooth to 1 blocky) and colour.
    """

    zenith: Vector
    horizon: Vector
    sun: Vector
    sun_color: Vector
    sun_size: float = 0.02
    clouds: float = 0.0
    stars: float = 0.0
    disc: float = 1.0
    ridges: tuple[tuple[float, float, Vector], ...] = ()


@dataclass(frozen=True, slots=True)
class Camera:
    """``at`` looks at ``target``. ``focal``: focal length over sensor width. ``aperture_m``: lens diameter."""

    at: Vector
    target: Vector
    focal: float
    roll: float = 0.0
    aperture_m: float = 0.0
    focus_m: float = 10.0


@dataclass(frozen=True, slots=True)
class Set:
    """Everything in front of the camera. ``ground``: its material, None for no ground; ``sea_z``: the ground is water
    beyond this depth (behind -z); ``haze``: extinction per metre; ``stage_m``: radius around the target that casts
    shadows; ``fall``: what falls from the sky, ``rain`` or ``snow``."""

    forms: tuple[Form, ...]
    lights: tuple[PointLight, ...]
    sky: Sky
    ground: Material | None
    haze: float = 0.0
    haze_color: Vector = (0.5, 0.5, 0.5)
    sea_z: float | None = None
    stage_m: float = 20.0
    exposure: float = 1.0
    bounce: float = 0.12
    fall: str | None = None


class Renderer:
    """Renders one set. ``passes`` is how many there will be in all; `add_pass` makes the next one."""

    def __init__(self, world: Set, camera: Camera, width_px: int, height_px: int, passes: int, seed: int) -> None:
        self.world = world
        self.camera = camera
        self.width_px = width_px
        self.height_px = height_px
        self.passes = passes
        self.done = 0
        self._noise = fractal_noise(seed)
        self._speckle = fractal_noise(seed + 1, slope=0.0)
        self._sum = np.zeros((height_px, width_px, 3), np.float32)
        self._edges = np.zeros((height_px, width_px), np.float32)
        self._tone = np.zeros((height_px, width_px), np.float32)
        self._map_px = int(min(1536, max(384, (width_px * height_px) ** 0.5)))
        plain = Material((0.5, 0.5, 0.5))
        materials = [world.ground or plain, *(form.material for form in world.forms)]
        self._color = np.array([m.color for m in materials], np.float32)
        self._glow = np.array([m.glow for m in materials], np.float32)
        self._inverse: list[Array] = [np.linalg.inv(form.matrix) for form in world.forms]
        self._corners = [form.corners for form in world.forms]
        self._axes = _camera_axes(camera)

    # --- passes ----------------------------------------------------------------------------------------------------

    def add_pass(self, beat: Callable[[float], None] = lambda share: None) -> None:
        """Adds one pass to the picture. ``beat`` is called with the share of the pass that is done."""
        index = self.done
        u, v = _halton(index + 1, 2), _halton(index + 1, 3)
        sun = _jitter(self.world.sky.sun, self.world.sky.sun_size, _halton(index + 1, 5), _halton(index + 1, 7))
        above = _hemisphere(
            (_halton(index + 1, 3) + 0.31) % 1.0, (_halton(index + 1, 2) + 0.17) % 1.0
        )  # one direction of the sky
        lamps = (self._shadow_map(sun), self._shadow_map(above))
        lens = (math.sqrt(_halton(index + 1, 5)), 2 * math.pi * _halton(index + 1, 11))
        rows = max(1, _BAND_PIXELS // self.width_px)
        for top in range(0, self.height_px, rows):
            bottom = min(top + rows, self.height_px)
            self._band(top, bottom, (u, v), lens, lamps)
            beat(bottom / self.height_px)
        self.done += 1

    def picture(self) -> NDArray[np.uint8]:
        """The mean of the passes so far as display RGB, shape (height, width, 3)."""
        light = self._sum / max(self.done, 1) * self.world.exposure
        y, x = np.ogrid[-1 : 1 : self.height_px * 1j, -1 : 1 : self.width_px * 1j]
        light *= (1 - 0.22 * (x * x + y * y) ** 1.5 / 2.8).astype(np.float32)[..., None]
        if self.world.fall:
            light = light + self._falling(light)
        # a filmic curve; the fit by Narkowicz, "ACES Filmic Tone Mapping Curve", 2016
        curve = (light * (2.51 * light + 0.03)) / (light * (2.43 * light + 0.59) + 0.14)
        return (np.clip(curve, 0, 1) ** (1 / 2.2) * 255 + 0.5).astype(np.uint8)

    def board(self) -> NDArray[np.uint8]:
        """The same set as ink on paper: outlines, and hatching where it is dark. Shape (height, width, 3)."""
        count = max(self.done, 1)
        shade = self._tone / count * self.world.exposure
        shade = np.clip(shade / (shade + 0.35), 0, 1)
        y, x = np.mgrid[0 : self.height_px, 0 : self.width_px].astype(np.float32)
        pitch = max(self.height_px / 150, 3.0)
        wobble = sample(self._noise, x / 6, y / 6) * 2.5
        ink = np.zeros_like(shade)
        for threshold, angle in ((0.46, 0.8), (0.3, -0.65), (0.17, 0.1)):
            across = (x * math.sin(angle) + y * math.cos(angle) + wobble * 2) / pitch % 1.0
            depth = np.clip((threshold - shade) * 9, 0, 1)
            ink = np.maximum(ink, np.clip((depth * 0.46 - np.abs(across - 0.5)) * pitch, 0, 1) * 0.75)
        lines = np.clip(self._edges / count * 1.5, 0, 1)
        ink = np.maximum(ink, lines)
        paper = np.array([0.965, 0.95, 0.915], np.float32) * (0.985 + 0.03 * wobble[..., None] / 2.5)
        page = paper * (0.9 + 0.1 * shade[..., None])
        page = page * (1 - ink[..., None]) + np.array([0.09, 0.09, 0.11], np.float32) * ink[..., None]
        return (np.clip(page, 0, 1) * 255 + 0.5).astype(np.uint8)

    def _falling(self, light: Array) -> Array:
        """Rain as streaks or snow as flakes, in the picture's plane, as bright as what is behind."""
        y, x = np.mgrid[0 : self.height_px, 0 : self.width_px].astype(np.float32) * np.float32(540 / self.height_px)
        layers = np.zeros(x.shape, np.float32)
        for depth in (1.0, 1.7, 2.6):
            if self.world.fall == "rain":
                spark = sample(self._speckle, (x + y * 0.16) * 0.55 * depth, y * 0.022 * depth + depth * 70)
                layers += np.clip(spark - 0.74, 0, 1) * 1.5
            else:
                sway = 6 * np.sin(y / 40 * depth)
                spark = sample(self._speckle, (x + sway) * 0.16 * depth, y * 0.16 * depth + depth * 70)
                layers += np.clip((spark - 0.86) * 9, 0, 1) * 0.8
        veil = light.mean(axis=(0, 1)) + np.float32(0.25) * light
        falling: Array = layers[..., None] * veil
        return falling

    # --- one band of one pass --------------------------------------------------------------------------------------

    def _band(
        self,
        top: int,
        bottom: int,
        jitter: tuple[float, float],
        lens: tuple[float, float],
        lamps: "tuple[_ShadowMap, _ShadowMap]",
    ) -> None:
        right, up, ahead = self._axes
        camera = self.camera
        spread = 1 / camera.focal
        x = ((np.arange(self.width_px, dtype=np.float32) + jitter[0]) / self.width_px - 0.5) * spread
        y = (0.5 * self.height_px - (np.arange(top, bottom, dtype=np.float32) + jitter[1])) * spread / self.width_px
        radius = camera.aperture_m / 2 * lens[0]
        shift_x, shift_y = radius * math.cos(lens[1]), radius * math.sin(lens[1])
        origin = np.array(camera.at) + right * shift_x + up * shift_y
        x = x - np.float32(shift_x / camera.focus_m)
        y = y - np.float32(shift_y / camera.focus_m)
        shape = (bottom - top, self.width_px)
        d = [
            np.ascontiguousarray(np.broadcast_to(x[None, :], shape) * np.float32(right[i]))
            + y[:, None] * np.float32(up[i])
            + np.float32(ahead[i])
            for i in range(3)
        ]
        depth = np.full(shape, FAR, np.float32)
        ids = np.full(shape, -1, np.int16)
        normal = [np.zeros(shape, np.float32) for _ in range(3)]
        if self.world.ground is not None:
            t = np.float32(-origin[1]) / np.minimum(d[1], np.float32(-1e-6))
            hit = (d[1] < -1e-5) & (t > 0) & (t < 4000)
            depth[hit] = t[hit]
            ids[hit] = GROUND
            normal[1][hit] = 1
        o = tuple(np.float32(c) for c in origin)
        for index, form in enumerate(self.world.forms):
            tile = self._tile(index, origin, top, bottom, (shift_x, shift_y))
            if tile is not None:
                _trace(form, self._inverse[index], o, [c[tile] for c in d], tile, depth, ids, normal, index + 1)
        hit = ids >= 0
        light = self._sky(d)
        if hit.any():
            self._shade(light, hit, o, d, depth, ids, normal, lamps)
        self._sum[top:bottom] += light
        self._tone[top:bottom] += light @ np.array([0.3, 0.59, 0.11], np.float32)
        self._edges[top:bottom] += _outline(depth, ids, normal)

    def _tile(
        self, index: int, origin: Array, top: int, bottom: int, shift: tuple[float, float]
    ) -> tuple[slice, slice] | None:
        """The part of the band in which the form can be seen."""
        right, up, ahead = self._axes
        away = self._corners[index] - origin
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

    def _shade(
        self,
        light: Array,
        hit: NDArray[np.bool_],
        o: tuple[Any, ...],
        d: list[Array],
        depth: Array,
        ids: NDArray[np.int16],
        normal: list[Array],
        lamps: "tuple[_ShadowMap, _ShadowMap]",
    ) -> None:
        world, sky = self.world, self.world.sky
        t = depth[hit]
        which = ids[hit]
        ray = [c[hit] for c in d]
        n = [c[hit] for c in normal]
        facing = -(n[0] * ray[0] + n[1] * ray[1] + n[2] * ray[2])
        flip = np.where(facing < 0, np.float32(-1), np.float32(1))
        n = [c * flip for c in n]
        p = [np.float32(o[i]) + ray[i] * t for i in range(3)]
        length = np.sqrt(ray[0] ** 2 + ray[1] ** 2 + ray[2] ** 2)
        distance = t * length
        color = self._color[which]
        glow = self._glow[which]
        self._patterns(color, glow, which, p, n)
        sun, above = lamps
        sunlight = np.maximum(n[0] * sun.to[0] + n[1] * sun.to[1] + n[2] * sun.to[2], 0) * sun.visible(p, n)
        skylight = np.maximum(n[0] * above.to[0] + n[1] * above.to[1] + n[2] * above.to[2], 0) * above.visible(p, n)
        overhead = np.float32(above.to[1])
        sky_color = (1 - overhead) * np.array(sky.horizon, np.float32) + overhead * np.array(sky.zenith, np.float32)
        irradiance = sunlight[:, None] * np.array(sky.sun_color, np.float32)
        irradiance += (2 * skylight)[:, None] * sky_color
        ambient = np.float32(world.bounce) * (0.65 - 0.35 * n[1])
        irradiance += ambient[:, None] * (np.array(sky.horizon, np.float32) + 0.4 * np.array(sky.sun_color, np.float32))
        for lamp in world.lights:
            to = [np.float32(lamp.at[i]) - p[i] for i in range(3)]
            squared = to[0] ** 2 + to[1] ** 2 + to[2] ** 2 + np.float32(0.02)
            falling = np.maximum(n[0] * to[0] + n[1] * to[1] + n[2] * to[2], 0) / np.sqrt(squared)
            wrapped = (0.85 * falling + 0.15) / (squared + 0.15)
            irradiance += wrapped[:, None] * np.array(lamp.power, np.float32)
        out = color * irradiance + glow
        if world.sea_z is not None:
            self._water(out, which, p, ray, length, distance)
        if world.haze > 0:
            clear = np.exp(-np.float32(world.haze) * distance)[:, None]
            toward = (ray[0] * sky.sun[0] + ray[1] * sky.sun[1] + ray[2] * sky.sun[2]) / length
            veil = np.array(world.haze_color, np.float32) + (np.maximum(toward, 0) ** 8 * np.float32(0.25))[
                :, None
            ] * np.array(sky.sun_color, np.float32)
            out = out * clear + veil * (1 - clear)
        light[hit] = out

    def _patterns(self, color: Array, glow: Array, which: NDArray[np.int16], p: list[Array], n: list[Array]) -> None:
        materials = [self.world.ground, *(form.material for form in self.world.forms)]
        grain = sample(self._noise, p[0] * 37 + p[1] * 23, p[2] * 37 + p[1] * 11)
        color *= (0.88 + 0.24 * grain)[:, None]
        for index in np.unique(which):
            material = materials[index]
            if material is None or material.pattern == "plain":
                continue
            mask = which == index
            local = [c[mask] for c in p]
            tint, lit = PATTERNS[material.pattern](local, [c[mask] for c in n], material.scale, self._noise)
            color[mask] *= tint[:, None]
            glow[mask] *= lit[:, None]

    def _water(
        self, out: Array, which: NDArray[np.int16], p: list[Array], ray: list[Array], length: Array, distance: Array
    ) -> None:
        assert self.world.sea_z is not None
        foam = sample(self._noise, p[0] * 9, p[2] * 2) - 0.5
        sea = (which == GROUND) & (p[2] + foam * 3 < self.world.sea_z)
        if not sea.any():
            return
        x, z, far = p[0][sea], p[2][sea], distance[sea]
        swell = 0.22 / (1 + far * 0.012)
        slope_x = (sample(self._noise, x * 14, z * 22) - 0.5) * swell
        slope_z = (sample(self._noise, x * 11 + 90, z * 26 + 40) - 0.5) * swell + np.sin(
            z * 0.9 + sample(self._noise, x * 3, z * 3) * 9
        ) * (swell * 0.25)
        d = [c[sea] / length[sea] for c in ray]
        inward = d[0] * slope_x + d[1] + d[2] * slope_z
        r = [d[0] - 2 * inward * slope_x, np.abs(d[1] - 2 * inward), d[2] - 2 * inward * slope_z]
        mirror = self._sky(r)
        fresnel = (0.04 + 0.96 * (1 - np.clip(-inward, 0, 1)) ** 5)[:, None]
        deep = np.array([0.012, 0.035, 0.045], np.float32) + np.array(self.world.sky.zenith, np.float32) * 0.06
        water = mirror * fresnel + deep * (1 - fresnel)
        shore = np.clip(1 - np.abs(p[2][sea] + foam[sea] * 3 - self.world.sea_z) / 0.7, 0, 1) ** 2
        out[sea] = water + (shore * 0.5)[:, None] * np.array(self.world.sky.horizon, np.float32)

    def _sky(self, d: list[Array]) -> Array:
        """Radiance from the directions, which need not be of unit length. Shape (..., 3)."""
        sky = self.world.sky
        length = np.sqrt(d[0] ** 2 + d[1] ** 2 + d[2] ** 2)
        up = d[1] / length
        rise = np.clip(up, 0, 1) ** np.float32(0.55)
        light = (1 - rise)[..., None] * np.array(sky.horizon, np.float32) + rise[..., None] * np.array(
            sky.zenith, np.float32
        )
        toward = np.clip((d[0] * sky.sun[0] + d[1] * sky.sun[1] + d[2] * sky.sun[2]) / length, 0, 1)
        halo = 0.25 * toward**6 + 0.5 * toward**48
        if sky.disc:
            halo = halo + sky.disc * 14 * np.clip((toward - 0.99965) / 0.0001, 0, 1)
        light += halo[..., None] * np.array(sky.sun_color, np.float32) * np.float32(0.5)
        if sky.stars:
            ground = np.maximum(up, 0.05)
            spark = sample(self._speckle, d[0] / length / ground * 140 + 7, d[2] / length / ground * 140)
            light += (np.clip(spark - 0.9, 0, 1) ** 2 * 60 * sky.stars * rise)[..., None]
        if sky.clouds:
            plane = np.maximum(up, 0.03) * length
            cover = sample(self._noise, d[0] / plane * 40, d[2] / plane * 40)
            thick = np.clip((cover - (0.72 - 0.45 * sky.clouds)) * 4, 0, 1) * np.clip(up * 7, 0, 1)
            bright = np.array(sky.horizon, np.float32) * 0.75 + np.array(sky.sun_color, np.float32) * 0.11
            lit = bright * (0.55 + 0.75 * toward)[..., None] * (1.15 - 0.45 * cover)[..., None]
            share = (thick * np.float32(0.85))[..., None]
            light = light * (1 - share) + lit * share
        tangent = d[1] / np.sqrt(d[0] ** 2 + d[2] ** 2 + np.float32(1e-9))
        azimuth = np.arctan2(d[0], -d[2])
        for layer, (height, rough, color) in enumerate(sky.ridges):
            row = np.float32(31 + 57 * layer)
            along = azimuth * np.float32(38 + 9 * layer)
            if rough >= 1:  # a skyline: blocks
                along = np.floor(along * 1.6) * np.float32(3.7)
            crest = height * (0.25 + 1.1 * sample(self._noise, along, row + along * 0))
            if 0 < rough < 1:
                crest = crest + height * rough * (sample(self._noise, along * 9, row + 11 + along * 0) - 0.5)
            inside = np.clip((crest - tangent) * 900, 0, 1)[..., None]
            light = light * (1 - inside) + np.array(color, np.float32) * inside
        radiance: Array = light.astype(np.float32)
        return radiance

    def _shadow_map(self, to: NDArray[np.float64]) -> "_ShadowMap":
        centre = np.array(self.camera.target, float)
        centre[1] = min(centre[1], self.world.stage_m * 0.5)
        shadow = _ShadowMap(to, centre, self.world.stage_m, self._map_px)
        for form, inverse, corners in zip(self.world.forms, self._inverse, self._corners, strict=True):
            if form.shadow:
                shadow.add(form, inverse, corners)
        return shadow


class _ShadowMap:
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

    def add(self, form: Form, inverse: NDArray[np.float64], corners: NDArray[np.float64]) -> None:
        away = corners - self._centre
        u, v = away @ self._u + self._radius, away @ self._v + self._radius
        scale = self._size / (2 * self._radius)
        x0, x1 = int(max(u.min() * scale, 0)), int(min(u.max() * scale + 1, self._size))
        y0, y1 = int(max(v.min() * scale, 0)), int(min(v.max() * scale + 1, self._size))
        if x0 >= x1 or y0 >= y1:
            return
        start = self._radius * 8
        us = ((np.arange(x0, x1) + 0.5) / scale - self._radius).astype(np.float32)[None, :]
        vs = ((np.arange(y0, y1) + 0.5) / scale - self._radius).astype(np.float32)[:, None]
        base = self._centre + self._to * start
        o = [np.float32(base[i]) + us * np.float32(self._u[i]) + vs * np.float32(self._v[i]) for i in range(3)]
        d = [np.float32(-c) for c in self._to]
        found, _ = INTERSECT[form.shape](form, *to_local(form, inverse, o, d))
        tile = self._depth[y0:y1, x0:x1]
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


def _trace(
    form: Form,
    inverse: NDArray[np.float64],
    o: tuple[Any, ...],
    d: list[Array],
    tile: tuple[slice, slice],
    depth: Array,
    ids: NDArray[np.int16],
    normal: list[Array],
    index: int,
) -> None:
    t, normal_of = INTERSECT[form.shape](form, *to_local(form, inverse, o, d))
    near = t < depth[tile]
    if not near.any():
        return
    m = inverse.astype(np.float32)
    local = normal_of(near)
    world = [m[0, i] * local[0] + m[1, i] * local[1] + m[2, i] * local[2] for i in range(3)]
    scale = 1 / np.sqrt(world[0] ** 2 + world[1] ** 2 + world[2] ** 2 + np.float32(1e-12))
    depth[tile][near] = t[near]
    ids[tile][near] = index
    for i in range(3):
        normal[i][tile][near] = world[i] * scale


# --- small geometry ------------------------------------------------------------------------------------------------


def _outline(depth: Array, ids: NDArray[np.int16], normal: list[Array]) -> Array:
    """Where one thing ends and another begins, 0 or 1 a pixel."""
    edge = np.zeros(depth.shape, bool)
    for axis in (0, 1):
        here = [slice(None), slice(None)]
        there = [slice(None), slice(None)]
        here[axis], there[axis] = slice(1, None), slice(None, -1)
        a, b = tuple(here), tuple(there)
        near = np.minimum(depth[a], depth[b])
        apart = (ids[a] != ids[b]) & (np.abs(depth[a] - depth[b]) > 0.004 * near + 0.01)
        crease = sum(normal[i][a] * normal[i][b] for i in range(3)) < 0.55
        edge[a] |= apart | (crease & (ids[a] > 0) & (ids[b] > 0))
    return edge.astype(np.float32)


def _camera_axes(camera: Camera) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    ahead = np.array(camera.target, float) - np.array(camera.at, float)
    ahead /= np.linalg.norm(ahead)
    helper = np.array([0.0, 1.0, 0.0]) if abs(ahead[1]) < 0.995 else np.array([0.0, 0.0, -1.0])
    right = np.cross(ahead, helper)
    right /= np.linalg.norm(right)
    up = np.cross(right, ahead)
    c, s = math.cos(camera.roll), math.sin(camera.roll)
    return right * c + up * s, up * c - right * s, ahead


def _halton(index: int, base: int) -> float:
    """The index-th number of the Halton sequence, 0 to 1."""
    share, value = 1.0, 0.0
    while index:
        share /= base
        value += share * (index % base)
        index //= base
    return value


def _hemisphere(u: float, v: float) -> NDArray[np.float64]:
    """A direction of the upper half, evenly spread, kept a little above the horizon."""
    y = 0.06 + 0.94 * u
    r = math.sqrt(max(1 - y * y, 0))
    return np.array([r * math.cos(2 * math.pi * v), y, r * math.sin(2 * math.pi * v)])


def _jitter(direction: Vector, size: float, u: float, v: float) -> NDArray[np.float64]:
    to = np.array(direction, float)
    to /= np.linalg.norm(to)
    side = np.cross(to, [0.0, 1.0, 0.0] if abs(to[1]) < 0.95 else [1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    other = np.cross(to, side)
    r = size * math.sqrt(u)
    to = to + side * (r * math.cos(2 * math.pi * v)) + other * (r * math.sin(2 * math.pi * v))
    return np.asarray(to / np.linalg.norm(to))
