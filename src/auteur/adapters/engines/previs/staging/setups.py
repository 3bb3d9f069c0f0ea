"""Set-ups that have a geometry of their own: over a shoulder, through someone's eyes, from above, from the ground, of a
thing, and of a place with nobody in it."""

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.rendering.world import Camera
from auteur.adapters.engines.previs.staging import bodies, framing
from auteur.adapters.engines.previs.staging.building import corners
from auteur.adapters.engines.previs.staging.floor import across, between, heading_to
from auteur.adapters.engines.previs.staging.framing import Company
from auteur.adapters.engines.previs.staging.optics import Points, aimed, angles, seen, turned
from auteur.adapters.engines.previs.staging.stage import PersonMark, PropMark
from auteur.adapters.engines.previs.staging.subjects import Rig, Subject, of_people

_SHARE = 1 / 3
"""No more of the frame than this is the shoulder's and the head's that one looks past."""
_GRID = 24
INSERT_FILL = 0.68
_STEEP = math.radians(62)
"""Of a worm's eye, at least."""


def over_shoulder(
    rig: Rig, of: PersonMark, on: PersonMark, size: str, company: Company, side: str | None = None
) -> tuple[Camera, float, list[str]]:
    """Past ``of`` onto ``on``, from the front's side of the line between them, unless ``side`` of the frame is where
    ``on`` shall be. Sources: Arijon, external reverse angles; Mercado, The Filmmaker's Eye.

    Answers the camera, how far the size was kept (1: wholly; less: the subject is smaller), and what is unmet.
    """
    subject = of_people([on], size, rig)
    line = heading_to(bodies.head(on), bodies.head(of))
    eye_on, eye_of = bodies.eyes(on), bodies.eyes(of)
    tall_m = math.dist(subject.anchor, subject.lower) / (subject.v_lower - subject.v)
    base = max(tall_m * rig.tall, math.dist(bodies.head(on)[::2], bodies.head(of)[::2]) + 0.5)
    floor_y = min(shoulder[1] for shoulder in (bodies.shoulders(of), bodies.shoulders(on)))
    best: tuple[float, Camera, float] | None = None
    # the side of the line that the front of the set is on comes first
    first = 1.0 if math.sin(across(bodies.head(on), bodies.head(of)) - line) > 0 else -1.0
    first = {"left": -1.0, "right": 1.0}.get(side or "", first)
    other = 3.0 if company.keeps_the_line or side in ("left", "right") else 0.45
    for grow in (1.0, 1.12, 1.3, 1.55, 1.9, 2.4):
        distance = base * grow
        for turn in (first, -first):
            for degrees in (4, 6, 8.5, 11, 14, 18, 23, 29, 36):
                azimuth = line + turn * math.radians(degrees)
                for height in _lens_heights(rig, eye_on, eye_of, floor_y, distance):
                    for u in (0.6, 0.66, 0.54):
                        at = (on.at[0] + math.sin(azimuth) * distance, height, on.at[2] + math.cos(azimuth) * distance)
                        # who stands before us on the left has the other one on the right
                        camera = aimed(rig.camera(at, eye_on), eye_on, u if turn > 0 else 1 - u, 0.38, rig.aspect)
                        cost = _shoulder_cost(rig, camera, of, on) + 1.1 * (grow - 1) + other * (turn != first)
                        if best is None or cost < best[0] - 1e-9:  # what is named stays where it is: past it as well
                            ways = company.sightlines.between(camera.at, [bodies.head(on)])[0]
                            ways -= {company.things.get(on.name, -1), company.things.get(of.name, -1)}
                            cost += 2.0 * len(ways & company.fixed) + 0.7 * len(ways - company.fixed)
                        if best is None or cost < best[0] - 1e-9:
                            best = cost, camera, base * grow / max(tall_m * rig.tall, 1e-6)
        if best is not None and best[0] < 0.25 + 1.1 * (grow - 1):
            break
    assert best is not None
    cost, camera, farther = best
    unmet = []
    if cost > 2.5 + 1.1 * (farther - 1):
        unmet.append(f"The shoulder of {of.name} cannot be held at the frame's edge with this lens and shape.")
    return camera, 1 / max(farther, 1.0), unmet


def from_the_back_seat(rig: Rig, of: PersonMark) -> Camera:
    """Past who sits in a car, on the way ahead: from between the seats, so that head and shoulder are at the edge."""
    head, ahead = bodies.head(of), bodies.towards(of.facing_rad)
    inwards = -1.0 if of.at[0] > 0 else 1.0  # the middle of the car is the middle of the set
    at = (head[0] - ahead[0] * 0.95 + 0.46 * inwards, head[1] + 0.06, head[2] - ahead[2] * 0.95)
    to_right = inwards * ahead[2] > 0  # of who looks the way they look, who sits there is on the right
    return aimed(rig.camera(at, head), head, 0.82 if to_right else 0.18, 0.42, rig.aspect)


