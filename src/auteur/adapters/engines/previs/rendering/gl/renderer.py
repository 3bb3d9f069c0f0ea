"""Draws a set by accumulated passes as `render.Renderer` does, with the same samples, on the process's GL device.

A pass: two shadow maps; then what each pixel sees first, by drawing a box around each form and meeting the form in it
exactly; then the light of the sky where nothing was met, and of the surfaces elsewhere, added to the sum of the passes.
"""

from collections.abc import Callable, Collection
from typing import Any, Self

import moderngl
import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering import developing
from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.rendering.gl.device import Device
from auteur.adapters.engines.previs.rendering.gl.packing import Light, Packed, Rays, materials
from auteur.adapters.engines.previs.rendering.gl.painting import Painter
from auteur.adapters.engines.previs.rendering.patterns import fractal_noise
from auteur.adapters.engines.previs.rendering.sampling import Samples, map_px
from auteur.adapters.engines.previs.rendering.takes import Takes
from auteur.adapters.engines.previs.rendering.world import Camera, PointLight, Set

_CELLS = 16
_DARK = PointLight((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))


class GlRenderer:
    """See `renderers.PassRenderer`. ``device``: what draws; every renderer of a process shares it."""

    name = "gl"

    def __init__(
        self,
        device: Device,
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
        self._device = device
        self._painter = Painter(device)
        self._ink = ink
        self._held: list[Any] = []
        self._of_set: list[Any] = []
        self._map_px = map_px(width_px, height_px)
        self._takes = Takes(world, camera, anchor, passes * 2 * 4 * self._map_px**2)
        self._kept: dict[tuple[float, ...], Any] = {}
        self._noise_tile = fractal_noise(seed)
        try:
            self._allocate(seed)
            self._look(world, camera, fresh=True)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Frees all that lies on the device, but for the programs."""
        for held in [*self._kept.values(), *self._of_set, *self._held]:
            held.release()
        self._kept.clear()
        self._of_set.clear()
        self._held.clear()

    def retake(self, camera: Camera, world: Set | None = None) -> None:
        """Begins the next picture, of as many passes."""
        self._takes.again()
        self.follow(camera, world)
        self.done = 0
        self._sum_buffer.clear()
        if self._ink:
            self._edge_buffer.clear()

    def follow(self, camera: Camera, world: Set | None = None) -> None:
        """What the passes see from now on; those that were made stay in the picture, as under an open shutter."""
        changed = world is not None and world is not self.world
        if self._takes.follow(world or self.world):
            for kept in self._kept.values():
                kept.release()
            self._kept.clear()
        self._look(world or self.world, camera, fresh=changed)

    def add_pass(self, beat: Callable[[float], None] = lambda share: None) -> None:
        """Adds one pass to the picture. ``beat`` is called with the share of the pass that is done."""
        samples = Samples.of(self.done, self.world.sky.sun, self.world.sky.sun_size)
        lights = [Light.of(to, self._takes.anchor, self.world, self._map_px) for to in (samples.sun, samples.above)]
        made = [self._shadow_map(light) for light in lights]
        maps = [shadow for shadow, _ in made]
        beat(0.25)
        rays = Rays.of(self.camera, self.width_px, self.height_px, samples)
        self._see(rays)
        beat(0.5)
        self._shade(rays, lights, maps)
        self.done += 1
        for shadow, kept in made:
            if not kept:
                shadow.release()
        beat(1.0)

    def picture(self, seconds: float = 0.0) -> NDArray[np.uint8]:
        """The mean of the passes so far as display RGB, shape (height, width, 3)."""
        count = max(self.done, 1)
        veil = self._mean() * (self.world.exposure / count) if self.world.fall else (0.0, 0.0, 0.0)
        context = self._device.context
        context.disable(moderngl.DEPTH_TEST | moderngl.CULL_FACE | moderngl.BLEND)
        self._shown_buffer.use()
        self._sum.use(0)
        self._speckle.use(1)
        falls = 0 if not self.world.fall else 1 if self.world.fall == "rain" else 2
        self._painter.fill(
            self._painter.develop, sum=0, speckle=1, size=self._size, exposure=self.world.exposure,
            passes=float(count), veil=tuple(veil), falls=falls,
            fallen=developing.fallen(self.world.fall, seconds) if self.world.fall else (0.0, 0.0, 0.0),
        )  # fmt: skip
        data = self._shown_buffer.read(components=3, alignment=1)
        shown = np.frombuffer(data, np.uint8).reshape(self.height_px, self.width_px, 3).copy()
        return developing.graded(shown, self.world.grade)

    def board(self) -> NDArray[np.uint8]:
        """The same set as ink on paper. Shape (height, width, 3)."""
        assert self._ink, "it was opened without ink"
        count = max(self.done, 1)
        shape = self.height_px, self.width_px
        light = np.frombuffer(self._sum_buffer.read(components=3, dtype="f4"), np.float32).reshape(*shape, 3)
        edges = np.frombuffer(self._edge_buffer.read(components=1, dtype="f4"), np.float32).reshape(shape)
        tone = light @ np.array([0.3, 0.59, 0.11], np.float32)
        return developing.board(tone / count, edges / count, self.world.exposure, self._noise_tile)

    # --- what is on the device --------------------------------------------------------------------------------------

    def _hold(self, made: Any) -> Any:
        self._held.append(made)
        return made

    def _allocate(self, seed: int) -> None:
        context, size = self._device.context, (self.width_px, self.height_px)
        self._sum = self._hold(context.texture(size, 4, dtype="f4"))
        self._seen = self._hold(context.texture(size, 4, dtype="f4"))
        self._depth = self._hold(context.depth_texture(size))
        self._seen_buffer = self._hold(context.framebuffer([self._seen], self._depth))
        self._sum_buffer = self._hold(context.framebuffer([self._sum], self._depth))
        self._shown_buffer = self._hold(context.framebuffer([self._hold(context.renderbuffer(size, 4))]))
        if self._ink:
            edges = self._hold(context.texture(size, 1, dtype="f4"))
            self._edge_buffer = self._hold(context.framebuffer([edges]))
            self._edge_buffer.clear()
        self._sum_buffer.clear()
        self._noise = self._tile(self._noise_tile)
        self._speckle = self._tile(fractal_noise(seed + 1, slope=0.0))
        self._cells = self._hold(context.framebuffer([self._hold(context.texture((_CELLS, _CELLS), 4, dtype="f4"))]))

    def _tile(self, tile: Any) -> Any:
        texture = self._hold(
            self._device.context.texture((tile.shape[1], tile.shape[0]), 1, tile.tobytes(), dtype="f4")
        )
        texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
        return texture

    def _look(self, world: Set, camera: Camera, *, fresh: bool) -> None:
        self.world = world
        self.camera = camera
        if not fresh:
            return
        for held in self._of_set:
            held.release()
        self._of_set.clear()
        self._packed = Packed(world.forms)
        rows = materials(world)
        self._materials = self._device.context.texture((2, len(rows)), 4, rows.tobytes(), dtype="f4")
        self._of_set.append(self._materials)
        self._materials.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._painter.prepare(world)

    # --- a pass -----------------------------------------------------------------------------------------------------

    def _shadow_map(self, light: Light) -> tuple[Any, bool]:
        """The map, and whether it is kept. What stands still is drawn once where more than one take is made of it."""
        moving = self._takes.moving
        every = range(len(self.world.forms))
        if not self._takes.keeps:
            return self._cast(light, every, None), False
        key = tuple(light.axes[2])
        if key not in self._kept:
            self._kept[key] = self._cast(light, [index for index in every if index not in moving], None)
        if not moving:
            return self._kept[key], True
        return self._cast(light, moving, self._kept[key]), False

    def _cast(self, light: Light, indices: Collection[int], onto: Any) -> Any:
        """A shadow map of these forms, on top of another one if there is one."""
        context = self._device.context
        shadow = context.depth_texture((light.size_px, light.size_px))
        shadow.compare_func = ""
        shadow.filter = (moderngl.NEAREST, moderngl.NEAREST)
        buffer = context.framebuffer(depth_attachment=shadow)
        buffer.use()
        buffer.clear(depth=1.0)
        context.enable(moderngl.DEPTH_TEST)
        context.disable(moderngl.BLEND)
        if onto is not None:
            context.depth_func = "1"
            onto.use(0)
            self._painter.fill(self._painter.copy, map=0)
        chosen = np.zeros(len(self.world.forms), bool)
        chosen[list(indices)] = True
        rows, counts = self._packed.lit(light, chosen[self._packed.order])
        middle = light.size_px / 2, light.size_px / 2
        self._painter.forms(rows, counts, light=True, middle=middle, reach=2 * light.start)
        buffer.release()
        return shadow

    def _see(self, rays: Rays) -> None:
        context = self._device.context
        self._seen_buffer.use()
        self._seen_buffer.clear(depth=1.0)
        context.enable(moderngl.DEPTH_TEST)
        context.disable(moderngl.BLEND)
        context.depth_func = "<"
        if self.world.ground is not None:
            self._painter.fill(self._painter.ground, height=float(rays.origin[1]), **self._rays(rays))
        self._painter.forms(*self._packed.seen(rays), light=False, middle=self._middle)

    def _shade(self, rays: Rays, lights: list[Light], maps: list[Any]) -> None:
        context, world = self._device.context, self.world
        self._sum_buffer.use()
        self._sum_buffer.depth_mask = False
        context.enable(moderngl.DEPTH_TEST | moderngl.BLEND)
        context.blend_func = moderngl.ONE, moderngl.ONE
        for slot, texture in enumerate((self._noise, self._speckle, self._seen, self._materials, *maps)):
            texture.use(slot)
        sky = {
            "noise": 0, "speckle": 1, "zenith": world.sky.zenith, "horizon": world.sky.horizon, "sun": world.sky.sun,
            "sun_color": world.sky.sun_color, "disc": world.sky.disc, "stars": world.sky.stars,
            "clouds": world.sky.clouds,
            "ridge_shape": _rows([(height, rough) for height, rough, _ in world.sky.ridges]),
            "ridge_color": _rows([color for _, _, color in world.sky.ridges]),
        }  # fmt: skip
        context.depth_func = "=="
        self._painter.fill(self._painter.sky, **sky, **self._rays(rays))
        context.depth_func = "!="
        first = lights[0]
        lit: dict[str, Any] = {}
        for name, light in zip(("sun", "above"), lights, strict=True):
            lit[f"{name}_axes"] = tuple(light.axes.ravel())
            lit[f"{name}_at"] = tuple(light.axes @ light.centre)
        lamps = [*world.lights, *[_DARK] * (self._painter.lamps - len(world.lights))]
        self._painter.fill(
            self._painter.surface, **sky, **self._rays(rays), **lit,
            seen=2, materials=3, sun_map=4, above_map=5, eye=tuple(rays.origin),
            map_size=float(first.size_px), map_scale=first.size_px / (2 * first.radius),
            texel=2 * first.radius / first.size_px, reach=2 * first.start, start=first.start,
            bounce=world.bounce, haze=world.haze, haze_color=world.haze_color, sea_z=world.sea_z or 0.0,
            lamp_at=_rows([lamp.at for lamp in lamps]), lamp_power=_rows([lamp.power for lamp in lamps]),
        )  # fmt: skip
        self._sum_buffer.depth_mask = True
        if self._ink:
            self._edge_buffer.use()
            context.disable(moderngl.DEPTH_TEST)
            self._painter.fill(self._painter.outline, seen=2)
        context.disable(moderngl.BLEND)

    @property
    def _size(self) -> tuple[float, float]:
        return float(self.width_px), float(self.height_px)

    @property
    def _middle(self) -> tuple[float, float]:
        return self.width_px / 2, self.height_px / 2

    def _rays(self, rays: Rays) -> dict[str, Any]:
        return {"middle": self._middle, "d_0": tuple(rays.d_0), "d_x": tuple(rays.d_x), "d_y": tuple(rays.d_y)}

    def _mean(self) -> Any:
        """The mean of the sum of the passes, under the vignette."""
        self._device.context.disable(moderngl.DEPTH_TEST | moderngl.CULL_FACE | moderngl.BLEND)
        self._cells.use()
        self._sum.use(0)
        self._painter.fill(self._painter.mean, sum=0, size=self._size, cells=(_CELLS, _CELLS))
        cells = np.frombuffer(self._cells.read(components=4, dtype="f4"), np.float32).reshape(-1, 4).sum(0, float)
        return cells[:3] / cells[3]


def _rows(rows: list[Any]) -> Any:
    """As moderngl takes an array: one of length 1 is no array."""
    return tuple(rows[0]) if len(rows) == 1 else list(map(tuple, rows))
