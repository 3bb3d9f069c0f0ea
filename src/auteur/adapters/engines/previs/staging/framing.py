"""Puts the camera where the frame obeys what was asked of it, and proves that by projecting heads and things.

For each way of standing around the subject the distance follows from lens, sensor and size; what is then seen is
judged, and the best stands. Rules: Katz, Shot by Shot; Mascelli, The Five C's; Thompson and Bowen, Grammar of the Shot.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.rendering.world import Camera
from auteur.adapters.engines.previs.staging import bodies
from auteur.adapters.engines.previs.staging.floor import across, between, heading_to
from auteur.adapters.engines.previs.staging.optics import Points, aimed, seen
from auteur.adapters.engines.previs.staging.sightlines import Sightlines
from auteur.adapters.engines.previs.staging.stage import PersonMark, PropMark
from auteur.adapters.engines.previs.staging.subjects import Rig, Subject

WHOLE = 0.95
"""The share of a thing that is in the frame where it counts as wholly in it."""
MARGIN = 0.035
"""How far from the frame's edge a head that must be inside stays, as a share of the frame's side."""
LOW = math.radians(20)
HIGH = math.radians(28)
_TALL_M = 4.0
_NEAREST_M, _CLEAR_OF_BODY_M = 0.22, 0.5
_BEYOND = -math.sin(math.radians(8))
"""Nearer to the line than that, on its other side, a camera stands on it."""
_CLOSE = frozenset({"extreme_close_up", "close_up", "medium_close_up"})


def lens_height(rig: Rig, subject: Subject, distance: float) -> float:
    """Where the lens stands: at the eyes, below the chest, above the head, or where the words put it."""
    if rig.height_m is not None:
        return rig.height_m
    if rig.angle == "low":
        low = min(subject.middle[1] - distance * math.tan(LOW), subject.chest_y - 0.3)
        return max(low, 0.16)
    if rig.angle == "high":
        return max(subject.middle[1] + distance * math.tan(HIGH), subject.top_y + 0.4)
    return subject.eye_y


def stood(rig: Rig, subject: Subject, azimuth: float) -> tuple[Camera, float]:
    """The camera under that azimuth (0 from +z, growing towards +x), as far away as the size asks, or farther where
    what must be inside would not be; and how much of the wanted span its subject then has, 1 for all of it."""
    nearest_m = _NEAREST_M if rig.angle == "eye" and rig.height_m is None else _CLEAR_OF_BODY_M
    span = max(subject.v_lower - subject.v, 0.02)
    tall_m = max(math.dist(subject.anchor, subject.lower), 0.02) / span
    distance = max(tall_m * rig.tall, nearest_m)
    points, radii = subject.places()
    ahead = (math.sin(azimuth), math.cos(azimuth))
    got = 1.0
    camera = rig.camera((0.0, 1.0, 1.0), (0.0, 1.0, 0.0))
    for step in range(12):
        x, z = float(subject.middle[0] + ahead[0] * distance), float(subject.middle[2] + ahead[1] * distance)
        camera = rig.camera((x, lens_height(rig, subject, distance), z), subject.anchor)
        camera = aimed(camera, subject.anchor, subject.u, subject.v, rig.aspect)
        (_, v0, d0), (_, v1, d1) = seen([subject.anchor, subject.lower], camera, rig.aspect)
        got = abs(v1 - v0) / span if min(d0, d1) > 0.02 else 2.0
        wide = _crowding(rig, camera, points, radii, subject)
        grow = max(got, wide)
        if step == 11 or (abs(grow - 1) < 0.004):
            break
        distance = max(distance * min(max(grow, 0.5), 2.5), nearest_m)
    return camera, got


def _crowding(rig: Rig, camera: Camera, points: Points, radii: Points, subject: Subject) -> float:
    """How much farther away the camera must be for all of it to be inside: 1 where it just is."""
    if not len(points):
        return 0.0
    spots = seen(points, camera, rig.aspect)
    if (spots[:, 2] < 0.05).any():
        return 2.0
    half = rig.focal * radii / spots[:, 2]
    # everything shrinks towards the anchor when the camera goes back, for the anchor is kept in its place
    right = (spots[:, 0] + half - subject.u) / (1 - MARGIN - subject.u)
    left = (subject.u - spots[:, 0] + half) / (subject.u - MARGIN)
    below = (spots[:, 1] + half * rig.aspect - subject.v) / (1 - MARGIN - subject.v)
    above = (subject.v - spots[:, 1] + half * rig.aspect) / max(subject.v - 0.02, 0.02)
    return float(max(right.max(), left.max(), below.max(), above.max()))


@dataclass(slots=True)
class Company:
    """Who and what is on the set, for judging a frame: ``subjects`` are what it is about; ``things``: which thing of
    the set each person is; ``wanted``: things that the words name, to be seen if the size lets them."""

    people: dict[str, PersonMark]
    props: dict[str, PropMark]
    things: dict[str, int]
    sightlines: Sightlines
    subjects: list[str]
    wanted: list[str] = field(default_factory=list)
    fixed: frozenset[int] = frozenset()
    """The things of the set that the words name: they stay."""
    clean: bool = False
    sides: dict[str, str] = field(default_factory=dict)
    seat: Vector | None = None
    """The eyes of who drives, if the shot is through them."""
    indoors: bool = False
    water: bool = False
    """Whether the words name water, to be seen too: it lies at the back of the set."""
    keeps_the_line: bool = False
    """Whether the shot is one of a scene: of its subjects and whoever else is there, the camera stays on one side."""
    faces: bool = True
    """Whether the subjects' faces are to be seen: not of those who turn their backs."""

    @property
    def solid(self) -> set[int]:
        """Things that cannot be struck: people, and what the words name."""
        return set(self.things.values()) | self.fixed


