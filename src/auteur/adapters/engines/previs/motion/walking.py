"""People who walk: where they are at a moment, and how their bodies go there.

A body is whatever the set made of forms and joints: each form goes with the bone that it is nearest to. The feet are
led, the knees and hips follow: a foot that is on the floor stays where it is. Shares of a cycle after J. Rose and J. G.
Gamble, Human Walking, 2006: a foot is down for some 0.62 of it, in a run for less than a half.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.motion.rig import Point
from auteur.adapters.engines.previs.rendering.forms import Form
from auteur.adapters.engines.previs.rendering.world import Figure, Set
from auteur.adapters.engines.previs.staging.stage import PersonMark

Joints = Mapping[str, Point]
_STOPS_S = 0.5
"""How long before its end a walk slows down."""


@dataclass(frozen=True, slots=True)
class Gait:
    """Of a person of 1.76 m: speed, length of two steps, share of the cycle with a foot down, how high the other is
    lifted, how far the arms swing and the elbows are bent in radians."""

    speed_m: float
    stride_m: float
    down: float
    lift_m: float
    swing: float
    bend: float


GAITS = {
    "walk": Gait(1.3, 1.3, 0.62, 0.09, 0.42, 0.3),
    "run": Gait(3.1, 2.3, 0.38, 0.22, 0.75, 1.45),
}


@dataclass(frozen=True, slots=True)
class Walk:
    """One person's way in a shot: straight on by where they face. ``thing``: of the set; ``begins_m``: how far from
    their mark they are at the start, below 0 before it; ``length_m``: after which they stand, None for never;
    ``turn_rad``: by how much they turn to their mark's heading while they stand."""

    mark: PersonMark
    thing: int
    gait: Gait
    begins_m: float = 0.0
    length_m: float | None = None
    turn_rad: float = 0.0
    seconds: float = 1.0

    @property
    def scale(self) -> float:
        """The body's size against one of 1.76 m."""
        return self.mark.height_m / 1.76

    def gone_m(self, seconds: float) -> float:
        """How far the person has gone since the start."""
        if self.length_m == 0:
            return 0.0
        speed = self.gait.speed_m * self.scale
        plain = speed * max(seconds, -1.0)
        if self.length_m is None:
            return plain
        slow = min(0.5 * speed * _STOPS_S, 0.5 * self.length_m)  # what is gone while slowing down
        late = plain - (self.length_m - slow)
        if late <= 0:
            return plain
        share = min(late / (2 * slow), 1.0)
        return self.length_m - slow + slow * (2 * share - share * share)

    def place(self, seconds: float) -> Point:
        """Where on the floor the person is."""
        facing = self.mark.facing_rad
        along = self.begins_m + self.gone_m(seconds)
        return np.array(self.mark.at, float) + np.array([math.sin(facing), 0.0, math.cos(facing)]) * along

    def facing(self, seconds: float) -> float:
        """The body's heading."""
        if not self.turn_rad:
            return self.mark.facing_rad
        share = min(max((seconds / self.seconds - 0.2) / 0.6, 0.0), 1.0)
        return self.mark.facing_rad - self.turn_rad * (1 - share * share * (3 - 2 * share))

    def joints(self, seconds: float, rest: Joints) -> dict[str, Point]:
        """The body's joints at the moment, in its own space: x to its left, y up, z ahead. ``rest``: as it was made."""
        if self.length_m == 0:
            return dict(rest)
        phase = self.gone_m(seconds) / (self.gait.stride_m * self.scale)
        moving = 1.0 if self.length_m is None else min((self.length_m - self.gone_m(seconds)) / (0.6 * self.scale), 1.0)
        return _stride(self.gait, self.scale, phase % 1.0, moving, rest)


