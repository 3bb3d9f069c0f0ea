"""A camera's way through a shot, as values: `CameraPath.at(frame)` is the camera of any frame, asked for by itself.

Frames count from 0. A frame's camera is the one of the middle of its exposure. The same shot, stage, rate and seed are
the same path; so frame k made alone is frame k of the film.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from auteur.adapters.engines.previs.controls.camera import describe
from auteur.adapters.engines.previs.motion import clear, marks
from auteur.adapters.engines.previs.motion.easing import EASES
from auteur.adapters.engines.previs.motion.moves import MOVERS, Moment, Motion, Plan
from auteur.adapters.engines.previs.motion.rig import Point, Rig
from auteur.adapters.engines.previs.motion.walking import GAITS, Body, Walk, world_at
from auteur.adapters.engines.previs.reading.shot import CameraMove, Shot
from auteur.adapters.engines.previs.rendering.world import Camera, Set
from auteur.adapters.engines.previs.staging.stage import PersonMark, Stage

FORMAT, VERSION = "auteur.camera", 1
SHUTTER = 0.5
"""Share of a frame's time that the shutter is open: 180 degrees."""
_SAMPLES = 33
_ARM_M = 0.45
"""How near a camera comes to somebody who walks."""
_EITHER_WAY = frozenset({"orbit", "truck", "dolly_zoom"})
"""Moves that go the other way where nobody said which, and there is more room."""
_UP = np.array([0.0, 1.0, 0.0])
_ON_FOOT = frozenset({"walk", "run", "march", "stroll", "stride", "chase", "jog", "flee", "wander", "approach"})


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
        lens = self.stage.lens
        return {
            "format": FORMAT,
            "version": VERSION,
            "axes": "right-handed, x right, y up, the camera looks along -z; metres",
            "frames": self.frames,
            "fps": {"num": self.fps.numerator, "den": self.fps.denominator},
            "width_px": width_px,
            "height_px": height_px,
            "sensor": {
                "name": lens.sensor.name,
                "width_mm": lens.sensor.width_mm,
                "height_mm": lens.sensor.height_mm,
                "frame_width_mm": lens.frame_width_mm,
                "frame_height_mm": lens.frame_height_mm,
            },
            "ease": self.ease,
            "moves": list(self.told),
            "notes": list(self.notes),
            "keys": self._keys(width_px, height_px),
        }

    def _keys(self, width_px: int, height_px: int) -> list[dict[str, Any]]:
        keys: list[dict[str, Any]] = []
        before = np.array([0.0, 0.0, 0.0, 1.0])
        for frame in range(self.frames):
            camera = self.at(frame)
            seen = describe(camera, width_px, height_px)
            turn = np.array(seen["rotation"])
            if turn @ before < 0:  # the same rotation, told so that programs can go evenly from key to key
                turn = -turn
            before = turn
            focal_mm = camera.focal * self.stage.lens.frame_width_mm
            keys.append(
                {
                    "frame": frame,
                    "position_m": seen["position_m"],
                    "rotation": [float(value) for value in turn],
                    "focal_mm": round(focal_mm, 6),
                    "focus_m": round(camera.focus_m, 6),
                    "stop": round(self.stage.lens.stop, 3),
                    "xfov_deg": seen["xfov_deg"],
                    "yfov_deg": seen["yfov_deg"],
                    "horizon_y_px": seen["horizon_y_px"],
                }
            )
        return keys


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
    walks = _walks(shot, stage, seconds, follows, notes)
    followed = _followed(walks, stage, follows)
    track = None
    if followed is not None:
        able = _can_follow(followed, stage, seconds, notes)
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


def _can_follow(walk: Walk, stage: Stage, seconds: float, notes: list[str]) -> Walk:
    """The walk of the followed, no longer than the camera can go beside it."""
    solid = clear.Solid(stage, without=frozenset({walk.thing}))
    at = np.array(stage.camera.at, float)
    beside = solid.touched(at)
    times = np.linspace(0, seconds, _SAMPLES)
    way = at + np.array([walk.place(float(time)) for time in times]) - walk.place(0.0)
    for count in range(2, len(way) + 1):
        free, what = solid.free(way[count - 2 : count], beside=beside)
        if not free:
            length = max(walk.gone_m(float(times[max(count - 3, 0)])), 0.05)
            notes.append(f"{walk.mark.name} goes {length:.1f} m and stands: the camera meets {what} beside them")
            return replace(walk, length_m=length)
    return walk


