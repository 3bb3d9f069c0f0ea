"""Which thing is where: each pixel of the set belongs to one."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.controls.palette import Colour, class_of, colours
from auteur.adapters.engines.previs.controls.primary import GROUND, SKY, Primary
from auteur.adapters.engines.previs.rendering.shading import Shader
from auteur.adapters.engines.previs.rendering.tracing import View
from auteur.adapters.engines.previs.rendering.world import Set, Thing

_BAND_PIXELS = 1 << 18
_FLOORS = {"road": "road", "planks": "floor", "tiles": "floor"}


@dataclass(frozen=True, slots=True)
class Segments:
    """``index``: of the thing that each pixel shows, shape (height, width); ``things``: those of the set, then the
    ground, the water, the sky and what is painted on it; ``classes`` (of ADE20K) and ``colours``: one for each."""

    index: NDArray[np.int16]
    things: tuple[Thing, ...]
    classes: tuple[str, ...]
    colours: tuple[Colour, ...]

    def picture(self) -> NDArray[np.uint8]:
        """Flat colours, shape (height, width, 3)."""
        return np.asarray(np.array(self.colours, np.uint8)[self.index])

    def legend(self) -> list[dict[str, Any]]:
        """What is in the picture, as plain data, the largest first; people also where nothing of them is seen.

        ``box``: left, top, right and bottom edge in pixels, None for what is not seen.
        """
        pixels = np.bincount(self.index.ravel(), minlength=len(self.things))
        entries = []
        for index, thing in enumerate(self.things):
            colour, count = self.colours[index], int(pixels[index])
            if count or thing.kind == "person":
                entries.append(
                    {
                        "color": list(colour),
                        "hex": "#{:02x}{:02x}{:02x}".format(*colour),
                        "name": thing.name,
                        "kind": thing.kind,
                        "ade20k": self.classes[index],
                        "pixels": count,
                        "box": _box(self.index == index) if count else None,
                    }
                )
        return sorted(entries, key=lambda entry: -entry["pixels"])


def segment(world: Set, seen: Primary, view: View, shader: Shader) -> Segments:
    """Finds the thing of each pixel. ``shader``: of the same set and seed as the picture's, for the line of the shore
    and of what stands on the sky."""
    count = len(world.things)
    owners = np.array([form.thing for form in world.forms] + [count, count + 2], np.int16)  # the ground, the sky
    assert (GROUND, SKY) == (-2, -1), "they are the last of the owners"
    index = owners[seen.form]
    ridges = enumerate(world.sky.ridges, 1)
    behind = [Thing(_ridge_kind(height, rough), f"ridge {number}") for number, (height, rough, _) in ridges]
    things = (*world.things, Thing("ground", "ground"), Thing("sea", "sea"), Thing("sky", "sky"), *behind)
    classes = [class_of(thing.kind) for thing in things]
    classes[count] = _FLOORS.get(world.ground.pattern if world.ground else "", "earth")
    rows = max(1, _BAND_PIXELS // view.width_px)
    for top in range(0, view.height_px, rows):
        part = slice(top, min(top + rows, view.height_px))
        origin, _, d = view.rays(part.start, part.stop, (0.5, 0.5), (0.0, 0.0))
        band = index[part]
        if world.sea_z is not None:
            dry = band == count
            x, z = (np.float32(origin[i]) + d[i][dry] * seen.depth[part][dry] for i in (0, 2))
            band[dry] = np.where(shader.is_sea(x, z), count + 1, count)
        clear = band == count + 2
        for layer in range(len(world.sky.ridges)):
            crest, tangent = shader.crest(layer, [c[clear] for c in d])
            band[clear] = np.where(crest > tangent, count + 3 + layer, band[clear])
    return Segments(index, things, tuple(classes), tuple(colours(classes)))


def _ridge_kind(height: float, rough: float) -> str:
    if rough >= 1:
        return "skyline"
    return "mountains" if height >= 0.15 else "hills"


def _box(mask: NDArray[np.bool_]) -> list[int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]