def _stride(gait: Gait, scale: float, phase: float, moving: float, rest: Joints) -> dict[str, Point]:
    """The pose at a phase of the cycle, 0 with the left foot coming down. ``moving``: 1 in full stride, 0 standing."""
    pose = {name: np.array(point, float) for name, point in rest.items()}
    thigh = np.linalg.norm(rest["left_knee"] - rest["left_hip"])
    shin = np.linalg.norm(rest["left_ankle"] - rest["left_knee"])
    sole = 0.09 * scale
    reach = gait.down * gait.stride_m * scale / 2 * moving
    leg = float(thigh + shin)
    low = math.sqrt(max((0.995 * leg) ** 2 - (0.86 * reach) ** 2, 0.2))
    bob = (0.022 if gait.down > 0.5 else 0.05) * scale * moving
    hip_y = sole + low - bob * math.cos(4 * math.pi * phase) * 0.5 - 0.01 * scale
    sink = np.array([0.0, hip_y - (rest["left_hip"][1] + rest["right_hip"][1]) / 2, 0.0])
    for side, own, turn in ((1, "left", phase), (-1, "right", (phase + 0.5) % 1.0)):
        hip = np.array([0.1 * scale * side, hip_y, 0.0])
        ankle = _foot(gait, scale, turn, reach, moving, sole) + np.array([0.08 * scale * side, 0.0, 0.0])
        pose[f"{own}_hip"] = hip
        pose[f"{own}_knee"], pose[f"{own}_ankle"] = _bent(hip, ankle, float(thigh), float(shin))
        shoulder = rest[f"{own}_shoulder"] + sink
        angle = -gait.swing * moving * math.cos(2 * math.pi * turn)
        upper = np.linalg.norm(rest[f"{own}_elbow"] - rest[f"{own}_shoulder"])
        lower = np.linalg.norm(rest[f"{own}_wrist"] - rest[f"{own}_elbow"])
        elbow = shoulder + upper * _unit(np.array([0.16 * side, -math.cos(angle), math.sin(angle)]))
        bend = angle + gait.bend * (0.45 + 0.55 * moving) + 0.25 * max(angle, 0.0)
        pose[f"{own}_shoulder"], pose[f"{own}_elbow"] = shoulder, elbow
        pose[f"{own}_wrist"] = elbow + lower * _unit(np.array([-0.05 * side, -math.cos(bend), math.sin(bend)]))
    moved = {"hip", "knee", "ankle", "shoulder", "elbow", "wrist"}
    for name, point in rest.items():
        if not any(name.endswith(part) for part in moved):
            pose[name] = point + sink
    return pose


def _foot(gait: Gait, scale: float, turn: float, reach: float, moving: float, sole: float) -> Point:
    """The ankle, below the hip's middle: on the floor it goes back as the body goes on, in the air it comes forward."""
    if turn < gait.down:
        share = turn / gait.down
        heel = 0.07 * scale * moving * max(share - 0.65, 0.0) / 0.35
        return np.array([0.0, sole + heel, reach * (1 - 2 * share)])
    share = (turn - gait.down) / (1 - gait.down)
    eased = share * share * (3 - 2 * share)
    lift = gait.lift_m * scale * moving * math.sin(math.pi * share) + 0.07 * scale * moving * (1 - share)
    return np.array([0.0, sole + lift, reach * (2 * eased - 1)])


def _bent(hip: Point, ankle: Point, thigh: float, shin: float) -> tuple[Point, Point]:
    """The knee ahead of the line from hip to ankle, and the ankle, drawn in where the leg is too short for it."""
    line = ankle - hip
    length = float(np.linalg.norm(line))
    most = 0.999 * (thigh + shin)
    if length > most:
        line = line * (most / length)
        length = most
    along = (thigh * thigh - shin * shin + length * length) / (2 * length)
    out = math.sqrt(max(thigh * thigh - along * along, 0.0))
    to = line / length
    ahead = np.array([0.0, 0.0, 1.0])
    ahead = _unit(ahead - to * float(ahead @ to))
    return hip + to * along + ahead * out, hip + line


_BONES = (
    ("left_hip", "left_knee"), ("left_knee", "left_ankle"), ("left_ankle", "left_toe"),
    ("right_hip", "right_knee"), ("right_knee", "right_ankle"), ("right_ankle", "right_toe"),
    ("left_shoulder", "left_elbow"), ("left_elbow", "left_hand"), ("right_shoulder", "right_elbow"),
    ("right_elbow", "right_hand"), ("hips", "neck"), ("neck", "crown"),
)  # fmt: skip
_TRUNK = frozenset({("hips", "neck"), ("neck", "crown")})