def _lens_heights(rig: Rig, eye_on: Vector, eye_of: Vector, shoulder_y: float, distance: float) -> Sequence[float]:
    if rig.height_m is not None:
        return (rig.height_m,)
    if rig.angle == "low":
        return (max(shoulder_y - 0.42, 0.3), max(shoulder_y - 0.7, 0.2))
    if rig.angle == "high":
        return (max(eye_on[1], eye_of[1]) + 0.45, max(eye_on[1], eye_of[1]) + 0.7)
    level = (eye_on[1] + eye_of[1]) / 2
    if abs(eye_on[1] - eye_of[1]) > 0.3:  # past a man onto a boy: from where the man's head is
        return (level, eye_of[1], (level + eye_of[1]) / 2, eye_of[1] + 0.15, (level + shoulder_y) / 2)
    return (level, (level + shoulder_y) / 2, level + 0.1)


def _shoulder_cost(rig: Rig, camera: Camera, of: PersonMark, on: PersonMark) -> float:
    """0 where the frame is right: a shoulder and part of a head at an edge, no more than a third, the face whole."""
    head_of, head_on = bodies.head(of), bodies.head(on)
    near_side = max(
        ("left", "right"), key=lambda own: -abs(seen([of.joints[f"{own}_shoulder"]], camera, rig.aspect)[0, 0] - 0.5)
    )
    points = seen(
        [head_of, head_on, of.joints[f"{near_side}_shoulder"], of.joints["left_shoulder"], of.joints["right_shoulder"],
         bodies.hips(of)], camera, rig.aspect,
    )  # fmt: skip
    if (points[:5, 2] < 0.3).any() or points[0, 2] > points[1, 2] - 0.25:
        return 12.0
    r_of = rig.focal * bodies.head_radius(of) / points[0, 2]
    r_on = rig.focal * bodies.head_radius(on) / points[1, 2]
    cost = 0.0
    # part of the head is in, and not all of the frame's middle
    edge = points[0, 0] - 0.5
    inner = abs(edge) - r_of  # how far from the middle its inner side is
    cost += 9.0 * max(0.0, inner - 0.44) + 3.0 * max(0.0, 0.16 - inner)
    cost += 5.0 * max(0.0, points[0, 1] - r_of * rig.aspect - 0.75)
    cost += 14.0 * max(0.0, 0.1 - (points[0, 1] + r_of * rig.aspect * 0.7))
    # the shoulder is in the frame
    sx, sy = points[2, 0], points[2, 1]
    cost += 9.0 * (max(0.0, sy - 0.94) + max(0.0, abs(sx - 0.5) - 0.47))
    cost += 3.0 * (max(sy, abs(sx - 0.5) + 0.5) > 0.995)
    # the face is whole: clear of the head, above the shoulder, inside
    apart = math.hypot(points[1, 0] - points[0, 0], (points[1, 1] - points[0, 1]) / rig.aspect)
    cost += 12.0 * max(0.0, (r_of + r_on) * 1.03 - apart)
    cost += 12.0 * max(0.0, abs(points[1, 0] - 0.5) + r_on - (0.5 - framing.MARGIN))
    covered, face = _covered(rig, camera, of, points, r_of, r_on)
    return float(cost) + 7.0 * max(0.0, covered - _SHARE * 0.94) + 8.0 * max(0.0, face - 0.02)


def _covered(rig: Rig, camera: Camera, of: PersonMark, points: Points, r_of: float, r_on: float) -> tuple[float, float]:
    """The share of the frame that the one in front takes, and the share of the other's face that he hides."""
    grid = (np.arange(_GRID) + 0.5) / _GRID
    u, v = np.meshgrid(grid, grid)
    left, right = sorted((points[3, 0], points[4, 0]))
    pad = rig.focal * 0.12 / points[0, 2]
    top = min(points[3, 1], points[4, 1]) - 0.6 * pad * rig.aspect
    bottom = points[5, 1] if points[5, 2] > 0.1 else 2.0

    def hides(u: Points, v: Points) -> Any:
        in_head = np.hypot(u - points[0, 0], (v - points[0, 1]) / rig.aspect) < r_of
        neck = (np.abs(u - points[0, 0]) < 0.55 * r_of) & (v > points[0, 1]) & (v < top)
        return in_head | neck | ((u > left - pad) & (u < right + pad) & (v > top) & (v < bottom + 0.3))

    turn = np.linspace(0, math.tau, 20, endpoint=False)
    ring = np.concatenate([turn * 0 + 0.9, turn * 0 + 0.45])
    turns = np.concatenate([turn, turn])
    face_u = points[1, 0] + ring * r_on * np.cos(turns)
    face_v = points[1, 1] + ring * r_on * rig.aspect * np.sin(turns)
    return float(hides(u, v).mean()), float(hides(face_u, face_v).mean())


