"""Has a shot framed: chooses among the set-ups, tries them, and says what could not be held.

Long because each kind of set-up has its words and its framing side by side.
"""

import functools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.rendering.world import Camera
from auteur.adapters.engines.previs.staging import bodies, framing, setups, telling
from auteur.adapters.engines.previs.staging import subjects as subjects_of
from auteur.adapters.engines.previs.staging.building import corners
from auteur.adapters.engines.previs.staging.deciding import AERIAL_M, WIDER, Decisions
from auteur.adapters.engines.previs.staging.floor import heading_to
from auteur.adapters.engines.previs.staging.implied import part_shown
from auteur.adapters.engines.previs.staging.optics import seen
from auteur.adapters.engines.previs.staging.stage import PersonMark, PropMark

_OVER_THE_FLOOR_M = 0.45
_ENOUGH = 0.9
"""The share of a thing that must be within a frame of whole figures before no other is looked for."""
_AROUND = math.radians(70)
_PROFILE = math.radians(84)
"""How far the camera goes around somebody so that another is seen behind them."""
_NARROW = math.radians(14)
_DEEP = ("medium_close_up", "medium", "medium_wide", "full", "wide", "extreme_wide")
"""Sizes whose frame has room for others behind the one whom they are of."""
_BESIDE_M = 1.6
"""How far from a thing is what is seen with it."""


@dataclass(slots=True)
class Directed:
    """``camera``: without its aperture; ``focus_m``: along its axis; ``assumed`` and ``unmet``: as a stage tells."""

    camera: Camera
    focus_m: float
    focal_mm: float
    stop: float
    assumed: dict[str, Any] = field(default_factory=dict)
    unmet: list[str] = field(default_factory=list)