def _walks(shot: Shot, stage: Stage, seconds: float, follows: CameraMove | None, notes: list[str]) -> list[Walk]:
    """Who walks or turns: those whose pose or action says so, and whom the camera follows."""
    walks = []
    wanted = follows and marks.person(stage, follows.follows or follows.target)
    for mark in stage.people:
        thing = _thing(stage, mark)
        if thing is None:
            continue
        said = _words(shot, mark)
        gait = "run" if mark.pose == "run" or said & {"run", "chase", "flee", "sprint"} else None
        gait = gait or ("walk" if mark.pose == "walk" or said & _ON_FOOT or mark is wanted else None)
        if mark.pose in ("sit", "lie", "kneel", "crouch", "sleep"):
            gait = None
        if gait is not None:
            walks.append(_walk(stage, mark, thing, gait, seconds, mark is wanted, notes))
        elif said & {"turn", "spin", "pivot"}:
            walks.append(Walk(mark, thing, GAITS["walk"], length_m=0.0, turn_rad=2.1, seconds=seconds))
    return walks


def _walk(
    stage: Stage, mark: PersonMark, thing: int, gait: str, seconds: float, followed: bool, notes: list[str]
) -> Walk:
    """The way of one who walks. Whoever comes towards the camera ends on their mark, who goes away begins on it, and
    who crosses has it in the middle; who is followed begins on it."""
    length = GAITS[gait].speed_m * mark.height_m / 1.76 * seconds
    towards = np.array(stage.camera.at, float) - np.array(mark.at, float)
    ahead = np.array([np.sin(mark.facing_rad), 0.0, np.cos(mark.facing_rad)])
    faced = float(towards @ ahead) / max(float(np.hypot(towards[0], towards[2])), 1e-6)
    before = 0.0 if followed or faced < -0.5 else length if faced > 0.5 else length / 2
    solid = clear.Solid(stage, without=frozenset({thing}))
    back = _clear_m(solid, mark, -before)
    on = _clear_m(solid, mark, length - before)
    whole = back + on
    if whole < length - 0.05:
        notes.append(f"{mark.name} goes {whole:.1f} m and stands: something is in the way")
    return Walk(mark, thing, GAITS[gait], -back, whole if whole < length - 0.05 else None, 0.0, seconds)


def _clear_m(solid: clear.Solid, mark: PersonMark, length: float) -> float:
    """How far from their mark a person can go, forwards or, below 0, backwards: metres, never below 0."""
    ahead = np.array([np.sin(mark.facing_rad), 0.0, np.cos(mark.facing_rad)])
    foot = np.array(mark.at, float)
    beside = solid.touched(foot + 0.6 * _UP) | solid.touched(foot + 1.2 * _UP)
    steps = max(int(abs(length) / 0.2), 1)
    for step in range(1, steps + 1):
        to = length * step / steps
        for height in (0.6, 1.2):
            pair = np.array([foot + ahead * (length * (step - 1) / steps), foot + ahead * to]) + height * _UP
            if not solid.free(pair, beside=beside, room_m=0.25)[0]:
                return abs(length) * (step - 1) / steps
    return abs(length)


def _followed(walks: list[Walk], stage: Stage, follows: CameraMove | None) -> Walk | None:
    if follows is None:
        return None
    wanted = marks.person(stage, follows.follows or follows.target)
    on_foot = [walk for walk in walks if walk.length_m != 0]
    return next((walk for walk in on_foot if walk.mark is wanted), on_foot[0] if on_foot else None)


def _words(shot: Shot, mark: PersonMark) -> set[str]:
    """What the shot says that the person does."""
    name = mark.name.casefold()
    said: set[str] = set()
    for person in shot.people:
        if person.who.casefold() in name or name in person.who.casefold():
            for word in f"{person.action or ''} {person.pose or ''}".casefold().split():
                said |= {word, word.removesuffix("ing"), word.removesuffix("s"), word.removesuffix("ning")}
    return said


def _thing(stage: Stage, mark: PersonMark) -> int | None:
    """The set's thing that is this person: the figure whose feet are nearest to the mark, if it can walk."""
    best, near = None, 0.6
    for figure in stage.world.figures:
        if not {"left_ankle", "right_ankle", "left_hip", "neck", "left_wrist"} <= set(figure.joints):
            continue
        feet = (np.array(figure.joints["left_ankle"]) + np.array(figure.joints["right_ankle"])) / 2
        off = float(np.hypot(feet[0] - mark.at[0], feet[2] - mark.at[2]))
        if off < near:
            best, near = figure.thing, off
    return best
