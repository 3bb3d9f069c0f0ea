"""The job behind `text_to_video`: reads, blocks, plans the camera's way, films it. Runs in an engine process."""

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from PIL import Image

from auteur.adapters.engines.captions import caption
from auteur.adapters.engines.film import Film
from auteur.adapters.engines.previs.controls.camera import describe, project
from auteur.adapters.engines.previs.controls.staged import describe_stage
from auteur.adapters.engines.previs.frame import ENGINE
from auteur.adapters.engines.previs.motion.naming import degrees_in, is_turn_word
from auteur.adapters.engines.previs.motion.path import SHUTTER, Take, plan
from auteur.adapters.engines.previs.motion.sets import staged
from auteur.adapters.engines.previs.reading.shot import CameraMove
from auteur.adapters.engines.previs.rendering.renderers import PassRenderer, open_renderer
from auteur.adapters.engines.previs.rendering.tracing import camera_axes
from auteur.adapters.engines.previs.rendering.world import Camera, Set
from auteur.adapters.engines.stills import save_jpeg, save_preview
from auteur.domain.film import frame_rate, frames_in

if TYPE_CHECKING:  # what settings are made of would be loaded by each child
    from auteur.adapters.engines.previs.settings import RendererChoice

_SMEAR_PX = 4.0
"""How far the picture may go between two moments of an open shutter before they are seen apart."""
_MOST_PASSES = 32
_PREVIEWS_A_SECOND = 1


