"""Decides what the words leave open about the camera: size, lens, stop, angle, height and roll."""

import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

from auteur.adapters.engines.previs.reading.shot import Person, Shot
from auteur.adapters.engines.previs.staging.building import kind_of
from auteur.adapters.engines.previs.staging.floor import across, between, heading_to
from auteur.adapters.engines.previs.staging.framing import Company
from auteur.adapters.engines.previs.staging.implied import part_shown, told_by_itself
from auteur.adapters.engines.previs.staging.layout import SETTLED
from auteur.adapters.engines.previs.staging.marking import is_at_a_door
from auteur.adapters.engines.previs.staging.props import animals, canonical
from auteur.adapters.engines.previs.staging.sensors import frame_mm
from auteur.adapters.engines.previs.staging.stage import PersonMark, PropMark, Sensor
from auteur.adapters.engines.previs.staging.subjects import Rig

LENSES: Mapping[str, float] = {
    "extreme_wide": 24, "wide": 28, "full": 35, "medium_wide": 40, "medium": 50, "medium_close_up": 65, "close_up": 85,
    "extreme_close_up": 100,
}  # fmt: skip
"""The lens that a size gets on Super 35 if the words name none, in millimetres."""
HEIGHTS_M: Mapping[str, float] = {"ground": 0.18, "knee": 0.5, "hip": 0.95, "shoulder": 1.42, "above": 2.4}
WIDER = ("extreme_close_up", "close_up", "medium_close_up", "medium", "medium_wide", "full", "wide", "extreme_wide")
_BIG = frozenset({"walk", "run", "jump", "dance", "ride", "lie", "sleep", "swim", "climb", "fall", "crawl", "fight"})
_DEEP_STOP, _SHALLOW_STOP = 11.0, 2.0
AERIAL_M = 36.0
_FLOOR_M = 0.75
_BIG_M = 1.9
"""What is larger is beside somebody, and not in a medium shot of them; but for a table, at which one sits."""
_BY = frozenset({"beside", "left_of", "right_of", "behind", "in_front_of", "around"})


