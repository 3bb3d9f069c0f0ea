"""What a frame is about: which points shall lie where in it, and which must be inside."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.rendering.world import Camera
from auteur.adapters.engines.previs.staging import bodies
from auteur.adapters.engines.previs.staging.building import corners
from auteur.adapters.engines.previs.staging.optics import Points
from auteur.adapters.engines.previs.staging.stage import PersonMark, PropMark


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """What is decided before the camera stands. ``focal``: focal length over frame width; ``roll`` in radians;
    ``angle``: eye, low, high; ``height_m``: of the lens, where the words fix it."""

    focal: float
    aspect: float
    roll: float = 0.0
    angle: str = "eye"
    height_m: float | None = None

    @property
    def tall(self) -> float:
        """Focal length over the frame's height."""
        return self.focal * self.aspect

    def camera(self, at: Vector, target: Vector) -> Camera:
        return Camera(at=at, target=target, focal=self.focal, roll=self.roll)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the frame is about. ``anchor`` shall lie at ``u``, ``v``; ``lower`` at ``v_lower``; ``inside``: points that
    must be in the frame, each with the radius of a ball around it; ``eye_y``: the height of its eyes; ``top_y``,
    ``chest_y``: of its crown and chest."""

    anchor: Vector
    lower: Vector
    u: float
    v: float
    v_lower: float
    inside: tuple[tuple[Vector, float], ...]
    middle: Vector
    eye_y: float
    top_y: float
    chest_y: float

    def places(self) -> tuple[Points, Points]:
        """The points that must be inside, and their radii."""
        points = np.array([point for point, _ in self.inside], float).reshape(-1, 3)
        return points, np.array([radius for _, radius in self.inside], float)


def of_people(people: Sequence[PersonMark], size: str, rig: Rig, u: float = 0.5, share: float | None = None) -> Subject:
    """Some people at a size: their eyes near the upper third, cut where a body may be cut, their heads whole.
    ``share``: of whole figures, how much of the frame's height one has, lower in the frame, to leave room for more."""
    heads = tuple((bodies.head(mark), bodies.head_radius(mark)) for mark in people)
    eyes = [bodies.eyes(mark) for mark in people]
    highest = max(eyes, key=lambda eye: eye[1])
    middle = mean([bodies.head(mark) for mark in people])
    upright = all(bodies.is_upright(mark) for mark in people)
    top = max(mark.joints["crown"][1] for mark in people)
    chest = sum(bodies.shoulders(mark)[1] for mark in people) / len(people) - 0.1
    eye_y = sum(eye[1] for eye in eyes) / len(eyes)
    told = {"eye_y": eye_y, "top_y": top, "chest_y": chest}
    if not upright or size in bodies.FIGURES:
        return _of_figures(people, size, rig, u, told, share)
    edges = [bodies.lower_edge(mark, size) for mark in people]
    lower = min(edges, key=lambda edge: edge[1])
    share = bodies.SHARES[size]
    anchor = (middle[0], highest[1], middle[2])
    if size == "extreme_close_up":
        pair = tuple((mark.joints[f"{side}_eye"], 0.025) for mark in people for side in ("left", "right"))
        heads = pair if len(people) == 1 else heads
    elif size == "close_up" and len(people) == 1:
        heads = ((heads[0][0], heads[0][1] * 0.92),)
    narrow = {"extreme_close_up": 1.0, "close_up": 1.25, "medium_close_up": 1.5}.get(size, 1.7)
    if rig.aspect < 1 and size != "extreme_close_up":  # a narrow frame has room for more than the head alone
        heads = tuple((point, radius * narrow) for point, radius in heads)
    if size in ("medium", "medium_wide"):
        sides = [mark.joints[f"{own}_shoulder"] for mark in people for own in ("left", "right")]
        heads = (*heads, *((point, 0.07) for point in sides))
    low = (middle[0], lower[1], middle[2])
    return Subject(
        anchor=anchor, lower=low, u=u, v=share, v_lower=1.0, inside=heads, middle=mean([anchor, low]), **told
    )


def _of_figures(
    people: Sequence[PersonMark], size: str, rig: Rig, u: float, told: dict[str, float], smaller: float | None
) -> Subject:
    """Whole figures, or bodies that lie: the frame is so many metres high, and all that counts is inside."""
    points = [point for mark in people for point in bodies.outline(mark)]
    heads = tuple((bodies.head(mark), bodies.head_radius(mark)) for mark in people)
    x = (min(p[0] for p in points) + max(p[0] for p in points)) / 2
    z = (min(p[2] for p in points) + max(p[2] for p in points)) / 2
    floor, tall = min(p[1] for p in points), max(mark.height_m for mark in people)
    if size in bodies.FIGURES:
        share = bodies.FIGURES[size]
        top = (x, floor + tall, z)
        low = (x, floor, z)
        v_low = {"full": 0.925, "wide": 0.84, "extreme_wide": 0.72}[size]
        if smaller is not None:
            share, v_low = smaller, {"full": 0.95, "wide": 0.93, "extreme_wide": 0.9}[size]
        inside = heads
        if size == "full":
            inside = (*heads, *((point, 0.03) for point in points))
        if rig.angle == "low" and size != "full":
            v_low = max(v_low, 0.9)
        middle = (x, floor + tall * 0.55, z)
        return Subject(
            anchor=top, lower=low, u=u, v=v_low - share, v_lower=v_low, inside=inside, middle=middle, **told
        )  # fmt: skip
    # lying: as much of the world as the size has of one who stands, the head and what belongs to the size in it
    shown = mean([bodies.head(mark) for mark in people])
    chest = mean([bodies.shoulders(mark) for mark in people])
    lean = {"extreme_close_up": 0.0, "close_up": 0.15, "medium_close_up": 0.6, "medium": 0.9}.get(size, 1.2)
    centre = (shown[0] + (chest[0] - shown[0]) * lean, shown[1], shown[2] + (chest[2] - shown[2]) * lean)
    span = bodies.SPANS_M[size]
    low = (centre[0], centre[1] - span * 0.5, centre[2])
    return Subject(anchor=centre, lower=low, u=u, v=0.46, v_lower=0.96, inside=heads, middle=centre, **told)


def of_thing(mark: PropMark, rig: Rig, fill: float, u: float = 0.5) -> Subject:
    """A thing that fills so much of the frame's shorter side."""
    box = corners(mark)
    centre = mean(box)
    width, height, depth = mark.size_m
    across = math.hypot(width, depth) if max(width, depth) < 1 else max(width, depth)
    tall = max(height, 0.35 * across, 0.02)
    shorter = min(rig.aspect, 1.0)
    high = max(tall / (fill * shorter), across / (min(fill * 1.25, 0.92) * rig.aspect))
    if max(across, tall) < 1.5:  # what is small fills by its longer side
        high = max(across, tall) / (fill * shorter)
        high = max(high, tall / 0.9, across / (0.92 * rig.aspect))
    low = (centre[0], centre[1] - high / 4, centre[2])
    top, eye = box[2][1], 1.6 if height < 4 else 1.7
    eye = centre[1] + 0.02 if height < 0.6 else eye
    inside = ((centre, min(across, tall) * 0.3),)
    return Subject(
        anchor=centre, lower=low, u=u, v=0.5, v_lower=0.75, inside=inside, middle=centre, eye_y=eye, top_y=top,
        chest_y=centre[1],
    )  # fmt: skip


def mean(points: Iterable[Vector]) -> Vector:
    x, y, z = np.mean(np.array(list(points), float), axis=0)
    return float(x), float(y), float(z)
