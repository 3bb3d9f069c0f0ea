"""Makes the control passes that were asked for, and writes them beside the frame."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from auteur.adapters.engines.previs.controls import depth, normals
from auteur.adapters.engines.previs.controls.camera import describe
from auteur.adapters.engines.previs.controls.primary import Primary, trace
from auteur.adapters.engines.previs.rendering.world import Camera, Set
from auteur.domain.task import CONTROL_FILES

PASSES = tuple(CONTROL_FILES)
"""By name, in the order in which they are made and told."""


@dataclass
class Controls:
    """One set through one camera, to be told as control passes of so many pixels.

    ``suffix``: what the names of files get until they are final. ``files``: what was written, each with ``name``,
    ``media_type`` and for a picture ``width_px`` and ``height_px``; ``facts``: what a reader must know, by pass.
    """

    world: Set
    camera: Camera
    width_px: int
    height_px: int
    seed: int
    directory: Path
    suffix: str
    files: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def make(self, wanted: Collection[str], beat: Callable[[float], None] = lambda share: None) -> None:
        """Writes the passes. ``wanted``: names of `PASSES`; ``beat`` is called with the share that is done."""
        seen = trace(self.world, self.camera, self.width_px, self.height_px, lambda share: beat(share * 0.5))
        names = [name for name in PASSES if name in wanted]
        for done, name in enumerate(names, 1):
            _MAKE[name](self, seen)
            beat(0.5 + 0.5 * done / len(names))

    def _depth(self, seen: Primary) -> None:
        scale = depth.scale_for(seen)
        self.facts["depth"] = scale.as_data()
        self._picture("depth", Image.fromarray(depth.inverse(seen)))
        self._picture("depth", Image.fromarray(depth.linear(seen, scale)), "control-depth16.png")

    def _normals(self, seen: Primary) -> None:
        self._picture("normals", Image.fromarray(normals.picture(seen)))

    def _picture(self, name: str, picture: Image.Image, file: str | None = None) -> None:
        file = file or CONTROL_FILES[name]
        chunk = PngImagePlugin.PngInfo()
        told = {"control": name, "camera": describe(self.camera, self.width_px, self.height_px)}
        chunk.add_itxt("auteur", json.dumps(told | self.facts.get(name, {}), sort_keys=True))
        picture.save(self.directory / f"{file}{self.suffix}", "PNG", pnginfo=chunk, compress_level=4)
        size = {"width_px": self.width_px, "height_px": self.height_px}
        self.files.append({"name": file, "media_type": "image/png", **size})


_MAKE: Mapping[str, Callable[[Controls, Primary], None]] = {
    "depth": Controls._depth,
    "normals": Controls._normals,
}
