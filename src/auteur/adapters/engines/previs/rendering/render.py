"""A small renderer by accumulated passes, numpy only.

Each pass shoots one ray per pixel through a jittered lens point, finds what it hits among analytic forms, and lights it
by one sample of the sun's disc and one of the sky, each with a shadow map of its own. The mean of the passes has smooth
edges, soft shadows, ambient occlusion and depth of field; more passes are closer to it.
Source of the idea: Haeberli and Akeley, The Accumulation Buffer, SIGGRAPH 1990.

Units: metres, linear light. Axes: x right, y up, z towards the default camera.
"""

from collections.abc import Callable, Collection
from typing import Self

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering import developing
from auteur.adapters.engines.previs.rendering.forms import Array, Vector, pieces
from auteur.adapters.engines.previs.rendering.patterns import fractal_noise
from auteur.adapters.engines.previs.rendering.sampling import Samples, map_px
from auteur.adapters.engines.previs.rendering.shading import Shader
from auteur.adapters.engines.previs.rendering.shadows import ShadowMap
from auteur.adapters.engines.previs.rendering.takes import Takes
from auteur.adapters.engines.previs.rendering.tracing import Hits, View
from auteur.adapters.engines.previs.rendering.world import Camera, Set

_BAND_PIXELS = 1 << 17


class Renderer:
    """Renders one set. ``passes`` is how many there will be in all; `add_pass` makes the next one.

    The reference of what `renderers.PassRenderer` promises. ``ink``: whether `board` will be asked for; ``anchor``: the
    middle of what casts shadows, the camera's target where None.
    """

    name = "numpy"

    def __init__(
        self,
        world: Set,
        camera: Camera,
        width_px: int,
        height_px: int,
        passes: int,
        seed: int,
        *,
        ink: bool = True,
        anchor: Vector | None = None,
    ) -> None:
        self.width_px = width_px
        self.height_px = height_px
        self.passes = passes
        self.done = 0
        self._ink = ink
        self._above: Hits | None = None
        self._noise = fractal_noise(seed)
        self._speckle = fractal_noise(seed + 1, slope=0.0)
        self._sum = np.zeros((3, height_px, width_px), np.float32)
        self._edges = np.zeros((height_px, width_px), np.float32)
        self._tone = np.zeros((height_px, width_px), np.float32)
        self._map_px = map_px(width_px, height_px)
        self._takes = Takes(world, camera, anchor, passes * 2 * 4 * self._map_px**2)
        self._kept: dict[tuple[float, ...], ShadowMap] = {}
        self._look(world, camera)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held but memory."""
        self._kept.clear()

    def retake(self, camera: Camera, world: Set | None = None) -> None:
        """Begins the next picture, of as many passes."""
        self._takes.again()
        self.follow(camera, world)
        self.done = 0
        self._sum[:] = 0
        self._edges[:] = 0
        self._tone[:] = 0

    def follow(self, camera: Camera, world: Set | None = None) -> None:
        """What the passes see from now on; those that were made stay in the picture, as under an open shutter."""
        if self._takes.follow(world or self.world):
            self._kept.clear()
        self._look(world or self.world, camera)

    def _look(self, world: Set, camera: Camera) -> None:
        self.world = world
        self.camera = camera
        self._inverse: list[Array] = [np.linalg.inv(form.matrix) for form in world.forms]
        self._corners = [form.corners for form in world.forms]
        self._view = View(camera, self.width_px, self.height_px)
        self._shader = Shader(world, self._noise, self._speckle)

    def add_pass(self, beat: Callable[[float], None] = lambda share: None) -> None:
        """Adds one pass to the picture. ``beat`` is called with the share of the pass that is done."""
        samples = Samples.of(self.done, self.world.sky.sun, self.world.sky.sun_size)
        lamps = (self._shadow_map(samples.sun), self._shadow_map(samples.above))
        rows = max(1, _BAND_PIXELS // self.width_px)
        for top in range(0, self.height_px, rows):
            bottom = min(top + rows, self.height_px)
            self._add_band(top, bottom, samples.pixel, samples.lens, lamps)
            beat(bottom / self.height_px)
        self.done += 1

    def picture(self, seconds: float = 0.0) -> NDArray[np.uint8]:
        """The mean of the passes so far as display RGB, shape (height, width, 3)."""
        mean = np.ascontiguousarray((self._sum / max(self.done, 1)).transpose(1, 2, 0))
        shown = developing.picture(mean, self.world.exposure, self.world.fall, self._speckle, seconds)
        return developing.graded(shown, self.world.grade)

    def board(self) -> NDArray[np.uint8]:
        """The same set as ink on paper. Shape (height, width, 3)."""
        assert self._ink, "it was opened without ink"
        count = max(self.done, 1)
        return developing.board(self._tone / count, self._edges / count, self.world.exposure, self._noise)

    def _add_band(
        self,
        top: int,
        bottom: int,
        offset: tuple[float, float],
        lens: tuple[float, float],
        lamps: tuple[ShadowMap, ShadowMap],
    ) -> None:
        origin, shift, d = self._view.rays(top, bottom, offset, lens)
        hits = Hits.none((bottom - top, self.width_px))
        if self.world.ground is not None:
            hits.add_ground(origin, d)
        o = tuple(np.float32(c) for c in origin)
        for index, form in enumerate(self.world.forms):
            tile = self._view.tile(self._corners[index], origin, top, bottom, shift)
            if tile is None:
                continue
            (low, high), columns = (tile[0].start, tile[0].stop), tile[1]
            for rows in pieces(high - low, columns.stop - columns.start):
                part = slice(low + rows.start, low + rows.stop), columns
                hits.add(index + 1, form, self._inverse[index], o, [c[part] for c in d], part)
        hit = np.flatnonzero(hits.ids >= 0)
        missed = np.flatnonzero(hits.ids < 0)
        light = [np.empty(hits.ids.shape, np.float32) for _ in range(3)]
        for some in pieces(len(missed)):
            for plane, shine in zip(light, self._shader.sky([c.take(missed[some]) for c in d]), strict=True):
                plane.reshape(-1)[missed[some]] = shine
        for some in pieces(len(hit)):
            self._shader.shade(light, hit[some], o, d, hits, lamps)
        for channel in range(3):
            self._sum[channel, top:bottom] += light[channel]
        if self._ink:
            self._tone[top:bottom] += np.stack(light, axis=-1) @ np.array([0.3, 0.59, 0.11], np.float32)
            self._edges[top:bottom] += hits.outline(self._above if top else None)
            self._above = hits.last_row()

    def _shadow_map(self, to: NDArray[np.float64]) -> ShadowMap:
        """What stands still is drawn once where more than one take is made of it."""
        moving = self._takes.moving
        still = self._kept.get(tuple(to))
        if still is None:
            centre = np.array(self._takes.anchor, float)
            centre[1] = min(centre[1], self.world.stage_m * 0.5)
            still = ShadowMap(to, centre, self.world.stage_m, self._map_px)
            self._cast(still, set(range(len(self.world.forms))) - moving)
            if self._takes.keeps:
                self._kept[tuple(to)] = still
        if not moving:
            return still
        whole = still.copy()
        self._cast(whole, moving)
        return whole

    def _cast(self, shadow: ShadowMap, indices: Collection[int]) -> None:
        for index in indices:
            if self.world.forms[index].shadow:
                shadow.add(self.world.forms[index], self._inverse[index], self._corners[index])
