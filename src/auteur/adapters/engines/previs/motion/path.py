"""A camera's way through a shot, as values: `CameraPath.at(frame)` is the camera of any frame, asked for by itself.

Frames count from 0. A frame's camera is the one of the middle of its exposure. The same shot, stage, rate and seed are
the same path; so frame k made alone is frame k of the film.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from auteur.adapters.engines.previs.controls.staged import camera_track
from auteur.adapters.engines.previs.motion import clear, extras
from auteur.adapters.engines.previs.motion.easing import EASES
from auteur.adapters.engines.previs.motion.moves import MOVERS
from auteur.adapters.engines.previs.motion.planning import Moment, Motion, Plan
from auteur.adapters.engines.previs.motion.rig import Point, Rig
from auteur.adapters.engines.previs.motion.walking import Body, Walk, world_at
from auteur.adapters.engines.previs.reading.shot import CameraMove, Shot
from auteur.adapters.engines.previs.rendering.world import Camera, Set
from auteur.adapters.engines.previs.staging.stage import Stage

SHUTTER = 0.5
"""Share of a frame's time that the shutter is open: 180 degrees."""
_SAMPLES = 33
_ARM_M = 0.45
"""How near a camera comes to somebody who walks."""
_EITHER_WAY = frozenset({"orbit", "truck", "dolly_zoom"})
"""Moves that go the other way where nobody said which, and there is more room."""


@dataclass(frozen=True, slots=True)
class CameraPath:
    """``motions``: the parts of the move in the order in which they are done; ``reach``: the share of its way that the
    camera can go; ``told``: each part as plain data; ``notes``: what could not be done as it was asked, a sentence
    each."""

    stage: Stage
    frames: int
    fps: Fraction
    ease: str = "in_out"
    motions: tuple[Motion, ...] = ()
    reach: float = 1.0
    told: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()

    def rig(self, frame: float, reach: float | None = None) -> Rig:
        """The rig at the frame, or between two."""
        share = min(max(frame / max(self.frames - 1, 1), 0.0), 1.0)
        done = EASES[self.ease](share)
        moment = Moment(share, done, float(frame / self.fps), self.reach if reach is None else reach)
        rig = Rig.of(self.stage.camera)
        for motion in self.motions:
            motion(rig, moment)
        return rig

    def at(self, frame: float) -> Camera:
        """The camera of the frame; ``frame`` may lie between two, as moments of an open shutter do."""
        base = self.stage.camera
        if not self.motions:
            return base
        return self.rig(frame).camera(stop_m=base.aperture_m / base.focal)

    @property
    def moves(self) -> bool:
        """Whether there is any move at all."""
        return bool(self.motions)

    def as_data(self, width_px: int, height_px: int) -> dict[str, Any]:
        """Plain data, what `camera.json` holds: see docs/camera.md."""
        cameras = [self.at(frame) for frame in range(self.frames)]
        track = camera_track(cameras, self.stage.lens, self.fps, width_px, height_px)
        before = np.array([0.0, 0.0, 0.0, 1.0])
        for sample in track["samples"]:
            turn = np.array(sample["rotation"])
            if turn @ before < 0:  # the same rotation, told so that programs can go evenly from sample to sample
                turn = -turn
            before = turn
            sample["rotation"] = [float(value) + 0.0 for value in turn]
        return track | {"ease": self.ease, "moves": list(self.told), "notes": list(self.notes)}


@dataclass(slots=True)
class Take:
    """A planned shot: its camera's way, and who walks."""

    path: CameraPath
    bodies: list[Body] = field(default_factory=list)

    def world(self, frame: float) -> Set:
        """The set at the frame."""
        return world_at(self.path.stage.world, self.bodies, float(frame / self.path.fps))


def plan(
    shot: Shot,
    stage: Stage,
    *,
    frames: int,
    fps: Fraction,
    seed: int,
    ease: str = "in_out",
    moves: Sequence[CameraMove] | None = None,
    degrees: float | None = None,
) -> Take:
    """Plans the shot. ``moves``: instead of those that the shot says; ``degrees``: how far its turns go.

    Raises `KeyError` for a move that is none of `MOVERS`.
    """
    wanted = tuple(shot.moves if moves is None else moves)
    seconds = float((frames - 1) / fps) if frames > 1 else 1.0
    follows = next((move for move in wanted if move.kind == "tracking" or move.follows), None)
    notes: list[str] = []
    walks = extras.walks(shot, stage, seconds, follows, notes)
    followed = extras.followed(walks, stage, follows)
    track = None
    if followed is not None:
        able = extras.can_follow(followed, stage, seconds, notes)
        walks = [able if walk is followed else walk for walk in walks]
        start = able.place(0.0)

        def track(moment: float) -> Point:
            return able.place(moment) - start

    asked = list(wanted)
    if follows is not None and follows.kind != "tracking" and track is not None:
        asked.append(replace(follows, kind="tracking"))
    paths = []
    for hand in (None, "right", "out"):
        free = [move if hand is None or move.direction else replace(move, direction=hand) for move in asked]
        if hand is not None and free == asked:
            break
        planned = Plan(shot, stage, Rig.of(stage.camera), seconds, float(fps), seed, track, degrees)
        path = _moved(planned, free, frames, fps, ease)
        reach, met = _cleared(path, walks)
        paths.append((reach, met, path, planned.notes))
        if reach == 1 or not any(move.kind in _EITHER_WAY and not move.direction for move in asked):
            break
    reach, met, path, said = max(paths, key=lambda one: one[0])
    notes += said
    if reach < 1:
        notes.append(f"the camera goes {round(100 * reach)} % of its way: {met} is in it")
    path = replace(path, reach=reach, notes=tuple(dict.fromkeys(notes)))
    return Take(path, [Body(stage.world, walk) for walk in walks])


def _moved(planned: Plan, asked: Sequence[CameraMove], frames: int, fps: Fraction, ease: str) -> CameraPath:
    """The path of the moves, whether or not it leads through something."""
    order = {name: index for index, name in enumerate(MOVERS)}
    motions, told = [], []
    for move in sorted(asked, key=lambda one: order[one.kind]):
        planned.told = {}
        motion = MOVERS[move.kind](move, planned)
        if move.kind != "static":
            motions.append(motion)
        told.append(move.as_data() | planned.told)
    return CameraPath(planned.stage, frames, fps, ease, tuple(motions), 1.0, tuple(told))


def _cleared(path: CameraPath, walks: Sequence[Walk]) -> tuple[float, str]:
    """The share of its way that the camera can go through nothing and nobody, and what is in the rest."""
    if not path.motions:
        return 1.0, ""
    solid = clear.Solid(path.stage, without=frozenset(walk.thing for walk in walks))
    frames = np.linspace(0, path.frames - 1, min(_SAMPLES, max(path.frames, 2)))
    beside = solid.touched(np.array(path.stage.camera.at, float))

    def free_at(share: float) -> tuple[bool, str]:
        way = np.array([path.rig(float(frame), share).at for frame in frames])
        for frame, at in zip(frames, way, strict=True):
            for walk in walks:
                off = walk.place(float(frame / path.fps)) - at
                if np.hypot(off[0], off[2]) < _ARM_M and at[1] < walk.mark.height_m + 0.1:
                    return False, walk.mark.name
        return solid.free(way, beside=beside)

    return clear.reach(free_at)