def judged(camera: Camera, got: float, rig: Rig, company: Company, size: str) -> float:
    """How far a frame is from what was asked; 0 is perfect."""
    cost = 5.0 * max(0.0, 0.93 - got) + 2.5 * max(0.0, got - 1.12)
    subjects = [company.people[name] for name in company.subjects]
    for index, (mark, blockers) in enumerate(
        zip(subjects, company.sightlines.between(camera.at, [bodies.head(mark) for mark in subjects]), strict=True)
    ):
        own = company.things[company.subjects[index]]
        solid = (blockers - {own}) & company.solid
        cost += 4.0 * len(solid) + 0.08 * len(blockers - solid - {own})
        if company.faces:
            away = math.atan2(camera.at[0] - mark.at[0], camera.at[2] - mark.at[2]) - mark.look_rad
            shown = math.cos(away)
            cost += 2.2 * max(0.0, 0.25 - shown) + 0.5 * max(0.0, 0.75 - shown)
    cost += _overlaps(camera, rig, subjects)
    cost += 6.0 * any(
        math.hypot(camera.at[0] - mark.at[0], camera.at[2] - mark.at[2]) < 0.34 for mark in company.people.values()
    )
    near = company.sightlines.around(camera.at, 0.12) & company.solid
    cost += 5.0 * bool(near)
    spots = seen([bodies.head(mark) for mark in company.people.values()], camera, rig.aspect)
    for name, (u, v, depth) in zip(company.people, spots, strict=True):
        inside = depth > 0 and 0 < u < 1 and 0 < v < 1
        if name in company.sides and name in company.subjects:
            side = company.sides[name]
            wrong = {"left": u > 0.49, "right": u < 0.51, "center": abs(u - 0.5) > 0.2}[side]
            cost += 4.0 * wrong
        if company.clean and name not in company.subjects:
            cost += 1.6 * inside
    if company.keeps_the_line and len(subjects) < 3:
        cost += _over_the_line(camera, company, subjects)
    if company.wanted and size not in _CLOSE:
        weight = 2.0 if size in bodies.FIGURES else 0.6
        cost += weight * sum(
            max(0.0, WHOLE - share) / WHOLE for share in in_frame(camera, rig.aspect, company).values()
        )
    if company.water and size not in _CLOSE:  # it is behind the set
        ahead = (camera.target[0] - camera.at[0], camera.target[2] - camera.at[2])
        cost += 0.8 * max(0.0, 0.5 + ahead[1] / max(math.hypot(*ahead), 1e-6))
    return cost


def in_frame(camera: Camera, aspect: float, company: Company) -> dict[str, float]:
    """How much of each thing that the words name is within the frame's edges, 0 to 1, by points all over its box."""
    marks = [company.props[name] for name in company.wanted]
    if not marks:
        return {}
    points = np.array([_spots_of(mark) for mark in marks]).reshape(-1, 3)
    spots = seen(points, camera, aspect)
    inside = (spots[:, 2] > 0.05) & (np.abs(spots[:, 0] - 0.5) < 0.5) & (np.abs(spots[:, 1] - 0.5) < 0.5)
    return dict(zip(company.wanted, inside.reshape(len(marks), -1).mean(axis=1).tolist(), strict=True))