class Decisions:
    """What is decided of one shot's camera before it stands. ``said``: what the shot says of each person by name;
    ``rng``: the camera's own chance; ``owner``: through whose eyes it looks, who stays where the scene has them if
    ``owner_stays``."""

    def __init__(
        self,
        shot: Shot,
        company: Company,
        said: Mapping[str, Person],
        rng: random.Random,
        sensor: Sensor,
        aspect: float,
        owner: PersonMark | None,
        owner_stays: bool,
    ) -> None:
        self.shot = shot
        self.company = company
        self.said = said
        self.rng = rng
        self.owner = owner
        self.owner_stays = owner_stays
        self.assumed: dict[str, Any] = {}
        self.unmet: list[str] = []
        self.kinds = set(shot.kind)
        spoken = [
            id(person) for person in said.values()
        ]  # in the order of the words: a single is of whom they begin with
        self.names = sorted(
            (name for name in company.people if name in said), key=lambda name: spoken.index(id(said[name]))
        )
        self.target = self._insert_target()
        self.size = self._chosen_size()
        self.focal_mm = self._focal_mm(sensor)
        self.stop = self._stop()
        width, _ = frame_mm(sensor, aspect)
        self.rig = Rig(
            focal=self.focal_mm / width, aspect=aspect, roll=self._roll(), angle=self._angle(), height_m=self._height()
        )

    def _chosen_size(self) -> str:
        if self.shot.size:
            return self.shot.size
        size = self._usual_size()
        self.assumed["size"] = size
        return size

    def _usual_size(self) -> str:
        for kind, size in (
            ("insert", "close_up"), ("aerial", "extreme_wide"), ("establishing", "extreme_wide"), ("master", "full"),
            ("over_the_shoulder", self._past_a_shoulder_size()), ("reaction", "medium_close_up"), ("cutaway", "medium"),
        ):  # fmt: skip
            if kind in self.kinds:
                return size
        count = len(self.names)
        canopied = any(canonical(what) == "umbrella" for name in self.names for what in self.said[name].holding)
        if canopied and self.shot.angle in ("high", "overhead"):
            return "full"  # of who is under it from above
        if count and all(self.said[name].depth == "background" for name in self.names):
            return "wide" if self.shot.int_ext != "INT" else "full"  # a room is no deeper
        if count == 0 and self.shot.angle == "overhead" and self.shot.place is not None:
            return "extreme_wide"  # of a place from above
        if count == 0:
            return "wide" if self.target is None else "full"
        if any(self._pose(name) in _BIG for name in self.names) and "single" not in self.kinds:
            return "full"
        if "single" not in self.kinds and self._is_by_something_big():
            return "full"
        return "medium" if count <= 2 else "medium_wide" if count == 3 else "full"

    def _past_a_shoulder_size(self) -> str:
        """Closer than a medium, but for one who holds something or sits at something that is named."""
        over = self.shot.over_shoulder
        entry = next((self.said[name] for name in self.names if over and name == over.on), None)
        shows = entry is not None and (bool(entry.holding) or (entry.where is not None and bool(self.shot.props)))
        return "medium" if shows else "medium_close_up"

    def _is_by_something_big(self) -> bool:
        """Whether the words put somebody beside, before or behind what a medium shot has no room for."""
        at = [where for name in self.names if (where := self.said[name].where) is not None]
        by = [where.to for where in at if where.relation in _BY]
        by += [prop.what for prop in self.shot.props if prop.relation in _BY and self._names_one(prop.to)]
        marks = [self.company.props.get(what or "") for what in by]
        return any(
            mark is not None and max(mark.size_m) > _BIG_M and kind_of(mark.name).top_m is None for mark in marks
        )

    def _names_one(self, name: str | None) -> bool:
        return any(name in (known, self.said[known].who) for known in self.names)

    def _pose(self, name: str) -> str:
        """What the words call it, unless the place gave another, as to who sleeps at a desk."""
        given = self.company.people[name].pose
        return given if given in SETTLED else self.said[name].pose or ""

    def _focal_mm(self, sensor: Sensor) -> float:
        if self.shot.lens_mm:
            return float(self.shot.lens_mm)
        usual = LENSES[self.size]
        if "insert" in self.kinds:
            usual = 85
        elif "over_the_shoulder" in self.kinds:
            usual = max(usual, 65) if self.shot.over_shoulder and self.shot.over_shoulder.on else 28
        elif self.shot.angle == "worms_eye":
            usual = 21
        elif self.company.seat is not None:
            usual = 24
        elif self.shot.angle == "overhead" or "pov" in self.kinds:
            usual = 35
        focal = round(usual * sensor.width_mm / 24.89)
        self.assumed["lens_mm"] = focal
        return float(focal)

    def _stop(self) -> float:
        if self.shot.stop:
            return float(self.shot.stop)
        depth = self.shot.focus.depth if self.shot.focus else None
        dim = self.shot.int_ext == "INT" or self.shot.time_of_day in ("night", "dusk", "dawn", "blue_hour", "evening")
        stop = _DEEP_STOP if depth == "deep" else _SHALLOW_STOP if depth == "shallow" else 2.8 if dim else 5.6
        self.assumed["stop"] = stop
        return stop

    def _roll(self) -> float:
        side = self.rng.choice((-1, 1))
        degrees = self.rng.uniform(10, 16)
        if not self.shot.dutch:
            return 0.0
        self.assumed["roll_deg"] = round(side * degrees, 1)
        return side * math.radians(round(degrees, 1))

    def _angle(self) -> str:
        if self.shot.angle is not None:
            return self.shot.angle
        angle = "high" if "aerial" in self.kinds or self._lies_alone() else "eye"
        self.assumed["angle"] = angle
        return angle

    def _lies_alone(self) -> bool:
        """Whether all that are seen lie on the floor, of which a lens at their eyes would see soles."""
        marks = [self.company.people[name] for name in self.names]
        low = all(max(joint[1] for joint in mark.joints.values()) < _FLOOR_M for mark in marks)
        special = self.kinds & {"pov", "over_the_shoulder", "insert"} or self.shot.camera_height is not None
        return bool(marks) and low and not special and self.shot.size is None

    def _height(self) -> float | None:
        said = self.shot.camera_height
        if isinstance(said, (int, float)):
            return max(float(said), 0.12)
        if said and said in HEIGHTS_M:
            return HEIGHTS_M[said]
        return None

    def _insert_target(self) -> PropMark | None:
        """The thing that a frame without people is about, or an insert."""
        props = self.company.props
        on = self.shot.focus.on if self.shot.focus else None
        named = [on, *(prop.what for prop in self.shot.props)]
        if self.shot.over_shoulder:  # past somebody onto nothing: onto what is before them
            named = [self.shot.over_shoulder.on]
        marks = [props[name] for name in named if name in props]
        if "insert" not in self.kinds:  # a block that stands for what nobody can draw is no subject
            marks = [mark for mark in marks if kind_of(mark.name).known]
            marks.sort(key=lambda mark: _ground(mark.name) if mark.name != on else -1)
        return next(iter(marks), None)

    def _held(self) -> PropMark | None:
        """What an insert shows: the hand or foot that is named with what is in it, the thing that is named, or a hand
        of the first person."""
        person, part = part_shown(self.shot) or (None, "hand")
        shown = next((name for name in self.names if person is not None and self.said[name].who == person.who), None)
        if self.target is not None and shown is None:
            return self.target
        if not self.names:
            return None
        mark = self.company.people[shown or self.names[0]]
        wide = 0.15 if self.size == "extreme_close_up" else 0.2
        x, y, z = mark.joints[f"right_{part}"]
        if part == "foot":  # both, and the ankles
            x, y, z = between(mark.joints["right_foot"], mark.joints["left_foot"])
            wide, y = max(0.3, math.dist(mark.joints["right_foot"], mark.joints["left_foot"]) + 0.12), y + 0.08
        at = (x, y - 0.45 * wide, z)
        return PropMark(
            name=f"the {part} of {mark.name}", at=at, heading_rad=mark.facing_rad, size_m=(wide, 0.9 * wide, wide)
        )

    def _subjects(self) -> list[str]:
        names = list(self.names)
        if self.kinds & {"two_shot", "three_shot", "group", "master"}:
            return names
        before = [name for name in names if self.said[name].depth != "background"] or names
        alone = self.kinds & {"single", "reaction"} or self.size in ("extreme_close_up", "close_up", "medium_close_up")
        if alone:
            return before[:1]
        first = self.said[before[0]] if before else None
        if first is None or self.shot.size is None:
            return before
        return [name for name in before if not told_by_itself(first, self.said[name])]

    def _is_before(self, name: str) -> bool:
        return any(prop.what == name and prop.depth == "foreground" for prop in self.shot.props)

    def _azimuth(self, subjects: Sequence[str]) -> tuple[float, float]:
        """From where the subjects are best seen, and how far to both sides of it one may look for better."""
        jitter = self.rng.uniform(-1, 1)
        said = [self.said[name] for name in subjects]
        told = any(entry.facing in ("camera", "away", "left", "right", "profile") for entry in said)
        told = told or any(entry.look in ("left", "right", "camera", "away") for entry in said)
        marks = [self.company.people[name] for name in subjects]
        if len(marks) == 1 and said[0].facing == "away" and is_at_a_door(said[0]):
            return marks[0].facing_rad + math.pi + 0.25 * jitter, math.radians(40)  # after who goes out
        before = [self.company.props[name] for name in self.company.wanted if self._is_before(name)]
        if before and len(marks) == 1:  # past what is in the foreground
            return heading_to(marks[0].at, before[0].at) + 0.04 * jitter, math.radians(36)
        if not told and (front := _seats_front(marks)) is not None:
            # a seat stands where it stands: the camera goes to the side that the faces are on
            return front + 0.12 * jitter, math.radians(48)
        if told or any(entry.side for entry in said):
            return jitter * 0.07, math.radians(24)
        if len(marks) == 1 and (other := self._partner(marks[0])) is not None:
            # three quarters of the face, from the side of the line that all shots of the scene keep
            aside = across(marks[0].at, other.at) - marks[0].look_rad
            aside = math.atan2(math.sin(aside), math.cos(aside))
            return marks[0].look_rad + math.copysign(0.35 + 0.25 * abs(jitter), aside), math.radians(70)
        if len(marks) == 1:
            look = math.atan2(math.sin(marks[0].look_rad), math.cos(marks[0].look_rad))
            if abs(look) < 0.35:
                return look + math.copysign(0.15 + 0.3 * abs(jitter), jitter), math.radians(70)
            # from the front's side of where they look: three quarters of the face
            return look - math.copysign(0.3 + 0.3 * abs(jitter), look), math.radians(80)
        if len(marks) == 2:
            return across(marks[0].at, marks[1].at) * 0.8 + jitter * 0.1, math.radians(80)
        return jitter * 0.25, math.radians(60)

    def _partner(self, mark: PersonMark) -> PersonMark | None:
        """Whom somebody in a scene looks at: of whom it is said, else who stands there."""
        if not self.company.keeps_the_line:
            return None
        others = [other for other in self.company.people.values() if other.name != mark.name]
        said = self.said[mark.name].looking_at
        if said:
            return next((other for other in others if other.name.lower() == said.lower()), None)
        off = [(math.cos(heading_to(mark.at, other.at) - mark.look_rad), other) for other in others]
        near = max(off, key=lambda pair: pair[0], default=None)
        return near[1] if near is not None and near[0] > math.cos(math.radians(35)) else None


def _ground(name: str) -> int:
    """How little of a subject a thing is, beside others: animals are first, what is in walls is last."""
    kind = canonical(name) or name
    return (
        0 if hasattr(animals, kind) else 2 if kind in ("window", "door", "gate", "curtain", "low wall", "fence") else 1
    )


def _seats_front(marks: Sequence[PersonMark]) -> float | None:
    """The heading that all of some seated people have, about; None where one stands, or where they face each other."""
    if len(marks) < 2 or any(mark.pose not in ("sit", "ride") for mark in marks):
        return None
    x, z = (sum(way(mark.facing_rad) for mark in marks) / len(marks) for way in (math.sin, math.cos))
    return math.atan2(x, z) if math.hypot(x, z) > 0.75 else None
