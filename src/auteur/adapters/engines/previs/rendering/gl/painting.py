"""The programs that a set needs, and how they are set going: over the whole picture, or around each form."""

from typing import Any

import moderngl

from auteur.adapters.engines.previs.rendering.forms import Array
from auteur.adapters.engines.previs.rendering.gl.device import Device
from auteur.adapters.engines.previs.rendering.gl.packing import CUBE, PATTERNS, SHAPES, SIDES
from auteur.adapters.engines.previs.rendering.world import Set

_FORM_LAYOUT = (
    ("16f", "clip"), ("3f", "o_0"), ("3f", "o_x"), ("3f", "o_y"), ("3f", "d_0"), ("3f", "d_x"), ("3f", "d_y"),
    ("9f", "upright"), ("3f", "facts"),
)  # fmt: skip
_LIGHT = {"LIGHT": 1}


class Painter:
    """Draws into whatever buffer is in use. What a set does not have is left out of its programs."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self.lamps = 0
        """How many lamps the surfaces' program knows."""

    def prepare(self, world: Set) -> None:
        """Compiles all that this set needs, so that what a driver cannot compile is known before anything is drawn."""
        used = {form.material.pattern for form in world.forms} | ({world.ground.pattern} if world.ground else set())
        # as many as a power of two, so that there are fewer programs; those too many give no light
        self.lamps = 1 << (len(world.lights) - 1).bit_length() if world.lights else 0
        sky: dict[str, int] = {"RIDGES": len(world.sky.ridges)}
        sky |= {name: 1 for name, there in (("STARS", world.sky.stars), ("CLOUDS", world.sky.clouds)) if there}
        surface: dict[str, int] = {"LAMPS": self.lamps, **{name.upper(): 1 for name in PATTERNS[1:] if name in used}}
        surface |= {name: 1 for name, there in (("HAZE", world.haze > 0), ("SEA", world.sea_z is not None)) if there}
        self.sky = self._over_all(("noise.glsl", "sky.glsl", "sky.frag"), sky)
        self.surface = self._over_all(("noise.glsl", "sky.glsl", "surface.frag"), sky | surface)
        self.ground = self._over_all(("depth.glsl", "ground.frag"))
        self.copy, self.outline, self.mean, self.develop = (
            self._over_all((f"{name}.frag",)) for name in ("copy", "outline", "mean", "develop")
        )
        for shape in SHAPES:
            self._around(shape, {})
            self._around(shape, _LIGHT)

    def fill(self, program: Any, **uniforms: Any) -> None:
        """Runs it for every pixel."""
        assign(program, **uniforms)
        array = self._device.context.vertex_array(program, [])
        array.render(moderngl.TRIANGLES, vertices=3)
        array.release()

    def forms(self, rows: Array, counts: list[int], *, light: bool, **uniforms: Any) -> None:
        """Draws forms, as `packing.Packed` makes rows of them: the nearest wins. ``light``: into a shadow map."""
        context = self._device.context
        context.depth_func = "<"
        context.enable(moderngl.CULL_FACE)
        context.cull_face = "front"
        corners = self._device.buffer("corners", CUBE.tobytes())
        sides = self._device.buffer("sides", SIDES.tobytes())
        begun = 0
        for shape, count in zip(SHAPES, counts, strict=True):
            if not count:
                continue
            program = self._around(shape, _LIGHT if light else {})
            assign(program, **uniforms)
            names = [name for _, name in _FORM_LAYOUT if name in program]
            layout = " ".join(size if name in program else f"{4 * int(size[:-1])}x" for size, name in _FORM_LAYOUT)
            buffer = context.buffer(rows[begun : begun + count].tobytes())
            content = [(corners, "3f", "corner"), (buffer, f"{layout}/i", *names)]
            array = context.vertex_array(program, content, index_buffer=sides, index_element_size=4)
            array.render(moderngl.TRIANGLES, instances=count)
            array.release()
            buffer.release()
            begun += count
        context.disable(moderngl.CULL_FACE)

    def _over_all(self, fragment: tuple[str, ...], defines: dict[str, int] | None = None) -> Any:
        return self._device.program(("screen.vert",), fragment, defines or {})

    def _around(self, shape: str, how: dict[str, int]) -> Any:
        return self._device.program(("form.vert",), ("depth.glsl", "form.frag"), how | {shape.upper(): 1})


def assign(program: Any, **uniforms: Any) -> None:
    """Sets those of them that the compiler has not left out."""
    for name, value in uniforms.items():
        if name in program:
            program[name] = value