def _spots_of(mark: PropMark) -> list[Vector]:
    """Points of a thing: its middle line at five heights, of what is tall rather its head; and its sides."""
    c, s = math.cos(mark.heading_rad), math.sin(mark.heading_rad)
    (x, y, z), (wide, tall, deep) = mark.at, mark.size_m
    heights = (0.05, 0.25, 0.5, 0.75, 0.95) if tall < _TALL_M else (0.1, 0.5, 0.85, 0.95, 1.0)
    line = [(x, y + share * tall, z) for share in heights]
    sides = ((-0.4 * wide, 0.0), (0.4 * wide, 0.0), (0.0, -0.4 * deep), (0.0, 0.4 * deep))
    return line + [(x + a * c + b * s, y + 0.4 * tall, z + b * c - a * s) for a, b in sides]


def _over_the_line(camera: Camera, company: Company, subjects: Sequence[PersonMark]) -> float:
    """How many lines between a subject and another the camera is beyond: the one between two subjects, or between one
    and each of the others who are there."""
    others = subjects[1:] if len(subjects) > 1 else [mark for mark in company.people.values() if mark not in subjects]
    cost = 0.0
    for other in others if subjects else ():
        one = subjects[0]
        if math.dist(one.at, other.at) < 0.2:
            continue
        middle = between(one.at, other.at)
        away = heading_to(middle, (camera.at[0], middle[1], camera.at[2])) - across(one.at, other.at)
        cost += 6.0 * (math.cos(away) < _BEYOND)
    return cost


def _overlaps(camera: Camera, rig: Rig, subjects: Sequence[PersonMark]) -> float:
    """How much heads hide each other: two people must be told apart."""
    if len(subjects) < 2:
        return 0.0
    spots = seen([bodies.head(mark) for mark in subjects], camera, rig.aspect)
    radii = rig.focal * np.array([bodies.head_radius(mark) for mark in subjects]) / np.maximum(spots[:, 2], 0.05)
    cost = 0.0
    for i in range(len(subjects)):
        for j in range(i):
            apart = math.hypot(spots[i, 0] - spots[j, 0], (spots[i, 1] - spots[j, 1]) / rig.aspect)
            clear = 0.82 * (radii[i] + radii[j])
            cost += 12.0 * max(0.0, clear - apart) / clear
    return cost


def best(
    rig: Rig,
    subject_of: Callable[[float], Subject],
    company: Company,
    size: str,
    base: float,
    spread: float,
    step: float = math.radians(11),
) -> tuple[Camera, float, float]:
    """The best of the ways to stand from ``base`` (an azimuth) as far as ``spread`` to both sides; with the share of
    the wanted span, and what is left against it."""
    found: tuple[float, Camera, float] | None = None
    count = int(spread / step)
    for k in range(2 * count + 1):
        away = (k + 1) // 2 * (1 if k % 2 else -1) * step
        azimuth = base + away
        camera, got = stood(rig, subject_of(azimuth), azimuth)
        cost = judged(camera, got, rig, company, size) + 0.35 * abs(away)
        cost += 1.2 * (_is_behind(azimuth) and not _is_behind(base))
        if found is None or cost < found[0]:
            found = cost, camera, got
        if cost < 0.12 and k % 2 == 0:
            break
    assert found is not None
    return found[1], found[2], found[0]


def _is_behind(azimuth: float) -> bool:
    """Whether a camera there has the set's back before it, where the fourth wall is."""
    return abs(math.atan2(math.sin(azimuth), math.cos(azimuth))) > math.radians(95)


def lead(mark: PersonMark, azimuth: float, size: str, rng: random.Random) -> float:
    """Where across the frame someone alone stands: with room on the side that they look or go to."""
    across = math.sin(mark.look_rad - azimuth)  # to the right of a camera under that azimuth
    room = 0.0 if abs(across) < 0.3 else math.copysign(min(abs(across) * 0.16, 0.14), across)
    if size in _CLOSE:
        room *= 0.75
    if room == 0.0 and size in ("wide", "extreme_wide"):
        room = rng.choice((-1, 1)) * 0.12
    return 0.5 - room


def rolled(rig: Rig, degrees: float) -> Rig:
    """The rig canted."""
    return replace(rig, roll=math.radians(degrees))