class Director(Decisions):
    """Frames one shot as it was decided."""

    def direct(self) -> Directed:
        """The camera of the shot."""
        camera, focus = self._camera()
        focus_m = max(float(seen([focus], camera, self.rig.aspect)[0, 2]), 0.1)
        self.assumed.setdefault("camera_height_m", round(camera.at[1], 3))
        return Directed(camera, focus_m, self.focal_mm, self.stop, self.assumed, self.unmet)

    def _camera(self) -> tuple[Camera, Vector]:
        """The camera, and the point that is sharp."""
        if "aerial" in self.kinds and self.rig.height_m is None:
            self.rig = replace(self.rig, height_m=AERIAL_M)
        if "pov" in self.kinds and (self.owner is not None or self.shot.pov_of or self.names):
            return self._through_eyes()
        if ("insert" in self.kinds or ("cutaway" in self.kinds and not self.names)) and self._held() is not None:
            return self._of_a_thing()
        if "insert" in self.kinds and self.shot.props:
            what = self.shot.props[0].what
            self.unmet.append(f"No {what} of its own is drawn, so that the insert is of the place.")
        if part_shown(self.shot) is not None and self._held() is not None:
            return self._of_a_thing()
        if "over_the_shoulder" in self.kinds and self.names:
            return self._past_a_shoulder()
        if self.rig.angle == "overhead":
            return self._from_above()
        if not self.names:
            return self._without_people()
        if self.rig.angle == "worms_eye":
            return self._from_the_ground()
        return self._of_people()

    def _of_people(self) -> tuple[Camera, Vector]:
        subjects = self._subjects()
        company = replace(
            self.company, subjects=subjects,
            clean="single" in self.kinds or (self.company.keeps_the_line and len(subjects) == 1),
            wanted=[name for name in self.company.wanted if name in self.company.props],
            sides={name: self.said[name].side or "" for name in subjects if self.said[name].side},
            faces=not any(self.said[name].facing == "away" or self.said[name].look == "away" for name in subjects),
        )  # fmt: skip
        marks = [company.people[name] for name in subjects]
        base, spread = self._azimuth(subjects)
        if self.shot.size in _DEEP and not self.kinds & {"single", "reaction"}:
            company.deep += [name for name in self.names if name not in subjects and name in company.people]
        if self._is_from_behind(marks):
            base, spread = base + math.pi, max(spread, math.radians(60))
            company = replace(company, keeps_the_line=False)
        sizes = [self.size]
        if (
            self.shot.size is None
            and self.size in WIDER
            and not self.kinds & {"single", "reaction", "over_the_shoulder"}
        ):
            last = "full" if self.shot.int_ext == "INT" or self.company.indoors else "wide"
            sizes = list(WIDER[WIDER.index(self.size) : WIDER.index(last) + 1]) or sizes
        camera, got = None, 1.0
        tried: list[tuple[float, Camera, float, str, tuple[float, subjects_of.Rig]]] = []
        usual = self.focal_mm, self.rig
        for size in sizes:
            camera, got, cost = self._placed(marks, company, size, base, spread)
            if size in bodies.FIGURES and company.wanted and self._crops(camera, company):
                camera, got = self._with_the_things(marks, company, size, base, spread, (camera, got, cost))
            if self.shot.size is None:
                self.assumed["size"] = size
            self.size = size
            lost = sum(1 - share for share in framing.in_frame(camera, self.rig.aspect, company).values())
            tried.append((lost + 0.2 * len(tried), camera, got, size, (self.focal_mm, self.rig)))
            if not self._crops(camera, company) and got > 0.8:
                break
        else:
            # no size has it all: the one that loses least, the usual one before others
            _, camera, got, self.size, (self.focal_mm, self.rig) = min(tried, key=lambda one: one[0])
            if self.shot.size is None:
                self.assumed["size"] = self.size
            if not self.shot.lens_mm and self.rig is not usual[1]:
                self.assumed["lens_mm"] = self.focal_mm
        assert camera is not None
        self._tell(camera, got, marks)
        return camera, bodies.eyes(min(marks, key=lambda mark: math.dist(bodies.eyes(mark), camera.at)))

    def _placed(
        self, marks: Sequence[PersonMark], company: framing.Company, size: str, base: float, spread: float
    ) -> tuple[Camera, float, float]:
        """The best camera for a size; where others are to be seen behind the one that it is of, with room for them on
        one side."""
        said = {self.said[mark.name].side for mark in marks} - {None}
        aside: tuple[float | None, ...] = (
            (None, 0.36, 0.64) if company.deep and not said and len(marks) == 1 else (None,)
        )
        ways = [(base, spread, math.radians(11))]
        for name in company.deep:  # where the one is nearer to the camera, on the way from the other
            way = heading_to(company.people[name].at, marks[0].at)
            if math.cos(way - marks[0].look_rad) > math.cos(_PROFILE) or not company.faces:
                ways.append((way, _NARROW, _NARROW / 4))
        tried = [
            framing.best(self.rig, functools.partial(self._subject, marks, size, u=u), company, size, *way)
            for way in ways
            for u in aside
        ]
        return min(tried, key=lambda one: one[2] + 0.02 * tried.index(one))

    def _crops(self, camera: Camera, company: framing.Company) -> bool:
        """Whether a thing that the words name is not well in the frame."""
        return any(share < _ENOUGH for share in framing.in_frame(camera, self.rig.aspect, company).values())

    def _with_the_things(
        self,
        marks: Sequence[PersonMark],
        company: framing.Company,
        size: str,
        base: float,
        spread: float,
        usual: tuple[Camera, float, float],
    ) -> tuple[Camera, float]:
        """A frame of whole figures that has the named things as well: from more sides, with people beside its middle,
        lower and smaller as far as the size goes, and through a shorter lens where none is named."""
        camera, got, least = usual
        found = self.focal_mm, self.rig
        said = {self.said[mark.name].side for mark in marks} - {None}
        sides: tuple[float | None, ...] = (None,) if len(marks) > 1 or said else (None, 0.3, 0.7)
        shares = {"full": (None,), "wide": (None, 0.26), "extreme_wide": (None, 0.07)}[size]
        for factor in (1.0,) if self.shot.lens_mm else (1.0, 0.75, 0.58):
            focal_mm = self.focal_mm if factor == 1.0 else float(round(self.focal_mm * factor))
            rig = replace(self.rig, focal=self.rig.focal * focal_mm / self.focal_mm)
            for share in shares:
                for u in sides:
                    made = functools.partial(self._subject, marks, size, u=u, share=share)
                    step = math.radians(20)
                    there, kept, cost = framing.best(rig, made, company, size, base, max(spread, _AROUND), step)
                    cost += 0.25 * (1 - factor) + 0.1 * (share is not None)
                    if cost < least - 0.05:
                        camera, got, least, found = there, kept, cost, (focal_mm, rig)
            if not self._crops(camera, company):
                break
        self.focal_mm, self.rig = found
        if not self.shot.lens_mm:
            self.assumed["lens_mm"] = self.focal_mm
        return camera, got

    def _subject(
        self,
        marks: Sequence[PersonMark],
        size: str,
        azimuth: float,
        u: float | None = None,
        share: float | None = None,
    ) -> subjects_of.Subject:
        asked, u = u, 0.5
        if len(marks) == 1:
            u = framing.lead(marks[0], azimuth, size, random.Random(self.size))
            side = self.said[marks[0].name].side
            near = 0.13 if size in ("extreme_close_up", "close_up", "medium_close_up") else 0.17
            u = {"left": 0.5 - near, "right": 0.5 + near, "center": 0.5}.get(side or "", u)
            u = min(max(u if asked is None else asked, self._room()), 1 - self._room())
        subject = subjects_of.of_people(marks, size, self.rig, u, share)
        behind = [
            (bodies.head(mark), bodies.head_radius(mark))
            for name, mark in self.company.people.items()
            if name in self.said and mark not in marks and self.said[name].depth == "background" and len(marks) < 3
        ]
        if behind and size not in ("extreme_close_up", "close_up"):
            subject = replace(subject, inside=(*subject.inside, *behind))
        return subject

    def _is_from_behind(self, marks: Sequence[PersonMark]) -> bool:
        """Whether two stand the other way round, seen from the front, than the words have them in the frame: then the
        camera goes to the other side of them. They stay where the scene has them."""
        if not self.company.keeps_the_line or len(marks) != 2:
            return False
        sides = [{"left": -1, "right": 1}.get(self.said[mark.name].side or "", 0) for mark in marks]
        along = marks[1].at[0] - marks[0].at[0]
        return sides[0] * sides[1] < 0 and along * (sides[1] - sides[0]) < 0 and abs(along) > 0.2

    def _room(self) -> float:
        """How near to a side someone may be put: in a narrow frame, hardly aside at all."""
        return 0.3 if self.rig.aspect > 1.2 else 0.36 if self.rig.aspect > 0.9 else 0.39

    def _past_a_shoulder(self) -> tuple[Camera, Vector]:
        over = self.shot.over_shoulder
        of = self._person(over.of if over else None)
        on = self._person(over.on if over else None)
        others = [name for name in self.names if name not in (of, on)]
        if on is None and over and over.on is None and of is not None and self.target is None and len(self.names) > 1:
            on = others.pop(0) if others else None
        if of is None:
            of = others.pop(0) if others else next((name for name in self.names if name != on), None)
        if on is None and not (over and over.on):
            on = others.pop(0) if others else None
        if of is None:
            self.unmet.append("There is nobody whose shoulder the shot could look over.")
            return self._of_people()
        mark_of = self.company.people[of]
        ghost = on is None
        mark_on = self.company.people[on] if on else setups.opposite(mark_of, self.target)
        seated = any(thing.kind == "seat" for thing in self.company.sightlines.things)
        if ghost and self.target is None and mark_of.pose == "sit" and seated:
            self.assumed["over_the_shoulder"] = {"of": of, "on": None}
            camera = setups.from_the_back_seat(self.rig, mark_of)
            return camera, bodies.eyes(mark_on)
        company = replace(self.company, subjects=[on] if on else [])
        side = self.said[on].side if on and on in self.said and company.keeps_the_line else None
        camera, kept, unmet = setups.over_shoulder(self.rig, mark_of, mark_on, self.size, company, side)
        self.unmet += unmet
        if side and on:
            u = float(seen([bodies.head(mark_on)], camera, self.rig.aspect)[0, 0])
            if (side == "left" and u > 0.5) or (side == "right" and u < 0.5):
                self.unmet.append(f"{mark_on.name} is not on the {side} of the frame.")
        if kept < 0.8 and self.shot.size:
            self.unmet.append(
                f"Past a shoulder with {self.focal_mm:g} mm, {mark_on.name} is seen smaller than a {_words(self.size)}."
            )
        self.assumed["over_the_shoulder"] = {"of": of, "on": on or (self.target.name if self.target else None)}
        return camera, bodies.eyes(mark_on) if not ghost or self.target is None else self.target.at

    def _person(self, name: str | None) -> str | None:
        if not name:
            return None
        wanted = name.lower()
        return next(
            (known for known in self.names if known.lower() == wanted or known.lower().startswith(f"{wanted} ")), None
        )

    def _through_eyes(self) -> tuple[Camera, Vector]:
        owner = self.owner
        eye_y = bodies.eyes(owner)[1] if owner else 1.62
        rig = replace(self.rig, angle="eye")
        entry = self.said.get(owner.name) if owner else None
        seen_first = self._person(entry.looking_at if entry else None) or next(iter(self._subjects()), None)
        if self.company.seat is not None and seen_first is None:
            x, y, z = self.company.seat
            return rig.camera((x, y, z - 0.1), (x - 0.1, y - 0.09, z + 2.0)), (x, y, z + 12.0)
        if seen_first is None and self.target is None:
            camera = setups.of_place(
                replace(rig, height_m=eye_y), self.size, False, self.rng.uniform(-0.2, 0.2), self.rng
            )
            return camera, (0.0, 1.6, -6.0)
        if seen_first is not None:
            mark = self.company.people[seen_first]
            focus, radius = bodies.eyes(mark), 0.3
            subject = subjects_of.of_people([mark], self.size, rig)
        else:
            assert self.target is not None
            focus, radius = subjects_of.mean(corners(self.target)), max(self.target.size_m) / 2
            subject = subjects_of.of_thing(self.target, rig, 0.5)
        if owner is not None and self.owner_stays:
            return setups.point_of_view(rig, bodies.eyes(owner), focus, radius), focus
        base, _ = self._azimuth([seen_first]) if seen_first else (self.rng.uniform(-0.3, 0.3), 0.0)
        camera, _ = setups.as_seen_by(rig, subject, eye_y, base)
        # whoever looks has what they look at in the middle
        camera = setups.point_of_view(rig, camera.at, subject.middle if seen_first is None else focus, radius)
        return camera, focus

    def _of_a_thing(self) -> tuple[Camera, Vector]:
        mark = self._held()
        assert mark is not None
        # a hand is seen from whose hand it is not; `heading_rad` is where its owner looks
        base = self.rng.uniform(-0.3, 0.3) + (mark.heading_rad if part_shown(self.shot) else 0.0)
        camera, cost = setups.insert(self.rig, mark, self.company, setups.INSERT_FILL, base, self.rng)
        if cost > 3.5:
            self.unmet.append(f"A face is in the frame of the insert of {mark.name}, or something before it.")
        return camera, subjects_of.mean(corners(mark))

    def _from_above(self) -> tuple[Camera, Vector]:
        names = self._subjects()
        marks = [self.company.people[name] for name in names]
        shown: list[tuple[Vector, float]] = []
        span = None if self.shot.size is None else bodies.SPANS_M[self.size] * 0.9
        close = self.size in ("extreme_close_up", "close_up", "medium_close_up") and self.shot.size is not None
        for mark in marks:
            shown.append((bodies.head(mark), bodies.head_radius(mark)))
            if not close:
                shown += [(point, 0.08) for point in bodies.outline(mark)]
        if not marks and self.target is not None:
            shown = [(corner, 0.02) for corner in corners(self.target)]
            span = None if self.shot.size not in ("wide", "extreme_wide") else span
        if not shown:
            shown, span = [((0.0, 0.0, 0.0), 1.0)], span or 9.0
        if span is None and marks:
            span = 2.6
        camera = setups.overhead(self.rig, shown, span, self.rig.height_m)
        return camera, max((point for point, _ in shown), key=lambda point: point[1])

    def _from_the_ground(self) -> tuple[Camera, Vector]:
        chance = self._azimuth(self._subjects()[:1])[0] * 0.4
        tried = []
        subjects = self._subjects()
        for place, name in enumerate(subjects):  # at whose feet, and turned whither, most heads are in the frame
            mark = self.company.people[name]
            seated = mark.pose in ("sit", "kneel", "crouch", "ride")
            azimuth = mark.facing_rad + math.pi / 2 if seated else chance
            for turn, u in enumerate((0.5, 0.36, 0.64, 0.24, 0.76) if len(subjects) > 1 else (0.5,)):
                camera = setups.from_the_ground(self.rig, mark, azimuth, u)
                tried.append((-len(self._heads_inside(camera)), turn, place, camera, mark))
        *_, camera, mark = min(tried, key=lambda one: one[:3])
        _, _, depth = seen([bodies.head(mark)], camera, self.rig.aspect)[0]
        tall = 2 * bodies.head_radius(mark) * self.rig.tall / depth
        if self.shot.size in ("full", "wide", "extreme_wide") or max(tall, tall / self.rig.aspect) > 0.8:
            self.unmet.append(f"From the ground, straight up, {mark.name} cannot be a {_words(self.size)}.")
        others = [self.company.people[name] for name in self._subjects()]
        whole = {*self._heads_inside(camera), mark.name}
        self.unmet += [f"{other.name} is not in the frame whole." for other in others if other.name not in whole]
        return camera, bodies.eyes(mark)

    def _heads_inside(self, camera: Camera) -> list[str]:
        """Of which subjects the head is in the frame whole."""
        marks = [self.company.people[name] for name in self._subjects()]
        spots = seen([bodies.head(mark) for mark in marks], camera, self.rig.aspect)
        inside = []
        for mark, (u, v, depth) in zip(marks, spots, strict=True):
            wide = self.rig.focal * bodies.head_radius(mark) / max(depth, 0.05)
            tall = wide * self.rig.aspect
            if depth > 0 and wide < u < 1 - wide and tall < v < 1 - tall:
                inside.append(mark.name)
        return inside

    def _without_people(self) -> tuple[Camera, Vector]:
        base = self.rng.uniform(-0.35, 0.35)
        wide = self.kinds & {"establishing", "aerial"}
        if self.rig.angle == "worms_eye":
            at = (0.0, 0.15, 2.0)
            camera = Camera(
                at=at, target=(0.0, 0.15 + math.sin(1.2), 2.0 - math.cos(1.2)), focal=self.rig.focal, roll=self.rig.roll
            )
            return camera, (0.0, 4.0, 0.0)
        if self.target is None or (wide and not self._is_large(self.target)):
            return setups.of_place(self.rig, self.size, "aerial" in self.kinds, base, self.rng), (0.0, 1.0, -4.0)
        fill = {
            "extreme_close_up": 1.0, "close_up": 0.78, "medium_close_up": 0.66, "medium": 0.55, "medium_wide": 0.5,
            "full": 0.62, "wide": 0.4, "extreme_wide": 0.13,
        }[self.size]  # fmt: skip
        mark = self.target if self.shot.size else self._with_its_neighbours(self.target)
        if not self._is_large(mark) and self.size in ("close_up", "extreme_close_up", "medium_close_up"):
            camera, _ = setups.insert(self.rig, mark, self.company, min(fill, 0.85), base, self.rng)
            return camera, subjects_of.mean(corners(mark))
        if not self._is_large(mark) and self.size in ("wide", "extreme_wide"):
            # a thing in its place: as wide as a standing figure would be
            grown = replace(
                mark,
                size_m=(mark.size_m[0], max(mark.size_m[1], 1.76), mark.size_m[2]),
                at=(mark.at[0], 0.0, mark.at[2]),
            )
            if mark.size_m[1] < 0.15 and self.rig.angle == "low" and self.rig.height_m is None:
                self.rig = replace(
                    self.rig, height_m=_OVER_THE_FLOOR_M
                )  # of what lies there, a lens lower sees nothing
            camera = self._around(grown, fill, base)
        else:
            camera = self._around(mark, fill, base)
        if self.size in bodies.FIGURES and len(self.company.wanted) > 1:
            for smaller in (0.7, 0.5, 0.35):  # whatever else is named, as far as the size goes
                if not self._crops(camera, self.company):
                    break
                camera = self._around(mark, fill * smaller, base)
        return camera, subjects_of.mean(corners(mark))

    def _with_its_neighbours(self, mark: PropMark) -> PropMark:
        """The box around a thing and what else the words name that stands by it, if no size says how much is seen: a
        cat on an armchair is a cat and an armchair."""
        if self._is_large(mark):
            return mark
        near = [
            other
            for name in self.company.wanted
            if (other := self.company.props.get(name)) is not None
            and not self._is_large(other)
            and math.dist(subjects_of.mean(corners(other)), subjects_of.mean(corners(mark))) < _BESIDE_M
        ]
        points = [point for one in (mark, *near) for point in corners(one)]
        low, high = (tuple(pick(point[i] for point in points) for i in range(3)) for pick in (min, max))
        if not near or low == high:
            return mark
        size = (high[0] - low[0], high[1] - low[1], high[2] - low[2])
        at = ((low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2)
        return replace(mark, at=at, size_m=size, heading_rad=0.0)

    @staticmethod
    def _is_large(mark: PropMark) -> bool:
        return max(mark.size_m) > 2.6

    def _around(self, mark: PropMark, fill: float, base: float) -> Camera:
        """From where a thing is best seen: nothing before it, and what else is named in the frame."""
        found: tuple[float, Camera] | None = None
        for k in (0, 1, -1, 2, -2, 3, -3, 4, -4):
            camera, _ = framing.stood(
                self.rig, subjects_of.of_thing(mark, self.rig, fill), base + k * math.radians(20)
            )  # fmt: skip
            near = max(mark.size_m) * 0.6
            ways = self.company.sightlines.between(camera.at, [subjects_of.mean(corners(mark))], short_m=near)[0]
            others = framing.in_frame(camera, self.rig.aspect, self.company).values()
            cost = 0.06 * abs(k) + 0.4 * len(ways) + sum(max(0.0, framing.WHOLE - share) for share in others)
            if found is None or cost < found[0] - 1e-9:
                found = cost, camera
        assert found is not None
        return found[1]

    def _tell(self, camera: Camera, got: float, marks: Sequence[PersonMark]) -> None:
        if got < 0.93 and self.shot.size:
            who = "all of them" if len(marks) > 1 else marks[0].name
            self.unmet.append(f"So that {who} can be in the frame it is wider than a {_words(self.size)}.")
        if self.rig.angle == "low" and any(bodies.shoulders(mark)[1] < 0.55 for mark in marks):
            self.unmet.append("Who lies on the floor cannot be seen from below.")
        sides = {mark.name: self.said[mark.name].side for mark in marks}
        self.unmet += telling.of_sides(camera, self.rig.aspect, marks, sides)


def _words(size: str) -> str:
    return size.replace("_", " ")
