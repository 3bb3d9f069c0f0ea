"""What a frame must obey, measured on a finished stage by projecting: written apart from what frames.

Each rule answers what it finds wrong, in words that begin with the rule's name; nothing, where it has nothing to say.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from auteur.adapters.engines.previs.controls.camera import describe, project
from auteur.adapters.engines.previs.reading.shot import Shot
from auteur.adapters.engines.previs.staging.stage import PersonMark, PropMark, Stage

HEIGHT = 1000
"""Pixels; the width follows from the aspect."""
HEAD_M = 0.12


@dataclass
class Looked:
    """A stage as its camera sees it: ``u`` and ``v`` are shares of the frame."""

    shot: Shot
    stage: Stage
    aspect: float

    def at(self, point: tuple[float, float, float]) -> tuple[float, float, float]:
        """u, v and distance of a point."""
        x, y, depth = project(np.array([point]), self.stage.camera, round(HEIGHT * self.aspect), HEIGHT)[0]
        return x / round(HEIGHT * self.aspect), y / HEIGHT, depth

    def head(self, mark: PersonMark) -> tuple[float, float, float, float]:
        """u, v, distance and radius (as a share of the frame's height) of a head."""
        u, v, depth = self.at(middle(mark.joints["left_ear"], mark.joints["right_ear"]))
        return u, v, depth, self.scale(depth) * HEAD_M * mark.height_m / 1.76

    def scale(self, depth: float) -> float:
        """Frame heights that a metre has at that distance."""
        return self.stage.camera.focal * self.aspect / max(depth, 1e-6)

    @property
    def pitch(self) -> float:
        """Degrees upwards."""
        camera = self.stage.camera
        x, y, z = (b - a for a, b in zip(camera.at, camera.target, strict=True))
        return math.degrees(math.atan2(y, math.hypot(x, z)))

    @property
    def size(self) -> str:
        return self.shot.size or str(self.stage.assumed.get("size", ""))

    def says(self, *words: str) -> bool:
        """Whether the stage says itself that it could not do it."""
        return any(all(word in sentence for word in words) for sentence in self.stage.unmet)

    @property
    def is_plain(self) -> bool:
        """At eye level, without a height or a roll of its own, of people who are framed by a size."""
        shot = self.shot
        special = {"over_the_shoulder", "insert", "pov", "aerial", "establishing"} & set(shot.kind)
        return shot.angle in (None, "eye") and shot.camera_height is None and not shot.dutch and not special

    @property
    def subjects(self) -> list[PersonMark]:
        """Whom the frame is about."""
        people = list(self.stage.people)
        tight = self.size in ("extreme_close_up", "close_up", "medium_close_up")
        if "single" in self.shot.kind or (tight and not {"two_shot", "group"} & set(self.shot.kind)):
            return people[:1] if len(people) == 1 else []  # which one it is about is not this rule's to say
        return people


def middle(a: tuple[float, ...], b: tuple[float, ...], share: float = 0.5) -> tuple[float, float, float]:
    x, y, z = (p + (q - p) * share for p, q in zip(a, b, strict=True))
    return x, y, z


def shoulders(mark: PersonMark) -> tuple[float, float, float]:
    return middle(mark.joints["left_shoulder"], mark.joints["right_shoulder"])


def hips(mark: PersonMark) -> tuple[float, float, float]:
    return middle(mark.joints["left_hip"], mark.joints["right_hip"])


def eyes(mark: PersonMark) -> tuple[float, float, float]:
    return middle(mark.joints["left_eye"], mark.joints["right_eye"])


def is_upright(mark: PersonMark) -> bool:
    return mark.joints["crown"][1] - hips(mark)[1] > 0.4


def heads_are_inside(seen: Looked) -> Iterator[str]:
    if "insert" in seen.shot.kind or "over_the_shoulder" in seen.shot.kind:
        return
    for mark in seen.subjects:
        u, v, depth, radius = seen.head(mark)
        spare = 0.75 if seen.size == "extreme_close_up" else 0.25 if seen.size == "close_up" else -0.02
        across = radius / seen.aspect * (0 if seen.size == "extreme_close_up" else 0.9)
        inside = depth > 0 and u - across >= -0.001 and u + across <= 1.001
        inside = inside and v - radius > -0.001 - spare * radius * 2 and v + radius * 0.9 < 1.02 + spare * radius
        if not inside and not seen.says(mark.name, "not in the frame") and not seen.says("From the ground", mark.name):
            yield f"head: {mark.name} at {u:.2f} {v:.2f}, {radius:.2f} of the frame"


def size_cuts(seen: Looked) -> Iterator[str]:
    if not seen.is_plain or len(seen.subjects) != 1 or seen.says("wider than"):
        return
    mark = seen.subjects[0]
    if not is_upright(mark):
        return
    v = {name: seen.at(point)[1] for name, point in mark.joints.items()}
    chest = seen.at(middle(shoulders(mark), hips(mark), 0.3))[1]
    waist = seen.at(middle(shoulders(mark), hips(mark), 0.75))[1]
    hip, shoulder = seen.at(hips(mark))[1], seen.at(shoulders(mark))[1]
    foot = max(v["left_ankle"], v["right_ankle"])
    figure = seen.scale(seen.at(hips(mark))[2]) * mark.height_m
    standing = mark.pose in ("stand", "walk")
    wrong = {
        "extreme_close_up": v["crown"] > 0.02 or v["chin"] < 0.7,
        "close_up": not (v["chin"] < 0.95 and chest > 1),
        "medium_close_up": not (shoulder < 1 and chest < 1.02 and waist > 1),
        "medium": not (waist < 1.0 and hip > 1.0),
        "medium_wide": standing and not (hip < 1 and v["left_ankle"] > 1.05 and v["left_knee"] > 0.98),
        "full": not (foot < 1 and v["crown"] > 0 and (figure > 0.55 or not standing)),
        "wide": not (foot < 1 and 0.2 <= figure <= 0.5),
        "extreme_wide": not figure < 0.2,
    }
    if wrong.get(seen.size):
        yield f"size: {seen.size} of {mark.name}: waist {waist:.2f} hips {hip:.2f} figure {figure:.2f}"


def eyes_are_near_the_upper_third(seen: Looked) -> Iterator[str]:
    if not seen.is_plain or seen.size not in ("close_up", "medium_close_up", "medium") or seen.says("wider than"):
        return
    for mark in seen.subjects if len(seen.subjects) == 1 else []:
        v = seen.at(eyes(mark))[1]
        if is_upright(mark) and not 0.22 < v < 0.46:
            yield f"headroom: the eyes of {mark.name} are {v:.2f} down the frame"


def no_joint_is_cut(seen: Looked) -> Iterator[str]:
    if not seen.is_plain or len(seen.subjects) != 1 or not is_upright(seen.subjects[0]):
        return
    mark = seen.subjects[0]
    if mark.pose not in ("stand", "walk") or seen.says("wider than"):
        return
    for name in ("neck", "left_knee", "right_knee", "left_ankle", "right_ankle", "left_elbow", "right_elbow"):
        u, v, _ = seen.at(mark.joints[name])
        if abs(v - 1) < 0.006 and 0 < u < 1:
            yield f"joint: the frame ends at the {name} of {mark.name}"


def there_is_lead_room(seen: Looked) -> Iterator[str]:
    if (
        not seen.is_plain
        or len(seen.subjects) != 1
        or any(person.side for person in seen.shot.people)
        or seen.size == "extreme_close_up"
    ):
        return
    mark = seen.subjects[0]
    camera = seen.stage.camera
    azimuth = math.atan2(camera.at[0] - mark.at[0], camera.at[2] - mark.at[2])
    across = math.sin(mark.look_rad - azimuth)
    u = seen.head(mark)[0]
    if is_upright(mark) and abs(across) > 0.6 and (u - 0.5) * across > 0.01:
        yield f"lead room: {mark.name} looks {'right' if across > 0 else 'left'} and is at {u:.2f}"


def sides_are_kept(seen: Looked) -> Iterator[str]:
    for person in seen.shot.people:
        mark = next((mark for mark in seen.stage.people if mark.name == person.who), None)
        if mark is None or person.side not in ("left", "right") or seen.shot.angle in ("overhead", "worms_eye"):
            continue
        u = seen.head(mark)[0]
        if (u > 0.5) == (person.side == "left") and not seen.says(mark.name, f"{person.side} of the frame"):
            yield f"side: {mark.name} should be {person.side} and is at {u:.2f}"


def the_shoulder_is_there(seen: Looked) -> Iterator[str]:
    over = seen.shot.over_shoulder
    if over is None:
        return
    of = next((mark for mark in seen.stage.people if mark.name == over.of), None)
    on = next((mark for mark in seen.stage.people if mark.name == over.on), None)
    if seen.says("shoulder"):
        return
    if of is None or on is None:
        named = {person.who for person in seen.shot.people}
        if {over.of, over.on} & named - {mark.name for mark in seen.stage.people} or of is None:
            yield f"shoulder: {over.of} and {over.on} are not both there"
        return  # past somebody onto a thing, or onto nobody, there is no second face
    near = [seen.at(of.joints[f"{own}_shoulder"]) for own in ("left", "right")]
    if not any(0 < u < 1 and 0 < v < 1 and depth > 0 for u, v, depth in near):
        yield f"shoulder: none of {of.name} in the frame: {near}"
    u, v, depth, radius = seen.head(of)
    wide = radius / seen.aspect
    if not (depth > 0 and -wide < u < 1 + wide and -radius < v < 1 + radius):
        yield f"shoulder: the head of {of.name} is out: {u:.2f} {v:.2f}"
    if not (u < 0.42 or u > 0.58):
        yield f"shoulder: {of.name} stands in the middle"
    u_on, v_on, depth_on, radius_on = seen.head(on)
    if depth_on <= depth:
        yield f"shoulder: {of.name} is no nearer than {on.name}"
    wide_on = radius_on / seen.aspect
    if not (wide_on < u_on < 1 - wide_on and radius_on * 0.9 < v_on < 1 - radius_on):
        yield f"shoulder: the face of {on.name} is cut: {u_on:.2f} {v_on:.2f} {radius_on:.2f}"
    apart = math.hypot((u - u_on) * seen.aspect, v - v_on)
    if apart < 0.95 * (radius + radius_on):
        yield f"shoulder: {of.name} hides {on.name}: {apart:.2f} of {radius + radius_on:.2f}"
    share = _silhouette(seen, of)
    if share > 0.38:
        yield f"shoulder: {of.name} takes {share:.2f} of the frame"


def _silhouette(seen: Looked, mark: PersonMark) -> float:
    """About the share of the frame that a body takes: balls along its limbs, on a grid."""
    pairs = [("left_shoulder", "right_shoulder", 0.1), ("neck", "left_hip", 0.13), ("neck", "right_hip", 0.13)]
    pairs += [(f"{own}_shoulder", f"{own}_elbow", 0.07) for own in ("left", "right")]
    balls = [(middle(mark.joints["left_ear"], mark.joints["right_ear"]), HEAD_M)]
    balls += [(middle(mark.joints[a], mark.joints[b], k / 8), r) for a, b, r in pairs for k in range(9)]
    grid = (np.arange(40) + 0.5) / 40
    u, v = np.meshgrid(grid, grid)
    covered = np.zeros(u.shape, bool)
    for point, radius in balls:
        x, y, depth = seen.at(point)
        if depth > 0.05:
            covered |= np.hypot((u - x) * seen.aspect, v - y) < radius * seen.scale(depth)
    return float(covered.mean())


def two_are_told_apart(seen: Looked) -> Iterator[str]:
    if seen.shot.angle in ("overhead", "worms_eye") or not {"two_shot", "group"} & set(seen.shot.kind):
        return
    spots = [(mark, seen.head(mark)) for mark in seen.subjects]
    for index, (mark, (u, v, _, radius)) in enumerate(spots):
        for other, (u2, v2, _, radius2) in spots[:index]:
            apart = math.hypot((u - u2) * seen.aspect, v - v2)
            if apart < 0.62 * (radius + radius2) and not seen.says("hidden"):
                yield f"apart: {mark.name} and {other.name} hide each other: {apart:.3f} of {radius + radius2:.3f}"


def the_insert_is_filled(seen: Looked) -> Iterator[str]:
    if "insert" not in seen.shot.kind:
        return
    if any({"hand", "hands"} & set(person.traits) for person in seen.shot.people):
        yield from _a_hand_is_there(seen)
        return
    mark = next((mark for mark in seen.stage.props if mark.name == seen.shot.props[0].what), None)
    if mark is None:
        if not seen.says("insert"):
            yield f"insert: there is no {seen.shot.props[0].what}"
        return
    spots = np.array([seen.at(corner) for corner in corners(mark)])
    wide = (spots[:, 0].max() - spots[:, 0].min()) * seen.aspect
    tall = spots[:, 1].max() - spots[:, 1].min()
    if max(wide, tall) < 0.5 * min(seen.aspect, 1.0):
        yield f"insert: the {mark.name} fills {max(wide, tall) / min(seen.aspect, 1.0):.2f} of the shorter side"
    if (np.abs(spots[:, :2] - 0.5) > 0.5).any():
        yield f"insert: the {mark.name} is cut"
    for person in seen.stage.people:
        u, v, depth, radius = seen.head(person)
        grown = radius / seen.aspect
        if depth > 0 and -grown < u < 1 + grown and -radius < v < 1 + radius and not seen.says("face"):
            yield f"insert: the face of {person.name} is in it"


def _a_hand_is_there(seen: Looked) -> Iterator[str]:
    """Of an insert of hands, what they handle is but company."""
    hands = [mark.joints[f"{own}_hand"] for mark in seen.stage.people for own in ("left", "right")]
    spots = [seen.at(hand) for hand in hands]
    if not any(0.1 < u < 0.9 and 0.1 < v < 0.9 and depth > 0 for u, v, depth in spots):
        yield "insert: no hand is in it"


def corners(mark: PropMark) -> list[tuple[float, float, float]]:
    c, s = math.cos(mark.heading_rad), math.sin(mark.heading_rad)
    w, h, d = mark.size_m
    x, y, z = mark.at
    return [(x + a * w * c + b * d * s, y + k * h, z + b * d * c - a * w * s)
            for a in (-0.5, 0.5) for b in (-0.5, 0.5) for k in (0, 1)]  # fmt: skip


def eyes_look_from_the_owner(seen: Looked) -> Iterator[str]:
    if "pov" not in seen.shot.kind:
        return
    if any(mark.name == seen.shot.pov_of for mark in seen.stage.people):
        yield "pov: its owner is seen"
    for mark in seen.stage.people[:1]:
        u, v, depth = seen.at(eyes(mark))
        if depth <= 0 or not (1 / 3 < u < 2 / 3 and 1 / 3 < v < 2 / 3):
            yield f"pov: {mark.name} is not in the middle: {u:.2f} {v:.2f}"


def the_angle_is_kept(seen: Looked) -> Iterator[str]:
    if {"insert", "pov", "over_the_shoulder", "establishing"} & set(seen.shot.kind):
        return
    y, shot = seen.stage.camera.at[1], seen.shot
    if shot.angle is None and seen.stage.assumed.get("angle") == "high":  # of who lies on the floor
        shot = replace(shot, angle="high")
    if isinstance(shot.camera_height, float) and abs(y - shot.camera_height) > 0.02:
        yield f"height: {y:.2f} for {shot.camera_height} m"
    roll = abs(math.degrees(seen.stage.camera.roll))
    if shot.dutch != (5 <= roll <= 30) or (not shot.dutch and roll):
        yield f"roll: {roll:.1f} degrees"
    people = seen.subjects
    if shot.angle == "overhead" and seen.pitch > -75:
        yield f"overhead: {seen.pitch:.0f} degrees"
    if shot.angle == "worms_eye" and (seen.pitch < 60 or y > 0.4):
        yield f"worm's eye: {seen.pitch:.0f} degrees from {y:.2f} m"
    if not people or shot.camera_height is not None:
        return
    if shot.angle in (None, "eye") and not _near(y, [eyes(mark)[1] for mark in people]):
        yield f"eye level: the lens is at {y:.2f}"
    if (
        shot.angle == "low"
        and not seen.says("from below")
        and not (y < min(shoulders(mark)[1] for mark in people) - 0.1 and seen.pitch > 0)
    ):
        yield f"low: from {y:.2f} m, {seen.pitch:.0f} degrees"
    if shot.angle == "high" and not (y > max(mark.joints["crown"][1] for mark in people) and seen.pitch < 0):
        yield f"high: from {y:.2f} m, {seen.pitch:.0f} degrees"


def _near(y: float, among: list[float]) -> bool:
    return min(among) - 0.06 <= y <= max(among) + 0.06


def the_horizon_is_where_height_and_tilt_say(seen: Looked) -> Iterator[str]:
    told = describe(seen.stage.camera, round(HEIGHT * seen.aspect), HEIGHT)["horizon_y_px"]
    if abs(seen.pitch) > 70:
        return
    camera = seen.stage.camera
    ahead = [b - a for a, b in zip(camera.at, camera.target, strict=True)]
    flat = math.hypot(ahead[0], ahead[2])
    far = (camera.at[0] + ahead[0] / flat * 1e6, camera.at[1], camera.at[2] + ahead[2] / flat * 1e6)
    u, v, depth = seen.at(far)
    # on the middle column, under a roll, the line through that point runs aslant
    expected = v * HEIGHT - math.tan(camera.roll) * (u - 0.5) * HEIGHT * seen.aspect
    if depth <= 0 or abs(told - expected) > 2 + 0.01 * abs(told):
        yield f"horizon: told {told}, seen {expected:.1f}"


def nobody_is_in_another_or_in_a_wall(seen: Looked) -> Iterator[str]:
    people = list(seen.stage.people)
    for index, mark in enumerate(people):
        for other in people[:index]:
            gap = math.dist(mark.at[::2], other.at[::2])
            if gap < 0.3 and mark.pose not in ("embrace", "fight", "dance"):
                yield f"bodies: {mark.name} and {other.name} are {gap:.2f} m apart"
    own = {thing.name: index for index, thing in enumerate(seen.stage.world.things)}
    for mark in people:
        points = [middle(mark.joints["left_ear"], mark.joints["right_ear"]), shoulders(mark)]
        for form in seen.stage.world.forms:
            if form.thing == own.get(mark.name):
                continue
            for point in points:
                if is_in(form, point):
                    yield f"bodies: {mark.name} is inside {seen.stage.world.things[form.thing].name}"


def the_camera_is_free(seen: Looked) -> Iterator[str]:
    if seen.stage.camera.at[1] < 0.04:
        yield "camera: under the ground"
    for form in seen.stage.world.forms:
        if is_in(form, seen.stage.camera.at):
            yield f"camera: inside {seen.stage.world.things[form.thing].name}"


def is_in(form: object, point: tuple[float, float, float]) -> bool:
    x, y, z = np.linalg.solve(form.matrix, np.array(point) - form.at)  # type: ignore[attr-defined]
    shape = form.shape  # type: ignore[attr-defined]
    if shape == "ball":
        return bool(x * x + y * y + z * z < 1)
    if shape == "box":
        return bool(max(abs(x), abs(y), abs(z)) < 1)
    return bool(0 < y < 1 and math.hypot(x, z) < 1 + (form.taper - 1) * y)  # type: ignore[attr-defined]


def all_are_there_once(seen: Looked) -> Iterator[str]:
    wanted = seen.shot.head_count
    if len(seen.stage.people) != wanted:
        yield f"count: {len(seen.stage.people)} people for {wanted}"
    names = [mark.name for mark in seen.stage.people]
    if len(set(names)) != len(names):
        yield f"count: a name twice among {names}"
    for unwanted in seen.shot.without:
        shown = {seen.stage.world.things[form.thing].kind for form in seen.stage.world.forms}
        if unwanted in shown | {prop.name for prop in seen.stage.props}:
            yield f"without: there is a {unwanted}"


def the_lens_is_the_lens(seen: Looked) -> Iterator[str]:
    lens = seen.stage.lens
    if abs(seen.stage.camera.focal - lens.focal_mm / lens.frame_width_mm) > 1e-9:
        yield "lens: the camera sees through another"
    if seen.shot.lens_mm and lens.focal_mm != seen.shot.lens_mm:
        yield f"lens: {lens.focal_mm} mm for {seen.shot.lens_mm}"
    if abs(lens.frame_width_mm / lens.frame_height_mm / seen.aspect - 1) > 1e-6:
        yield "lens: the frame has another shape"
    if lens.frame_width_mm > lens.sensor.width_mm + 1e-9 or lens.frame_height_mm > lens.sensor.height_mm + 1e-9:
        yield "lens: the frame is larger than the sensor"


RULES: tuple[Callable[[Looked], Iterator[str]], ...] = (
    heads_are_inside, size_cuts, eyes_are_near_the_upper_third, no_joint_is_cut, there_is_lead_room, sides_are_kept,
    the_shoulder_is_there, two_are_told_apart, the_insert_is_filled, eyes_look_from_the_owner, the_angle_is_kept,
    the_horizon_is_where_height_and_tilt_say, nobody_is_in_another_or_in_a_wall, the_camera_is_free,
    all_are_there_once, the_lens_is_the_lens,
)  # fmt: skip


def broken(shot: Shot, stage: Stage, aspect: float) -> list[str]:
    """All that is wrong with a stage."""
    seen = Looked(shot, stage, aspect)
    return [told for rule in RULES for told in rule(seen)]