def point_of_view(rig: Rig, eye: Vector, target: Vector, radius_m: float) -> Camera:
    """Through someone's eyes, on what they look at: it is in the middle."""
    near = math.dist(eye, target)
    if near < radius_m + 0.25:  # so close that eyes would not see it either: as far back as they could
        share = (radius_m + 0.25) / max(near, 0.05)
        eye = between(target, eye, share)
    return aimed(rig.camera(eye, target), target, 0.5, 0.46, rig.aspect)


def overhead(rig: Rig, points: Sequence[tuple[Vector, float]], span_m: float | None, height_m: float | None) -> Camera:
    """Straight down on points, each with a radius. ``span_m``: how much of the world the frame is high, if the size
    says so; all that must be seen is inside all the same."""
    places = np.array([point for point, _ in points], float)
    radii = np.array([radius for _, radius in points], float)
    low = (places - radii[:, None]).min(axis=0)
    high = (places + radii[:, None]).max(axis=0)
    x, z, top = (low[0] + high[0]) / 2, (low[2] + high[2]) / 2, float(places[:, 1].max())
    air = 1 - 2.5 * framing.MARGIN
    needed = max((high[0] - low[0]) / rig.aspect, high[2] - low[2]) / air
    if rig.roll:
        c, s = abs(math.cos(rig.roll)), abs(math.sin(rig.roll))
        wide, deep = high[0] - low[0], high[2] - low[2]
        needed = max((wide * c + deep * s) / rig.aspect, deep * c + wide * s) / air
    distance = max(needed, span_m or 0.0) * rig.tall
    y = height_m if height_m is not None and height_m > top + 0.3 else top + max(distance, 0.4)
    return rig.camera((float(x), float(y), float(z)), (float(x), 0.0, float(z)))


def from_the_ground(rig: Rig, mark: PersonMark, azimuth: float, u: float = 0.5) -> Camera:
    """A worm's eye: at the feet, within 30 degrees of straight up, the head in the frame, ``u`` of its width from the
    left."""
    head = bodies.head(mark)
    y = 0.15 if head[1] > 0.9 else 0.08
    steep = math.radians(66)
    away = max((head[1] - y) / math.tan(steep), 0.42)
    at = (head[0] + math.sin(azimuth) * away, y, head[2] + math.cos(azimuth) * away)
    camera = aimed(rig.camera(at, head), head, u, 0.45, rig.aspect)
    yaw, pitch = angles(camera)
    return camera if pitch > _STEEP else turned(camera, yaw, _STEEP)


def insert(
    rig: Rig, mark: PropMark, company: Company, fill: float, base: float, rng: random.Random
) -> tuple[Camera, float]:
    """A thing that fills the frame, with no face in it: a little from above, where it stands on something."""
    best: tuple[float, Camera] | None = None
    heads = [bodies.head(person) for person in company.people.values()]
    own = next((index for index, thing in enumerate(company.sightlines.things) if thing.name == mark.name), -1)
    for rise in _rises(rig, mark):
        for step in (0, 1, -1, 2, -2, 3, -3, 5, -5, 8):
            azimuth = base + step * math.radians(20)
            camera = _filled(rig, mark, azimuth, rise, fill)
            cost = 0.05 * abs(step) + 0.3 * abs(rise - _rises(rig, mark)[0])
            blocked = company.sightlines.between(camera.at, [_middle(mark)], short_m=max(mark.size_m) * 0.6 + 0.03)[0]
            cost += 2.0 * len(blocked - {own})
            cost += 1.5 * bool(company.sightlines.around(camera.at, 0.05))
            if heads:
                u, v, depth = seen(heads, camera, rig.aspect).T
                grown = rig.focal * 0.14 / np.maximum(depth, 0.05)
                faces = (depth > 0) & (np.abs(u - 0.5) < 0.5 + grown) & (np.abs(v - 0.5) < 0.5 + grown * rig.aspect)
                cost += 4.0 * float(faces.sum())
            if best is None or cost < best[0] - 1e-9:
                best = cost, camera
        if best is not None and best[0] < 0.3:
            break
    assert best is not None
    return best[1], best[0]


