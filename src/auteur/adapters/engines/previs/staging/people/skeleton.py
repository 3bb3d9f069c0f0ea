"""From a pose to joints: where shoulders, elbows, hands, knees and feet come to be when limbs of fixed length reach for
the pose's targets. Of a body 1.76 m tall, its feet's point at the origin, looking to +z."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.people.poses import Arms, Pose

Matrix = NDArray[np.float64]
UPPER_ARM, FOREARM, THIGH, SHIN, SPINE = 0.29, 0.26, 0.43, 0.43, 0.5
"""Lengths in metres of a body `STANDARD_M` tall."""
STANDARD_M = 1.76
NECK_TURN = math.radians(70)


def turned(x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Matrix:
    """Turned about z (to its left), then x (forward), then y (to its left)."""
    cx, sx, cy, sy, cz, sz = math.cos(x), math.sin(x), math.cos(y), math.sin(y), math.cos(z), math.sin(z)
    about_z = np.array([[cz, sz, 0], [-sz, cz, 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    return np.asarray(about_y @ about_x @ about_z)


def reach(start: Matrix, target: Matrix, first: float, second: float, pole: Matrix) -> tuple[Matrix, Matrix]:
    """The middle joint and the end of a limb of two bones that reaches for the target, its middle towards the pole."""
    way = target - start
    far = float(np.linalg.norm(way))
    length = min(max(far, abs(first - second) + 0.02), (first + second) * 0.999)
    along = way / max(far, 1e-6)
    forth = (first * first - second * second + length * length) / (2 * length)
    aside = pole - along * float(pole @ along)
    size = float(np.linalg.norm(aside))
    aside = aside / size if size > 1e-6 else np.array([0.0, 0.0, 1.0])
    middle = start + along * forth + aside * math.sqrt(max(first * first - forth * forth, 0.0))
    return middle, start + along * length


@dataclass(slots=True)
class Rig:
    """``points``: joints by name; ``torso`` and ``head``: how they are turned; ``grip``: how the hands are held (right,
    left); ``thumbs``: where thumbs point; ``heels``, ``toes``: of the feet; ``whole``: how the body as a whole lies."""

    points: dict[str, Matrix]
    torso: Matrix
    head: Matrix
    grip: tuple[str, str]
    thumbs: tuple[Vector | None, Vector | None]
    heels: tuple[float, float]
    toes: tuple[float, float]
    knees: tuple[Vector, Vector]


SIDES = ((0, -1, "right"), (1, 1, "left"))


def rig(
    pose: Pose,
    arms: Arms,
    *,
    seat_m: float | None,
    head: Vector,
    shoulders_m: float,
    hips_m: float,
    hands_at: dict[str, Matrix] | None = None,
) -> Rig:
    """Puts the bones. ``seat_m``: how high one sits, in the body's own measure; ``head``: turn, nod and tilt, added to
    the pose's; ``hands_at``: where hands shall be whatever the pose says."""
    hips = np.array(pose.hips, float)
    feet = [np.array(foot, float) for foot in pose.feet]
    if pose.seated and seat_m is not None:
        lifted = seat_m + 0.095 - hips[1]
        hips[1] += lifted
        for foot in feet:  # on a high seat feet are on its rung, on a low one they go further forward
            foot[1] += lifted if pose.astride else max(seat_m - 0.5, 0.0)
            if pose.astride:
                continue
            foot[2] += max(0.42 - seat_m, 0.0) * 0.8
    torso = turned(pose.lean, pose.twist, pose.roll)
    chest = hips + torso @ np.array([0.0, SPINE, 0.0])
    nod = turned(pose.head[1] + head[1], pose.head[0] + head[0], pose.head[2] + head[2])
    points = {"hips": hips, "chest": chest, "neck": chest + torso @ np.array([0.0, 0.02, 0.02])}
    skull = torso @ nod
    pivot = chest + torso @ np.array([0.0, 0.075, 0.01])
    points["pivot"] = pivot
    points["head"] = pivot + skull @ np.array([0.0, 0.11, 0.025])
    pelvis = turned(pose.lean * 0.3, pose.twist * 0.3, 0.0)
    for index, side, own in SIDES:
        shoulder = chest + torso @ np.array([side * shoulders_m, 0.0, -0.01])
        hand = chest + torso @ np.array(arms.hands[index], float)
        if hands_at and own in hands_at:
            hand = hands_at[own]
        elbow, wrist = reach(shoulder, hand, UPPER_ARM, FOREARM, torso @ np.array(arms.poles[index], float))
        forearm = (wrist - elbow) / FOREARM
        points |= {f"{own}_shoulder": shoulder, f"{own}_elbow": elbow, f"{own}_wrist": wrist}
        points[f"{own}_hand"] = wrist + forearm * 0.07
        hip = hips + pelvis @ np.array([side * hips_m, -0.02, 0.0])
        knee, ankle = reach(hip, feet[index], THIGH, SHIN, np.array(pose.knees[index], float))
        points |= {f"{own}_hip": hip, f"{own}_knee": knee, f"{own}_ankle": ankle}
    return Rig(points, torso, skull, arms.grip, arms.thumbs, pose.heels, pose.toes, pose.knees)


def laid(how: str | None) -> tuple[Matrix, Vector]:
    """How a body that lies is turned, and by how much it is moved after: feet to +z, but for the front, head to +z."""
    if how == "back":
        return np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], float), (0.0, 0.12, 0.92)
    if how == "front":
        return np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], float), (0.0, 0.18, -0.92)
    if how == "side":  # on its right side, the front of it to +x
        return np.array([[0, 0, 1], [1, 0, 0], [0, -1, 0]], float), (0.0, 0.2, 0.92)
    return np.eye(3), (0.0, 0.0, 0.0)
