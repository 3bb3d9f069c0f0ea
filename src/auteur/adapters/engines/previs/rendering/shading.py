"""The light that comes from what a ray meets: surfaces, water, haze, and the sky behind them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.forms import Array, Material
from auteur.adapters.engines.previs.rendering.patterns import PATTERNS, sample
from auteur.adapters.engines.previs.rendering.shadows import ShadowMap
from auteur.adapters.engines.previs.rendering.tracing import GROUND, Hits
from auteur.adapters.engines.previs.rendering.world import Set


class Shader:
    """Lights one set. ``noise`` and ``speckle``: tiles of noise, smooth and white.

    Colours are kept a channel at a time: numpy is slow where the last axis is a colour's.
    """

    def __init__(self, world: Set, noise: Array, speckle: Array) -> None:
        self.world = world
        self._noise = noise
        self._speckle = speckle
        plain = Material((0.5, 0.5, 0.5))
        materials = [world.ground or plain, *(form.material for form in world.forms)]
        self._color = np.array([m.color for m in materials], np.float32).T.copy()
        self._glow = np.array([m.glow for m in materials], np.float32).T.copy()
        self._glows = bool(self._glow.any())
        self._patterns = [name for name in PATTERNS if any(m.pattern == name for m in materials)]
        self._pattern = np.array([self._number(m.pattern) for m in materials], np.int8)
        self._scale = np.array([m.scale for m in materials])

    def _number(self, pattern: str) -> int:
        return self._patterns.index(pattern) if pattern in self._patterns else -1

    def shade(
        self,
        light: list[Array],
        hit: NDArray[np.intp],
        o: tuple[Any, ...],
        d: list[Array],
        hits: Hits,
        lamps: tuple[ShadowMap, ShadowMap],
    ) -> None:
        """Puts into ``light``, a plane a channel, what comes from the surfaces, at the places ``hit`` of the flattened
        planes. ``lamps``: one sample of the sun's disc and one of the sky."""
        world, sky = self.world, self.world.sky
        t = hits.depth.take(hit)
        which = hits.ids.take(hit)
        ray = [c.take(hit) for c in d]
        n = [c.take(hit) for c in hits.normal]
        facing = -(n[0] * ray[0] + n[1] * ray[1] + n[2] * ray[2])
        flip = np.where(facing < 0, np.float32(-1), np.float32(1))
        for c in n:
            c *= flip
        p = [np.float32(o[i]) + ray[i] * t for i in range(3)]
        length = np.sqrt(ray[0] ** 2 + ray[1] ** 2 + ray[2] ** 2)
        distance = t * length
        color = [channel.take(which) for channel in self._color]
        glow = [channel.take(which) for channel in self._glow] if self._glows else None
        self._paint(color, glow, which, p, n)
        irradiance = self._irradiance(p, n, lamps)
        for channel in range(3):
            irradiance[channel] *= color[channel]
            if glow is not None:
                irradiance[channel] += glow[channel]
        out = irradiance
        if world.sea_z is not None:
            self._water(out, which, p, ray, length, distance)
        if world.haze > 0:
            clear = np.exp(-np.float32(world.haze) * distance)
            toward = (ray[0] * sky.sun[0] + ray[1] * sky.sun[1] + ray[2] * sky.sun[2]) / length
            glare = np.maximum(toward, 0) ** 8 * np.float32(0.25)
            hidden = 1 - clear
            for channel in range(3):
                veil = np.float32(world.haze_color[channel]) + glare * np.float32(sky.sun_color[channel])
                out[channel] *= clear
                out[channel] += veil * hidden
        for channel in range(3):
            light[channel].reshape(-1)[hit] = out[channel]

    def _irradiance(self, p: list[Array], n: list[Array], lamps: tuple[ShadowMap, ShadowMap]) -> list[Array]:
        """What falls on the points, a plane a channel."""
        world, sky = self.world, self.world.sky
        sun, above = lamps
        sunlight = np.maximum(n[0] * sun.to[0] + n[1] * sun.to[1] + n[2] * sun.to[2], 0) * sun.visible(p, n)
        skylight = np.maximum(n[0] * above.to[0] + n[1] * above.to[1] + n[2] * above.to[2], 0) * above.visible(p, n)
        skylight *= 2
        overhead = np.float32(above.to[1])
        horizon, zenith = np.array(sky.horizon, np.float32), np.array(sky.zenith, np.float32)
        sky_color = (1 - overhead) * horizon + overhead * zenith
        sun_color = np.array(sky.sun_color, np.float32)
        ambient = np.float32(world.bounce) * (0.65 - 0.35 * n[1])
        around = horizon + 0.4 * sun_color
        irradiance = []
        for channel in range(3):
            fallen = sunlight * sun_color[channel]
            fallen += skylight * sky_color[channel]
            fallen += ambient * around[channel]
            irradiance.append(fallen)
        for lamp in world.lights:
            to = [np.float32(lamp.at[i]) - p[i] for i in range(3)]
            squared = to[0] ** 2 + to[1] ** 2 + to[2] ** 2 + np.float32(0.02)
            falling = np.maximum(n[0] * to[0] + n[1] * to[1] + n[2] * to[2], 0)
            falling /= np.sqrt(squared)
            falling *= 0.85
            falling += 0.15
            squared += 0.15
            falling /= squared
            for channel in range(3):
                irradiance[channel] += falling * np.float32(lamp.power[channel])
        return irradiance

    def _paint(
        self, color: list[Array], glow: list[Array] | None, which: NDArray[np.int16], p: list[Array], n: list[Array]
    ) -> None:
        """Grain and patterns on the surfaces' colours, and on what glows of itself."""
        grain = sample(self._noise, p[0] * 37 + p[1] * 23, p[2] * 37 + p[1] * 11)
        grain *= 0.24
        grain += 0.88
        for channel in color:
            channel *= grain
        pattern = self._pattern.take(which)
        for number, name in enumerate(self._patterns):
            there = np.flatnonzero(pattern == number)
            if not len(there):
                continue
            scale = self._scale.take(which.take(there))
            tint, lit = PATTERNS[name]([c.take(there) for c in p], [c.take(there) for c in n], scale, self._noise)
            for channel in color:
                channel[there] *= tint
            for channel in glow or ():
                channel[there] *= lit

    def _water(
        self, out: list[Array], which: NDArray[np.int16], p: list[Array], ray: list[Array], length: Array,
        distance: Array,
    ) -> None:  # fmt: skip
        assert self.world.sea_z is not None
        foam = self._foam(p[0], p[2])
        sea = np.flatnonzero((which == GROUND) & (p[2] + foam * 3 < self.world.sea_z))
        if not len(sea):
            return
        x, z, far = p[0].take(sea), p[2].take(sea), distance.take(sea)
        swell = 0.22 / (1 + far * 0.012)
        slope_x = (sample(self._noise, x * 14, z * 22) - 0.5) * swell
        slope_z = (sample(self._noise, x * 11 + 90, z * 26 + 40) - 0.5) * swell + np.sin(
            z * 0.9 + sample(self._noise, x * 3, z * 3) * 9
        ) * (swell * 0.25)
        d = [c.take(sea) / length.take(sea) for c in ray]
        inward = d[0] * slope_x + d[1] + d[2] * slope_z
        r = [d[0] - 2 * inward * slope_x, np.abs(d[1] - 2 * inward), d[2] - 2 * inward * slope_z]
        mirror = self.sky(r)
        fresnel = 0.04 + 0.96 * (1 - np.clip(-inward, 0, 1)) ** 5
        deep = np.array([0.012, 0.035, 0.045], np.float32) + np.array(self.world.sky.zenith, np.float32) * 0.06
        shore = np.clip(1 - np.abs(z + foam.take(sea) * 3 - self.world.sea_z) / 0.7, 0, 1) ** 2 * 0.5
        for channel in range(3):
            water = mirror[channel] * fresnel + deep[channel] * (1 - fresnel)
            out[channel][sea] = water + shore * np.float32(self.world.sky.horizon[channel])

    def _foam(self, x: Array, z: Array) -> Array:
        foam: Array = sample(self._noise, x * 9, z * 2) - 0.5
        return foam

    def is_sea(self, x: Array, z: Array) -> NDArray[np.bool_]:
        """Whether the ground at (x, z) is under water."""
        assert self.world.sea_z is not None
        under: NDArray[np.bool_] = z + self._foam(x, z) * 3 < self.world.sea_z
        return under

    def crest(self, layer: int, d: list[Array]) -> tuple[Array, Array]:
        """How high a silhouette far off is in the directions, and how high they point; tangents of the angles."""
        height, rough, _ = self.world.sky.ridges[layer]
        tangent = d[1] / np.sqrt(d[0] ** 2 + d[2] ** 2 + np.float32(1e-9))
        row = np.float32(31 + 57 * layer)
        along = np.arctan2(d[0], -d[2]) * np.float32(38 + 9 * layer)
        if rough >= 1:  # a skyline: blocks
            along = np.floor(along * 1.6) * np.float32(3.7)
        crest = height * (0.25 + 1.1 * sample(self._noise, along, row + along * 0))
        if 0 < rough < 1:
            crest = crest + height * rough * (sample(self._noise, along * 9, row + 11 + along * 0) - 0.5)
        return crest, tangent

    def sky(self, d: list[Array]) -> list[Array]:
        """Radiance from the directions, which need not be of unit length; an array a channel, each of their shape."""
        sky = self.world.sky
        length = np.sqrt(d[0] ** 2 + d[1] ** 2 + d[2] ** 2)
        up = d[1] / length
        rise = np.clip(up, 0, 1) ** np.float32(0.55)
        toward = np.clip((d[0] * sky.sun[0] + d[1] * sky.sun[1] + d[2] * sky.sun[2]) / length, 0, 1)
        halo = 0.25 * toward**6 + 0.5 * toward**48
        if sky.disc:
            halo = halo + sky.disc * 14 * np.clip((toward - 0.99965) / 0.0001, 0, 1)
        sun_color = np.array(sky.sun_color, np.float32)
        low = 1 - rise
        light = []
        for channel in range(3):
            shine = low * np.float32(sky.horizon[channel]) + rise * np.float32(sky.zenith[channel])
            shine += halo * sun_color[channel] * np.float32(0.5)
            light.append(shine)
        if sky.stars:
            ground = np.maximum(up, 0.05)
            spark = sample(self._speckle, d[0] / length / ground * 140 + 7, d[2] / length / ground * 140)
            stars = np.clip(spark - 0.9, 0, 1) ** 2 * 60 * sky.stars * rise
            for shine in light:
                shine += stars
        if sky.clouds:
            plane = np.maximum(up, 0.03) * length
            cover = sample(self._noise, d[0] / plane * 40, d[2] / plane * 40)
            thick = np.clip((cover - (0.72 - 0.45 * sky.clouds)) * 4, 0, 1) * np.clip(up * 7, 0, 1)
            bright = np.array(sky.horizon, np.float32) * 0.75 + sun_color * 0.11
            edge, body, share = 0.55 + 0.75 * toward, 1.15 - 0.45 * cover, thick * np.float32(0.85)
            rest = 1 - share
            for channel, shine in enumerate(light):
                shine *= rest
                shine += bright[channel] * edge * body * share
        for layer, (_, _, color) in enumerate(sky.ridges):
            crest, tangent = self.crest(layer, d)
            inside = np.clip((crest - tangent) * 900, 0, 1)
            outside = 1 - inside
            for channel, shine in enumerate(light):
                shine *= outside
                shine += np.float32(color[channel]) * inside
        return [np.asarray(shine, np.float32) for shine in light]
