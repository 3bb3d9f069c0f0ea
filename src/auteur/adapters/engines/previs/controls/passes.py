"""Makes the control passes that were asked for, and writes them beside the frame."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from auteur.adapters.engines.previs.controls import depth, gltf, lineart, normals, pose, segmentation
from auteur.adapters.engines.previs.controls.camera import describe
from auteur.adapters.engines.previs.controls.primary import Primary, trace
from auteur.adapters.engines.previs.controls.segmentation import Segments
from auteur.adapters.engines.previs.rendering.patterns import fractal_noise
from auteur.adapters.engines.previs.rendering.shading import Shader
from auteur.adapters.engines.previs.rendering.tracing import View
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
    _segments: Segments | None = None

    def make(self, wanted: Collection[str], beat: Callable[[float], None] = lambda share: None) -> None:
        """Writes the passes. ``wanted``: names of `PASSES`; ``beat`` is called with the share that is done."""
        names = [name for name in PASSES if name in wanted]
        seen = trace(self.world, self.camera, self.width_px, self.height_px, lambda share: beat(share * 0.5))
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

    def _lineart(self, seen: Primary) -> None:
        lines = lineart.picture(self.world, seen, self._segmented(seen).index, self.camera.focal * self.width_px)
        self._picture("lineart", Image.fromarray(lines))

    def _segmentation(self, seen: Primary) -> None:
        segments = self._segmented(seen)
        self._picture("segmentation", Image.fromarray(segments.picture()))
        size = {"width_px": self.width_px, "height_px": self.height_px}
        self._json("control-segmentation.json", {**size, "segments": segments.legend()})

    def _pose(self, seen: Primary) -> None:
        people = pose.people(self.world, seen, self.camera)
        self._picture("pose", pose.drawing(people, self.width_px, self.height_px))
        size = {"canvas_width": self.width_px, "canvas_height": self.height_px}
        camera = describe(self.camera, self.width_px, self.height_px)
        self._json("control-pose.json", {"version": 1.3, **size, "people": people, "camera": camera})

    def _set(self, seen: Primary) -> None:
        data = gltf.write(self.world, self.camera, self.width_px, self.height_px)
        self._file(CONTROL_FILES["set"], "model/gltf-binary").write_bytes(data)

    def _segmented(self, seen: Primary) -> Segments:
        if self._segments is None:
            shader = Shader(self.world, fractal_noise(self.seed), fractal_noise(self.seed + 1, slope=0.0))
            view = View(self.camera, self.width_px, self.height_px)
            self._segments = segmentation.segment(self.world, seen, view, shader)
        return self._segments

    def _json(self, name: str, content: Mapping[str, Any]) -> None:
        self._file(name, "application/json").write_text(json.dumps(content, allow_nan=False), encoding="utf-8")

    def _file(self, name: str, media_type: str, **size_px: int) -> Path:
        self.files.append({"name": name, "media_type": media_type, **size_px})
        return self.directory / f"{name}{self.suffix}"

    def _picture(self, name: str, picture: Image.Image, file: str | None = None) -> None:
        file = file or CONTROL_FILES[name]
        chunk = PngImagePlugin.PngInfo()
        told = {"control": name, "camera": describe(self.camera, self.width_px, self.height_px)}
        chunk.add_itxt("auteur", json.dumps(told | self.facts.get(name, {}), sort_keys=True))
        path = self._file(file, "image/png", width_px=self.width_px, height_px=self.height_px)
        picture.save(path, "PNG", pnginfo=chunk, compress_level=4)


_MAKE: Mapping[str, Callable[[Controls, Primary], None]] = {
    "depth": Controls._depth,
    "normals": Controls._normals,
    "lineart": Controls._lineart,
    "segmentation": Controls._segmentation,
    "pose": Controls._pose,
    "set": Controls._set,
}