def _rises(rig: Rig, mark: PropMark) -> tuple[float, ...]:
    """How far above the thing the lens is, as angles, the best first."""
    if rig.angle == "low":
        return (math.radians(-18), math.radians(-30), 0.0)
    flat = mark.size_m[1] < 0.35 * max(mark.size_m[0], mark.size_m[2])
    if rig.angle == "high" or flat:
        return tuple(map(math.radians, (42, 55, 70, 84)))
    return tuple(map(math.radians, (24, 38, 55, 75)))


def _middle(mark: PropMark) -> Vector:
    return (mark.at[0], mark.at[1] + mark.size_m[1] / 2, mark.at[2])


def _filled(rig: Rig, mark: PropMark, azimuth: float, rise: float, fill: float) -> Camera:
    box, centre = corners(mark), _middle(mark)
    distance = 2.0 * max(mark.size_m)
    shorter = min(rig.aspect, 1.0)
    camera = rig.camera((0.0, 0.0, 1.0), centre)
    for _ in range(10):
        flat = distance * math.cos(rise)
        at = (
            centre[0] + math.sin(azimuth) * flat,
            max(centre[1] + distance * math.sin(rise), 0.05),
            centre[2] + math.cos(azimuth) * flat,
        )
        camera = aimed(rig.camera(at, centre), centre, 0.5, 0.5, rig.aspect)
        spots = seen(box, camera, rig.aspect)
        if (spots[:, 2] < 0.02).any():
            distance *= 1.6
            continue
        wide = (spots[:, 0].max() - spots[:, 0].min()) * rig.aspect
        tall = float(spots[:, 1].max() - spots[:, 1].min())
        grow = max(max(wide, tall) / (fill * shorter), wide / (0.94 * rig.aspect), tall / 0.94)
        # both its sides in the frame, whatever the perspective does to it
        out = max(float(np.abs(spots[:, :2] - 0.5).max()) / 0.49, 0.0)
        grow = max(grow, out)
        if abs(grow - 1) < 0.004:
            break
        distance = max(distance * grow, 0.06)
    return camera


def of_place(rig: Rig, size: str, aerial: bool, base: float, rng: random.Random) -> Camera:
    """A place with nothing that the frame would be about: from where one would stand to look at it."""
    if aerial:
        high = rig.height_m or 34.0
        away = high * 1.55
        at = (math.sin(base) * away, high, math.cos(base) * away)
        return aimed(rig.camera(at, (0.0, 0.0, -6.0)), (0.0, 0.0, -6.0), 0.5, 0.5, rig.aspect)
    away = {"extreme_wide": 16.0, "wide": 8.0, "full": 6.0}.get(size, 4.5)
    y = rig.height_m if rig.height_m is not None else {"low": 0.3, "high": 4.5}.get(rig.angle, 1.65)
    at = (math.sin(base) * away, y, math.cos(base) * away)
    far = (0.0, 1.65, -14.0)
    v = {"low": 0.72, "high": 0.4}.get(rig.angle, 0.58)
    camera = aimed(rig.camera(at, far), far, 0.5 + rng.choice((-1, 1)) * 0.04, v, rig.aspect)
    if rig.angle == "high":
        camera = aimed(rig.camera(at, (0.0, 0.0, -2.0)), (0.0, 0.0, -2.0), 0.5, 0.52, rig.aspect)
    return camera


def as_seen_by(rig: Rig, subject: Subject, owner_y: float, azimuth: float) -> tuple[Camera, float]:
    """From the height of someone's eyes, as far away as the size asks: where nothing else says where they stand."""
    return framing.stood(replace(rig, height_m=owner_y), subject, azimuth)


def opposite(of: PersonMark, target: PropMark | None) -> PersonMark:
    """What someone looks at, as if a person stood there: for a shoulder shot onto a thing, or onto nobody."""
    if target is not None and math.dist(target.at[::2], of.at[::2]) > 0.6:
        to = target.at
    else:
        ahead = bodies.towards(of.look_rad)
        to = (of.at[0] + 2.4 * ahead[0], of.at[1], of.at[2] + 2.4 * ahead[2])
    joints = {
        name: (2 * of.at[0] - x + to[0] - of.at[0], y, 2 * of.at[2] - z + to[2] - of.at[2])
        for name, (x, y, z) in of.joints.items()
    }
    return replace(of, name=target.name if target else "what is there", at=(to[0], of.at[1], to[2]), joints=joints)
