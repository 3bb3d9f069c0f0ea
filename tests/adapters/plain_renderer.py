"""The renderer as its formulas are read: all pixels at once, every material by itself, the sky behind everything.

What the quick one must equal to the last bit, on the machine that compares them.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.forms import Array, Material
from auteur.adapters.engines.previs.rendering.patterns import PATTERNS, fractal_noise
from auteur.adapters.engines.previs.rendering.sampling import Samples, map_px
from auteur.adapters.engines.previs.rendering.shadows import ShadowMap
from auteur.adapters.engines.previs.rendering.tracing import GROUND, Hits, View
from auteur.adapters.engines.previs.rendering.world import Camera, Set


def plain_sum(world: Set, camera: Camera, width_px: int, height_px: int, passes: int, seed: int) -> Array:
    """The sum of the light of the passes, shape (height, width, 3)."""
    shader = PlainShader(world, fractal_noise(seed), fractal_noise(seed + 1, slope=0.0))
    view = View(camera, width_px, height_px)
    inverse = [np.linalg.inv(form.matrix) for form in world.forms]
    total = np.zeros((height_px, width_px, 3), np.float32)
    for index in range(passes):
        samples = Samples.of(index, world.sky.sun, world.sky.sun_size)
        origin, shift, d = view.rays(0, height_px, samples.pixel, samples.lens)
        hits = Hits.none((height_px, width_px))
        if world.ground is not None:
            hits.add_ground(origin, d)
        o = tuple(np.float32(c) for c in origin)
        for number, form in enumerate(world.forms):
            tile = view.tile(form.corners, origin, 0, height_px, shift)
            if tile is not None:
                hits.add(number + 1, form, inverse[number], o, [c[tile] for c in d], tile)
        centre = np.array(camera.target, float)
        centre[1] = min(centre[1], world.stage_m * 0.5)
        lamps = []
        for to in (samples.sun, samples.above):
            shadow = ShadowMap(to, centre, world.stage_m, map_px(width_px, height_px))
            for number, form in enumerate(world.forms):
                if form.shadow:
                    shadow.add(form, inverse[number], form.corners)
            lamps.append(shadow)
        light = shader.sky(d)
        hit = hits.ids >= 0
        if hit.any():
            shader.shade(light, hit, o, d, hits, (lamps[0], lamps[1]))
        total += light
    return total


def sample(tile: Array, x: Array, y: Array) -> Array:
    """The noise tile at (x, y), wrapped and bilinear."""
    size = tile.shape[0]
    x0, y0 = np.floor(x), np.floor(y)
    fx, fy = (x - x0).astype(np.float32), (y - y0).astype(np.float32)
    xi, yi = x0.astype(np.int64) & (size - 1), y0.astype(np.int64) & (size - 1)
    xj, yj = (xi + 1) & (size - 1), (yi + 1) & (size - 1)
    upper = tile[yi, xi] * (1 - fx) + tile[yi, xj] * fx
    lower = tile[yj, xi] * (1 - fx) + tile[yj, xj] * fx
    sampled: Array = upper * (1 - fy) + lower * fy
    return sampled


class PlainShader:
    """See `shading.Shader`."""

    def __init__(self, world: Set, noise: Array, speckle: Array) -> None:
        self.world = world
        self._noise = noise
        self._speckle = speckle
        plain = Material((0.5, 0.5, 0.5))
        materials = [world.ground or plain, *(form.material for form in world.forms)]
        self._color = np.array([m.color for m in materials], np.float32)
        self._glow = np.array([m.glow for m in materials], np.float32)

    def shade(
        self,
        light: Array,
        hit: NDArray[np.bool_],
        o: tuple[Any, ...],
        d: list[Array],
        hits: Hits,
        lamps: tuple[ShadowMap, ShadowMap],
    ) -> None:
        """Puts into ``light`` what comes from the surfaces, where ``hit``. ``lamps``: one sample of the sun's disc and
        one of the sky."""
        world, sky = self.world, self.world.sky
        t = hits.depth[hit]
        which = hits.ids[hit]
        ray = [c[hit] for c in d]
        n = [c[hit] for c in hits.normal]
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
        foam = self._foam(p[0], p[2])
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
        mirror = self.sky(r)
        fresnel = (0.04 + 0.96 * (1 - np.clip(-inward, 0, 1)) ** 5)[:, None]
        deep = np.array([0.012, 0.035, 0.045], np.float32) + np.array(self.world.sky.zenith, np.float32) * 0.06
        water = mirror * fresnel + deep * (1 - fresnel)
        shore = np.clip(1 - np.abs(p[2][sea] + foam[sea] * 3 - self.world.sea_z) / 0.7, 0, 1) ** 2
        out[sea] = water + (shore * 0.5)[:, None] * np.array(self.world.sky.horizon, np.float32)

    def _foam(self, x: Array, z: Array) -> Array:
        foam: Array = sample(self._noise, x * 9, z * 2) - 0.5
        return foam

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

    def sky(self, d: list[Array]) -> Array:
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
        for layer, (_, _, color) in enumerate(sky.ridges):
            crest, tangent = self.crest(layer, d)
            inside = np.clip((crest - tangent) * 900, 0, 1)[..., None]
            light = light * (1 - inside) + np.array(color, np.float32) * inside
        radiance: Array = light.astype(np.float32)
        return radiance