class Body:
    """One person's forms, each with its bone; poses them."""

    def __init__(self, world: Set, walk: Walk) -> None:
        self.walk = walk
        figure = next(figure for figure in world.figures if figure.thing == walk.thing)
        mark = walk.mark
        back = _yaw(-mark.facing_rad)
        self.rest = {
            name: back @ (np.array(point, float) - np.array(mark.at, float)) for name, point in figure.joints.items()
        }
        self._forms = [
            (index, back @ (form.at - np.array(mark.at, float)), back @ form.matrix)
            for index, form in enumerate(world.forms)
            if form.thing == walk.thing
        ]
        whole = _ends(self.rest, walk.scale)
        self._bones = [
            min(_BONES, key=lambda bone: _off(_middle(world.forms[index], at, matrix), whole[bone[0]], whole[bone[1]]))
            for index, at, matrix in self._forms
        ]

    def pose(self, seconds: float) -> tuple[dict[int, tuple[Point, NDArray[np.float64]]], dict[str, Point]]:
        """By form its place and matrix at the moment; and the joints, all in the set's space."""
        joints = self.walk.joints(seconds, self.rest)
        rest, now = _ends(self.rest, self.walk.scale), _ends(joints, self.walk.scale)
        out, place = _yaw(self.walk.facing(seconds)), self.walk.place(seconds)
        posed = {}
        for (index, at, matrix), (start, end) in zip(self._forms, self._bones, strict=True):
            turn = np.eye(3)
            if (start, end) not in _TRUNK:
                turn = _between(rest[end] - rest[start], now[end] - now[start])
            moved = now[start] + turn @ (at - rest[start])
            posed[index] = (out @ moved + place, out @ turn @ matrix)
        return posed, {name: out @ point + place for name, point in joints.items()}


def world_at(world: Set, bodies: list[Body], seconds: float) -> Set:
    """The set with everybody who walks where they are at the moment."""
    if not bodies:
        return world
    forms, figures = list(world.forms), {figure.thing: figure for figure in world.figures}
    for body in bodies:
        posed, joints = body.pose(seconds)
        for index, (at, matrix) in posed.items():
            forms[index] = replace(forms[index], at=at, matrix=matrix)
        told = {name: (float(p[0]), float(p[1]), float(p[2])) for name, p in joints.items()}
        figures[body.walk.thing] = Figure(body.walk.thing, told)
    return replace(world, forms=tuple(forms), figures=tuple(figures[one.thing] for one in world.figures))


def _ends(joints: Joints, scale: float) -> dict[str, Point]:
    """The joints with the ends that a figure does not name: toes, hands, hips and crown."""
    whole = dict(joints)
    whole["hips"] = (joints["left_hip"] + joints["right_hip"]) / 2
    whole["crown"] = joints.get("crown", joints["neck"] + np.array([0.0, 0.36 * scale, 0.0]))
    for own in ("left", "right"):
        ankle, wrist, elbow = joints[f"{own}_ankle"], joints[f"{own}_wrist"], joints[f"{own}_elbow"]
        rise = max(float(ankle[1]) - 0.09 * scale, 0.0)
        pitch = min(rise / (0.2 * scale), 0.9)
        whole[f"{own}_toe"] = ankle + 0.16 * scale * np.array([0.0, -0.3 - 0.6 * pitch, 1.0 - 0.35 * pitch])
        whole[f"{own}_hand"] = wrist + 0.5 * (wrist - elbow)
    return whole


def _middle(form: Form, at: Point, matrix: NDArray[np.float64]) -> Point:
    return at + matrix[:, 1] * 0.5 if form.shape == "cone" else at


def _off(point: Point, start: Point, end: Point) -> float:
    """How far a point is from a bone."""
    line = end - start
    share = min(max(float((point - start) @ line) / max(float(line @ line), 1e-9), 0.0), 1.0)
    return float(np.linalg.norm(point - start - line * share))


def _between(a: Point, b: Point) -> NDArray[np.float64]:
    """The smallest rotation from one direction to another, by Rodrigues' formula."""
    u, v = _unit(a), _unit(b)
    axis, c = np.cross(u, v), float(u @ v)
    if c < -0.999999:
        return np.diag([1.0, -1.0, -1.0])
    k = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.asarray(np.eye(3) + k + k @ k / (1 + c))


def _yaw(angle: float) -> NDArray[np.float64]:
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def _unit(v: Point) -> Point:
    return np.asarray(v / max(float(np.linalg.norm(v)), 1e-9))