class Filmed:
    """The pictures of a take, frame by frame in any order. Use as a context manager.

    ``passes``: of each frame; one across which the picture is swept has more, each at its own moment of the open
    shutter. The picture of frame k does not depend on which were made before it.
    """

    def __init__(
        self,
        take: Take,
        width_px: int,
        height_px: int,
        passes: int,
        seed: int,
        *,
        ink: bool = False,
        choice: "RendererChoice" = "auto",
    ) -> None:
        self._take = take
        self._path = take.path
        self._passes = passes
        self._ink = ink
        self._size = width_px, height_px
        self._stands = False
        points = np.array([take.path.rig(frame).subject for frame in np.linspace(0, take.path.frames - 1, 9)])
        low, high = points.min(axis=0), points.max(axis=0)
        # shadows as far as the camera goes, and finest in the middle of what the shot is about on its way
        self._stage_m = take.path.stage.world.stage_m + float(np.linalg.norm(high - low)) / 2
        middle = [float(value) for value in (low + high) / 2]
        self._kept: Set | None = None
        world = self._world(0)
        camera = self._lens(self._path.at(0))
        self._renderer: PassRenderer = open_renderer(
            world,
            camera,
            width_px,
            height_px,
            passes,
            seed,
            choice=choice,
            ink=ink,
            anchor=(middle[0], middle[1], middle[2]),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._renderer.close()

    @property
    def renderer(self) -> str:
        """The name of what draws."""
        return self._renderer.name

    def picture(self, frame: int) -> Image.Image:
        """The frame, as display RGB."""
        if self._stands:  # the passes are the same at every frame
            return self._developed(frame)
        world = self._world(frame)
        self._renderer.retake(self._lens(self._path.at(frame)), world)
        count = self.passes_of(frame)
        for index in range(count):
            if self._path.moves:
                self._renderer.follow(self._lens(self._path.at(frame + _moment(index, count))), world)
            self._renderer.add_pass()
        self._stands = not self._path.moves and not self._take.bodies
        return self._developed(frame)

    def _developed(self, frame: int) -> Image.Image:
        """The picture of the passes, with what has fallen until then."""
        if self._ink:
            return Image.fromarray(self._renderer.board())
        return Image.fromarray(self._renderer.picture(float(frame / self._path.fps)))

    def passes_of(self, frame: int) -> int:
        """How many moments of the open shutter the frame blends."""
        if not self._path.moves:
            return self._passes
        opened, closed = self._path.at(frame - SHUTTER / 2), self._path.at(frame + SHUTTER / 2)
        return min(max(self._passes, math.ceil(_swept(opened, closed, *self._size) / _SMEAR_PX)), _MOST_PASSES)

    def _world(self, frame: int) -> Set:
        """The set at the frame; where nobody walks it is the same object at every one."""
        if self._kept is None or self._take.bodies:
            self._kept = replace(self._take.world(frame), stage_m=self._stage_m)
        return self._kept

    def _lens(self, camera: Camera) -> Camera:
        if not self._ink:
            return camera
        return replace(camera, aperture_m=0.0)  # ink has no depth of field


def render_take(arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    """Films one shot.

    ``arguments``: ``params`` (effective parameters of `text_to_video`), ``audio`` (path of its sound, or None),
    ``renderer`` (a `RendererChoice`), ``directory``, and the file names in it ``draft``, ``poster`` and ``camera``.
    Returns ``understood`` and ``metrics``. Each frame is one report.
    """
    params = arguments["params"]
    directory = Path(arguments["directory"])
    width_px, height_px, rate = params["width_px"], params["height_px"], frame_rate(params["fps"])
    frames = frames_in(params["duration_s"], rate)
    started = time.perf_counter()
    report({"progress": 0.0, "stage": "blocking", "message": "Blocking the shot"})
    take, understood = planned(params, arguments.get("reading"))
    titled = caption(params["caption"], width_px, height_px) if params.get("caption") else None
    understood["camera"] = describe(take.path.at(0), width_px, height_px)
    understood["stage"] = describe_stage(take.path.stage, width_px, height_px)
    facts = {"engine": ENGINE, "task_type": "text_to_video", "params": params, "understood": understood}
    sound = Path(arguments["audio"]) if arguments.get("audio") else None
    board = params["style"] == "board"
    choice, seed = arguments.get("renderer", "auto"), params["seed"]
    with (
        Filmed(take, width_px, height_px, params["steps"], seed, ink=board, choice=choice) as filmed,
        Film(
            directory / arguments["draft"],
            (width_px, height_px),
            rate,
            facts=facts,
            title=params["prompt"],
            sound=sound,
            frames=frames,
        ) as film,
    ):
        passes = 0
        every = max(1, int(rate) // _PREVIEWS_A_SECOND)
        for index in range(frames):
            picture = filmed.picture(index)
            passes += filmed.passes_of(index)
            if titled is not None:
                picture.paste(titled.layer, (0, 0), titled.layer)
            film.add(picture)
            if index == 0:
                save_jpeg(picture, directory / arguments["poster"])
            said: dict[str, Any] = {
                "progress": (index + 1) / frames * 0.97,
                "stage": "rendering",
                "message": f"Frame {index + 1} of {frames}",
            }
            if index % every == 0 and index + 1 < frames:
                said["preview"] = save_preview(picture, directory, f"preview-{index + 1:05}.jpg")
            report(said)
        report({"progress": 0.98, "stage": "writing", "message": "Writing the shot"})
        drawn_by = filmed.renderer
    track = take.path.as_data(width_px, height_px)
    (directory / arguments["camera"]).write_text(json.dumps(track, allow_nan=False), encoding="utf-8")
    if titled is not None and titled.note:
        understood["notes"] = [*understood["notes"], titled.note]
    return {
        "understood": understood,
        "metrics": {
            "frames": frames,
            "passes": passes,
            "renderer": drawn_by,
            "render_s": round(time.perf_counter() - started, 3),
        },
    }


def planned(params: Mapping[str, Any], reading: Mapping[str, Any] | None = None) -> tuple[Take, dict[str, Any]]:
    """The take, and what was understood, of effective parameters of `text_to_video`. ``reading``: see `asked_shot`."""
    shot, stage = staged(params, reading)
    rate = frame_rate(params["fps"])
    degrees = degrees_in(params["prompt"])
    named = params.get("move")
    moves = tuple(CameraMove(kind=kind) for kind in named.split("+")) if named else shot.moves
    take = plan(
        shot,
        stage,
        frames=frames_in(params["duration_s"], rate),
        fps=rate,
        seed=params["seed"],
        ease=params["ease"],
        moves=moves,
        degrees=params.get("degrees") or degrees,
    )
    understood = shot.as_data() | {"moves": [dict(told) for told in take.path.told], "notes": list(take.path.notes)}
    understood["assumed"] = dict(stage.assumed)
    understood["unmet"] = list(stage.unmet)
    if reading is not None and "failed" in reading:
        understood["reader_failed"] = reading["failed"]
    if degrees is not None:
        left = (word for word in shot.not_understood if not is_turn_word(word))
        understood["not_understood"] = list(left)
    return take, understood


def _moment(index: int, count: int) -> float:
    """When the pass is made, in frames from the middle of the exposure: one in each part of it, in an order in which
    neighbours in time have different places in the pixel and on the lens."""
    place = (index * _stride(count)) % count
    return SHUTTER * ((place + 0.5) / count - 0.5)


def _stride(count: int) -> int:
    """A step that visits all of so many places, near the golden section of them."""
    step = max(round(count * 0.618), 1)
    while math.gcd(step, count) > 1:
        step += 1
    return step


def _swept(opened: Camera, closed: Camera, width_px: int, height_px: int) -> float:
    """How far the picture goes while the shutter is open, at most, at the distance of what is in focus: pixels."""
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, 3), np.linspace(-0.5, 0.5, 3))
    ahead = np.full(x.size, opened.focus_m)
    right, up, forward = camera_axes(opened)
    across, above = x.ravel() / opened.focal, y.ravel() * height_px / width_px / opened.focal
    points = np.array(opened.at) + ahead[:, None] * (forward + across[:, None] * right + above[:, None] * up)
    first, last = project(points, opened, width_px, height_px), project(points, closed, width_px, height_px)
    seen = last[:, 2] > 0.05
    if not seen.any():
        return float(width_px)
    return float(np.linalg.norm((last - first)[seen, :2], axis=1).max())
